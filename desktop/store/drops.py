"""Welfare drop rows with their target groups."""

from __future__ import annotations

import json
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.content import media_from_json
from desktop.domain.drops import Drop, DropDraft
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.store.database import as_json
from desktop.store.transaction import Transaction

FACTS = (
    "kind",
    "item",
    "price_cents",
    "normal_price_cents",
    "cost_cents",
    "stock",
    "cap_per_person",
    "opens_at",
    "window_minutes",
    "announce_at",
    "body",
)
SELECT = (
    "SELECT w.*, a.uid AS account_uid, (SELECT json_group_array(group_id) FROM"
    " (SELECT group_id FROM drop_group WHERE drop_id = w.id ORDER BY rowid)) AS groups"
    " FROM welfare_drop w LEFT JOIN account a ON a.id = w.account_id WHERE w.removed_at IS NULL"
)


def insert(tx: Transaction, draft: DropDraft, account_id: int | None) -> Drop:
    """A new draft."""
    uid = tx.new_uid()
    columns = ", ".join(FACTS)
    marks = ", ".join("?" * (len(FACTS) + 5))
    cursor = tx.db.execute(
        f"INSERT INTO welfare_drop (uid, account_id, media, created_at, updated_at, {columns})"
        f" VALUES ({marks})",
        (uid, account_id, _media(draft), tx.now_ms, tx.now_ms, *_facts(draft)),
    )
    _set_groups(tx, int(cursor.lastrowid or 0), draft)
    drop = get(tx.db.conn, uid)
    tx.touch(Topic.DROP, [drop.id])
    return drop


def update(tx: Transaction, drop: Drop, draft: DropDraft, account_id: int | None) -> Drop:
    """Overwrite a draft. Raises ConflictError('drop_not_draft') for anything else."""
    if drop.state != "draft":
        raise ConflictError("drop_not_draft", uid=drop.uid, state=drop.state)
    columns = ", ".join(f"{name} = ?" for name in FACTS)
    tx.db.execute(
        f"UPDATE welfare_drop SET account_id = ?, media = ?, updated_at = ?, {columns} WHERE id = ?",
        (account_id, _media(draft), tx.now_ms, *_facts(draft), drop.id),
    )
    _set_groups(tx, drop.id, draft)
    tx.touch(Topic.DROP, [drop.id])
    return get(tx.db.conn, drop.uid)


def set_state(tx: Transaction, drop: Drop, state: str, *, raises_revision: bool = False) -> None:
    """Draft, confirmed or cancelled; a raised revision needs a new confirmation."""
    tx.replaced = {"state": drop.state, "revision": drop.revision}
    tx.db.execute(
        "UPDATE welfare_drop SET state = ?, revision = revision + ?, confirmed_at = ?, account_id = ?,"
        " updated_at = ? WHERE id = ?",
        (
            state,
            int(raises_revision),
            tx.now_ms if state == "confirmed" else None,
            drop.account_id,
            tx.now_ms,
            drop.id,
        ),
    )
    tx.touch(Topic.DROP, [drop.id])


def set_removed(tx: Transaction, drop: Drop, *, is_removed: bool) -> None:
    """Put a drop away, or bring it back."""
    removed_at = tx.now_ms if is_removed else None
    tx.db.execute("UPDATE welfare_drop SET removed_at = ? WHERE id = ?", (removed_at, drop.id))
    tx.touch(Topic.DROP, [drop.id])


def get(conn: Any, uid: str, *, with_removed: bool = False) -> Drop:
    """One drop. Raises NotFoundError('drop_missing')."""
    sql = SELECT.replace("w.removed_at IS NULL", "1") if with_removed else SELECT
    row = conn.execute(f"{sql} AND w.uid = ?", (uid,)).fetchone()
    if row is None:
        raise NotFoundError("drop_missing", uid=uid)
    return _drop(row)


def listed(conn: Any, search: str, limit: int, offset: int) -> list[Drop]:
    """Drops, last opening first; drafts without a time before all."""
    rows = conn.execute(
        f"{SELECT} AND (? = '' OR instr(lower(w.item || w.body), lower(?)) > 0)"
        " ORDER BY (w.opens_at IS NULL) DESC, w.opens_at DESC, w.id DESC LIMIT ? OFFSET ?",
        (search, search, limit, offset),
    )
    return [_drop(row) for row in rows]


def lowest_deal(conn: Any, item: str, window: tuple[int, int], except_id: int | None) -> int | None:
    """Lowest price of the shop's other confirmed drops of an item that opened inside [start, end)."""
    row = conn.execute(
        "SELECT min(price_cents) FROM welfare_drop WHERE removed_at IS NULL AND state = 'confirmed'"
        " AND trim(item) = trim(?) AND opens_at >= ? AND opens_at < ? AND id <> ?",
        (item, window[0], window[1], except_id if except_id is not None else -1),
    ).fetchone()
    return None if row[0] is None else int(row[0])


def _set_groups(tx: Transaction, drop_id: int, draft: DropDraft) -> None:
    tx.db.execute("DELETE FROM drop_group WHERE drop_id = ?", (drop_id,))
    tx.db.conn.executemany(
        "INSERT INTO drop_group (drop_id, group_id) VALUES (?, ?)",
        [(drop_id, group_id) for group_id in dict.fromkeys(draft.group_ids)],
    )


def _media(draft: DropDraft) -> str:
    return as_json([picture.as_json() for picture in draft.media])


def _facts(draft: DropDraft) -> tuple[Any, ...]:
    return tuple(getattr(draft, name) for name in FACTS)


def _drop(row: Any) -> Drop:
    draft = DropDraft(
        **{name: row[name] for name in FACTS},
        group_ids=tuple(json.loads(row["groups"])),
        media=media_from_json(json.loads(row["media"])),
        account_uid=row["account_uid"],
    )
    return Drop(
        row["id"],
        row["uid"],
        draft,
        row["account_id"],
        row["state"],
        row["revision"],
        row["created_at"],
        row["updated_at"],
        row["confirmed_at"],
    )
