"""The fan behind a platform's id, and whose word on a fan's name stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.identity import IdentityKey
from desktop.store.effects import NO_EFFECTS, Effects
from desktop.store.fans.names import spellings
from desktop.store.transaction import Transaction

__all__ = ["IdentityKey", "ResolvedFan", "fill", "find", "name_source", "rename", "takes_name"]

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
    """(fan id, identity id) behind a key; None when nobody has it."""
    row = conn.execute(
        "SELECT fan_id, id FROM identity WHERE platform = ? AND scope = ? AND external_id = ?",
        (key.platform, key.scope, key.external_id),
    ).fetchone()
    if row is None:
        return None
    return int(row[0]), int(row[1])


def takes_name(had: str, had_source: str, name: str, source: str) -> bool:
    """Whether a name from this source replaces the one a fan has: only a blank's or a weaker word's."""
    outranked = RANK[source] > RANK[had_source] or not had
    return bool(name) and outranked and (had, had_source) != (name, source)


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
    is_renamed = takes_name(row["name"], row["name_source"], name, source)
    takes_phone = bool(phone) and not row["phone"]
    if not is_renamed and not takes_phone:
        return
    if is_renamed:
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
