"""What adapters of public accounts (Douyin) can do. Errors as in `desktop.platforms.ports`."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from desktop.domain.platform_records import PageOf
from desktop.domain.public_accounts import (
    AccountFacts,
    CommentRecord,
    CountedGroup,
    IntentionPage,
    JoinRequest,
    LiveRoom,
    VideoRecord,
    VoucherRecord,
)


@runtime_checkable
class PullsAccountFacts(Protocol):
    """Can tell about the account itself."""

    async def account_facts(self) -> AccountFacts:
        """Its card and its fans' figures. Raises the five errors."""
        ...


@runtime_checkable
class PullsIntentions(Protocol):
    """Can list signs of interest: follows, likes, messages, cards."""

    def platform_now_ms(self) -> int:
        """The time at the platform, UTC ms."""
        ...

    async def account_id(self) -> str:
        """The account's own id there. Raises the five errors."""
        ...

    async def intentions(self, since_ms: int, until_ms: int, session: str) -> IntentionPage:
        """One page of a stretch of time; '' begins it. Raises the five errors."""
        ...


@runtime_checkable
class PullsCountedGroups(Protocol):
    """Can list its own groups with the number of their members."""

    async def counted_groups(self) -> tuple[CountedGroup, ...]:
        """Every own group, in one piece. Raises the five errors."""
        ...

    async def join_requests(self, cursor: str) -> PageOf[JoinRequest]:
        """One page of those who wait to be let in. Raises the five errors."""
        ...


@runtime_checkable
class PullsVideos(Protocol):
    """Can list its posts and what people say below them."""

    async def videos(self, cursor: str) -> PageOf[VideoRecord]:
        """One page of own posts, newest first. Raises the five errors."""
        ...

    async def video_comments(self, video_id: str, cursor: str) -> PageOf[CommentRecord]:
        """One page of the comments of the first level, newest first. Raises the five errors."""
        ...


@runtime_checkable
class PullsLiveRooms(Protocol):
    """Can tell how its broadcasts went."""

    def platform_now_ms(self) -> int:
        """The time at the platform, UTC ms."""
        ...

    async def live_rooms(self, since_ms: int, until_ms: int) -> tuple[str, ...]:
        """Ids of the broadcasts of a stretch of time. Raises the five errors."""
        ...

    async def live_room(self, room_id: str) -> LiveRoom:
        """One broadcast's figures. Raises the five errors."""
        ...


@runtime_checkable
class PullsVouchers(Protocol):
    """Can list group-buy vouchers that were verified."""

    has_vouchers: bool

    def platform_now_ms(self) -> int:
        """The time at the platform, UTC ms."""
        ...

    async def vouchers(self, since_ms: int, until_ms: int, cursor: str) -> PageOf[VoucherRecord]:
        """One page of a stretch of time. Raises the five errors."""
        ...
