import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile

from desktop.domain.errors import ImportFileError
from desktop.files import opening, text_files
from desktop.files.opening import open_file
from tests.unit.files.makers import csv_bytes, xlsx_bytes, zip_bytes

ROWS = [["order_id", "buyer_id", "名字"], ["1", "2", "林小满"]]


def cells(path: Path, password: str | None = None) -> list[list[str]]:
    return list(open_file(path, password).tables[0].rows())


def refused(path: Path, password: str | None = None) -> str:
    with pytest.raises(ImportFileError) as told:
        open_file(path, password)
    assert not told.value.data_changed
    return told.value.code


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)
def test_encodings(tmp_path: Path, encoding: str, said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes(ROWS[0], ROWS[1:], encoding, "\t" if encoding == "utf-16" else ","))
    opened = open_file(path)
    assert opened.encoding == said
    assert list(opened.tables[0].rows()) == ROWS


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=2, max_size=4),
        min_size=1,
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
)
def test_text_survives_utf_8_whole(tmp_path: Path, rows: list[list[str]], encoding: str) -> None:
    path = tmp_path / "a.csv"
    header = ["订单号", "买家", "金额", "备注"]
    path.write_bytes(csv_bytes(header, [(row + [""] * 4)[:4] for row in rows], encoding))
    opened = open_file(path)
    read = list(opened.tables[0].rows())
    assert read[0] == header
    assert read[1:] == [(row + [""] * 4)[:4] for row in rows]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "lies.xls"
    path.write_bytes(csv_bytes(ROWS[0], ROWS[1:], "utf-8", delimiter))
    assert cells(path) == ROWS


def test_workbook_cells_are_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx.xlsx"
    path.write_bytes(
        xlsx_bytes({"表": [["a", "b", "c", "d"], ["0012345", 28.9, 0.1 + 0.2, 81021004849000.0], ["=1+1"]]})
    )
    assert cells(path)[1:] == [["0012345", "28.9", "0.3", "81021004849000"], ["=1+1", "", "", ""]]


def test_an_encrypted_workbook_asks_for_its_password(tmp_path: Path) -> None:
    path = tmp_path / "locked.xlsx"
    with path.open("wb") as out:
        OOXMLFile(io.BytesIO(xlsx_bytes({"表": ROWS}))).encrypt("小满123", out)
    assert refused(path) == "import_password_needed"
    assert refused(path, "wrong") == "import_password_wrong"
    assert cells(path, "小满123") == ROWS


def test_html_named_xls(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    page = (
        "<html><head><meta charset='gbk'><title>t</title></head><body><table>"
        "<tr><th>订单号</th><th colspan=2>买家</th></tr>"
        "<tr><td>1&amp;2<td>林<br>小<td><script>x()</script></table></body></html>"
    )
    path.write_bytes(page.encode("gb18030"))
    assert cells(path) == [["订单号", "买家", ""], ["1&2", "林\n小", ""]]


def test_zip_of_csvs(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    data = csv_bytes(ROWS[0], ROWS[1:])
    path.write_bytes(zip_bytes({"../一月.csv": data, "b/二月.csv": data, "说明.docx": b"x"}))
    assert [table.name for table in open_file(path).tables] == ["一月", "二月"]
    assert {item.name for item in tmp_path.iterdir()} == {"a.zip"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "import_empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "import_empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "import_unknown_kind"),
        (b"\xff\xff\x80,\x80\x80\n", "import_encoding"),
        (b"PK\x03\x04broken", "import_broken_zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "import_unknown_kind"),
        (b'a,b\n1,"open\n2,3\n', "import_open_quote"),
        (("a,b\n1," + "x" * 2_000_001 + "\n").encode(), "import_cell_too_long"),
        (("a," * 1500 + "\n").encode(), "import_too_wide"),
        (b"<html><body>nothing</body></html>", "import_unknown_kind"),
        (zip_bytes({"a.txt.exe": b"x"}), "import_zip_without_csv"),
        (zip_bytes({f"{n}.csv": b"a,b\n" for n in range(21)}), "import_zip_too_many"),
        (zip_bytes({"a.csv": b"0" * 5_000_000}), "import_zip_bomb"),
        (xlsx_bytes({"a": [["x", "y"]]})[:-300], "import_broken_zip"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    assert refused(path) == code


def test_missing_and_folder(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.csv") == "import_no_file"
    assert refused(tmp_path) == "import_not_a_file"


def test_a_lone_far_cell_is_no_reason_to_take_all_memory(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    rows: list[list[str | None]] = [["a", "b"]]
    data = xlsx_bytes({"表": rows})
    path.write_bytes(data)
    assert cells(path) == [["a", "b"]]
    path.write_bytes(_patched(data, b'r="B1"', b'r="XFD1048576"'))
    assert refused(path) in ("import_too_many_rows", "import_too_wide")


def _patched(data: bytes, old: bytes, new: bytes) -> bytes:
    import zipfile

    members = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            content = archive.read(info)
            members[info.filename] = content.replace(old, new) if "sheet1" in info.filename else content
    return zip_bytes(members)


def test_a_million_characters_in_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(csv_bytes(["a", "b"], [["1", "枣" * 1_000_000]]))
    assert len(cells(path)[1][1]) == 1_000_000


def test_the_size_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_BYTES", 10)
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" * 10)
    assert refused(path) == "import_too_big"


@pytest.mark.parametrize(
    ("lines", "is_refused"), [(3 + text_files.ABOVE, False), (4 + text_files.ABOVE, True)]
)
def test_the_limit_counts_rows_below_the_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int, is_refused: bool
) -> None:
    monkeypatch.setattr(text_files, "MAX_ROWS", 3)
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" * lines)
    if is_refused:
        assert refused(path) == "import_too_many_rows"
    else:
        assert len(cells(path)) == lines


def test_the_export_time_stands_in_the_file_name(tmp_path: Path) -> None:
    path = tmp_path / "1791430000_abc.csv"
    path.write_bytes(csv_bytes(ROWS[0], ROWS[1:]))
    assert open_file(path).exported_at == 1791430000000
    other = path.rename(tmp_path / "other.csv")
    assert open_file(other).exported_at == other.stat().st_mtime_ns // 1_000_000
