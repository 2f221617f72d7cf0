"""An official account's followers per day and its menu, as the platform tells them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.official_account import FollowerDay
from desktop.store.transaction import Transaction

PUT_DAY = (
    "INSERT INTO follower_day (account_id, day, gained, lost, total) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (account_id, day) DO UPDATE SET gained = excluded.gained, lost = excluded.lost,"
    " total = excluded.total"
    " WHERE (gained, lost, total) IS NOT (excluded.gained, excluded.lost, excluded.total)"
)


def keep_days(tx: Transaction, account_id: int, days: Sequence[FollowerDay]) -> int:
    """Keep days; how many were new or changed."""
    before = tx.db.conn.total_changes
    tx.db.conn.executemany(
        PUT_DAY, [(account_id, one.day, one.gained, one.lost, one.total) for one in days]
    )
    changed = int(tx.db.conn.total_changes - before)
    if changed:
        tx.touch(Topic.STATISTIC)
    return changed


def last_day(conn: Any, account_id: int) -> date | None:
    """The last day that is kept."""
    row = conn.execute("SELECT max(day) FROM follower_day WHERE account_id = ?", (account_id,)).fetchone()
    return date.fromisoformat(row[0]) if row[0] else None


def keep_menu(tx: Transaction, account_id: int, buttons: Sequence[dict[str, Any]]) -> bool:
    """Keep the menu; whether it changed."""
    told = json.dumps(list(buttons), ensure_ascii=False, sort_keys=True)
    before = tx.db.conn.total_changes
    tx.db.execute(
        "INSERT INTO account_menu (account_id, buttons, read_at) VALUES (?, ?, ?)"
        " ON CONFLICT (account_id) DO UPDATE SET buttons = excluded.buttons, read_at = excluded.read_at"
        " WHERE buttons <> excluded.buttons",
        (account_id, told, tx.now_ms),
    )
    has_changed = bool(tx.db.conn.total_changes > before)
    if has_changed:
        tx.touch(Topic.ACCOUNT, [account_id])
    return has_changed


def menu(conn: Any, account_id: int) -> list[dict[str, Any]]:
    """The menu's buttons as last read; [] before."""
    row = conn.execute("SELECT buttons FROM account_menu WHERE account_id = ?", (account_id,)).fetchone()
    return [] if row is None else list(json.loads(row["buttons"]))
