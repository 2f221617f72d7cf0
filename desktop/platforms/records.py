"""What platforms tell, without their wire format: frozen records that every adapter speaks in.

Ids are text as the platform gave it, trimmed. Times are UTC milliseconds, None where not told.
Numbers of a closed list (add ways, statuses) stay as they came, also when nobody knows them yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

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


@dataclass(frozen=True, slots=True)
class FollowRecord:
    """One staff member's side of a friendship with a customer."""

    staff_id: str
    remark: str = ""
    description: str = ""
    followed_at: int | None = None
    add_way: int | None = None
    state: str = ""
    mobiles: tuple[str, ...] = ()
    tag_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerRecord:
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
class Attachment:
    """Something beside the text: `kind` image, link, miniprogram, video or file, and its fields."""

    kind: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MassSendRequest:
    """One mass message: to customers (`single`) of `sender_id`, or to groups (`group`) that they own.

    `receivers` are customer ids or group ids; never empty, because nobody named means everybody.
    """

    chat_type: str
    sender_id: str
    receivers: tuple[str, ...]
    text: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class MassSendAccepted:
    """The platform made a task. `refused` are receivers it will not serve; `raw` is the whole reply."""

    task_id: str
    refused: tuple[str, ...]
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MassSendRecord:
    """A mass message as the platform lists it. `creator_id` is '' when a program made it."""

    task_id: str
    created_at: int | None
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    creator_id: str = ""
    create_type: int | None = None


@dataclass(frozen=True, slots=True)
class StaffTaskRecord:
    """One staff member's part of a mass message: confirmed when `sent_at` is told or status is 2."""

    staff_id: str
    status: int
    sent_at: int | None = None

    @property
    def is_confirmed(self) -> bool:
        """Whether the staff member pressed send."""
        return self.status == 2 or (self.status != 0 and self.sent_at is not None)


@dataclass(frozen=True, slots=True)
class SendResultRecord:
    """What became of a mass message for one receiver: 0 not yet, 1 sent, 2 no friend, 3 over the limit."""

    target_id: str
    staff_id: str
    status: int
    sent_at: int | None = None


@dataclass(frozen=True, slots=True)
class UploadedMedia:
    """A picture the platform keeps until `expires_at`."""

    media_id: str
    expires_at: int
