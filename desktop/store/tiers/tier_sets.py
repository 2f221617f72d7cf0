"""Tiers of everybody at once, as sets of fans: the same answer as `domain.tiers.decide`, asked in SQL.

For looking ahead only; what is stored is decided fan by fan, with reasons.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from functools import reduce
from operator import and_, or_
from typing import Any

from desktop.domain.fans import Tier
from desktop.domain.periods import DAY_MS
from desktop.domain.tiers import RULED, Condition, Measure, TierRules
from desktop.store.fans import fan_sets
from desktop.store.tiers.tiers import CONNECTED

# Measures look at months of everybody: one pass by fan is quicker than by time with a leap for each row.
BOUGHT = """
SELECT fan_id FROM "order" INDEXED BY order_fan WHERE is_sale = 1 AND net_cents > 0 AND fan_id IS NOT NULL
"""
DONE = """
SELECT fan_id FROM interaction INDEXED BY interaction_fan WHERE kind IN (SELECT value FROM json_each(:kinds))
"""
# What is measured, of which rows, when they happened and by which channel.
MEASURED = {
    "orders": (BOUGHT, "count(*)", "paid_at", "platform"),
    "spend_cents": (BOUGHT, "sum(net_cents)", "paid_at", "platform"),
    "interactions": (DONE, "sum(quantity)", "at", "channel"),
}
PINNED = "fan.tier_pinned = :tier AND (fan.tier_pinned_until IS NULL OR fan.tier_pinned_until > :now)"


Kept = Callable[[Hashable, Callable[[], int]], int]


def ask_anew(_key: Hashable, ask: Callable[[], int]) -> int:
    """Keeps nothing."""
    return ask()


def standing(conn: Any) -> dict[Tier, int]:
    """The living fans of each tier as stored."""
    here = fan_sets.living(conn, fan_sets.everybody(conn))
    return {tier: here & fan_sets.where(conn, "fan.tier = :tier", {"tier": tier.value}) for tier in Tier}


def by_rules(conn: Any, rules: TierRules, now: int, kept: Kept = ask_anew) -> dict[Tier, int]:
    """The living fans of each tier as these rules would decide at `now`; pins hold.

    `kept` may answer a question that was asked before: rules that differ in one measure ask that one only.
    """
    asked = _Asked(conn, rules, now, kept)
    left = asked.living()
    found = {tier: asked.pinned(tier) & left for tier in Tier}
    left &= ~reduce(or_, found.values())
    for tier in RULED:
        reached = reduce(or_, (asked.condition(each) for each in rules.of(tier)), 0)
        if tier in rules.connected_only:
            reached &= asked.connected()
        if tier is Tier.PASSERBY:
            reached |= asked.connected() | asked.bought()
        found[tier] |= left & reached
        left &= ~reached
    found[Tier.PROSPECT] |= left
    return found


class _Asked:
    """The sets that rules are made of, at one moment."""

    def __init__(self, conn: Any, rules: TierRules, now: int, kept: Kept) -> None:
        self._conn, self._now, self._kept = conn, now, kept
        self._kinds = json.dumps(sorted(rules.interaction_kinds))

    def living(self) -> int:
        """Everybody who has a tier."""
        return self._kept("living", lambda: fan_sets.living(self._conn, fan_sets.everybody(self._conn)))

    def connected(self) -> int:
        """Contacts, group members, followers."""
        return self._kept("connected", lambda: fan_sets.listed(self._conn, CONNECTED.format(these=""), {}))

    def bought(self) -> int:
        """Who ever bought."""
        return self._kept(
            ("bought", self._now),
            lambda: fan_sets.listed(
                self._conn, f"{BOUGHT} AND paid_at <= :now GROUP BY fan_id", {"now": self._now}
            ),
        )

    def pinned(self, tier: Tier) -> int:
        """Who is pinned to a tier."""
        return fan_sets.where(self._conn, PINNED, {"tier": tier.value, "now": self._now})

    def condition(self, condition: Condition) -> int:
        """Who meets every measure of a condition."""
        return reduce(and_, (self._measure(each) for each in condition))

    def _measure(self, measure: Measure) -> int:
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
        return self._kept(
            (measure, self._kinds, self._now),
            lambda: fan_sets.listed(
                self._conn, f"{where} GROUP BY fan_id HAVING {number} >= :least", values
            ),
        )
