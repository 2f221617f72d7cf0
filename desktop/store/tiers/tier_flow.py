"""How the tiers grew and shrank from day to day, out of each fan's own history."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from desktop.domain.clock import day_start_ms
from desktop.domain.fans import Tier
from desktop.domain.tier_moves import TierDay
from desktop.store.fans import fans

# Who changed tier, who is here without a first decision yet, and who is gone since; '' is outside.
MOVES = """
SELECT from_tier, to_tier, count(*) FROM (
    SELECT coalesce(from_tier, '') AS from_tier, to_tier FROM tier_change WHERE at >= :first AND at < :next
    UNION ALL
    SELECT '', tier FROM fan WHERE tier_since IS NULL AND created_at >= :first AND created_at < :next
    UNION ALL
    SELECT tier, '' FROM fan WHERE (removed_at IS NOT NULL OR merged_into IS NOT NULL)
        AND coalesce(removed_at, updated_at) >= :first AND coalesce(removed_at, updated_at) < :next
) GROUP BY 1, 2
"""
HISTORY = "SELECT at, from_tier, to_tier FROM tier_change WHERE fan_id = ? ORDER BY id"
END = 1 << 62  # after every moment: what a wrong clock put into the future belongs to the last day


def days(conn: Any, last: date, count: int, zone: str) -> tuple[TierDay, ...]:
    """The last `count` days up to today, oldest first; sizes are told back from those of now."""
    closing = fans.tier_counts(conn)
    found: list[TierDay] = []
    next_ms = END
    for back in range(count):
        day = last - timedelta(days=back)
        first_ms = day_start_ms(day, zone)
        rows = conn.execute(MOVES, {"first": first_ms, "next": next_ms})
        moves = {(_tier(row[0]), _tier(row[1])): row[2] for row in rows if row[0] != row[1]}
        told = TierDay(day, moves, closing)
        found.append(told)
        closing, next_ms = dict(told.opening), first_ms
    return tuple(reversed(found))


def before(conn: Any, fan_id: int) -> Tier | None:
    """The tier a fan came from; None for who has always been in theirs."""
    told = history(conn, fan_id)
    return told[-1][1] if told else None


def history(conn: Any, fan_id: int) -> tuple[tuple[int, Tier | None, Tier], ...]:
    """(UTC ms, from, to) of each change, oldest first; the first has no `from`."""
    rows = conn.execute(HISTORY, (fan_id,)).fetchall()
    return tuple((row[0], _tier(row[1] or ""), Tier(row[2])) for row in rows)


def _tier(name: str) -> Tier | None:
    return Tier(name) if name else None
