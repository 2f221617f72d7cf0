"""Saved audiences: rows, members of frozen lists, and how they change from day to day."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.domain.segments import fan_bits, rules
from desktop.domain.segments.facts import AsOf
from desktop.domain.segments.saved import DayChange, Segment, SegmentDraft
from desktop.store.audiences import segment_rules
from desktop.store.database import as_json
from desktop.store.fans.living import LIVE
from desktop.store.transaction import Transaction

LAST_DAYS = 30
PORTION = 10_000


def listing(conn: Any) -> tuple[Segment, ...]:
    """Every audience, by name."""
    rows = conn.execute("SELECT * FROM segment WHERE removed_at IS NULL ORDER BY name, id")
    return tuple(map(_segment, rows.fetchall()))


def get(conn: Any, uid: str) -> Segment:
    """One audience by uid or name. Raises NotFoundError('segment_missing')."""
    found = find(conn, uid)
    if found is None:
        raise NotFoundError("segment_missing", segment=uid)
    return found


def find(conn: Any, uid: str) -> Segment | None:
    """One audience by uid or name, if there is one."""
    row = conn.execute(
        "SELECT * FROM segment WHERE removed_at IS NULL AND (uid = :key OR name = :key)", {"key": uid}
    ).fetchone()
    return None if row is None else _segment(row)


def save(tx: Transaction, uid: str | None, draft: SegmentDraft) -> str:
    """Insert or overwrite an audience; its uid. Raises ConflictError('segment_name_taken'), NotFoundError."""
    known = get(tx.db.conn, uid) if uid else None
    taken = tx.db.execute(
        "SELECT id FROM segment WHERE name = ? AND removed_at IS NULL", (draft.name,)
    ).fetchone()
    if taken and (known is None or taken[0] != known.id):
        raise ConflictError("segment_name_taken", name=draft.name)
    document = as_json(rules.as_json(draft.rule))
    if known is None:
        made = tx.new_uid()
        made_row = tx.db.execute(
            "INSERT INTO segment (uid, name, note, rule, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
            (made, draft.name, draft.note, document, tx.now_ms, tx.now_ms),
        ).lastrowid
        tx.touch(Topic.SEGMENT, [made_row or 0])
        return made
    tx.replaced = {
        "segment": known.id,
        "name": known.draft.name,
        "note": known.draft.note,
        "rule": rules.as_json(known.draft.rule),
    }
    tx.db.execute(
        "UPDATE segment SET name = ?, note = ?, rule = ?, updated_at = ? WHERE id = ?",
        (draft.name, draft.note, document, tx.now_ms, known.id),
    )
    tx.touch(Topic.SEGMENT, [known.id])
    return known.uid


def remove(tx: Transaction, segment: Segment) -> None:
    """Put an audience away; posts that name it reach nobody until they name another."""
    tx.replaced = {"segment": segment.id, "removed_at": None}
    tx.db.execute("UPDATE segment SET removed_at = ? WHERE id = ?", (tx.now_ms, segment.id))
    tx.touch(Topic.SEGMENT, [segment.id])


def freeze(tx: Transaction, segment: Segment, as_of: AsOf) -> int:
    """Fix the members as they are now; how many they are."""
    where, parameters = condition(segment, as_of)
    tx.db.execute(
        f"INSERT INTO segment_member (segment_id, fan_id) SELECT {int(segment.id)}, fan.id FROM fan"
        f" WHERE {where}",
        parameters,
    )
    tx.db.execute("UPDATE segment SET frozen_at = ? WHERE id = ?", (tx.now_ms, segment.id))
    tx.replaced = {"segment": segment.id, "frozen_at": None}
    tx.touch(Topic.SEGMENT, [segment.id])
    return size_of_list(tx.db.conn, segment.id)


def add_members(tx: Transaction, segment: Segment, fan_ids: Sequence[int]) -> list[int]:
    """Put fans on a frozen list; those who were not on it. Raises ConflictError('segment_lives')."""
    if not segment.is_frozen:
        raise ConflictError("segment_lives", name=segment.draft.name)
    added: list[int] = []
    for start in range(0, len(fan_ids), PORTION):
        rows = tx.db.execute(
            "INSERT OR IGNORE INTO segment_member (segment_id, fan_id) SELECT ?, value FROM json_each(?)"
            " RETURNING fan_id",
            (segment.id, as_json(list(fan_ids[start : start + PORTION]))),
        )
        added += [row[0] for row in rows.fetchall()]
    tx.db.execute("UPDATE segment SET updated_at = ? WHERE id = ?", (tx.now_ms, segment.id))
    tx.touch(Topic.SEGMENT, [segment.id])
    return added


def make_list(tx: Transaction, name: str) -> Segment:
    """An empty frozen list by hand: its rule names nobody. Raises as save()."""
    uid = save(tx, None, SegmentDraft(name))
    tx.db.execute("UPDATE segment SET frozen_at = ? WHERE uid = ?", (tx.now_ms, uid))
    return get(tx.db.conn, uid)


def take_off(tx: Transaction, replaced: Mapping[str, Any]) -> None:
    """Undo adding by hand: those added are off the list; a list made for them goes."""
    segment_id = replaced["segment"]
    for start in range(0, len(replaced["added"]), PORTION):
        tx.db.execute(
            "DELETE FROM segment_member WHERE segment_id = ? AND fan_id IN (SELECT value FROM json_each(?))",
            (segment_id, as_json(replaced["added"][start : start + PORTION])),
        )
    if replaced["is_new"] and not size_of_list(tx.db.conn, segment_id):
        tx.db.execute("UPDATE segment SET removed_at = ? WHERE id = ?", (tx.now_ms, segment_id))
    tx.touch(Topic.SEGMENT, [segment_id])


def thaw(tx: Transaction, segment: Segment) -> None:
    """Let the rule decide again. Raises ConflictError('segment_by_hand') for a list without a rule."""
    if segment.is_by_hand:
        raise ConflictError("segment_by_hand", name=segment.draft.name)
    tx.replaced = {"segment": segment.id, "frozen_at": segment.frozen_at}
    tx.db.execute("DELETE FROM segment_member WHERE segment_id = ?", (segment.id,))
    tx.db.execute("UPDATE segment SET frozen_at = NULL WHERE id = ?", (segment.id,))
    tx.touch(Topic.SEGMENT, [segment.id])


def put_back(tx: Transaction, replaced: Mapping[str, Any]) -> None:
    """Undo one change of an audience: its rule and words, its removal, or its freezing.

    Raises ConflictError('segment_name_taken') when another audience bears the name meanwhile.
    """
    segment_id = replaced["segment"]
    row = tx.db.execute("SELECT * FROM segment WHERE id = ?", (segment_id,)).fetchone()
    name = replaced.get("name", row["name"])
    taken = tx.db.execute(
        "SELECT 1 FROM segment WHERE name = ? AND removed_at IS NULL AND id <> ?", (name, segment_id)
    ).fetchone()
    if taken:
        raise ConflictError("segment_name_taken", name=name)
    if "frozen_at" in replaced:
        tx.db.execute("DELETE FROM segment_member WHERE segment_id = ?", (segment_id,))
        tx.db.execute("UPDATE segment SET frozen_at = NULL WHERE id = ?", (segment_id,))
    elif "removed_at" in replaced:
        tx.db.execute("UPDATE segment SET removed_at = NULL WHERE id = ?", (segment_id,))
    else:
        tx.db.execute(
            "UPDATE segment SET name = ?, note = ?, rule = ?, updated_at = ? WHERE id = ?",
            (name, replaced["note"], as_json(replaced["rule"]), tx.now_ms, segment_id),
        )
    tx.touch(Topic.SEGMENT, [segment_id])


def condition(segment: Segment, as_of: AsOf) -> tuple[str, dict[str, Any]]:
    """SQL condition on `fan`: who belongs, living fans only; and its parameters."""
    if segment.is_frozen:
        where = f"{LIVE} AND fan.id IN (SELECT fan_id FROM segment_member WHERE segment_id = :segment)"
        return where, {"segment": segment.id}
    return segment_rules.compiled(segment.draft.rule, as_of)


def size_of_list(conn: Any, segment_id: int) -> int:
    """How many a frozen list holds, those gone since included."""
    counted = conn.execute("SELECT count(*) FROM segment_member WHERE segment_id = ?", (segment_id,))
    return int(counted.fetchone()[0])


def days(conn: Any, segment_id: int) -> tuple[DayChange, ...]:
    """The last days counted, oldest first."""
    rows = conn.execute(
        "SELECT day, size, joined, gone FROM segment_day WHERE segment_id = ? ORDER BY day DESC LIMIT ?",
        (segment_id, LAST_DAYS),
    ).fetchall()
    return tuple(DayChange(*row) for row in reversed(rows))


def day_is_noted(conn: Any, segment_id: int, day: str) -> bool:
    """Whether an audience was counted on a day."""
    row = conn.execute(
        "SELECT 1 FROM segment_day WHERE segment_id = ? AND day = ?", (segment_id, day)
    ).fetchone()
    return row is not None


def note_days(tx: Transaction, found: Sequence[tuple[int, str, int]]) -> None:
    """Write down who belongs on a day, and who came and went since the day counted before.

    Each is (local id of the audience, the day, its members as a set).
    """
    for segment_id, day, members in found:
        _note_day(tx, segment_id, day, members)


def _note_day(tx: Transaction, segment_id: int, day: str, members: int) -> None:
    marked = tx.db.execute(
        "SELECT members FROM segment_mark WHERE segment_id = ?", (segment_id,)
    ).fetchone()
    joined = gone = None
    if marked is not None:
        before = int.from_bytes(zlib.decompress(marked[0]), "little")
        joined, gone = (members & ~before).bit_count(), (before & ~members).bit_count()
    tx.db.execute(
        "INSERT OR IGNORE INTO segment_day (segment_id, day, size, joined, gone) VALUES (?, ?, ?, ?, ?)",
        (segment_id, day, members.bit_count(), joined, gone),
    )
    tx.db.execute(
        "INSERT OR REPLACE INTO segment_mark (segment_id, members) VALUES (?, ?)",
        (segment_id, zlib.compress(fan_bits.as_bytes(members), 1)),
    )
    tx.touch(Topic.SEGMENT, [segment_id])


def _segment(row: Any) -> Segment:
    return Segment(
        id=row["id"],
        uid=row["uid"],
        draft=SegmentDraft(row["name"], rules.parsed(row["rule"]), row["note"]),
        frozen_at=row["frozen_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
