"""An export of a platform comes in unharmed, shows first what it would do, and goes again without a trace."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from desktop.domain.errors import CancelledByOperatorError
from desktop.domain.tasks import CancelToken
from desktop.services.imports import ImportService
from desktop.store.database import Store
from tests.fakes import FakeClock
from tests.stories.conftest import Owner

HEADER = ["order_id", "buyer_id", "buyer_name", "buyer_phone", "paid_at", "amount", "status"]
LONG, ZEROS = "6920735594112345678", "0012345"
ROWS = [
    [LONG, "u1", "林小满", "138****1234", "2026-05-01 10:00:00", "10.50", "已完成"],
    [ZEROS, "u2", "王建国", "138****1234", "2026-05-02 10:00:00", "20", "已完成"],
]
TITLE, TOTAL = ["2026 年 5 月订单"], ["合计", "", "", "", "", "30.50", ""]


def as_text(rows: Sequence[Sequence[str]], encoding: str, delimiter: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([TITLE, HEADER, *rows, TOTAL])
    return text.getvalue().encode(encoding)


def as_workbook(rows: Sequence[Sequence[str]]) -> bytes:
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data)
    sheet = book.add_worksheet("订单")
    for at, row in enumerate([TITLE, HEADER, *rows, TOTAL]):
        for column, cell in enumerate(row):
            sheet.write_string(at, column, cell)
    book.close()
    return data.getvalue()


WAYS: dict[str, Callable[[], bytes]] = {
    "utf8.csv": lambda: as_text(ROWS, "utf-8", ","),
    "bom.csv": lambda: as_text(ROWS, "utf-8-sig", ","),
    "gb.csv": lambda: as_text(ROWS, "gb18030", ","),
    "tabs.tsv": lambda: as_text(ROWS, "utf-8", "\t"),
    "book.xlsx": lambda: as_workbook(ROWS),
}


def numbers(owner: Owner) -> set[str]:
    """Order numbers as the shop keeps them."""
    fans = [owner.ok("fans", "show", row["fan_id"]) for row in owner.ok("fans")["rows"]]
    return {order["order_no"] for fan in fans for order in fan["recent_orders"]}


@pytest.mark.parametrize("name", WAYS)
def test_every_digit_survives_title_and_total_set_aside(owner: Owner, name: str) -> None:
    path = owner.folder / name
    path.write_bytes(WAYS[name]())
    done = owner.ok("import", path, "--source", "generic_orders")
    assert (done["new"], done["rejected"], done["total_rows"]) == (2, 0, 1)
    assert numbers(owner) == {LONG, ZEROS}
    assert {row["name"] for row in owner.ok("fans")["rows"]} == {"林小满", "王建国"}  # one mask, two people


def test_a_number_that_a_spreadsheet_rounded_is_refused_not_guessed(owner: Owner) -> None:
    path = owner.folder / "rounded.xlsx"
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    sheet.write_number(1, 0, float(LONG))
    sheet.write_row(1, 1, ROWS[0][1:])
    book.close()
    path.write_bytes(data.getvalue())
    assert owner.refused("import", path, "--source", "generic_orders") == "import_damaged_ids"
    assert owner.ok("fans")["total"] == 0


def test_first_it_is_shown_then_done_then_nothing_then_taken_back(owner: Owner) -> None:
    path = owner.table("orders.csv", HEADER, ROWS)
    shown = owner.ok("import", path, "--source", "generic_orders", "--dry-run")
    assert (shown["batch"], shown["new"], owner.ok("fans")["total"]) == (None, 2, 0)
    owner.ok("import", path, "--source", "generic_orders")
    again = owner.ok("import", path)  # the columns are remembered
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 2)
    later = [
        [LONG, "u1", "林小满", "138****1234", "2026-05-01 10:00:00", "10.50", "已关闭"],
        ["NEW-1", "u3", "陈静", "13800000003", "2026-05-03 10:00:00", "7", "已完成"],
        ["NEW-2", "u3", "陈静", "13800000003", "2026-05-03 10:00:00", "七元", "已完成"],
    ]
    path = owner.table("orders.csv", HEADER, later)
    for mode, changed, kept in (("add", 0, 1), ("fill", 0, 1), ("update", 1, 0)):
        shown = owner.ok("import", path, "--mode", mode, "--dry-run")
        assert (shown["new"], shown["changed"], shown["same"], shown["rejected"]) == (1, changed, kept, 1)
    done = owner.ok("import", path, "--mode", "update")
    assert [(row["row"], row["code"]) for row in done["rejections"]] == [(4, "bad_money")]
    assert owner.ok("fans")["total"] == 3
    owner.ok("undo-import", done["batch"])
    assert numbers(owner) == {LONG, ZEROS}
    spent = {row["name"]: row["spend_cents"] for row in owner.ok("fans")["rows"]}
    assert spent == {"林小满": 1_050, "王建国": 2_000}
    assert owner.ok("check")["ok"]


def test_columns_that_are_missing_or_unknown_stop_it_by_name(owner: Owner) -> None:
    path = owner.table("orders.csv", ["order_id", "buyer_id", "paid_at"], [["A1", "u1", "2026-05-01"]])
    assert owner.refused("import", path, "--source", "generic_orders") == "import_missing_columns"
    full = owner.table("full.csv", HEADER, ROWS)
    wrong = ("--source", "generic_orders", "--map", "amount=没有这一列")
    assert owner.refused("import", full, *wrong) == "import_unknown_header"
    assert owner.ok("fans")["total"] == 0


async def test_a_long_import_tells_how_far_it_is_and_stops_without_a_trace(
    shop: Store, clock: FakeClock, tmp_path: Path
) -> None:
    service = ImportService(shop, clock)
    path = tmp_path / "many.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [[f"O{n:06d}", f"u{n % 700}", "客人", "", "2026-05-01", "9", "已完成"] for n in range(3_000)]
        csv.writer(file).writerows([HEADER, *rows])
    stop, told = CancelToken(), []

    def progress(step: str, done: int, total: int) -> None:
        told.append((step, done, total))
        if step == "commit" and done >= 1_000:
            stop.cancel()

    plan = await service.plan(path, "generic_orders", progress=progress)
    with pytest.raises(CancelledByOperatorError):
        await service.commit(plan, progress, stop)
    assert any(step == "commit" and 0 < done < total for step, done, total in told)

    def left(conn: Any) -> list[int]:
        tables = ("fan", "identity", '"order"', "import_batch", "import_effect", "operation")
        return [conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]

    assert (await shop.read(left))[:5] == [0, 0, 0, 0, 0]
    assert await service.batches() == []
