"""Staff and customers as a platform tells them: one page at a time, the same page any number of times.

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
from desktop.domain.platform_records import CustomerRecord, FollowRecord, StaffRecord
from desktop.store import fan_stats, identities, platform_tags, sync_runs
from desktop.store.fans import chunks
from desktop.store.identities import IdentityKey
from desktop.store.known_people import KnownPeople
from desktop.store.transaction import Transaction

CUSTOMERS = "customers"
FOLLOWS = "follows"
MARKS = (CUSTOMERS, FOLLOWS)
UNION = "wechat_union"

SET_IDENTITY = (
    "UPDATE identity SET name = ?, avatar_url = ?, details = ?, account_id = ?, removed_at = ?,"
    " updated_at = ? WHERE id = ?"
)
SET_FOLLOW = (
    "INSERT INTO follow (identity_id, staff_id, remark, description, followed_at, add_way, state,"
    " mobiles, tags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (identity_id, staff_id) DO UPDATE"
    " SET remark = excluded.remark, description = excluded.description,"
    " followed_at = excluded.followed_at, add_way = excluded.add_way, state = excluded.state,"
    " mobiles = excluded.mobiles, tags = excluded.tags, removed_at = NULL"
)
ADD_FOLLOW_EVENT = (
    "INSERT INTO interaction (uid, fan_id, kind, at, domain, channel, origin, external_key)"
    " VALUES (?, ?, 'follow', ?, 'private', ?, ?, ?)"
)
MISSING = """
SELECT f.identity_id, f.staff_id, i.fan_id FROM follow f
    JOIN staff s ON s.id = f.staff_id JOIN identity i ON i.id = f.identity_id
WHERE s.account_id = :account AND f.removed_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM sync_seen WHERE account_id = :account AND stream = 'follows'
        AND sync_seen.external_id = i.external_id || ' ' || s.external_id)
"""


@dataclass(slots=True)
class Ingested:
    """What one page changed here, by the platform's ids; `first_seen` were not yet met in this pass."""

    new: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    first_seen: int = 0


@dataclass(slots=True)
class _Page:
    """What stood in the shop for the customers of a page, and what of it waits to be written."""

    account: Account
    known: dict[str, Any]
    unions: set[str]
    follows: dict[tuple[int, int], Any]
    staff: dict[str, int]
    people: KnownPeople
    events: set[str]
    news: list[tuple[Any, ...]] = field(default_factory=list)
    new_follows: list[tuple[Any, ...]] = field(default_factory=list)
    new_events: list[tuple[Any, ...]] = field(default_factory=list)
    ingested: Ingested = field(default_factory=Ingested)
    retagged: set[int] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)

    @property
    def origin(self) -> str:
        return f"sync:{self.account.uid}"


def ingest_staff(tx: Transaction, account: Account, records: Sequence[StaffRecord]) -> Ingested:
    """Take in the complete staff list; a name that is not told leaves the known one."""
    rows = tx.db.execute("SELECT * FROM staff WHERE account_id = ?", (account.id,)).fetchall()
    known = {str(row["external_id"]): row for row in rows}
    done = Ingested(first_seen=len(records))
    for record in records:
        row = known.get(record.external_id)
        if row is None:
            _add_staff(tx, account.id, record.external_id, record.name)
            done.new.add(record.external_id)
        elif row["removed_at"] is not None or record.name not in ("", row["name"]):
            tx.db.execute(
                "UPDATE staff SET name = ?, removed_at = NULL WHERE id = ?",
                (record.name or row["name"], row["id"]),
            )
            done.changed.add(record.external_id)
    if done.new or done.changed:
        tx.touch(Topic.ACCOUNT, [account.id])
    return done


def missing_staff(conn: Any, account: Account, present: Iterable[str]) -> tuple[list[int], int]:
    """(local ids of known staff that are not among `present`, how many are known)."""
    rows = conn.execute(
        "SELECT id, external_id FROM staff WHERE account_id = ? AND removed_at IS NULL", (account.id,)
    ).fetchall()
    there = set(present)
    return [int(row["id"]) for row in rows if row["external_id"] not in there], len(rows)


def remove_staff(tx: Transaction, staff_ids: Sequence[int]) -> None:
    """Mark staff as gone; their friendships end with the customers' stream."""
    tx.db.conn.executemany(
        "UPDATE staff SET removed_at = ? WHERE id = ?", [(tx.now_ms, staff_id) for staff_id in staff_ids]
    )
    tx.touch(Topic.ACCOUNT)


def ingest_customers(tx: Transaction, account: Account, records: Sequence[CustomerRecord]) -> Ingested:
    """Take in one page of customers with who follows them, and mark them as seen in this pass."""
    page = _page(tx, account, records)
    for record in records:
        identity_id, fan_id = _customer(tx, page, record)
        _follow(tx, page, record, identity_id, fan_id)
    page.people.flush(tx)
    tx.db.conn.executemany(SET_IDENTITY, page.news)
    tx.db.conn.executemany(SET_FOLLOW, page.new_follows)
    tx.db.conn.executemany(ADD_FOLLOW_EVENT, page.new_events)
    platform_tags.refresh_fans(tx, account.id, page.retagged)
    fan_stats.refresh(tx, page.touched)
    page.ingested.changed -= page.ingested.new
    page.ingested.first_seen = sync_runs.mark_seen(
        tx, account.id, CUSTOMERS, (record.external_id for record in records)
    )
    sync_runs.mark_seen(
        tx, account.id, FOLLOWS, (f"{record.external_id} {record.follow.staff_id}" for record in records)
    )
    return page.ingested


def missing_follows(conn: Any, account: Account) -> tuple[list[tuple[int, int, int]], int]:
    """((identity, staff, fan) of friendships this pass has not met, how many are known)."""
    rows = conn.execute(MISSING, {"account": account.id}).fetchall()
    known = conn.execute(
        "SELECT count(*) FROM follow f JOIN staff s ON s.id = f.staff_id"
        " WHERE s.account_id = ? AND f.removed_at IS NULL",
        (account.id,),
    ).fetchone()
    return [(int(row[0]), int(row[1]), int(row[2])) for row in rows], int(known[0])


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


def staff_ids(tx: Transaction, account_id: int, wanted: Iterable[str]) -> dict[str, int]:
    """Local ids of staff by the platform's; staff nobody listed (outside the app's range) are added."""
    rows = tx.db.execute("SELECT id, external_id FROM staff WHERE account_id = ?", (account_id,)).fetchall()
    known = {str(row["external_id"]): int(row["id"]) for row in rows}
    for external_id in sorted(set(wanted) - known.keys()):
        known[external_id] = _add_staff(tx, account_id, external_id, "")
    return known


def known_identities(tx: Transaction, platform: str, scope: str, ids: Iterable[str]) -> dict[str, Any]:
    """Identity rows by the platform's ids."""
    rows = tx.db.execute(
        "SELECT * FROM identity WHERE platform = ? AND scope = ?"
        " AND external_id IN (SELECT value FROM json_each(?))",
        (platform, scope, json.dumps(sorted(set(ids)))),
    )
    return {str(row["external_id"]): row for row in rows.fetchall()}


def keys_of(account: Account, external_id: str, union_id: str) -> list[IdentityKey]:
    """The keys of a person on a platform, in order of proof."""
    keys = [IdentityKey(account.platform, account.external_id, external_id)]
    return [*keys, IdentityKey(UNION, "", union_id)] if union_id else keys


def _page(tx: Transaction, account: Account, records: Sequence[CustomerRecord]) -> _Page:
    ids = (record.external_id for record in records)
    known = known_identities(tx, account.platform, account.external_id, ids)
    unions = (record.union_id for record in records if record.union_id)
    follows = tx.db.execute(
        "SELECT * FROM follow WHERE identity_id IN (SELECT value FROM json_each(?))",
        (json.dumps([row["id"] for row in known.values()]),),
    ).fetchall()
    people = KnownPeople()
    keys = [key for record in records for key in keys_of(account, record.external_id, record.union_id)]
    people.look(tx.db, keys)
    return _Page(
        account,
        known,
        set(known_identities(tx, UNION, "", unions)),
        {(row["identity_id"], row["staff_id"]): row for row in follows},
        staff_ids(tx, account.id, (record.follow.staff_id for record in records)),
        people,
        _known_events(tx, [_event_key(account, record) for record in records]),
    )


def _known_events(tx: Transaction, keys: Sequence[str]) -> set[str]:
    """Those of these beginnings of friendships that stand in the timeline."""
    known: set[str] = set()
    for marks, portion in chunks(keys):
        rows = tx.db.execute(
            f"SELECT external_key FROM interaction WHERE external_key IN ({marks})", portion
        )
        known.update(row[0] for row in rows.fetchall())
    return known


def _event_key(account: Account, record: CustomerRecord) -> str:
    follow = record.follow
    return f"sync:{account.uid}:follow:{record.external_id}:{follow.staff_id}:{follow.followed_at or ''}"


def _customer(tx: Transaction, page: _Page, record: CustomerRecord) -> tuple[int, int]:
    """(identity id, fan id) of a customer, added or brought up to date."""
    held = page.known.get(record.external_id)
    row = dict(held) if held is not None else None
    if row is None or (record.union_id and record.union_id not in page.unions):
        row = _resolved(tx, page, record, row)
    told = {
        "name": record.name,
        "avatar_url": record.avatar_url,
        "details": json.dumps(dict(record.details), ensure_ascii=False),
        "account_id": page.account.id,
        "removed_at": None,
    }
    if any(row[name] != value for name, value in told.items()):
        page.news.append((*told.values(), tx.now_ms, row["id"]))
        if row["name"] != record.name:
            page.people.flush(tx)
            _rename(tx, row["fan_id"], row["name"], record.name)
        tx.touch(Topic.FAN, [row["fan_id"]])
        page.ingested.changed.add(record.external_id)
    page.known[record.external_id] = {**row, **told}
    return int(row["id"]), int(row["fan_id"])


def _resolved(
    tx: Transaction, page: _Page, record: CustomerRecord, row: dict[str, Any] | None
) -> dict[str, Any]:
    """The identity of a customer who is new here, or whose union id is."""
    keys = keys_of(page.account, record.external_id, record.union_id)
    at_ms = record.follow.followed_at or tx.now_ms
    phone = _plain_phone(record.follow)
    found = page.people.resolve(tx, keys, record.name, phone, page.origin, at_ms, page.account.id)
    page.unions |= {record.union_id} - {""}
    if row is not None:
        page.ingested.changed.add(record.external_id)
        return row
    page.ingested.new.add(record.external_id)
    return {
        "id": found.identity_id,
        "fan_id": found.fan_id,
        "name": record.name,
        "avatar_url": "",
        "details": "{}",
        "account_id": page.account.id,
        "removed_at": None,
    }


def _rename(tx: Transaction, fan_id: int, before: str, now: str) -> None:
    """Follow a name change at the platform, unless the shown name came from somewhere else."""
    fan = tx.db.execute("SELECT name, name_source FROM fan WHERE id = ?", (fan_id,)).fetchone()
    if now and fan["name_source"] == "platform" and fan["name"] == before != now:
        identities.rename(tx, fan_id, now, "platform")
    elif not fan["name"] or fan["name_source"] == "file":
        identities.fill(tx, fan_id, now, None, "sync:")


def _follow(tx: Transaction, page: _Page, record: CustomerRecord, identity_id: int, fan_id: int) -> None:
    follow = record.follow
    staff_id = page.staff[follow.staff_id]
    told = {
        "remark": follow.remark,
        "description": follow.description,
        "followed_at": follow.followed_at,
        "add_way": follow.add_way,
        "state": follow.state,
        "mobiles": json.dumps(follow.mobiles, ensure_ascii=False),
        "tags": json.dumps(follow.tag_ids, ensure_ascii=False),
    }
    row = page.follows.get((identity_id, staff_id))
    if row is not None and row["removed_at"] is None and all(row[name] == told[name] for name in told):
        return
    page.new_follows.append((identity_id, staff_id, *told.values()))
    page.follows[identity_id, staff_id] = {**told, "removed_at": None}
    page.ingested.changed.add(record.external_id)
    if told["tags"] != ("[]" if row is None or row["removed_at"] is not None else row["tags"]):
        page.retagged.add(fan_id)
    phone = _plain_phone(follow)
    if phone and (row is None or row["mobiles"] != told["mobiles"]):
        page.people.fill(tx, fan_id, "", phone, page.origin)
    tx.touch(Topic.FAN, [fan_id])
    if _note_follow(tx, page, record, fan_id):
        page.touched.add(fan_id)


def _note_follow(tx: Transaction, page: _Page, record: CustomerRecord, fan_id: int) -> bool:
    """Put the beginning of a friendship into the fan's timeline, once; whether it was new."""
    key = _event_key(page.account, record)
    if key in page.events:
        return False
    page.events.add(key)
    at = record.follow.followed_at or tx.now_ms
    page.new_events.append((tx.new_uid(), fan_id, at, page.account.platform, page.origin, key))
    tx.touch(Topic.INTERACTION)
    return True


def _add_staff(tx: Transaction, account_id: int, external_id: str, name: str) -> int:
    cursor = tx.db.execute(
        "INSERT INTO staff (account_id, external_id, name) VALUES (?, ?, ?)",
        (account_id, external_id, name),
    )
    return int(cursor.lastrowid or 0)


def _plain_phone(follow: FollowRecord) -> str | None:
    """The first mobile number that staff noted and that can be one."""
    for mobile in follow.mobiles:
        if len(mobile) == 11 and mobile.isascii() and mobile.isdigit() and mobile.startswith("1"):
            return mobile
    return None
