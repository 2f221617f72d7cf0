"""Tiers of everybody at once, as sets of fans: the same answer as `domain.tiers.decide`, asked in SQL.

For looking ahead only; what is stored is decided fan by fan, with reasons.
"""

from __future__ import annotations

import json
from functools import reduce
from operator import and_, or_
from typing import Any

from desktop.domain.fans import Tier
from desktop.domain.periods import DAY_MS
from desktop.domain.segments.fan_bits import of_words
from desktop.domain.tiers import RULED, Condition, Measure, TierRules
from desktop.store.audiences.segment_members import WORDS, living
from desktop.store.tiers.tiers import CONNECTED

BOUGHT = 'SELECT fan_id FROM "order" WHERE is_sale = 1 AND net_cents > 0 AND fan_id IS NOT NULL'
DONE = "SELECT fan_id FROM interaction WHERE kind IN (SELECT value FROM json_each(:kinds))"
# What is measured, of which rows, when they happened and by which channel.
MEASURED = {
    "orders": (BOUGHT, "count(*)", "paid_at", "platform"),
    "spend_cents": (BOUGHT, "sum(net_cents)", "paid_at", "platform"),
    "interactions": (DONE, "sum(quantity)", "at", "channel"),
}
PINNED = "fan.tier_pinned = :tier AND (fan.tier_pinned_until IS NULL OR fan.tier_pinned_until > :now)"


def standing(conn: Any) -> dict[Tier, int]:
    """The living fans of each tier as stored."""
    everybody = living(conn)
    return {tier: everybody & _set(conn, "fan.tier = :tier", {"tier": tier.value}) for tier in Tier}


def by_rules(conn: Any, rules: TierRules, now: int) -> dict[Tier, int]:
    """The living fans of each tier as these rules would decide now; pins hold."""
    asked = _Asked(conn, rules, now)
    left = asked.living
    found = {tier: asked.pinned(tier) & left for tier in Tier}
    left &= ~reduce(or_, found.values())
    for tier in RULED:
        reached = reduce(or_, (asked.condition(each) for each in rules.of(tier)), 0)
        if tier in rules.connected_only:
            reached &= asked.connected
        if tier is Tier.PASSERBY:
            reached |= asked.connected | asked.bought
        found[tier] |= left & reached
        left &= ~reached
    found[Tier.PROSPECT] |= left
    return found


class _Asked:
    """Sets that several tiers need, each asked once."""

    def __init__(self, conn: Any, rules: TierRules, now: int) -> None:
        self._conn, self._now = conn, now
        self._kinds = json.dumps(sorted(rules.interaction_kinds))
        self._measures: dict[Measure, int] = {}
        self.living = living(conn)
        self.connected = _of_ids(conn, CONNECTED.format(these=""), {})
        self.bought = _of_ids(conn, f"{BOUGHT} AND paid_at <= :now", {"now": now})

    def pinned(self, tier: Tier) -> int:
        """Who is pinned to a tier."""
        return _set(self._conn, PINNED, {"tier": tier.value, "now": self._now})

    def condition(self, condition: Condition) -> int:
        """Who meets every measure of a condition."""
        return reduce(and_, (self._measure(each) for each in condition))

    def _measure(self, measure: Measure) -> int:
        known = self._measures.get(measure)
        if known is None:
            rows, number, at, channel = MEASURED[measure.what]
            values: dict[str, Any] = {
                "since": self._now - measure.days * DAY_MS,
                "now": self._now,
                "least": measure.at_least,
            }
            if measure.what == "interactions":
                values["kinds"] = self._kinds
            where = f"{rows} AND {at} > :since AND {at} <= :now"
            if measure.channels:
                where += f" AND {channel} IN (SELECT value FROM json_each(:channels))"
                values["channels"] = json.dumps(measure.channels)
            known = _of_ids(self._conn, f"{where} GROUP BY fan_id HAVING {number} >= :least", values)
            self._measures[measure] = known
        return known


def _of_ids(conn: Any, ids: str, values: dict[str, Any]) -> int:
    return _set(conn, f"fan.id IN ({ids})", values)


def _set(conn: Any, where: str, values: dict[str, Any]) -> int:
    return of_words(conn.execute(WORDS.format(where=where), values).fetchall())
