"""What a turn asks of the outbox before each item: the queue, what goes first, what is proven already."""

from __future__ import annotations

from typing import Any

from desktop.domain.outbox import State
from desktop.domain.outbox_items import OutboxItem, Queued
from desktop.store.sends import outbox as outbox_rows

STATES = {state.value: state for state in State}


def queue(conn: Any, account_id: int) -> list[Queued]:
    """Every unsettled item of an account in confirm order, in as few words as a turn needs."""
    rows = conn.execute(
        "SELECT id, uid, kind, state, order_key, hold_until, not_before, next_attempt_at FROM outbox"
        " WHERE account_id = ? AND state IN ('confirmed', 'queued', 'in_flight', 'unknown', 'held')"
        " ORDER BY id",
        (account_id,),
    )
    return [Queued(r[0], r[1], r[2], STATES[r[3]], *tuple(r)[4:]) for r in rows]


def state_of(conn: Any, uid: str) -> State | None:
    """The state of an item by uid; None when there is none."""
    row = conn.execute("SELECT state FROM outbox WHERE uid = ?", (uid,)).fetchone()
    return None if row is None else STATES[row["state"]]


def platform_id_of(conn: Any, uid: str | None) -> str:
    """What the platform calls what an item made; '' while it made nothing."""
    row = conn.execute("SELECT platform_id FROM outbox WHERE uid = ?", (uid,)).fetchone()
    return "" if row is None else str(row["platform_id"] or "")


def earlier_to_same_target(conn: Any, item: OutboxItem, now: int) -> str | None:
    """The uid of an earlier item to one of this item's targets whose time has come and whose end is open."""
    row = conn.execute(
        "SELECT o.uid FROM outbox o WHERE o.account_id = ? AND o.id < ? AND o.not_before <= ?"
        " AND o.state IN ('queued', 'in_flight', 'unknown') AND EXISTS ("
        " SELECT 1 FROM delivery mine JOIN delivery theirs"
        " ON theirs.outbox_id = o.id AND theirs.target_external_id = mine.target_external_id"
        " WHERE mine.outbox_id = ? AND mine.status = 'planned') ORDER BY o.id LIMIT 1",
        (item.account_id, item.id, now, item.id),
    ).fetchone()
    return None if row is None else str(row["uid"])


def doubts_before(conn: Any, item: OutboxItem) -> list[tuple[str, int]]:
    """(kind, end in UTC ms) of attempts at earlier items of the same thing that ended without an outcome.

    Whatever was found out since: an attempt that was in doubt once is named.
    """
    rows = conn.execute(
        "SELECT o.kind, a.ended_at FROM outbox o JOIN attempt a ON a.outbox_id = o.id"
        " WHERE o.account_id = ? AND o.order_key = ? AND o.id < ? AND a.ended_at IS NOT NULL"
        " AND (a.outcome = 'U' OR json_extract(a.detail, '$.was') = 'U')",
        (item.account_id, item.order_key, item.id),
    )
    return [(row["kind"], row["ended_at"]) for row in rows]


def taken_platform_ids(conn: Any, account_id: int) -> set[str]:
    """Task ids already proven to be some item's."""
    rows = conn.execute(
        "SELECT platform_id FROM outbox WHERE account_id = ? AND platform_id IS NOT NULL", (account_id,)
    )
    return {row["platform_id"] for row in rows}


def attested_sent(conn: Any, account_id: int, kind: str, since: int) -> list[OutboxItem]:
    """Items of a kind that a person said were sent, with payload: whose row at the platform is not known."""
    rows = conn.execute(
        f"SELECT {outbox_rows.COLUMNS}, payload FROM outbox WHERE account_id = ? AND kind = ?"
        " AND state = 'done' AND platform_id IS NULL AND settled_at >= ? ORDER BY id",
        (account_id, kind, since),
    )
    return [outbox_rows.item_of(row) for row in rows.fetchall()]


def last_event_at(conn: Any) -> int:
    """The latest moment this file knows of; a clock that shows less cannot be right."""
    row = conn.execute(
        "SELECT max(coalesce((SELECT max(at) FROM operation), 0),"
        " coalesce((SELECT max(started_at) FROM attempt), 0),"
        " coalesce((SELECT max(updated_at) FROM outbox), 0))"
    ).fetchone()
    return int(row[0])
