"""The same orders in every container that owners have them in, and what is peculiar to single exports."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.domain.clock import at_ms
from desktop.domain.errors import ImportFileError
from desktop.domain.imports import OrderRecord
from tests.unit.files.makers import DOUDIAN, csv_bytes, doudian, read_bytes, xlsx_bytes, zip_bytes

HEADER = ["order_id", "buyer_id", "paid_at", "amount", "item", "status"]
ROWS = [
    ["00012345678901234567", "b1", "2026-09-22 00:54:10", "28.90", "红枣,大\n袋", "已完成"],
    ["6931234567890123456", "林小满🍐", "2026/9/22 0:54", "1,234.00", '"核桃"', "已发货"],
]
LAIKE = [
    "所属订单ID", "子订单ID", "券码状态", "核销时间", "订单实收", "售卖金额", "商品实付", "成交渠道",
    "订单归属人昵称(字段如果获取不到就默认展示商家，具体金额以账单为主)", "订单归属人uid",
]  # fmt: skip


def page_bytes(rows: Sequence[Sequence[str]]) -> bytes:
    """A web page that calls itself a workbook, as older shop systems write them."""
    cells = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in [HEADER, *rows]
    )
    return f"<html><head><meta charset='utf-8'></head><table>{cells}</table></html>".encode()


def guarded(rows: Sequence[Sequence[str]]) -> bytes:
    """Cells as `="…"`, so that a spreadsheet leaves digits alone."""
    return csv_bytes(HEADER, [[f'="{row[0]}"', *row[1:]] for row in rows])


CONTAINERS: dict[str, tuple[str, Callable[[Sequence[Sequence[str]]], bytes]]] = {
    "csv": ("a.csv", lambda rows: csv_bytes(HEADER, rows)),
    "gb18030": ("a.csv", lambda rows: csv_bytes(HEADER, rows, "gb18030")),
    "unicode text": ("a.txt", lambda rows: csv_bytes(HEADER, rows, "utf-16", "\t")),
    "tabs named xls": ("a.xls", lambda rows: csv_bytes(HEADER, rows, "utf-8", "\t")),
    "page named xls": ("a.xls", page_bytes),
    "workbook": ("a.xlsx", lambda rows: xlsx_bytes({"说明": [["请勿修改"]], "订单": [HEADER, *rows]})),
    "zip": (
        "a.zip",
        lambda rows: zip_bytes(
            {
                "一.csv": csv_bytes(HEADER, rows[:1]),
                "二.csv": csv_bytes(HEADER, rows[1:], "gb18030"),
                "封面.png": b"\x89PNG",
            }
        ),
    ),
    "guarded": ("a.csv", guarded),
}


def orders(folder: Path, data: bytes, name: str, **how: Any) -> list[OrderRecord]:
    found = read_bytes(folder, data, name, **how)
    assert found.rejections == ()
    return [record for record in found.records if isinstance(record, OrderRecord)]


def facts(order: OrderRecord) -> tuple[object, ...]:
    lines = [(line.item, line.quantity) for line in order.lines]
    return order.order_no, order.buyer, order.paid_at, order.paid_cents, order.status, lines


@pytest.mark.parametrize("kind", CONTAINERS)
def test_the_same_orders_come_from_every_container(tmp_path: Path, kind: str) -> None:
    name, made = CONTAINERS[kind]
    found = orders(tmp_path, made(ROWS), name)
    assert [facts(one) for one in found] == [
        facts(one) for one in orders(tmp_path, csv_bytes(HEADER, ROWS), "b.csv")
    ]
    assert [one.order_no for one in found] == [row[0] for row in ROWS]
    assert found[0].lines[0].item == "红枣,大\n袋"
    assert found[1].paid_cents == 123_400


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text("0123456789", min_size=5, max_size=19).filter(
                lambda digits: not digits.endswith("0000")
            ),
            st.integers(0, 10**8),
            st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), max_size=12),
        ),
        min_size=1,
        max_size=8,
        unique_by=lambda row: row[0],
    )
)
def test_no_container_changes_an_order(tmp_path: Path, told: list[tuple[str, int, str]]) -> None:
    rows = [
        [no, "b1", "2026-09-22 00:54:10", f"{cents // 100}.{cents % 100:02}", f"货{item}货", "已完成"]
        for no, cents, item in told
    ]
    for kind in ("csv", "gb18030", "unicode text", "page named xls", "workbook", "guarded"):
        name, made = CONTAINERS[kind]
        found = orders(tmp_path, made(rows), name)
        assert [(one.order_no, one.paid_cents, one.lines[0].item) for one in found] == [
            (no, cents, f"货{item}货") for no, cents, item in told
        ]


def test_doudian_closed_and_refunded(tmp_path: Path) -> None:
    row = doudian(订单状态="已关闭", 售后状态="退款成功", 取消原因="买家退款")
    [order] = orders(tmp_path, csv_bytes(DOUDIAN, [row]), "a.csv")
    assert (order.status, order.refund_status) == ("closed", "refunded")
    assert order.paid_cents - (order.refund_cents or 0) == 0


def test_doudian_saved_again_with_its_digits_whole(tmp_path: Path) -> None:
    row = doudian(订单提交时间="2026/9/22 0:54", 支付完成时间="2026/9/22 0:55", 收件人="林小满")
    [order] = orders(tmp_path, csv_bytes(DOUDIAN, [row], "gb18030"), "a.csv")
    assert order.order_no == "6920735594112345678"
    assert order.paid_at == at_ms(datetime(2026, 9, 22, 0, 55, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert order.buyer_name == "林小满"


def test_a_settlement_is_told_by_its_name(tmp_path: Path) -> None:
    header = ["结算时间", "订单号", "子订单号", "结算金额", "结算账户", "结算单类型", "收入合计"]
    rows = [
        ["", "", "", "收入+支出", "", "", "说明"],
        ["2026-09-30 01:00:00", "'6920735594112345678", "'6920735594112345678", "-28.90", "聚合账户",
         "结算后退款-非原路退回", "0"],
    ]  # fmt: skip
    with pytest.raises(ImportFileError) as told:
        read_bytes(tmp_path, csv_bytes(header, rows), "结算.csv")
    assert (told.value.code, told.value.params["kind"]) == ("import_kind_not_read", "抖店结算单")
    assert not told.value.data_changed


def laike_book(rows: Sequence[Sequence[Any]]) -> bytes:
    """A workbook that explains itself first; times as dates, as serials, and as texts."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.add_worksheet("说明").write_column(0, 0, ["字段说明", "核销时间：券被核销的时间"])
    sheet = book.add_worksheet("售卖明细")
    as_date = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for number, row in enumerate([LAIKE, *rows]):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(number, column, cell, as_date)
            elif isinstance(cell, str):
                sheet.write_string(number, column, cell)
            else:
                sheet.write_number(number, column, cell)
    book.close()
    return out.getvalue()


def test_an_order_with_a_coupon_that_cannot_be_read_stays_out_whole(tmp_path: Path) -> None:
    rows = [
        ["1091", "10911", "已核销", 46287.5, 55.0, 60.0, 58.0, "", "", ""],
        ["1091", "10912", "已核销", 46287.5, 55.0, 60.0, "十元", "", "", ""],
    ]
    found = read_bytes(tmp_path, laike_book(rows), "售卖明细.xlsx")
    assert found.records == ()
    assert [one.code for one in found.rejections] == ["other_row_refused", "bad_money"]


def test_laike_coupons(tmp_path: Path) -> None:
    redeemed = datetime(2026, 9, 22, 12, 30)
    who = ["直播", "小满探店", "7012345678901234567"]
    rows = [
        ["1091", "10911", "已核销", redeemed, 55.0, 60.0, 58.0, *who],
        ["1091", "10912", "已核销", 46287.75, 55.0, 60.0, 58.0, *who],
        ["1092", "10921", "待核销", "-", 55.0, 60.0, 58.0, "货架", "", ""],
        ["1093", "10931", "已退款", "-", 0, 60.0, 58.0, "货架", "", ""],
        ["1094", "10941", "已核销", "2026-09-23 08:00:00", 9.9, 9.9, 9.9, "货架", "", ""],
    ]
    both, waiting, given_back, text = orders(tmp_path, laike_book(rows), "售卖明细.xlsx")
    zone = ZoneInfo("Asia/Shanghai")
    assert (both.platform, both.scope, both.order_no, both.buyer) == ("douyin", "来客", "1091", None)
    assert (both.paid_cents, both.status, [line.line_no for line in both.lines]) == (
        11_600,
        "done",
        ["10911", "10912"],
    )
    assert both.paid_at == at_ms(redeemed.replace(tzinfo=zone))
    assert both.finished_at == at_ms(datetime(2026, 9, 22, 18, 0, tzinfo=zone))
    assert (both.extra["promoter"], both.extra["promoter_id"]) == ("小满探店", "7012345678901234567")
    assert (waiting.status, waiting.paid_at) == ("paid", None)
    assert (given_back.refund_status, given_back.refund_cents) == ("refunded", 5_800)
    assert text.paid_at == at_ms(datetime(2026, 9, 23, 8, tzinfo=zone))
