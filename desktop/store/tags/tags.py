"""Tags: the shop's own, and those that belong to a platform. Operators change only the shop's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.errors import ConflictError, InvalidInputError, NotFoundError
from desktop.store.fans.fans import LIVE, chunks
from desktop.store.transaction import Transaction

LONGEST_NAME = 30


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag and how many fans carry it; `has_rule`: a rule puts it on."""

    tag_id: int
    name: str
    group_name: str
    is_platform: bool
    fans: int
    colour: str = ""
    has_rule: bool = False


def tags(conn: Any) -> list[TagRow]:
    """Every live tag: the shop's own first, then the platforms'."""
    found = conn.execute(
        "SELECT tag.id, tag.name, tag.group_name, tag.account_id IS NOT NULL,"
        " (SELECT count(*) FROM fan_tag JOIN fan ON fan.id = fan_tag.fan_id"
        f"   WHERE fan_tag.tag_id = tag.id AND {LIVE}), tag.colour, tag.rule IS NOT NULL"
        " FROM tag WHERE tag.removed_at IS NULL"
        " AND (tag.account_id IS NULL OR tag.external_id IS NOT NULL)"  # others wait for the platform
        " ORDER BY tag.account_id IS NOT NULL, tag.group_name, tag.position, tag.name, tag.id"
    )
    return [TagRow(row[0], row[1], row[2], bool(row[3]), row[4], row[5], bool(row[6])) for row in found]


def checked_name(name: str) -> str:
    """A tag's name without outer blanks. Raises InvalidInputError('tag_name_invalid')."""
    wanted = " ".join(name.split())
    if not 1 <= len(wanted) <= LONGEST_NAME or not wanted.isprintable():
        raise InvalidInputError("tag_name_invalid", longest=LONGEST_NAME)
    return wanted


def ensure(tx: Transaction, name: str) -> int:
    """The id of the shop's own tag of this name, made when missing."""
    wanted = checked_name(name)
    found = find(tx.db, wanted)
    if found is not None:
        return found
    cursor = tx.db.execute(
        "INSERT INTO tag (uid, group_name, name) VALUES (?, '', ?)", (tx.new_uid(), wanted)
    )
    tx.touch(Topic.TAG)
    return int(cursor.lastrowid or 0)


def find(conn: Any, name: str) -> int | None:
    """The shop's own tag of this name."""
    row = conn.execute(
        "SELECT id FROM tag WHERE account_id IS NULL AND removed_at IS NULL AND name = ?"
        " ORDER BY group_name LIMIT 1",
        (name,),
    ).fetchone()
    return None if row is None else int(row[0])


def named(conn: Any, name: str) -> list[int]:
    """Every live tag of this name, the shop's own and the platforms'."""
    found = conn.execute("SELECT id FROM tag WHERE removed_at IS NULL AND name = ?", (name.strip(),))
    return [row[0] for row in found]


def names(conn: Any, tag_ids: Sequence[int]) -> dict[int, str]:
    """Names by id, for describing a rule."""
    found: dict[int, str] = {}
    for marks, portion in chunks(list(tag_ids)):
        found.update(conn.execute(f"SELECT id, name FROM tag WHERE id IN ({marks})", portion).fetchall())
    return found


def own(conn: Any, tag_id: int) -> str:
    """The name of one of the shop's own tags. Raises NotFoundError, or ConflictError for a platform's."""
    row = conn.execute(
        "SELECT name, account_id FROM tag WHERE id = ? AND removed_at IS NULL", (tag_id,)
    ).fetchone()
    if row is None:
        raise NotFoundError("tag_missing", tag_id=tag_id)
    if row["account_id"] is not None:
        raise ConflictError("tag_platform_owned", name=row["name"])
    return str(row["name"])


def rename(tx: Transaction, tag_id: int, name: str) -> None:
    """Give one of the shop's own tags another name. Raises as own(), ConflictError('tag_name_taken')."""
    before = own(tx.db, tag_id)
    if find(tx.db, name) not in (None, tag_id):
        raise ConflictError("tag_name_taken", name=name)
    tx.db.execute("UPDATE tag SET name = ? WHERE id = ?", (name, tag_id))
    tx.replaced = {"tag_id": tag_id, "name": before}
    touched(tx, carriers(tx.db, tag_id))


def delete(tx: Transaction, tag_id: int) -> int:
    """Take one of the shop's own tags away; how many fans carried it. Raises as own()."""
    own(tx.db, tag_id)
    removed = remove(tx, carriers(tx.db, tag_id), tag_id)
    tx.db.execute("UPDATE tag SET removed_at = ? WHERE id = ?", (tx.now_ms, tag_id))
    tx.replaced = {"tag_id": tag_id, "removed": removed}
    return len(removed)


def revive(tx: Transaction, tag_id: int) -> None:
    """A tag that was taken away stands again. Raises ConflictError('tag_name_taken')."""
    row = tx.db.execute("SELECT name FROM tag WHERE id = ?", (tag_id,)).fetchone()
    if find(tx.db, row["name"]) is not None:
        raise ConflictError("tag_name_taken", name=row["name"])
    tx.db.execute("UPDATE tag SET removed_at = NULL WHERE id = ?", (tag_id,))
    tx.touch(Topic.TAG)


def carriers(conn: Any, tag_id: int) -> list[int]:
    """Who carries a tag."""
    found = conn.execute("SELECT fan_id FROM fan_tag WHERE tag_id = ?", (tag_id,))
    return [int(row[0]) for row in found.fetchall()]


def add(tx: Transaction, fan_ids: Sequence[int], tag_id: int, source: str = "operator") -> list[int]:
    """Put a tag on fans; returns those who did not have it."""
    fresh: list[int] = []
    for marks, portion in chunks(fan_ids):
        had = {
            row[0]
            for row in tx.db.execute(
                f"SELECT fan_id FROM fan_tag WHERE tag_id = ? AND fan_id IN ({marks})", [tag_id, *portion]
            )
        }
        live = tx.db.execute(f"SELECT id FROM fan WHERE {LIVE} AND id IN ({marks})", portion)
        fresh += [row[0] for row in live.fetchall() if row[0] not in had]
    tx.db.conn.executemany(
        "INSERT INTO fan_tag (fan_id, tag_id, source, at) VALUES (?, ?, ?, ?)",
        [(fan_id, tag_id, source, tx.now_ms) for fan_id in fresh],
    )
    touched(tx, fresh)
    return fresh


def remove(tx: Transaction, fan_ids: Sequence[int], tag_id: int) -> list[dict[str, Any]]:
    """Take a tag off fans; returns the rows that stood there, for undo."""
    gone: list[dict[str, Any]] = []
    for marks, portion in chunks(fan_ids):
        found = tx.db.execute(
            f"DELETE FROM fan_tag WHERE tag_id = ? AND fan_id IN ({marks}) RETURNING fan_id, source, at",
            [tag_id, *portion],
        )
        gone += [dict(row) for row in found.fetchall()]
    touched(tx, [row["fan_id"] for row in gone])
    return gone


def put_back(tx: Transaction, tag_id: int, gone: Sequence[dict[str, Any]]) -> None:
    """Restore rows that `remove` returned, where the fan is still there and has no such tag."""
    live = {
        row[0]
        for marks, portion in chunks([row["fan_id"] for row in gone])
        for row in tx.db.execute(f"SELECT id FROM fan WHERE {LIVE} AND id IN ({marks})", portion)
    }
    tx.db.conn.executemany(
        "INSERT OR IGNORE INTO fan_tag (fan_id, tag_id, source, at) VALUES (?, ?, ?, ?)",
        [(row["fan_id"], tag_id, row["source"], row["at"]) for row in gone if row["fan_id"] in live],
    )
    touched(tx, sorted(live))


def touched(tx: Transaction, fan_ids: Sequence[int]) -> None:
    """Say that tags of these fans changed."""
    tx.touch(Topic.TAG)
    tx.touch(Topic.FAN, fan_ids)
