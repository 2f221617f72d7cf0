"""Followers of an official account as the platform tells them: any number of times, some at a time.

The platform's facts (tags, remark, since when) are overwritten; what the operator said about a fan is not.
A follower who left stays a fan: only the following ends.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.official_account import FollowerRecord
from desktop.store.accounts import sync_runs
from desktop.store.erasures import marks as erasures
from desktop.store.fans import fan_stats, identities
from desktop.store.fans.known_people import KnownPeople
from desktop.store.pulled import platform_tags
from desktop.store.pulled.platform_people import keys_of
from desktop.store.pulled.platform_staff import Ingested
from desktop.store.transaction import Transaction

FOLLOWERS = "followers"
FACTS = "remark, tags, followed_at, scene, qr_scene, unfollowed_at"
KNOWN = (
    "SELECT i.external_id, i.id, i.fan_id, f.remark, f.tags, f.followed_at, f.scene, f.qr_scene,"
    " f.unfollowed_at FROM identity i JOIN follower f ON f.identity_id = i.id"
    " WHERE i.platform = ? AND i.scope = ? AND i.external_id IN (SELECT value FROM json_each(?))"
)
PUT = (
    f"INSERT INTO follower (identity_id, account_id, {FACTS}) VALUES (?, ?, ?, ?, ?, ?, ?, NULL)"
    " ON CONFLICT (identity_id) DO UPDATE SET account_id = excluded.account_id, remark = excluded.remark,"
    " tags = excluded.tags, followed_at = excluded.followed_at, scene = excluded.scene,"
    " qr_scene = excluded.qr_scene, unfollowed_at = NULL"
)
BEGAN = (
    "INSERT OR IGNORE INTO interaction (uid, fan_id, identity_id, kind, at, domain, channel, origin,"
    " external_key) VALUES (?, ?, ?, 'follow', ?, 'private', ?, ?, ?)"
)
MISSING = """
SELECT f.identity_id, i.fan_id FROM follower f JOIN identity i ON i.id = f.identity_id
WHERE f.account_id = :account AND f.unfollowed_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM sync_seen WHERE account_id = :account AND stream = 'followers'
        AND sync_seen.external_id = i.external_id)
"""


def ingest(tx: Transaction, account: Account, records: Sequence[FollowerRecord]) -> Ingested:
    """Take in followers, and mark them as seen in this pass; those who left are ended."""
    present = [one for one in records if one.is_following and one.external_id]
    known = _known(tx, account, [one.external_id for one in records])
    people = KnownPeople()
    people.look(tx.db, {key for one in present for key in keys_of(account, one.external_id, one.union_id)})
    done, touched, retagged = Ingested(), set[int](), set[int]()
    put: list[tuple[Any, ...]] = []
    origin = f"sync:{account.uid}"
    begun: list[tuple[Any, ...]] = []
    renamed: list[tuple[int, str, str]] = []
    for one in present:
        held = known.get(one.external_id)
        told = (one.remark, json.dumps(one.tag_ids), one.followed_at, one.scene, one.qr_scene)
        keys = keys_of(account, one.external_id, one.union_id)
        is_joined = all(people.find(key) is not None for key in keys)
        if held is not None and is_joined and (*told, None) == held[2:]:
            continue
        at = one.followed_at or tx.now_ms
        found = people.resolve(tx, keys, one.remark, None, origin, at, account.id)
        if found is None:
            continue
        (done.new if held is None else done.changed).add(one.external_id)
        touched.add(found.fan_id)
        if held is None or held[3] != told[1] or held[-1] is not None:
            retagged.add(found.fan_id)
        put.append((found.identity_id, account.id, *told))
        if held is not None and one.remark not in ("", held[2]):
            renamed.append((found.fan_id, held[2], one.remark))
        event = f"{origin}:follow:{one.external_id}::{one.followed_at or ''}"
        begun.append((tx.new_uid(), found.fan_id, found.identity_id, at, account.platform, origin, event))
    people.flush(tx)
    tx.db.conn.executemany(PUT, put)
    for fan_id, before, now in renamed:
        _rename(tx, fan_id, before, now)
    if begun:
        tx.db.conn.executemany(BEGAN, begun)
        tx.touch(Topic.INTERACTION)
        fan_stats.refresh(tx, {row[1] for row in begun})
    if touched:
        tx.touch(Topic.FAN, touched)
    platform_tags.refresh_fans(tx, account.id, retagged)
    left = [one.external_id for one in records if not one.is_following]
    end(
        tx, account, [(known[id_][0], known[id_][1]) for id_ in left if id_ in known and not known[id_][-1]]
    )
    seen = [one.external_id for one in records if one.external_id]
    turned_away = {
        key.external_id: digest for key, digest in erasures.digests(tx.db, tx.turned_away).items()
    }
    done.first_seen = sync_runs.mark_seen(
        tx, account.id, FOLLOWERS, [turned_away.get(external_id, external_id) for external_id in seen]
    )
    return done


def missing(conn: Any, account: Account) -> tuple[list[tuple[int, int]], int]:
    """((identity, fan) of followers this pass has not met, how many are known)."""
    rows = conn.execute(MISSING, {"account": account.id}).fetchall()
    known = conn.execute(
        "SELECT count(*) FROM follower WHERE account_id = ? AND unfollowed_at IS NULL", (account.id,)
    ).fetchone()
    return [(int(row[0]), int(row[1])) for row in rows], int(known[0])


def end(tx: Transaction, account: Account, gone: Collection[tuple[int, int]]) -> None:
    """These (identity, fan) follow no more."""
    if not gone:
        return
    tx.db.conn.executemany(
        "UPDATE follower SET unfollowed_at = ?, tags = '[]' WHERE identity_id = ?",
        [(tx.now_ms, identity_id) for identity_id, _ in gone],
    )
    fans = {fan_id for _, fan_id in gone}
    platform_tags.refresh_fans(tx, account.id, fans)
    tx.touch(Topic.FAN, fans)


def change(
    tx: Transaction, account_id: int, open_ids: Sequence[str], facts: Mapping[str, str], tag: str = ""
) -> None:
    """What a done write changed: the remark (`facts`), or a tag that was put ('+id') or taken ('-id')."""
    rows = tx.db.execute(
        "SELECT f.identity_id, i.fan_id, f.tags FROM follower f JOIN identity i ON i.id = f.identity_id"
        " WHERE f.account_id = ? AND i.external_id IN (SELECT value FROM json_each(?))",
        (account_id, json.dumps(list(open_ids))),
    ).fetchall()
    for row in rows:
        tags = set(json.loads(row["tags"]))
        if tag:
            tags = tags | {tag[1:]} if tag[0] == "+" else tags - {tag[1:]}
        tx.db.execute(
            "UPDATE follower SET tags = ?, remark = coalesce(?, remark) WHERE identity_id = ?",
            (json.dumps(sorted(tags)), facts.get("remark"), row["identity_id"]),
        )
    fans = {int(row["fan_id"]) for row in rows}
    platform_tags.refresh_fans(tx, account_id, fans)
    tx.touch(Topic.FAN, fans)


def count(conn: Any, account_id: int, tag: str = "") -> int:
    """How many follow now, all of them or those who carry a tag."""
    among = " AND EXISTS (SELECT 1 FROM json_each(follower.tags) WHERE value = :tag)" if tag else ""
    row = conn.execute(
        f"SELECT count(*) FROM follower WHERE account_id = :account AND unfollowed_at IS NULL{among}",
        {"account": account_id, "tag": tag},
    ).fetchone()
    return int(row[0])


def by_tag(conn: Any, account_id: int) -> dict[str, int]:
    """How many who follow now carry each tag, by its id at the platform."""
    rows = conn.execute(
        "SELECT t.value, count(*) FROM follower f, json_each(f.tags) t"
        " WHERE f.account_id = ? AND f.unfollowed_at IS NULL GROUP BY t.value",
        (account_id,),
    )
    return {str(row[0]): int(row[1]) for row in rows}


def _rename(tx: Transaction, fan_id: int, before: str, now: str) -> None:
    """Follow a new remark, where the old one is what the fan is called here."""
    fan = tx.db.execute("SELECT name, name_source FROM fan WHERE id = ?", (fan_id,)).fetchone()
    if fan["name_source"] == "platform" and fan["name"] == before:
        identities.rename(tx, fan_id, now, "platform")


def _known(tx: Transaction, account: Account, ids: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    rows = tx.db.execute(KNOWN, (account.platform, account.external_id, json.dumps(list(ids))))
    return {row[0]: tuple(row)[1:] for row in rows.fetchall()}
