"""What a rule may ask about one fan, as plain data, and the moment it is asked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from desktop.domain.clock import day_start_ms, local_day
from desktop.domain.fans import InteractionKind, Tier


@dataclass(frozen=True, slots=True)
class AsOf:
    """The moment a rule is read at: UTC ms and the shop's time zone."""

    now_ms: int
    zone: str

    def since(self, days: int | None) -> int | None:
        """UTC ms at which "the last n days" begin: today and the n-1 whole days before; None for ever."""
        if days is None:
            return None
        return day_start_ms(local_day(self.now_ms, self.zone) - timedelta(days=days - 1), self.zone)


@dataclass(frozen=True, slots=True)
class Sale:
    """One order that counts as a sale."""

    paid_at: int
    net_cents: int
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Touch:
    """One interaction of the fan."""

    kind: InteractionKind
    at: int
    quantity: int = 1
    domain: str = "private"


@dataclass(frozen=True, slots=True)
class FanFacts:
    """Everything conditions look at. `reached` are the times a send reached the fan; times are UTC ms.

    `tags` and `groups` are local ids, `platforms` those with an identity that is not gone. `notes` are the
    owner's and what staff remarked, `messages` (time, text) what the fan wrote to the shop.
    """

    fan_id: int
    tier: Tier = Tier.PROSPECT
    tags: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()
    platforms: frozenset[str] = frozenset()
    marketing: str = "unknown"
    is_suppressed: bool = False
    phone: str | None = None
    first_seen_at: int = 0
    sales: tuple[Sale, ...] = ()
    touches: tuple[Touch, ...] = ()
    reached: tuple[int, ...] = field(default=())
    origins: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    messages: tuple[tuple[int, str], ...] = ()
