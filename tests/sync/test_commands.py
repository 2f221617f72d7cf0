"""The commands `accounts` and `sync` as a person types them, and a sync that is killed on its way."""

import signal
import time

import pytest

from tests.sync.shell import Shop

PAGE = "externalcontact/batch/get_by_user"


@pytest.mark.slow
def test_a_first_sync_and_what_goes_wrong(connected: Shop) -> None:
    first = connected.sync()
    assert first["outcome"] == "ok"
    assert first["streams"]["customers"] == {
        "requested": 230,
        "received": 230,
        "new": 230,
        "changed": 0,
        "removed": 0,
        "skipped": 0,
        "failed": 0,
    }
    assert first["accounts"][0]["outbox"]["sent"] == 0
    (listed,) = connected.run("accounts", "list")["accounts"]
    assert (listed["customers"], listed["state"], listed["problem"]) == (230, "connected", None)
    connected.sandbox.fault("errcode", "*", code=60020, count=0)
    refused = connected.sync("--account", "小满")
    assert refused["exit"] == 1
    assert refused["error"]["code"] == "wecom_ip_not_trusted"
    assert "127.0.0.1" in refused["error"]["message"] or "Trusted" in refused["error"]["message"]
    assert refused["error"]["data_changed"] is False
    (listed,) = connected.run("accounts", "list")["accounts"]
    assert listed["problem"]["code"] == "wecom_ip_not_trusted"
    assert connected.run("sync", "--account", "nobody")["error"]["code"] == "account_missing"
    assert connected.run("sync", "--secrets-stdin")["error"]["code"] == "secrets_unreadable"


@pytest.mark.slow
def test_a_sync_that_is_killed_goes_on_where_it_was(connected: Shop) -> None:
    connected.sandbox.fault("hang", PAGE, nth=3, seconds=90)
    process = connected.start("sync", "--secrets-stdin")
    assert process.stdin is not None
    process.stdin.write(connected.secrets)
    process.stdin.close()
    until = time.monotonic() + 50
    while time.monotonic() < until and connected.count("SELECT count(*) FROM follow") < 150:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    for pipe in (process.stdout, process.stderr):
        assert pipe is not None
        pipe.close()
    kept = connected.count("SELECT count(DISTINCT identity_id) FROM follow")
    assert 0 < kept < 230
    connected.sandbox.clear_faults()
    second = connected.sync()
    customers = second["accounts"][0]["streams"]["customers"]
    assert [note["code"] for note in customers["notes"]] == ["resumed"]
    assert (customers["requested"], kept + customers["new"]) == (230, 230)
    assert connected.count("SELECT count(*) FROM identity WHERE platform = 'wecom'") == connected.count(
        "SELECT count(DISTINCT external_id) FROM identity WHERE platform = 'wecom'"
    )
    assert connected.count("SELECT count(*) FROM sync_run WHERE ended_at IS NULL") == 0
    assert connected.count("SELECT count(*) FROM interaction WHERE kind = 'follow'") == connected.count(
        "SELECT count(*) FROM follow"
    )
    third = connected.sync()
    assert all(third["streams"][name]["new"] == 0 for name in third["streams"])
