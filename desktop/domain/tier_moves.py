"""Fans going from tier to tier: what other rules would do, and what a day did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from desktop.domain.fans import Tier
from desktop.domain.segments import fan_bits


@dataclass(frozen=True, slots=True)
class TierMatrix:
    """Who would go from which tier to which. Each cell is a set of fans (see `segments.fan_bits`)."""

    cells: Mapping[tuple[Tier, Tier], int]

    @classmethod
    def between(cls, before: Mapping[Tier, int], after: Mapping[Tier, int]) -> TierMatrix:
        """Of the sets as they are and as they would be."""
        return cls({(a, b): before[a] & after[b] for a in Tier for b in Tier})

    def count(self, before: Tier, after: Tier) -> int:
        """How many."""
        return self.cells[before, after].bit_count()

    def fans(self, before: Tier, after: Tier) -> list[int]:
        """Their local ids, ascending."""
        return fan_bits.ids(self.cells[before, after])

    @property
    def moved(self) -> int:
        """How many would change tier."""
        return sum(cell.bit_count() for (before, after), cell in self.cells.items() if before is not after)


@dataclass(frozen=True, slots=True)
class TierDay:
    """One day. `moves` counts (from, to); None is outside: new here, or gone. `closing` are sizes at its end."""

    day: date
    moves: Mapping[tuple[Tier | None, Tier | None], int]
    closing: Mapping[Tier, int]

    def came(self, tier: Tier) -> int:
        """How many came into a tier."""
        return sum(n for (_before, after), n in self.moves.items() if after is tier)

    def left(self, tier: Tier) -> int:
        """How many left it."""
        return sum(n for (before, _after), n in self.moves.items() if before is tier)

    @property
    def opening(self) -> dict[Tier, int]:
        """Sizes at the beginning: what closes, without who came, with who left."""
        return {tier: self.closing[tier] - self.came(tier) + self.left(tier) for tier in Tier}
