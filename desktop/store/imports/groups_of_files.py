"""Fan groups as files name them: which group is meant, who speaks in it, and members that a file brings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.identity import IdentityKey
from desktop.domain.imports import ERASED, FieldChange, InteractionRecord, MemberRecord, Verdict
from desktop.store.effects import Effects
from desktop.store.erasures import marks as erasures
from desktop.store.fans import known_people
from desktop.store.transaction import Transaction

NAMED = """
SELECT g.id, g.external_id, g.name, a.platform FROM fan_group AS g LEFT JOIN account AS a ON a.id = g.account_id
WHERE g.removed_at IS NULL AND (g.external_id IN (SELECT value FROM json_each(:named))
    OR g.name IN (SELECT value FROM json_each(:named)))
"""
CALLED = """
SELECT m.group_id, m.name, m.group_nickname, i.name, i.fan_id
FROM group_member AS m JOIN identity AS i ON i.id = m.identity_id
WHERE m.group_id IN (SELECT value FROM json_each(:groups))
    AND (m.name IN (SELECT value FROM json_each(:names)) OR i.name IN (SELECT value FROM json_each(:names))
        OR m.group_nickname IN (SELECT value FROM json_each(:names)))
"""
MEMBER = "SELECT rowid AS place, * FROM group_member WHERE group_id = ? AND external_id = ?"
SET_MEMBER = {
    column: f"UPDATE group_member SET {column} = ? WHERE rowid = ?"
    for column in ("name", "group_nickname", "joined_at", "left_at")
}
SYNCED = "wecom"  # whose groups tell all their members


class FileGroups:
    """The fan groups that the rows of one portion name, and who speaks there: looked for together.

    No import adds groups, nor members that are told by their messages, so what was found stands meanwhile.
    """

    def __init__(self) -> None:
        self._groups: dict[str, dict[int, str | None]] = {}
        self._speakers: dict[tuple[int, str], set[int]] = {}

    def look(self, conn: Any, records: Sequence[InteractionRecord] | Sequence[MemberRecord]) -> None:
        """Find the groups of these rows, and whoever only a name tells; forgets what others named."""
        self._groups, self._speakers = {}, {}
        named = {record.group for record in records if record.group}
        if not named:
            return
        for group_id, external_id, name, platform in conn.execute(NAMED, {"named": _listed(named)}):
            for called in {external_id, name} & named:
                self._groups.setdefault(called, {})[group_id] = platform
        names = {
            record.name
            for record in records
            if isinstance(record, InteractionRecord) and record.key is None
        }
        groups = {group_id for found in self._groups.values() for group_id in found}
        if not names or not groups:
            return
        given = {"groups": _listed(groups), "names": _listed(names)}
        for group_id, *called, fan_id in conn.execute(CALLED, given):
            for name in names.intersection(called):
                self._speakers.setdefault((group_id, name), set()).add(fan_id)

    def group(self, named: str) -> int | None:
        """The one living group of this id or name; None where there is none, or several."""
        found = self._groups.get(named, {})
        return next(iter(found)) if len(found) == 1 else None

    def refusal(self, record: InteractionRecord | MemberRecord) -> Verdict | None:
        """Why a row about a group cannot come in; None where it can."""
        found = self._groups.get(record.group, {})
        if len(found) != 1:
            code = "group_ambiguous" if found else "group_unknown"
            return Verdict("rejected", code=code, params={"group": record.group, "n": len(found)})
        if isinstance(record, MemberRecord):
            is_synced = SYNCED in found.values()
            return (
                Verdict("rejected", code="group_synced", params={"group": record.group})
                if is_synced
                else None
            )
        if record.key is None and self.speaker(record) is None:
            said = {"name": record.name, "group": record.group}
            return Verdict("rejected", code="speaker_unknown", params=said)
        return None

    def speaker(self, record: InteractionRecord) -> int | None:
        """The one fan of that name in the group; None where there is none, or several."""
        group_id = self.group(record.group)
        found = set() if group_id is None else self._speakers.get((group_id, record.name), set())
        return next(iter(found)) if len(found) == 1 else None


def _listed(values: Iterable[str] | Iterable[int]) -> str:
    return json.dumps(list(values))


class MemberImport:
    """One file's members of groups."""

    def __init__(self, mode: str, origin: str) -> None:
        self._mode = mode
        self._origin = origin
        self._erased: set[IdentityKey] = set()
        self._groups = FileGroups()

    def prepare(self, conn: Any, records: Sequence[MemberRecord]) -> None:
        """Find the groups, and which of these people were erased."""
        self._groups.look(conn, records)
        self._erased = erasures.erased(conn, {one.key for one in records if one.key is not None})

    def flush(self, tx: Transaction) -> None:
        """Nothing waits."""

    def judge(self, conn: Any, record: MemberRecord) -> Verdict:
        """What `bring` would do now."""
        if record.key in self._erased:
            return Verdict("rejected", code=ERASED)
        refused = self._groups.refusal(record)
        if refused is not None:
            return refused
        row = conn.execute(MEMBER, (self._groups.group(record.group), record.external_id)).fetchone()
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
        group_id = self._groups.group(record.group)
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
