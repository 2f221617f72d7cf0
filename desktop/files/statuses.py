"""Status words of many platforms on two axes: how far the order is, and what became of its money."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from desktop.files.sources import words

FORWARD = ("unpaid", "paid", "part_shipped", "shipped", "done")
SINGLE = frozenset({*FORWARD, "closed"})  # what an order of one line is when its line is


@dataclass(frozen=True, slots=True)
class Status:
    """What a status and an after-sale cell say. `unknown` holds the words nobody knows.

    `refund` is None where the file says nothing about refunds; `is_part` when only some came back.
    """

    order: str
    refund: str | None
    is_part: bool
    unknown: tuple[str, ...]


@lru_cache(maxsize=4_096)  # a file has few different ones
def status_of(order_text: str, refund_text: str, *, has_refund_column: bool) -> Status:
    """Read both cells. An order cell that holds a refund word counts as paid and refunded."""
    unknown: list[str] = []
    order = words("order_status").get(order_text.casefold(), "unknown")
    refund: str | None = "none" if has_refund_column else None
    told = refund_text
    if order == "unknown" and order_text:
        if _refund_word(order_text):
            order, told = "paid", told or order_text
        else:
            unknown.append(order_text)
    if told:
        refund = _refund_word(told) or "unknown"
        if refund == "unknown":
            unknown.append(told)
    is_part = refund == "part"
    return Status(order, "refunded" if is_part else refund, is_part, tuple(unknown))


def _refund_word(text: str) -> str | None:
    known = words("refund_status").get(text.casefold())
    if known:
        return known
    if "部分退款" in text:
        return "part"
    if "退款成功" in text or "已退款" in text or "全额退款" in text:
        return "refunded"
    if "退款" in text or "售后" in text:
        if any(word in text for word in ("关闭", "取消", "撤销", "拒绝", "失败")):
            return "none"
        if any(word in text for word in ("中", "待", "申请")):
            return "refunding"
    return None


def refund_cents(status: Status, paid: int, said: int | None) -> int | None:
    """Money given back: the amount said, or all of it where a row is refunded and names no amount."""
    if status.refund == "refunded" and not said and not status.is_part:
        return paid
    if said is None and status.refund in ("none", "refunding"):
        return 0
    return said


def combined(orders: list[str]) -> str:
    """The status of an order from its lines: the least advanced open one; closed only when all are."""
    if len(orders) == 1:
        return orders[0] if orders[0] in SINGLE else "unknown"
    open_ones = [status for status in orders if status != "closed"]
    if not open_ones:
        return "closed"
    known = [status for status in open_ones if status in FORWARD]
    if not known:
        return "unknown"
    least = min(known, key=FORWARD.index)
    shipped = any(FORWARD.index(status) >= FORWARD.index("part_shipped") for status in known)
    return "part_shipped" if least == "paid" and shipped else least


def combined_refund(refunds: list[str | None]) -> str | None:
    """The refund state of an order from its lines: what is still moving first."""
    for state in ("refunding", "refunded", "unknown", "none"):
        if state in refunds:
            return state
    return None
