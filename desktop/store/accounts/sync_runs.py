"""Rounds of synchronisation: their rows, cursors, and the marks of what a pass has seen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.sync_reports import COUNTS, NOTES, Outcome, StreamReport, SyncRun
from desktop.store.bulk import write_rows
from desktop.store.transaction import Transaction

MARK = "INSERT OR IGNORE INTO sync_seen (account_id, stream, external_id) VALUES {rows}"


@dataclass(frozen=True, slots=True)
class Pass:
    """Where a pass through a stream stands; `started_at` None means that none is under way."""

    cursor: str
    started_at: int | None


def begin(tx: Transaction, account_id: int) -> int:
    """Open a round's row; one that a crash left open is closed as failed."""
    tx.db.execute(
        "UPDATE sync_run SET ended_at = ?, outcome = 'failed', error_code = 'sync_interrupted'"
        " WHERE account_id = ? AND ended_at IS NULL",
        (tx.now_ms, account_id),
    )
    cursor = tx.db.execute(
        "INSERT INTO sync_run (uid, account_id, started_at) VALUES (?, ?, ?)",
        (tx.new_uid(), account_id, tx.now_ms),
    )
    tx.touch(Topic.SYNC)
    return int(cursor.lastrowid or 0)


def end(
    tx: Transaction, run_id: int, outcome: Outcome, error_code: str | None, error: Mapping[str, Any] | None
) -> None:
    """Close a round's row."""
    told = None if error is None else json.dumps(error, ensure_ascii=False, default=str)
    tx.db.execute(
        "UPDATE sync_run SET ended_at = ?, outcome = ?, error_code = ?, error = ? WHERE id = ?",
        (tx.now_ms, outcome.value, error_code, told, run_id),
    )
    tx.touch(Topic.SYNC)


def save_stream(tx: Transaction, run_id: int, report: StreamReport) -> None:
    """Write a stream's counts as they stand."""
    counts = report.counts()
    names = ", ".join(counts)
    marks = ", ".join("?" * len(counts))
    updates = ", ".join(f"{name} = excluded.{name}" for name in counts)
    notes = [*report.notes, *([report.error_code] if report.error_code else [])]
    tx.db.execute(
        f"INSERT INTO sync_run_stream (run_id, stream, {names}, notes) VALUES (?, ?, {marks}, ?)"
        f" ON CONFLICT (run_id, stream) DO UPDATE SET {updates}, notes = excluded.notes",
        (run_id, report.stream, *counts.values(), json.dumps(notes)),
    )


def current_pass(conn: Any, account_id: int, stream: str) -> Pass:
    """Where the pass of a stream stands."""
    row = conn.execute(
        "SELECT cursor, pass_started_at, finished_at FROM sync_cursor WHERE account_id = ? AND stream = ?",
        (account_id, stream),
    ).fetchone()
    if row is None or row["pass_started_at"] is None or row["finished_at"] is not None:
        return Pass("", None)
    return Pass(str(row["cursor"]), int(row["pass_started_at"]))


def start_pass(
    tx: Transaction, account_id: int, stream: str, marks: Iterable[str], cursor: str = ""
) -> None:
    """Begin a stream anew: no cursor, no mark of `marks` (the mark streams it uses)."""
    for mark in marks:
        tx.db.execute("DELETE FROM sync_seen WHERE account_id = ? AND stream = ?", (account_id, mark))
    tx.db.execute(
        "INSERT INTO sync_cursor (account_id, stream, cursor, pass_started_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (account_id, stream) DO UPDATE SET cursor = excluded.cursor,"
        " pass_started_at = excluded.pass_started_at, finished_at = NULL",
        (account_id, stream, cursor, tx.now_ms),
    )


def save_cursor(tx: Transaction, account_id: int, stream: str, cursor: str) -> None:
    """Note where to go on; call it in the transaction that stores the page before it."""
    tx.db.execute(
        "UPDATE sync_cursor SET cursor = ? WHERE account_id = ? AND stream = ?",
        (cursor, account_id, stream),
    )


def finish_pass(tx: Transaction, account_id: int, stream: str, marks: Iterable[str]) -> None:
    """The stream was read to its end: forget the cursor and the marks."""
    for mark in marks:
        tx.db.execute("DELETE FROM sync_seen WHERE account_id = ? AND stream = ?", (account_id, mark))
    tx.db.execute(
        "UPDATE sync_cursor SET cursor = '', finished_at = ?, last_success_at = ?"
        " WHERE account_id = ? AND stream = ?",
        (tx.now_ms, tx.now_ms, account_id, stream),
    )


def keep_mark(tx: Transaction, account_id: int, stream: str, mark: str) -> None:
    """A lasting mark of how far a stream is known, for streams that are never read anew; it went through now."""
    tx.db.execute(
        "INSERT INTO sync_cursor (account_id, stream, cursor, finished_at, last_success_at)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (account_id, stream) DO UPDATE SET cursor = excluded.cursor,"
        " finished_at = excluded.finished_at, last_success_at = excluded.last_success_at",
        (account_id, stream, mark, tx.now_ms, tx.now_ms),
    )


def mark_of(conn: Any, account_id: int, stream: str) -> str:
    """The lasting mark of a stream; '' before the first."""
    row = conn.execute(
        "SELECT cursor FROM sync_cursor WHERE account_id = ? AND stream = ?", (account_id, stream)
    ).fetchone()
    return "" if row is None else str(row["cursor"])


def last_successes(conn: Any, account_id: int) -> dict[str, int]:
    """When each stream that keeps a cursor was last read to its end: UTC ms."""
    rows = conn.execute(
        "SELECT stream, last_success_at FROM sync_cursor WHERE account_id = ?"
        " AND last_success_at IS NOT NULL",
        (account_id,),
    )
    return {row["stream"]: row["last_success_at"] for row in rows}


def mark_seen(tx: Transaction, account_id: int, mark: str, ids: Iterable[str]) -> int:
    """Mark ids as seen in this pass; how many of them were not marked yet."""
    before = tx.db.conn.total_changes
    write_rows(tx.db.conn, MARK, [(account_id, mark, external_id) for external_id in ids])
    return int(tx.db.conn.total_changes - before)


def unmark(tx: Transaction, account_id: int, mark: str, external_id: str) -> None:
    """Take one id's mark away."""
    tx.db.execute(
        "DELETE FROM sync_seen WHERE account_id = ? AND stream = ? AND external_id = ?",
        (account_id, mark, external_id),
    )


def mark_together(tx: Transaction, account_id: int, mark: str, ids: Sequence[str]) -> None:
    """Mark ids as seen in this pass, all in one row: the marks of a mark stream that only this writes."""
    if ids:
        row = (account_id, mark, json.dumps(ids, ensure_ascii=False))
        tx.db.execute(MARK.format(rows="(?, ?, ?)"), row)


def seen_together(conn: Any, account_id: int, mark: str) -> set[str]:
    """Every id this pass has seen, of a mark stream of `mark_together`."""
    rows = conn.execute(
        "SELECT external_id FROM sync_seen WHERE account_id = ? AND stream = ?", (account_id, mark)
    )
    found: set[str] = set()
    for row in rows:
        found.update(json.loads(row[0]))
    return found


def seen(conn: Any, account_id: int, mark: str) -> set[str]:
    """Every id this pass has seen."""
    rows = conn.execute(
        "SELECT external_id FROM sync_seen WHERE account_id = ? AND stream = ?", (account_id, mark)
    )
    return {str(row[0]) for row in rows}


def seen_count(conn: Any, account_id: int, mark: str) -> int:
    """How many different ids this pass has seen."""
    row = conn.execute(
        "SELECT count(*) FROM sync_seen WHERE account_id = ? AND stream = ?", (account_id, mark)
    ).fetchone()
    return int(row[0])


def newest(conn: Any, account_id: int, limit: int) -> tuple[SyncRun, ...]:
    """The last rounds of an account with their streams, newest first."""
    rows = conn.execute(
        "SELECT * FROM sync_run WHERE account_id = ? ORDER BY id DESC LIMIT ?", (account_id, limit)
    ).fetchall()
    return tuple(_run(row, _streams(conn, int(row["id"]))) for row in rows)


def _run(row: Any, streams: tuple[StreamReport, ...]) -> SyncRun:
    return SyncRun(
        id=int(row["id"]),
        account_id=int(row["account_id"]),
        started_at=int(row["started_at"]),
        ended_at=row["ended_at"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        error_code=row["error_code"],
        error_params=json.loads(row["error"]) if row["error"] else {},
        streams=streams,
    )


def _streams(conn: Any, run_id: int) -> tuple[StreamReport, ...]:
    """Streams in the order they began; what is no note among the notes is the code of a refusal."""
    rows = conn.execute("SELECT * FROM sync_run_stream WHERE run_id = ? ORDER BY rowid", (run_id,))
    found = []
    for row in rows.fetchall():
        told = json.loads(row["notes"])
        stream = StreamReport(str(row["stream"]))
        for name in COUNTS:
            setattr(stream, name, int(row[name]))
        stream.notes = [code for code in told if code in NOTES]
        stream.error_code = next((code for code in told if code not in NOTES), None)
        found.append(stream)
    return tuple(found)
