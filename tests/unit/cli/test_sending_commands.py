"""Documents of the commands `post`, `drop` and `outbox`, through the command line's own entry."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.cli.entry import run
from desktop.composition.graph import DATABASE
from desktop.domain.clock import SystemClock
from desktop.store.database import Store
from tests.unit.outbox.world import MINUTE, PNG, World

Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """`call("posts")` gives (exit code, document); the shop has three fans and three groups."""

    def command(*words: object) -> tuple[int, dict[str, Any]]:
        code = run(["--lang", "en", "--data-dir", str(tmp_path / "data"), *map(str, words), "--json"])
        said = capsys.readouterr()
        document: dict[str, Any] = json.loads(said.out or said.err)
        return code, document

    async def people() -> None:
        clock = SystemClock()
        store = Store(tmp_path / "data" / DATABASE, clock, operator="t", device_id="d")
        await store.open()
        await World(store, clock, tmp_path / "media").people(["小满", "阿青", "老陈"])  # type: ignore[arg-type]
        await store.close()

    assert command("init", "--name", "小满鲜果", "--industry", "frequent-online")[0] == 0
    asyncio.run(people())
    return command


def file(tmp_path: Path, document: object) -> Path:
    path = tmp_path / "draft.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def in_an_hour() -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp((SystemClock().now_ms() + 60 * MINUTE) / 1000, UTC).isoformat()


def test_a_post_from_file_to_outbox(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    draft = {"title": "到货", "body": "今晚到货", "images": ["a.png"], "audience": {"all": True}}
    code, made = call("post", "draft", file(tmp_path, draft))
    assert (code, made["audience_count"], made["problems"]) == (0, 3, [])
    code, changed = call("post", "draft", file(tmp_path, {**draft, "uid": made["uid"], "body": "明晚到货"}))
    assert changed["uid"] == made["uid"]
    code, done = call("post", "confirm", made["uid"])
    assert (code, done["recipients"], len(done["outbox"])) == (0, 3, 1)
    code, error = call("post", "confirm", made["uid"])
    assert (code, error["error"]["code"]) == (1, "already_confirmed")
    _, listed = call("outbox")
    assert [row["known_code"] for row in listed["rows"]] == ["waiting_sync"]
    assert listed["rows"][0]["known"] == "Its time has come; it will be handed over at the next sync."
    _, shown = call("outbox", "show", done["outbox"][0])
    assert (shown["text"], len(shown["recipients"])) == ("明晚到货", 3)
    assert call("post", "show", made["uid"])[1]["body"] == "明晚到货"
    assert call("post", "cancel", made["uid"])[1] == {"uid": made["uid"], "cancelled": 1, "too_late": 0}
    assert call("outbox", "--state", "cancelled")[1]["total"] == 1
    assert call("posts")[1]["rows"][0]["progress"] == "cancelled"
    assert call("post", "reschedule", made["uid"], "--at", "2999-01-01T09:00")[1]["revision"] == 2


def test_a_drop_from_file_to_claims(call: Call, tmp_path: Path) -> None:
    plan = {
        "item": "车厘子",
        "price": "19.9",
        "normal_price": 39.9,
        "cost_cents": 1200,
        "stock": 5,
        "cap_per_person": 2,
        "opens_at": in_an_hour(),
        "groups": ["吃货一群", "wr2"],
        "text": "{福利}{价格}元",
    }
    code, made = call("drop", "plan", file(tmp_path, plan))
    assert (code, made["groups"], made["problems"]) == (0, 2, [])
    code, done = call("drop", "confirm", made["uid"])
    assert (code, done["groups"], done["not_after"]) == (0, 2, made["opens_at"])
    code, claim = call("drop", "claim", made["uid"], "--fan", "1", "--quantity", "2", "--redeemed")
    assert (code, claim["name"]) == (0, "小满")
    code, error = call("drop", "claim", made["uid"], "--fan", "wm1")
    assert (code, error["error"]["code"]) == (1, "claim_over_cap")
    _, shown = call("drop", "show", made["uid"])
    assert shown["result"]["margin_cents"]["value"] == 2 * (1990 - 1200)
    assert call("drop", "refund", claim["uid"])[0] == 0
    assert call("drop", "refund", claim["uid"])[1]["error"]["code"] == "claim_refunded"
    code, moved = call("drop", "reschedule", made["uid"], "--opens-at", "2999-01-01T20:00")
    assert (code, moved["state"], moved["revision"]) == (0, "draft", 2)
    assert call("drops")[1]["rows"][0]["progress"] == "draft"


def test_problems_come_as_sentences_and_block(call: Call, tmp_path: Path) -> None:
    code, made = call("drop", "plan", file(tmp_path, {"item": "车厘子", "price": 9, "stock": 0}))
    assert code == 0
    said = {problem["code"]: problem["message"] for problem in made["problems"]}
    assert said["stock_missing"] == "The stock must be above 0."
    code, error = call("drop", "confirm", made["uid"])
    assert (code, error["error"]["code"]) == (1, "confirm_blocked")
    assert "The stock must be above 0." in error["error"]["message"]
    assert call("outbox")[1]["total"] == 0


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"prise": 9}, "unknown_fields"),
        ({"price": "9.999"}, "money_invalid"),
        ({"price": "NaN"}, "money_invalid"),
        ({"price": 9, "price_cents": 900}, "money_twice"),
        ({"stock": "many"}, "field_type"),
        ({"opens_at": "soon"}, "moment_invalid"),
        ({"groups": ["nobody"]}, "group_missing"),
        ({"kind": "gift"}, "drop_kind"),
        ({"images": ["none.png"]}, "picture_missing"),
        ({"text": "a", "body": "b"}, "field_twice"),
        ([], "draft_file"),
    ],
)
def test_a_plan_that_makes_no_sense(call: Call, tmp_path: Path, document: object, code: str) -> None:
    exit_code, error = call("drop", "plan", file(tmp_path, document))
    assert (exit_code, error["error"]["code"], error["error"]["data_changed"]) == (1, code, False)
    assert call("drops")[1]["rows"] == []


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"audience": {"all": True, "who": 1}}, "unknown_fields"),
        ({"audience": {"tags": ["none"]}}, "tag_unknown"),
        ({"audience": {"tiers": ["best"]}}, "audience_invalid"),
        ({"audience": []}, "field_type"),
        ({"body": 5}, "field_type"),
        ({"uid": "nothing"}, "post_missing"),
    ],
)
def test_a_post_that_makes_no_sense(call: Call, tmp_path: Path, document: object, code: str) -> None:
    exit_code, error = call("post", "draft", file(tmp_path, document))
    assert (exit_code, error["error"]["code"]) == (1, code)


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("outbox", "--state", "lost"), "outbox_state", 1),
        (("outbox", "attest", "x"), "usage", 2),
        (("outbox", "attest", "x", "done"), "outbox_missing", 1),
        (("outbox", "cancel", "x"), "outbox_missing", 1),
        (("drop", "show", "x"), "drop_missing", 1),
    ],
)
def test_what_does_not_exist(call: Call, words: tuple[str, ...], code: str, exit_code: int) -> None:
    assert (call(*words)[0], call(*words)[1]["error"]["code"]) == (exit_code, code)


def test_an_article_and_its_version_for_customers(call: Call, tmp_path: Path) -> None:
    async def connected() -> None:
        store = Store(tmp_path / "data" / DATABASE, SystemClock(), operator="t", device_id="d")
        await store.open()
        await store.write(
            lambda tx: (
                tx.db.execute(
                    "INSERT INTO account (id, uid, platform, name, base_url, external_id, state, created_at)"
                    " VALUES (7, 'oa', 'wechat', '小满公众号', 'http://127.0.0.1:1', 'wx1', 'connected', 0)"
                )
                and None
            ),
            kind="test.act",
        )
        await store.close()

    asyncio.run(connected())
    (tmp_path / "a.png").write_bytes(PNG)
    draft = {
        "title": "冬至怎么吃",
        "body": "## 先看\n**汤圆**\n[图片 1]",
        "images": ["a.png"],
        "channel": "article",
        "account": "小满公众号",
        "article": {"cover": "a.png", "digest": "一篇讲清", "way": "publish"},
    }
    code, made = call("post", "draft", file(tmp_path, draft))
    assert (code, made["problems"]) == (0, [])
    code, boxed = call("articles", "box", made["uid"])
    assert (code, len(boxed["queued"])) == (0, 1)
    code, other = call("post", "version", made["uid"], "--account", "小店", "--channel", "mass_send")
    assert (code, other["versions"]) == (0, [made["uid"], other["uid"]])
    assert call("post", "show", other["uid"])[1]["body"] == "先看\n汤圆"
    code, confirmed = call("post", "confirm", made["uid"])
    assert (code, len(confirmed["outbox"])) == (0, 2)
    code, twice = call("post", "version", made["uid"], "--account", "小店", "--channel", "mass_send")
    assert (code != 0, twice["error"]["code"]) == (True, "version_exists")
    matrix = call("accounts", "matrix")[1]["accounts"]
    assert [(one["name"], one["sends_left"], one["people_left"]) for one in matrix] == [
        ("小店", None, 3),
        ("小满公众号", 4, None),
    ]
