"""Fan groups as rows, and what their messages say about their health."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desktop.domain.periods import DAY_MS

GROUP_KINDS = ("category", "price_band", "promotion", "activity", "vip", "koc")
LIVELY_SIZE = 100  # members up to which a group stays lively and is not folded


class GroupHealth(StrEnum):
    """What can be said from messages. `no_data` is not a judgement."""

    NO_DATA = "no_data"
    HEALTHY = "healthy"
    COOLING = "cooling"
    ZOMBIE = "zombie"


@dataclass(frozen=True, slots=True)
class HealthRule:
    """Healthy from this share of fans speaking in 7 days; zombie when nobody spoke for so long."""

    healthy_percent: int = 5
    zombie_days: int = 30


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group. Message figures are None where no messages of any group are known.

    `platform` is '' for a group without an account. `names_members`: the platform says who is in it; else it
    only counts them.
    """

    group_id: int
    uid: str
    external_id: str
    name: str
    kind: str | None
    platform: str
    account_name: str
    owner_name: str
    founded_at: int | None
    fans: int
    staff: int
    unknown_members: int
    joined_7_days: int
    joined_30_days: int
    left_30_days: int
    buyers: int
    spend_cents: int
    messages_7_days: int | None
    speakers_7_days: int | None
    last_message_at: int | None
    health: GroupHealth
    is_crowded: bool
    names_members: bool = True


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member. `fan_id` is None for staff and for people the shop cannot recognise."""

    external_id: str
    kind: str
    name: str
    group_nickname: str
    joined_at: int | None
    join_scene: int | None
    fan_id: int | None
    tier: str | None
    orders: int
    spend_cents: int
    last_order_at: int | None


def health_of(
    fans: int, speakers_7_days: int | None, last_message_at: int | None, now_ms: int, rule: HealthRule
) -> GroupHealth:
    """Health by what fans said; `no_data` where messages are not known at all."""
    if speakers_7_days is None:
        return GroupHealth.NO_DATA
    if last_message_at is None or now_ms - last_message_at >= rule.zombie_days * DAY_MS:
        return GroupHealth.ZOMBIE
    if fans and speakers_7_days * 100 >= fans * rule.healthy_percent:
        return GroupHealth.HEALTHY
    return GroupHealth.COOLING
