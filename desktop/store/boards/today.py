"""What asks for the owner's attention, read from the rows of every area."""

from __future__ import annotations

import json
from typing import Any

from desktop.domain.grants import warning
from desktop.domain.home import OVERDUE, TodayItem, TodayKind
from desktop.domain.periods import DAY_MS
from desktop.domain.talks import ANSWER_WITHIN_MS
from desktop.store import talks
from desktop.store.accounts import grants

AHEAD_MS = DAY_MS  # how far ahead the list looks
STALE_SYNC_MS = 3 * DAY_MS
REJECTIONS_MS = 7 * DAY_MS

OUTBOX_KINDS = {
    "unknown": (TodayKind.OUTBOX_UNKNOWN, "outbox.reconcile"),
    "missed": (TodayKind.OUTBOX_MISSED, "outbox.reschedule"),
    "rejected": (TodayKind.OUTBOX_REJECTED, "outbox.open"),
    "held": (TodayKind.OUTBOX_HELD, "outbox.review"),
}


def items(conn: Any, now_ms: int) -> list[TodayItem]:
    """Everything that is late, due within a day, or waiting; not yet in order."""
    return [
        *outbox_items(conn, now_ms),
        *waiting_items(conn),
        *drop_items(conn, now_ms),
        *talk_items(conn, now_ms),
        *account_items(conn, now_ms),
        *import_items(conn, now_ms),
    ]


# A missed one whose post or drop is a draft again has its new time and only waits to be confirmed.
NEW_TIME = (
    "EXISTS (SELECT 1 FROM post WHERE o.entity = 'post' AND id = o.entity_id AND state = 'draft'"
    " UNION SELECT 1 FROM welfare_drop WHERE o.entity = 'drop' AND id = o.entity_id AND state = 'draft')"
)


def outbox_items(conn: Any, now_ms: int) -> list[TodayItem]:
    """Sends that went wrong or are held, and sends due within a day."""
    found: list[TodayItem] = []
    for row in conn.execute(
        "SELECT o.id, o.uid, o.state, o.kind, o.entity, o.entity_id, o.not_before, o.reason,"
        " coalesce(nullif((SELECT title FROM post WHERE o.entity = 'post' AND id = o.entity_id), ''),"
        "   (SELECT item FROM welfare_drop WHERE o.entity = 'drop' AND id = o.entity_id),"
        "   json_extract(o.summary, '$.title'), '') AS title"
        " FROM outbox AS o WHERE o.replaced_by IS NULL AND (o.state IN ('unknown', 'held')"
        f"   OR (o.state = 'missed' AND NOT {NEW_TIME})"
        "   OR (o.state = 'rejected' AND o.updated_at >= ?)"
        "   OR (o.state IN ('confirmed', 'queued') AND o.not_before < ?)) ORDER BY o.id",
        (now_ms - REJECTIONS_MS, now_ms + AHEAD_MS),
    ):
        kind, action = OUTBOX_KINDS.get(row["state"], (TodayKind.SEND_DUE, "sync.run"))
        found.append(
            TodayItem(
                kind=kind,
                action=action,
                due_at=row["not_before"],
                entity="outbox",
                entity_id=row["id"],
                entity_uid=row["uid"],
                params={"title": row["title"], "of": row["entity"], "write": row["kind"]},
                is_overdue=kind in OVERDUE or row["not_before"] <= now_ms,
            )
        )
    return found


def waiting_items(conn: Any) -> list[TodayItem]:
    """Accepted sends that staff have not confirmed on their phones yet."""
    return [
        TodayItem(
            kind=TodayKind.WAITING_STAFF,
            action="outbox.open",
            due_at=row["since"],
            entity="outbox",
            entity_id=row["id"],
            entity_uid=row["uid"],
            params={"n": row["n"], "staff": row["staff"]},
        )
        for row in conn.execute(
            "SELECT o.id, o.uid, count(*) AS n, count(DISTINCT d.staff_external_id) AS staff,"
            " coalesce(o.settled_at, o.updated_at) AS since FROM delivery AS d"
            " JOIN outbox AS o ON o.id = d.outbox_id WHERE d.status = 'waiting_staff'"
            " GROUP BY o.id ORDER BY o.id"
        )
    ]


def drop_items(conn: Any, now_ms: int) -> list[TodayItem]:
    """Drops that open within a day, those still unconfirmed, and ended ones to look back on."""
    found = []
    for row in conn.execute(
        "SELECT id, uid, item, state, opens_at, window_minutes, price_cents, stock FROM welfare_drop"
        " WHERE removed_at IS NULL AND state <> 'cancelled' AND opens_at IS NOT NULL AND settled_at IS NULL"
        " AND opens_at < ? ORDER BY opens_at, id",
        (now_ms + AHEAD_MS,),
    ):
        ends = row["opens_at"] + row["window_minutes"] * 60_000
        if ends > now_ms:
            is_draft = row["state"] == "draft"
            kind = TodayKind.DROP_UNCONFIRMED if is_draft else TodayKind.DROP_OPENS
            action, due = ("drop.confirm" if is_draft else "drop.open"), row["opens_at"]
        elif row["state"] == "confirmed":
            kind, action, due = TodayKind.DROP_UNSETTLED, "drop.settle", ends
        else:
            continue
        at_stake = (row["price_cents"] or 0) * (row["stock"] or 0)
        found.append(
            TodayItem(
                kind=kind,
                action=action,
                due_at=due,
                cents=at_stake or None,
                entity="drop",
                entity_id=row["id"],
                entity_uid=row["uid"],
                params={"item": row["item"]},
                is_overdue=due <= now_ms,
            )
        )
    return found


def talk_items(conn: Any, now_ms: int) -> list[TodayItem]:
    """One line for all customers who wait for an answer, due when the first has waited too long."""
    waiting = talks.waiting_since(conn, now_ms)
    if not waiting:
        return []
    first_id, since = min(waiting.items(), key=lambda pair: pair[1])
    first = next(iter(talks.rows_of(conn, [first_id])))
    return [
        TodayItem(
            kind=TodayKind.TALKS_WAITING,
            action="talks.open",
            due_at=since + ANSWER_WITHIN_MS,
            entity="conversation",
            entity_id=first_id,
            entity_uid=first.uid,
            params={"n": len(waiting), "name": first.name},
            is_overdue=now_ms >= since + ANSWER_WITHIN_MS,
        )
    ]


def account_items(conn: Any, now_ms: int) -> list[TodayItem]:
    """Accounts that were refused, failed last time, were not synced for days, or whose owner must scan soon."""
    found = []
    ending = {account_id: warning(life, now_ms) for account_id, _, _, life in grants.all_of(conn)}
    for row in conn.execute(
        "SELECT id, uid, name, platform, state, last_error_code, last_sync_at, created_at FROM account"
        " WHERE removed_at IS NULL AND state <> 'disabled' ORDER BY id"
    ):
        last = row["last_sync_at"] if row["last_sync_at"] is not None else row["created_at"]
        is_refused = row["state"] == "refused"
        ends = ending.get(int(row["id"]))
        if not (is_refused or row["last_error_code"] or ends or last < now_ms - STALE_SYNC_MS):
            continue
        why = "refused" if is_refused else ("failed" if row["last_error_code"] else "stale")
        action = "account.open" if is_refused else "sync.run"
        if ends:
            why, action = f"grant_{ends.value}", "account.authorise"
        found.append(
            TodayItem(
                kind=TodayKind.ACCOUNT,
                action=action,
                due_at=last,
                entity="account",
                entity_id=row["id"],
                entity_uid=row["uid"],
                params={"name": row["name"], "why": why, "days": (now_ms - last) // DAY_MS},
                is_overdue=why not in ("stale", "grant_week"),
            )
        )
    return found


def import_items(conn: Any, now_ms: int) -> list[TodayItem]:
    """Imports of the last week of which rows were rejected."""
    return [
        TodayItem(
            kind=TodayKind.IMPORT_REJECTIONS,
            action="import.open",
            due_at=row["at"],
            entity="import",
            entity_id=row["id"],
            entity_uid=row["uid"],
            params={"file": row["file_name"], "n": json.loads(row["counts"])["rejected"]},
        )
        for row in conn.execute(
            "SELECT id, uid, file_name, at, counts FROM import_batch WHERE undone_at IS NULL AND at >= ?"
            " AND coalesce(json_extract(counts, '$.rejected'), 0) > 0 ORDER BY id",
            (now_ms - REJECTIONS_MS,),
        )
    ]
