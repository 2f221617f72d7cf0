"""What an operator changes on a fan. Each function notes in `tx.replaced` what stood there, for undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.errors import NotFoundError
from desktop.domain.fans import InteractionKind
from desktop.store.fans import fan_stats, identities
from desktop.store.fans.fans import LIVE, chunks, fan
from desktop.store.tiers import tiers
from desktop.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class TypedInteraction:
    """An interaction the operator types in. `at` is UTC ms; quantity a count above 0."""

    fan_id: int
    kind: InteractionKind
    at: int
    quantity: int = 1
    note: str = ""
    group_id: int | None = None
    referred_fan_id: int | None = None


def set_note(tx: Transaction, fan_id: int, note: str) -> None:
    """Replace the note. Raises NotFoundError."""
    tx.replaced = {"fan_id": fan_id, "note": fan(tx.db, fan_id)["note"]}
    tx.db.execute("UPDATE fan SET note = ?, updated_at = ? WHERE id = ?", (note, tx.now_ms, fan_id))
    tx.touch(Topic.FAN, [fan_id])


def rename(tx: Transaction, fan_id: int, name: str, source: str = "operator") -> None:
    """Give a fan a name, which platforms and files no longer replace. Raises NotFoundError."""
    row = fan(tx.db, fan_id)
    tx.replaced = {"fan_id": fan_id, "name": row["name"], "name_source": row["name_source"]}
    identities.rename(tx, fan_id, name, source)


def live_ids(conn: Any, fan_ids: Sequence[int]) -> list[int]:
    """Those of the fans that are still there, in order. Raises NotFoundError when none is."""
    live = {
        row[0]
        for marks, portion in chunks(fan_ids)
        for row in conn.execute(f"SELECT id FROM fan WHERE {LIVE} AND id IN ({marks})", portion)
    }
    found = [fan_id for fan_id in dict.fromkeys(fan_ids) if fan_id in live]
    if not found:
        raise NotFoundError("fan_missing", fan_id=next(iter(fan_ids), 0))
    return found


def put_pins(tx: Transaction, pins: Sequence[tuple[int, str | None, int | None]]) -> None:
    """Set pins as given and decide these fans' tiers anew."""
    tx.db.conn.executemany(
        "UPDATE fan SET tier_pinned = ?, tier_pinned_until = ? WHERE id = ?",
        [(tier, until, fan_id) for fan_id, tier, until in pins],
    )
    ids = [fan_id for fan_id, _, _ in pins]
    tiers.recompute(tx, ids, tx.now_ms)
    tx.touch(Topic.FAN, ids)


def suppress(tx: Transaction, fan_ids: Sequence[int], channel: str, reason: str) -> list[int]:
    """Put fans on the do-not-contact list; returns those who were not on it for this channel."""
    live = live_ids(tx.db, fan_ids)
    had = {row["fan_id"] for row in _suppressed(tx.db, live, channel)}
    fresh = [fan_id for fan_id in live if fan_id not in had]
    tx.db.conn.executemany(
        "INSERT INTO suppression (fan_id, channel, reason, at) VALUES (?, ?, ?, ?)",
        [(fan_id, channel, reason, tx.now_ms) for fan_id in fresh],
    )
    tx.replaced = {"channel": channel, "added": fresh}
    tx.touch(Topic.FAN, fresh)
    return fresh


def unsuppress(tx: Transaction, fan_ids: Sequence[int], channel: str) -> list[int]:
    """Take fans off the list for a channel; returns those who were on it."""
    gone = _suppressed(tx.db, fan_ids, channel)
    ids = [row["fan_id"] for row in gone]
    for marks, portion in chunks(ids):
        tx.db.execute(
            f"DELETE FROM suppression WHERE channel = ? AND fan_id IN ({marks})", [channel, *portion]
        )
    tx.replaced = {"channel": channel, "removed": gone}
    tx.touch(Topic.FAN, ids)
    return ids


def _suppressed(conn: Any, fan_ids: Sequence[int], channel: str) -> list[dict[str, Any]]:
    return [
        dict(row)
        for marks, portion in chunks(fan_ids)
        for row in conn.execute(
            "SELECT fan_id, channel, reason, at FROM suppression"
            f" WHERE channel = ? AND fan_id IN ({marks})",
            [channel, *portion],
        )
    ]


def record(tx: Transaction, typed: TypedInteraction) -> int:
    """Add an interaction and bring the fan's sums and tier up to date; its row id."""
    fan(tx.db, typed.fan_id)
    if typed.referred_fan_id is not None:
        fan(tx.db, typed.referred_fan_id)
    cursor = tx.db.execute(
        "INSERT INTO interaction (uid, fan_id, kind, at, quantity, group_id, referred_fan_id, note, origin)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'operator')",
        (
            tx.new_uid(),
            typed.fan_id,
            typed.kind.value,
            typed.at,
            typed.quantity,
            typed.group_id,
            typed.referred_fan_id,
            typed.note,
        ),
    )
    interaction_id = int(cursor.lastrowid or 0)
    fan_stats.refresh(tx, [typed.fan_id])
    tiers.recompute(tx, [typed.fan_id], tx.now_ms)
    tx.touch(Topic.INTERACTION, [interaction_id])
    return interaction_id


def phones(conn: Any, fan_ids: Sequence[int]) -> dict[int, str]:
    """Whole phone numbers by fan, where known; the caller logs why they were read."""
    found: dict[int, str] = {}
    for marks, portion in chunks(fan_ids):
        found.update(
            conn.execute(
                f"SELECT id, phone FROM fan WHERE phone IS NOT NULL AND id IN ({marks})", portion
            ).fetchall()
        )
    return found
