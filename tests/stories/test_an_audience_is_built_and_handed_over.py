"""Contacts and orders come from files; audiences are counted, kept, compared, followed by day, handed over."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.stories.conftest import Owner

TEA = {"is": "bought", "words": "茶", "least": 1}
# buyer id: phone, agreed, tags, orders (day, item)
PEOPLE: dict[str, tuple[str, str, str, tuple[tuple[str, str], ...]]] = {
    "a": ("13800000001", "是", "老客", (("2026-05-01", "白茶"), ("2026-03-01", "红茶"))),
    "b": ("13800000002", "是", "老客", (("2026-05-10", "白茶"),)),
    "c": ("", "是", "", (("2026-05-11", "绿茶"),)),
    "d": ("13800000004", "否", "老客", (("2026-05-12", "红茶"),)),
    "e": ("13800000005", "", "", (("2026-05-13", "白茶"),)),
    "f": ("057188880000", "是", "", (("2026-05-14", "白茶"),)),
    "g": ("13800000007", "是", "老客", (("2025-11-01", "红茶"),)),
    "h": ("13800000008", "是", "", (("2026-05-15", "挂面"),)),
    "i": ("13800000009", "是", "", ()),
    "j": ("13800000010", "是", "", (("2026-05-16", "白茶"),)),
}
RECENT = {"all": [TEA, {"is": "date", "what": "last_order", "way": "within", "days": 30}]}
REASON = "给同意收到消息的茶客投放五月新茶，活动到月底"


@pytest.fixture
def ids(owner: Owner) -> dict[str, str]:
    """The shop of PEOPLE; `j` asked to be left alone."""
    contacts = [
        (key, f"客{key}", phone, tags, agreed) for key, (phone, agreed, tags, _orders) in PEOPLE.items()
    ]
    owner.ok(
        "import",
        owner.table("客户.csv", ("fan_id", "name", "phone", "tags", "consent"), contacts),
        "--source",
        "generic_fans",
    )
    orders = [
        (f"O{key}{at}", key, f"{day} 12:00", "50", item)
        for key, (_phone, _agreed, _tags, bought) in PEOPLE.items()
        for at, (day, item) in enumerate(bought)
    ]
    owner.ok(
        "import", owner.table("订单.csv", ("order_id", "buyer_id", "paid_at", "amount", "item"), orders)
    )
    found = owner.ids()
    owner.ok("quiet", found["j"], "--reason", "说过别再发")
    return found


def keep(owner: Owner, name: str, rule: dict[str, Any]) -> None:
    owner.ok("segment", "save", owner.file("rule.json", rule), "--name", name)


def members(owner: Owner, name: str) -> set[str]:
    rows = owner.ok("fans", "--segment", name, "--limit", 100)["rows"]
    return {row["identities"][0]["external_id"] for row in rows}


def test_a_nested_rule_is_counted_told_and_split_by_who_may_be_reached(
    owner: Owner, ids: dict[str, str]
) -> None:
    rule = {
        "all": [
            {"any": [RECENT, {"is": "tags", "tags": ["老客"], "match": "all"}]},
            {"not": {"is": "bought", "words": "挂面", "least": 1}},
            {"is": "phone", "value": True},
        ]
    }
    found = owner.ok("segment", "count", owner.file("rule.json", rule))
    assert (found["total"], found["refused"], found["never_asked"], found["suppressed"]) == (6, 1, 1, 1)
    assert found["sentence"] == (
        "Fans who ((bought “茶” at least 1 times ever and have “last order” in the last 30 days) or carry all of"
        " the tags 老客) and not (bought “挂面” at least 1 times ever) and have a whole mobile number"
    )
    keep(owner, "茶客", rule)
    assert members(owner, "茶客") == set("abdegj")
    why = owner.ok("segment", "why", "茶客", ids["f"])
    assert not why["belongs"]
    assert {"is": "phone", "value": True} in [
        each["rule"] for each in why["conditions"] if not each["holds"]
    ]


def test_a_living_audience_follows_the_days_and_a_frozen_one_does_not(
    owner: Owner, ids: dict[str, str]
) -> None:
    keep(owner, "近来", RECENT)
    keep(owner, "当时", RECENT)
    owner.ok("segment", "freeze", "当时")
    assert members(owner, "近来") == members(owner, "当时") == set("abcdefj")
    owner.ok("segment", "list")
    owner.pass_days(20)
    new = [("N1", "i", "2026-06-09 11:00", "50", "白茶")]
    owner.ok("import", owner.table("新.csv", ("order_id", "buyer_id", "paid_at", "amount", "item"), new))
    assert members(owner, "近来") == set("cdefij")  # the days begin with 11 May
    assert members(owner, "当时") == set("abcdefj")
    last = owner.ok("segment", "show", "近来")["days"][-1]
    assert (last["day"], last["size"], last["joined"], last["gone"]) == ("2026-06-09", 6, 1, 2)


def test_five_audiences_lie_over_each_other_and_everybody_counts_once(
    owner: Owner, ids: dict[str, str]
) -> None:
    rules = {
        "买茶": TEA,
        "老客": {"is": "tags", "tags": ["老客"]},
        "同意": {"is": "consent", "consents": ["agreed"]},
        "有号": {"is": "phone"},
        "多次": {"is": "orders", "least": 2},
    }
    for name, rule in rules.items():
        keep(owner, name, {"all": [rule]})
    found = owner.ok("segment", "overlap", *rules)
    assert {tuple(each["in"]): each["size"] for each in found["regions"]} == {
        ("买茶", "老客", "同意", "有号", "多次"): 1,
        ("买茶", "老客", "同意", "有号"): 2,
        ("买茶", "老客", "有号"): 1,
        ("买茶", "同意"): 2,
        ("买茶", "有号"): 1,
        ("买茶", "同意", "有号"): 1,
        ("同意", "有号"): 2,
    }
    assert owner.refused("segment", "overlap", *rules, "第六") == "segment_overlap"


@pytest.mark.parametrize(
    ("preset", "hashed"),
    [
        ("ocean_md5", hashlib.md5),
        ("ocean_sha256", hashlib.sha256),
        ("tencent_md5", hashlib.md5),
        ("wechat_pay", hashlib.md5),
    ],
)
def test_a_list_holds_who_agreed_and_has_a_phone_and_its_leaving_is_written_down(
    owner: Owner, ids: dict[str, str], preset: str, hashed: Any
) -> None:
    keep(owner, "近来", RECENT)
    leave = ("segment", "export", "近来", "--preset", preset, "--to", "名单", "--purpose")
    if preset == "wechat_pay":
        assert owner.refused(*leave, "投放") == "handover_purpose"
        assert not Path("名单").exists()
    done = owner.ok(*leave, REASON)
    assert done["rows"] == 2
    assert done["left_out"] == {"suppressed": 1, "refused": 1, "not_agreed": 1, "no_phone": 2}
    content = Path("名单").read_bytes()
    assert done["sha256"] == hashlib.sha256(content).hexdigest()
    if preset == "tencent_md5":
        with zipfile.ZipFile("名单") as archive:
            (inner,) = archive.namelist()
            content = archive.read(inner)
    wanted = {hashed(phone).hexdigest() for phone in (b"13800000001", b"13800000002")}
    assert content.endswith(b"\n")
    assert sorted(content.decode("ascii").splitlines()) == sorted(wanted)
    (logged,) = owner.ok("segment", "handovers")["rows"]
    assert (logged["purpose"], logged["rows"], logged["at"]) == (REASON, 2, owner.clock.now_ms())
    assert logged["operator"]
