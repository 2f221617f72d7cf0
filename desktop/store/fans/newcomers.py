"""Customers whom nobody here knows: their rows are made at one go and go in table by table.

Nobody else can have friendships, orders or tags of people who were never here. So nothing is asked about
them, and their sums and first tier stand with their rows. Whoever shares a key with somebody known, or
comes more than once with different facts, is left to `platform_people`, which looks.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.identity import UNION
from desktop.domain.platform_records import CustomerRecord, FollowRecord
from desktop.store.bulk import write_rows
from desktop.store.fans import fan_stats
from desktop.store.fans.names import spellings
from desktop.store.tiers.tiers import FirstTiers
from desktop.store.transaction import Transaction

_JSON = json.JSONEncoder(ensure_ascii=False)

ADD_FAN = (
    "INSERT INTO fan (id, uid, name, pinyin, initials, phone, tier, tier_reason, tier_since,"
    " first_seen_at, created_at, updated_at) VALUES {rows}"
)
ADD_STATS = (  # every fan has its row from the beginning
    "INSERT INTO fan_stats (fan_id, interactions, last_interaction_at) VALUES {rows} ON CONFLICT (fan_id)"
    " DO UPDATE SET interactions = excluded.interactions, last_interaction_at = excluded.last_interaction_at"
)
ADD_TIER_CHANGE = "INSERT INTO tier_change (fan_id, to_tier, reason, at) VALUES {rows}"
ADD_IDENTITY = (
    "INSERT INTO identity (id, fan_id, platform, scope, external_id, account_id, name, avatar_url,"
    " details, origin, first_seen_at, updated_at) VALUES {rows}"
)
ADD_FOLLOW = (
    "INSERT INTO follow (identity_id, staff_id, remark, description, followed_at, add_way, state,"
    " mobiles, tags) VALUES {rows}"
)
ADD_FOLLOW_EVENT = (
    "INSERT INTO interaction (uid, fan_id, kind, at, domain, channel, origin, external_key)"
    " VALUES {rows} ON CONFLICT (external_key) DO NOTHING"
)
ADD_TAG = "INSERT INTO fan_tag (fan_id, tag_id, source, at) VALUES {rows}"
NEXT_IDS = (
    "SELECT (SELECT coalesce(max(id), 0) + 1 FROM fan), (SELECT coalesce(max(id), 0) + 1 FROM identity)"
)
LIVE_TAGS = (
    "SELECT external_id, id FROM tag WHERE account_id = ? AND removed_at IS NULL"
    " AND external_id IN (SELECT value FROM json_each(?))"
)
Strangers = dict[str, list[CustomerRecord]]


@dataclass(slots=True)
class _Rows:
    """What is to be inserted, by table."""

    fans: list[tuple[Any, ...]] = field(default_factory=list)
    stats: list[tuple[Any, ...]] = field(default_factory=list)
    tier_changes: list[tuple[Any, ...]] = field(default_factory=list)
    identities: list[tuple[Any, ...]] = field(default_factory=list)
    follows: list[tuple[Any, ...]] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    tags: list[tuple[Any, ...]] = field(default_factory=list)


def strangers(
    records: Sequence[CustomerRecord], known: Collection[str], unions: Collection[str]
) -> Strangers:
    """Those who have no key with anybody, by the platform's id; `known` and `unions` are here already."""
    found: Strangers = {}
    owners: dict[str, str] = {}
    left: set[str] = set()
    for record in records:
        external_id, union_id = record.external_id, record.union_id
        if external_id in known:
            continue
        if union_id:
            owner = owners.setdefault(union_id, external_id)
            if owner != external_id or union_id in unions:
                left.update((owner, external_id))
        mine = found.get(external_id)
        if mine is None:
            found[external_id] = [record]
        elif _differ(mine, record):
            left.add(external_id)
        else:
            mine.append(record)
    for external_id in left:
        del found[external_id]
    return found


def _differ(mine: Sequence[CustomerRecord], other: CustomerRecord) -> bool:
    """Whether a customer comes again with other facts, or twice from one staff member."""
    first = mine[0]
    return (
        (first.name, first.avatar_url, first.union_id, first.details)
        != (other.name, other.avatar_url, other.union_id, other.details)
    ) or any(one.follow.staff_id == other.follow.staff_id for one in mine)


def admit(tx: Transaction, account: Account, staff: dict[str, int], people: Strangers) -> None:
    """Add these people with all that is told about them; each starts with a tier."""
    if not people:
        return
    rows, fan_ids = _rows_of(tx, account, staff, people)
    conn = tx.db.conn
    write_rows(conn, ADD_FAN, rows.fans)
    write_rows(conn, ADD_STATS, rows.stats)
    write_rows(conn, ADD_TIER_CHANGE, rows.tier_changes)
    write_rows(conn, ADD_IDENTITY, rows.identities)
    write_rows(conn, ADD_FOLLOW, rows.follows)
    write_rows(conn, ADD_TAG, rows.tags)
    before = conn.total_changes
    write_rows(conn, ADD_FOLLOW_EVENT, rows.events)
    if conn.total_changes - before != len(rows.events):  # one was noted before an undo took the person away
        fan_stats.refresh(tx, fan_ids)
    tx.with_tier.update(fan_ids)
    for topic in (Topic.FAN, Topic.TIER):
        tx.touch(topic, fan_ids)
    tx.touch(Topic.INTERACTION)


def _rows_of(
    tx: Transaction, account: Account, staff: dict[str, int], people: Strangers
) -> tuple[_Rows, range]:
    """Every row of these people, and the ids of the fans they become."""
    rows, now, origin = _Rows(), tx.now_ms, f"sync:{account.uid}"
    tags = _tags(tx, account, people)
    tier_of = FirstTiers(tx.db, now, account.platform).of
    next_fan, identity_id = tx.db.execute(NEXT_IDS).fetchone()
    fan_ids = range(next_fan, next_fan + len(people))
    uids = iter(tx.new_uids(len(people) + sum(map(len, people.values()))))
    mine, union = (account.platform, account.external_id), (UNION, "")
    for fan_id, (external_id, records) in zip(fan_ids, people.items(), strict=True):
        first = records[0]
        began = [one.follow.followed_at or now for one in records]
        phone = next(filter(None, [plain_phone(one.follow) for one in records]), None)
        tier, reason = tier_of(began)
        seen = (origin, began[0], now)
        name = first.name
        rows.fans.append(
            (fan_id, next(uids), name, *spellings(name), phone, tier, reason, now, began[0], now, now)
        )
        rows.stats.append((fan_id, len(began), max(began)))
        rows.tier_changes.append((fan_id, tier, reason, now))
        looks = (first.avatar_url, details_text(first.details))
        rows.identities.append((identity_id, fan_id, *mine, external_id, account.id, name, *looks, *seen))
        for one, at in zip(records, began, strict=True):
            follow = one.follow
            rows.follows.append((identity_id, staff[follow.staff_id], *follow_columns(follow)))
            key = event_key(origin, external_id, follow)
            rows.events.append((next(uids), fan_id, "follow", at, "private", account.platform, origin, key))
        identity_id += 1
        if first.union_id:
            rows.identities.append(
                (identity_id, fan_id, *union, first.union_id, account.id, name, "", "{}", *seen)
            )
            identity_id += 1
        carried = {tags[tag_id] for one in records for tag_id in one.follow.tag_ids if tag_id in tags}
        if carried:
            rows.tags.extend([(fan_id, tag_id, "platform", now) for tag_id in carried])
    return rows, fan_ids


def _tags(tx: Transaction, account: Account, people: Strangers) -> dict[str, int]:
    """Local ids of the live platform tags that these people carry, by the platform's."""
    wanted = {tag_id for records in people.values() for one in records for tag_id in one.follow.tag_ids}
    found = tx.db.execute(LIVE_TAGS, (account.id, json.dumps(list(wanted))))
    return {row[0]: row[1] for row in found}


def event_key(origin: str, external_id: str, follow: FollowRecord) -> str:
    """By which the beginning of a friendship stands in a timeline once only."""
    return f"{origin}:follow:{external_id}:{follow.staff_id}:{follow.followed_at or ''}"


def follow_columns(follow: FollowRecord) -> tuple[Any, ...]:
    """A friendship as its row tells it: remark, description, since when, way, state, mobiles, tags."""
    return (
        follow.remark,
        follow.description,
        follow.followed_at,
        follow.add_way,
        follow.state,
        texts_json(follow.mobiles) if follow.mobiles else "[]",
        texts_json(follow.tag_ids) if follow.tag_ids else "[]",
    )


@lru_cache(maxsize=4096)
def details_text(pairs: tuple[tuple[str, str], ...]) -> str:
    """Details as their column keeps them."""
    return _JSON.encode(dict(pairs))


@lru_cache(maxsize=4096)
def texts_json(values: tuple[str, ...]) -> str:
    """Several texts as their column keeps them."""
    return _JSON.encode(values)


def plain_phone(follow: FollowRecord) -> str | None:
    """The first mobile number that staff noted and that can be one."""
    for mobile in follow.mobiles:
        if len(mobile) == 11 and mobile.isascii() and mobile.isdigit() and mobile.startswith("1"):
            return mobile
    return None
