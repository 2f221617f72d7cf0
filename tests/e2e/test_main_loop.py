"""The main loop against the practice platform, typed command by command."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pytest

from tests.e2e import loop
from tests.e2e.command_line import Shop, new_shop
from tests.sandbox_process import SandboxProcess, running_sandbox


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_planned_offline_sent_once_and_looked_back_at(tmp_path: Path) -> None:
    shop = new_shop(tmp_path)
    port = closed_port()
    with running_sandbox(fans=40, staff=3, groups=4, port=port) as sandbox:
        loop.connect(shop, sandbox)
        first = loop.sync(shop, sandbox)
        assert first["outcome"] == "ok"
        streams = first["streams"]
        assert (streams["groups"]["new"], streams["customers"]["failed"]) == (4, 0)
        greeting = sandbox.greeting

    post, drop = plan_without_a_network(shop, sandbox)
    with running_sandbox(fans=40, staff=3, groups=4, port=port) as sandbox:
        assert sandbox.greeting == greeting  # the same platform, back on the net
        lose_one_answer_and_find_it_again(shop, sandbox)
        miss_a_drop_without_sending(shop, sandbox)
        sandbox.advance(3)
        sandbox.confirm()
        assert loop.sync(shop, sandbox)["outbox"]["results"] > 0
        shown = shop.ok("drop", "show", drop)
        assert (shown["sent"], shown["waiting"]) == (4, 0)
        row = next(row for row in shop.ok("posts")["rows"] if row["uid"] == post)
        assert row["sent"] + row["failed"] == row["recipients"]
        assert row["sent"] > 0
        look_back(shop, drop)
        loop.assert_the_platform_has_what_is_called_done(shop, sandbox)
        states = [item["state"] for item in loop.items(shop)]
        assert set(states) == {"done", "missed"}
        assert shop.is_whole()
        shop.ok("accounts", "remove", "企业微信")
    assert "Traceback" not in shop.log()


def plan_without_a_network(shop: Shop, sandbox: SandboxProcess) -> tuple[str, str]:
    """Draft, plan and confirm while the platform's port refuses every connection."""
    post = loop.draft(shop, shop.cwd)
    drop = loop.plan(shop, shop.cwd)
    assert shop.ok("post", "confirm", post)["recipients"] == 40
    assert shop.ok("drop", "confirm", drop)["groups"] == 4
    confirmed = shop.ok("outbox")
    shop.refused(*loop.SYNC, stdin=loop.secrets(sandbox), code="offline")
    waiting = shop.ok("outbox")
    assert [row["state"] for row in waiting["rows"]] == ["queued"] * waiting["total"] or [
        row["state"] for row in waiting["rows"]
    ] == ["confirmed"] * waiting["total"]
    assert waiting["total"] == confirmed["total"]
    assert [row["attempts"] for row in waiting["rows"]] == [0] * waiting["total"]
    return post, drop


def lose_one_answer_and_find_it_again(shop: Shop, sandbox: SandboxProcess) -> None:
    """The first task is carried out, its answer lost; the next sync finds it in the listing."""
    sandbox.fault("reset", loop.ADD_TASK, when="after")
    pushed = loop.sync(shop, sandbox)["outbox"]
    assert pushed["unknown"] == 1
    lost = shop.ok("outbox", "--state", "unknown")["rows"]
    assert len(lost) == 1
    assert lost[0]["platform_id"] is None
    assert len(sandbox.sent()) == pushed["sent"] + 1
    sandbox.advance(3)  # a task of the last two seconds makes the platform refuse its listing
    again = loop.sync(shop, sandbox)["outbox"]
    assert (again["reconciled"], again["unknown"], again["sent"]) == (1, 0, 0)
    found = shop.ok("outbox", "show", lost[0]["uid"])
    assert (found["state"], found["proof"]["by"]) == ("done", "listing")


def miss_a_drop_without_sending(shop: Shop, sandbox: SandboxProcess) -> None:
    """A drop that opens before the next sync is missed; nothing of it reaches the platform."""
    before = len(sandbox.calls(loop.ADD_TASK))
    late = loop.plan(shop, shop.cwd, opens_in_s=6, item="来不及的桂花糕")
    opens_at = shop.ok("drop", "show", late)["opens_at"]
    uids = shop.ok("drop", "confirm", late)["outbox"]
    assert uids
    time.sleep(max(0.0, opens_at / 1000 - time.time()) + 0.05)
    assert loop.sync(shop, sandbox)["outbox"]["missed"] == len(uids)
    assert {shop.ok("outbox", "show", uid)["state"] for uid in uids} == {"missed"}
    assert len(sandbox.calls(loop.ADD_TASK)) == before
    assert "来不及" not in json.dumps(sandbox.sent(), ensure_ascii=False)


def look_back(shop: Shop, drop: str) -> None:
    """Claims typed in; what was sold and earned follows from them."""
    fans = [row["fan_id"] for row in shop.ok("fans", "--limit", 2)["rows"]]
    shop.ok("drop", "claim", drop, "--fan", fans[0], "--quantity", 2, "--redeemed")
    shop.ok("drop", "claim", drop, "--fan", fans[1])
    shop.refused("drop", "claim", drop, "--fan", fans[0], code="claim_over_cap")
    result = shop.ok("drop", "show", drop)["result"]
    values = {name: result[name]["value"] for name in ("claimed", "sold", "revenue_cents", "margin_cents")}
    assert values == {"claimed": 3, "sold": 2, "revenue_cents": 3_980, "margin_cents": 2_280}
