"""Rows of one order are found together, however far apart a file holds them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from desktop.domain.imports import OrderRecord, ReadFile
from desktop.files.order_book import OPEN_AT_MOST
from tests.unit.files.makers import csv_bytes, read_path

HEADER = ["order_id", "buyer_id", "paid_at", "amount", "item", "status"]
AT = "2026-05-01 10:00:00"
OTHERS = [[f"B{n}", f"b{n}", AT, "10", "红枣", "已发货"] for n in range(OPEN_AT_MOST + 500)]


def read_rows(folder: Path, rows: Sequence[Sequence[str]]) -> ReadFile:
    path = folder / "订单.csv"
    path.write_bytes(csv_bytes(HEADER, rows))
    return read_path(path, "generic_orders")


def orders(found: ReadFile) -> dict[str, OrderRecord]:
    return {one.order_no: one for one in found.records if isinstance(one, OrderRecord)}


def test_rows_far_apart_are_one_order(tmp_path: Path) -> None:
    first = [["A1", "a", AT, "10", "莱阳梨", "已发货"], ["A2", "a", AT, "10", "莱阳梨", "没见过的词"]]
    last = [
        ["A1", "a", AT, "5", "柿饼", "已发货"],
        ["A2", "a", AT, "5", "柿饼", "没见过的词"],
        OTHERS[0],  # the same row again
    ]
    far = read_rows(tmp_path, [*first, *OTHERS, *last])
    near = read_rows(tmp_path, [first[0], last[0], first[1], last[1], OTHERS[0], *OTHERS])
    assert orders(far).keys() == orders(near).keys()
    for number, one in orders(near).items():
        other = orders(far)[number]
        assert (other.paid_cents, [line.item for line in other.lines], other.status_text) == (
            one.paid_cents, [line.item for line in one.lines], one.status_text,
        )  # fmt: skip
    assert orders(far)["A1"].paid_cents == 1_500
    assert [one.order_no for one in far.records[:3] if isinstance(one, OrderRecord)] == ["A1", "A2", "B0"]
    for name in ("rows", "repeated", "notes", "unknown_words"):
        assert getattr(far, name) == getattr(near, name)
    assert (far.repeated, far.unknown_words) == (1, {"没见过的词": 2})


def test_a_refused_row_at_the_end_refuses_its_whole_order(tmp_path: Path) -> None:
    rows = [
        ["A1", "a", AT, "10", "莱阳梨", "已发货"],
        ["A2", "a", AT, "10", "莱阳梨", "已发货"],
        *OTHERS,
        ["A1", "a", AT, "很多", "柿饼", "已发货"],
        ["A2", "b", AT, "10", "柿饼", "已发货"],  # of another buyer
    ]
    found = read_rows(tmp_path, rows)
    assert orders(found).keys() == {row[0] for row in OTHERS}
    at_end = len(rows) + 1
    assert [(one.row, one.code) for one in found.rejections] == [
        (2, "other_row_refused"), (3, "contradiction"), (at_end - 1, "bad_money"), (at_end, "contradiction"),
    ]  # fmt: skip
    assert found.rejections[0].cells[:2] == ("A1", "a")
    assert found.rows == len(rows)
