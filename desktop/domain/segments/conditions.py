"""The single conditions a rule is made of. Each knows its JSON, and whether a fan meets it.

JSON of each is {"is": NAME, ...}; what stands beside is written at the class. "days": n means the last n
days (see AsOf.since), null or absent means ever. Spans are "least" and "most", both included, either absent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar

from desktop.domain import fans
from desktop.domain.clock import day_start_ms
from desktop.domain.fans import InteractionKind, Tier
from desktop.domain.handover import valid_phone
from desktop.domain.periods import parsed_day
from desktop.domain.segments.facts import AsOf, FanFacts

PLATFORMS = (*fans.PLATFORMS, "phone")
DOMAINS = ("public", "private", "commercial")
ORIGINS = ("sync", "import", "operator")
PLACES = ("note", "message")
CONSENTS = ("agreed", "unknown", "refused")
MATCHES = ("any", "all", "none")


class Moment(StrEnum):
    """A date of a fan that a condition may look at."""

    FIRST_SEEN = "first_seen"
    FIRST_ORDER = "first_order"
    LAST_ORDER = "last_order"
    LAST_TOUCH = "last_touch"
    LAST_REACHED = "last_reached"


@dataclass(frozen=True, slots=True)
class Condition(ABC):
    """One condition. Subclasses are frozen values: equal conditions mean the same fans."""

    name: ClassVar[str] = ""

    @abstractmethod
    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""

    def as_json(self) -> dict[str, Any]:
        """The stored form; what is None is left out."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        plain = {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}
        return {"is": self.name, **{key: value for key, value in plain.items() if value is not None}}


@dataclass(frozen=True, slots=True)
class TierIs(Condition):
    """ "tiers": the fan is in one of these."""

    name = "tier"
    tiers: tuple[Tier, ...]

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        return fan.tier in self.tiers


@dataclass(frozen=True, slots=True)
class HasTags(Condition):
    """ "tags" (local ids) and "match": any of them, all of them, none of them."""

    name = "tags"
    tags: tuple[int, ...]
    match: str = "any"

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        return matches(self.match, self.tags, fan.tags)


@dataclass(frozen=True, slots=True)
class InGroups(Condition):
    """ "groups" (local ids) the fan is in now, and "match"."""

    name = "groups"
    groups: tuple[int, ...]
    match: str = "any"

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        return matches(self.match, self.groups, fan.groups)


@dataclass(frozen=True, slots=True)
class OnPlatforms(Condition):
    """ "platforms" the fan is known on now, and "match"."""

    name = "platforms"
    platforms: tuple[str, ...]
    match: str = "any"

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        return matches(self.match, self.platforms, fan.platforms)


@dataclass(frozen=True, slots=True)
class ConsentIs(Condition):
    """ "consents": what the fan said to marketing is one of these."""

    name = "consent"
    consents: tuple[str, ...]

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        return fan.marketing in self.consents


@dataclass(frozen=True, slots=True)
class IsSuppressed(Condition):
    """ "value": whether the fan is on the do-not-disturb list of any channel."""

    name = "suppressed"
    value: bool = True

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        return fan.is_suppressed is self.value


@dataclass(frozen=True, slots=True)
class HasPhone(Condition):
    """ "value": whether the shop has a whole mobile number of the fan, as a list handed over needs one."""

    name = "phone"
    value: bool = True

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        return (valid_phone(fan.phone) is not None) is self.value


@dataclass(frozen=True, slots=True)
class Spanned(Condition):
    """A number of the fan that lies in a span; subclasses say which."""

    least: int | None = None
    most: int | None = None
    days: int | None = None

    def within(self, number: int) -> bool:
        """Whether a number lies in the span."""
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)

    def recent(self, at: int, as_of: AsOf) -> bool:
        """Whether a moment lies in the days looked at."""
        start = as_of.since(self.days)
        return start is None or at >= start


@dataclass(frozen=True, slots=True)
class Orders(Spanned):
    """How many sales in "days"."""

    name = "orders"

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        return self.within(sum(self.recent(sale.paid_at, as_of) for sale in fan.sales))


@dataclass(frozen=True, slots=True)
class Spend(Spanned):
    """Net spend in "days"; least and most are cents."""

    name = "spend"

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        return self.within(sum(s.net_cents for s in fan.sales if self.recent(s.paid_at, as_of)))


@dataclass(frozen=True, slots=True)
class Bought(Spanned):
    """How many sales in "days" with an item whose name holds "words" (letters a-z in either case)."""

    name = "bought"
    words: str = ""

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        wanted = folded(self.words)
        return self.within(
            sum(
                self.recent(sale.paid_at, as_of) and any(wanted in folded(item) for item in sale.items)
                for sale in fan.sales
            )
        )


@dataclass(frozen=True, slots=True)
class Interacted(Spanned):
    """How much the fan did of "kinds" (none named: of every kind) in "days"."""

    name = "interactions"
    kinds: tuple[InteractionKind, ...] = ()

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        return self.within(
            sum(
                touch.quantity
                for touch in fan.touches
                if (not self.kinds or touch.kind in self.kinds) and self.recent(touch.at, as_of)
            )
        )


@dataclass(frozen=True, slots=True)
class Reached(Spanned):
    """How often a send of the shop reached the fan in "days"."""

    name = "reached"

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        return self.within(sum(self.recent(at, as_of) for at in fan.reached))


@dataclass(frozen=True, slots=True)
class CameFrom(Condition):
    """ "domains": the source domain of the fan's first interaction is one of these."""

    name = "source"
    domains: tuple[str, ...]

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        first = min(fan.touches, key=lambda touch: touch.at, default=None)
        return first is not None and any(
            touch.domain in self.domains for touch in fan.touches if touch.at == first.at
        )


@dataclass(frozen=True, slots=True)
class LearntBy(Condition):
    """ "origins": the shop learnt of the fan this way, by at least one identity (gone ones too)."""

    name = "origin"
    origins: tuple[str, ...]

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        return not fan.origins.isdisjoint(self.origins)


@dataclass(frozen=True, slots=True)
class Said(Condition):
    """ "words" stand in one of the "places": a note about the fan, or a message of the fan in "days"."""

    name = "said"
    words: str
    places: tuple[str, ...] = PLACES
    days: int | None = None

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        start, wanted = as_of.since(self.days), folded(self.words)
        noted = "note" in self.places and any(wanted in folded(note) for note in fan.notes)
        return noted or (
            "message" in self.places
            and any(wanted in folded(text) and (start is None or at >= start) for at, text in fan.messages)
        )


@dataclass(frozen=True, slots=True)
class Dated(Condition):
    """ "what" (a Moment) happened: within the last "days", or with "way" "not_since" not in them (nor ever),
    "never" at all, "between" the days "start" and "end" ('YYYY-MM-DD' of the shop's zone, both included)."""

    name = "date"
    what: Moment
    way: str = "within"
    days: int | None = None
    start: str | None = None
    end: str | None = None

    def holds(self, fan: FanFacts, as_of: AsOf) -> bool:
        """Whether a fan meets it."""
        at = moment_of(fan, self.what)
        if self.way == "never":
            return at is None
        if self.way == "not_since":
            return at is None or at < (as_of.since(self.days) or 0)
        if at is None:
            return False
        if self.way == "within":
            return at >= (as_of.since(self.days) or 0)
        return between(self, at, as_of)


def between(dated: Dated, at: int, as_of: AsOf) -> bool:
    """Whether a moment lies in the days of a condition, either end open where it names none."""
    first, last = bounds(dated, as_of)
    return (first is None or at >= first) and (last is None or at < last)


def bounds(dated: Dated, as_of: AsOf) -> tuple[int | None, int | None]:
    """The days of a "between" as [from, to) in UTC ms; None where an end is open."""
    first = day_start_ms(parsed_day(dated.start), as_of.zone) if dated.start else None
    last = day_start_ms(parsed_day(dated.end) + timedelta(days=1), as_of.zone) if dated.end else None
    return first, last


Matched = HasTags | InGroups | OnPlatforms


def alone(condition: Matched) -> list[Condition]:
    """Having each of the things a condition names, as conditions of their own."""
    match condition:
        case HasTags():
            return [HasTags((tag,)) for tag in condition.tags]
        case InGroups():
            return [InGroups((group,)) for group in condition.groups]
        case OnPlatforms():
            return [OnPlatforms((platform,)) for platform in condition.platforms]


def matches(match: str, wanted: Collection[object], found: Collection[object]) -> bool:
    """Whether what is found holds any, all or none of what is wanted."""
    hits = sum(each in found for each in wanted)
    return {"any": hits > 0, "all": hits == len(wanted), "none": hits == 0}[match]


def folded(text: str) -> str:
    """Letters a-z small; nothing else changes (what SQLite's lower() does)."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def moment_of(fan: FanFacts, what: Moment) -> int | None:
    """When something happened with a fan, UTC ms; None when it never did."""
    ways: Mapping[Moment, Callable[[], int | None]] = {
        Moment.FIRST_SEEN: lambda: fan.first_seen_at,
        Moment.FIRST_ORDER: lambda: min((sale.paid_at for sale in fan.sales), default=None),
        Moment.LAST_ORDER: lambda: max((sale.paid_at for sale in fan.sales), default=None),
        Moment.LAST_TOUCH: lambda: max((touch.at for touch in fan.touches), default=None),
        Moment.LAST_REACHED: lambda: max(fan.reached, default=None),
    }
    return ways[what]()
