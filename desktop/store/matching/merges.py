"""Merge two fans into one, and part them again at any later time.

Nothing is lost by merging: the merged fan's row stays as it was, with its tags, suppressions and places in
frozen lists; `fan.merged_into` names who stands for it. Rows that have a fan are moved and keep their home
in `home_fan_id`; what comes in later by an identity has that identity's home. So every row stands where its
home's whole tree of merges ends, and parting only has to look at homes. Rows that were copied (tags) are in the
merge's `took`, and given up as long as they stand as they were given. Fields that others fill (a phone, a
note) are counted anew from `fan.own_fields` and those who stay, unless somebody changed them since.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.store.consents import consents
from desktop.store.database import as_json
from desktop.store.fans import fan_stats
from desktop.store.matching import given
from desktop.store.tiers import tiers
from desktop.store.transaction import Transaction

HOME = "coalesce({table}.home_fan_id, {by_identity}{table}.fan_id)"
BY_IDENTITY = "(SELECT i.home_fan_id FROM identity AS i WHERE i.id = {table}.identity_id), "
# Facts before identities: their homes are told by identities' homes as they stood.
MOVED = {
    '"order"': BY_IDENTITY.format(table='"order"'),
    "interaction": BY_IDENTITY.format(table="interaction"),
    "drop_claim": "",
    "consent": "",
    "identity": "",
}
MOVE = tuple(
    f"UPDATE {each} SET home_fan_id = {HOME.format(table=each, by_identity=way)}, fan_id = :to"
    " WHERE fan_id = :from"
    for each, way in MOVED.items()
)
PART = tuple(
    f"UPDATE {each} SET fan_id = :to, home_fan_id = nullif({HOME.format(table=each, by_identity=way)}, :to)"
    f" WHERE fan_id = :from AND {HOME.format(table=each, by_identity=way)}"
    " IN (SELECT value FROM json_each(:homes))"
    for each, way in MOVED.items()
)
MOVE_REFERRED = (
    "UPDATE interaction SET home_referred_id = coalesce(home_referred_id, referred_fan_id),"
    " referred_fan_id = :to WHERE referred_fan_id = :from"
)
PART_REFERRED = (
    "UPDATE interaction SET referred_fan_id = :to, home_referred_id = nullif(home_referred_id, :to)"
    " WHERE referred_fan_id = :from AND home_referred_id IN (SELECT value FROM json_each(:homes))"
)
TREE = """
WITH RECURSIVE tree (id) AS (SELECT :top UNION
    SELECT m.merged_fan_id FROM fan_merge AS m JOIN tree ON m.kept_fan_id = tree.id WHERE m.undone_at IS NULL)
SELECT id FROM tree
"""
MERGES = """
SELECT m.*, kept.name AS kept_name, merged.name AS merged_name FROM fan_merge AS m
    JOIN fan AS kept ON kept.id = m.kept_fan_id JOIN fan AS merged ON merged.id = m.merged_fan_id
"""


@dataclass(frozen=True, slots=True)
class Merge:
    """One merge: who was kept, who stands behind them now, on what proof (clue and what was shared)."""

    uid: str
    kept_id: int
    kept_name: str
    merged_id: int
    merged_name: str
    proof: tuple[tuple[str, str], ...]
    at: int
    operator: str
    undone_at: int | None


def root(conn: Any, fan_id: int) -> int:
    """Who stands for a fan: themselves, unless they were merged. Raises NotFoundError('fan_missing')."""
    row = conn.execute("SELECT merged_into, removed_at FROM fan WHERE id = ?", (fan_id,)).fetchone()
    if row is None or row[1] is not None:
        raise NotFoundError("fan_missing", fan_id=fan_id)
    return fan_id if row[0] is None else int(row[0])


def tree(conn: Any, fan_id: int) -> set[int]:
    """A fan and all who were merged into them, at however many removes."""
    return {row[0] for row in conn.execute(TREE, {"top": fan_id}).fetchall()}


def merges(conn: Any, fan_id: int | None = None) -> list[Merge]:
    """Merges that hold, newest first; with `fan_id` those within that person."""
    rows = conn.execute(f"{MERGES} WHERE m.undone_at IS NULL ORDER BY m.id DESC").fetchall()
    if fan_id is not None:
        members = tree(conn, fan_id)
        rows = [row for row in rows if row["kept_fan_id"] in members]
    return [_merge(row) for row in rows]


def merge(
    tx: Transaction,
    kept_id: int,
    other_id: int,
    proof: Sequence[tuple[str, str]] = (),
    operator: str = "",
) -> str:
    """Make one person of two; the merge's uid. Who was merged before counts as who stands for them.

    Raises NotFoundError('fan_missing'), ConflictError('match_same') where they are one already.
    """
    kept, other = root(tx.db, kept_id), root(tx.db, other_id)
    if kept == other:
        raise ConflictError("match_same")
    fields = given.Fields(tx, kept)
    took = given.give_rows(tx, kept, other)
    ids = {"from": other, "to": kept}
    for statement in MOVE:
        tx.db.execute(statement, ids)
    tx.db.execute(MOVE_REFERRED, ids)
    tx.db.execute("UPDATE fan SET merged_into = :to WHERE merged_into = :from", ids)
    tx.db.execute("UPDATE fan SET merged_into = ?, updated_at = ? WHERE id = ?", (kept, tx.now_ms, other))
    uid = tx.new_uid()
    tx.db.execute(
        "INSERT INTO fan_merge (uid, kept_fan_id, merged_fan_id, proof, took, at, operator)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (uid, kept, other, as_json([list(one) for one in proof]), as_json(took), tx.now_ms, operator),
    )
    fields.fill()
    settle(tx, kept, other)
    tx.replaced = {"merge": uid}
    return uid


def part(tx: Transaction, uid: str) -> Merge:
    """Undo one merge: everything stands as if it had not been, with what came in since.

    What was typed about the person since stays with the one who was kept. Raises
    NotFoundError('match_missing'), ConflictError('match_undone') the second time.
    """
    row = tx.db.execute(f"{MERGES} WHERE m.uid = ?", (uid,)).fetchone()
    if row is None:
        raise NotFoundError("match_missing", uid=uid)
    if row["undone_at"] is not None:
        raise ConflictError("match_undone")
    told = _merge(row)
    leaving = told.merged_id
    members = tree(tx.db, leaving)
    stood = root(tx.db, leaving)
    ids = {"from": stood, "to": leaving, "homes": json.dumps(sorted(members))}
    fields = given.Fields(tx, told.kept_id)
    for statement in PART:
        tx.db.execute(statement, ids)
    tx.db.execute(PART_REFERRED, ids)
    tx.db.execute("UPDATE fan_merge SET undone_at = ? WHERE uid = ?", (tx.now_ms, uid))
    for fan_id in members:
        into = None if fan_id == leaving else leaving
        tx.db.execute("UPDATE fan SET merged_into = ? WHERE id = ?", (into, fan_id))
    for table, rows in json.loads(row["took"]).items():
        for values in rows:
            given.give_up(tx, told.kept_id, table, values)
    fields.fill()
    settle(tx, stood, leaving)
    return replace(told, undone_at=tx.now_ms)


def _merge(row: Any) -> Merge:
    return Merge(
        row["uid"],
        row["kept_fan_id"],
        row["kept_name"],
        row["merged_fan_id"],
        row["merged_name"],
        tuple((one[0], one[1]) for one in json.loads(row["proof"])),
        row["at"],
        row["operator"],
        row["undone_at"],
    )


def settle(tx: Transaction, *fan_ids: int) -> None:
    """Find out anew what follows from the rows of these fans: words that count, sums, tiers."""
    consents.settle(tx, fan_ids)
    fan_stats.refresh(tx, fan_ids)
    tiers.recompute(tx, fan_ids, tx.now_ms)
    for topic in (Topic.FAN, Topic.ORDER, Topic.INTERACTION, Topic.TAG, Topic.CLAIM, Topic.CONVERSATION):
        tx.touch(topic, fan_ids if topic is Topic.FAN else None)
