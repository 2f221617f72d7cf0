"""Orders as files and platforms tell them: find by key, add, change, with lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.imports import OrderLine, OrderRecord
from desktop.domain.order_merge import KnownOrder
from desktop.store.database import as_json
from desktop.store.effects import NO_EFFECTS, Effects
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
LINES = f"SELECT {', '.join(LINE_COLUMNS)} FROM order_line WHERE order_id = ? ORDER BY id"
ADD_LINE = (
    "INSERT INTO order_line (order_id, line_no, item, spec, item_code, quantity, paid_cents, refund_cents,"
    " status_text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def find(conn: Any, platform: str, scope: str, order_no: str) -> Any | None:
    """The row of an order by its key; None when it is not known."""
    return conn.execute(
        'SELECT * FROM "order" WHERE platform = ? AND scope = ? AND order_no = ?',
        (platform, scope, order_no),
    ).fetchone()


def lines_of(conn: Any, order_id: int) -> tuple[OrderLine, ...]:
    """The lines of an order, in the order in which they came."""
    return tuple(OrderLine(*row) for row in conn.execute(LINES, (order_id,)))


def known(conn: Any, row: Any) -> KnownOrder:
    """A stored order as the rules of merging see it."""
    return KnownOrder(
        status=row["status"],
        status_text=row["status_text"],
        refund_status=row["refund_status"],
        paid_cents=row["paid_cents"],
        refund_cents=row["refund_cents"],
        created_at=row["created_at"],
        paid_at=row["paid_at"],
        finished_at=row["finished_at"],
        receiver=json.loads(row["receiver"]),
        extra=json.loads(row["extra"]),
        lines=lines_of(conn, row["id"]),
    )


def add(
    tx: Transaction,
    record: OrderRecord,
    fan_id: int | None,
    identity_id: int | None,
    origin: str,
    seen_at: int,
    effects: Effects = NO_EFFECTS,
) -> int:
    """Insert an order with its lines. `seen_at` is when its source was made (UTC ms)."""
    cursor = tx.db.execute(
        'INSERT INTO "order" (platform, scope, order_no, fan_id, identity_id, status, status_text,'
        " refund_status, paid_cents, refund_cents, created_at, paid_at, finished_at, receiver, extra,"
        " origin, seen_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.platform, record.scope, record.order_no, fan_id, identity_id, record.status,
            record.status_text, record.refund_status or "none", record.paid_cents,
            record.refund_cents or 0, record.created_at, record.paid_at, record.finished_at,
            as_json(record.receiver), as_json(record.extra), origin, seen_at, tx.now_ms,
        ),
    )  # fmt: skip
    order_id = int(cursor.lastrowid or 0)
    _add_lines(tx, order_id, record.lines)
    tx.touch(Topic.ORDER, [order_id])
    effects.added("order", order_id)
    return order_id


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
    for line in lines:
        tx.db.execute(ADD_LINE, (order_id, *(getattr(line, name) for name in LINE_COLUMNS)))
