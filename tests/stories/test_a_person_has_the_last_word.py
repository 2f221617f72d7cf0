"""Somebody says no while a send waits, asks for what is kept of them, is taken out, and stays out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import loop
from tests.e2e.command_line import Shop, new_shop
from tests.sandbox_process import SandboxProcess, running_sandbox

FRIENDS = 12


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_no_stops_what_waits_and_who_left_is_not_brought_back(tmp_path: Path) -> None:
    shop = new_shop(tmp_path)
    with running_sandbox(fans=FRIENDS, staff=2, groups=2) as sandbox:
        loop.connect(shop, sandbox)
        loop.sync(shop, sandbox)
        fans = people(shop)
        post = loop.draft(shop, shop.cwd)
        assert shop.ok("post", "confirm", post)["recipients"] == FRIENDS
        outside = min(friends_named(shop))
        who = fans[outside]["fan_id"]
        say_no_while_a_send_waits(shop, sandbox, who, outside)
        ask_for_what_is_kept(shop, who, fans[outside]["name"])
        leave_for_good(shop, sandbox, who, outside)
        assert set(people(shop)) == {*fans, "new1"} - {outside}
        shop.ok("accounts", "remove", "企业微信")
    purge_what_the_platform_brought(shop, len(fans) - 1)
    assert shop.is_whole()


def people(shop: Shop) -> dict[str, dict[str, Any]]:
    """The directory by the id that each brought along."""
    rows = shop.ok("fans", "--limit", 1_000)["rows"]
    return {row["identities"][0]["external_id"]: row for row in rows}


def friends_named(shop: Shop) -> set[str]:
    """Everybody a queued send is meant for."""
    return {one["target_external_id"] for item in loop.items(shop) for one in item["recipients"]}


def reached(sandbox: SandboxProcess) -> set[str]:
    """Everybody a task at the platform names."""
    return {one for task in sandbox.sent() for one in json.loads(task["received"])["external_userid"]}


def say_no_while_a_send_waits(shop: Shop, sandbox: SandboxProcess, who: str, outside: str) -> None:
    proof = shop.cwd / "聊天截图.jpg"
    proof.write_bytes(b"a picture")
    words = ("consent", "note", who, "refused", "--source", "微信聊天", "--wording", "还想收到上新吗")
    said = shop.ok(*words, "--proof-file", proof)
    (word,) = [one for one in said["consents"] if one["counts"]]
    assert (word["said"], word["source"], word["wording"]) == ("refused", "微信聊天", "还想收到上新吗")
    assert len(word["proof_sha256"]) == 64
    assert said["waiting"]
    assert not any(one["may_go"] for one in said["waiting"])
    loop.sync(shop, sandbox)
    assert outside not in reached(sandbox)
    assert len(reached(sandbox)) == FRIENDS - 1
    assert shop.ok("post", "confirm", loop.draft(shop, shop.cwd, "明晚再来"))["recipients"] == FRIENDS - 1


def ask_for_what_is_kept(shop: Shop, who: str, name: str) -> None:
    file = shop.cwd / "给本人.json"
    shop.ok("export", "person", who, file)
    kept = file.read_text(encoding="utf-8")
    assert name in kept
    assert "还想收到上新吗" in kept
    assert json.loads(kept)


def leave_for_good(shop: Shop, sandbox: SandboxProcess, who: str, outside: str) -> None:
    assert shop.ok("erase", who)["done"] is False
    done = shop.ok("erase", who, "--yes")
    assert (done["done"], done["clean"], done["traces"]) == (True, True, [])
    shop.refused("fans", "show", who, code="fan_missing")
    loop.sync(shop, sandbox)
    file, known = shop.cwd / "粉丝.csv", f"{outside},又来了,wecom"
    rows = [f"{known},", f"{known},{sandbox.corpid}", "new1,新人,,"]  # with and without the account
    file.write_text("\n".join(["fan_id,name,platform,source_account", *rows]), encoding="utf-8")
    done = shop.ok("import", file, "--source", "generic_fans")
    assert (done["erased"], done["new_fans"]) == (2, 1)
    assert outside not in shop.log()


def purge_what_the_platform_brought(shop: Shop, brought: int) -> None:
    planned = shop.ok("purge", "wecom")
    assert (planned["done"], planned["people"]) == (False, brought)
    assert shop.ok("purge", "wecom", "--yes")["done"] is True
    assert list(people(shop)) == ["new1"]
