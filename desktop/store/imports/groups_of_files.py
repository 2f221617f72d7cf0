"""Fan groups as files name them: which group is meant, who speaks in it, and members that a file brings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.identity import IdentityKey
from desktop.domain.imports import ERASED, FieldChange, InteractionRecord, MemberRecord, Verdict
from desktop.store.effects import Effects
from desktop.store.erasures import marks as erasures
from desktop.store.fans import known_people
from desktop.store.transaction import Transaction

NAMED = (
    "SELECT g.id, a.platform FROM fan_group AS g LEFT JOIN account AS a ON a.id = g.account_id"
    " WHERE g.removed_at IS NULL AND (g.external_id = :named OR g.name = :named)"
)
CALLED = """
SELECT DISTINCT i.fan_id FROM group_member AS m JOIN identity AS i ON i.id = m.identity_id
WHERE m.group_id = :group AND :name IN (m.name, m.group_nickname, i.name)
"""
MEMBER = "SELECT rowid AS place, * FROM group_member WHERE group_id = ? AND external_id = ?"
SET_MEMBER = {
    column: f"UPDATE group_member SET {column} = ? WHERE rowid = ?"
    for column in ("name", "group_nickname", "joined_at", "left_at")
}
SYNCED = "wecom"  # whose groups tell all their members


def group(conn: Any, named: str) -> int | None:
    """The one living group of this id or name; None where there is none, or several."""
    rows = conn.execute(NAMED, {"named": named}).fetchall()
    return int(rows[0]["id"]) if len(rows) == 1 else None


def refusal(conn: Any, record: InteractionRecord | MemberRecord) -> Verdict | None:
    """Why a row about a group cannot come in; None where it can."""
    rows = conn.execute(NAMED, {"named": record.group}).fetchall()
    if len(rows) != 1:
        code = "group_ambiguous" if rows else "group_unknown"
        return Verdict("rejected", code=code, params={"group": record.group, "n": len(rows)})
    if isinstance(record, MemberRecord):
        is_synced = rows[0]["platform"] == SYNCED
        return (
            Verdict("rejected", code="group_synced", params={"group": record.group}) if is_synced else None
        )
    if record.key is None and speaker(conn, record) is None:
        said = {"name": record.name, "group": record.group}
        return Verdict("rejected", code="speaker_unknown", params=said)
    return None


def speaker(conn: Any, record: InteractionRecord) -> int | None:
    """The one fan of that name in the group; None where there is none, or several."""
    named = {"group": group(conn, record.group), "name": record.name}
    rows = conn.execute(CALLED, named).fetchall()
    return int(rows[0][0]) if len(rows) == 1 else None


class MemberImport:
    """One file's members of groups."""

    def __init__(self, mode: str, origin: str) -> None:
        self._mode = mode
        self._origin = origin
        self._erased: set[IdentityKey] = set()

    def prepare(self, conn: Any, records: Sequence[MemberRecord]) -> None:
        """Find out which of these people were erased."""
        self._erased = erasures.erased(conn, {one.key for one in records if one.key is not None})

    def flush(self, tx: Transaction) -> None:
        """Nothing waits."""

    def judge(self, conn: Any, record: MemberRecord) -> Verdict:
        """What `bring` would do now."""
        if record.key in self._erased:
            return Verdict("rejected", code=ERASED)
        refused = refusal(conn, record)
        if refused is not None:
            return refused
        row = conn.execute(MEMBER, (group(conn, record.group), record.external_id)).fetchone()
        if row is None:
            return Verdict("new")
        changes = tuple(
            FieldChange(name, row[name], value) for name, value in self._wanted(row, record).items()
        )
        if changes:
            return Verdict("changed", changes)
        is_kept = any(value and value != row[name] for name, value in _told(record).items())
        return Verdict("kept" if is_kept else "same")

    def bring(self, tx: Transaction, record: MemberRecord, effects: Effects, touched: set[int]) -> Verdict:
        """Add the member with their person, or change what the mode allows."""
        verdict = self.judge(tx.db, record)
        if verdict.kind not in ("new", "changed"):
            return verdict
        group_id = group(tx.db, record.group)
        if verdict.kind == "new":
            identity_id = self._identity(tx, record, effects, touched)
            cursor = tx.db.execute(
                "INSERT INTO group_member (group_id, external_id, kind, identity_id, name, group_nickname,"
                " joined_at, left_at) VALUES (?, ?, 'fan', ?, ?, ?, ?, ?)",
                (group_id, record.external_id, identity_id, *_told(record).values()),
            )
            effects.added("group_member", int(cursor.lastrowid or 0))
        else:
            row = tx.db.execute(MEMBER, (group_id, record.external_id)).fetchone()
            wanted = self._wanted(row, record)
            for name, value in wanted.items():
                tx.db.execute(SET_MEMBER[name], (value, row["place"]))
            effects.changed("group_member", row["place"], {name: row[name] for name in wanted}, wanted)
        tx.touch(Topic.GROUP)
        return verdict

    def _identity(
        self, tx: Transaction, record: MemberRecord, effects: Effects, touched: set[int]
    ) -> int | None:
        """Whom the member is known as, added when new; None where only a name tells."""
        if record.key is None:
            return None
        name, at = record.name or record.nickname, record.joined_at or tx.now_ms
        phone = record.key.external_id if record.key.platform == "phone" else None
        person = known_people.resolve(tx, [record.key], name, phone, self._origin, at, None, effects)
        if person is None:
            return None
        touched.add(person.fan_id)
        return person.identity_id

    def _wanted(self, row: Any, record: MemberRecord) -> dict[str, Any]:
        if self._mode == "add":
            return {}
        return {
            name: value
            for name, value in _told(record).items()
            if value and value != row[name] and (not row[name] or self._mode == "update")
        }


def _told(record: MemberRecord) -> dict[str, Any]:
    return {
        "name": record.name,
        "group_nickname": record.nickname,
        "joined_at": record.joined_at,
        "left_at": record.left_at,
    }
