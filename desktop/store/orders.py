"""Orders as files and platforms tell them: find by key, add, change, with lines."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from operator import attrgetter
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.imports import OrderLine, OrderRecord
from desktop.domain.order_merge import KnownOrder
from desktop.store.bulk import write_rows
from desktop.store.database import as_json
from desktop.store.effects import NO_EFFECTS, Effects
from desktop.store.fans.fans import chunks
from desktop.store.transaction import Transaction

CHANGEABLE = (
    "fan_id", "identity_id", "status", "status_text", "refund_status", "paid_cents", "refund_cents",
    "created_at", "paid_at", "finished_at", "receiver", "extra", "origin", "seen_at", "updated_at",
)  # fmt: skip
SET_ONE = {column: f'UPDATE "order" SET {column} = ? WHERE id = ?' for column in CHANGEABLE}
JSON_COLUMNS = ("receiver", "extra")
LINE_COLUMNS = (
    "line_no", "item", "spec", "item_code", "quantity", "paid_cents", "refund_cents", "status_text",
)  # fmt: skip
VALUES_OF = attrgetter(*LINE_COLUMNS)
# What FIND begins with: all that a file tells of an order but its buyer, receiver, extras and lines.
PLAIN = (
    "status", "status_text", "refund_status", "paid_cents", "refund_cents", "created_at", "paid_at", "finished_at",
)  # fmt: skip
PLAIN_OF = attrgetter(*PLAIN)
FIND = (
    "SELECT o.status, o.status_text, o.refund_status, o.paid_cents, o.refund_cents, o.created_at, o.paid_at,"
    " o.finished_at, o.receiver, o.extra, o.id, o.platform, o.scope,"
    " o.order_no, o.fan_id, o.identity_id, o.origin, o.seen_at, o.updated_at, i.platform AS buyer_platform,"
    " i.scope AS buyer_scope, i.external_id AS buyer_external_id"
    ' FROM "order" o LEFT JOIN identity i ON i.id = o.identity_id'
    " WHERE o.platform = ? AND o.scope = ? AND o.order_no IN ({marks})"
)
NEXT = 'SELECT coalesce(max(id), 0) + 1 FROM "order"'
LINES = (
    "SELECT order_id, line_no, item, spec, item_code, quantity, paid_cents, refund_cents, status_text"
    " FROM order_line WHERE order_id IN ({marks}) ORDER BY order_id, id"
)
ADD = (
    'INSERT INTO "order" (id, platform, scope, order_no, fan_id, identity_id, status, status_text,'
    " refund_status, paid_cents, refund_cents, created_at, paid_at, finished_at, receiver, extra,"
    " origin, seen_at, updated_at) VALUES {rows}"
)
ADD_LINES = (
    "INSERT INTO order_line (order_id, line_no, item, spec, item_code, quantity, paid_cents, refund_cents,"
    " status_text) VALUES {rows}"
)


def find_many(
    conn: Any, wanted: Mapping[tuple[str, str], Sequence[str]]
) -> dict[tuple[str, str, str], Any]:
    """Rows of known orders by their key, of the order numbers wanted by (platform, scope)."""
    found: dict[tuple[str, str, str], Any] = {}
    for (platform, scope), numbers in wanted.items():
        for marks, portion in chunks(numbers):
            for row in conn.execute(FIND.format(marks=marks), [platform, scope, *portion]).fetchall():
                found[platform, scope, row["order_no"]] = row
    return found


def lines_of(conn: Any, order_id: int) -> tuple[OrderLine, ...]:
    """The lines of an order, in the order in which they came."""
    return lines_of_many(conn, [order_id]).get(order_id, ())


def lines_of_many(conn: Any, order_ids: Sequence[int]) -> dict[int, tuple[OrderLine, ...]]:
    """The lines of orders that have any, by order, as they came."""
    found = line_rows(conn, order_ids)
    return {order_id: tuple(OrderLine(*row) for row in rows) for order_id, rows in found.items()}


def line_rows(conn: Any, order_ids: Sequence[int]) -> dict[int, list[tuple[Any, ...]]]:
    """The same as plain values, in the order of LINE_COLUMNS."""
    found: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for marks, portion in chunks(order_ids):
        for row in conn.execute(LINES.format(marks=marks), portion):
            found[row[0]].append(row[1:])
    return found


def is_told_alike(row: Any, lines: Sequence[tuple[Any, ...]], record: OrderRecord) -> bool:
    """Whether a record tells of a stored order (a row of `find_many`, and of `line_rows`) nothing but what stands.

    False where only `change_of` can tell; its buyer is another matter.
    """
    stands, told = row[: len(PLAIN)], PLAIN_OF(record)
    if told != stands and any(
        new is not None and new != old for new, old in zip(told, stands, strict=True)
    ):
        return False
    if record.receiver and as_json(record.receiver) != row["receiver"]:
        return False
    if record.extra and as_json(record.extra) != row["extra"]:
        return False
    return not record.lines or [VALUES_OF(line) for line in record.lines] == lines


def known(row: Any, lines: tuple[OrderLine, ...]) -> KnownOrder:
    """A stored order with its lines, as the rules of merging see it."""
    return KnownOrder(
        status=row["status"],
        status_text=row["status_text"],
        refund_status=row["refund_status"],
        paid_cents=row["paid_cents"],
        refund_cents=row["refund_cents"],
        created_at=row["created_at"],
        paid_at=row["paid_at"],
        finished_at=row["finished_at"],
        receiver=_from_json(row["receiver"]),
        extra=_from_json(row["extra"]),
        lines=lines,
    )


class WaitingOrders:
    """New orders of one portion, which are written together. Nobody else adds orders meanwhile."""

    def __init__(self) -> None:
        self._orders: list[tuple[Any, ...]] = []
        self._lines: list[tuple[Any, ...]] = []
        self._next = 0

    def add(
        self,
        tx: Transaction,
        record: OrderRecord,
        fan_id: int | None,
        identity_id: int | None,
        origin: str,
        seen_at: int,
        effects: Effects = NO_EFFECTS,
    ) -> None:
        """An order with its lines. `seen_at` is when its source was made (UTC ms)."""
        self._next = self._next or int(tx.db.execute(NEXT).fetchone()[0])
        order_id, self._next = self._next, self._next + 1
        self._orders.append(
            (
                order_id, record.platform, record.scope, record.order_no, fan_id, identity_id, record.status,
                record.status_text, record.refund_status or "none", record.paid_cents,
                record.refund_cents or 0, record.created_at, record.paid_at, record.finished_at,
                _to_json(record.receiver), _to_json(record.extra), origin, seen_at, tx.now_ms,
            )
        )  # fmt: skip
        self._lines.extend((order_id, *VALUES_OF(line)) for line in record.lines)
        effects.added("order", order_id)

    def flush(self, tx: Transaction) -> None:
        """Write what waits; the buyers must be there."""
        if self._orders:
            write_rows(tx.db.conn, ADD, self._orders)
            write_rows(tx.db.conn, ADD_LINES, self._lines)
            tx.touch(Topic.ORDER, [row[0] for row in self._orders])
        self._orders, self._lines, self._next = [], [], 0


def change(tx: Transaction, row: Any, values: Mapping[str, Any], effects: Effects = NO_EFFECTS) -> None:
    """Give columns of an order (a row of `find`) new values; `lines` replaces all lines."""
    order_id = int(row["id"])
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, value in {**values, "updated_at": tx.now_ms}.items():
        if name == "lines":
            before[name] = [asdict(line) for line in lines_of(tx.db, order_id)]
            after[name] = [asdict(line) for line in value]
            set_lines(tx, order_id, value)
            continue
        stored = as_json(value) if name in JSON_COLUMNS else value
        before[name], after[name] = row[name], stored
        tx.db.execute(SET_ONE[name], (stored, order_id))
    tx.touch(Topic.ORDER, [order_id])
    effects.changed("order", order_id, before, after)


def set_lines(tx: Transaction, order_id: int, lines: Iterable[OrderLine]) -> None:
    """Replace all lines of an order."""
    tx.db.execute("DELETE FROM order_line WHERE order_id = ?", (order_id,))
    _add_lines(tx, order_id, lines)


def _add_lines(tx: Transaction, order_id: int, lines: Iterable[OrderLine]) -> None:
    write_rows(tx.db.conn, ADD_LINES, [(order_id, *VALUES_OF(line)) for line in lines])


def _to_json(value: Mapping[str, Any]) -> str:
    return as_json(value) if value else "{}"


def _from_json(text: str) -> Any:
    return {} if text == "{}" else json.loads(text)
