"""Talks with customers at a service desk: what the platform tells of them, and when the shop may answer.

Platform facts (Douyin private messages, as of 2026-09): an answer names the fan's message, is taken for 24 hours
and six times for each, 1000 signs at most; after a fan opened the chat page, for 30 seconds and three times.
The counts and lengths of Douyin come from a third party's summary, not from an official page.
Platform facts (WeCom customer service, as of 2026-09): a reply is taken while nobody else answers the
customer, within 48 hours of their last message, five for each message of theirs, text of at most 2048 bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
ANSWER_WITHIN_MS = 30 * MINUTE_MS  # the shop's own promise: nobody waits longer
REPLY_WINDOW_MS = 48 * HOUR_MS
REPLIES_PER_MESSAGE = 5
MAX_TEXT_BYTES = 2048
MAX_TEXT_SIGNS = 1000
CHARACTER_BYTES = 3  # of a Chinese sign in UTF-8
WECOM, DOUYIN = "wecom", "douyin"
FAILS_WITHIN_MS = 10 * MINUTE_MS  # after this an accepted reply counts as arrived
HOLD_S = 3.0  # a chat is quick; long enough to take back what was sent too early

SOON_SHARE, LATE_SHARE = 0.5, 0.8


@dataclass(frozen=True, slots=True)
class TalkRule:
    """For how long after a customer's message, and how often, a platform takes answers; and after an opening.

    `too_long` is the code of a text that is too long for it.
    """

    window_ms: int
    most: int
    entry_ms: int = 0
    entry_most: int = 0
    too_long: str = "talk_too_long"


RULES: Mapping[str, TalkRule] = {
    WECOM: TalkRule(REPLY_WINDOW_MS, REPLIES_PER_MESSAGE),
    DOUYIN: TalkRule(24 * HOUR_MS, 6, 30_000, 3, "talk_too_long_signs"),
}


def rule_of(platform: str) -> TalkRule:
    """The rule of a platform."""
    return RULES[platform if platform in RULES else WECOM]


class Answerer(StrEnum):
    """Who answers a customer now. UNKNOWN: the platform has not told."""

    UNKNOWN = ""
    NEW = "new"
    BOT = "bot"
    QUEUE = "queue"
    STAFF = "staff"
    ENDED = "ended"


ANSWERABLE = frozenset({Answerer.UNKNOWN, Answerer.NEW, Answerer.BOT})


class Direction(StrEnum):
    """Whose words a message is: the customer's, a staff member's on the phone, ours, or the platform's."""

    IN = "in"
    STAFF = "staff"
    OUT = "out"
    EVENT = "event"


class Urgency(StrEnum):
    """How pressing a waiting customer is: half of the time gone, four fifths gone, all of it gone."""

    CALM = "calm"
    SOON = "soon"
    PRESSING = "pressing"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class DeskRecord:
    """A service desk as the platform lists it; only our own may be answered from here."""

    external_id: str
    name: str = ""
    is_ours: bool = True


@dataclass(frozen=True, slots=True)
class TalkRecord:
    """One message or event. `kind` stays as it came, also when nobody knows it yet.

    `person_id` is '' for what concerns the desk and no customer. Times in UTC ms.
    """

    external_id: str
    person_id: str
    at: int
    direction: Direction
    kind: str
    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    staff_id: str = ""


@dataclass(frozen=True, slots=True)
class TalkPage:
    """Messages since a cursor. Go on while `has_more`, also after an empty page."""

    items: tuple[TalkRecord, ...]
    next_cursor: str
    has_more: bool
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Who wrote, as far as the platform tells."""

    external_id: str
    name: str = ""
    avatar_url: str = ""
    union_id: str = ""


@dataclass(frozen=True, slots=True)
class TalkState:
    """Who answers a customer, and which staff member where one does."""

    answerer: Answerer
    staff_id: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether a reply may go: who answers, when the customer last wrote, replies since then.

    Where the platform has a window for it: when the fan last opened the chat page, and replies since then.
    """

    answerer: Answerer
    last_in_at: int | None
    replies: int
    is_ours: bool = True
    platform: str = WECOM
    thread_id: str = ""
    entered_at: int | None = None
    replies_entered: int = 0


@dataclass(frozen=True, slots=True)
class Room:
    """What the platform still allows in a talk. `barred` is why nothing can be sent, '' when it can."""

    barred: str
    replies_left: int
    until: int | None
    is_entry: bool = False  # only because the fan has just opened the chat page


def room(standing: Standing, now: int) -> Room:
    """What may still be sent. Codes: talk_desk_foreign, talk_never_wrote, talk_ended, talk_with_staff,
    talk_queued, talk_too_old, talk_limit, talk_no_thread; each has a text `talk_barred.<code>`.
    """
    rule = rule_of(standing.platform)
    until = None if standing.last_in_at is None else standing.last_in_at + rule.window_ms
    left = max(0, rule.most - standing.replies)
    barred = _barred(standing, left, until, now)
    entered = standing.entered_at
    if (
        barred in ("talk_never_wrote", "talk_too_old", "talk_limit")
        and rule.entry_most
        and entered is not None
    ):
        entry_left = rule.entry_most - standing.replies_entered
        if entered + rule.entry_ms >= now and entry_left > 0:
            return Room("", entry_left, entered + rule.entry_ms, is_entry=True)
    return Room(barred, left, until)


def _barred(standing: Standing, left: int, until: int | None, now: int) -> str:
    if not standing.is_ours:
        return "talk_desk_foreign"
    if until is None:
        return "talk_never_wrote"
    if now > until:
        return "talk_too_old"
    taken = {Answerer.ENDED: "talk_ended", Answerer.STAFF: "talk_with_staff", Answerer.QUEUE: "talk_queued"}
    if standing.answerer in taken:
        return taken[standing.answerer]
    if not left:
        return "talk_limit"
    return "" if standing.thread_id or standing.platform != DOUYIN else "talk_no_thread"


def time_left(waiting_since: int, now: int) -> int:
    """How long until a waiting customer has waited too long, in ms; negative when that is over."""
    return waiting_since + ANSWER_WITHIN_MS - now


def urgency(waiting_since: int, now: int) -> Urgency:
    """How pressing it is."""
    used = (now - waiting_since) / ANSWER_WITHIN_MS
    if used >= 1:
        return Urgency.LATE
    if used >= LATE_SHARE:
        return Urgency.PRESSING
    return Urgency.SOON if used >= SOON_SHARE else Urgency.CALM


def signs_over(text: str, platform: str = WECOM) -> int:
    """How many signs (Chinese ones, where a platform counts bytes) a text is too long for it; 0 when it fits."""
    if platform == DOUYIN:
        return max(0, len(text) - MAX_TEXT_SIGNS)
    over = len(text.encode("utf-8", "surrogatepass")) - MAX_TEXT_BYTES
    return max(0, -(-over // CHARACTER_BYTES))


def is_too_long(text: str, platform: str = WECOM) -> bool:
    """Whether the platform would refuse a text for its length."""
    return signs_over(text, platform) > 0


# -- what the shop sees


@dataclass(frozen=True, slots=True)
class TalkRow:
    """One talk in the list. Times in UTC ms.

    `waiting_since` is the customer's first message that nobody has answered, None when none waits.
    `last_kind` and `last_direction` say what `last_text` is of. `pending` replies have not left yet.
    """

    id: int
    uid: str
    account_id: int
    desk_id: int
    desk_external_id: str
    desk_name: str
    external_id: str
    identity_id: int | None
    fan_id: int | None
    name: str
    standing: Standing
    staff_name: str
    last_at: int
    last_direction: Direction
    last_kind: str
    last_text: str
    unread: int
    waiting_since: int | None
    pending: int
    draft: str

    @property
    def platform(self) -> str:
        """Where it is held."""
        return self.standing.platform


@dataclass(frozen=True, slots=True)
class TalkMessage:
    """One message of a talk. `item_uid`, `item_state` are of the outbox item behind a reply of ours.

    `failed_code` is why it did not arrive: a number of the platform's, or the item's reason. `sent_id` is the
    platform's id of a reply that is out; `recall_state` how far taking it back is, '' where nobody asked.
    """

    id: int
    external_id: str
    direction: Direction
    kind: str
    text: str
    facts: Mapping[str, Any]
    staff_name: str
    at: int
    failed_code: str = ""
    item_uid: str = ""
    item_state: str = ""
    sent_id: str = ""
    recall_state: str = ""

    @property
    def is_recalled(self) -> bool:
        """Whether its sender took it back."""
        return bool(self.facts.get("recalled"))

    def can_recall(self, platform: str) -> bool:
        """Whether our reply can be taken back; Douyin alone has a call for it."""
        is_out = self.direction is Direction.OUT and bool(self.sent_id)
        return platform == DOUYIN and is_out and not self.recall_state and not self.is_recalled


@dataclass(frozen=True, slots=True)
class Thread:
    """A talk with its messages, oldest first; `has_older` when there are more before the first."""

    row: TalkRow
    messages: tuple[TalkMessage, ...]
    has_older: bool
    room: Room
