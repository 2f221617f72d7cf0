"""How accounts are: what they hold, may not do, have left of their calls, and when streams last worked."""

from __future__ import annotations

from typing import Any

from desktop.domain.accounts import AccountHealth, CallUse, StreamHealth
from desktop.domain.call_budget import Used, Window, now_used
from desktop.services.call_budgets import limits_of
from desktop.store.accounts import abilities, accounts, call_budgets, sync_runs
from desktop.store.sends import first_sends

RUNS_LOOKED_AT = 50


def of_all(conn: Any, now: int) -> list[AccountHealth]:
    """Every account; where its secret is kept is not known here."""
    waiting = first_sends.waiting_counts(conn)
    return [
        AccountHealth(
            account,
            None,
            *accounts.counts(conn, account.id),
            refusals=abilities.refused(conn, account.id),
            calls=calls(conn, account.id, account.platform, now),
            waiting=waiting.get(account.id, 0),
        )
        for account in accounts.listing(conn)
    ]


def calls(conn: Any, account_id: int, platform: str, now: int) -> tuple[CallUse, ...]:
    """Windows that run now, and paths that are closed, the fullest first."""
    found = []
    for row in call_budgets.of_account(conn, account_id):
        if row.window == call_budgets.BLOCK:
            if row.blocked_until is not None and row.blocked_until > now:
                found.append(CallUse(row.path, row.window, 0, 0, row.blocked_until))
            continue
        most = {limit.window: limit.most for limit in limits_of(platform, row.path)}
        window = Window(row.window)
        used = now_used(window, Used(row.began_at, row.used), now).calls
        if used and window in most:
            found.append(CallUse(row.path, row.window, used, most[window]))
    return tuple(sorted(found, key=lambda use: (use.left_permille, use.path)))


def streams(conn: Any, account_id: int) -> tuple[StreamHealth, ...]:
    """Every stream in the order of the last round that had it."""
    marks = sync_runs.last_successes(conn, account_id)
    found: dict[str, StreamHealth] = {}
    for run in sync_runs.newest(conn, account_id, RUNS_LOOKED_AT):
        is_whole = run.outcome is not None and run.outcome.value == "ok"
        for stream in run.streams:
            name = stream.stream
            known = found.get(name)
            if known is None:
                error = stream.error_code
                counts = stream.received, stream.new, stream.changed, stream.removed
                known = found[name] = StreamHealth(name, marks.get(name), *counts, error)
            was_cut = stream.error_code is not None or "stopped" in stream.notes
            went_through = is_whole or (run.outcome is not None and stream.received > 0)
            if known.last_success_at is None and went_through and not was_cut:
                counts = known.received, known.new, known.changed, known.removed
                found[name] = StreamHealth(name, run.ended_at, *counts, known.error_code)
    return tuple(found.values())
