"""The official account as an adapter: binds the functions of this package to one account."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.domain.clock import Clock
from desktop.domain.errors import InvalidInputError
from desktop.platforms import http
from desktop.platforms.http import ApiClient
from desktop.platforms.ports import Budget
from desktop.platforms.wechat import followers
from desktop.platforms.wechat.client import WeChatClient

HOSTS = ("api.weixin.qq.com",)


class WeChatAdapter:
    """One official account. Every method raises the five errors described in desktop.platforms.ports."""

    platform = "wechat"

    def __init__(self, client: WeChatClient) -> None:
        self.scope = client.app_id
        self._client = client

    async def aclose(self) -> None:
        """Close every connection and forget the token."""
        await self._client.aclose()

    async def check(self) -> int:
        """Sign in and read the first page of followers; how many there are."""
        return await followers.total(self._client)

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


class WeChatPlatform:
    """Connects official accounts."""

    name = "wechat"
    default_base_url = "https://api.weixin.qq.com"
    secret_fields: tuple[str, ...] = ("appid", "appsecret")

    def checked_base_url(self, base_url: str) -> str:
        """The address, tidied. Raises InvalidInputError when credentials must not go there."""
        return http.checked_base_url(base_url, HOSTS)

    def external_id(self, secrets: Mapping[str, str]) -> str:
        """The app id."""
        return secrets.get("appid", "").strip()

    def connect(self, base_url: str, secrets: Mapping[str, str], clock: Clock) -> WeChatAdapter:
        """An open line; nothing is sent yet. Raises InvalidInputError for missing secrets."""
        missing = [name for name in self.secret_fields if not secrets.get(name, "").strip()]
        if missing:
            raise InvalidInputError("secret_incomplete", fields=missing)
        api = ApiClient(base_url, HOSTS)
        return WeChatAdapter(
            WeChatClient(api, secrets["appid"].strip(), secrets["appsecret"].strip(), clock)
        )
