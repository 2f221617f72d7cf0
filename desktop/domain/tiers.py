"""Which tier a fan is in, why, and until when it holds. Thresholds are data.

A tier is reached when one of its conditions holds; a condition holds when all of its measures do.
A measure is "at least N of something in the last D days". Without new events a window only loses,
so the moment at which a tier falls back can be told exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from desktop.domain.clock import local_day
from desktop.domain.errors import InvalidInputError
from desktop.domain.fans import Tier
from desktop.domain.periods import DAY_MS

MEASURES = ("orders", "interactions", "spend_cents")
Event = tuple[int, int]  # (UTC ms, amount)


@dataclass(frozen=True, slots=True)
class Measure:
    """At least `at_least` of `what` within the last `days` days (24 hours each)."""

    what: str
    at_least: int
    days: int


Condition = tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class TierRules:
    """Conditions of the two upper tiers, and the interaction kinds that count."""

    favorable: tuple[Condition, ...]
    devoted: tuple[Condition, ...]
    interaction_kinds: frozenset[str]

    @property
    def longest_days(self) -> int:
        """How far back any measure looks."""
        conditions = self.favorable + self.devoted
        return max((m.days for condition in conditions for m in condition), default=0)


@dataclass(frozen=True, slots=True)
class TierFacts:
    """What the rules look at. Events are (time, amount): orders by net cents, interactions by count.

    Orders that were refunded in full are left out by the caller. `bought_ever` also covers orders
    older than any window.
    """

    is_connected: bool
    bought_ever: bool
    orders: tuple[Event, ...] = ()
    interactions: tuple[Event, ...] = ()
    pinned: Tier | None = None
    pinned_until: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence of the explanation: text `tier_reason.<code>` with parameters."""

    code: str
    params: Mapping[str, object]

    def as_json(self) -> dict[str, object]:
        """For storing beside the tier."""
        return {"code": self.code, **self.params}


@dataclass(frozen=True, slots=True)
class TierDecision:
    """The tier, why, and the day from which it no longer holds unless something happens."""

    tier: Tier
    reasons: tuple[Reason, ...]
    falls_back_on: date | None
    falls_back_to: Tier | None

    def as_json(self) -> list[dict[str, object]]:
        """Reasons, with the fall-back as the last one."""
        rows = [reason.as_json() for reason in self.reasons]
        if self.falls_back_on is not None and self.falls_back_to is not None:
            day = self.falls_back_on.isoformat()
            rows.append({"code": "falls_back", "day": day, "to": self.falls_back_to.value})
        return rows


def parsed_rules(document: Mapping[str, Any]) -> TierRules:
    """Rules from their JSON. Raises InvalidInputError('tier_rules_invalid') where they make no sense."""
    try:
        tiers = document["tiers"]
        return TierRules(
            favorable=tuple(_condition(item) for item in tiers["favorable"]),
            devoted=tuple(_condition(item) for item in tiers["devoted"]),
            interaction_kinds=frozenset(map(str, document["interaction_kinds"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInputError("tier_rules_invalid", detail=str(error)) from error


def _condition(measures: Sequence[Mapping[str, Any]]) -> Condition:
    parsed = tuple(Measure(str(m["what"]), int(m["at_least"]), int(m["days"])) for m in measures)
    for measure in parsed:
        if measure.what not in MEASURES or measure.at_least < 1 or measure.days < 1:
            raise ValueError(f"{measure.what} {measure.at_least} {measure.days}")
    if not parsed:
        raise ValueError("a condition needs a measure")
    return parsed


def decide(facts: TierFacts, rules: TierRules, now_ms: int, zone: str) -> TierDecision:
    """The fan's tier now. A manual pin that has not run out wins, and says so."""
    pinned_until = facts.pinned_until
    if facts.pinned is not None and (pinned_until is None or pinned_until > now_ms):
        if pinned_until is None:
            return TierDecision(facts.pinned, (Reason("pinned", {}),), None, None)
        day = local_day(pinned_until, zone)
        after = _by_rules(facts, rules, pinned_until)[0]
        reason = Reason("pinned_until", {"day": day.isoformat()})
        return TierDecision(facts.pinned, (reason,), day, after)
    tier, reasons, ends_ms = _by_rules(facts, rules, now_ms)
    if ends_ms is None:
        return TierDecision(tier, reasons, None, None)
    later = _by_rules(facts, rules, ends_ms)[0]
    return TierDecision(tier, reasons, local_day(ends_ms, zone), later)


def _by_rules(
    facts: TierFacts, rules: TierRules, now_ms: int
) -> tuple[Tier, tuple[Reason, ...], int | None]:
    """Tier, reasons and the moment the tier ends (None: it stays)."""
    upper = ((Tier.DEVOTED, rules.devoted), (Tier.FAVORABLE, rules.favorable))
    for tier, conditions in upper if facts.orders or facts.interactions else ():  # each wants at least one
        best: tuple[int, Condition] | None = None
        for condition in conditions:
            ends = _condition_ends(facts, condition, now_ms)
            if ends is not None and (best is None or ends > best[0]):
                best = (ends, condition)
        if best is not None:
            return tier, _reasons_of(facts, best[1], now_ms), best[0]
    if facts.is_connected:
        return Tier.PASSERBY, (Reason("connected", {}),), None
    if facts.bought_ever:
        return Tier.PASSERBY, (Reason("bought_long_ago", {}),), None
    return Tier.PROSPECT, (Reason("not_connected", {}),), None


def _condition_ends(facts: TierFacts, condition: Condition, now_ms: int) -> int | None:
    ends = [_measure_ends(facts, measure, now_ms) for measure in condition]
    held = [end for end in ends if end is not None]
    return min(held) if len(held) == len(ends) else None


def _measure_ends(facts: TierFacts, measure: Measure, now_ms: int) -> int | None:
    """When the measure stops holding; None when it does not hold now."""
    got = 0
    for at, amount in sorted(_in_window(facts, measure, now_ms), reverse=True):
        got += amount
        if got >= measure.at_least:
            return at + measure.days * DAY_MS
    return None


def _in_window(facts: TierFacts, measure: Measure, now_ms: int) -> list[Event]:
    counted: Callable[[int], int] = (
        (lambda amount: 1) if measure.what == "orders" else (lambda amount: amount)
    )
    events = facts.interactions if measure.what == "interactions" else facts.orders
    start = now_ms - measure.days * DAY_MS
    return [(at, counted(amount)) for at, amount in events if start < at <= now_ms]


def _reasons_of(facts: TierFacts, condition: Condition, now_ms: int) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            measure.what,
            {
                "n": sum(amount for _, amount in _in_window(facts, measure, now_ms)),
                "days": measure.days,
                "needed": measure.at_least,
            },
        )
        for measure in condition
    )
