"""What platforms tell, without their wire format: frozen records that every adapter speaks in.

Mass messages have theirs in desktop/domain/mass_send.py, because the outbox's rules use them.
Ids are text as the platform gave it, trimmed. Times are UTC milliseconds, None where not told.
Numbers of a closed list (add ways, statuses) stay as they came, also when nobody knows them yet.
Those that come by the hundred thousand are named tuples, made in a third of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageOf(Generic[T]):
    """One page. `next_cursor` '' is the end; a short or empty page is not.

    `skipped` counts entries that named nothing (no id) and were left out.
    """

    items: tuple[T, ...]
    next_cursor: str = ""
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class StaffRecord:
    """A staff member who may have customers."""

    external_id: str
    name: str = ""


class FollowRecord(NamedTuple):
    """One staff member's side of a friendship with a customer."""

    staff_id: str
    remark: str = ""
    description: str = ""
    followed_at: int | None = None
    add_way: int | None = None
    state: str = ""
    mobiles: tuple[str, ...] = ()
    tag_ids: tuple[str, ...] = ()


class CustomerRecord(NamedTuple):
    """A customer as one staff member sees them; the same customer comes once for each staff member."""

    external_id: str
    name: str
    follow: FollowRecord
    avatar_url: str = ""
    union_id: str = ""
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TagRecord:
    """A tag kept by the platform, with the tag group it stands in."""

    external_id: str
    name: str
    group_external_id: str = ""
    group_name: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class GroupStub:
    """A group as the listing names it; its details are asked for one by one."""

    external_id: str
    status: int = 0


class MemberKind(StrEnum):
    """On which side of the counter a group member stands."""

    STAFF = "staff"
    FAN = "fan"


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """One member of a group."""

    external_id: str
    kind: MemberKind
    name: str = ""
    group_nickname: str = ""
    union_id: str = ""
    joined_at: int | None = None
    join_scene: int | None = None
    invitor_id: str | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A group with all of its members. `name` is '' while nobody has named it."""

    external_id: str
    name: str
    owner_id: str
    members: tuple[MemberRecord, ...]
    notice: str = ""
    status: int = 0
    founded_at: int | None = None
    member_version: str = ""
    admin_ids: tuple[str, ...] = ()
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class MomentRecord:
    """A moment as the platform lists it. `creator` is '' when an API made it."""

    external_id: str
    created_at: int
    creator: str = ""
    is_personal: bool = False
    text: str = ""
    attachment_kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MomentView:
    """What came of a moment with one staff member's customers: people reached, likes, comments."""

    reached: int
    likes: int
    comments: int


@dataclass(frozen=True, slots=True)
class EntryWayRecord:
    """A way in as the platform keeps it: a contact way of staff, or a join way of groups."""

    external_id: str
    name: str = ""
    state: str = ""
    qr_url: str = ""
    staff_ids: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()
    skip_verify: bool = True
    auto_create: bool = True
    base_name: str = ""
    base_id: int = 1


@dataclass(frozen=True, slots=True)
class WelcomeRecord:
    """A group welcome as the platform keeps it; {昵称} stands for the newcomer's name."""

    external_id: str
    text: str
    has_picture: bool = False
