"""Coupons sold in a shop's local-life business (抖音来客 售卖明细): a row a coupon, several of one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from desktop.domain.imports import OrderLine, OrderRecord
from desktop.files.order_rows import OrderRow, OrderShape, contradiction, record, start, summed
from desktop.files.tables import Columns

SCOPE = "来客"  # its order numbers stand beside those of the platform's other businesses


def laike(columns: Columns, row: Sequence[str], line: int) -> OrderRow:
    """One coupon. The list has no buyer and no time of payment: a coupon is a sale from when it is redeemed."""
    found = start(columns, row, line, columns.needed_id(row, "order_id", line), SCOPE)
    coupon = columns.needed_id(row, "sub_order_id", line)
    found.paid_at = found.paid_at or found.finished_at
    found.lines = [
        OrderLine(
            coupon,
            columns.text(row, "item"),
            quantity=1,
            paid_cents=found.amount,
            refund_cents=found.refund or 0,
            status_text=found.status_text,
        )
    ]
    return found


def combine_laike(rows: list[OrderRow]) -> OrderRecord:
    """Coupons add up; one that was given back counts as paid and refunded while another of its order lives."""
    if len({row.lines[0].line_no for row in rows}) != len(rows):
        raise contradiction(rows)
    latest = max((row.paid_at for row in rows if row.paid_at is not None), default=None)
    paid, refund = summed(rows)
    return replace(record("douyin", rows, paid, refund, is_partial=True), finished_at=latest)


LAIKE = OrderShape("douyin", laike, combine_laike, SCOPE)
