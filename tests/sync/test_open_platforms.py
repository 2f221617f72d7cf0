"""Douyin and Douyin shop against the practice platform: one world for all tests of this file."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from desktop.domain.accounts import Account
from desktop.domain.errors import AuthError, InvalidInputError
from desktop.platforms.doudian.adapter import DoudianPlatform
from desktop.platforms.douyin.adapter import DouyinPlatform
from desktop.services.accounts import AccountService
from desktop.services.grants import GrantService
from desktop.services.orders import OrderService
from desktop.services.secrets import MemorySecretStore
from desktop.services.secrets.vault import entry_of
from desktop.store.database import Store
from desktop.store.posts.media import MediaFolder
from desktop.sync.engine import SyncEngine
from desktop.sync.push import Pusher
from tests.fakes import MovedClock
from tests.sandbox_process import SandboxProcess, running_sandbox

TABLES = ("fan", "identity", '"order"', "order_line", "interaction", "message", "video", "video_comment")


@pytest.fixture(scope="module")
def world() -> Iterator[SandboxProcess]:
    with running_sandbox(fans=60, staff=2, groups=3) as process:
        yield process


class Shop:
    """A shop with the real engine, outbox and adapters."""

    def __init__(self, store: Store, world: SandboxProcess, folder: Any) -> None:
        world.reset()
        self.store, self.world, self.clock = store, world, MovedClock()
        self.secrets = MemorySecretStore()
        doors = {door.name: door for door in (DouyinPlatform(), DoudianPlatform())}
        self.accounts = AccountService(store, self.clock, doors, self.secrets)
        self.grants = GrantService(store, self.clock, self.accounts)
        self.orders = OrderService(store, self.clock, self.accounts)
        self.pusher = Pusher(store, self.clock, MediaFolder(folder))
        self.engine = SyncEngine(store, self.clock, self.accounts.open, self.pusher)

    async def shop(self) -> Account:
        given = self.world.platform("doudian")
        secrets = {name: given[name] for name in ("app_key", "app_secret", "shop_id")}
        tried, account = await self.accounts.connect("doudian", "小满抖店", given["base_url"], secrets)
        assert tried.works, tried
        assert account is not None
        return account

    async def douyin(self) -> Account:
        given = self.world.platform("douyin")
        secrets = {
            "client_key": given["client_key"],
            "client_secret": given["client_secret"],
            "redirect_uri": given.get("redirect_uri", "http://127.0.0.1:8765/douyin"),
            "life_account_id": given["life_account_id"],
        }
        tried, account = await self.accounts.connect(
            "douyin", "小满", given["base_url"], secrets, keeps_unproven=True
        )
        assert (tried.works, tried.error_code) == (False, "douyin_not_authorised")
        assert account is not None
        await self.grants.finish(account.id, given["code"])
        return account

    async def sync(self) -> Any:
        report = await self.engine.run()
        return report.accounts[0]

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return await self.store.read(lambda conn: [tuple(row) for row in conn.execute(sql)])

    async def counts(self) -> dict[str, int]:
        return {name: (await self.rows(f"SELECT count(*) FROM {name}"))[0][0] for name in TABLES}


@pytest.fixture
def floor(shop: Store, world: SandboxProcess, tmp_path: Any, runner: asyncio.Runner) -> Shop:
    return Shop(shop, world, tmp_path / "media")


async def test_a_shops_orders_come_in_and_reading_them_again_changes_nothing(floor: Shop) -> None:
    account = await floor.shop()
    assert await floor.secrets.get(entry_of(account.uid))
    report = await floor.sync()
    stream = report.streams["orders"]
    assert (report.error_code, stream.error_code) == (None, None), report
    assert stream.new > 0
    counts = await floor.counts()
    assert counts['"order"'] == stream.new
    buyers = await floor.rows("SELECT DISTINCT platform, scope FROM identity")
    assert buyers == [("doudian", account.external_id)]
    hidden = await floor.rows("SELECT receiver FROM \"order\" WHERE receiver LIKE '%plain%'")
    assert hidden == []
    operations = await floor.rows("SELECT count(*) FROM operation")
    again = await floor.sync()
    assert (again.streams["orders"].new, again.streams["orders"].changed) == (0, 0)
    assert await floor.counts() == counts
    assert await floor.rows("SELECT count(*) FROM operation") == operations


async def test_a_remark_reaches_the_shop_once_and_stands_with_the_order(floor: Shop) -> None:
    account = await floor.shop()
    await floor.sync()
    (order,) = await floor.rows('SELECT id, order_no FROM "order" ORDER BY id LIMIT 1')
    await floor.orders.remark(order[0], "加急  今天发", 4)
    floor.clock.ahead_s += 10
    report = await floor.sync()
    assert report.outbox["sent"] == 1, report
    ((note, star),) = await floor.rows(
        "SELECT json_extract(extra, '$.seller_note'), json_extract(extra, '$.seller_star') FROM \"order\""
        f" WHERE id = {order[0]}"
    )
    assert (note, star) == ("加急 今天发", 4)
    revealed = await floor.orders.reveal(order[0])
    assert revealed.receiver["phone"].isdecimal()
    written = await floor.rows("SELECT payload FROM operation WHERE kind = 'order.reveal'")
    assert order[1] in written[0][0]
    assert revealed.receiver["phone"] not in written[0][0]
    await floor.sync()
    ((kept,),) = await floor.rows(f'SELECT receiver FROM "order" WHERE id = {order[0]}')
    assert revealed.receiver["phone"] in kept
    assert account.platform == "doudian"


async def test_a_douyin_account_needs_its_owner_and_then_tells_what_it_may(floor: Shop) -> None:
    account = await floor.douyin()
    ((open_id, most),) = await floor.rows("SELECT open_id, renewals_most FROM account_grant")
    assert open_id
    assert most == 5
    report = await floor.sync()
    told = {name: (s.received, s.error_code) for name, s in report.streams.items()}
    assert report.error_code is None, told
    allowed = {None, "douyin_not_open", "douyin_closed", "douyin_not_granted"}
    assert {code for _, code in told.values()} <= allowed, told
    for name in ("account_facts", "groups", "videos"):
        assert told[name][0] > 0, told
    counts = await floor.counts()
    again = await floor.sync()
    assert {s.new for s in again.streams.values()} == {0}, again
    assert await floor.counts() == counts
    assert account.external_id == floor.world.platform("douyin")["client_key"]


async def test_a_wrong_code_keeps_nothing(floor: Shop) -> None:
    given = floor.world.platform("douyin")
    secrets = {
        "client_key": given["client_key"],
        "client_secret": given["client_secret"],
        "redirect_uri": "http://127.0.0.1:1/x",
    }
    account = await floor.accounts.add("douyin", "小满", given["base_url"], secrets)
    with pytest.raises(AuthError):
        await floor.grants.finish(account.id, "nonsense")
    with pytest.raises(InvalidInputError, match="grant_state_other"):
        await floor.grants.finish(account.id, "http://127.0.0.1:1/x?code=a&state=other", "mine")
    assert await floor.secrets.get(entry_of(account.uid)) is None
    page = await floor.grants.page(account.id)
    assert page.can_catch
    assert given["client_secret"] not in page.url
