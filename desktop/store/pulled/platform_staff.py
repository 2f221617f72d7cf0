"""Staff as a platform lists them: the complete list each time, the same any number of times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.platform_records import StaffRecord
from desktop.store.transaction import Transaction


@dataclass(slots=True)
class Ingested:
    """What some customers changed here, by the platform's ids; `first_seen` were not yet met in this pass."""

    new: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    first_seen: int = 0


def ingest_staff(tx: Transaction, account: Account, records: Sequence[StaffRecord]) -> Ingested:
    """Take in the complete staff list; a name that is not told leaves the known one."""
    rows = tx.db.execute("SELECT * FROM staff WHERE account_id = ?", (account.id,)).fetchall()
    known = {str(row["external_id"]): row for row in rows}
    done = Ingested(first_seen=len(records))
    for record in records:
        row = known.get(record.external_id)
        if row is None:
            _add_staff(tx, account.id, record.external_id, record.name)
            done.new.add(record.external_id)
        elif row["removed_at"] is not None or record.name not in ("", row["name"]):
            tx.db.execute(
                "UPDATE staff SET name = ?, removed_at = NULL WHERE id = ?",
                (record.name or row["name"], row["id"]),
            )
            done.changed.add(record.external_id)
    if done.new or done.changed:
        tx.touch(Topic.ACCOUNT, [account.id])
    return done


def missing_staff(conn: Any, account: Account, present: Iterable[str]) -> tuple[list[int], int]:
    """(local ids of known staff that are not among `present`, how many are known)."""
    rows = conn.execute(
        "SELECT id, external_id FROM staff WHERE account_id = ? AND removed_at IS NULL", (account.id,)
    ).fetchall()
    there = set(present)
    return [int(row["id"]) for row in rows if row["external_id"] not in there], len(rows)


def remove_staff(tx: Transaction, staff_ids: Sequence[int]) -> None:
    """Mark staff as gone; their friendships end with the customers' stream."""
    tx.db.conn.executemany(
        "UPDATE staff SET removed_at = ? WHERE id = ?", [(tx.now_ms, staff_id) for staff_id in staff_ids]
    )
    tx.touch(Topic.ACCOUNT)


def staff_ids(tx: Transaction, account_id: int, wanted: Iterable[str]) -> dict[str, int]:
    """Local ids of staff by the platform's; staff nobody listed (outside the app's range) are added."""
    rows = tx.db.execute("SELECT id, external_id FROM staff WHERE account_id = ?", (account_id,)).fetchall()
    known = {str(row["external_id"]): int(row["id"]) for row in rows}
    for external_id in sorted(set(wanted) - known.keys()):
        known[external_id] = _add_staff(tx, account_id, external_id, "")
    return known


def _add_staff(tx: Transaction, account_id: int, external_id: str, name: str) -> int:
    cursor = tx.db.execute(
        "INSERT INTO staff (account_id, external_id, name) VALUES (?, ?, ?)",
        (account_id, external_id, name),
    )
    return int(cursor.lastrowid or 0)
