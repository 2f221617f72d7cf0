"""Super users and KOC scores: pure rules over rows, each figure explainable.

A KOC part counts events, at most `day_cap` a day and `cap` over the window, and turns the count c
into points that saturate: 100 · ln(1 + c) / ln(1 + cap). The score is the mean of the parts by
weight, 0 to 100. A part of which the shop has no data at all is None and its weight is left out:
not measured is not the same as zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from desktop.domain.errors import InvalidInputError

PARTS = ("purchases", "referrals", "content", "help", "live")
PART_KINDS: Mapping[str, tuple[str, ...]] = {
    "referrals": ("referral",),
    "content": ("content", "comment", "share"),
    "help": ("group_help", "group_message"),
    "live": ("live_watch",),
}
PART_OF_KIND = {kind: part for part, kinds in PART_KINDS.items() for kind in kinds}


class Board(StrEnum):
    """The boards of the ranking page."""

    SUPER = "super"
    KOC = "koc"


@dataclass(frozen=True, slots=True)
class SuperRule:
    """The first ⌊percent of buyers⌋ (at least one) who also spent the floor."""

    percent: int = 2
    floor_cents: int = 400_000


@dataclass(frozen=True, slots=True)
class Buyer:
    """One fan's sales inside the window."""

    fan_id: int
    orders: int
    spend_cents: int
    refund_cents: int = 0


@dataclass(frozen=True, slots=True)
class SuperStanding:
    """The board's order and its figures. None where a figure cannot be computed."""

    ranked: tuple[Buyer, ...]
    super_ids: frozenset[int]
    share_of_sales: float | None
    threshold_cents: int
    multiple: float | None


def super_standing(buyers: Iterable[Buyer], rule: SuperRule) -> SuperStanding:
    """Rank buyers by net spend (ties: lower fan id first) and mark the super users.

    `threshold_cents` is what it takes: the floor, or the spend of the last place that counts when
    that is more. `multiple` compares an average super user with an average other buyer.
    """
    ranked = tuple(sorted(buyers, key=lambda buyer: (-buyer.spend_cents, buyer.fan_id)))
    places = max(1, len(ranked) * rule.percent // 100)
    supers = [buyer for buyer in ranked[:places] if buyer.spend_cents >= rule.floor_cents]
    last = ranked[min(places, len(ranked)) - 1].spend_cents if ranked else 0
    total = sum(buyer.spend_cents for buyer in ranked)
    spent = sum(buyer.spend_cents for buyer in supers)
    others = len(ranked) - len(supers)
    multiple = None
    if supers and others and total > spent:
        multiple = (spent / len(supers)) / ((total - spent) / others)
    return SuperStanding(
        ranked=ranked,
        super_ids=frozenset(buyer.fan_id for buyer in supers),
        share_of_sales=spent / total if total else None,
        threshold_cents=max(rule.floor_cents, last),
        multiple=multiple,
    )


@dataclass(frozen=True, slots=True)
class PartRule:
    """How one part counts."""

    weight: int
    day_cap: int
    cap: int


KocWeights = Mapping[str, PartRule]


@dataclass(frozen=True, slots=True)
class PartScore:
    """`counted` after caps, `points` 0 to 100. Both None where the shop has no data of the kind."""

    counted: int | None
    points: float | None


@dataclass(frozen=True, slots=True)
class KocScore:
    """A fan's score, 0 to 100, with its parts. None when no part can be measured."""

    fan_id: int
    score: float | None
    parts: Mapping[str, PartScore]


def counted(amounts_by_day: Iterable[int], rule: PartRule) -> int:
    """What counts of the amounts of each day, after both caps."""
    return min(rule.cap, sum(min(rule.day_cap, amount) for amount in amounts_by_day))


def points(count: int, cap: int) -> float:
    """Saturating points: the first events weigh most, the cap is 100."""
    return 100.0 * math.log1p(count) / math.log1p(cap)


class KocScale:
    """What counts are worth, for as many fans as are asked about: the same count gives the same points."""

    def __init__(self, measured: frozenset[str], weights: KocWeights) -> None:
        """`measured` are the parts the shop has data of."""
        self._parts = [
            (part, weights[part], _Points(weights[part].cap)) for part in PARTS if part in measured
        ]
        self._weight = sum(rule.weight for _, rule, _ in self._parts)

    def score(self, counts: Mapping[str, int]) -> float | None:
        """0 to 100 for counts after the cap of each day; None when no part can be measured."""
        total = 0.0
        for part, rule, worth in self._parts:
            total += rule.weight * worth[counts.get(part, 0)]
        return total / self._weight if self._weight else None

    def opened(self, fan_id: int, counts: Mapping[str, int]) -> KocScore:
        """The score of one fan with its parts."""
        parts = dict.fromkeys(PARTS, PartScore(None, None))
        for part, rule, worth in self._parts:
            count = counts.get(part, 0)
            parts[part] = PartScore(min(rule.cap, count), worth[count])
        return KocScore(fan_id, self.score(counts), parts)


class _Points(dict[int, float]):
    """Points by count, worked out when first asked for."""

    def __init__(self, cap: int) -> None:
        super().__init__()
        self._cap = cap

    def __missing__(self, count: int) -> float:
        self[count] = worth = points(min(self._cap, count), self._cap)
        return worth


def koc_order(scores: Mapping[int, float | None], spend: Mapping[int, int]) -> list[int]:
    """Fan ids, best score first; equal scores by spend in the window, then by lower fan id."""
    return sorted(scores, key=lambda fan_id: (-(scores[fan_id] or 0.0), -spend.get(fan_id, 0), fan_id))


def parsed_weights(document: Mapping[str, Any]) -> dict[str, PartRule]:
    """Weights from JSON {part: {weight, day_cap, cap}}.

    Raises InvalidInputError('koc_weights_invalid') for unknown or missing parts, figures out of
    range (weight 0-100, caps 1-100000), or when every weight is 0.
    """
    if set(document) != set(PARTS):
        raise InvalidInputError("koc_weights_invalid", detail=", ".join(map(str, document)))
    weights: dict[str, PartRule] = {}
    for part in PARTS:
        figures = document[part]
        try:
            rule = PartRule(*(_whole(figures[key]) for key in ("weight", "day_cap", "cap")))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInputError("koc_weights_invalid", detail=part) from error
        if not (0 <= rule.weight <= 100 and 1 <= rule.day_cap <= 100_000 and 1 <= rule.cap <= 100_000):
            raise InvalidInputError("koc_weights_invalid", detail=part)
        weights[part] = rule
    if not any(rule.weight for rule in weights.values()):
        raise InvalidInputError("koc_weights_invalid", detail="0")
    return weights


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(value)
    return value


def weights_as_json(weights: KocWeights) -> dict[str, dict[str, int]]:
    """Weights as they are stored."""
    return {
        part: {"weight": rule.weight, "day_cap": rule.day_cap, "cap": rule.cap}
        for part, rule in weights.items()
    }


@dataclass(frozen=True, slots=True)
class Move:
    """How one fan's place changes; a place of None is off the compared board."""

    fan_id: int
    old_rank: int | None
    new_rank: int | None


def moves(before: Sequence[int], after: Sequence[int], top: int) -> list[Move]:
    """Who moves among the first `top` places of either order, best new place first."""
    old = {fan_id: place for place, fan_id in enumerate(before, 1)}
    new = {fan_id: place for place, fan_id in enumerate(after, 1)}
    seen = dict.fromkeys([*after[:top], *before[:top]])
    changed = [Move(fan_id, old.get(fan_id), new.get(fan_id)) for fan_id in seen]
    return [move for move in changed if move.old_rank != move.new_rank]
