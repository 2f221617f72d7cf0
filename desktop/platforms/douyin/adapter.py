"""A Douyin account as the rest of the program sees it, and how one is connected."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from desktop.domain.clock import Clock
from desktop.domain.errors import InvalidInputError
from desktop.domain.grants import Grant, GrantLife
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
from desktop.domain.write_kinds.kind import MediaUse
from desktop.platforms.account_adapter import AccountAdapter
from desktop.platforms.door import Door
from desktop.platforms.douyin import (
    account,
    comments,
    groups,
    intentions,
    live,
    messages,
    videos,
    vouchers,
    writes,
)
from desktop.platforms.douyin.client import DouyinClient
from desktop.platforms.http import ApiClient
from desktop.platforms.ports_grants import GrantVault

HOSTS = ("open.douyin.com",)
# Asked for on one page; what the owner leaves out shows as closed on the account's card.
SCOPES = (
    "user_info",
    "fans.data.bind",
    "user.intention",
    "im.direct_message",
    "im.group_fans.create_list",
    "im.group_message",
    "im.recall_message",
    "video.list.bind",
    "video.data.bind",
    "video.create.bind",
    "item.comment",
    "live.room.base",
    "live.room.audience",
    "live.room.interactive",
    "tool.image.upload",
    "renew_refresh_token",
)


class DouyinAdapter(AccountAdapter[DouyinClient]):
    """One account. Every method raises the five errors described in desktop.platforms.ports."""

    platform = "douyin"
    performs = writes.PERFORM
    proves = writes.PROVE

    def __init__(self, client: DouyinClient, life_account: str = "") -> None:
        super().__init__(client, client.client_key)
        self.has_vouchers = bool(life_account)
        self._life_account = life_account

    def keep_in(self, vault: GrantVault) -> None:
        """Where tokens are kept."""
        self._client.keep_in(vault)

    def grant_life(self) -> GrantLife | None:
        """Times and counts of the consent in use."""
        return self._client.grant_life()

    async def authorise(self, code: str) -> Grant:
        """Turn the owner's code into a consent, and keep it."""
        return await self._client.authorise(code)

    async def check(self) -> int:
        """Sign in and read the account's own card; there is no staff.

        Before the owner has agreed the app's keys are tried: AuthError('douyin_not_authorised') if right.
        """
        await self._client.try_keys()
        await self._client.card()
        return 0

    def platform_now_ms(self) -> int:
        """The time at the platform, UTC ms."""
        return self._client.platform_now_ms()

    async def hear_time(self) -> None:
        """Ask for the account's card, to hear what time it is there."""
        await self._client.card()

    async def account_id(self) -> str:
        """The account's own id for this app."""
        return await self._client.open_id()

    async def account_facts(self) -> AccountFacts:
        """Card and fans' figures."""
        return await account.facts(self._client)

    async def intentions(self, since_ms: int, until_ms: int, session: str) -> IntentionPage:
        """One page of signs of interest."""
        return await intentions.page(self._client, since_ms, until_ms, session)

    async def counted_groups(self) -> tuple[CountedGroup, ...]:
        """Every own group."""
        return await groups.own(self._client)

    async def join_requests(self, cursor: str) -> PageOf[JoinRequest]:
        """One page of those who wait to be let in."""
        return await groups.requests(self._client, cursor)

    async def videos(self, cursor: str) -> PageOf[VideoRecord]:
        """One page of own posts."""
        return await videos.page(self._client, cursor)

    async def video_comments(self, video_id: str, cursor: str) -> PageOf[CommentRecord]:
        """One page of comments of the first level."""
        return await comments.page(self._client, video_id, cursor)

    async def live_rooms(self, since_ms: int, until_ms: int) -> tuple[str, ...]:
        """Ids of broadcasts."""
        return await live.rooms(self._client, since_ms, until_ms)

    async def live_room(self, room_id: str) -> LiveRoom:
        """One broadcast's figures."""
        return await live.room(self._client, room_id)

    async def vouchers(self, since_ms: int, until_ms: int, cursor: str) -> PageOf[VoucherRecord]:
        """One page of verified vouchers."""
        return await vouchers.page(self._client, self._life_account, since_ms, until_ms, cursor)

    async def upload_image(self, content: bytes, file_name: str, mime: str, use: MediaUse) -> str:
        """Hand over a picture."""
        return await messages.upload_image(self._client, content, file_name, use)


class DouyinPlatform(Door):
    """Connects Douyin accounts. One app serves one account here: ids of fans are the app's own."""

    name = "douyin"
    default_base_url = "https://open.douyin.com"
    secret_fields: tuple[str, ...] = ("client_key", "client_secret", "redirect_uri")
    hosts = HOSTS
    id_field = "client_key"  # what ids of fans belong to
    optional_fields: tuple[str, ...] = ("life_account_id",)

    def redirect_of(self, secrets: Mapping[str, str]) -> str:
        """Where the platform sends the browser with the code."""
        return secrets.get("redirect_uri", "").strip()

    def authorise_url(self, base_url: str, secrets: Mapping[str, str], state: str) -> str:
        """The page on which the owner agrees. Raises InvalidInputError for a redirect that is no web address."""
        redirect = self.redirect_of(secrets)
        parts = urlsplit(redirect)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInputError("douyin_redirect", redirect=redirect)
        query = {
            "client_key": secrets.get("client_key", "").strip(),
            "response_type": "code",
            "scope": ",".join(SCOPES),
            "redirect_uri": redirect,
            "state": state,
        }
        return f"{self.checked_base_url(base_url)}/platform/oauth/connect/?{urlencode(query)}"

    def connect(self, base_url: str, secrets: Mapping[str, str], clock: Clock) -> DouyinAdapter:
        """An open line; nothing is sent yet. Raises InvalidInputError for missing secrets."""
        key, secret, _redirect = self.needed(secrets)
        client = DouyinClient(ApiClient(base_url, HOSTS), key, secret, clock)
        return DouyinAdapter(client, secrets.get("life_account_id", "").strip())
