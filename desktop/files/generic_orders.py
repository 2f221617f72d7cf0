"""Orders from any table, with a mapping: one row an order, or one row for each kind of goods."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.domain.imports import OrderLine, OrderRecord
from desktop.files.contacts import contact_of, hidden_kind
from desktop.files.order_rows import OrderRow, OrderShape, contradiction, record, start, summed
from desktop.files.tables import Columns


def generic(columns: Columns, row: Sequence[str], line: int) -> OrderRow:
    """A row; the buyer is named by the file's own buyer id, within the account it came from."""
    order_no = columns.needed_id(row, "order_id", line)
    buyer_id = columns.needed_id(row, "buyer_id", line)
    scope = columns.name(row, "source_account")
    found = start(columns, row, line, order_no, scope, needs_paid_at=True)
    if hidden_kind(buyer_id):
        found.extra["buyer_id_hidden"] = buyer_id
    else:
        found.buyer = columns.key("file", scope, buyer_id)
    found.buyer_name = columns.name(row, "buyer_name")
    phone = contact_of(columns.raw(row, "buyer_phone"))
    found.buyer_phone = phone.phone
    if phone.raw and not phone.phone:
        found.extra["buyer_phone_hidden"] = phone.raw
    item = columns.text(row, "item")
    quantity = columns.count(row, "quantity")
    if item or quantity is not None:
        found.lines = [
            OrderLine("", item, "", "", quantity, found.amount, found.refund or 0, found.status_text)
        ]
    return found


def combine_generic(rows: list[OrderRow]) -> OrderRecord:
    """Rows of one order agree on buyer and payment and differ in their goods; else they contradict."""
    if len(rows) == 1:
        return record("file", rows, rows[0].amount, rows[0].refund)
    items = [row.lines[0].item if row.lines else "" for row in rows]
    if (
        len(set(items)) != len(items)
        or len({(row.buyer, row.extra.get("buyer_id_hidden")) for row in rows}) > 1
        or len({row.paid_at for row in rows}) > 1
    ):
        raise contradiction(rows)
    paid, refund = summed(rows)
    return record("file", rows, paid, refund)


SHAPE = OrderShape("file", generic, combine_generic)
