"""Named looks at a page: filters, order and columns, as the operator left them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.errors import InvalidInputError, NotFoundError
from desktop.store.database import as_json
from desktop.store.transaction import Transaction

LONGEST = 30


@dataclass(frozen=True, slots=True)
class SavedView:
    """One look; `state` is the page's own business."""

    uid: str
    name: str
    state: Mapping[str, Any]


def views(conn: Any, page: str) -> list[SavedView]:
    """The looks of a page in the order of their making."""
    found = conn.execute(
        "SELECT uid, name, state FROM saved_view WHERE page = ? ORDER BY position, id", (page,)
    )
    return [SavedView(row[0], row[1], json.loads(row[2])) for row in found]


def save(tx: Transaction, page: str, name: str, state: Mapping[str, Any]) -> str:
    """Keep a look under a name, over the one that had it. Raises InvalidInputError('view_name_invalid')."""
    wanted = " ".join(name.split())
    if not 1 <= len(wanted) <= LONGEST:
        raise InvalidInputError("view_name_invalid", longest=LONGEST)
    before = tx.db.execute(
        "SELECT uid, state FROM saved_view WHERE page = ? AND name = ?", (page, wanted)
    ).fetchone()
    uid = before["uid"] if before else tx.new_uid()
    tx.db.execute(
        "INSERT INTO saved_view (uid, page, name, state, updated_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (page, name) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at",
        (uid, page, wanted, as_json(state), tx.now_ms),
    )
    tx.replaced = {"uid": uid, "state": json.loads(before["state"]) if before else None}
    tx.touch(Topic.SHOP)
    return str(uid)


def delete(tx: Transaction, uid: str) -> None:
    """Forget a look. Raises NotFoundError('view_missing')."""
    row = tx.db.execute("SELECT * FROM saved_view WHERE uid = ?", (uid,)).fetchone()
    if row is None:
        raise NotFoundError("view_missing")
    tx.db.execute("DELETE FROM saved_view WHERE uid = ?", (uid,))
    tx.replaced = {key: row[key] for key in ("uid", "page", "name", "state", "position")}
    tx.touch(Topic.SHOP)


def put_back(tx: Transaction, row: Mapping[str, Any]) -> None:
    """A look that was deleted stands again, unless its name is taken."""
    tx.db.execute(
        "INSERT OR IGNORE INTO saved_view (uid, page, name, state, position, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (row["uid"], row["page"], row["name"], row["state"], row["position"], tx.now_ms),
    )
    tx.touch(Topic.SHOP)
