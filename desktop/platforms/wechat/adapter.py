"""The official account as an adapter: binds the functions of this package to one account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from desktop.domain.clock import Clock
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
from desktop.domain.platform_records import PageOf, TagRecord
from desktop.domain.write_kinds.kind import MediaUse
from desktop.platforms.account_adapter import AccountAdapter
from desktop.platforms.door import Door
from desktop.platforms.http import ApiClient
from desktop.platforms.ports import Budget
from desktop.platforms.wechat import (
    comments,
    drafts,
    figures,
    followers,
    mass_sends,
    media,
    menu,
    publishing,
    tags,
    writes,
)
from desktop.platforms.wechat.client import WeChatClient

HOSTS = ("api.weixin.qq.com",)


class WeChatAdapter(AccountAdapter[WeChatClient]):
    """One official account. Every method raises the five errors described in desktop.platforms.ports."""

    platform = "wechat"
    performs = writes.PERFORM
    proves = writes.PROVE
    follower_limit = followers.BATCH

    def __init__(self, client: WeChatClient) -> None:
        super().__init__(client, client.app_id)

    async def check(self) -> int:
        """Sign in and read the first page of followers; how many there are."""
        return await followers.total(self._client)

    async def tags(self) -> PageOf[TagRecord]:
        """Every tag."""
        return await tags.tags(self._client)

    async def follower_ids(self, cursor: str) -> FollowerPage:
        """One page of ids."""
        return await followers.follower_ids(self._client, cursor)

    async def followers(self, ids: Sequence[str]) -> tuple[FollowerRecord, ...]:
        """What is told of at most 100 of them."""
        return await followers.followers(self._client, ids)

    async def drafts(self, cursor: str) -> PageOf[DraftRecord]:
        """One page of drafts."""
        return await drafts.drafts(self._client, cursor)

    async def articles(self, cursor: str) -> PageOf[ArticleRecord]:
        """One page of published articles."""
        return await publishing.articles(self._client, cursor)

    async def publish_state(self, publish_id: str) -> PublishState:
        """How far a publication got."""
        return await publishing.state(self._client, publish_id)

    async def send_progress(self, send_id: str) -> Progress:
        """How far a mass send got."""
        return await mass_sends.progress(self._client, send_id)

    async def comments(self, send_id: str, place: int, cursor: str) -> PageOf[CommentRecord]:
        """One page of the comments of an article."""
        return await comments.comments(self._client, send_id, place, cursor)

    async def menu(self) -> list[dict[str, Any]]:
        """The menu's buttons."""
        return await menu.menu(self._client)

    def newest_day(self) -> date:
        """The last day that WeChat has counted."""
        return figures.newest_day(self._client)

    async def follower_days(self, first: date, last: date) -> list[FollowerDay]:
        """Followers day by day, at most seven days."""
        return await figures.follower_days(self._client, first, last)

    async def article_days(self, published_on: date) -> list[ArticleDay]:
        """Readers of the articles of one day."""
        return await figures.article_days(self._client, published_on)

    async def prepare(self, kind: str) -> None:
        """Have a token and a call of the kind's path at hand."""
        await self._client.ready(*writes.PATHS[kind])

    async def upload_image(self, content: bytes, file_name: str, mime: str, use: MediaUse) -> str:
        """Hand over a picture of an article or its cover."""
        return await media.upload_image(self._client, content, mime, use)

    def keep_to(self, budget: Budget) -> None:
        """Ask this budget before each call."""
        self._client.keep_to(budget)

    async def hear_time(self) -> None:
        """Ask for the tags, to hear what time it is there."""
        await self._client.get("cgi-bin/tags/get")


class WeChatPlatform(Door):
    """Connects official accounts."""

    name = "wechat"
    default_base_url = "https://api.weixin.qq.com"
    secret_fields: tuple[str, ...] = ("appid", "appsecret")
    hosts = HOSTS
    id_field = "appid"

    def connect(self, base_url: str, secrets: Mapping[str, str], clock: Clock) -> WeChatAdapter:
        """An open line; nothing is sent yet. Raises InvalidInputError for missing secrets."""
        own_id, secret = self.needed(secrets)
        return WeChatAdapter(WeChatClient(ApiClient(base_url, HOSTS), own_id, secret, clock))
