"""Tags that were taken off, so that the timeline tells of them: `fan_tag` holds only what is carried now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from desktop.store.transaction import Transaction

NOTE = "INSERT OR REPLACE INTO fan_untag (fan_id, tag_id, at, source) VALUES (?, ?, ?, ?)"
FORGET = "DELETE FROM fan_untag WHERE fan_id = ? AND tag_id = ? AND at = ?"


def note(
    tx: Transaction, pairs: Iterable[tuple[int, int]], source: Literal["operator", "rule", "platform"]
) -> None:
    """These (fan, tag) are no more, and who took them off."""
    tx.db.conn.executemany(NOTE, [(fan_id, tag_id, tx.now_ms, source) for fan_id, tag_id in pairs])


def forget(tx: Transaction, tag_id: int, gone: Sequence[Mapping[str, Any]]) -> None:
    """It was taken back: rows as `fan_bulk.remove_tag` gave them (`gone_at` is missing in old ones)."""
    tx.db.conn.executemany(
        FORGET, [(row["fan_id"], tag_id, row["gone_at"]) for row in gone if "gone_at" in row]
    )
