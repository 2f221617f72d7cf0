"""The shop's own tags beyond their names: group, colour, rule, merging, and which say the same."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.errors import ConflictError, InvalidInputError
from desktop.domain.own_tags import other_tags, tags_in, with_other_tag
from desktop.domain.segments import rules
from desktop.domain.segments.facts import AsOf
from desktop.domain.segments.rules import Rule
from desktop.store.audiences import segment_rules
from desktop.store.database import as_json
from desktop.store.fans import fan_sets
from desktop.store.fans.fans import LIVE
from desktop.store.tags import tags, untags
from desktop.store.transaction import Transaction

RULED = "SELECT id, rule FROM tag WHERE account_id IS NULL AND removed_at IS NULL AND rule IS NOT NULL"
CARRIED = f"{LIVE} AND fan.id IN (SELECT fan_id FROM fan_tag WHERE tag_id = :tag)"
# Rows that name tags by id: where the document stands.
NAMERS = {"segment": "rule", "tag": "rule", "post": "audience"}


def dress(tx: Transaction, tag_id: int, group: str, colour: str) -> None:
    """Give one of the shop's own tags a group and a colour. Raises as tags.own()."""
    tags.own(tx.db, tag_id)
    row = tx.db.execute("SELECT group_name, colour FROM tag WHERE id = ?", (tag_id,)).fetchone()
    tx.db.execute("UPDATE tag SET group_name = ?, colour = ? WHERE id = ?", (group, colour, tag_id))
    tx.replaced = {"tag_id": tag_id, "group": row[0], "colour": row[1]}
    tags.touched(tx, tags.carriers(tx.db, tag_id))


def ruled(conn: Any) -> dict[int, Rule]:
    """The tags that put themselves on, with their rules."""
    return {row[0]: rules.parsed(row[1]) for row in conn.execute(RULED).fetchall()}


def set_rule(tx: Transaction, tag_id: int, rule: Rule | None, as_of: AsOf) -> int:
    """Let a rule put the tag on (None: only people do); how many carry it by rule now.

    Raises as tags.own(), ConflictError('tag_rule_loop') where tags with rules would lean on each other.
    """
    tags.own(tx.db, tag_id)
    others = {other: each for other, each in ruled(tx.db).items() if other != tag_id}
    if rule is not None:
        named = set(tags_in(rule))
        if named & {tag_id, *others} or any(tag_id in tags_in(each) for each in others.values()):
            raise ConflictError("tag_rule_loop")
    before = tx.db.execute("SELECT rule FROM tag WHERE id = ?", (tag_id,)).fetchone()[0]
    document = None if rule is None else as_json(rules.as_json(rule))
    tx.db.execute("UPDATE tag SET rule = ? WHERE id = ?", (document, tag_id))
    apply(tx, tag_id, rule, as_of)
    tx.replaced = {"tag_id": tag_id, "rule": None if before is None else json.loads(before)}
    tx.touch(Topic.TAG)
    counted = "SELECT count(*) FROM fan_tag WHERE tag_id = ? AND source = 'rule'"
    return int(tx.db.execute(counted, (tag_id,)).fetchone()[0])


def apply(tx: Transaction, tag_id: int, rule: Rule | None, as_of: AsOf) -> int:
    """Put the tag on who belongs and off whom only the rule had put it on; how many fans changed.

    What people put on stays, whatever the rule says.
    """
    where, values = ("0", {}) if rule is None else segment_rules.compiled(rule, as_of)
    members = f"SELECT fan.id FROM fan WHERE {where}"
    values |= {"tag": tag_id, "now": tx.now_ms}
    gone = tx.db.execute(
        f"DELETE FROM fan_tag WHERE tag_id = :tag AND source = 'rule' AND fan_id NOT IN ({members})"
        " RETURNING fan_id",
        values,
    ).fetchall()
    come = tx.db.execute(
        f"INSERT OR IGNORE INTO fan_tag (fan_id, tag_id, source, at) SELECT id, :tag, 'rule', :now"
        f" FROM fan WHERE id IN ({members}) RETURNING fan_id",
        values,
    ).fetchall()
    untags.note(tx, [(row[0], tag_id) for row in gone], "rule")
    changed = [row[0] for row in (*gone, *come)]
    if changed:
        tags.touched(tx, changed)
    return len(changed)


def merge(tx: Transaction, source: int, target: int) -> int:
    """Whoever carries one own tag carries the other; the first goes; how many got the second by that.

    Rules and audiences that named the first name the second. Raises as tags.own(),
    InvalidInputError('tag_merge_self'), ConflictError('tag_merge_rule') for a tag with a rule.
    """
    if source == target:
        raise InvalidInputError("tag_merge_self")
    tags.own(tx.db, source)
    tags.own(tx.db, target)
    if {source, target} & ruled(tx.db).keys():
        raise ConflictError("tag_merge_rule")
    added = tags.add(tx, tags.carriers(tx.db, source), target)
    renamed = _rename_in_rules(tx, source, target)
    tags.delete(tx, source)
    tx.replaced = {**(tx.replaced or {}), "target": target, "added": added, "documents": renamed}
    tx.touch(Topic.SEGMENT)
    return len(added)


def unmerge(tx: Transaction, replaced: Mapping[str, Any]) -> None:
    """Take a merge back. Raises ConflictError('undo_changed_since') where a rule was edited since."""
    for each in replaced["documents"]:
        held = tx.db.execute(_select(each["table"]), (each["id"],)).fetchone()
        if held is None or json.loads(held[0]) != each["after"]:
            raise ConflictError("undo_changed_since")
        _put(tx, each["table"], each["id"], each["before"])
    tags.remove(tx, replaced["added"], replaced["target"])
    tags.revive(tx, replaced["tag_id"])
    tags.put_back(tx, replaced["tag_id"], replaced["removed"])
    tx.touch(Topic.SEGMENT)


def carried(conn: Any) -> dict[int, int]:
    """The living fans of each own tag as sets."""
    own = "SELECT id FROM tag WHERE account_id IS NULL AND removed_at IS NULL"
    return {row[0]: fan_sets.where(conn, CARRIED, {"tag": row[0]}) for row in conn.execute(own).fetchall()}


def _rename_in_rules(tx: Transaction, source: int, target: int) -> Sequence[dict[str, Any]]:
    """Documents that named a tag name another; what stood there and what does."""
    renamed = []
    for table, column in NAMERS.items():
        found = tx.db.execute(f'SELECT id, {column} FROM "{table}" WHERE {column} LIKE \'%"tags"%\'')
        for row_id, text in found.fetchall():
            before = json.loads(text)
            after = (
                {**before, "tags": list(other_tags(before.get("tags", ()), source, target))}
                if table == "post"
                else rules.as_json(with_other_tag(rules.parsed(before), source, target))
            )
            if after != before:
                _put(tx, table, row_id, after)
                renamed.append({"table": table, "id": row_id, "before": before, "after": after})
    return renamed


def _select(table: str) -> str:
    return {name: f'SELECT {column} FROM "{name}" WHERE id = ?' for name, column in NAMERS.items()}[table]


def _put(tx: Transaction, table: str, row_id: int, document: Mapping[str, Any]) -> None:
    statements = {name: f'UPDATE "{name}" SET {column} = ? WHERE id = ?' for name, column in NAMERS.items()}
    tx.db.execute(statements[table], (as_json(document), row_id))
