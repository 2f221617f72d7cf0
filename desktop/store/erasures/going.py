"""Whom an erasure is about: their fan rows with merged shadows, identities, and all that names them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from desktop.domain.erasures import Needles
from desktop.domain.errors import NotFoundError
from desktop.domain.identity import IdentityKey, added_key, phone_key

JOINED = ("phone", "wechat_union")  # platforms of keys that are no ids of an account
SHADOWS = (
    "WITH RECURSIVE shadow (id) AS (SELECT :fan UNION SELECT fan.id FROM fan JOIN shadow"
    " ON fan.merged_into = shadow.id) SELECT id FROM shadow"
)
NAMES = """
SELECT name FROM fan WHERE id IN (SELECT value FROM json_each(:fans))
UNION SELECT json_extract(own_fields, '$.name') FROM fan WHERE id IN (SELECT value FROM json_each(:fans))
UNION SELECT name FROM identity WHERE id IN (SELECT value FROM json_each(:identities))
UNION SELECT remark FROM follow WHERE identity_id IN (SELECT value FROM json_each(:identities))
UNION SELECT remark FROM follower WHERE identity_id IN (SELECT value FROM json_each(:identities))
UNION SELECT name FROM group_member WHERE identity_id IN (SELECT value FROM json_each(:identities))
UNION SELECT group_nickname FROM group_member WHERE identity_id IN (SELECT value FROM json_each(:identities))
UNION SELECT name FROM conversation WHERE identity_id IN (SELECT value FROM json_each(:identities))
UNION SELECT name FROM drop_claim WHERE fan_id IN (SELECT value FROM json_each(:fans))
UNION SELECT json_extract(receiver, '$.name') FROM "order" WHERE fan_id IN (SELECT value FROM json_each(:fans))
"""
PHONES = """
SELECT phone FROM fan WHERE id IN (SELECT value FROM json_each(:fans))
UNION SELECT json_extract(own_fields, '$.phone') FROM fan WHERE id IN (SELECT value FROM json_each(:fans))
UNION SELECT external_id FROM identity WHERE platform = 'phone'
    AND id IN (SELECT value FROM json_each(:identities))
UNION SELECT value FROM follow, json_each(follow.mobiles)
    WHERE identity_id IN (SELECT value FROM json_each(:identities))
"""
ADDED = (
    "SELECT DISTINCT s.external_id, f.followed_at, i.name FROM follow AS f JOIN staff AS s ON s.id = f.staff_id"
    " JOIN identity AS i ON i.id = f.identity_id WHERE f.followed_at IS NOT NULL AND i.name <> ''"
    " AND i.id IN (SELECT value FROM json_each(:identities))"
)
RECEIVED = (
    "SELECT json_extract(receiver, '$.phone') FROM \"order\""
    " WHERE fan_id IN (SELECT value FROM json_each(:fans))"
)
BORNE_BY_OTHERS = """
SELECT EXISTS (SELECT 1 FROM fan WHERE instr(name, :name) > 0 AND id NOT IN (SELECT value FROM json_each(:fans)))
    OR EXISTS (SELECT 1 FROM identity WHERE instr(name, :name) > 0
        AND id NOT IN (SELECT value FROM json_each(:identities)))
    OR EXISTS (SELECT 1 FROM fan_group WHERE name = :name) OR EXISTS (SELECT 1 FROM tag WHERE name = :name)
    OR EXISTS (SELECT 1 FROM staff WHERE name = :name) OR EXISTS (SELECT 1 FROM shop WHERE instr(name, :name) > 0)
"""
SHORTEST_NAME, SHORTEST_ID = 4, 6  # bytes by which something can be found at all


@dataclass(frozen=True, slots=True)
class Going:
    """Fan rows that go, identity rows that go, and the texts by which what is left of them is found.

    `keys` are all of the identities; of a whole person also the plain phone numbers that staff noted. `listed` are
    the keys by which customer lists of a console name somebody of whom the platform told with more.
    """

    fans: tuple[int, ...]
    identities: tuple[int, ...]
    keys: tuple[IdentityKey, ...]
    needles: Needles
    listed: tuple[IdentityKey, ...] = ()

    @property
    def externals(self) -> list[str]:
        """The ids at platforms."""
        return [key.external_id for key in self.keys]

    def given(self, **more: object) -> dict[str, object]:
        """Parameters of statements: ids as JSON lists."""
        lists = {"fans": self.fans, "identities": self.identities, "externals": self.externals}
        return {**{name: json.dumps(value) for name, value in lists.items()}, **more}


def person(conn: Any, fan_id: int) -> Going:
    """One person with every shadow that was merged into them. Raises NotFoundError."""
    fan_id = _head(conn, fan_id)
    fans = tuple(int(row[0]) for row in conn.execute(SHADOWS, {"fan": fan_id}).fetchall())
    rows = conn.execute(
        "SELECT id, platform, scope, external_id FROM identity"
        " WHERE fan_id IN (SELECT value FROM json_each(?))",
        (json.dumps(fans),),
    ).fetchall()
    return going(conn, fans, {int(row[0]): IdentityKey(*tuple(row)[1:]) for row in rows})


def _head(conn: Any, fan_id: int) -> int:
    """The fan into whom this one was merged, removed or not."""
    while True:
        row = conn.execute("SELECT merged_into FROM fan WHERE id = ?", (fan_id,)).fetchone()
        if row is None:
            raise NotFoundError("fan_missing", fan_id=fan_id)
        if row[0] is None:
            return fan_id
        fan_id = int(row[0])


def going(conn: Any, fans: Collection[int], identities: Mapping[int, IdentityKey]) -> Going:
    """These fans and identities, with all that names them."""
    given = {"fans": json.dumps(list(fans)), "identities": json.dumps(list(identities))}
    phones = {row[0] for row in conn.execute(PHONES, given) if row[0]}
    names, shared = set(), 0
    for row in conn.execute(NAMES, given).fetchall():
        name = (row[0] or "").strip()
        if len(name.encode("utf-8", "surrogatepass")) < SHORTEST_NAME:
            continue
        if conn.execute(BORNE_BY_OTHERS, {**given, "name": name}).fetchone()[0]:
            shared += 1
        else:
            names.add(name)
    ids = {key.external_id for key in identities.values() if len(key.external_id) >= SHORTEST_ID}
    received = {
        row[0] for row in conn.execute(RECEIVED, given) if row[0] and row[0].isdigit() and len(row[0]) == 11
    }
    keys = dict.fromkeys([*identities.values(), *(phone_key(phone) for phone in sorted(phones))])
    needles = Needles(frozenset(names), frozenset(phones | received), frozenset(ids - phones), shared)
    listed = (added_key(*row) for row in conn.execute(ADDED, given).fetchall())
    return Going(tuple(fans), tuple(identities), tuple(keys), needles, tuple(listed))


def kept_keys(one: Going) -> list[IdentityKey]:
    """What is noted of a person so that they stay out; ids also as files name them, without an account."""
    nowhere = [
        IdentityKey(platform, "", key.external_id)
        for key in one.keys
        if key.platform not in JOINED
        for platform in ("file", key.platform)
    ]
    return [*one.keys, *one.listed, *nowhere]
