"""Connecting, finding, renewing and putting away accounts."""

import pytest

from desktop.domain.errors import InvalidInputError, NotFoundError, SecretMissingError
from desktop.platforms.wecom.adapter import WeComPlatform
from desktop.services.accounts import AccountService
from desktop.services.secrets import MemorySecretStore
from desktop.services.secrets.ports import SecretStoreError
from desktop.store.database import Store
from tests.fakes import FakeClock

SECRETS = {"corpid": " ww1 ", "corpsecret": "canary-secret", "note": "not a field"}
HERE = "http://127.0.0.1:9/wecom"


@pytest.fixture
def service(shop: Store, clock: FakeClock) -> AccountService:
    return AccountService(shop, clock, {"wecom": WeComPlatform()}, MemorySecretStore())


async def test_an_account_is_kept_without_its_secret(service: AccountService, shop: Store) -> None:
    account = await service.add("wecom", " 小满 ", HERE + "/", SECRETS)
    assert (account.name, account.external_id, account.base_url) == ("小满", "ww1", HERE)
    rows = await shop.read(
        lambda conn: [tuple(r) for r in conn.execute("SELECT * FROM account, operation")]
    )
    assert rows
    assert "canary" not in repr(rows)
    for key in (account.uid, str(account.id), "小满", "ww1"):
        assert await service.find(key) == account
    (health,) = await service.list()
    assert (health.secret_kind, health.customers) == ("memory", 0)
    adapter = await service.open(account)
    assert adapter.scope == "ww1"
    await adapter.aclose()


async def test_adding_again_renews_and_removing_forgets(service: AccountService) -> None:
    first = await service.add("wecom", "小满", HERE, SECRETS)
    again = await service.add("wecom", "新名字", HERE, {**SECRETS, "corpsecret": "other"})
    assert (again.uid, again.name) == (first.uid, "新名字")
    await service.remove(first.id)
    assert await service.list() == ()
    with pytest.raises(NotFoundError):
        await service.find("新名字")
    with pytest.raises(SecretMissingError):
        await service.open(first)
    back = await service.add("wecom", "回来", HERE, SECRETS)
    assert back.uid == first.uid


async def test_what_cannot_be_connected_is_refused(service: AccountService) -> None:
    for platform, name, url, secrets, code in (
        ("douyin", "x", None, SECRETS, "platform_unknown"),
        ("wecom", "  ", HERE, SECRETS, "account_name"),
        ("wecom", "x", "https://evil.cn", SECRETS, "base_url_refused"),
        ("wecom", "x", HERE, {"corpid": "ww1"}, "secret_incomplete"),
        ("wecom", "x", HERE, {"corpid": "ww1", "corpsecret": "s" * 1300}, "secret_too_long"),
    ):
        with pytest.raises(Exception) as caught:  # noqa: PT011
            await service.add(platform, name, url, secrets)
        assert caught.value.code == code
    assert await service.list() == ()


async def test_the_same_name_twice_has_to_be_told_apart(service: AccountService) -> None:
    await service.add("wecom", "小满", HERE, SECRETS)
    await service.add("wecom", "小满", HERE, {**SECRETS, "corpid": "ww2"})
    with pytest.raises(InvalidInputError):
        await service.find("小满")
    first = await service.find("ww1")
    with pytest.raises(InvalidInputError):
        await service.lend(first.id, {**SECRETS, "corpid": "ww2"})


async def test_a_locked_keyring_hides_no_account(shop: Store, clock: FakeClock) -> None:
    class Locked(MemorySecretStore):
        async def get(self, name: str) -> str | None:
            raise SecretStoreError(detail="KeyringLocked")

    service = AccountService(shop, clock, {"wecom": WeComPlatform()}, Locked())
    account = await service.add("wecom", "小满", HERE, SECRETS)
    (health,) = await service.list()
    assert health.secret_kind is None
    test = await service.test(account.id)
    assert (test.works, test.error_code) == (False, "secret_store")


async def test_a_platform_out_of_reach_is_told_by_the_test(service: AccountService) -> None:
    account = await service.add("wecom", "小满", HERE, SECRETS)
    test = await service.test(account.id)
    assert (test.works, test.error_code) == (False, "offline")
    (health,) = await service.list()
    assert (health.account.state.value, health.account.last_error_code) == ("new", "offline")
