"""Every platform through the command line, each command a process: connected, synchronised, written to."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.sync.shell import Shop
from tests.sync.test_douyin_writes import painted

SECRETS = {
    "wechat": ("appid", "secret"),
    "douyin": ("client_key", "client_secret", "life_account_id"),
    "doudian": ("app_key", "app_secret", "shop_id"),
}


@pytest.fixture(scope="module")
def world() -> Iterator[SandboxProcess]:
    with running_sandbox(fans=40, staff=2, groups=2) as process:
        yield process


@pytest.fixture
def doors(tmp_path: Path, world: SandboxProcess) -> Iterator[Shop]:
    """A shop with an account at each of the three; their secrets are taken back at the end."""
    shop = Shop(tmp_path / "shop", world)
    shop.run("init", "--name", "小满", "--industry", "frequent-online")
    added = []
    for platform, fields in SECRETS.items():
        given = world.platform(platform)
        secrets = {("appsecret" if name == "secret" else name): given[name] for name in fields}
        if platform == "douyin":
            secrets["redirect_uri"] = "http://127.0.0.1:8765/douyin"
        told = shop.run(
            *(
                "accounts",
                "add",
                "--platform",
                platform,
                "--name",
                platform,
                "--base-url",
                given["base_url"],
            ),
            given=json.dumps(secrets),
        )
        added.append(told["account"])
    yield shop
    for uid in added:
        shop.run("accounts", "remove", uid)


def test_each_door_is_opened_read_and_written_to(doors: Shop, tmp_path: Path) -> None:
    page = doors.run("accounts", "authorise", "douyin")
    assert page["authorised"] is False
    assert page["url"].startswith("http")
    code = doors.sandbox.platform("douyin")["code"]
    assert doors.run("accounts", "authorise", "douyin", "--code", code)["authorised"] is True
    first = doors.run("sync")
    assert {one["outcome"] for one in first["accounts"]} == {"ok"}, first
    seen = {row["platform"]: row for row in doors.run("accounts", "matrix")["accounts"]}
    assert set(seen) == set(SECRETS)
    assert seen["wechat"]["fans"] > 30
    assert all(row["last_sync_at"] for row in seen.values())
    order = doors.rows("SELECT id FROM \"order\" WHERE platform = 'doudian' ORDER BY id LIMIT 1")[0][0]
    group = doors.rows("SELECT id FROM fan_group ORDER BY id LIMIT 1")[0][0]
    picture = str(painted(tmp_path / "a.png", 1))
    queued = [
        doors.run("orders", "note", str(order), "--text", "老客，加赠品", "--star", "2"),
        doors.run("group", "say", str(group), "--text", "今晚八点补货"),
        doors.run("group", "create", "--like", str(group), "--name", "新品群", "--text", "第一时间上新"),
        doors.run("videos", "publish", "--account", "douyin", "--text", "上新", "--picture", picture),
    ]
    said = next(
        one for one in doors.run("comments", "list", "--open")["comments"] if one["platform"] == "douyin"
    )
    article = next(one for one in doors.run("articles", "list")["articles"] if one["comments_can_be_read"])
    queued += [
        doors.run("comments", "reply", said["id"], "--text", "主页橱窗里有"),
        doors.run("comments", "elect", said["id"]),
        doors.run("comments", "close", article["id"]),
    ]
    for name in SECRETS:
        doors.run("accounts", "allow-sending", name)
    again = doors.run("sync")
    assert {one["outcome"] for one in again["accounts"]} == {"ok"}, again
    items = {row["uid"]: row["state"] for row in doors.run("outbox")["rows"]}
    assert [items[one["queued"][0]] for one in queued] == ["done"] * 7
    assert doors.count("SELECT count(*) FROM fan_group WHERE name = '新品群' AND picture <> ''") == 1
    assert [row["text"] for row in doors.run("group", "texts", str(group))["texts"]] == ["今晚八点补货"]
    assert "上新" in {row["title"] for row in doors.run("videos", "list")["videos"]}
