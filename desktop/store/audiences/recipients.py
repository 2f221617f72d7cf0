"""Whom a post reaches and a drop's groups: reachable, and left out with the reason. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.audience import Audience
from desktop.domain.clock import local_day
from desktop.domain.drops import GroupFacts
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.domain.quota import QuotaRule, window_of
from desktop.domain.recipients import AudienceCount, Recipient
from desktop.domain.segments.facts import AsOf
from desktop.store.audiences.audience import compiled
from desktop.store.consents.contact_rules import barred

# Sends of these states took place, or still may.
LIVE_STATES = "('confirmed', 'queued', 'in_flight', 'done', 'unknown', 'held')"
GONE_STATES = "('in_flight', 'done', 'unknown')"
COUNTED_STATUSES = "('planned', 'waiting_staff', 'sent', 'unknown')"
REACH_KINDS = "('wecom.mass_send.single', 'wecom.mass_send.group')"  # what the monthly quota counts
# How often each identity was reached in a window, without the post in question.
USED = f"""
    SELECT d.identity_id, count(*) AS n FROM outbox o JOIN delivery d ON d.outbox_id = o.id
    WHERE o.account_id = :account AND o.not_before >= :since AND o.state IN {LIVE_STATES}
        AND o.kind IN {REACH_KINDS} AND d.target_kind = 'fan' AND d.status IN {COUNTED_STATUSES}
        AND coalesce(d.sent_at, o.not_before) >= :start AND coalesce(d.sent_at, o.not_before) < :end
        AND NOT (o.entity = 'post' AND o.entity_id = :post)
    GROUP BY d.identity_id"""
MONTH_MS = 31 * 86_400_000
SAMPLE = 5


@dataclass(frozen=True, slots=True)
class AccountRow:
    """The account that a send leaves from."""

    id: int
    uid: str
    platform: str
    name: str
    external_id: str
    state: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What decides who is reachable: account, moment, quota window, and the post that must not double."""

    account: AccountRow
    rule: QuotaRule | None
    cap: int
    window: tuple[int, int]
    as_of: AsOf
    post_id: int | None = None


def reach_of(
    account: AccountRow, rule: QuotaRule | None, at: int, zone: str, post_id: int | None = None
) -> Reach:
    """Reach for a send at a moment."""
    as_of = AsOf(at, zone)
    if rule is None:
        return Reach(account, None, 0, (0, 0), as_of, post_id)
    window = window_of(rule, at, zone)
    from_day = window[0] + 12 * 3_600_000
    return Reach(account, rule, rule.cap_on(local_day(from_day, zone)), window, as_of, post_id)


def account_for(conn: Any, uid: str | None, platform: str = "wecom") -> AccountRow | None:
    """The named account (uid, name or the platform's id), or the only one there is.

    Raises NotFoundError('account_missing') for a name nobody has; ConflictError('account_choose')
    when several could be meant; None when there is no account yet.
    """
    rows = [
        AccountRow(r["id"], r["uid"], r["platform"], r["name"], r["external_id"], r["state"])
        for r in conn.execute(
            "SELECT id, uid, platform, name, external_id, state FROM account"
            " WHERE platform = ? AND removed_at IS NULL ORDER BY id",
            (platform,),
        )
    ]
    if uid:
        named = [a for a in rows if uid == a.uid] or [a for a in rows if uid in (a.name, a.external_id)]
        if not named:
            raise NotFoundError("account_missing", account=uid)
        if len(named) > 1:
            raise ConflictError("account_choose", accounts=[a.name for a in named])
        return named[0]
    usable = [account for account in rows if account.state != "disabled"]
    if len(usable) > 1:
        raise ConflictError("account_choose", accounts=[a.name for a in usable])
    return usable[0] if usable else None


def account_by_id(conn: Any, account_id: int) -> AccountRow | None:
    """One account by local id."""
    r = conn.execute(
        "SELECT id, uid, platform, name, external_id, state FROM account WHERE id = ?", (account_id,)
    ).fetchone()
    return None if r is None else AccountRow(r["id"], r["uid"], r["platform"], r["name"], r[4], r["state"])


def count(conn: Any, audience: Audience, reach: Reach) -> AudienceCount:
    """How an audience splits, each fan counted once."""
    sql, params = _classified(conn, audience, reach)
    counts = {
        row["category"]: row["n"]
        for row in conn.execute(
            f"{sql} SELECT category, count(*) AS n FROM split GROUP BY category", params
        )
    }
    sample = conn.execute(
        f"{sql} SELECT name FROM split WHERE category = 'reachable' ORDER BY fan_id LIMIT {SAMPLE}", params
    )
    return AudienceCount(
        total=sum(counts.values()),
        sample=tuple(row["name"] for row in sample),
        quota_rule=reach.rule.key if reach.rule else "",
        quota_cap=reach.cap,
        **counts,
    )


def recipients(conn: Any, audience: Audience, reach: Reach) -> list[Recipient]:
    """Everyone reachable, by fan id."""
    sql, params = _classified(conn, audience, reach)
    rows = conn.execute(
        f"{sql} SELECT s.fan_id, s.name, s.identity_id, i.external_id FROM split s"
        " JOIN identity i ON i.id = s.identity_id WHERE s.category = 'reachable' ORDER BY s.fan_id",
        params,
    )
    return [Recipient(row["fan_id"], row["name"], row["identity_id"], row["external_id"]) for row in rows]


def used_up(conn: Any, reach: Reach) -> list[int]:
    """Fans of the account to whom this window's sends have gone, or are planned; none where there is no cap."""
    if reach.rule is None or not reach.cap:
        return []
    rows = conn.execute(
        f"SELECT i.fan_id FROM ({USED}) AS u JOIN identity AS i ON i.id = u.identity_id"
        " GROUP BY i.fan_id HAVING max(u.n) >= :cap",
        {
            "account": reach.account.id,
            "since": reach.window[0] - MONTH_MS,
            "start": reach.window[0],
            "end": reach.window[1],
            "cap": reach.cap,
            "post": -1,
        },
    )
    return [row[0] for row in rows]


def unreachable_now(conn: Any, item_id: int, reach: Reach) -> dict[str, str]:
    """Recipients of a frozen item who must not get it any more: external id → 'refused' or 'over_limit'."""
    rows = conn.execute(
        "SELECT d.target_external_id AS target, f.removed_at, i.removed_at AS identity_gone,"
        f" {barred('f', 'mass_send')} AS why,"
        " (SELECT count(*) FROM delivery d2 JOIN outbox o ON o.id = d2.outbox_id"
        "  WHERE d2.identity_id = d.identity_id AND o.id <> d.outbox_id"
        f" AND o.kind IN {REACH_KINDS} AND o.state IN {GONE_STATES} AND d2.status IN {COUNTED_STATUSES}"
        "  AND coalesce(d2.sent_at, o.not_before) >= :start AND coalesce(d2.sent_at, o.not_before) < :end)"
        " AS used FROM delivery d JOIN identity i ON i.id = d.identity_id JOIN fan f ON f.id = i.fan_id"
        " WHERE d.outbox_id = :item AND d.target_kind = 'fan'",
        {"item": item_id, "start": reach.window[0], "end": reach.window[1]},
    )
    found: dict[str, str] = {}
    for row in rows:
        if row["why"] or row["removed_at"] or row["identity_gone"]:
            found[row["target"]] = "refused"
        elif reach.cap and row["used"] >= reach.cap:
            found[row["target"]] = "over_limit"
    return found


def groups_over_quota(conn: Any, item_id: int, reach: Reach) -> dict[str, str]:
    """Groups of a frozen item that are gone or over quota: external id → status."""
    rows = conn.execute(
        "SELECT d.target_external_id AS target, g.removed_at,"
        " (SELECT count(*) FROM delivery d2 JOIN outbox o ON o.id = d2.outbox_id"
        "  WHERE d2.group_id = d.group_id AND d2.target_kind = 'group' AND o.id <> d.outbox_id"
        f" AND o.kind IN {REACH_KINDS} AND o.state IN {GONE_STATES} AND d2.status IN {COUNTED_STATUSES}"
        "  AND coalesce(d2.sent_at, o.not_before) >= :start AND coalesce(d2.sent_at, o.not_before) < :end)"
        " AS used FROM delivery d JOIN fan_group g ON g.id = d.group_id"
        " WHERE d.outbox_id = :item AND d.target_kind = 'group'",
        {"item": item_id, "start": reach.window[0], "end": reach.window[1]},
    )
    found: dict[str, str] = {}
    for row in rows:
        if row["removed_at"]:
            found[row["target"]] = "refused"
        elif reach.cap and row["used"] >= reach.cap:
            found[row["target"]] = "over_limit"
    return found


def group_facts(
    conn: Any, group_ids: Sequence[int], near: tuple[int, int], reach: Reach | None, drop_id: int | None
) -> list[GroupFacts]:
    """The target groups in the order given, with sends to them inside `near` that are not this drop's."""
    found = []
    for group_id in group_ids:
        row = conn.execute(
            "SELECT g.id, g.external_id, g.name, g.account_id, g.removed_at, s.external_id AS owner"
            " FROM fan_group g LEFT JOIN staff s ON s.id = g.owner_staff_id WHERE g.id = ?",
            (group_id,),
        ).fetchone()
        if row is None:
            continue
        sends = _group_sends(conn, group_id, near, drop_id)
        used = len(_group_sends(conn, group_id, reach.window, drop_id)) if reach and reach.rule else 0
        found.append(
            GroupFacts(
                group_id=row["id"],
                external_id=row["external_id"],
                name=row["name"],
                owner_external_id=row["owner"] or "",
                account_id=row["account_id"],
                is_removed=row["removed_at"] is not None,
                sends=tuple(sends),
                is_over_quota=bool(reach and reach.rule and used >= reach.cap),
            )
        )
    return found


def groups_named(
    conn: Any, names: Sequence[str], account_id: int | None = None, platform: str | None = None
) -> list[int]:
    """Local ids of groups by local id, the platform's id or name; "all" is every living group.

    Only those of an account or a platform where one is given.

    Raises NotFoundError('group_missing') and ConflictError('group_name_twice').
    """
    living = conn.execute(
        "SELECT id, external_id, name FROM fan_group WHERE removed_at IS NULL"
        " AND (:account IS NULL OR account_id = :account) AND (:platform IS NULL OR account_id IN"
        " (SELECT id FROM account WHERE platform = :platform)) ORDER BY id",
        {"account": account_id, "platform": platform},
    ).fetchall()
    chosen: dict[int, None] = {}
    for name in names:
        if name == "all":
            chosen |= dict.fromkeys(row["id"] for row in living)
            continue
        fitting = (
            [r["id"] for r in living if r["external_id"] == name]
            or [r["id"] for r in living if r["name"] == name]
            or [r["id"] for r in living if str(r["id"]) == name]
        )
        if not fitting:
            raise NotFoundError("group_missing", group_id=name)
        if len(fitting) > 1:
            raise ConflictError("group_name_twice", group=name, count=len(fitting))
        chosen[fitting[0]] = None
    return list(chosen)


def tags_named(conn: Any, names: Sequence[str]) -> list[int]:
    """Local ids of tags by local id, the platform's id or name (every living tag of that name).

    Raises NotFoundError('tag_unknown').
    """
    chosen: dict[int, None] = {}
    for name in names:
        rows = conn.execute(
            "SELECT id, external_id = :name AS is_exact, name = :name AS is_named FROM tag"
            " WHERE removed_at IS NULL"
            " AND (external_id = :name OR name = :name OR CAST(id AS TEXT) = :name) ORDER BY id",
            {"name": name},
        ).fetchall()
        fitting = (
            [r["id"] for r in rows if r["is_exact"]]
            or [r["id"] for r in rows if r["is_named"]]
            or [r["id"] for r in rows]
        )
        if not fitting:
            raise NotFoundError("tag_unknown", tag=name)
        chosen |= dict.fromkeys(fitting)
    return list(chosen)


def publishing_staff(conn: Any, account_id: int) -> list[str]:
    """Platform ids of the staff of an account who have customers, and so can publish moments."""
    rows = conn.execute(
        "SELECT external_id FROM staff WHERE account_id = ? AND removed_at IS NULL AND EXISTS ("
        " SELECT 1 FROM follow WHERE follow.staff_id = staff.id AND follow.removed_at IS NULL)"
        " ORDER BY external_id",
        (account_id,),
    )
    return [row["external_id"] for row in rows]


def platform_tags(conn: Any, account_id: int, tag_ids: Sequence[int]) -> tuple[list[str], list[str]]:
    """Of these tags: the platform's ids of those it keeps, and the names of those it does not know."""
    known, unknown = [], []
    for tag_id in tag_ids:
        row = conn.execute(
            "SELECT name, external_id, account_id = ? AS is_theirs FROM tag WHERE id = ?",
            (account_id, tag_id),
        ).fetchone()
        if row is not None and row["is_theirs"] and row["external_id"]:
            known.append(row["external_id"])
        elif row is not None:
            unknown.append(row["name"])
    return known, unknown


def _group_sends(conn: Any, group_id: int, window: tuple[int, int], drop_id: int | None) -> list[int]:
    rows = conn.execute(
        "SELECT coalesce(d.sent_at, o.not_before) AS at FROM delivery d JOIN outbox o ON o.id = d.outbox_id"
        f" WHERE d.target_kind = 'group' AND d.group_id = ? AND o.state IN {LIVE_STATES}"
        f" AND d.status IN {COUNTED_STATUSES} AND coalesce(d.sent_at, o.not_before) BETWEEN ? AND ?"
        " AND NOT (o.entity = 'drop' AND o.entity_id = ?) ORDER BY at",
        (group_id, window[0], window[1] - 1, drop_id if drop_id is not None else -1),
    )
    return [row["at"] for row in rows]


def _classified(conn: Any, audience: Audience, reach: Reach) -> tuple[str, dict[str, Any]]:
    """Common table expressions that end in split(fan_id, name, identity_id, category)."""
    where, params = compiled(conn, audience, reach.as_of)
    params |= {
        "scope": reach.account.external_id,
        "account": reach.account.id,
        "start": reach.window[0],
        "end": reach.window[1],
        "since": reach.window[0] - MONTH_MS,
        "cap": reach.cap,
        "post": reach.post_id if reach.post_id is not None else -1,
    }
    sql = f"""
WITH chosen AS (
    SELECT id, name, marketing, under_14 FROM fan WHERE {where}),
people AS (
    SELECT chosen.*, {barred("chosen", "mass_send")} AS why, (SELECT i.id FROM identity i
        WHERE i.fan_id = chosen.id AND i.platform = 'wecom' AND i.scope = :scope
            AND i.removed_at IS NULL AND EXISTS (
                SELECT 1 FROM follow w WHERE w.identity_id = i.id AND w.removed_at IS NULL)
        ORDER BY i.id LIMIT 1) AS identity_id
    FROM chosen),
used AS ({USED}),
had AS (
    SELECT d.identity_id FROM outbox o JOIN delivery d ON d.outbox_id = o.id
    WHERE o.entity = 'post' AND o.entity_id = :post AND o.state IN {GONE_STATES}
        AND d.status NOT IN ('refused', 'over_limit', 'not_friend')),
split AS (
    SELECT c.id AS fan_id, c.name, c.identity_id, CASE
        WHEN c.identity_id IS NULL THEN 'unreachable'
        WHEN c.why IS NOT NULL THEN c.why
        WHEN c.identity_id IN (SELECT identity_id FROM had) THEN 'already_reached'
        WHEN :cap > 0 AND coalesce(u.n, 0) >= :cap THEN 'over_quota'
        ELSE 'reachable' END AS category
    FROM people c LEFT JOIN used u ON u.identity_id = c.identity_id)
"""
    return sql, params
