"""Fans come from files; each says why it is in its tier and until when; other rules are tried before they hold."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from desktop.domain.fans import Tier
from tests.stories.conftest import Owner

TODAY = date(2026, 5, 20)
# (orders: days ago and yuan; interactions: days ago and times; tier; days until it falls back; to which)
FANS: tuple[tuple[Any, Any, str, int | None, str | None], ...] = (
    ((), ((5, 1),), "prospect", None, None),
    ((), ((0, 2),), "prospect", None, None),
    ((), ((1, 1), (2, 1), (30, 1)), "prospect", None, None),
    ((), ((40, 9),), "prospect", None, None),
    ((), ((1, 3),), "favorable", 29, "prospect"),
    ((), ((1, 1), (2, 1), (29, 1)), "favorable", 1, "prospect"),
    ((), ((10, 4),), "favorable", 20, "prospect"),
    (((500, 30),), (), "passerby", None, None),
    (((365, 30),), (), "passerby", None, None),
    (((364, 30),), (), "passerby", None, None),
    (((200, 30),), (), "passerby", None, None),
    (((180, 30),), (), "passerby", None, None),
    (((200, 9_000),), (), "passerby", None, None),
    (((179, 30),), (), "favorable", 1, "passerby"),
    (((0, 30),), (), "favorable", 180, "passerby"),
    (((10, 30),), (), "favorable", 170, "passerby"),
    (((90, 30),), (), "favorable", 90, "passerby"),
    (((200, 30), (300, 30)), (), "favorable", 65, "passerby"),
    (((100, 30), (300, 30)), (), "favorable", 80, "passerby"),
    (((100, 30), (150, 30)), (), "favorable", 215, "passerby"),
    (((30, 30), (40, 30)), (), "favorable", 325, "passerby"),
    (((1, 5_000),), (), "favorable", 179, "passerby"),
    (((1, 2_500), (300, 1_000)), (), "favorable", 179, "passerby"),
    (((1, 30), (60, 30), (180, 30)), (), "favorable", 305, "passerby"),
    (((1, 30), (60, 30)), ((3, 4),), "favorable", 305, "passerby"),
    (((1, 30), (60, 30)), ((3, 5),), "devoted", 57, "favorable"),
    (((1, 30), (60, 30), (170, 30)), (), "devoted", 10, "favorable"),
    (((10, 30), (20, 30), (30, 30)), (), "devoted", 150, "favorable"),
    (((120, 30), (130, 30), (140, 30)), (), "devoted", 40, "favorable"),
    (((1, 2_500), (300, 2_500)), (), "devoted", 65, "favorable"),
)


def day(ago: int) -> str:
    return f"{TODAY - timedelta(days=ago)} 12:00"


def told(fan: dict[str, Any]) -> tuple[Any, ...]:
    return fan["tier"], fan["falls_back_on"], fan["falls_back_to"]


def sizes(owner: Owner) -> dict[str, int]:
    return {tier.value: owner.ok("fans", "--tier", tier.value)["total"] for tier in Tier}


@pytest.fixture
def fans(owner: Owner) -> dict[int, str]:
    """The thirty, by their place in the table: nobody of them follows an account of the shop."""
    orders = [
        (f"O{n}-{at}", f"b{n}", f"客{n}", day(ago), yuan)
        for n, fan in enumerate(FANS)
        for at, (ago, yuan) in enumerate(fan[0])
    ]
    touches = [(f"b{n}", "dm", day(ago), times) for n, fan in enumerate(FANS) for ago, times in fan[1]]
    owner.ok(
        "import",
        owner.table("订单.csv", ("order_id", "buyer_id", "buyer_name", "paid_at", "amount"), orders),
    )
    owner.ok("import", owner.table("互动.csv", ("fan_id", "kind", "at", "quantity"), touches))
    found = owner.ids()
    return {n: found[f"b{n}"] for n in range(len(FANS))}


def test_thirty_fans_are_where_the_table_says_and_say_why(owner: Owner, fans: dict[int, str]) -> None:
    for n, (_orders, _touches, tier, days, later) in enumerate(FANS):
        falls = None if days is None else (TODAY + timedelta(days=days)).isoformat()
        assert told(owner.ok("tier", "explain", fans[n])) == (tier, falls, later), n
    assert owner.ok("tier", "explain", fans[25])["sentence"] == (
        "Favorable → Devoted because of 2 orders in the last 180 days (needs 2) and 5 interactions in the"
        " last 60 days (needs 5); without anything new before 2026-07-16 it falls back to Favorable"
    )


def test_a_day_passes_and_its_moves_add_up(owner: Owner, fans: dict[int, str]) -> None:
    before = sizes(owner)
    owner.pass_days(1)
    assert owner.ok("tier", "refresh")["moved"] == 2
    after = sizes(owner)
    assert after == {
        **before,
        "favorable": before["favorable"] - 2,
        "passerby": before["passerby"] + 1,
        "prospect": before["prospect"] + 1,
    }
    newest = owner.ok("tier", "flow", "--days", 2)["rows"][-1]
    assert {tier: row["closing"] for tier, row in newest["tiers"].items()} == after
    assert {tier: row["opening"] for tier, row in newest["tiers"].items()} == before
    for row in newest["tiers"].values():
        assert row["opening"] + row["came"] - row["left"] == row["closing"]
    assert sorted((move["to"], move["fans"]) for move in newest["moves"]) == [
        ("passerby", 1),
        ("prospect", 1),
    ]
    history = owner.ok("tier", "explain", fans[13])["history"]
    assert [(step["from"], step["to"]) for step in history] == [
        (None, "favorable"),
        ("favorable", "passerby"),
    ]
    assert owner.ok("tier", "refresh")["moved"] == 0


def test_other_rules_are_tried_then_hold_then_are_taken_back(owner: Owner, fans: dict[int, str]) -> None:
    before = sizes(owner)
    rules = owner.ok("tier", "rules")["rules"]
    rules["tiers"]["devoted"] = [[{"what": "orders", "at_least": 2, "days": 365}]]
    file = owner.file("规则.json", rules)
    tried = owner.ok("tier", "preview", file)
    assert sizes(owner) == before
    assert {tier: sum(row.values()) for tier, row in tried["matrix"].items()} == before
    assert owner.ok("tier", "save", file)["moved"] == tried["moved"] > 0
    assert sizes(owner) == {tier: sum(row[tier] for row in tried["matrix"].values()) for tier in before}
    saved = next(row for row in owner.ok("log")["rows"] if row["kind"] == "tier.rules")
    owner.ok("undo", saved["uid"])
    assert sizes(owner) == before
    assert not owner.ok("tier", "rules")["is_own"]


def test_the_owners_word_holds_until_its_day(owner: Owner, fans: dict[int, str]) -> None:
    last = TODAY + timedelta(days=2)
    owner.ok("tier", "pin", fans[0], "devoted", "--until", last)
    pinned = owner.ok("tier", "explain", fans[0])
    assert told(pinned) == ("devoted", (last + timedelta(days=1)).isoformat(), "prospect")
    owner.pass_days(2)
    owner.ok("tier", "refresh")
    assert owner.ok("fans", "show", fans[0])["tier"] == "devoted"
    owner.pass_days(1)
    owner.ok("tier", "refresh")
    assert owner.ok("fans", "show", fans[0])["tier"] == "prospect"
