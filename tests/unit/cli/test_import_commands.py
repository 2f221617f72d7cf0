"""Documents of `import`, `imports` and `undo-import`, through the command line's own entry."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from desktop.cli.entry import run
from tests.unit.files.makers import csv_bytes, xlsx_bytes

Call = Callable[..., tuple[int, dict[str, Any]]]
HEADER = ["order_id", "buyer_id", "paid_at", "amount"]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    def command(*words: object) -> tuple[int, dict[str, Any]]:
        code = run(["--lang", "en", "--data-dir", str(tmp_path / "data"), *map(str, words), "--json"])
        said = capsys.readouterr()
        document: dict[str, Any] = json.loads(said.out or said.err)
        return code, document

    assert command("init", "--name", "小满鲜果", "--industry", "frequent-online")[0] == 0
    return command


def table(folder: Path, rows: list[list[str]], header: list[str] = HEADER) -> Path:
    path = folder / "订单.csv"
    path.write_bytes(csv_bytes(header, rows))
    return path


def test_import_twice_and_undo(call: Call, tmp_path: Path) -> None:
    path = table(
        tmp_path,
        [["A1", "u1", "2026-01-01", "10.50"], ["A2", "u1", "2026-01-02", "x"], ["A3", "u2", "", "5"]],
    )
    code, dry = call("import", path, "--dry-run")
    assert (code, dry["batch"], dry["new"], dry["rejected"]) == (0, None, 1, 2)
    _, first = call("import", path, "--source", "generic_orders")
    assert (first["new"], first["changed"], first["same"], first["rejected"], first["rows"]) == (
        1,
        0,
        0,
        2,
        3,
    )
    assert first["rejections"] == [
        {"row": 3, "sheet": "订单", "code": "bad_money", "reason": '"amount" is not an amount: x'},
        {"row": 4, "sheet": "订单", "code": "missing", "reason": '"paid_at" is empty'},
    ]
    _, second = call("import", path)
    assert (second["new"], second["changed"], second["same"]) == (0, 0, 1)
    assert second["batch"] not in (None, first["batch"])
    _, fans = call("fans")
    assert [(row["spend_cents"], row["orders"]) for row in fans["rows"]] == [(1050, 1)]
    assert call("undo-import", first["batch"])[1]["removed"] == 2
    assert call("fans")[1]["total"] == 0
    code, again = call("undo-import", first["batch"])
    assert (code, again["error"]["code"], again["error"]["data_changed"]) == (1, "import_undone", False)
    assert [row["undone_at"] is None for row in call("imports")[1]["rows"]] == [True, False]
    assert call("check")[1]["ok"]


def test_tags_with_rules_follow_an_import_and_its_undoing(call: Call, tmp_path: Path) -> None:
    rule = tmp_path / "rule.json"
    rule.write_text('{"all": [{"is": "orders", "least": 2}]}', encoding="utf-8")
    call("tags", "add", "回头客")
    call("tags", "rule", "回头客", rule)

    def carriers() -> list[str]:
        return [row["name"] for row in call("fans", "--tag", "回头客")[1]["rows"]]

    path = table(tmp_path, [["A1", "u1", "2026-01-01", "10"], ["A2", "u2", "2026-01-02", "5"]])
    assert call("import", path, "--source", "generic_orders")[1]["new"] == 2
    assert carriers() == []
    table(tmp_path, [["A3", "u1", "2026-01-03", "10"]])
    _, done = call("import", path)
    assert len(carriers()) == 1
    assert call("undo-import", done["batch"])[0] == 0
    assert carriers() == []
    table(tmp_path, [["B1", "u9", "2026-01-03", "1"], ["B2", "u9", "2026-01-04", "1"]])
    _, done = call("import", path)
    assert len(carriers()) == 1
    assert call("undo-import", done["batch"])[0] == 0
    assert carriers() == []
    assert call("check")[1]["ok"]


def test_any_table_by_mapping(call: Call, tmp_path: Path) -> None:
    path = table(tmp_path, [["1", "k1", "2026/1/1 9:30", "¥12"]], ["流水", "会员卡", "日子", "钱"])
    assert call("import", path)[1]["error"]["code"] == "import_source_unclear"
    code, refused = call("import", path, "--source", "generic_orders", "--map", "order_id=流水")
    assert (code, refused["error"]["code"]) == (1, "import_missing_columns")
    assert "buyer_id, paid_at, amount" in refused["error"]["message"]
    words = ["order_id=流水", "buyer_id=会员卡", "paid_at=日子", "amount=钱"]
    _, told = call("import", path, *(part for word in words for part in ("--map", word)))
    assert (told["source"], told["new"]) == ("generic_orders", 1)
    assert call("import", path, "--map", "nonsense")[1]["error"]["code"] == "usage"


def test_a_password_comes_on_standard_input(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "锁.xlsx"
    with path.open("wb") as out:
        OOXMLFile(io.BytesIO(xlsx_bytes({"表": [HEADER, ["A1", "u1", "2026-01-01", "1"]]}))).encrypt(
            "密1", out
        )
    assert call("import", path)[1]["error"]["code"] == "import_password_needed"
    monkeypatch.setattr("sys.stdin", io.StringIO("密1\n"))
    assert call("import", path, "--password-stdin")[1]["new"] == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("import", "none.csv"), "import_no_file"),
        (("import", "none.csv", "--source", "nothing"), "import_no_file"),
        (("undo-import", "x"), "import_batch_missing"),
    ],
)
def test_failures_are_told(call: Call, words: tuple[str, ...], code: str) -> None:
    exit_code, document = call(*words)
    assert exit_code == 1
    assert document["error"]["code"] == code
    assert document["error"]["data_changed"] is False
