"""Pairs of fans of whom the owner said that they are two people."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from desktop.domain.changes import Topic
from desktop.store.database import as_json
from desktop.store.matching import merges
from desktop.store.transaction import Transaction

REFUSED = "SELECT fan_id, other_id, marks FROM match_refusal"
STANDS = "SELECT id, merged_into FROM fan WHERE merged_into IS NOT NULL"


def note(tx: Transaction, fan_id: int, other_id: int, marks: Collection[str]) -> None:
    """These are two, whatever these proofs say. Raises NotFoundError('fan_missing')."""
    one, other = sorted(merges.root(tx.db.conn, each) for each in (fan_id, other_id))
    before = tx.db.execute(f"{REFUSED} WHERE fan_id = ? AND other_id = ?", (one, other)).fetchone()
    known = [] if before is None else json.loads(before["marks"])
    put(tx, one, other, sorted({*known, *marks}))
    tx.replaced = {"fan_id": one, "other_id": other, "marks": None if before is None else known}


def put(tx: Transaction, fan_id: int, other_id: int, marks: Collection[str] | None) -> None:
    """Let this stand of a pair, lower id first; None: nothing was said."""
    tx.db.execute("DELETE FROM match_refusal WHERE fan_id = ? AND other_id = ?", (fan_id, other_id))
    if marks is not None:
        tx.db.execute(
            "INSERT INTO match_refusal (fan_id, other_id, marks, at) VALUES (?, ?, ?, ?)",
            (fan_id, other_id, as_json(list(marks)), tx.now_ms),
        )
    tx.touch(Topic.FAN, [fan_id, other_id])


def by_pair(conn: Any) -> dict[tuple[int, int], frozenset[str]]:
    """The proofs the owner saw when they said no, by pair as people stand now, lower id first."""
    stands = {row[0]: row[1] for row in conn.execute(STANDS).fetchall()}
    found: dict[tuple[int, int], frozenset[str]] = {}
    for one, other, marks in conn.execute(REFUSED).fetchall():
        pair = sorted((stands.get(one, one), stands.get(other, other)))
        key = (pair[0], pair[1])
        found[key] = found.get(key, frozenset()) | frozenset(json.loads(marks))
    return found
