"""The platform's own tags, kept apart from the shop's: which exist, and which fans carry them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.accounts import Account, TagAccount
from desktop.domain.changes import Topic
from desktop.domain.errors import NotFoundError
from desktop.domain.platform_records import TagRecord
from desktop.store.tags import untags
from desktop.store.transaction import Transaction

# A fan carries a platform tag while any live friendship (or following) of theirs on the account carries it.
# The order of the joins is fixed: without statistics of a young file the planner would walk all tags for each fan.
CARRIED = """
SELECT DISTINCT i.fan_id AS fan_id, t.id AS tag_id, 'platform', :now FROM {people}
    CROSS JOIN {carriers} ON f.identity_id = i.id AND f.{ended} IS NULL
    CROSS JOIN json_each(f.tags) AS carried
    CROSS JOIN tag AS t ON t.account_id = :account AND t.external_id = carried.value
        AND t.removed_at IS NULL
WHERE i.account_id = :account
"""
FRIENDS = {"carriers": "follow AS f", "ended": "removed_at"}
FOLLOWERS = {"carriers": "follower AS f", "ended": "unfollowed_at"}  # of an official account
ALL = "identity AS i"
THESE = "json_each(:fans) AS wanted CROSS JOIN identity AS i ON i.fan_id = wanted.value"

KEPT = """
SELECT t.*, a.name AS account_name, a.platform, (SELECT count(*) FROM fan_tag ft JOIN fan ON fan.id = ft.fan_id
        WHERE ft.tag_id = t.id AND fan.removed_at IS NULL AND fan.merged_into IS NULL) AS fans
FROM tag t JOIN account a ON a.id = t.account_id
WHERE t.removed_at IS NULL AND a.removed_at IS NULL AND (? IS NULL OR t.account_id = ?)
"""


def ingest(tx: Transaction, account: Account, records: Sequence[TagRecord]) -> tuple[set[str], set[str]]:
    """Take in the complete tag list; (ids that are new here, ids that changed)."""
    rows = tx.db.execute("SELECT * FROM tag WHERE account_id = ?", (account.id,)).fetchall()
    known = {str(row["external_id"]): row for row in rows}
    new: set[str] = set()
    changed: set[str] = set()
    waiting = {(row["group_name"], row["name"]): row for row in rows if row["external_id"] is None}
    for record in {record.external_id: record for record in records}.values():
        told = (record.group_external_id, record.group_name, record.name, record.position)
        row = known.get(record.external_id)
        if row is None and (record.group_name, record.name) in waiting:
            # made from here, or elsewhere under the same name: the platform keeps one of a name
            row = waiting[record.group_name, record.name]
            created(tx, int(row["id"]), record.external_id, record.group_external_id)
            new.add(record.external_id)
        if row is None:
            tx.db.execute(
                "INSERT INTO tag (uid, account_id, external_id, group_external_id, group_name, name,"
                " position) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (tx.new_uid(), account.id, record.external_id, *told),
            )
            new.add(record.external_id)
            continue
        held = (row["group_external_id"], row["group_name"], row["name"], row["position"])
        if told != held or row["removed_at"] is not None:
            tx.db.execute(
                "UPDATE tag SET group_external_id = ?, group_name = ?, name = ?, position = ?,"
                " removed_at = NULL WHERE id = ?",
                (*told, row["id"]),
            )
            changed.add(record.external_id)
    if new or changed:
        tx.touch(Topic.TAG)
    return new, changed


def insert(tx: Transaction, account_id: int, group_id: str, group_name: str, name: str) -> int:
    """A tag that the platform does not have yet; its local id."""
    cursor = tx.db.execute(
        "INSERT INTO tag (uid, account_id, group_external_id, group_name, name) VALUES (?, ?, ?, ?, ?)",
        (tx.new_uid(), account_id, group_id or None, group_name, name),
    )
    tx.touch(Topic.TAG)
    return int(cursor.lastrowid or 0)


def created(tx: Transaction, tag_id: int, external_id: str, group_id: str) -> None:
    """The platform has the tag. Where a pull had brought it already, the waiting row goes."""
    twin = tx.db.execute(
        "SELECT t.id FROM tag t JOIN tag mine ON mine.account_id = t.account_id"
        " WHERE mine.id = ? AND t.external_id = ? AND t.id <> mine.id",
        (tag_id, external_id),
    ).fetchone()
    if twin is not None:
        tx.db.execute("UPDATE tag SET removed_at = ? WHERE id = ?", (tx.now_ms, tag_id))
        tx.db.execute("UPDATE tag SET removed_at = NULL WHERE id = ?", (twin["id"],))
    elif external_id:
        tx.db.execute(
            "UPDATE tag SET external_id = ?, group_external_id = coalesce(nullif(?, ''), group_external_id),"
            " removed_at = NULL WHERE id = ?",
            (external_id, group_id, tag_id),
        )
    tx.touch(Topic.TAG)


def rename(tx: Transaction, account_id: int, external_id: str, name: str) -> None:
    """The platform's tag, or tag group, of this id has another name now."""
    tx.db.execute(
        "UPDATE tag SET name = ? WHERE account_id = ? AND external_id = ?", (name, account_id, external_id)
    )
    tx.db.execute(
        "UPDATE tag SET group_name = ? WHERE account_id = ? AND group_external_id = ?",
        (name, account_id, external_id),
    )
    tx.touch(Topic.TAG)
    tx.touch(Topic.FAN)


def missing(conn: Any, account: Account, present: Iterable[str]) -> tuple[list[int], int]:
    """(local ids of known tags that are not among `present`, how many are known)."""
    rows = conn.execute(
        "SELECT id, external_id FROM tag WHERE account_id = ? AND removed_at IS NULL"
        " AND external_id IS NOT NULL",  # what is not made yet cannot be missing
        (account.id,),
    ).fetchall()
    there = set(present)
    return [int(row["id"]) for row in rows if row["external_id"] not in there], len(rows)


def remove(tx: Transaction, tag_ids: Sequence[int]) -> None:
    """Mark tags as gone and take them off the fans that the platform had put them on."""
    tx.db.conn.executemany("UPDATE tag SET removed_at = ? WHERE id = ?", [(tx.now_ms, i) for i in tag_ids])
    tx.db.conn.executemany(
        "DELETE FROM fan_tag WHERE tag_id = ? AND source = 'platform'", [(i,) for i in tag_ids]
    )
    tx.touch(Topic.TAG)
    tx.touch(Topic.FAN)


def refresh_fans(tx: Transaction, account_id: int, fan_ids: Collection[int] | None) -> None:
    """Make the platform's tags of these fans (None: all) what their live friendships carry."""
    if fan_ids is not None and not fan_ids:
        return
    among = "" if fan_ids is None else "AND fan_id IN (SELECT value FROM json_each(:fans))"
    platform = tx.db.execute("SELECT platform FROM account WHERE id = ?", (account_id,)).fetchone()[0]
    carriers = FOLLOWERS if platform == "wechat" else FRIENDS
    carried = CARRIED.format(people=ALL if fan_ids is None else THESE, **carriers)
    values = {"account": account_id, "now": tx.now_ms, "fans": json.dumps(sorted(fan_ids or ()))}
    gone = tx.db.execute(
        f"DELETE FROM fan_tag WHERE source = 'platform' {among}"
        " AND tag_id IN (SELECT id FROM tag WHERE account_id = :account)"
        f" AND (fan_id, tag_id) NOT IN (SELECT fan_id, tag_id FROM ({carried})) RETURNING fan_id, tag_id",
        values,
    ).fetchall()
    untags.note(tx, [(row["fan_id"], row["tag_id"]) for row in gone], "platform")
    tx.db.execute(f"INSERT OR IGNORE INTO fan_tag (fan_id, tag_id, source, at) {carried}", values)
    tx.touch(Topic.FAN, fan_ids)


@dataclass(frozen=True, slots=True)
class KeptTag:
    """A tag kept by a platform; `external_id` is '' until the platform made it."""

    id: int
    account_id: int
    account_name: str
    platform: str
    external_id: str
    group_id: str
    group_name: str
    name: str
    fans: int


def kept(conn: Any, account_id: int | None = None) -> list[KeptTag]:
    """Live tags of one account (None: of all), by account and group, with how many fans carry each."""
    found = conn.execute(
        KEPT + " ORDER BY a.id, t.group_name, t.position DESC, t.name, t.id", (account_id,) * 2
    )
    return [_kept(row) for row in found.fetchall()]


def accounts(conn: Any) -> list[TagAccount]:
    """The accounts of platforms that keep tags."""
    found = conn.execute(
        "SELECT id, name, platform FROM account WHERE platform IN ('wecom', 'wechat') AND removed_at IS NULL"
        " AND state <> 'disabled' ORDER BY id"
    )
    return [TagAccount(int(row[0]), str(row[1]), row[2] == "wecom") for row in found]


def kept_one(conn: Any, tag_id: int) -> KeptTag:
    """One tag of a platform. Raises NotFoundError('tag_missing')."""
    row = conn.execute(KEPT + " AND t.id = ?", (None, None, tag_id)).fetchone()
    if row is None:
        raise NotFoundError("tag_missing", tag_id=tag_id)
    return _kept(row)


def _kept(row: Any) -> KeptTag:
    return KeptTag(
        row["id"],
        row["account_id"],
        row["account_name"],
        row["platform"],
        row["external_id"] or "",
        row["group_external_id"] or "",
        row["group_name"],
        row["name"],
        row["fans"],
    )
