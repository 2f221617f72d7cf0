"""Documents of the commands of people, boards and upkeep, through the command line's own entry."""

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
from desktop.store.engine import sqlite3
from desktop.store.tiers import tiers
from tests.unit import shopfloor as floor

Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """`call("fans", "--limit", 3)` gives (exit code, document)."""

    def command(*words: object) -> tuple[int, dict[str, Any]]:
        code = run(["--lang", "en", "--data-dir", str(tmp_path / "data"), *map(str, words), "--json"])
        said = capsys.readouterr()
        document: dict[str, Any] = json.loads(said.out or said.err)
        return code, document

    assert command("init", "--name", "小满鲜果", "--industry", "frequent-online")[0] == 0
    return command


@pytest.fixture
def people(call: Call, tmp_path: Path) -> Path:
    async def work() -> None:
        store = Store(tmp_path / "data" / DATABASE, SystemClock(), operator="t", device_id="d")
        await store.open()

        def fill(tx: Any) -> None:
            first = floor.fan(tx, "林小满", phone="13812341234", key=("wecom", "corp", "wm0012345"))
            second = floor.fan(tx, "王芳")
            floor.fan(tx, "赵六")
            floor.order(tx, first, floor.at("2026-02-01"), 450_000, refund=20_000, number="0001")
            floor.order(tx, second, floor.at("2026-03-01"), 20_000)
            floor.touch(tx, second, "referral", floor.at("2026-03-02"), 2)
            floor.tag(tx, "爱吃梨", [second])
            grp = floor.group(tx, "尝鲜群")
            floor.member(tx, grp, "wm0012345", identity=1, joined=floor.at("2026-03-01"))
            tiers.recompute(tx, tiers.everybody(tx.db), floor.at("2026-05-20"))

        await store.write(fill, kind="test.fill")
        await store.close()

    asyncio.run(work())
    return tmp_path


def test_fans_as_documents(call: Call, people: Path) -> None:
    code, found = call("fans")
    assert (code, found["total"]) == (0, 3)
    first = found["rows"][0]
    assert (first["fan_id"], first["name"], first["tier"]) == ("1", "林小满", "favorable")
    assert (first["orders"], first["spend_cents"], first["refund_cents"]) == (1, 430_000, 20_000)
    assert first["identities"][0] == {
        "platform": "wecom",
        "scope": "corp",
        "external_id": "wm0012345",
        "left": False,
    }
    assert first["phone_masked"] == "138****1234"
    assert "13812341234" not in json.dumps(found)
    assert first["last_order_at"] == floor.at("2026-02-01")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("--search", "lxm"), ["林小满"]),
        (("--search", "41234"), ["林小满"]),
        (("--tier", "favorable"), ["林小满", "王芳"]),
        (("--tag", "爱吃梨"), ["王芳"]),
        (("--tag", "没有"), []),
        (("--group", 1), ["林小满"]),
        (("--sort", "name"), ["林小满", "王芳", "赵六"]),
        (("--sort", "name", "--desc"), ["赵六", "王芳", "林小满"]),
        (("--sort", "spend_cents", "--asc"), ["赵六", "王芳", "林小满"]),
        (("--sort", "last_order_at"), ["王芳", "林小满", "赵六"]),
        (("--limit", 1, "--offset", 1), ["王芳"]),
        (("--limit", 0), []),
    ],
)
def test_fans_filtered_sorted_and_paged(
    call: Call, people: Path, words: tuple[object, ...], names: list[str]
) -> None:
    code, found = call("fans", *words)
    assert code == 0
    assert [row["name"] for row in found["rows"]] == names


def test_one_fan_with_timeline_and_reasons(call: Call, people: Path) -> None:
    code, found = call("fans", "show", 2)
    assert (code, found["name"], found["tags"]) == (0, "王芳", ["爱吃梨"])
    assert {entry["kind"] for entry in found["timeline"]} == {"order", "referral", "tag", "tier_first"}
    assert found["tier_reasons"]
    assert [order["order_no"] for order in found["recent_orders"]] == ["O000002"]


def test_tags_and_notes_are_changed_logged_and_undone(call: Call, people: Path) -> None:
    assert call("fan", "tag", 1, "老顾客") == (0, {"added": 1})
    assert call("fan", "note", 1, "=喜欢酥梨")[1]["note"] == "=喜欢酥梨"
    code, log = call("log", "--limit", 2)
    assert (code, [row["kind"] for row in log["rows"]]) == (0, ["fan.note", "fan.tag_add"])
    assert call("undo", log["rows"][1]["uid"]) == (
        0,
        {"undone": log["rows"][1]["uid"], "kind": "fan.tag_add"},
    )
    assert call("fans", "show", 1)[1]["tags"] == []
    call("fan", "tag", 1, "老顾客")
    assert call("fan", "tag", 1, "老顾客", "--remove") == (0, {"removed": 1})
    assert call("fan", "tag", 1, "老顾客", "--remove") == (0, {"removed": 0})


def test_groups_as_documents(call: Call, people: Path) -> None:
    code, found = call("groups")
    assert (code, found["total"]) == (0, 1)
    assert (found["rows"][0]["group_id"], found["rows"][0]["health"]) == ("1", "no_data")
    code, one = call("groups", "show", 1)
    assert (one["members"][0]["fan_id"], one["members"][0]["spend_cents"]) == ("1", 430_000)
    assert len(one["weeks"]) == 12


def test_the_super_board_as_the_contract_of_the_command_line_says(call: Call, people: Path) -> None:
    code, board = call("rank", "--board", "super", "--as-of", "2026-05-20")
    assert code == 0
    assert board["window"] == {"from": "2025-05-21", "to": "2026-05-20"}
    assert (board["buyers"], board["super_users"], board["threshold_cents"]) == (2, 1, 430_000)
    assert board["share_of_sales"] == pytest.approx(43 / 45)
    assert board["multiple"] == pytest.approx(21.5)
    assert board["rows"][0] == {
        "rank": 1,
        "fan_id": "1",
        "name": "林小满",
        "external_ids": ["wm0012345"],
        "tier": "favorable",
        "orders": 1,
        "spend_cents": 430_000,
        "refund_cents": 20_000,
        "is_super": True,
        "score": 430_000,
        "parts": {"paid_cents": 450_000, "refund_cents": 20_000},
    }
    assert len(call("rank", "--top", 1, "--as-of", "2026-05-20")[1]["rows"]) == 1
    assert call("rank", "--as-of", "2026-02-27")[1]["buyers"] == 1


def test_the_koc_board_and_an_explanation(call: Call, people: Path) -> None:
    code, board = call("rank", "--board", "koc", "--as-of", "2026-05-20")
    assert (code, [row["name"] for row in board["rows"]]) == (0, ["王芳", "林小满"])
    assert board["no_data"] == ["content", "help", "live"]
    assert board["rows"][0]["parts"]["live"] is None
    assert 0 < board["rows"][0]["parts"]["referrals"] < 100
    code, opened = call("rank", "--board", "koc", "--explain", 2, "--as-of", "2026-05-20")
    assert (opened["rank"], opened["score"]) == (1, board["rows"][0]["score"])
    assert [event["counted"] for event in opened["events"]["referrals"]] == [2]
    assert (
        call("rank", "--explain", 1, "--as-of", "2026-05-20")[1]["events"]["spend"][0]["cents"] == 430_000
    )


def test_backup_restore_and_check(call: Call, people: Path) -> None:
    target = people / "备份.db"
    code, made = call("backup", "--to", target)
    assert (code, made["verified"], made["fans"]) == (0, True, 3)
    call("fan", "note", 1, "之后")
    code, restored = call("restore", target)
    assert (code, restored["held"], restored["unknown"], restored["fans"]) == (0, 0, 0, 3)
    assert Path(restored["kept"]).is_file()
    assert call("fans", "show", 1)[1]["note"] == ""
    assert call("log")[1]["rows"][0]["kind"] == "shop.restore"
    code, checked = call("check")
    assert (code, checked["ok"], checked["counts"]["fan"]) == (0, True, 3)
    conn = sqlite3.connect(str(people / "data" / DATABASE))
    conn.execute("UPDATE fan_stats SET orders = 7 WHERE fan_id = 1")
    conn.commit()
    conn.close()
    code, checked = call("check")
    assert (code, checked["ok"]) == (1, False)
    assert checked["findings"] == [{"code": "fan_stats", "n": 1, "rows": [1], "detail": ""}]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("fans", "show", "99"), "fan_missing"),
        (("fans", "show", "abc"), "id_invalid"),
        (("fans", "show"), "id_invalid"),
        (("fans", "--limit", "-1"), "usage"),
        (("fans", "--sort", "luck"), "usage"),
        (("groups", "show", "9"), "group_missing"),
        (("fan", "note", "9", "x"), "fan_missing"),
        (("fan", "tag", "1", " "), "tag_name_invalid"),
        (("rank", "--as-of", "2026-02-30"), "day_invalid"),
        (("rank", "--top", "0"), "usage"),
        (("rank", "--explain", "99"), "fan_missing"),
        (("undo", "x"), "operation_missing"),
        (("restore", "/nowhere.db"), "restore_file_missing"),
    ],
)
def test_failures_are_error_documents(call: Call, people: Path, words: tuple[str, ...], code: str) -> None:
    exit_code, found = call(*words)
    assert exit_code != 0
    assert found["error"]["code"] == code
    assert found["error"]["data_changed"] is False
    assert code == "usage" or "{" not in found["error"]["message"]  # every placeholder was filled


def test_tiers_are_explained_tried_and_saved(call: Call, people: Path) -> None:
    code, told = call("tier", "explain", 1)
    assert (code, told["tier"], told["name"]) == (0, "passerby", "林小满")
    assert told["sentence"] == "Passerby because of Connected: a contact, group member or follower"
    assert [(row["from"], row["to"]) for row in told["history"]] == [(None, "favorable")]
    rules = call("tier", "rules")[1]
    assert (rules["is_own"], set(rules["in_words"])) == (False, {"devoted", "favorable", "passerby"})
    assert rules["in_words"]["devoted"][0] == "at least 3 orders in the last 180 days"
    file = people / "rules.json"
    changed = rules["rules"] | {
        "tiers": {"devoted": [], "favorable": [[{"what": "orders", "at_least": 1, "days": 3650}]]}
    }
    file.write_text(json.dumps(changed), encoding="utf-8")
    matrix = call("tier", "preview", file)[1]
    assert sum(sum(row.values()) for row in matrix["matrix"].values()) == 3
    assert matrix["matrix"]["favorable"]["favorable"] == 2
    assert call("tier", "save", file)[1] == {"moved": matrix["moved"]}
    assert call("tier", "rules")[1]["is_own"] is True
    flow = call("tier", "flow", "--days", 3)[1]
    for row in flow["rows"]:
        for size in row["tiers"].values():
            assert size["opening"] + size["came"] - size["left"] == size["closing"]
    assert flow["rows"][-1]["tiers"]["favorable"]["closing"] == 2
    assert call("tier", "save", "--shipped")[0] == 0
    assert call("tier", "pin", 3, "devoted", "--until", "2999-01-01")[1]["fans"] == 1
    assert call("tier", "explain", 3)[1]["pinned"] == "devoted"
    assert call("tier", "unpin", 3)[1]["fans"] == 1
    assert call("tier", "save")[1]["error"]["code"] == "usage"
    assert call("tier", "save", file, "--shipped")[1]["error"]["code"] == "usage"


def test_own_tags_are_dressed_ruled_merged_and_looked_over(call: Call, people: Path) -> None:
    call("tags", "add", "常客")
    assert call("tags", "dress", "常客", "--group", "购买", "--colour", "good")[1]["colour"] == "good"
    file = people / "rule.json"
    file.write_text('{"all": [{"is": "orders", "least": 1}]}', encoding="utf-8")
    assert call("tags", "rule", "常客", file)[1]["by_rule"] == 2
    row = next(row for row in call("tags", "list")[1]["rows"] if row["name"] == "常客")
    assert (row["fans"], row["has_rule"], row["group"]) == (2, True, "购买")
    assert call("tags", "refresh")[1] == {"changed": 0}
    assert call("tags", "rule", "常客")[1]["by_rule"] == 0
    assert call("tags", "overview")[1]["nobody"] == ["常客"]
    assert call("tags", "merge", "爱吃梨", "常客")[1]["added"] == 1
    assert call("tags", "merge", "爱吃梨", "常客")[1]["error"]["code"] == "tag_missing"
    assert call("tags", "push", "常客", "--group", "购买")[1]["error"]["code"] == "account_missing"


def test_words_about_being_reached(call: Call, people: Path, tmp_path: Path) -> None:
    code, told = call(
        "consent", "note", 1, "refused", "--channel", "sms", "--day", "2026-02-03", "--source", "counter"
    )
    assert code == 0
    word = told["consents"][0]
    assert (word["said"], word["channel"], word["purpose"], word["source"], word["counts"]) == (
        "refused",
        "sms",
        "marketing",
        "counter",
        True,
    )
    assert word["at"] == floor.at("2026-02-03", 0)
    assert call("quiet", 1, "--channel", "call")[1]["quiet"] == ["call"]
    assert call("quiet", 1, "--channel", "call", "--off")[1]["quiet"] == []
    assert call("consent", "child", 1)[1]["under_14"] is True
    assert call("consent", "show", 1)[1]["under_14"] is True
    code, refused = call("consent", "note", 1, "agreed", "--proof-file", tmp_path / "none")
    assert (code != 0, refused["error"]["code"]) == (True, "consent_proof")


def test_a_person_gets_what_is_kept_of_them(call: Call, people: Path, tmp_path: Path) -> None:
    target = tmp_path / "who.json"
    code, done = call("export", "person", 1, target)
    assert (code, done["rows"]["orders"], done["rows"]["groups"]) == (0, 1, 1)
    told = json.loads(target.read_text(encoding="utf-8"))
    assert (told["person"][0]["phone"], told["orders"][0]["order_no"]) == ("13812341234", "0001")
    assert "王芳" not in target.read_text(encoding="utf-8")
    assert call("log")[1]["rows"][0]["kind"] == "fan.export_person"
    code, failed = call("export", "person", 1, tmp_path / "who.txt")
    assert (code, failed["error"]["code"]) == (1, "export_kind_person")
