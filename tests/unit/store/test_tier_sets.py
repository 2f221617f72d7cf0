"""Tiers asked in SQL and decided fan by fan are the same; days of any history add up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.clock import local_day
from desktop.domain.fans import InteractionKind, Tier
from desktop.domain.periods import DAY_MS
from desktop.domain.segments import fan_bits
from desktop.domain.tiers import MEASURES, decide, parsed_rules
from desktop.store.database import Store
from desktop.store.engine import sqlite3
from desktop.store.tiers import tier_flow, tier_sets, tiers
from tests.fakes import ZONE, FakeClock
from tests.unit import shopfloor as floor
from tests.unit.segments.random_shop import NOW, fill

CHANNELS = ("wecom", "douyin", "youzan", "file")


def pins_and_friends(tx: Any) -> None:
    fill(tx, seed=11, fans=80)
    chance = random.Random(5)
    account = tx.db.execute("SELECT id FROM account").fetchone()[0]
    ids = [row[0] for row in tx.db.execute("SELECT id FROM fan")]
    for fan_id in chance.sample(ids, 25):
        floor.befriend(tx, fan_id, account, 1)
    for fan_id in chance.sample(ids, 12):
        until = chance.choice((None, NOW - 1, NOW, NOW + 1, NOW + 90 * DAY_MS))
        pin = str(chance.choice(list(Tier)))
        tx.db.execute(
            "UPDATE fan SET tier_pinned = ?, tier_pinned_until = ? WHERE id = ?", (pin, until, fan_id)
        )
    tx.db.execute(
        "UPDATE \"order\" SET platform = CASE id % 3 WHEN 0 THEN 'wecom' WHEN 1 THEN 'douyin' ELSE 'file' END"
    )
    tx.db.execute("UPDATE interaction SET channel = CASE id % 2 WHEN 0 THEN 'douyin' ELSE '' END")
    tx.db.execute('UPDATE "order" SET fan_id = NULL WHERE id % 17 = 0')


@pytest.fixture(scope="module")
def conn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    path: Path = tmp_path_factory.mktemp("tiers") / "shop.db"

    async def make() -> None:
        store = Store(path, FakeClock())
        await store.open()
        await store.write(pins_and_friends, kind=None)
        await store.close()

    asyncio.run(make())
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


measure = st.builds(
    lambda what, least, days, channels: {
        "what": what,
        "at_least": least * (1_000 if what == "spend_cents" else 1),
        "days": days,
        "channels": channels,
    },
    st.sampled_from(MEASURES),
    st.integers(1, 6),
    st.integers(1, 450),
    st.just([]) | st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=2, unique=True),
)
conditions = st.lists(st.lists(measure, min_size=1, max_size=3), max_size=3)
documents = st.builds(
    lambda passerby, favorable, devoted, kinds, closed: {
        "tiers": {"passerby": passerby, "favorable": favorable, "devoted": devoted},
        "interaction_kinds": kinds,
        "connected_only": closed,
    },
    conditions,
    conditions,
    conditions,
    st.lists(st.sampled_from([kind.value for kind in InteractionKind]), max_size=8, unique=True),
    st.lists(st.sampled_from(["favorable", "devoted"]), unique=True),
)


@settings(max_examples=150, deadline=None)
@given(documents, st.integers(-200, 1))
def test_the_sets_are_what_is_decided_fan_by_fan(conn: Any, document: dict[str, Any], days: int) -> None:
    rules, now = parsed_rules(document), NOW + days * DAY_MS
    everybody = tiers.everybody(conn)
    facts = tiers.facts_of(conn, everybody, rules, now)
    plain: dict[Tier, set[int]] = {tier: set() for tier in Tier}
    for fan_id in everybody:
        plain[decide(facts[fan_id], rules, now, ZONE).tier].add(fan_id)
    found = tier_sets.by_rules(conn, rules, now)
    assert {tier: set(fan_bits.ids(members)) for tier, members in found.items()} == plain
    assert parsed_rules(rules.as_json()) == rules


def live(tx: Any, chance: random.Random) -> list[tuple[date, dict[Tier, int]]]:
    """Forty days of people who come, change tier and go; the sizes at the end of each."""
    start = floor.at("2026-09-01", 0)
    sizes: list[tuple[date, dict[Tier, int]]] = []
    here: dict[int, Tier] = {}
    for day in range(40):
        for _ in range(chance.randrange(4)):
            at = start + day * DAY_MS + chance.randrange(DAY_MS)
            act = chance.random()
            if act < 0.45 or not here:
                fan_id = floor.fan(tx, f"客{day}", seen=at)
                tier = chance.choice(list(Tier))
                since = None if chance.random() < 0.2 else at
                tx.db.execute(
                    "UPDATE fan SET tier = ?, tier_since = ?, created_at = ? WHERE id = ?",
                    (str(tier), since, at, fan_id),
                )
                if since is not None:
                    put_change(tx, fan_id, None, tier, at)
                    here[fan_id] = tier
            elif act < 0.8:
                fan_id, tier = chance.choice(list(here)), chance.choice(list(Tier))
                put_change(tx, fan_id, here[fan_id], tier, at)
                tx.db.execute("UPDATE fan SET tier = ? WHERE id = ?", (str(tier), fan_id))
                here[fan_id] = tier
            else:
                fan_id = chance.choice(list(here))
                del here[fan_id]
                if act < 0.9:
                    tx.db.execute("UPDATE fan SET removed_at = ? WHERE id = ?", (at, fan_id))
                else:
                    tx.db.execute(
                        "UPDATE fan SET merged_into = 1, updated_at = ? WHERE id = ?", (at, fan_id)
                    )
        counted = {Tier(row[0]): row[1] for row in tx.db.execute(LIVING)}
        sizes.append((local_day(start + day * DAY_MS, ZONE), {t: counted.get(t, 0) for t in Tier}))
    return sizes


LIVING = "SELECT tier, count(*) FROM fan WHERE removed_at IS NULL AND merged_into IS NULL GROUP BY tier"


def put_change(tx: Any, fan_id: int, before: Tier | None, after: Tier, at: int) -> None:
    tx.db.execute(
        "INSERT INTO tier_change (fan_id, from_tier, to_tier, reason, at) VALUES (?, ?, ?, '[]', ?)",
        (fan_id, before and str(before), str(after), at),
    )


@pytest.mark.parametrize("seed", range(12))
async def test_days_of_any_history_add_up(shop: Store, seed: int) -> None:
    sizes = await shop.write(lambda tx: live(tx, random.Random(seed)), kind=None)
    last = sizes[-1][0]
    told = await shop.read(lambda conn: tier_flow.days(conn, last, 40, ZONE))
    assert [(day.day, day.closing) for day in told] == sizes
    assert told[0].day == last - timedelta(days=39)
    for before, after in pairwise(told):
        assert after.opening == before.closing
    for tier in Tier:
        gained = sum(day.came(tier) - day.left(tier) for day in told)
        assert gained == told[-1].closing[tier] - told[0].opening[tier]
        assert told[0].opening[tier] == 0
