"""What only official accounts can do; every method may raise the five errors of desktop.platforms.ports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol, runtime_checkable

from desktop.domain.official_account import (
    ArticleDay,
    ArticleRecord,
    CommentRecord,
    DraftRecord,
    FollowerDay,
    FollowerPage,
    FollowerRecord,
    Progress,
    PublishState,
)
from desktop.domain.platform_records import PageOf


@runtime_checkable
class PullsFollowers(Protocol):
    """Can list followers and tell about each."""

    follower_limit: int

    async def follower_ids(self, cursor: str) -> FollowerPage:
        """One page of ids; '' begins. Raises the five errors."""
        ...

    async def followers(self, ids: Sequence[str]) -> tuple[FollowerRecord, ...]:
        """What is told of at most `follower_limit` of them. Raises the five errors."""
        ...


@runtime_checkable
class PullsArticles(Protocol):
    """Can list drafts and published articles."""

    async def drafts(self, cursor: str) -> PageOf[DraftRecord]:
        """One page of drafts; '' begins. Raises the five errors."""
        ...

    async def articles(self, cursor: str) -> PageOf[ArticleRecord]:
        """One page of articles that were published without a mass send. Raises the five errors."""
        ...


@runtime_checkable
class FollowsPublications(Protocol):
    """Can tell what became of publications and mass sends that were taken."""

    async def publish_state(self, publish_id: str) -> PublishState:
        """How far a publication got. Raises the five errors."""
        ...

    async def send_progress(self, send_id: str) -> Progress:
        """How far a mass send got. Raises the five errors."""
        ...


@runtime_checkable
class PullsComments(Protocol):
    """Can list the comments below an article."""

    async def comments(self, send_id: str, place: int, cursor: str) -> PageOf[CommentRecord]:
        """One page of comments of the article at a place (from 1) of a publication. Raises the five errors."""
        ...


@runtime_checkable
class PullsMenu(Protocol):
    """Can read the account's menu."""

    async def menu(self) -> list[dict[str, Any]]:
        """The buttons as they stand, wherever they were made; [] without a menu. Raises the five errors."""
        ...


@runtime_checkable
class PullsReaders(Protocol):
    """Counts followers and readers per day."""

    def newest_day(self) -> date:
        """The last day whose figures the platform has counted."""
        ...

    async def follower_days(self, first: date, last: date) -> list[FollowerDay]:
        """At most seven days. Raises the five errors."""
        ...

    async def article_days(self, published_on: date) -> list[ArticleDay]:
        """Every article of one day, with its readers day by day. Raises the five errors."""
        ...
