"""What goes wrong while pulling: it stops where it must, keeps what it has, and goes on from there."""

import asyncio
import logging
from typing import Any

import pytest

from desktop.domain.accounts import AccountState
from desktop.domain.sync_reports import Outcome
from tests.sandbox_process import SandboxProcess
from tests.sync.bench import Bench
from tests.waiting import Stopwatch

PAGE = "externalcontact/batch/get_by_user"


async def test_a_line_cut_for_good_stops_and_the_next_round_goes_on(
    bench: Bench, sandbox: SandboxProcess
) -> None:
    await bench.connect(sandbox)
    sandbox.fault("reset", PAGE, nth=3, count=3)
    (first,) = (await bench.sync()).accounts
    assert (first.outcome, first.error_code) == (Outcome.FAILED, "reply_lost")
    received = first.streams["customers"].received
    assert 0 < received < 230
    assert await bench.one("SELECT count(*) FROM identity WHERE platform = 'wecom'") == received
    (second,) = (await bench.sync()).accounts
    assert second.outcome is Outcome.OK
    assert second.streams["customers"].notes == ["resumed"]
    assert received + second.streams["customers"].received == 230
    clean = await bench.fingerprint()
    await bench.sync(full=True)
    assert await bench.fingerprint() == clean


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
async def test_a_token_that_dies_at_any_page_is_renewed_once(
    bench: Bench, sandbox: SandboxProcess, nth: int
) -> None:
    await bench.connect(sandbox)
    sandbox.fault("token_death", PAGE, nth=nth)
    report = await bench.sync()
    assert report.outcome == "ok", report
    assert report.totals()["customers"]["received"] == 230


@pytest.mark.parametrize("kind", ["garbage", "html", "half_body", "looping_cursor"])
async def test_a_page_that_is_no_page_keeps_what_is_there(
    bench: Bench, sandbox: SandboxProcess, kind: str
) -> None:
    await bench.connect(sandbox)
    sandbox.fault(kind, PAGE, nth=2, count=0)
    (account,) = (await bench.sync()).accounts
    assert account.outcome is Outcome.FAILED
    assert account.streams["customers"].received > 0
    assert await bench.one("SELECT count(*) FROM follow WHERE removed_at IS NOT NULL") == 0
    sandbox.clear_faults()
    report = await bench.sync()
    assert report.outcome == "ok"
    assert await bench.one("SELECT count(DISTINCT identity_id) FROM follow") == 230


async def test_an_endless_listing_is_left(bench: Bench, sandbox: SandboxProcess) -> None:
    await bench.connect(sandbox)
    sandbox.fault("endless_cursor", "groupchat/list", count=0)
    (account,) = (await bench.sync()).accounts
    assert account.streams["groups"].error_code in ("cursor_loop", "wecom_request_refused")
    assert account.streams["groups"].notes == ["stopped"]
    assert account.streams["customers"].received == 230


async def test_an_untrusted_address_is_told_with_the_address(bench: Bench, sandbox: SandboxProcess) -> None:
    account = await bench.connect(sandbox)
    sandbox.fault("errcode", "*", code=60020, count=0)
    report = await bench.sync()
    assert report.accounts[0].error_code == "wecom_ip_not_trusted"
    (health,) = await bench.accounts.list()
    assert health.account.state is AccountState.REFUSED
    assert health.account.last_error["ip"]
    assert health.account.last_sync_at is None
    test = await bench.accounts.test(account.id)
    assert (test.works, test.error_code) == (False, "wecom_ip_not_trusted")
    sandbox.clear_faults()
    test = await bench.accounts.test(account.id)
    assert (test.works, test.staff) == (True, 3)
    (health,) = await bench.accounts.list()
    assert (health.account.state, health.account.last_error_code) == (AccountState.CONNECTED, None)


async def test_a_closed_ability_does_not_stop_the_others(bench: Bench, sandbox: SandboxProcess) -> None:
    await bench.connect(sandbox)
    sandbox.fault("errcode", "get_corp_tag_list", code=48002, count=0)
    sandbox.fault("errcode", "groupchat/list", code=45009, count=0)
    (account,) = (await bench.sync()).accounts
    assert account.outcome is Outcome.FAILED
    assert account.error_code is None
    assert account.streams["tags"].error_code == "wecom_no_permission"
    assert account.streams["groups"].error_code == "wecom_rate"
    assert account.streams["customers"].new == 230
    (health,) = await bench.accounts.list()
    assert (health.account.state, health.account.last_error_code) == (
        AccountState.CONNECTED,
        "wecom_no_permission",
    )


async def test_two_accounts_one_failing(bench: Bench, sandbox: SandboxProcess) -> None:
    broken = await bench.connect(sandbox, "另一家", corpid="ww-nobody")
    await bench.connect(sandbox, "小满")
    report = await bench.sync()
    assert report.outcome == "partly"
    by_name = {account.account_name: account for account in report.accounts}
    assert by_name["小满"].streams["customers"].new == 230
    assert by_name["另一家"].error_code == "wecom_corpid_wrong"
    only = await bench.sync(account_ids=[broken.id])
    assert [account.account_name for account in only.accounts] == ["另一家"]


async def test_a_missing_secret_is_told_and_one_can_be_lent(bench: Bench, sandbox: SandboxProcess) -> None:
    account = await bench.connect(sandbox)
    await bench.secrets.delete(account.uid)
    (told,) = (await bench.sync()).accounts
    assert told.error_code == "secret_missing"
    await bench.accounts.lend(account.id, {"corpid": sandbox.corpid, "corpsecret": sandbox.corpsecret})
    assert (await bench.sync()).outcome == "ok"
    assert await bench.secrets.get(account.uid) is None


async def test_cancelling_stops_within_a_second_even_in_a_hanging_call(
    bench: Bench, sandbox: SandboxProcess
) -> None:
    await bench.connect(sandbox)
    sandbox.fault("hang", PAGE, nth=2, count=1, seconds=30)
    stop, begun = asyncio.Event(), asyncio.Event()
    task = asyncio.ensure_future(
        bench.sync(cancel=stop, progress=lambda at: at.stream == "customers" and at.done and begun.set())
    )
    await asyncio.wait_for(begun.wait(), 10)
    asked = Stopwatch()
    stop.set()
    (account,) = (await task).accounts
    assert asked.elapsed_s() < 1.0
    assert account.outcome is Outcome.CANCELLED
    assert 0 < account.streams["customers"].received < 230
    sandbox.clear_faults()
    report = await bench.sync()
    assert report.outcome == "ok"
    assert report.accounts[0].streams["customers"].notes == ["resumed"]


async def test_a_lost_cursor_starts_the_pass_again(bench: Bench, sandbox: SandboxProcess) -> None:
    account = await bench.connect(sandbox)
    sandbox.fault("reset", PAGE, nth=2, count=3)
    await bench.sync()
    sandbox.fault("errcode", PAGE, nth=1, count=1, code=40058)
    report = await bench.sync()
    assert report.outcome == "ok"
    assert await bench.one("SELECT count(DISTINCT identity_id) FROM follow") == 230
    assert await bench.one("SELECT finished_at FROM sync_cursor WHERE stream = 'customers'")
    assert account.state is AccountState.NEW


async def test_nothing_secret_in_the_log_or_in_the_shops_file(
    bench: Bench, sandbox: SandboxProcess, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await bench.connect(sandbox)
    sandbox.fault("errcode", "get_corp_tag_list", code=40001)
    sandbox.fault("reset", PAGE)
    await bench.sync()
    await bench.sync()
    await bench.connect(sandbox, "又一次")
    secret = sandbox.corpsecret
    assert len(secret) > 8
    assert secret not in caplog.text
    assert "access_token" not in caplog.text
    await bench.store.backup_to(bench.store.path.with_name("copy.db"))
    for file in bench.store.path.parent.glob("*.db*"):
        content = file.read_bytes()
        assert secret.encode() not in content
        assert b"access_token" not in content


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("close", {}),
        ("reset", {"when": "after"}),
        ("half_body", {}),
        ("garbage", {}),
        ("html", {}),
        ("status", {"status": 502}),
        ("status", {"status": 404}),
        ("gzip_bomb", {}),
        ("wrong_length", {}),
        ("errmsg", {}),
        ("duplicate_key", {}),
        ("missing_fields", {"fields": ["errcode", "follow_user"]}),
    ],
)
async def test_whatever_the_wire_does_is_told_as_one_of_ours(
    bench: Bench, sandbox: SandboxProcess, kind: str, more: dict[str, Any]
) -> None:
    account = await bench.connect(sandbox)
    await bench.sync()
    before = await bench.fingerprint()
    sandbox.fault(kind, "get_follow_user_list", count=0, **more)
    test = await bench.accounts.test(account.id)
    assert not test.works
    assert test.error_code.startswith("reply_") or test.error_code == "offline"
    report = await bench.sync()
    assert report.outcome in ("failed", "partly")
    assert await bench.fingerprint() == before
