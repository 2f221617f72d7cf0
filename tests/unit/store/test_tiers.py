from __future__ import annotations

import json
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.fans import Tier
from desktop.store import upkeep
from desktop.store.database import Store
from desktop.store.tiers import tiers
from tests.unit import shopfloor as floor

NOW = floor.at("2026-05-20")


async def rows(shop: Store) -> dict[str, tuple[str, list[str], int | None]]:
    found = await shop.read(
        lambda conn: conn.execute("SELECT name, tier, tier_reason, tier_since FROM fan").fetchall()
    )
    return {r[0]: (r[1], [reason["code"] for reason in json.loads(r[2])], r[3]) for r in found}


async def test_tiers_follow_rows_of_every_table(shop: Store) -> None:
    def work(tx: Any) -> int:
        acc = floor.account(tx)
        floor.fan(tx, "见过")
        floor.befriend(tx, floor.fan(tx, "好友"), acc, 1)
        former = floor.befriend(tx, floor.fan(tx, "前好友"), acc, 1)
        tx.db.execute("UPDATE follow SET removed_at = 2 WHERE identity_id = ?", (former,))
        grp = floor.group(tx, "群", acc)
        for name, left in (("群友", None), ("退群", 5)):
            fan_id = floor.fan(tx, name)
            identity = tx.db.execute("SELECT id FROM identity WHERE fan_id = ?", (fan_id,)).fetchone()[0]
            floor.member(tx, grp, f"x{fan_id}", identity=identity, left=left)
        floor.touch(tx, floor.fan(tx, "关注"), "follow", floor.at("2024-01-01"))
        floor.order(tx, floor.fan(tx, "老客"), floor.at("2024-01-01"), 100)
        floor.order(tx, floor.fan(tx, "全退"), floor.at("2026-05-01"), 100, refund=100)
        floor.order(tx, floor.fan(tx, "关单"), floor.at("2026-05-01"), 100, status="closed")
        floor.order(tx, floor.fan(tx, "新客"), floor.at("2026-05-01"), 100)
        floor.touch(tx, floor.fan(tx, "看客"), "view", floor.at("2026-05-19"), 50)
        floor.touch(tx, floor.fan(tx, "话多"), "comment", floor.at("2026-05-19"), 3)
        keen = floor.fan(tx, "真爱")
        for day in ("2026-05-01", "2026-04-01", "2026-03-01"):
            floor.order(tx, keen, floor.at(day), 100)
        return tiers.recompute(tx, tiers.everybody(tx.db), NOW)

    assert await shop.write(work, kind=None) == 13
    found = await rows(shop)
    assert {name: row[0] for name, row in found.items()} == {
        "见过": "prospect",
        "好友": "passerby",
        "前好友": "prospect",
        "群友": "passerby",
        "退群": "prospect",
        "关注": "passerby",
        "老客": "passerby",
        "全退": "prospect",
        "关单": "prospect",
        "新客": "favorable",
        "看客": "prospect",
        "话多": "favorable",
        "真爱": "devoted",
    }
    assert found["真爱"][1] == ["orders", "falls_back"]
    assert all(since == NOW for _, _, since in found.values())


async def test_changes_are_history_and_quiet_days_write_nothing(shop: Store) -> None:
    def work(tx: Any) -> int:
        fan_id = floor.fan(tx, "新客")
        floor.order(tx, fan_id, floor.at("2026-05-01"), 100)
        tiers.recompute(tx, [fan_id], NOW)
        return fan_id

    fan_id = await shop.write(work, kind=None)
    seen: list[frozenset[Topic]] = []
    shop.feed.subscribe(lambda changes: seen.append(changes.topics))
    again = await shop.write(lambda tx: tiers.recompute(tx, tiers.everybody(tx.db), NOW + 1000), kind=None)
    later = await shop.write(
        lambda tx: tiers.recompute(tx, tiers.everybody(tx.db), floor.at("2026-12-01")), kind=None
    )
    assert (again, later) == (0, 1)
    assert seen == [frozenset({Topic.TIER, Topic.FAN})]
    history = await shop.read(
        lambda conn: [
            tuple(r)
            for r in conn.execute("SELECT fan_id, from_tier, to_tier, at FROM tier_change ORDER BY id")
        ]
    )
    assert history == [
        (fan_id, None, "favorable", NOW),
        (fan_id, "favorable", "passerby", floor.at("2026-12-01")),
    ]


async def test_the_flow_of_a_day_adds_up_to_the_totals(shop: Store) -> None:
    def work(tx: Any) -> None:
        for n in range(30):
            fan_id = floor.fan(tx, f"客{n}")
            for order in range(n % 4):
                floor.order(tx, fan_id, floor.at("2026-05-01") - order * 60 * 86_400_000, 100)
        tiers.recompute(tx, tiers.everybody(tx.db), NOW)

    await shop.write(work, kind=None)
    before = await shop.read(
        lambda conn: dict(conn.execute("SELECT tier, count(*) FROM fan GROUP BY tier"))
    )
    later = floor.at("2026-08-20")
    await shop.write(lambda tx: tiers.recompute(tx, tiers.everybody(tx.db), later), kind=None)
    after = await shop.read(lambda conn: dict(conn.execute("SELECT tier, count(*) FROM fan GROUP BY tier")))
    flows = await shop.read(
        lambda conn: conn.execute(
            "SELECT from_tier, to_tier, count(*) FROM tier_change WHERE at = ? GROUP BY 1, 2", (later,)
        ).fetchall()
    )
    for tier in Tier:
        out = sum(n for source, _, n in map(tuple, flows) if source == tier)
        into = sum(n for _, target, n in map(tuple, flows) if target == tier)
        assert before.get(tier, 0) - out + into == after.get(tier, 0)
    assert (await shop.read(upkeep.check)).is_whole
