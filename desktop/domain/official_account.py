"""What an official account tells of itself: followers, drafts, articles, sends, comments, figures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Progress(StrEnum):
    """How far a publication got. The platform takes a task first and tells later what became of it."""

    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"  # original declaration, audit or another failure of the platform's
    FAILED = "failed"
    DELETED = "deleted"
    BANNED = "banned"


OPEN = (Progress.RUNNING,)
LOOK_AFTER_MS = (
    15_000,
    30_000,
    60_000,
    120_000,
    300_000,
)  # then every half hour: 100 looks a day are allowed
LOOK_LATER_MS = 1_800_000
LOOK_ENDS_MS = 86_400_000


def next_look(looks: int, now: int) -> int:
    """When to ask again what became of a publication after so many looks."""
    return now + (LOOK_AFTER_MS[looks] if looks < len(LOOK_AFTER_MS) else LOOK_LATER_MS)


@dataclass(frozen=True, slots=True)
class FollowerRecord:
    """One follower. WeChat tells no names or pictures since 2021-12: people live by remark and tags here.

    `is_following` is False for one who left; of them nothing but the id (and perhaps the union id) is told.
    """

    external_id: str
    is_following: bool = True
    union_id: str = ""
    remark: str = ""
    tag_ids: tuple[str, ...] = ()
    followed_at: int | None = None
    scene: str = ""
    qr_scene: str = ""


@dataclass(frozen=True, slots=True)
class FollowerPage:
    """Ids of one page of the listing, the cursor behind it ('' at the end), and how many there are at all."""

    ids: tuple[str, ...]
    next_cursor: str
    total: int


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """A draft as the platform lists it; of several articles the first."""

    external_id: str
    title: str
    digest: str
    thumb_id: str
    updated_at: int


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """One published article; `place` counts from 1 inside its publication."""

    external_id: str
    place: int
    title: str
    digest: str
    url: str
    published_at: int
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class PublishState:
    """What became of a publication that was taken; `urls` by place, `failed` are places that failed."""

    progress: Progress
    article_id: str = ""
    urls: tuple[tuple[int, str], ...] = ()
    failed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """One comment below an article. `person_id` is '' for one who is no WeChat user there."""

    external_id: str
    person_id: str
    at: int
    text: str
    is_elected: bool = False
    reply: str = ""
    replied_at: int | None = None


@dataclass(frozen=True, slots=True)
class FollowerDay:
    """Followers on one day: 'YYYY-MM-DD' in China; `total` at its end, None where it is not told."""

    day: str
    gained: int
    lost: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class ArticleDay:
    """Readers of one article on one day. `is_notified`: followers were told of it (a mass send)."""

    send_id: str
    place: int
    published_on: str
    day: str
    readers: int
    sharers: int
    is_notified: bool
