"""Bring fans and their interactions in from a file: judge each against what is known, then add."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.consents import ConsentDraft, Purpose, Said
from desktop.domain.identity import MINUTE_MS, IdentityKey, added_key, phone_key
from desktop.domain.imports import ERASED, FanRecord, FieldChange, InteractionRecord, Verdict
from desktop.store.consents import consents
from desktop.store.database import as_json
from desktop.store.effects import Effects
from desktop.store.erasures import marks as erasures
from desktop.store.fans import identities, known_people
from desktop.store.imports.groups_of_files import FileGroups
from desktop.store.tags import tags
from desktop.store.transaction import Transaction

ADDED = """
SELECT s.external_id, f.followed_at, i.name, i.platform, i.scope, i.external_id
FROM follow AS f JOIN staff AS s ON s.id = f.staff_id JOIN identity AS i ON i.id = f.identity_id
WHERE s.external_id IN (SELECT value FROM json_each(:staff))
    AND f.followed_at / 60000 IN (SELECT value FROM json_each(:minutes))
"""
REFUSED = Verdict("rejected", code=ERASED)
SET_FAN = {
    column: f"UPDATE fan SET {column} = ?, updated_at = ? WHERE id = ?" for column in ("phone", "note")
}
SET_INTERACTION = {
    column: f"UPDATE interaction SET {column} = ? WHERE id = ?"
    for column in ("kind", "at", "quantity", "domain", "channel", "note")
}


def find_person(conn: Any, key: IdentityKey) -> int | None:
    """The fan of a key; an id without its account counts when only one fan carries it anywhere."""
    found = identities.find(conn, key)
    if found:
        return found[0]
    if key.platform != "file" or key.scope:
        return None
    carriers = {
        IdentityKey(row["platform"], row["scope"], row["external_id"])
        for row in conn.execute(
            "SELECT platform, scope, external_id FROM identity WHERE external_id = ? LIMIT 20",
            (key.external_id,),
        )
    }
    fans = {hit[0] for carrier in carriers if (hit := identities.find(conn, carrier))}
    return fans.pop() if len(fans) == 1 else None


class FanImport:
    """One file's people."""

    def __init__(self, mode: str, origin: str) -> None:
        self._mode = mode
        self._origin = origin
        self._erased: set[IdentityKey] = set()
        self._told: dict[IdentityKey, IdentityKey] = {}

    def prepare(self, conn: Any, records: Sequence[FanRecord]) -> None:
        """Find out which of these people were erased, and which the platform tells of."""
        self._told = _told_by_platform(conn, records)
        phones = {phone_key(record.phone) for record in records if record.phone}
        self._erased = erasures.erased(conn, phones.union(record.key for record in records))

    def flush(self, tx: Transaction) -> None:
        """Nothing waits."""

    def judge(self, conn: Any, record: FanRecord) -> Verdict:
        """What `bring` would do now."""
        found = identities.find(conn, self._told.get(record.key, record.key))
        if found is None:
            named = {record.key, phone_key(record.phone)} if record.phone else {record.key}
            return Verdict("new") if self._erased.isdisjoint(named) else REFUSED
        row = conn.execute("SELECT * FROM fan WHERE id = ?", (found[0],)).fetchone()
        wanted, is_kept = self._wanted(row, record)
        told = [FieldChange(name, row[name], value) for name, value in wanted.items()]
        if self._mode != "add":
            missing = self._missing_tags(conn, found[0], record)
            told += [FieldChange("tags", None, tag) for tag in missing]
            if self._is_news(conn, record):
                told.append(FieldChange("followed_at", None, record.followed_at))
            told += self._facts(conn, found[1], record)[1]
        if told:
            return Verdict("changed", tuple(told))
        return Verdict("kept" if is_kept else "same")

    def bring(self, tx: Transaction, record: FanRecord, effects: Effects, touched: set[int]) -> Verdict:
        """Add the person, or change what the mode allows."""
        verdict = self.judge(tx.db, record)
        if verdict.kind not in ("new", "changed"):
            return verdict
        at_ms = record.followed_at or record.seen_at or tx.now_ms
        key = self._told.get(record.key, record.key)
        person = known_people.resolve(
            tx, [key], record.name, record.phone, self._origin, at_ms, None, effects
        )
        if person is None:
            return REFUSED
        fan_id = person.fan_id
        before = tx.db.execute("SELECT * FROM fan WHERE id = ?", (fan_id,)).fetchone()
        wanted, _ = self._wanted(before, record)
        for name, value in wanted.items():
            if name == "name":
                identities.rename(tx, fan_id, value, "file")
            elif name == "marketing":
                word = ConsentDraft(Purpose.MARKETING, Said(value), tx.now_ms)
                consents.note(tx, [fan_id], word, self._origin, effects)
            else:
                tx.db.execute(SET_FAN[name], (value, tx.now_ms, fan_id))
        if wanted:
            after = tx.db.execute("SELECT * FROM fan WHERE id = ?", (fan_id,)).fetchone()
            effects.changed("fan", fan_id, dict(before), dict(after))
        self._tag(tx, fan_id, record, effects)
        self._set_facts(tx, person.identity_id, record, effects)
        if self._is_news(tx.db, record):
            _add_event(tx, fan_id, _followed(record), None, None, self._origin, effects)
        tx.touch(Topic.FAN, [fan_id])
        touched.add(fan_id)
        return verdict

    def _is_news(self, conn: Any, record: FanRecord) -> bool:
        """Whether nobody noted yet since when the person follows: of its customers the platform tells that."""
        return (
            record.followed_at is not None
            and record.key not in self._told
            and not _has_event(conn, _follow_key(record.key))
        )

    def _wanted(self, row: Any, record: FanRecord) -> tuple[dict[str, Any], bool]:
        """(columns to set, whether something told stays as it was)."""
        told = {
            "name": record.name,
            "phone": record.phone,
            "note": record.note,
            "marketing": record.consent,
        }
        different = {name: value for name, value in told.items() if value and value != row[name]}
        if self._mode == "add":
            return {}, bool(different)
        wanted = {
            name: value
            for name, value in different.items()
            if not row[name] or row[name] == "unknown" or (self._mode == "update" and self._may(name, row))
        }
        return wanted, len(wanted) < len(different)

    def _may(self, name: str, row: Any) -> bool:
        """Whether a file may replace what stands: never the operator's notes, nor a platform's name."""
        if name == "name":
            return bool(row["name_source"] == "file")
        return name in ("phone", "marketing")

    def _facts(self, conn: Any, identity_id: int, record: FanRecord) -> tuple[str, list[FieldChange]]:
        """(details of the identity with what the file says besides, what of that is new)."""
        row = conn.execute("SELECT details FROM identity WHERE id = ?", (identity_id,)).fetchone()
        details: dict[str, Any] = json.loads(row["details"])
        card: dict[str, Any] = dict(details.get("card", {}))
        changes = []
        for name, value in record.card.items():
            if card.get(name) != value and (name not in card or self._mode == "update"):
                changes.append(FieldChange(name, card.get(name), value))
                card[name] = value
        if record.channel and not details.get("channel"):
            changes.append(FieldChange("channel", None, record.channel))
            details["channel"] = record.channel
        if card:
            details["card"] = card
        return as_json(details), changes

    def _set_facts(self, tx: Transaction, identity_id: int, record: FanRecord, effects: Effects) -> None:
        """Keep what a membership says, and how somebody came, with the identity it was told of."""
        details, changes = self._facts(tx.db, identity_id, record)
        if not changes:
            return
        before = tx.db.execute("SELECT * FROM identity WHERE id = ?", (identity_id,)).fetchone()
        tx.db.execute("UPDATE identity SET details = ? WHERE id = ?", (details, identity_id))
        effects.changed("identity", identity_id, dict(before), {**dict(before), "details": details})

    def _missing_tags(self, conn: Any, fan_id: int, record: FanRecord) -> list[str]:
        carried = {
            row[0]
            for row in conn.execute(
                "SELECT tag.name FROM fan_tag JOIN tag ON tag.id = tag_id WHERE fan_id = ?"
                " AND tag.account_id IS NULL AND tag.removed_at IS NULL",
                (fan_id,),
            )
        }
        return [tag for tag in record.tags if tag not in carried]

    def _tag(self, tx: Transaction, fan_id: int, record: FanRecord, effects: Effects) -> None:
        for name in self._missing_tags(tx.db, fan_id, record):
            tag_id = tags.find(tx.db, name)
            if tag_id is None:
                tag_id = tags.ensure(tx, name)
                effects.added("tag", tag_id)
            cursor = tx.db.execute(
                "INSERT INTO fan_tag (fan_id, tag_id, source, at) VALUES (?, ?, 'file', ?)",
                (fan_id, tag_id, tx.now_ms),
            )
            effects.added("fan_tag", int(cursor.lastrowid or 0))


def _told_by_platform(conn: Any, records: Sequence[FanRecord]) -> dict[IdentityKey, IdentityKey]:
    """Of customers whom only a console's list names (by their key there) the one of whom the platform told, with
    the same staff member, minute and name, where there is exactly one."""
    wanted = {record.key: record.added for record in records if record.added is not None}
    if not wanted:
        return {}
    given = {
        "staff": json.dumps(list({added.staff for added in wanted.values()})),
        "minutes": json.dumps(list({added.at // MINUTE_MS for added in wanted.values()})),
    }
    found: dict[IdentityKey, set[IdentityKey]] = {}
    for staff, at, name, *told in conn.execute(ADDED, given):
        key = added_key(staff, at, name)
        if key in wanted:
            found.setdefault(key, set()).add(IdentityKey(*told))
    return {key: told.pop() for key, told in found.items() if len(told) == 1}


class InteractionImport:
    """One file's touches."""

    def __init__(self, mode: str, origin: str) -> None:
        self._mode = mode
        self._origin = origin
        self._erased: set[IdentityKey] = set()
        self._groups = FileGroups()

    def prepare(self, conn: Any, records: Sequence[InteractionRecord]) -> None:
        """Find the groups and who speaks there, and which of these people were erased."""
        self._groups.look(conn, records)
        referred = {record.referred for record in records if record.referred is not None}
        keys = {record.key for record in records if record.key is not None}
        self._erased = erasures.erased(conn, referred | keys)

    def flush(self, tx: Transaction) -> None:
        """Nothing waits."""

    def judge(self, conn: Any, record: InteractionRecord) -> Verdict:
        """What `bring` would do now."""
        if record.key in self._erased:
            return REFUSED
        refused = self._groups.refusal(record) if record.group else None
        if refused is not None:
            return refused
        row = conn.execute(
            "SELECT * FROM interaction WHERE external_key = ?", (record.event_key,)
        ).fetchone()
        if row is None:
            return Verdict("new")
        told = tuple(
            FieldChange(name, row[name], getattr(record, name))
            for name in SET_INTERACTION
            if row[name] != getattr(record, name)
        )
        if not told:
            return Verdict("same")
        return Verdict("changed", told) if self._mode == "update" else Verdict("kept")

    def bring(
        self, tx: Transaction, record: InteractionRecord, effects: Effects, touched: set[int]
    ) -> Verdict:
        """Add the touch, and whoever made it when they are not known."""
        verdict = self.judge(tx.db, record)
        if verdict.kind == "new":
            if record.key is None:
                fan_id = self._groups.speaker(record)
            else:
                fan_id = self._person(tx, record.key, record.name, record.at, effects)
            if fan_id is None:
                return REFUSED
            referred = None
            if record.referred is not None:
                referred = self._person(tx, record.referred, "", record.at, effects)
            group_id = self._groups.group(record.group) if record.group else None
            _add_event(tx, fan_id, record, referred, group_id, self._origin, effects)
            touched.update({fan_id} if referred is None else {fan_id, referred})
        elif verdict.kind == "changed":
            row = tx.db.execute(
                "SELECT * FROM interaction WHERE external_key = ?", (record.event_key,)
            ).fetchone()
            for told in verdict.changes:
                tx.db.execute(SET_INTERACTION[told.name], (told.after, row["id"]))
            after = tx.db.execute("SELECT * FROM interaction WHERE id = ?", (row["id"],)).fetchone()
            effects.changed("interaction", row["id"], dict(row), dict(after))
            tx.touch(Topic.INTERACTION, [row["id"]])
            touched.add(row["fan_id"])
        return verdict

    def _person(
        self, tx: Transaction, key: IdentityKey, name: str, at: int, effects: Effects
    ) -> int | None:
        """The fan, added when new; None for somebody who was erased."""
        known = find_person(tx.db, key)
        if known is not None:
            return known
        person = known_people.resolve(tx, [key], name, None, self._origin, at, None, effects)
        return None if person is None else person.fan_id


def _has_event(conn: Any, event_key: str) -> bool:
    return (
        conn.execute("SELECT 1 FROM interaction WHERE external_key = ?", (event_key,)).fetchone()
        is not None
    )


def _follow_key(key: IdentityKey) -> str:
    return "\x1f".join(("file-follow", key.platform, key.scope, key.external_id))


def _followed(record: FanRecord) -> InteractionRecord:
    """The moment from which the person follows the shop, as a touch."""
    return InteractionRecord(record.key, "follow", record.followed_at or 0, _follow_key(record.key))


def _add_event(
    tx: Transaction,
    fan_id: int,
    record: InteractionRecord,
    referred: int | None,
    group_id: int | None,
    origin: str,
    effects: Effects,
) -> None:
    found = identities.find(tx.db, record.key) if record.key else None
    identity_id = found[1] if found else None
    cursor = tx.db.execute(
        "INSERT INTO interaction (uid, fan_id, identity_id, group_id, kind, at, quantity, domain, channel,"
        " referred_fan_id, note, origin, external_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            tx.new_uid(), fan_id, identity_id, group_id, record.kind, record.at, record.quantity, record.domain,
            record.channel, referred, record.note, origin, record.event_key,
        ),
    )  # fmt: skip
    interaction_id = int(cursor.lastrowid or 0)
    tx.touch(Topic.INTERACTION, [interaction_id])
    effects.added("interaction", interaction_id)
