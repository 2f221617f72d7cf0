"""Every mass send a platform lists, made here or elsewhere, and how far each got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.mass_send import ChatType
from desktop.domain.proof import ListedWrite
from desktop.store.database import as_json
from desktop.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A record whose counts may still change; `is_ours` when an outbox item made it."""

    id: int
    external_id: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a record got; None for receivers where they are not asked for."""

    staff_asked: int
    staff_confirmed: int
    sent: int | None
    failed: int | None


def keep_records(
    tx: Transaction, account_id: int, chat_type: ChatType, rows: Sequence[ListedWrite]
) -> tuple[int, int]:
    """Take in what the platform listed; (new, changed). What was counted stays."""
    new = changed = 0
    for row in rows:
        values = (chat_type, row.creator, row.text, as_json(list(row.attachment_kinds)), row.created_at)
        known = tx.db.execute(
            "SELECT chat_type, creator, text, attachment_kinds, created_at FROM mass_send_record"
            " WHERE account_id = ? AND external_id = ?",
            (account_id, row.platform_id),
        ).fetchone()
        if known is not None and tuple(known) == values:
            continue
        new, changed = new + (known is None), changed + (known is not None)
        tx.db.execute(
            "INSERT INTO mass_send_record (account_id, external_id, chat_type, creator, text,"
            " attachment_kinds, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (account_id, external_id) DO UPDATE SET chat_type = excluded.chat_type,"
            " creator = excluded.creator, text = excluded.text,"
            " attachment_kinds = excluded.attachment_kinds, created_at = excluded.created_at",
            (account_id, row.platform_id, *values),
        )
    if new or changed:
        tx.touch(Topic.OUTBOX)
    return new, changed


def link_to_items(tx: Transaction, account_id: int) -> int:
    """Find the outbox item of each record by the platform's own id; how many were found now."""
    cursor = tx.db.execute(
        "UPDATE mass_send_record SET outbox_id = (SELECT o.id FROM outbox o"
        " WHERE o.account_id = mass_send_record.account_id AND o.platform_id = external_id LIMIT 1)"
        " WHERE account_id = ? AND outbox_id IS NULL AND EXISTS (SELECT 1 FROM outbox o"
        " WHERE o.account_id = mass_send_record.account_id AND o.platform_id = external_id)",
        (account_id,),
    )
    if cursor.rowcount:
        tx.touch(Topic.OUTBOX)
    return int(cursor.rowcount)


def open_records(conn: Any, account_id: int, since: int, limit: int) -> list[OpenRecord]:
    """Records since a moment that are not all confirmed, the longest uncounted first."""
    rows = conn.execute(
        "SELECT id, external_id, outbox_id FROM mass_send_record WHERE account_id = ? AND created_at >= ?"
        " AND (staff_asked IS NULL OR staff_asked = 0 OR staff_confirmed < staff_asked)"
        " ORDER BY counted_at IS NOT NULL, counted_at, created_at DESC LIMIT ?",
        (account_id, since, limit),
    )
    return [OpenRecord(row["id"], row["external_id"], row["outbox_id"] is not None) for row in rows]


def keep_counts(tx: Transaction, record_id: int, counts: Counts) -> bool:
    """Note how far a record got; whether that is news. None leaves the receivers as they are known."""
    known = tx.db.execute(
        "SELECT staff_asked, staff_confirmed, targets_sent, targets_failed FROM mass_send_record WHERE id = ?",
        (record_id,),
    ).fetchone()
    values = (
        counts.staff_asked,
        counts.staff_confirmed,
        known["targets_sent"] if counts.sent is None else counts.sent,
        known["targets_failed"] if counts.failed is None else counts.failed,
    )
    tx.db.execute(
        "UPDATE mass_send_record SET staff_asked = ?, staff_confirmed = ?, targets_sent = ?,"
        " targets_failed = ?, counted_at = ? WHERE id = ?",
        (*values, tx.now_ms, record_id),
    )
    if tuple(known) == values:
        return False
    tx.touch(Topic.OUTBOX)
    return True
