from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.clock import at_ms
from desktop.domain.order_merge import same_moment
from desktop.files.cells import (
    CellError,
    DamagedNumber,
    cents_of,
    clean,
    count_of,
    id_of,
    is_damaged_id,
    text_of,
)
from desktop.files.contacts import contact_of, hidden_kind, shown_name
from desktop.files.moments import moment_of

ZONE = ZoneInfo("Asia/Shanghai")
DIGITS_19 = st.integers(10**18, 10**19 - 1).map(str)
GUARDS = st.sampled_from(["{}", "\t{}", "'{}", "`{}", '="{}"', "{}\t", "\u3000{}\u00a0", "\ufeff{}\u200b"])


@given(DIGITS_19, GUARDS)
def test_a_long_id_comes_out_of_every_wrapper(digits: str, guard: str) -> None:
    assert id_of(guard.format(digits)) == digits


@given(st.from_regex(r"0[0-9]{4,9}", fullmatch=True), GUARDS)
def test_leading_zeros_stay(digits: str, guard: str) -> None:
    assert id_of(guard.format(digits)) == digits


@pytest.mark.parametrize("cell", ["6.93123E+18", "1.23e+15", DamagedNumber("6931234567890124000")])
def test_a_damaged_id_is_refused(cell: str) -> None:
    assert is_damaged_id(cell)
    with pytest.raises(CellError, match="damaged_id"):
        id_of(cell)


def test_full_width_digits_are_narrowed() -> None:
    assert id_of("１２３ＡＢ") == "123AB"


@given(st.integers(-(10**9), 10**9))
def test_money_round_trips(cents: int) -> None:
    text = f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
    assert cents_of(text) == cents
    assert cents_of(text.replace(",", "")) == cents


@pytest.mark.parametrize(
    ("cell", "cents"),
    [
        ("28.90", 2890), ("1,234.00", 123400), ("¥12", 1200), ("￥12.5", 1250), ("12元", 1200), ("-", None),
        ("", None), ("—", None), ("——", None), ("N/A", None), ("null", None), ("0", 0), ("-3.20", -320),
        ("１２．５", 1250), ("\t28.90", 2890), ("28.900", 2890), ("-¥3", -300), (".5", "bad_money"),
        ("28.905", "money_too_fine"), ("1,23", "bad_money"), ("十元", "bad_money"), ("1e5", "bad_money"),
        ("=1+1", "bad_money"), ("99999999999999999999999", "bad_money"),
    ],
)  # fmt: skip
def test_money(cell: str, cents: object) -> None:
    if isinstance(cents, str):
        with pytest.raises(CellError, match=cents):
            cents_of(cell)
    else:
        assert cents_of(cell) == cents


@pytest.mark.parametrize(("cell", "count"), [("2", 2), ("2.0", 2), ("3件", 3), ("-", None), ("", None)])
def test_counts(cell: str, count: int | None) -> None:
    assert count_of(cell) == count


@pytest.mark.parametrize("cell", ["0", "-1", "1.5", "两件", "12345678901"])
def test_what_is_no_count(cell: str) -> None:
    with pytest.raises(CellError, match="bad_quantity"):
        count_of(cell)


def ms(*parts: int, zone: str = "Asia/Shanghai") -> int:
    return at_ms(datetime(*parts, tzinfo=ZoneInfo(zone)))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-09-22 00:54:10", ms(2026, 9, 22, 0, 54, 10)),
        ("2026/9/22 0:54", ms(2026, 9, 22, 0, 54)),
        ("2026/07/22 11:00:21", ms(2026, 7, 22, 11, 0, 21)),
        ("2026-09-22", ms(2026, 9, 22)),
        ("2026.9.2", ms(2026, 9, 2)),
        ("2026年9月22日 10:05", ms(2026, 9, 22, 10, 5)),
        ("2026年9月22日 10时05分07秒", ms(2026, 9, 22, 10, 5, 7)),
        ("20260922", ms(2026, 9, 22)),
        ("20260922005410", ms(2026, 9, 22, 0, 54, 10)),
        ("2026-09-22T00:54:10+08:00", ms(2026, 9, 22, 0, 54, 10)),
        ("2026-09-21T16:54:10Z", ms(2026, 9, 22, 0, 54, 10)),
        ("2026-09-22 00:54:10.500", ms(2026, 9, 22, 0, 54, 10) + 500),
        ("46287", ms(2026, 9, 22)),
        ("46287.5", ms(2026, 9, 22, 12)),
        ("1790009650", 1790009650000),
        ("1790009650123", 1790009650123),
        ("２０２６-０９-２２", ms(2026, 9, 22)),
        ("\t2026-09-22 00:54:10\t", ms(2026, 9, 22, 0, 54, 10)),
        ("-", None),
        ("", None),
    ],
)
def test_dates(cell: str, expected: int | None) -> None:
    assert moment_of(cell, ZONE) == expected


@pytest.mark.parametrize(
    "cell", ["bad", "2026-13-01", "2026-02-30", "22/09/2026", "9/22/26 0:54", "0001-01-01", "99999", "昨天"]
)
def test_what_is_no_date(cell: str) -> None:
    with pytest.raises(CellError, match="bad_date"):
        moment_of(cell, ZONE)


@given(st.integers(800_000_000, 3_700_000_000).map(lambda s: datetime.fromtimestamp(s, ZONE)))
def test_dates_round_trip(moment: datetime) -> None:
    expected = at_ms(moment)
    assert moment_of(moment.strftime("%Y-%m-%d %H:%M:%S"), ZONE) == expected
    civil = moment.replace(tzinfo=UTC)
    serial = (civil - datetime(1899, 12, 30, tzinfo=UTC)) / timedelta(days=1)
    assert moment_of(format(serial, ".15g"), ZONE) == expected
    assert same_moment(moment_of(moment.strftime("%Y/%m/%d %H:%M"), ZONE), expected)


@pytest.mark.parametrize(
    ("cell", "kind", "phone"),
    [
        ("13800000000", "plain", "13800000000"), ("13800000000.0", "plain", "13800000000"),
        ("+86 138 0000 0000", "plain", "13800000000"), ("86-13800000000", "plain", "13800000000"),
        ("138-0000-0000", "plain", "13800000000"), ("１３８００００００００", "plain", "13800000000"),
        ("\t13800000000", "plain", "13800000000"), ("186******05", "masked", None),
        ("186＊＊＊＊＊＊05", "masked", None), ("$$abc", "cipher", None), ("##abc", "cipher", None),
        ("13800000000-1234", "virtual", None), ("13800000000转1234", "virtual", None),
        ("021-12345678", "other", None), ("-", "", None), ("", "", None), ("1380000000", "other", None),
    ],
)  # fmt: skip
def test_phones(cell: str, kind: str, phone: str | None) -> None:
    contact = contact_of(cell)
    assert (contact.kind, contact.phone) == (kind, phone)


@given(st.text(max_size=20))
def test_no_text_with_a_star_is_ever_a_phone(text: str) -> None:
    assert contact_of(f"13800{text}*00").phone is None


def test_names() -> None:
    assert shown_name("小满", "张*") == "小满"
    assert shown_name("", "张三") == "张三"
    assert shown_name("", "张*") == ""
    assert hidden_kind("张三丰") == ""


@pytest.mark.parametrize("cell", ["=1+1", "+86", "@x", "<b>粉</b>", "\u202eabc", "a\u200bb", "😀"])
def test_hostile_text_stays_as_it_is(cell: str) -> None:
    assert text_of(cell) == cell


def test_missing_markers() -> None:
    assert [
        text_of(mark)
        for mark in ("-", "--", "—", "——", "?", "N/A", "null", "None", "nan", "数据将于第二天更新")
    ] == [""] * 10
    assert clean('="00123"') == "00123"
