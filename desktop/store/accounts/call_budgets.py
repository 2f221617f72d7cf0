"""Calls counted per account, path and window, and paths the platform closed for a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from desktop.domain.call_budget import CallLimit, Used, Window, ends_at, now_used
from desktop.store.transaction import Transaction

BLOCK = "block"  # the row that keeps how long the platform closed a path


@dataclass(frozen=True, slots=True)
class Reserved:
    """What a reservation gave: calls, good until a moment; or none, and when to ask again (UTC ms)."""

    calls: int
    until: int


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One window of one path: how much was used of it, or how long the path is closed. UTC ms."""

    path: str
    window: str
    began_at: int
    used: int
    blocked_until: int | None


def reserve(
    tx: Transaction, account_id: int, path: str, limits: tuple[CallLimit, ...], wanted: int
) -> Reserved:
    """Count up to `wanted` calls in every window at once, as many as all of them still allow."""
    closed = blocked_until(tx.db, account_id, path, tx.now_ms)
    if closed is not None:
        return Reserved(0, closed)
    windows = {limit.window: _used(tx.db, account_id, path, limit.window, tx.now_ms) for limit in limits}
    full = [limit for limit in limits if windows[limit.window].calls >= limit.most]
    if full:
        return Reserved(0, max(ends_at(one.window, windows[one.window].began_at) for one in full))
    calls = min([wanted, *(limit.most - windows[limit.window].calls for limit in limits)])
    for window, used in windows.items():
        _put(tx, account_id, path, window, Used(used.began_at, used.calls + calls))
    until = min((ends_at(window, used.began_at) for window, used in windows.items()), default=2**62)
    return Reserved(calls, until)


def give_back(tx: Transaction, account_id: int, path: str, windows: tuple[Window, ...], calls: int) -> None:
    """Calls that were reserved and not made, as far as their window still runs."""
    for window in windows:
        used = _used(tx.db, account_id, path, window, tx.now_ms)
        if used.calls:
            _put(tx, account_id, path, window, Used(used.began_at, max(0, used.calls - calls)))


def block(tx: Transaction, account_id: int, path: str, until: int) -> None:
    """The platform closed a path until a moment; a longer time that is known already stays."""
    tx.db.execute(
        "INSERT INTO call_budget (account_id, path, window, window_start, blocked_until)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (account_id, path, window) DO UPDATE SET"
        " blocked_until = max(coalesce(blocked_until, 0), excluded.blocked_until)",
        (account_id, path, BLOCK, tx.now_ms, until),
    )


def blocked_until(conn: Any, account_id: int, path: str, now: int) -> int | None:
    """Until when a path is closed, while it is."""
    row = conn.execute(
        "SELECT blocked_until FROM call_budget WHERE account_id = ? AND path = ? AND window = ?"
        " AND blocked_until > ?",
        (account_id, path, BLOCK, now),
    ).fetchone()
    return None if row is None else int(row["blocked_until"])


def of_account(conn: Any, account_id: int) -> list[BudgetRow]:
    """Everything counted for an account."""
    rows = conn.execute(
        "SELECT path, window, window_start, used, blocked_until FROM call_budget WHERE account_id = ?"
        " ORDER BY path, window",
        (account_id,),
    )
    return [
        BudgetRow(row["path"], row["window"], row["window_start"], row["used"], row["blocked_until"])
        for row in rows
    ]


def _used(conn: Any, account_id: int, path: str, window: Window, now: int) -> Used:
    row = conn.execute(
        "SELECT window_start, used FROM call_budget WHERE account_id = ? AND path = ? AND window = ?",
        (account_id, path, window.value),
    ).fetchone()
    return now_used(window, None if row is None else Used(row["window_start"], row["used"]), now)


def _put(tx: Transaction, account_id: int, path: str, window: Window, used: Used) -> None:
    tx.db.execute(
        "INSERT INTO call_budget (account_id, path, window, window_start, used) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (account_id, path, window) DO UPDATE SET window_start = excluded.window_start,"
        " used = excluded.used",
        (account_id, path, window.value, used.began_at, used.calls),
    )
