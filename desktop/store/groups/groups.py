"""Fan groups: who is in them, who joined and left, what they buy and say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.clock import day_start_ms
from desktop.domain.errors import NotFoundError
from desktop.domain.groups import LIVELY_SIZE, GroupRow, HealthRule, MemberRow, health_of
from desktop.domain.periods import DAY_MS, today
from desktop.store.transaction import Transaction

SPOKEN = "('group_message', 'group_help')"

SQL = """
WITH people AS MATERIALIZED (
    SELECT DISTINCT m.group_id, i.fan_id FROM group_member AS m JOIN identity AS i ON i.id = m.identity_id
    WHERE m.left_at IS NULL AND m.kind = 'fan' AND (:group_id IS NULL OR m.group_id = :group_id)),
buying AS MATERIALIZED (
    SELECT p.group_id, sum(s.orders > 0) AS buyers, sum(s.spend_cents) AS spend_cents
    FROM people AS p JOIN fan_stats AS s ON s.fan_id = p.fan_id GROUP BY p.group_id)
SELECT g.id, g.uid, g.external_id, g.name, g.kind, g.founded_at,
    coalesce(a.platform, '') AS platform, coalesce(a.name, '') AS account_name,
    coalesce(nullif(owner.name, ''), owner.external_id, '') AS owner_name,
    count(m.external_id) FILTER (WHERE m.left_at IS NULL AND m.kind = 'fan') AS fans,
    count(m.external_id) FILTER (WHERE m.left_at IS NULL AND m.kind = 'staff') AS staff,
    count(m.external_id) FILTER
        (WHERE m.left_at IS NULL AND m.kind = 'fan' AND i.fan_id IS NULL) AS unknown_members,
    count(m.external_id) FILTER
        (WHERE m.left_at IS NULL AND m.kind = 'fan' AND m.joined_at >= :week) AS joined_7,
    count(m.external_id) FILTER
        (WHERE m.left_at IS NULL AND m.kind = 'fan' AND m.joined_at >= :month) AS joined_30,
    count(m.external_id) FILTER (WHERE m.kind = 'fan' AND m.left_at >= :month) AS left_30,
    coalesce(max(b.buyers), 0) AS buyers, coalesce(max(b.spend_cents), 0) AS spend_cents, g.member_count
FROM fan_group AS g
LEFT JOIN account AS a ON a.id = g.account_id
LEFT JOIN staff AS owner ON owner.id = g.owner_staff_id
LEFT JOIN group_member AS m ON m.group_id = g.id
LEFT JOIN identity AS i ON i.id = m.identity_id
LEFT JOIN buying AS b ON b.group_id = g.id
WHERE g.removed_at IS NULL AND (:group_id IS NULL OR g.id = :group_id)
GROUP BY g.id ORDER BY fans DESC, g.id
"""

MESSAGES = f"""
SELECT group_id, coalesce(sum(quantity) FILTER (WHERE at >= :week), 0),
    count(DISTINCT fan_id) FILTER (WHERE at >= :week), max(at)
FROM interaction WHERE kind IN {SPOKEN} AND group_id IS NOT NULL AND at <= :now GROUP BY group_id
"""


@dataclass(frozen=True, slots=True)
class WeekCount:
    """A week that ends with `last`: fans who joined (and are still in), left, and messages."""

    last: date
    joined: int
    left: int
    messages: int | None


def groups(
    conn: Any, now_ms: int, group_id: int | None = None, rule: HealthRule | None = None
) -> list[GroupRow]:
    """Every live group, the largest first. Days are 24 hours back from now."""
    times = {"week": now_ms - 7 * DAY_MS, "month": now_ms - 30 * DAY_MS, "group_id": group_id}
    spoken = {row[0]: row[1:] for row in map(tuple, conn.execute(MESSAGES, {**times, "now": now_ms}))}
    found = conn.execute(SQL, times)
    return [_group(row, spoken, now_ms, rule or HealthRule()) for row in found]


def group(conn: Any, group_id: int, now_ms: int) -> GroupRow:
    """One group. Raises NotFoundError('group_missing')."""
    found = groups(conn, now_ms, group_id)
    if not found:
        raise NotFoundError("group_missing", group_id=group_id)
    return found[0]


def _group(row: Any, spoken: dict[int, tuple[Any, ...]], now_ms: int, rule: HealthRule) -> GroupRow:
    messages: int | None = None
    speakers: int | None = None
    last: int | None = None
    if spoken:  # some messages are known, so silence elsewhere means silence
        messages, speakers, last = spoken.get(row["id"], (0, 0, None))
    fans = row["fans"] if row["member_count"] is None else row["member_count"]
    return GroupRow(
        group_id=row["id"],
        uid=row["uid"],
        external_id=row["external_id"],
        name=row["name"],
        kind=row["kind"],
        platform=row["platform"],
        account_name=row["account_name"],
        owner_name=row["owner_name"],
        founded_at=row["founded_at"],
        fans=fans,
        staff=row["staff"],
        unknown_members=row["unknown_members"],
        joined_7_days=row["joined_7"],
        joined_30_days=row["joined_30"],
        left_30_days=row["left_30"],
        buyers=row["buyers"],
        spend_cents=row["spend_cents"],
        messages_7_days=messages,
        speakers_7_days=speakers,
        last_message_at=last,
        health=health_of(fans, speakers, last, now_ms, rule),
        is_crowded=fans + row["staff"] > LIVELY_SIZE,
        names_members=row["member_count"] is None,
    )


def members(conn: Any, group_id: int, *, limit: int, offset: int = 0) -> list[MemberRow]:
    """Those who are in the group now: best buyers first, staff last."""
    found = conn.execute(
        "SELECT m.external_id, m.kind, coalesce(nullif(f.name, ''), nullif(m.name, ''), ''),"
        " m.group_nickname, m.joined_at, m.join_scene, f.id, f.tier, coalesce(s.orders, 0),"
        " coalesce(s.spend_cents, 0), s.last_order_at"
        " FROM group_member AS m LEFT JOIN identity AS i ON i.id = m.identity_id"
        " LEFT JOIN fan AS f ON f.id = i.fan_id AND f.removed_at IS NULL"
        " LEFT JOIN fan_stats AS s ON s.fan_id = f.id"
        " WHERE m.group_id = ? AND m.left_at IS NULL"
        " ORDER BY m.kind, coalesce(s.spend_cents, 0) DESC, m.joined_at, m.external_id LIMIT ? OFFSET ?",
        (group_id, limit, offset),
    )
    return [MemberRow(*row) for row in found]


def weeks(conn: Any, group_id: int, now_ms: int, zone: str, count: int = 12) -> list[WeekCount]:
    """The last `count` weeks, each ending with the weekday of today, oldest first."""
    day = today(now_ms, zone)
    known = conn.execute(
        f"SELECT 1 FROM interaction WHERE kind IN {SPOKEN} AND group_id IS NOT NULL LIMIT 1"
    ).fetchone()
    found = []
    for back in range(count - 1, -1, -1):
        last = day - timedelta(days=7 * back)
        span = {
            "group_id": group_id,
            "start": day_start_ms(last - timedelta(days=6), zone),
            "end": day_start_ms(last + timedelta(days=1), zone),
        }
        row = conn.execute(
            "SELECT coalesce(sum(joined_at >= :start AND joined_at < :end AND left_at IS NULL), 0),"
            " coalesce(sum(left_at >= :start AND left_at < :end), 0)"
            " FROM group_member WHERE group_id = :group_id AND kind = 'fan'",
            span,
        ).fetchone()
        spoken = conn.execute(
            f"SELECT coalesce(sum(quantity), 0) FROM interaction WHERE kind IN {SPOKEN}"
            " AND group_id = :group_id AND at >= :start AND at < :end",
            span,
        ).fetchone()
        found.append(WeekCount(last, row[0], row[1], spoken[0] if known else None))
    return found


def set_kind(tx: Transaction, group_id: int, kind: str | None) -> None:
    """Say what a group is for. Raises NotFoundError('group_missing')."""
    row = tx.db.execute(
        "SELECT kind FROM fan_group WHERE id = ? AND removed_at IS NULL", (group_id,)
    ).fetchone()
    if row is None:
        raise NotFoundError("group_missing", group_id=group_id)
    tx.replaced = {"group_id": group_id, "kind": row["kind"]}
    tx.db.execute("UPDATE fan_group SET kind = ? WHERE id = ?", (kind, group_id))
    tx.touch(Topic.GROUP, [group_id])
