"""Random rules over random shops: the compiled condition, the sets and the plain reading name the same fans."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.errors import InvalidInputError
from desktop.domain.segments import fan_bits, rules
from desktop.services.segment_sets import FanSets
from desktop.store.audiences import segment_members, segment_rules
from desktop.store.changes import ChangeFeed
from desktop.store.database import Store
from desktop.store.engine import sqlite3
from desktop.store.fans import fan_facts
from tests.fakes import FakeClock
from tests.unit.segments.random_shop import AS_OF, fill, random_rules


@pytest.fixture(scope="module")
def conn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    path: Path = tmp_path_factory.mktemp("segments") / "shop.db"

    async def make() -> None:
        store = Store(path, FakeClock())
        await store.open()
        await store.write(lambda tx: fill(tx, seed=7), kind=None)
        await store.close()

    asyncio.run(make())
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


@settings(max_examples=300, deadline=None)
@given(document=random_rules)
def test_every_reading_of_a_rule_names_the_same_fans(conn: Any, document: dict[str, Any]) -> None:
    rule = rules.parsed(json.dumps(document))
    everyone = [row[0] for row in conn.execute("SELECT id FROM fan")]
    plain = {fan.fan_id for fan in fan_facts.facts_of(conn, everyone) if rules.holds(rule, fan, AS_OF)}
    where, parameters = segment_rules.compiled(rule, AS_OF)
    by_sql = {row[0] for row in conn.execute(f"SELECT id FROM fan WHERE {where}", parameters)}
    assert by_sql == plain
    assert set(fan_bits.ids(segment_members.of_rule(conn, rule, AS_OF))) == plain
    assert set(fan_bits.ids(FanSets(ChangeFeed()).of_rule(conn, rule, AS_OF))) == plain
    assert rules.parsed(rules.as_json(rule)) == rule


@pytest.mark.parametrize(
    ("document", "part"),
    [
        ("not json", "json"),
        ("[]", "rule"),
        ({"all": [], "any": []}, "keys"),
        ({"all": {"is": "tier"}}, "all"),
        ({"is": "tier", "tiers": []}, "tiers"),
        ({"is": "tier", "tiers": ["king"]}, "tiers"),
        ({"is": "tags", "tags": [True]}, "tags"),
        ({"is": "tags", "tags": [1], "match": "some"}, "match"),
        ({"is": "orders"}, "least"),
        ({"is": "orders", "least": 3, "most": 2}, "most"),
        ({"is": "orders", "least": 1, "days": 0}, "days"),
        ({"is": "spend", "least": 1.5}, "least"),
        ({"is": "bought", "least": 1, "words": " "}, "words"),
        ({"is": "date", "what": "last_order", "way": "within"}, "days"),
        ({"is": "date", "what": "last_order", "way": "between", "start": "2026-02-30"}, "start"),
        (
            {
                "is": "date",
                "what": "last_order",
                "way": "between",
                "start": "2026-02-02",
                "end": "2026-02-01",
            },
            "end",
        ),
        ({"is": "tier", "tiers": ["devoted"], "more": 1}, "more"),
        ({"is": "zodiac"}, "is: zodiac"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_by_its_part(document: Any, part: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        rules.parsed(document)
    assert (caught.value.code, caught.value.params["part"]) == ("segment_invalid", part)


def test_a_rule_may_not_be_bottomless() -> None:
    deep: Any = {"is": "suppressed"}
    for _ in range(30):
        deep = {"not": deep}
    with pytest.raises(InvalidInputError, match="segment_invalid"):
        rules.parsed(deep)
    with pytest.raises(InvalidInputError, match="segment_invalid"):
        rules.parsed("[" * 100_000)


@given(st.sets(st.integers(0, 5_000)), st.sets(st.integers(0, 5_000)))
def test_sets_of_fans_behave_as_sets(one: set[int], other: set[int]) -> None:
    first, second = fan_bits.of(one), fan_bits.of(other)
    assert fan_bits.ids(first) == sorted(one)
    assert set(fan_bits.ids(first & second)) == one & other
    assert set(fan_bits.ids(first & ~second)) == one - other
    assert (first | second).bit_count() == len(one | other)
    order = sorted(one | other, reverse=True)
    assert fan_bits.first(first, order, 5) == sorted(one, reverse=True)[:5]
