"""Which tier a fan is in, why, and until when it holds. Thresholds are data.

A tier is reached when one of its conditions holds; a condition holds when all of its measures do.
A measure is "at least N of something in the last D days". Without new events a window only loses,
so the moment at which a tier falls back can be told exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from desktop.domain.clock import local_day
from desktop.domain.errors import InvalidInputError
from desktop.domain.fans import PLATFORMS, InteractionKind, Tier
from desktop.domain.periods import DAY_MS

_MOMENT = attrgetter("at")
MEASURES = ("orders", "interactions", "spend_cents")
RULED = (Tier.DEVOTED, Tier.FAVORABLE, Tier.PASSERBY)  # highest first; everybody else is a prospect
MOST_CONDITIONS = 8  # of one tier
MOST_MEASURES = 4  # of one condition
MOST_DAYS = 3650
BIGGEST = 10**12


class Event(NamedTuple):
    """Something that happened: UTC ms, how much (net cents, or a count), and the platform it came by."""

    at: int
    amount: int
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """At least `at_least` of `what` within the last `days` days (24 hours each), on these channels (none: any)."""

    what: str
    at_least: int
    days: int
    channels: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        told: dict[str, Any] = {"what": self.what, "at_least": self.at_least, "days": self.days}
        return {**told, "channels": list(self.channels)} if self.channels else told


Condition = tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class TierRules:
    """Conditions of the ruled tiers, and the interaction kinds that count.

    Whoever is connected or ever bought is a passerby whatever its conditions say. Tiers in `connected_only`
    are closed to people who are not connected.
    """

    favorable: tuple[Condition, ...]
    devoted: tuple[Condition, ...]
    interaction_kinds: frozenset[str]
    passerby: tuple[Condition, ...] = ()
    connected_only: frozenset[Tier] = frozenset()

    def of(self, tier: Tier) -> tuple[Condition, ...]:
        """The conditions of a ruled tier."""
        if tier is Tier.DEVOTED:
            return self.devoted
        return self.favorable if tier is Tier.FAVORABLE else self.passerby

    @property
    def longest_days(self) -> int:
        """How far back any measure looks."""
        conditions = self.passerby + self.favorable + self.devoted
        return max((m.days for condition in conditions for m in condition), default=0)

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        tiers = {
            tier.value: [[measure.as_json() for measure in condition] for condition in self.of(tier)]
            for tier in RULED
        }
        return {
            "interaction_kinds": sorted(self.interaction_kinds),
            "tiers": tiers,
            "connected_only": sorted(tier.value for tier in self.connected_only),
        }


@dataclass(frozen=True, slots=True)
class TierFacts:
    """What the rules look at: orders by net cents, interactions by count.

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
            favorable=_conditions(tiers["favorable"]),
            devoted=_conditions(tiers["devoted"]),
            interaction_kinds=frozenset(InteractionKind(kind) for kind in document["interaction_kinds"]),
            passerby=_conditions(tiers.get("passerby", ())),
            connected_only=frozenset(_ruled(name) for name in document.get("connected_only", ())),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInputError("tier_rules_invalid", detail=str(error)) from error


def _ruled(name: str) -> Tier:
    tier = Tier(name)
    if tier not in (Tier.DEVOTED, Tier.FAVORABLE):
        raise ValueError(name)
    return tier


def _conditions(told: Sequence[Sequence[Mapping[str, Any]]]) -> tuple[Condition, ...]:
    if len(told) > MOST_CONDITIONS:
        raise ValueError("too many conditions")
    return tuple(_condition(item) for item in told)


def _condition(measures: Sequence[Mapping[str, Any]]) -> Condition:
    parsed = tuple(
        Measure(str(m["what"]), int(m["at_least"]), int(m["days"]), _channels(m.get("channels", ())))
        for m in measures
    )
    for measure in parsed:
        in_range = 1 <= measure.at_least <= BIGGEST and 1 <= measure.days <= MOST_DAYS
        if measure.what not in MEASURES or not in_range:
            raise ValueError(f"{measure.what} {measure.at_least} {measure.days}")
    if not 1 <= len(parsed) <= MOST_MEASURES:
        raise ValueError("a condition needs a measure, and not too many")
    return parsed


def _channels(told: Sequence[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(told))
    if isinstance(told, str) or not set(found) <= set(PLATFORMS):
        raise ValueError(f"channels {told}")
    return found


def decide(facts: TierFacts, rules: TierRules, now_ms: int, zone: str) -> TierDecision:
    """The fan's tier now. A manual pin that has not run out wins, and says so."""
    if len(facts.orders) > 1 or len(facts.interactions) > 1:
        facts = replace(
            facts, orders=_newest_first(facts.orders), interactions=_newest_first(facts.interactions)
        )
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
    """Tier, reasons and the moment the tier ends (None: it stays). What happened comes newest first."""
    happened = facts.orders or facts.interactions  # each condition wants at least one
    for tier in RULED:
        if tier is Tier.PASSERBY:
            if facts.is_connected:
                return Tier.PASSERBY, (Reason("connected", {}),), None
            if facts.bought_ever:
                return Tier.PASSERBY, (Reason("bought_long_ago", {}),), None
        if not happened or (tier in rules.connected_only and not facts.is_connected):
            continue
        best: tuple[int, Condition] | None = None
        for condition in rules.of(tier):
            ends = _condition_ends(facts, condition, now_ms)
            if ends is not None and (best is None or ends > best[0]):
                best = (ends, condition)
        if best is not None:
            return tier, _reasons_of(facts, best[1], now_ms), best[0]
    return Tier.PROSPECT, (Reason("not_connected", {}),), None


def _condition_ends(facts: TierFacts, condition: Condition, now_ms: int) -> int | None:
    first: int | None = None
    for measure in condition:
        ends = _measure_ends(facts, measure, now_ms)
        if ends is None:
            return None
        first = ends if first is None else min(first, ends)
    return first


def _measure_ends(facts: TierFacts, measure: Measure, now_ms: int) -> int | None:
    """When the measure stops holding; None when it does not hold now."""
    events = facts.interactions if measure.what == "interactions" else facts.orders
    start = now_ms - measure.days * DAY_MS
    got = 0
    for event in events:
        if event.at <= start:
            return None
        if event.at > now_ms or (measure.channels and event.channel not in measure.channels):
            continue
        got += 1 if measure.what == "orders" else event.amount
        if got >= measure.at_least:
            return event.at + measure.days * DAY_MS
    return None


def _newest_first(events: tuple[Event, ...]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=_MOMENT, reverse=True))


def _in_window(facts: TierFacts, measure: Measure, now_ms: int) -> list[tuple[int, int]]:
    """(time, how much the measure counts of it) of what happened within its days."""
    events = facts.interactions if measure.what == "interactions" else facts.orders
    start = now_ms - measure.days * DAY_MS
    return [
        (event.at, 1 if measure.what == "orders" else event.amount)
        for event in events
        if start < event.at <= now_ms and (not measure.channels or event.channel in measure.channels)
    ]


def _reasons_of(facts: TierFacts, condition: Condition, now_ms: int) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            measure.what,
            {
                "n": sum(amount for _, amount in _in_window(facts, measure, now_ms)),
                "days": measure.days,
                "needed": measure.at_least,
                **({"channels": list(measure.channels)} if measure.channels else {}),
            },
        )
        for measure in condition
    )
