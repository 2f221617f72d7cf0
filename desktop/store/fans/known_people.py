"""Find the fans behind keys, or add them: the only way in which people come into the shop.

A fan is found by identity, in the order of the keys given (platform id, then union id, then a plain
phone). Two fans that are both known are never merged here, however much they share. Who was erased does
not come back. `KnownPeople` takes a
portion of a file or a page of a platform: one look for all keys, one statement for all who are new;
`resolve` takes one person. Whoever uses `KnownPeople` writes nothing to people by another way between
`look` and `flush`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.identity import UNION, IdentityKey
from desktop.store.bulk import write_rows
from desktop.store.effects import NO_EFFECTS, Effects
from desktop.store.erasures import marks as erasures
from desktop.store.fans import identities
from desktop.store.fans.fans import chunks
from desktop.store.fans.identities import ResolvedFan, name_source, takes_name
from desktop.store.fans.names import spellings
from desktop.store.transaction import Transaction

CARRIERS = (
    "SELECT i.external_id, i.id, fan.id, i.home_fan_id, fan.name, fan.name_source, fan.phone"
    " FROM identity AS i JOIN fan ON fan.id = i.fan_id"
    " WHERE i.platform = ? AND i.scope = ? AND i.external_id IN ({marks})"
)
ADD_FAN = (
    "INSERT INTO fan (id, uid, name, name_source, pinyin, initials, phone, first_seen_at, created_at,"
    " updated_at) VALUES {rows}"
)
ADD_IDENTITY = (
    "INSERT INTO identity (id, fan_id, platform, scope, external_id, account_id, name, origin,"
    " first_seen_at, updated_at, avatar_url, details, home_fan_id) VALUES {rows}"
)
ADD_UNION = "INSERT INTO match_union (identity_id, other_id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
NEXT_FAN = "SELECT coalesce(max(id), 0) + 1 FROM fan"
NEXT_IDENTITY = "SELECT coalesce(max(id), 0) + 1 FROM identity"


@dataclass(slots=True)
class _Face:
    """What decides whether a fan's blanks are to be filled; `waits_at`: their place among the waiting."""

    name: str
    name_source: str
    phone: str | None
    waits_at: int | None = None


class KnownPeople:
    """The people behind the keys of one portion, and those of them who wait to be inserted."""

    def __init__(self) -> None:
        self._carriers: dict[IdentityKey, tuple[int, int] | None] = {}
        self._faces: dict[int, _Face] = {}
        self._erased: set[IdentityKey] = set()
        self._homes: dict[int, int] = {}  # of identities whose fan was merged
        self._unions: list[tuple[int, int, int]] = []
        self._fans: list[tuple[Any, ...]] = []
        self._identities: list[tuple[Any, ...]] = []
        self._next_fan = 0
        self._next_identity = 0

    def look(self, conn: Any, keys: Iterable[IdentityKey]) -> None:
        """Find out who carries these keys; forgets what was known of others."""
        self._carriers, self._faces, self._homes = {}, {}, {}
        places: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for key in keys:
            self._carriers[key] = None
            places[key.platform, key.scope].add(key.external_id)
        for (platform, scope), wanted in places.items():
            for marks, portion in chunks(sorted(wanted)):
                rows = conn.execute(CARRIERS.format(marks=marks), [platform, scope, *portion])
                for row in rows.fetchall():
                    self._met(IdentityKey(platform, scope, row[0]), row)
        self._erased = erasures.erased(conn, self._carriers)

    def is_erased(self, key: IdentityKey | None) -> bool:
        """Whether a key that was looked for named somebody who was erased here."""
        return key in self._erased

    def find(self, key: IdentityKey) -> tuple[int, int] | None:
        """(fan id, identity id) behind a key that was looked for; None when nobody has it."""
        return self._carriers[key]

    def resolve(
        self,
        tx: Transaction,
        keys: Sequence[IdentityKey],
        name: str,
        phone: str | None,
        origin: str,
        at_ms: int,
        account_id: int | None = None,
        effects: Effects = NO_EFFECTS,
        *,
        avatar_url: str = "",
        details: str = "{}",
    ) -> ResolvedFan | None:
        """The fan with one of these keys, else a new one; every key that nobody has becomes theirs.

        None for somebody who was erased here, whom `tx.turned_away` names then.

        `keys`, all looked for, are in order of proof; the first names the identity that is returned.
        `avatar_url` and `details` (JSON) stand with that one alone, where it is new.
        Blanks of a known fan (name, phone) are filled; a platform's name replaces a file's, never the
        operator's. `phone` is a plain number for display and search, and joins nobody unless it is among
        the keys. New rows wait for `flush`.
        """
        if not keys:
            raise ValueError("a fan needs at least one key")
        if len(keys) == 1 and not self._erased and (carrier := self._carriers[keys[0]]) is not None:
            self.fill(tx, carrier[0], name, phone, origin, effects)  # as in most rows of a file
            return ResolvedFan(*carrier, False)
        found = [self._carriers[key] for key in keys]
        known = next((hit for hit in found if hit is not None), None)
        barred = self._erased.intersection(keys)
        if keys[0] in barred or (barred and known is None):
            tx.turned_away.add(keys[0])
            erasures.widen(tx, barred, keys)
            return None
        if known is None:
            fan_id = self._add_fan(tx, name, phone, origin, at_ms, effects)
        else:
            fan_id = known[0]
            self.fill(tx, fan_id, name, phone, origin, effects)
        first = 0
        # A new key belongs where the known one does.
        home = None if known is None else self._homes.get(known[1])
        for place, (key, hit) in enumerate(zip(keys, found, strict=True)):
            if key in barred:
                continue
            if hit is None:
                looks = (avatar_url, details) if place == 0 else ("", "{}")
                hit = (
                    fan_id,
                    self._add_identity(tx, fan_id, key, name, origin, at_ms, account_id, (*looks, home)),
                )
                self._carriers[key] = hit
                effects.added("identity", hit[1])
            if place == 0:
                first = hit[1]
            elif key.platform == UNION and hit[0] != fan_id:
                self.note_union(tx, first, hit[1])
        return ResolvedFan(fan_id, first, known is None)

    def note_union(self, tx: Transaction, identity_id: int, other_id: int) -> None:
        """Keep in mind that a platform names two known fans, by these identities, as one person."""
        self._unions.append((identity_id, other_id, tx.now_ms))

    def flush(self, tx: Transaction) -> None:
        """Insert those who wait. Call it before any row that names them is written."""
        if self._fans:
            ids = [row[0] for row in self._fans]
            write_rows(tx.db.conn, ADD_FAN, self._fans)
            tx.touch(Topic.FAN, ids)
            for one in ids:
                self._faces[one].waits_at = None
        if self._identities:
            write_rows(tx.db.conn, ADD_IDENTITY, self._identities)
        if self._unions:
            tx.db.conn.executemany(ADD_UNION, self._unions)
        self._fans, self._identities, self._unions = [], [], []
        self._next_fan = self._next_identity = 0

    def _met(self, key: IdentityKey, row: Any) -> None:
        identity_id, fan_id = int(row[1]), int(row[2])
        self._carriers[key] = fan_id, identity_id
        self._faces[fan_id] = _Face(row[4], row[5], row[6])
        if row[3] is not None:
            self._homes[identity_id] = row[3]

    def _add_fan(
        self, tx: Transaction, name: str, phone: str | None, origin: str, at_ms: int, effects: Effects
    ) -> int:
        self._next_fan = self._next_fan or int(tx.db.execute(NEXT_FAN).fetchone()[0])
        fan_id, self._next_fan = self._next_fan, self._next_fan + 1
        source, (pinyin, initials) = name_source(origin), spellings(name)
        now = tx.now_ms
        self._faces[fan_id] = _Face(name, source, phone, waits_at=len(self._fans))
        self._fans.append((fan_id, tx.new_uid(), name, source, pinyin, initials, phone, at_ms, now, now))
        effects.added("fan", fan_id)
        return fan_id

    def fill(
        self,
        tx: Transaction,
        fan_id: int,
        name: str,
        phone: str | None,
        origin: str,
        effects: Effects = NO_EFFECTS,
    ) -> None:
        """As `identities.fill`; costs no statement where there is no blank."""
        face, source = self._faces.get(fan_id), name_source(origin)
        if face is None:
            identities.fill(tx, fan_id, name, phone, origin, effects)
            return
        is_renamed = takes_name(face.name, face.name_source, name, source)
        if not is_renamed and (not phone or face.phone):
            return
        if is_renamed:
            face.name, face.name_source = name, source
        face.phone = face.phone or phone
        if face.waits_at is None:
            identities.fill(tx, fan_id, name, phone, origin, effects)
        else:
            fan_id, uid, *_, at_ms, created, updated = self._fans[face.waits_at]
            looks = (face.name, face.name_source, *spellings(face.name), face.phone)
            self._fans[face.waits_at] = (fan_id, uid, *looks, at_ms, created, updated)

    def _add_identity(
        self,
        tx: Transaction,
        fan_id: int,
        key: IdentityKey,
        name: str,
        origin: str,
        at_ms: int,
        account_id: int | None,
        rest: tuple[str, str, int | None],
    ) -> int:
        self._next_identity = self._next_identity or int(tx.db.execute(NEXT_IDENTITY).fetchone()[0])
        identity_id, self._next_identity = self._next_identity, self._next_identity + 1
        where = (key.platform, key.scope, key.external_id)
        self._identities.append(
            (identity_id, fan_id, *where, account_id, name, origin, at_ms, tx.now_ms, *rest)
        )
        if rest[-1] is not None:
            self._homes[identity_id] = rest[-1]
        return identity_id


def resolve(
    tx: Transaction,
    keys: Sequence[IdentityKey],
    name: str,
    phone: str | None,
    origin: str,
    at_ms: int,
    account_id: int | None = None,
    effects: Effects = NO_EFFECTS,
) -> ResolvedFan | None:
    """`KnownPeople.resolve` for one person, inserted at once."""
    people = KnownPeople()
    people.look(tx.db, keys)
    fan = people.resolve(tx, keys, name, phone, origin, at_ms, account_id, effects)
    people.flush(tx)
    return fan
