"""Steps of the main loop that several tests take: connect, draft, plan, and compare with what the platform got."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from tests.sandbox_process import SandboxProcess

ADD_TASK = "externalcontact/add_msg_template"
SYNC = ("sync", "--secrets-stdin")
AGREE = ("accounts", "allow-sending", "企业微信")


class Types(Protocol):
    """Whoever types commands: cold processes or forks."""

    def ok(self, *words: object, stdin: str = "") -> dict[str, Any]: ...


def secrets(sandbox: SandboxProcess) -> str:
    return json.dumps({"corpid": sandbox.corpid, "corpsecret": sandbox.corpsecret})


def connect(owner: Types, sandbox: SandboxProcess) -> None:
    words = ("accounts", "add", "--platform", "wecom", "--name", "企业微信")
    owner.ok(*words, "--base-url", sandbox.wecom_base_url, stdin=secrets(sandbox))
    owner.ok(*AGREE)


def sync(owner: Types, sandbox: SandboxProcess) -> dict[str, Any]:
    return owner.ok(*SYNC, stdin=secrets(sandbox))


def draft(owner: Types, folder: Path, text: str = "今晚八点，{店名}补货\n第二行 & <b>不是</b>标记") -> str:
    file = folder / "post.json"
    file.write_text(
        json.dumps({"title": "上新", "text": text, "audience": {"all": True}}), encoding="utf-8"
    )
    return str(owner.ok("post", "draft", file)["uid"])


def plan(owner: Types, folder: Path, *, opens_in_s: float = 7_200, item: str = "桂圆红枣茶") -> str:
    file = folder / "drop.json"
    opens = datetime.now(UTC) + timedelta(seconds=opens_in_s)
    fields = {
        "kind": "coupon", "item": item, "price": "19.90", "normal_price": "29.90", "cost": "8.50",
        "stock": 60, "cap_per_person": 2, "opens_at": opens.isoformat(), "window_minutes": 8,
        "groups": "all", "text": "{福利} {价格}，{开始时间} 开抢，每人限 {限购} 份",
    }  # fmt: skip
    file.write_text(json.dumps(fields), encoding="utf-8")
    return str(owner.ok("drop", "plan", file)["uid"])


def items(owner: Types) -> list[dict[str, Any]]:
    """The outbox, each item with its frozen text."""
    return [owner.ok("outbox", "show", row["uid"]) for row in owner.ok("outbox")["rows"]]


def assert_the_platform_has_what_is_called_done(owner: Types, sandbox: SandboxProcess) -> None:
    """Every done item once, byte for byte, to its very recipients; and nothing else."""
    done = [item for item in items(owner) if item["state"] == "done"]
    named = {item["platform_id"]: item for item in done}
    assert len(named) == len(done)
    tasks = sandbox.sent()
    assert {task["msgid"] for task in tasks} == set(named)
    for task in tasks:
        item, received = named[task["msgid"]], json.loads(task["received"])
        assert received["text"]["content"].encode() == item["text"].encode()
        targets = received.get("external_userid") or received["chat_id_list"]
        wanted = [row for row in item["recipients"] if row["target_external_id"] in targets]
        assert len(targets) == len(set(targets)) == len(wanted)
