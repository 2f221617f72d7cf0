"""A Douyin shop as the rest of the program sees it, and how one is connected."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.domain.clock import Clock
from desktop.domain.grants import Grant, GrantLife
from desktop.domain.live_orders import OrderPage, Receiver
from desktop.platforms.account_adapter import AccountAdapter
from desktop.platforms.door import Door
from desktop.platforms.doudian import orders, writes
from desktop.platforms.doudian.client import DoudianClient
from desktop.platforms.http import ApiClient
from desktop.platforms.ports_grants import GrantVault

HOSTS = ("openapi-fxg.jinritemai.com",)


class DoudianAdapter(AccountAdapter[DoudianClient]):
    """One shop. Every method raises the five errors described in desktop.platforms.ports."""

    platform = "doudian"
    performs = writes.PERFORM
    proves = writes.PROVE

    def __init__(self, client: DoudianClient) -> None:
        super().__init__(client, client.shop_id)

    def keep_in(self, vault: GrantVault) -> None:
        """Where tokens are kept."""
        self._client.keep_in(vault)

    def grant_life(self) -> GrantLife | None:
        """Times of the tokens in use."""
        return self._client.grant_life()

    async def authorise(self, code: str) -> Grant:
        """Exchange a code of the authorisation page (an app that serves several shops)."""
        return await self._client.authorise(code)

    async def check(self) -> int:
        """Sign in and read one page of orders; a shop has no staff list."""
        now = self.platform_now_ms()
        await orders.page(self._client, now - 86_400_000, now, "")
        return 0

    def platform_now_ms(self) -> int:
        """The time at the platform, UTC ms."""
        return self._client.platform_now_ms()

    async def hear_time(self) -> None:
        """Ask for the orders of a minute, to hear what time it is there."""
        now = self.platform_now_ms()
        await orders.page(self._client, now - 60_000, now, "")

    async def orders(self, since_ms: int, until_ms: int, cursor: str) -> OrderPage:
        """One page of orders by the time they changed."""
        return await orders.page(self._client, since_ms, until_ms, cursor)

    async def receiver(self, order_no: str) -> Receiver:
        """Who receives one order, in plain text."""
        return await orders.receiver(self._client, order_no)


class DoudianPlatform(Door):
    """Connects Douyin shops."""

    name = "doudian"
    default_base_url = "https://openapi-fxg.jinritemai.com"
    secret_fields: tuple[str, ...] = ("app_key", "app_secret", "shop_id")
    hosts = HOSTS
    id_field = "shop_id"

    def connect(self, base_url: str, secrets: Mapping[str, str], clock: Clock) -> DoudianAdapter:
        """An open line; nothing is sent yet. Raises InvalidInputError for missing secrets."""
        key, secret, shop = self.needed(secrets)
        return DoudianAdapter(DoudianClient(ApiClient(base_url, HOSTS), key, secret, shop, clock))
