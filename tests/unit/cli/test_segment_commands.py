"""Commands of saved audiences through the command line's own entry, on a random shop."""

from __future__ import annotations

import asyncio
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.cli.entry import run
from desktop.composition.graph import DATABASE
from desktop.domain.clock import SystemClock
from desktop.store.database import Store
from tests.unit import shopfloor as floor

Call = Callable[..., dict[str, Any]]
AGREED = {"all": [{"is": "consent", "consents": ["agreed"]}]}


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.chdir(tmp_path)

    def command(*words: object, fails: str = "") -> dict[str, Any]:
        code = run(["--lang", "en", "--data-dir", str(tmp_path / "data"), *map(str, words), "--json"])
        said = capsys.readouterr()
        document: dict[str, Any] = json.loads(said.out or said.err)
        assert (code == 0) is not bool(fails), document
        if fails:
            assert document["error"]["code"] == fails, document
        return document

    async def fill() -> None:
        store = Store(tmp_path / "data" / DATABASE, SystemClock(), operator="t", device_id="d")
        await store.open()

        def work(tx: Any) -> None:
            ids = [
                floor.fan(tx, f"客{n}", phone=phone)
                for n, phone in enumerate(
                    ("13812341234", "+8613812341235", None, "13812341237", "13812341238", "02112345678")
                )
            ]
            floor.tag(tx, "爱喝茶", ids[:3])
            tx.db.execute("UPDATE fan SET marketing = 'agreed' WHERE id <> ?", (ids[3],))
            tx.db.execute("INSERT INTO suppression (fan_id, channel, at) VALUES (?, '', 0)", (ids[4],))
            floor.order(tx, ids[0], tx.now_ms - 1_000, 9_900, items=("Tea",))

        await store.write(work, kind=None)
        await store.close()

    command("init", "--name", "茶铺", "--industry", "frequent-online")
    asyncio.run(fill())
    return command


def rule_file(tmp_path: Path, document: Any, name: str = "rule.json") -> str:
    (tmp_path / name).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return name


def test_an_audience_is_counted_saved_explained_and_changed(call: Call, tmp_path: Path) -> None:
    rule = {
        "all": [
            {"is": "tags", "tags": ["爱喝茶"], "match": "any"},
            {"any": [{"is": "spend", "least": 5_000, "days": 30}, {"is": "orders", "most": 0}]},
        ]
    }
    counted = call("segment", "count", rule_file(tmp_path, rule))
    assert (counted["total"], counted["sample"][0], counted["over_quota"]) == (3, "客0", None)
    assert counted["sentence"] == (
        "Fans who carry any of the tags 爱喝茶 and "
        "(spent at least ¥50 in the last 30 days or ordered at most 0 times ever)"
    )
    listed = call("segment", "list", "rule.json", "--limit", 2)
    assert (listed["total"], len(listed["rows"]), listed["sentence"]) == (3, 2, counted["sentence"])
    rest = call("segment", "list", "rule.json", "--offset", 2)["rows"]
    assert {row["name"] for row in (*listed["rows"], *rest)} == set(counted["sample"])
    made = call("segment", "save", "rule.json", "--name", "茶客")
    assert made["is_new"]
    assert call("segment", "save", "rule.json", "--name", "茶客") == {**made, "is_new": False}
    why = call("segment", "why", "茶客", 2)
    assert why["belongs"]
    assert [each["holds"] for each in why["conditions"]] == [True, False, True]
    shown = call("segment", "show", "茶客")
    assert (shown["size"], [day["joined"] for day in shown["days"]]) == (3, [None])
    assert call("segment", "freeze", "茶客")["size"] == 3
    call("fan", "tag", 4, "爱喝茶")
    assert [row["size"] for row in call("segment", "list")["rows"]] == [3]
    call("segment", "thaw", "茶客")
    assert [row["size"] for row in call("segment", "list")["rows"]] == [4]
    call("segment", "remove", "茶客")
    assert call("segment", "list")["total"] == 0
    removed = next(row for row in call("log")["rows"] if row["kind"] == "segment.remove")
    call("undo", removed["uid"])
    assert call("segment", "list")["total"] == 1


def test_overlaps_count_everybody_once(call: Call, tmp_path: Path) -> None:
    call("segment", "save", rule_file(tmp_path, AGREED, "a.json"), "--name", "同意的")
    tea = {"all": [{"is": "tags", "tags": ["爱喝茶"]}]}
    call("segment", "save", rule_file(tmp_path, tea, "b.json"), "--name", "茶客")
    found = call("segment", "overlap", "同意的", "茶客")
    assert [each["size"] for each in found["segments"]] == [5, 3]
    assert {tuple(each["in"]): each["size"] for each in found["regions"]} == {
        ("同意的",): 2,
        ("同意的", "茶客"): 3,
    }
    call("segment", "overlap", "茶客", fails="segment_overlap")


@pytest.mark.parametrize(
    ("preset", "hashed"),
    [("ocean_md5", hashlib.md5), ("ocean_sha256", hashlib.sha256), ("tencent_md5", hashlib.md5)],
)
def test_a_list_holds_only_who_agreed(
    call: Call, tmp_path: Path, preset: str, hashed: Callable[[bytes], Any]
) -> None:
    name = rule_file(tmp_path, {"not": {"all": []}}, "全部.json")
    call(
        "segment",
        "export",
        name,
        "--to",
        "out",
        "--preset",
        preset,
        "--purpose",
        "茶季投放",
        fails="segment_incomplete",
    )
    everyone = {"any": [{"is": "suppressed", "value": True}, {"is": "suppressed", "value": False}]}
    rule_file(tmp_path, everyone, name)
    done = call(
        "segment", "export", name, "--to", tmp_path / "out", "--preset", preset, "--purpose", "茶季投放"
    )
    assert (done["rows"], done["left_out"]) == (2, {"suppressed": 1, "not_agreed": 1, "no_phone": 2})
    content = (tmp_path / "out").read_bytes()
    assert done["sha256"] == hashlib.sha256(content).hexdigest()
    if preset == "tencent_md5":
        with zipfile.ZipFile(tmp_path / "out") as archive:
            content = archive.read("phones_md5.txt")
    assert content.decode() == "".join(
        f"{hashed(phone).hexdigest()}\n" for phone in (b"13812341234", b"13812341235")
    )
    assert [row["purpose"] for row in call("segment", "handovers")["rows"]] == ["茶季投放"]


def test_a_list_that_cannot_be_written_is_not_logged(call: Call, tmp_path: Path) -> None:
    name = rule_file(tmp_path, AGREED, "同意.json")
    words = ("segment", "export", name, "--preset", "wechat_pay")
    call(*words, "--to", tmp_path / "x.csv", "--purpose", "太短", fails="handover_purpose")
    reason = "给会员发放品牌红包，活动时间为十二月上旬"
    call(*words, "--to", tmp_path / "nowhere" / "x.csv", "--purpose", reason, fails="store_read_only")
    assert call("segment", "handovers")["total"] == 0
    nobody = rule_file(tmp_path, {"all": [{"is": "consent", "consents": ["refused"]}]}, "拒绝.json")
    call(
        "segment",
        "export",
        nobody,
        "--preset",
        "wechat_pay",
        "--to",
        "x.csv",
        "--purpose",
        reason,
        fails="handover_nobody",
    )
    assert not list(tmp_path.glob("*.csv"))
    call("segment", "show", "没有", fails="segment_missing")
    call("segment", "count", rule_file(tmp_path, {"all": [{"is": "zodiac"}]}), fails="segment_invalid")


def test_a_post_goes_to_a_saved_audience(call: Call, tmp_path: Path) -> None:
    made = call("segment", "save", rule_file(tmp_path, AGREED), "--name", "同意的")
    draft = {"title": "上新", "text": "新茶到了", "audience": {"segment": "同意的"}}
    saved = call("post", "draft", rule_file(tmp_path, draft, "post.json"))
    assert saved["audience"]["total"] == 5
    assert call("post", "show", saved["uid"])["audience"] == {"segment": made["segment"]}


def test_hashes_are_the_published_ones() -> None:
    """RFC 1321 and FIPS 180-4 name these for the digits of no phone; phones are hashed the same way."""
    from desktop.domain import handover

    assert handover.md5(
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890"
    ) == ("57edf4a22be3c955ac49da2e2107b67a")
    assert handover.sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
