"""Customers as a platform tells them: some at a time, the same ones any number of times.

Platform-owned facts (identity, follow) are overwritten; what the operator said about a fan (their name
for them, note, pinned tier, own tags, consent) is never touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.identity import UNION, IdentityKey, phone_key
from desktop.domain.platform_records import CustomerRecord
from desktop.store.accounts import sync_runs
from desktop.store.bulk import write_rows
from desktop.store.erasures import marks as erasures
from desktop.store.fans import fan_stats, identities
from desktop.store.fans.fans import chunks
from desktop.store.fans.known_people import KnownPeople
from desktop.store.fans.newcomers import (
    admit,
    details_text,
    event_key,
    follow_columns,
    plain_phone,
    strangers,
)
from desktop.store.pulled import platform_tags
from desktop.store.pulled.platform_staff import Ingested, staff_ids
from desktop.store.transaction import Transaction

CUSTOMERS = "customers"
RELATIONS = "relations"  # who was met with whom; many in one mark, see `sync_runs.mark_together`
MARKS = (RELATIONS,)
HELD = ("id", "fan_id", "name", "avatar_url", "details", "account_id", "removed_at")
FOLLOW = (
    "remark",
    "description",
    "followed_at",
    "add_way",
    "state",
    "mobiles",
    "tags",
    "removed_at",
)

SET_IDENTITY = (
    "UPDATE identity SET name = ?, avatar_url = ?, details = ?, account_id = ?, removed_at = ?,"
    " updated_at = ? WHERE id = ?"
)
SET_FOLLOW = (
    "INSERT INTO follow (identity_id, staff_id, remark, description, followed_at, add_way, state,"
    " mobiles, tags) VALUES {rows} ON CONFLICT (identity_id, staff_id) DO UPDATE"
    " SET remark = excluded.remark, description = excluded.description,"
    " followed_at = excluded.followed_at, add_way = excluded.add_way, state = excluded.state,"
    " mobiles = excluded.mobiles, tags = excluded.tags, removed_at = NULL"
)
ADD_FOLLOW_EVENT = (
    "INSERT INTO interaction (uid, fan_id, identity_id, kind, at, domain, channel, origin, external_key)"
    " VALUES {rows}"
)
MISSING = """
SELECT f.identity_id, f.staff_id, i.fan_id FROM follow f
    JOIN staff s ON s.id = f.staff_id JOIN identity i ON i.id = f.identity_id
WHERE s.account_id = :account AND f.removed_at IS NULL AND i.external_id || ' ' || s.external_id NOT IN (
    SELECT met.value FROM sync_seen CROSS JOIN json_each(sync_seen.external_id) AS met
    WHERE sync_seen.account_id = :account AND sync_seen.stream = 'relations')
"""


@dataclass(slots=True)
class _Page:
    """What stood in the shop for these customers, and what of it waits to be written.

    `known` and `follows` hold the columns of HELD and FOLLOW, as they will stand.
    """

    account: Account
    origin: str
    known: dict[str, tuple[Any, ...]]
    follows: dict[tuple[int, int], tuple[Any, ...]]
    unions: dict[str, int]
    staff: dict[str, int]
    people: KnownPeople
    news: list[tuple[Any, ...]] = field(default_factory=list)
    new_follows: list[tuple[Any, ...]] = field(default_factory=list)
    begun: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    ingested: Ingested = field(default_factory=Ingested)
    retagged: set[int] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)


def ingest_customers(
    tx: Transaction, account: Account, records: Sequence[CustomerRecord], met: set[str] | None = None
) -> Ingested:
    """Take in customers with who follows them, and mark them as seen in this pass.

    `met` are the customers this pass has met, these are added to it; None: those that are marked.
    """
    if met is None:
        met = met_customers(tx.db, account.id)
    before = len(met)
    met.update([record.external_id for record in records])
    first_seen = len(met) - before
    page = _page(tx, account, records)
    page.ingested.first_seen = first_seen
    records = _without_erased(tx, page, records)
    newcomers = strangers(records, page.known, page.unions)
    admit(tx, account, page.staff, newcomers)
    page.ingested.new.update(newcomers)
    others = [record for record in records if record.external_id not in newcomers]
    if others:
        _ingest_known(tx, page, others)
    sync_runs.mark_together(
        tx, account.id, RELATIONS, [f"{record.external_id} {record.follow.staff_id}" for record in records]
    )
    return page.ingested


def _without_erased(
    tx: Transaction, page: _Page, records: Sequence[CustomerRecord]
) -> Sequence[CustomerRecord]:
    """The customers who are known here, or new and nobody who was erased."""
    keys = {
        one.external_id: _names_of(page.account, one)
        for one in records
        if one.external_id not in page.known
    }
    barred = erasures.erased(tx.db, {key for each in keys.values() for key in each})
    if not barred:
        return records
    erased = {external_id for external_id, each in keys.items() if not barred.isdisjoint(each)}
    for external_id in erased:
        own = keys_of(page.account, external_id, "")
        erasures.widen(tx, barred.intersection(keys[external_id]), own)
        tx.turned_away.update(own)
    return [record for record in records if record.external_id not in erased]


def _names_of(account: Account, record: CustomerRecord) -> list[IdentityKey]:
    """All that tells who a customer is: the platform's id first, the noted phone number last."""
    keys = keys_of(account, record.external_id, record.union_id)
    phone = plain_phone(record.follow)
    return [*keys, phone_key(phone)] if phone else keys


def unmet_relations(conn: Any, account: Account, listed: Iterable[str]) -> tuple[set[str], int]:
    """(relations the platform lists, "customer staff", that this pass has not met; how many more are of
    customers who were erased here)."""
    unmet = set(listed) - sync_runs.seen_together(conn, account.id, RELATIONS)
    keys = {keys_of(account, one.split(" ")[0], "")[0] for one in unmet}
    erased = {key.external_id for key in erasures.erased(conn, keys)}
    missing = {one for one in unmet if one.split(" ")[0] not in erased}
    return missing, len(unmet) - len(missing)


def _ingest_known(tx: Transaction, page: _Page, records: Sequence[CustomerRecord]) -> None:
    """Customers of whom something may stand here: compared one by one, written where they differ."""
    _look(tx, page, records)
    for record in records:
        held = _customer(tx, page, record)
        _follow(tx, page, record, *held)
    page.people.flush(tx)
    if page.news:
        tx.db.conn.executemany(SET_IDENTITY, page.news)
    write_rows(tx.db.conn, SET_FOLLOW, page.new_follows)
    begun = _note_beginnings(tx, page) if page.begun else set()
    if page.touched:
        tx.touch(Topic.FAN, page.touched)
    platform_tags.refresh_fans(tx, page.account.id, page.retagged)
    fan_stats.refresh(tx, begun)
    page.ingested.changed -= page.ingested.new


def met_customers(conn: Any, account_id: int) -> set[str]:
    """The customers this pass has met so far, by the platform's ids."""
    return {relation.split(" ")[0] for relation in sync_runs.seen_together(conn, account_id, RELATIONS)}


def known_follows(conn: Any, account: Account) -> int:
    """How many friendships of an account are alive here."""
    found = conn.execute(
        "SELECT count(*) FROM follow f JOIN staff s ON s.id = f.staff_id"
        " WHERE s.account_id = ? AND f.removed_at IS NULL",
        (account.id,),
    ).fetchone()
    return int(found[0])


def missing_follows(conn: Any, account: Account) -> list[tuple[int, int, int]]:
    """(identity, staff, fan) of friendships this pass has not met."""
    rows = conn.execute(MISSING, {"account": account.id}).fetchall()
    return [(int(row[0]), int(row[1]), int(row[2])) for row in rows]


def remove_follows(tx: Transaction, account: Account, gone: Sequence[tuple[int, int, int]]) -> int:
    """End friendships the platform no longer has; how many customers have none left."""
    tx.db.conn.executemany(
        "UPDATE follow SET removed_at = ? WHERE identity_id = ? AND staff_id = ?",
        [(tx.now_ms, identity_id, staff_id) for identity_id, staff_id, _ in gone],
    )
    platform_tags.refresh_fans(tx, account.id, {fan_id for _, _, fan_id in gone})
    tx.touch(Topic.FAN, {fan_id for _, _, fan_id in gone})
    left = 0
    for identity_id in {identity_id for identity_id, _, _ in gone}:
        alive = tx.db.execute(
            "SELECT 1 FROM follow WHERE identity_id = ? AND removed_at IS NULL", (identity_id,)
        ).fetchone()
        left += alive is None
    return left


def known_identities(
    tx: Transaction, platform: str, scope: str, ids: Iterable[str]
) -> dict[str, tuple[Any, ...]]:
    """The columns of HELD by the platform's ids."""
    cursor = tx.db.conn.cursor()
    cursor.row_factory = None
    cursor.execute(
        f"SELECT external_id, {', '.join(HELD)} FROM identity WHERE platform = ? AND scope = ?"
        " AND external_id IN (SELECT value FROM json_each(?))",
        (platform, scope, json.dumps(list(set(ids)))),
    )
    return {row[0]: row[1:] for row in cursor}


def keys_of(account: Account, external_id: str, union_id: str) -> list[IdentityKey]:
    """The keys of a person on a platform, in order of proof."""
    keys = [IdentityKey(account.platform, account.external_id, external_id)]
    return [*keys, IdentityKey(UNION, "", union_id)] if union_id else keys


def _page(tx: Transaction, account: Account, records: Sequence[CustomerRecord]) -> _Page:
    known = known_identities(
        tx, account.platform, account.external_id, [record.external_id for record in records]
    )
    told = [record.union_id for record in records if record.union_id]
    return _Page(
        account,
        f"sync:{account.uid}",
        known,
        {},
        {union: held[1] for union, held in known_identities(tx, UNION, "", told).items()} if told else {},
        staff_ids(tx, account.id, {record.follow.staff_id for record in records}),
        KnownPeople(),
    )


def _look(tx: Transaction, page: _Page, records: Sequence[CustomerRecord]) -> None:
    """Find out what stands here of these customers' friendships and of keys that are new for them."""
    page.follows = _known_follows(tx, [held[0] for held in page.known.values()])
    page.people.look(
        tx.db,
        [
            key
            for record in records
            if (held := page.known.get(record.external_id)) is None or _joins(page, record, held)
            for key in keys_of(page.account, record.external_id, record.union_id)
        ],
    )


def _joins(page: _Page, record: CustomerRecord, held: tuple[Any, ...]) -> bool:
    """Whether the union id of a known customer is new here, or another fan's."""
    return bool(record.union_id) and page.unions.get(record.union_id) != held[1]


def _known_follows(tx: Transaction, identity_ids: Sequence[int]) -> dict[tuple[int, int], tuple[Any, ...]]:
    cursor = tx.db.conn.cursor()
    cursor.row_factory = None
    cursor.execute(
        f"SELECT identity_id, staff_id, {', '.join(FOLLOW)} FROM follow"
        " WHERE identity_id IN (SELECT value FROM json_each(?))",
        (json.dumps(identity_ids),),
    )
    return {row[:2]: row[2:] for row in cursor}


def _customer(tx: Transaction, page: _Page, record: CustomerRecord) -> tuple[int, int]:
    """(identity id, fan id) of a customer, added or brought up to date."""
    held = page.known.get(record.external_id)
    told = (record.name, record.avatar_url, details_text(record.details), page.account.id, None)
    if held is None or _joins(page, record, held):
        held = _resolved(tx, page, record, held, told)
    identity_id, fan_id = held[:2]
    if held[2:] != told:
        page.news.append((*told, tx.now_ms, identity_id))
        if held[2] != record.name:
            page.people.flush(tx)
            _rename(tx, fan_id, held[2], record.name)
        page.touched.add(fan_id)
        page.ingested.changed.add(record.external_id)
        page.known[record.external_id] = (identity_id, fan_id, *told)
    return identity_id, fan_id


def _resolved(
    tx: Transaction,
    page: _Page,
    record: CustomerRecord,
    held: tuple[Any, ...] | None,
    told: tuple[Any, ...],
) -> tuple[Any, ...]:
    """The identity of a customer who is new here, or whose union id is."""
    found = page.people.resolve(
        tx,
        keys_of(page.account, record.external_id, record.union_id),
        record.name,
        plain_phone(record.follow),
        page.origin,
        record.follow.followed_at or tx.now_ms,
        page.account.id,
        avatar_url=told[1],
        details=told[2],
    )
    if held is not None and record.union_id not in page.unions:
        page.ingested.changed.add(record.external_id)
    if record.union_id and found is not None:
        page.unions.setdefault(record.union_id, found.fan_id)
    if held is not None:
        return held
    assert found is not None  # whoever is new here was looked at by `_without_erased`
    page.ingested.new.add(record.external_id)
    held = page.known[record.external_id] = (found.identity_id, found.fan_id, *told)
    return held


def _rename(tx: Transaction, fan_id: int, before: str, now: str) -> None:
    """Follow a name change at the platform, unless the shown name came from somewhere else."""
    fan = tx.db.execute("SELECT name, name_source FROM fan WHERE id = ?", (fan_id,)).fetchone()
    if now and fan["name_source"] == "platform" and fan["name"] == before != now:
        identities.rename(tx, fan_id, now, "platform")
    elif not fan["name"] or fan["name_source"] == "file":
        identities.fill(tx, fan_id, now, None, "sync:")


def _follow(tx: Transaction, page: _Page, record: CustomerRecord, identity_id: int, fan_id: int) -> None:
    follow = record.follow
    key = identity_id, page.staff[follow.staff_id]
    told = (*follow_columns(follow), None)
    stood = page.follows.get(key)
    if stood == told:
        return
    page.new_follows.append((*key, *told[:-1]))
    page.follows[key] = told
    page.ingested.changed.add(record.external_id)
    mobiles, tags, removed_at = stood[-3:] if stood is not None else ("", "[]", None)
    if told[-2] != (tags if removed_at is None else "[]"):
        page.retagged.add(fan_id)
    phone = plain_phone(follow)
    if phone and mobiles != told[-3]:
        page.people.fill(tx, fan_id, "", phone, page.origin)
    page.touched.add(fan_id)
    event = event_key(page.origin, record.external_id, follow)
    page.begun.setdefault(event, (fan_id, identity_id, follow.followed_at or tx.now_ms))


def _note_beginnings(tx: Transaction, page: _Page) -> set[int]:
    """Put beginnings of friendships into the fans' timelines, each once; the fans for whom one was new."""
    known: set[str] = set()
    for marks, portion in chunks(list(page.begun)):
        rows = tx.db.execute(
            f"SELECT external_key FROM interaction WHERE external_key IN ({marks})", portion
        )
        known.update(row[0] for row in rows)
    news = [
        (
            tx.new_uid(),
            fan_id,
            identity_id,
            "follow",
            at,
            "private",
            page.account.platform,
            page.origin,
            event,
        )
        for event, (fan_id, identity_id, at) in page.begun.items()
        if event not in known
    ]
    if news:
        write_rows(tx.db.conn, ADD_FOLLOW_EVENT, news)
        tx.touch(Topic.INTERACTION)
    return {row[1] for row in news}
