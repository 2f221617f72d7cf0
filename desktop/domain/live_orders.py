"""Orders as a platform's own interface tells them, beside the files that tell of the same orders.

The interface names the buyer by the platform's id, hides who receives, and tells of refunds without amounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from desktop.domain.fans import masked_phone
from desktop.domain.identity import IdentityKey
from desktop.domain.imports import OrderLine, OrderRecord
from desktop.domain.order_merge import KnownOrder

REMARK_SIGNS = 60
ADDRESS_SHOWN = 6  # province and the beginning of the city
PLAIN_KINDS = frozenset({"plain", "virtual"})
STARS = range(6)  # grey, purple, cyan, green, orange, red
RECEIVER_PARTS = ("name", "phone", "address")


@dataclass(frozen=True, slots=True)
class LiveOrder:
    """One order with every id that names its buyer, the most telling first; `updated_at` is UTC ms."""

    record: OrderRecord
    buyers: tuple[IdentityKey, ...]
    updated_at: int


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Orders by the time they changed last. `next_cursor` '' after the last page; `total` in the whole stretch."""

    items: tuple[LiveOrder, ...]
    next_cursor: str
    total: int
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who receives an order, in plain text; what the platform did not give is ''. `refused` are its words why."""

    name: str = ""
    phone: str = ""
    address: str = ""
    refused: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def is_plain(receiver: Mapping[str, Any], part: str) -> bool:
    """Whether this part of a kept receiver is in plain text."""
    return bool(receiver.get(part)) and receiver.get(f"{part}_kind", "plain") in PLAIN_KINDS


def masked(receiver: Mapping[str, Any]) -> tuple[str, str, str]:
    """Name, phone and address of a kept receiver as they may be shown: what is plain is masked."""
    name, phone, address = (str(receiver.get(part) or "") for part in ("name", "phone", "address"))
    if is_plain(receiver, "name"):
        name = f"{name[:1]}{'*' * (len(name) - 1)}"
    if is_plain(receiver, "phone"):
        phone = masked_phone(phone)
    if is_plain(receiver, "address"):
        address = f"{address[:ADDRESS_SHOWN]}****"
    return name, phone, address


def beside(known: KnownOrder, record: OrderRecord) -> OrderRecord:
    """The record without what would spoil better knowledge.

    A receiver that was revealed is not hidden again, and an amount that a file gave for a refund stands: the
    interface only says that there was one.
    """
    receiver = dict(record.receiver)
    for part in RECEIVER_PARTS:
        if known.receiver.get(part) and known.receiver.get(f"{part}_kind", "plain") == "plain":
            receiver.pop(part, None)
            receiver.pop(f"{part}_kind", None)
    before = {line.line_no: line for line in known.lines}
    lines = tuple(_line_beside(before.get(line.line_no), line) for line in record.lines)
    refund = record.refund_cents
    if refund and known.refund_cents and known.refund_status == record.refund_status == "refunded":
        refund = known.refund_cents
    elif lines != record.lines:
        refund = sum(line.refund_cents for line in lines)
    return replace(record, receiver=receiver, lines=lines, refund_cents=refund)


def _line_beside(known: OrderLine | None, fresh: OrderLine) -> OrderLine:
    if known is None or not known.refund_cents or not fresh.refund_cents:
        return fresh
    return replace(fresh, refund_cents=known.refund_cents)
