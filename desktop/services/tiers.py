"""Tiers: the rules in force, what other rules would do, changing them as one step, and how tiers flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.errors import InvalidInputError
from desktop.domain.fans import Tier
from desktop.domain.periods import today
from desktop.domain.tier_moves import TierDay, TierMatrix
from desktop.domain.tiers import TierDecision, TierRules, parsed_rules
from desktop.services.kept_sets import KeptSets
from desktop.store.database import Store
from desktop.store.fans import fan_bulk, fans
from desktop.store.fans.fan_bulk import AT_ONCE, Steps
from desktop.store.rules import TIER_RULES, shipped, tier_rules, zone_of
from desktop.store.shop import setting
from desktop.store.tiers import tier_flow, tier_sets, tiers
from desktop.store.transaction import Transaction

MOST_DAYS = 366
SAME_MOMENT_MS = 600_000


@dataclass(frozen=True, slots=True)
class TierStory:
    """One fan's tier: the decision now, where the fan came from (None: always here), and since when."""

    fan_id: int
    name: str
    decision: TierDecision
    before: Tier | None
    since: int | None
    pinned: Tier | None
    pinned_until: int | None
    history: tuple[tuple[int, Tier | None, Tier], ...]


class TierService:
    """Rules are data: the shipped ones until the owner saves others."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._kept = KeptSets(store.feed)

    async def rules(self) -> TierRules:
        """The rules in force."""
        return await self._store.read(tier_rules)

    def shipped_rules(self) -> TierRules:
        """The rules that came with the program."""
        return parsed_rules(shipped("tiers"))

    async def preview(self, rules: TierRules) -> TierMatrix:
        """Who would go where if these rules held now. Nothing is written.

        While the shop stays as it is, "now" is the same moment for some minutes: a question that another
        try of the rules asked already is not asked again.
        """
        now = self._clock.now_ms()

        def work(conn: Any) -> TierMatrix:
            moment = self._kept.get(("moment", now // SAME_MOMENT_MS), lambda: now)
            after = tier_sets.by_rules(conn, rules, moment, self._kept.get)
            return TierMatrix.between(tier_sets.standing(conn), after)

        return await self._store.read(work)

    async def save(self, rules: TierRules | None, *, steps: Steps = AT_ONCE) -> int:
        """Put rules in force (None: the shipped ones) and decide everybody anew, as one undoable step.

        Returns how many changed tier. Whoever stops it by `steps` finds nothing changed.
        Raises InvalidInputError('tier_rules_invalid').
        """
        if rules == self.shipped_rules():
            rules = None
        document = None if rules is None else parsed_rules(rules.as_json()).as_json()

        def work(tx: Transaction) -> int:
            if setting(tx.db, TIER_RULES) == document:
                tx.is_bookkeeping = True
                return 0
            return fan_bulk.put_tier_rules(tx, document, steps)

        return await self._store.write(work, kind="tier.rules", payload={"value": document})

    async def explain(self, fan_id: int) -> TierStory:
        """Why a fan is in a tier, until when, and the way there. Raises NotFoundError('fan_missing')."""
        now = self._clock.now_ms()

        def work(conn: Any) -> TierStory:
            row = fans.fan(conn, fan_id)
            history = tier_flow.history(conn, fan_id)
            return TierStory(
                fan_id,
                str(row["name"]),
                tiers.decision_on(conn, fan_id, now),
                history[-1][1] if history else None,
                row["tier_since"],
                Tier(row["tier_pinned"]) if row["tier_pinned"] else None,
                row["tier_pinned_until"],
                history,
            )

        return await self._store.read(work)

    async def flow(self, days: int) -> tuple[TierDay, ...]:
        """The last days, today included, oldest first: opening + came - left = closing, for each tier.

        Raises InvalidInputError('tier_days') for less than one day or more than a year.
        """
        if not 1 <= days <= MOST_DAYS:
            raise InvalidInputError("tier_days", most=MOST_DAYS)
        now = self._clock.now_ms()

        def work(conn: Any) -> tuple[TierDay, ...]:
            zone = zone_of(conn)
            return tier_flow.days(conn, today(now, zone), days, zone)

        return await self._store.read(work)
