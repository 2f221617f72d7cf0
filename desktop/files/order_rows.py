"""One row of an order table, before the rows of one order are put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from desktop.domain.identity import IdentityKey
from desktop.domain.imports import OrderLine, OrderRecord
from desktop.files import statuses
from desktop.files.contacts import Contact, receiver_of, shown_name
from desktop.files.statuses import Status
from desktop.files.tables import Columns, RowError

MAX_LINES = 500
NOTHING: Mapping[str, Any] = {}  # of which most orders have two: one for all of them


@dataclass(slots=True)
class OrderRow:
    """What one row says. `amount` and `refund` are the row's or the whole order's, by source."""

    line: int
    cells: Sequence[str]
    order_no: str
    scope: str
    status: Status
    status_text: str
    amount: int
    refund: int | None
    created_at: int | None = None
    paid_at: int | None = None
    finished_at: int | None = None
    buyer: IdentityKey | None = None
    buyer_name: str = ""
    buyer_phone: str | None = None
    receiver: dict[str, str] = field(default_factory=dict)
    extra: dict[str, object] = field(default_factory=dict)
    lines: list[OrderLine] = field(default_factory=list)
    unit_price: int | None = None
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class OrderShape:
    """How one source is read: a row to an OrderRow, and the rows of one order to a record.

    `scope` where all its orders have one; else the file's column of accounts tells it.
    """

    platform: str
    parse: Callable[[Columns, Sequence[str], int], OrderRow]
    combine: Callable[[list[OrderRow]], OrderRecord]
    scope: str = ""


EXTRA_TEXTS = (
    "shop", "channel", "buyer_note", "seller_note", "closed_reason", "express", "promoter", "promoter_id",
    "traffic_source", "traffic_kind", "traffic_channel", "tags", "pickup", "category",
)  # fmt: skip


def start(
    columns: Columns,
    row: Sequence[str],
    line: int,
    order_no: str,
    scope: str = "",
    *,
    needs_paid_at: bool = False,
) -> OrderRow:
    """The fields that every source shares: status, money, times, notes.

    Raises RowError for a missing or negative amount, and for a missing time of payment where nothing
    else tells whether the order was paid. (Cash on delivery is paid without a time: kept, no sale yet.)
    """
    status_text = columns.text(row, "status")
    status = statuses.status_of(
        status_text, columns.text(row, "after_sale"), has_refund_column=columns.has("after_sale")
    )
    amount = columns.cents(row, "amount")
    if amount is None:
        raise columns.missing("amount")
    refund = columns.cents(row, "refund_amount")
    if amount < 0 or (refund is not None and refund < 0):
        name = "amount" if amount < 0 else "refund_amount"
        raise RowError("negative", column=columns.headers[name], value=columns.text(row, name))
    paid_at = columns.moment(row, "paid_at")
    if paid_at is None:
        settled = ("unpaid", "closed") if needs_paid_at else ("unpaid", "closed", *statuses.FORWARD)
        if status.order not in settled:
            raise columns.missing("paid_at")
    found = OrderRow(
        line,
        row,
        order_no,
        scope,
        status,
        status_text,
        amount,
        statuses.refund_cents(status, amount, refund),
    )
    found.created_at = columns.moment(row, "created_at") or columns.moment(row, "created_day")
    found.paid_at = paid_at
    found.finished_at = columns.moment(row, "finished_at")
    for name in columns.present(EXTRA_TEXTS):
        text = columns.text(row, name)
        if text:
            found.extra[name] = text
    if status.unknown:
        found.extra["unknown_words"] = list(status.unknown)
    return found


def set_people(columns: Columns, row: Sequence[str], found: OrderRow) -> Contact:
    """Names and phones of buyer and receiver. The buyer is named by a plain phone, theirs first."""
    receiver_phone = columns.contact(row, "receiver_phone")
    own = columns.contact(row, "buyer_phone")
    receiver = columns.name(row, "receiver")
    found.receiver = receiver_of(receiver, receiver_phone, columns.text(row, "address"))
    found.buyer_name = shown_name(columns.name(row, "buyer_name"), receiver)
    found.buyer_phone = own.phone or receiver_phone.phone
    if own.raw and not own.phone:
        found.extra["buyer_phone_hidden"] = own.raw
    return own


def record(
    platform: str, rows: list[OrderRow], paid: int, refund: int | None, *, is_partial: bool = False
) -> OrderRecord:
    """The record of an order from its rows: first told wins, sums as given."""
    first = rows[0]
    if len(rows) == 1:
        return _record_of(platform, first, paid, refund, is_partial=is_partial)
    extra: dict[str, object] = {}
    receiver: dict[str, str] = {}
    for row in reversed(rows):
        extra.update(row.extra)
        receiver.update(row.receiver)
    buyer = next((row.buyer for row in rows if row.buyer), None)
    texts = list(dict.fromkeys(row.status_text for row in rows if row.status_text))
    return OrderRecord(
        platform=platform,
        scope=first.scope,
        order_no=first.order_no,
        paid_cents=paid,
        buyer=buyer,
        buyer_name=next((row.buyer_name for row in rows if row.buyer_name), ""),
        buyer_phone=next((row.buyer_phone for row in rows if row.buyer_phone), None),
        status=statuses.combined([row.status.order for row in rows]),
        status_text=" / ".join(texts),
        refund_status=statuses.combined_refund([row.status.refund for row in rows]),
        refund_cents=refund,
        created_at=min((row.created_at for row in rows if row.created_at is not None), default=None),
        paid_at=min((row.paid_at for row in rows if row.paid_at is not None), default=None),
        finished_at=max((row.finished_at for row in rows if row.finished_at is not None), default=None),
        receiver=receiver,
        extra=extra,
        lines=tuple(numbered(line for row in rows for line in row.lines)),
        rows=tuple(row.line for row in rows),
        is_partial=is_partial,
        sheet=first.sheet,
    )


def _record_of(
    platform: str, row: OrderRow, paid: int, refund: int | None, *, is_partial: bool
) -> OrderRecord:
    """The record of an order that is one row, as most are."""
    return OrderRecord(
        platform=platform,
        scope=row.scope,
        order_no=row.order_no,
        paid_cents=paid,
        buyer=row.buyer,
        buyer_name=row.buyer_name,
        buyer_phone=row.buyer_phone or None,
        status=statuses.combined([row.status.order]),
        status_text=row.status_text,
        refund_status=row.status.refund,
        refund_cents=refund,
        created_at=row.created_at,
        paid_at=row.paid_at,
        finished_at=row.finished_at,
        receiver=row.receiver or NOTHING,
        extra=row.extra or NOTHING,
        lines=tuple(numbered(row.lines)),
        rows=(row.line,),
        is_partial=is_partial,
        sheet=row.sheet,
    )


def numbered(lines: Iterable[OrderLine]) -> list[OrderLine]:
    """Lines with a number each: their own, else their place; a number met twice gets a suffix."""
    if isinstance(lines, list) and len(lines) == 1:
        return lines if lines[0].line_no else [_with_number(lines[0], "1")]
    found: list[OrderLine] = []
    seen: defaultdict[str, int] = defaultdict(int)
    for place, line in enumerate(lines, 1):
        number = line.line_no or str(place)
        seen[number] += 1
        if seen[number] > 1:
            number = f"{number}#{seen[number]}"
        found.append(line if line.line_no == number else _with_number(line, number))
    if len(found) > MAX_LINES:
        raise RowError("too_many_lines", limit=MAX_LINES)
    return found


def _with_number(line: OrderLine, number: str) -> OrderLine:
    return OrderLine(
        number, line.item, line.spec, line.item_code, line.quantity, line.paid_cents, line.refund_cents,
        line.status_text,
    )  # fmt: skip


def summed(rows: list[OrderRow]) -> tuple[int, int | None]:
    """Paid and refunded of an order whose rows each carry their own amount."""
    refunds = [row.refund for row in rows if row.refund is not None]
    return sum(row.amount for row in rows), sum(refunds) if refunds else None


def contradiction(rows: list[OrderRow]) -> RowError:
    """The error for rows that say different things about one order; it names the rows."""
    lines = sorted({row.line for row in rows})
    return RowError("contradiction", order=rows[0].order_no, rows=", ".join(map(str, lines[:8])))
