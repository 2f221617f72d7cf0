"""Per-recipient rows of outbox items: planned at confirm, changed by what the platform says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.mass_send import TargetResult
from desktop.domain.outbox_items import Delivery, DeliveryCounts
from desktop.store.transaction import Transaction


def accepted(tx: Transaction, item_id: int, refused: Iterable[str], *, by_staff: bool = True) -> None:
    """The platform took it: everyone waits for the staff (or has it), except those the platform refused."""
    tx.db.execute(
        "UPDATE delivery SET status = ?, updated_at = ? WHERE outbox_id = ?"
        " AND status IN ('planned', 'unknown')",
        ("waiting_staff" if by_staff else "sent", tx.now_ms, item_id),
    )
    set_status(tx, item_id, refused, "refused")


def set_status(tx: Transaction, item_id: int, targets: Iterable[str], status: str) -> None:
    """Put these recipients to one status."""
    tx.db.conn.executemany(
        "UPDATE delivery SET status = ?, updated_at = ? WHERE outbox_id = ? AND target_external_id = ?",
        [(status, tx.now_ms, item_id, target) for target in targets],
    )


def refuse_all(tx: Transaction, item_id: int) -> None:
    """What the platform took came to nothing: whoever waited for it gets nothing."""
    tx.db.execute(
        "UPDATE delivery SET status = 'refused', updated_at = ? WHERE outbox_id = ?"
        " AND status IN ('waiting_staff', 'unknown')",
        (tx.now_ms, item_id),
    )
    tx.touch(Topic.OUTBOX, [item_id])
    tx.touch(Topic.POST)


def apply_results(tx: Transaction, item_id: int, results: Sequence[TargetResult]) -> int:
    """What the platform says of each recipient; how many rows changed. A final word is never undone."""
    changed = 0
    for result in results:
        if result.status == "waiting":
            continue
        cursor = tx.db.execute(
            "UPDATE delivery SET status = ?, sent_at = ?, staff_external_id = ?, updated_at = ?"
            " WHERE outbox_id = ? AND target_external_id = ? AND status <> ?"
            " AND status NOT IN ('sent', 'not_friend', 'over_limit', 'refused')",
            (
                result.status,
                result.sent_at,
                result.staff_external_id,
                tx.now_ms,
                item_id,
                result.target_external_id,
                result.status,
            ),
        )
        changed += cursor.rowcount
    if changed:
        tx.touch(Topic.OUTBOX, [item_id])
        tx.touch(Topic.POST)
        tx.touch(Topic.DROP)
    return changed


def of_item(conn: Any, item_id: int, limit: int = 500) -> list[Delivery]:
    """Recipients of an item with the names the shop knows."""
    rows = conn.execute(
        "SELECT d.*, coalesce(f.name, g.name, (SELECT coalesce(nullif(s.name, ''), s.external_id)"
        " FROM staff s JOIN outbox o ON o.account_id = s.account_id WHERE o.id = d.outbox_id"
        " AND d.target_kind = 'staff' AND s.external_id = d.target_external_id), '') AS name FROM delivery d"
        " LEFT JOIN identity i ON i.id = d.identity_id LEFT JOIN fan f ON f.id = i.fan_id"
        " LEFT JOIN fan_group g ON g.id = d.group_id WHERE d.outbox_id = ?"
        " ORDER BY d.status, d.target_external_id LIMIT ?",
        (item_id, limit),
    )
    return [
        Delivery(
            row["target_kind"],
            row["target_external_id"],
            row["name"],
            row["status"],
            row["staff_external_id"],
            row["sent_at"],
            row["identity_id"],
            row["group_id"],
        )
        for row in rows
    ]


def counts_of_items(conn: Any, item_ids: Sequence[int]) -> dict[int, DeliveryCounts]:
    """Recipients by status, per item."""
    if not item_ids:
        return {}
    rows = conn.execute(
        "SELECT outbox_id, status, count(*) AS n FROM delivery"
        " WHERE outbox_id IN (SELECT value FROM json_each(?)) GROUP BY outbox_id, status",
        (json.dumps(list(item_ids)),),
    )
    found: dict[int, dict[str, int]] = {item_id: {} for item_id in item_ids}
    for row in rows:
        found[row["outbox_id"]][row["status"]] = row["n"]
    return {item_id: DeliveryCounts(**counts) for item_id, counts in found.items()}


def awaiting_staff(conn: Any, account_id: int, since: int, limit: int) -> list[tuple[int, str]]:
    """(item id, platform id) of accepted mass sends with recipients still open, newest first."""
    rows = conn.execute(
        "SELECT o.id, o.platform_id FROM outbox o WHERE o.account_id = ? AND o.state = 'done'"
        " AND o.platform_id IS NOT NULL AND o.confirmed_at >= ?"
        " AND o.kind IN ('wecom.mass_send.single', 'wecom.mass_send.group')"
        " AND EXISTS (SELECT 1 FROM delivery d"
        " WHERE d.outbox_id = o.id AND d.status IN ('waiting_staff', 'unknown'))"
        " ORDER BY o.id DESC LIMIT ?",
        (account_id, since, limit),
    )
    return [(row["id"], row["platform_id"]) for row in rows]


def moments_open(conn: Any, account_id: int, since: int, limit: int) -> list[tuple[int, str]]:
    """(item id, platform id) of moments handed over that some staff have not published, newest first."""
    rows = conn.execute(
        "SELECT o.id, o.platform_id FROM outbox o WHERE o.account_id = ? AND o.kind = 'wecom.moment'"
        " AND o.state = 'done' AND o.platform_id IS NOT NULL AND o.confirmed_at >= ? AND EXISTS ("
        " SELECT 1 FROM delivery d WHERE d.outbox_id = o.id AND d.status = 'waiting_staff')"
        " ORDER BY o.id DESC LIMIT ?",
        (account_id, since, limit),
    )
    return [(row["id"], row["platform_id"]) for row in rows]


def is_stopped(conn: Any, item_id: int) -> bool:
    """Whether the platform was told to send or publish no more of it, and did."""
    found = conn.execute(
        "SELECT 1 FROM outbox WHERE entity = 'outbox' AND entity_id = ? AND state = 'done'"
        " AND kind IN ('wecom.mass_send.cancel', 'wecom.moment.cancel')",
        (item_id,),
    ).fetchone()
    return found is not None


def end_waiting(tx: Transaction, item_id: int, status: str) -> int:
    """Who still waited for the staff will not get it, or (`unknown`) may have got it before; how many."""
    cursor = tx.db.execute(
        "UPDATE delivery SET status = ?, updated_at = ? WHERE outbox_id = ? AND status = 'waiting_staff'",
        (status, tx.now_ms, item_id),
    )
    if cursor.rowcount:
        tx.touch(Topic.OUTBOX, [item_id])
    return int(cursor.rowcount)


def planned(conn: Any, item_id: int) -> set[str]:
    """Recipients that have not been handed over yet."""
    rows = conn.execute(
        "SELECT target_external_id FROM delivery WHERE outbox_id = ? AND status = 'planned'", (item_id,)
    )
    return {row["target_external_id"] for row in rows}
