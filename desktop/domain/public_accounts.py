"""What a public account (Douyin) tells of itself, its fans and its posts. Times are UTC ms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from desktop.domain.talks import PersonRecord, TalkRecord


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """The account's own card, how many fans it has, and how they are spread (as the platform groups them)."""

    open_id: str
    name: str = ""
    fans: int | None = None
    spread: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TouchRecord:
    """One sign of interest of one person: `kind` is an interaction's, `key` the same whenever it is read again."""

    person_id: str
    kind: str
    at: int
    key: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ThreadRecord:
    """The platform's own name of the talk with one person, which an answer must carry."""

    person_id: str
    thread_id: str


@dataclass(frozen=True, slots=True)
class IntentionPage:
    """Signs of interest and messages since a moment; `next_session` '' after the last page."""

    touches: tuple[TouchRecord, ...] = ()
    messages: tuple[TalkRecord, ...] = ()
    people: Mapping[str, PersonRecord] = field(default_factory=dict)
    threads: tuple[ThreadRecord, ...] = ()
    next_session: str = ""
    entries: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class CountedGroup:
    """A group whose members the platform counts and does not name."""

    external_id: str
    name: str = ""
    description: str = ""
    members: int | None = None
    most: int | None = None
    picture: str = ""  # the platform's id of it


@dataclass(frozen=True, slots=True)
class GroupPicture:
    """A group whose picture a new one of the same account may take; `picture` is the platform's id of it."""

    group_id: int
    account_id: int
    name: str
    picture: str


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """Somebody wants to join a group and nobody has decided yet."""

    external_id: str
    group_id: str
    person_id: str
    asked_at: int


@dataclass(frozen=True, slots=True)
class VideoRecord:
    """A published video or image-text post with its figures."""

    external_id: str
    created_at: int
    title: str = ""
    share_url: str = ""
    kind: str = ""
    status: str = ""
    is_top: bool = False
    plays: int = 0
    likes: int = 0
    comments: int = 0
    shares: int = 0


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """A comment of the first level below a video, or a reply to one (`parent`)."""

    external_id: str
    person_id: str
    at: int
    name: str = ""
    text: str = ""
    likes: int = 0
    replies: int = 0
    is_top: bool = False
    parent: str = ""


@dataclass(frozen=True, slots=True)
class LiveRoom:
    """A broadcast and the figures that were ready, by the platform's names."""

    external_id: str
    started_at: int | None
    ended_at: int | None
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class VoucherRecord:
    """A group-buy voucher that the shop verified. Money in cents."""

    external_id: str
    certificate_id: str
    verified_at: int
    item: str = ""
    cancelled_at: int | None = None
    paid_cents: int = 0
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class RequestRow:
    """Somebody who waits to be let into a group. `is_deciding`: our yes has not left yet, or its end is open."""

    id: int
    uid: str
    account_id: int
    external_id: str
    group_external_id: str
    group_name: str
    name: str
    fan_id: int | None
    asked_at: int
    is_deciding: bool
