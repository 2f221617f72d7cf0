"""Find the fan behind a platform's id, or add one: the only way in which people come into the shop.

A fan is found by identity, in the order of the keys given (platform id, then union id, then a plain
phone). Two fans that are both known are never merged here, however much they share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.identity import IdentityKey
from desktop.store.effects import NO_EFFECTS, Effects
from desktop.store.names import spellings
from desktop.store.transaction import Transaction

__all__ = ["IdentityKey", "ResolvedFan", "add_fan", "fill", "find", "name_source", "rename", "resolve"]

RANK = {"file": 0, "platform": 1, "operator": 2}  # whose word on a name stands


@dataclass(frozen=True, slots=True)
class ResolvedFan:
    """The fan, the identity row of the first key, and whether the fan was not known before."""

    fan_id: int
    identity_id: int
    is_new: bool


def name_source(origin: str) -> str:
    """Whose word a row of this origin is: `operator`, `platform` or `file`."""
    if origin.startswith("import:"):
        return "file"
    return "platform" if origin.startswith("sync:") else "operator"


def find(conn: Any, key: IdentityKey) -> tuple[int, int] | None:
    """(fan id, identity id) behind a key, following merges; None when nobody has it."""
    row = conn.execute(
        "SELECT identity.id, fan_id, merged_into FROM identity JOIN fan ON fan.id = fan_id"
        " WHERE platform = ? AND scope = ? AND external_id = ?",
        (key.platform, key.scope, key.external_id),
    ).fetchone()
    if row is None:
        return None
    fan_id, merged_into = int(row[1]), row[2]
    while merged_into is not None:
        fan_id = int(merged_into)
        merged_into = conn.execute("SELECT merged_into FROM fan WHERE id = ?", (fan_id,)).fetchone()[0]
    return fan_id, int(row[0])


def resolve(
    tx: Transaction,
    keys: Sequence[IdentityKey],
    name: str,
    phone: str | None,
    origin: str,
    at_ms: int,
    account_id: int | None = None,
    effects: Effects = NO_EFFECTS,
) -> ResolvedFan:
    """The fan with one of these keys, else a new one; every key that nobody has becomes theirs.

    `keys` are in order of proof and the first names the identity that is returned. Blanks of a known
    fan (name, phone) are filled; a platform's name replaces a file's, never the operator's.
    `phone` is a plain number for display and search, and joins nobody unless it is among the keys.
    """
    if not keys:
        raise ValueError("a fan needs at least one key")
    found = [find(tx.db, key) for key in keys]
    known = next((hit for hit in found if hit is not None), None)
    if known is None:
        fan_id = add_fan(tx, name, phone, origin, at_ms, effects)
    else:
        fan_id = known[0]
        fill(tx, fan_id, name, phone, origin, effects)
    first = 0
    for place, (key, hit) in enumerate(zip(keys, found, strict=True)):
        identity_id = (
            hit[1] if hit else _add_identity(tx, fan_id, key, name, origin, at_ms, account_id, effects)
        )
        if place == 0:
            first = identity_id
    return ResolvedFan(fan_id, first, known is None)


def add_fan(
    tx: Transaction,
    name: str,
    phone: str | None,
    origin: str,
    at_ms: int,
    effects: Effects = NO_EFFECTS,
) -> int:
    """Insert a fan nobody knew, with empty sums; `at_ms` is when the shop first saw them."""
    pinyin, initials = spellings(name)
    cursor = tx.db.execute(
        "INSERT INTO fan (uid, name, name_source, pinyin, initials, phone, first_seen_at, created_at,"
        " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (tx.new_uid(), name, name_source(origin), pinyin, initials, phone, at_ms, tx.now_ms, tx.now_ms),
    )
    fan_id = int(cursor.lastrowid or 0)
    tx.db.execute("INSERT INTO fan_stats (fan_id) VALUES (?)", (fan_id,))
    tx.touch(Topic.FAN, [fan_id])
    effects.added("fan", fan_id)
    return fan_id


def fill(
    tx: Transaction,
    fan_id: int,
    name: str,
    phone: str | None,
    origin: str,
    effects: Effects = NO_EFFECTS,
) -> None:
    """Fill a known fan's blank name and phone, or replace a name that came from a weaker source."""
    row = tx.db.execute("SELECT * FROM fan WHERE id = ?", (fan_id,)).fetchone()
    source = name_source(origin)
    outranked = RANK[source] > RANK[str(row["name_source"])] or not row["name"]
    takes_name = bool(name) and outranked and (row["name"], row["name_source"]) != (name, source)
    takes_phone = bool(phone) and not row["phone"]
    if not takes_name and not takes_phone:
        return
    if takes_name:
        rename(tx, fan_id, name, source)
    if takes_phone:
        tx.db.execute("UPDATE fan SET phone = ?, updated_at = ? WHERE id = ?", (phone, tx.now_ms, fan_id))
    tx.touch(Topic.FAN, [fan_id])
    after = tx.db.execute("SELECT * FROM fan WHERE id = ?", (fan_id,)).fetchone()
    effects.changed("fan", fan_id, dict(row), dict(after))


def rename(tx: Transaction, fan_id: int, name: str, source: str) -> None:
    """Give a fan a name with its spellings; `source` is whose word it is."""
    pinyin, initials = spellings(name)
    tx.db.execute(
        "UPDATE fan SET name = ?, name_source = ?, pinyin = ?, initials = ?, updated_at = ? WHERE id = ?",
        (name, source, pinyin, initials, tx.now_ms, fan_id),
    )
    tx.touch(Topic.FAN, [fan_id])


def _add_identity(
    tx: Transaction,
    fan_id: int,
    key: IdentityKey,
    name: str,
    origin: str,
    at_ms: int,
    account_id: int | None,
    effects: Effects,
) -> int:
    cursor = tx.db.execute(
        "INSERT INTO identity (fan_id, platform, scope, external_id, account_id, name, origin,"
        " first_seen_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (fan_id, key.platform, key.scope, key.external_id, account_id, name, origin, at_ms, tx.now_ms),
    )
    identity_id = int(cursor.lastrowid or 0)
    effects.added("identity", identity_id)
    return identity_id
