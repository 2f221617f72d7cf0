"""What the shop knows of a person, as frozen rows; filters and orders of the directory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

PLATFORMS = ("wecom", "wechat", "douyin", "doudian", "youzan", "ktt", "weidian", "file")


class Tier(StrEnum):
    """How close a fan is to the shop, lowest first."""

    PROSPECT = "prospect"
    PASSERBY = "passerby"
    FAVORABLE = "favorable"
    DEVOTED = "devoted"

    @property
    def level(self) -> int:
        """0 for the lowest."""
        return list(Tier).index(self)


class FanSort(StrEnum):
    """What the directory can be ordered by."""

    SPEND = "spend"
    ORDERS = "orders"
    REFUND = "refund"
    FIRST_ORDER = "first_order"
    LAST_ORDER = "last_order"
    LAST_TOUCH = "last_touch"
    INTERACTIONS = "interactions"
    NAME = "name"
    TIER = "tier"
    FIRST_SEEN = "first_seen"
    FAN_ID = "fan_id"
    PHONE = "phone"
    NOTE = "note"
    TAGS = "tags"
    SOURCE = "source"


class InteractionKind(StrEnum):
    """What a fan can do that the shop counts."""

    FOLLOW = "follow"
    VIEW = "view"
    LIKE = "like"
    COMMENT = "comment"
    SHARE = "share"
    CONTENT = "content"
    LIVE_WATCH = "live_watch"
    DM = "dm"
    GROUP_MESSAGE = "group_message"
    GROUP_HELP = "group_help"
    CLAIM = "claim"
    REFERRAL = "referral"
    CHECK_IN = "check_in"


@dataclass(frozen=True, slots=True)
class FanFilter:
    """Which fans. Empty parts do not filter; all given parts must hold.

    `search` finds part of a name, pinyin, initials, phone ending, platform id, tag or order number.
    `tags` are tag ids: any of them, or all with `match` "all". `source` is how the shop learnt of
    them: 'sync', 'import' or 'operator'. `marketing` is their consent. Spend in cents and the last
    order in UTC milliseconds: from a value, and below another. `segment` is the uid of a saved audience,
    its rule read at the moment `segment_at`.
    `only` are ids to choose from.
    """

    search: str = ""
    tiers: tuple[Tier, ...] = ()
    tags: tuple[int, ...] = ()
    match: str = "any"
    platform: str = ""
    group_id: int | None = None
    is_buyer: bool | None = None
    is_suppressed: bool | None = None
    source: str = ""
    marketing: str = ""
    spend_from: int | None = None
    spend_below: int | None = None
    ordered_from: int | None = None
    ordered_before: int | None = None
    segment: str = ""
    segment_at: int | None = None
    only: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class FanChoice:
    """Chosen fans: these ids, or with `wanted` all that pass a filter but for some."""

    ids: tuple[int, ...] = ()
    wanted: FanFilter | None = None
    but: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class FanIdentity:
    """One way in which a platform knows the person. `left` means the platform no longer does.

    `details` is the JSON kept of it; it is read when `channel` or `card` are looked at, which a list never does.
    """

    identity_id: int
    platform: str
    scope: str
    external_id: str
    name: str
    origin: str
    first_seen_at: int
    left: bool
    details: str = "{}"

    @property
    def channel(self) -> str:
        """By which way they came, '' where nobody told."""
        told = json.loads(self.details).get("channel")
        return told if isinstance(told, str) else ""

    @property
    def card(self) -> Mapping[str, object]:
        """What their membership says: level, points, ..."""
        told = json.loads(self.details).get("card")
        return told if isinstance(told, dict) else {}


@dataclass(frozen=True, slots=True)
class FanTag:
    """A tag on a fan; `source` says who put it there, `is_platform` whose tag it is."""

    tag_id: int
    name: str
    group_name: str
    source: str
    is_platform: bool
    colour: str = ""


@dataclass(frozen=True, slots=True)
class FanRow:
    """One line of the directory. Money in cents over all sales; times in UTC milliseconds."""

    fan_id: int
    uid: str
    name: str
    tier: Tier
    is_pinned: bool
    phone_masked: str
    note: str
    tags: tuple[FanTag, ...]
    identities: tuple[FanIdentity, ...]
    orders: int
    spend_cents: int
    refund_cents: int
    first_order_at: int | None
    last_order_at: int | None
    interactions: int
    last_interaction_at: int | None
    last_touch_at: int | None
    first_seen_at: int
    marketing: str
    is_suppressed: bool


@dataclass(frozen=True, slots=True)
class FanMembership:
    """A group the fan is or was in."""

    group_id: int
    name: str
    kind: str | None
    joined_at: int | None
    left_at: int | None


@dataclass(frozen=True, slots=True)
class FanSuppression:
    """Must not be contacted; channel '' is every channel."""

    channel: str
    reason: str
    at: int


@dataclass(frozen=True, slots=True)
class FanOrder:
    """One order of a fan with its items in words.

    `receiver` is (name, phone, address), masked. `is_reachable`: its shop is connected, so that it can be noted
    on and its receiver asked for; `note_pending`: a note is on its way, `note_refused`: the shop takes none.
    """

    order_id: int
    platform: str
    order_no: str
    status: str
    refund_status: str
    paid_cents: int
    refund_cents: int
    net_cents: int
    is_sale: bool
    paid_at: int | None
    at: int
    items: tuple[str, ...]
    note: str = ""
    star: int = 0
    receiver: tuple[str, str, str] = ("", "", "")
    is_reachable: bool = False
    note_pending: bool = False
    note_refused: bool = False


@dataclass(frozen=True, slots=True)
class FanDetail:
    """Everything of the side panel but the timeline.

    `tier_reasons` are codes with parameters (texts under `tier_reason.<code>`), `tier_before` is where
    the fan came from.
    """

    row: FanRow
    tier_reasons: tuple[Mapping[str, object], ...]
    tier_since: int | None
    tier_before: Tier | None
    tier_pinned: Tier | None
    tier_pinned_until: int | None
    groups: tuple[FanMembership, ...]
    suppressions: tuple[FanSuppression, ...]
    recent_orders: tuple[FanOrder, ...]
    average_order_cents: int | None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened. `kind` names the text `timeline.<kind>`; params fill it.

    kinds: order, refund, interaction kinds, claim, tag, untag, tier, delivery, group_join, group_leave.
    """

    at: int
    kind: str
    params: Mapping[str, object] = field(default_factory=dict)
    cents: int | None = None
    entity: str = ""
    entity_id: int | None = None


def masked_phone(phone: str | None) -> str:
    """A phone as it may be shown: 138****1234; anything too short to mask is stars only."""
    if not phone:
        return ""
    if len(phone) < 8:
        return "*" * len(phone)
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"
