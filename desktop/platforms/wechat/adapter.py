"""The official account as an adapter: binds the functions of this package to one account."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
from desktop.domain.proof import Judgement, Listing, UnknownWrite
from desktop.domain.write_kinds.kind import MediaUse
from desktop.domain.writes import Receipt, Write
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


class WeChatAdapter:
    """One official account. Every method raises the five errors described in desktop.platforms.ports."""

    platform = "wechat"
    kinds = frozenset(writes.PERFORM)
    follower_limit = followers.BATCH

    def __init__(self, client: WeChatClient) -> None:
        self.scope = client.app_id
        self._client = client

    async def aclose(self) -> None:
        """Close every connection and forget the token."""
        await self._client.aclose()

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

    def today(self) -> date:
        """The day it is in China."""
        return figures.today(self._client)

    async def follower_days(self, first: date, last: date) -> list[FollowerDay]:
        """Followers day by day, at most seven days."""
        return await figures.follower_days(self._client, first, last)

    async def article_days(self, published_on: date) -> list[ArticleDay]:
        """Readers of the articles of one day."""
        return await figures.article_days(self._client, published_on)

    async def ready(self) -> None:
        """Have a token at hand."""
        await self._client.ready()

    async def prepare(self, kind: str) -> None:
        """Have a token and a call of the kind's path at hand."""
        await self._client.ready(writes.PATHS.get(kind, ""))

    async def perform(self, write: Write, key: str, *, is_repeat: bool = False) -> Receipt:
        """Make one change."""
        return await writes.PERFORM[write.kind](self._client, write, key, is_repeat)

    async def prove(
        self, kind: str, unknown: Sequence[UnknownWrite], taken: Collection[str]
    ) -> Mapping[str, Judgement]:
        """What became of unknown writes of one kind."""
        return await writes.PROVE[kind](self._client, kind, unknown, taken)

    async def recent(self, kind: str, since_ms: int) -> Listing:
        """No kind of this platform is proven by a listing that is complete: an empty, incomplete one."""
        return Listing((), since_ms, self._client.clock.now_ms(), is_complete=False)

    async def upload_image(self, content: bytes, file_name: str, mime: str, use: MediaUse) -> str:
        """Hand over a picture of an article or its cover."""
        return await media.upload_image(self._client, content, mime, use)

    def keep_to(self, budget: Budget) -> None:
        """Ask this budget before each call."""
        self._client.keep_to(budget)

    def token_life(self) -> tuple[int, int] | None:
        """(fetched at, good until) of the token, UTC ms; None before the first."""
        return self._client.token_life()

    def clock_skew_ms(self) -> int | None:
        """Platform time minus local time now; None before any reply."""
        return self._client.clock_skew_ms()

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
