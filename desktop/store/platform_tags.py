"""The platform's own tags, kept apart from the shop's: which exist, and which fans carry them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.platform_records import TagRecord
from desktop.store.transaction import Transaction

# A fan carries a platform tag while any live friendship of theirs on the account carries it. The order
# of the joins is fixed: without statistics of a young file the planner would walk all tags for each fan.
CARRIED = """
SELECT DISTINCT i.fan_id AS fan_id, t.id AS tag_id, 'platform', :now FROM {people}
    CROSS JOIN follow AS f ON f.identity_id = i.id AND f.removed_at IS NULL
    CROSS JOIN json_each(f.tags) AS carried
    CROSS JOIN tag AS t ON t.account_id = :account AND t.external_id = carried.value
        AND t.removed_at IS NULL
WHERE i.account_id = :account
"""
ALL = "identity AS i"
THESE = "json_each(:fans) AS wanted CROSS JOIN identity AS i ON i.fan_id = wanted.value"


def ingest(tx: Transaction, account: Account, records: Sequence[TagRecord]) -> tuple[set[str], set[str]]:
    """Take in the complete tag list; (ids that are new here, ids that changed)."""
    rows = tx.db.execute("SELECT * FROM tag WHERE account_id = ?", (account.id,)).fetchall()
    known = {str(row["external_id"]): row for row in rows}
    new: set[str] = set()
    changed: set[str] = set()
    for record in {record.external_id: record for record in records}.values():
        told = (record.group_external_id, record.group_name, record.name, record.position)
        row = known.get(record.external_id)
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


def missing(conn: Any, account: Account, present: Iterable[str]) -> tuple[list[int], int]:
    """(local ids of known tags that are not among `present`, how many are known)."""
    rows = conn.execute(
        "SELECT id, external_id FROM tag WHERE account_id = ? AND removed_at IS NULL", (account.id,)
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
    carried = CARRIED.format(people=ALL if fan_ids is None else THESE)
    values = {"account": account_id, "now": tx.now_ms, "fans": json.dumps(sorted(fan_ids or ()))}
    tx.db.execute(
        f"DELETE FROM fan_tag WHERE source = 'platform' {among}"
        " AND tag_id IN (SELECT id FROM tag WHERE account_id = :account)"
        f" AND (fan_id, tag_id) NOT IN (SELECT fan_id, tag_id FROM ({carried}))",
        values,
    )
    tx.db.execute(f"INSERT OR IGNORE INTO fan_tag (fan_id, tag_id, source, at) {carried}", values)
    tx.touch(Topic.FAN, fan_ids)
