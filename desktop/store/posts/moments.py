"""Moments as the platform lists them, with how far each got; those made here are tied to their outbox item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.platform_records import MomentRecord
from desktop.store.database import as_json
from desktop.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class MomentCounts:
    """How far a moment got; None where it was not asked for."""

    staff_asked: int
    staff_published: int
    customers_reached: int
    likes: int
    comments: int


def ingest(tx: Transaction, account_id: int, records: Sequence[MomentRecord]) -> tuple[int, int]:
    """Store a listing; (new, changed)."""
    new = changed = 0
    for record in records:
        facts = (
            record.creator,
            int(record.is_personal),
            record.text,
            as_json(list(record.attachment_kinds)),
            record.created_at,
        )
        row = tx.db.execute(
            "SELECT id, creator, is_personal, text, attachment_kinds, created_at FROM moment"
            " WHERE account_id = ? AND external_id = ?",
            (account_id, record.external_id),
        ).fetchone()
        if row is None:
            tx.db.execute(
                "INSERT INTO moment (account_id, external_id, creator, is_personal, text, attachment_kinds,"
                " created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (account_id, record.external_id, *facts),
            )
            new += 1
        elif tuple(row)[1:] != facts:
            tx.db.execute(
                "UPDATE moment SET creator = ?, is_personal = ?, text = ?, attachment_kinds = ?,"
                " created_at = ? WHERE id = ?",
                (*facts, row["id"]),
            )
            changed += 1
    if new or changed:
        tx.touch(Topic.MOMENT)
    return new, changed


def link(tx: Transaction, account_id: int, external_id: str, outbox_id: int) -> None:
    """This moment came from that item. The item's platform id becomes the moment's; it was the job's."""
    item = tx.db.execute(
        "SELECT summary ->> 'text' AS text, settled_at FROM outbox WHERE id = ?", (outbox_id,)
    ).fetchone()
    tx.db.execute(
        "INSERT INTO moment (account_id, external_id, text, created_at, outbox_id) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (account_id, external_id) DO UPDATE SET outbox_id = excluded.outbox_id",
        (account_id, external_id, item["text"] or "", item["settled_at"] or tx.now_ms, outbox_id),
    )
    tx.db.execute("UPDATE outbox SET platform_id = ? WHERE id = ?", (external_id, outbox_id))
    tx.touch(Topic.MOMENT)
    tx.touch(Topic.OUTBOX, [outbox_id])


def linked(conn: Any, outbox_id: int) -> str | None:
    """The moment an item became; None while only its job is known."""
    row = conn.execute("SELECT external_id FROM moment WHERE outbox_id = ?", (outbox_id,)).fetchone()
    return None if row is None else str(row["external_id"])


def to_count(conn: Any, account_id: int, since: int, limit: int) -> list[str]:
    """The company's moments since a time, newest first: those worth asking how far they got."""
    rows = conn.execute(
        "SELECT external_id FROM moment WHERE account_id = ? AND is_personal = 0 AND created_at >= ?"
        " AND removed_at IS NULL ORDER BY created_at DESC LIMIT ?",
        (account_id, since, limit),
    )
    return [row["external_id"] for row in rows]


def set_counts(tx: Transaction, account_id: int, external_id: str, counts: MomentCounts) -> bool:
    """Note how far a moment got; whether that is news."""
    values = (
        counts.staff_asked,
        counts.staff_published,
        counts.customers_reached,
        counts.likes,
        counts.comments,
    )
    row = tx.db.execute(
        "SELECT staff_asked, staff_published, customers_reached, likes, comments FROM moment"
        " WHERE account_id = ? AND external_id = ?",
        (account_id, external_id),
    ).fetchone()
    if tuple(row) == values:
        return False
    tx.db.execute(
        "UPDATE moment SET staff_asked = ?, staff_published = ?, customers_reached = ?, likes = ?,"
        " comments = ?, counted_at = ? WHERE account_id = ? AND external_id = ?",
        (*values, tx.now_ms, account_id, external_id),
    )
    tx.touch(Topic.MOMENT)
    return True


def counts_of_post(conn: Any, post_id: int) -> MomentCounts | None:
    """How far the moments of a post got, together; None while none is known or was counted."""
    row = conn.execute(
        "SELECT count(m.counted_at) AS n, sum(m.staff_asked), sum(m.staff_published),"
        " sum(m.customers_reached), sum(m.likes), sum(m.comments) FROM moment m"
        " JOIN outbox o ON o.id = m.outbox_id WHERE o.entity = 'post' AND o.entity_id = ?",
        (post_id,),
    ).fetchone()
    return MomentCounts(*tuple(row)[1:]) if row["n"] else None
