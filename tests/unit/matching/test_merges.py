"""Merging two fans, and parting them at any later time, on a real file."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from desktop.domain.consents import ConsentDraft, Purpose, Said
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.domain.identity import IdentityKey
from desktop.store import upkeep
from desktop.store.consents import consents
from desktop.store.database import Store
from desktop.store.engine import sqlite3
from desktop.store.fans import known_people
from desktop.store.matching import merges
from desktop.store.tiers import tiers
from desktop.store.transaction import Transaction
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor

PEOPLE = 5
NOW = 1_790_000_000_000
# All that is kept of the fans, without what a merge writes about itself.
TABLES = {
    "fan": "id, name, phone, note, first_seen_at, under_14, marketing, merged_into, own_fields, tier",
    "identity": "id, fan_id, home_fan_id",
    '"order"': "id, fan_id, home_fan_id, identity_id",
    "interaction": "id, fan_id, home_fan_id, referred_fan_id, home_referred_id, identity_id",
    "drop_claim": "id, fan_id, home_fan_id",
    "consent": "id, fan_id, home_fan_id, is_latest",
    "fan_tag": "fan_id, tag_id, source, at",
    "suppression": "fan_id, channel, reason, at",
    "segment_member": "segment_id, fan_id",
    "fan_stats": "fan_id, orders, spend_cents, interactions",
}
Act = Callable[[Transaction], Any]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found: Path = tmp_path_factory.mktemp("merges") / "shop.db"

    async def make() -> None:
        store = Store(found, FakeClock())
        await store.open()
        await store.write(people, kind=None)
        await store.close()

    asyncio.run(make())
    return found


@pytest.fixture
def tx(path: Path) -> Iterator[Transaction]:
    with opened(path) as found:
        yield found


class opened:
    """The shop within one transaction that is never committed."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row

    def __enter__(self) -> Transaction:
        self._connection.execute("BEGIN")
        return Transaction(Database(self._connection), NOW)

    def __exit__(self, *_: object) -> None:
        self._connection.execute("ROLLBACK")
        self._connection.close()


def people(tx: Any) -> None:
    """Five fans who have a little of everything, some of it in common."""
    chance = random.Random(7)
    ids = [
        floor.fan(tx, f"客人{n}", phone=f"1380000000{n}" if n % 2 else None, seen=1_000 * n)
        for n in range(1, PEOPLE + 1)
    ]
    for name in ("老客", "爱吃辣", "批发"):
        floor.tag(tx, name, chance.sample(ids, 3))
    segment = tx.db.execute(
        "INSERT INTO segment (uid, name, rule, frozen_at, created_at, updated_at)"
        " VALUES ('s', '名单', '{}', 1, 1, 1)"
    ).lastrowid
    for fan_id in ids:
        tx.db.execute(
            "UPDATE fan SET note = ?, under_14 = ? WHERE id = ?",
            ("怕辣" if fan_id == ids[2] else "", fan_id == ids[1], fan_id),
        )
        bring(fan_id, fan_id)(tx)
        if chance.random() < 0.5:
            tx.db.execute("INSERT INTO segment_member VALUES (?, ?)", (segment, fan_id))
        if chance.random() < 0.5:
            tx.db.execute("INSERT INTO suppression VALUES (?, '', '', ?)", (fan_id, chance.randrange(3)))
        state = chance.choice(("agreed", "refused"))
        tx.db.execute(
            "INSERT INTO consent (uid, fan_id, purpose, state, at, origin, noted_at, is_latest)"
            " VALUES (?, ?, 'marketing', ?, ?, 'operator', 1, 1)",
            (tx.new_uid(), fan_id, state, fan_id),
        )
        tx.db.execute("UPDATE fan SET marketing = ? WHERE id = ?", (state, fan_id))
    floor.touch(tx, ids[0], "referral", 5)
    tx.db.execute("UPDATE interaction SET referred_fan_id = ? WHERE kind = 'referral'", (ids[3],))
    merges.settle(tx, *ids)


def bring(person: int, n: int) -> Act:
    """An order and a touch that come by the first identity of a person, wherever that stands now."""

    def act(tx: Transaction) -> None:
        row = tx.db.execute(
            "SELECT id, fan_id FROM identity WHERE coalesce(home_fan_id, fan_id) = ? ORDER BY id LIMIT 1",
            (person,),
        ).fetchone()
        order_id = floor.order(tx, row["fan_id"], NOW - n * 1_000, 1_000 + n)
        tx.db.execute('UPDATE "order" SET identity_id = ? WHERE id = ?', (row["id"], order_id))
        touch_id = floor.touch(tx, row["fan_id"], "dm", NOW - n)
        tx.db.execute("UPDATE interaction SET identity_id = ? WHERE id = ?", (row["id"], touch_id))
        merges.settle(tx, row["fan_id"])

    return act


def told_of(person: int, n: int) -> Act:
    """A platform tells of a new key together with one that is known."""

    def act(tx: Transaction) -> None:
        row = tx.db.execute(
            "SELECT * FROM identity WHERE coalesce(home_fan_id, fan_id) = ? ORDER BY id LIMIT 1", (person,)
        ).fetchone()
        known = IdentityKey(row["platform"], row["scope"], row["external_id"])
        known_people.resolve(tx, [known, IdentityKey("wechat_union", "", f"u{n}")], "", None, "sync:x", n)

    return act


def snapshot(tx: Transaction) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: sorted(tuple(row) for row in tx.db.execute(f"SELECT {columns} FROM {table}").fetchall())
        for table, columns in TABLES.items()
    }


def holds(tx: Transaction) -> None:
    """Every row stands with who stands for its home, and the shop's own checks find nothing."""
    assert upkeep.domain(tx.db.conn) == []
    standing = {row["id"]: row["merged_into"] or row["id"] for row in tx.db.execute("SELECT * FROM fan")}
    for table in ("identity", '"order"', "interaction", "drop_claim", "consent"):
        for row in tx.db.execute(f"SELECT fan_id, home_fan_id FROM {table}").fetchall():
            assert row["fan_id"] == standing[row["home_fan_id"] or row["fan_id"]]


person = st.integers(1, PEOPLE)
act = (
    st.tuples(st.just("merge"), person, person)
    | st.tuples(st.just("part"), st.integers(0, 9), st.just(0))
    | st.tuples(st.just("bring"), person, st.integers(10, 99))
    | st.tuples(st.just("told"), person, st.integers(100, 999))
)


@settings(deadline=None)
@given(acts=st.lists(act, max_size=14))
def test_when_all_have_parted_it_is_as_if_nobody_had_been_merged(path: Path, acts: list[Any]) -> None:
    with opened(path) as merged, opened_copy(path) as never:
        for kind, one, other in acts:
            if kind == "merge":
                if merges.root(merged.db.conn, one) != merges.root(merged.db.conn, other):
                    merges.merge(merged, one, other)
            elif kind == "part":
                known = merges.merges(merged.db.conn)
                if known:
                    merges.part(merged, known[one % len(known)].uid)
            else:
                for tx in (merged, never):
                    (bring if kind == "bring" else told_of)(one, other)(tx)
            holds(merged)
        while known := merges.merges(merged.db.conn):
            merges.part(merged, known[len(acts) % len(known)].uid)
        holds(merged)
        for tx in (merged, never):  # tiers are as of the moment they are decided
            tiers.recompute(tx, range(1, PEOPLE + 1), NOW)
        was, now = snapshot(never), snapshot(merged)
        for table in TABLES:
            assert now[table] == was[table], table


class opened_copy(opened):
    """The same shop in memory: a second transaction on one file would wait for the first."""

    def __init__(self, path: Path) -> None:
        source = sqlite3.connect(path)
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        source.backup(self._connection)
        source.close()
        self._connection.row_factory = sqlite3.Row


def test_a_merge_keeps_every_field_of_both(tx: Transaction) -> None:
    before = {row["id"]: dict(row) for row in tx.db.execute("SELECT * FROM fan").fetchall()}
    tags = {
        row[0]: row[1]
        for row in tx.db.execute("SELECT fan_id, count(*) FROM fan_tag GROUP BY fan_id").fetchall()
    }
    uid = merges.merge(tx, 2, 3, [("phone", "13800000003")], "小满")
    row = {row["id"]: dict(row) for row in tx.db.execute("SELECT * FROM fan").fetchall()}
    for name in ("name", "phone", "note", "first_seen_at"):
        assert row[3][name] == before[3][name]
    assert (row[2]["name"], row[2]["phone"], row[2]["note"]) == ("客人2", "13800000003", "怕辣")
    assert row[3]["merged_into"] == 2
    stats = tx.db.execute("SELECT orders, spend_cents FROM fan_stats WHERE fan_id IN (2, 3)").fetchall()
    assert [tuple(each) for each in stats] == [(2, 2_005), (0, 0)]
    carried = tx.db.execute("SELECT count(*) FROM fan_tag WHERE fan_id = 3").fetchone()[0]
    assert carried == tags.get(3, 0)
    told = merges.merges(tx.db.conn, 2)
    assert [(one.uid, one.kept_id, one.merged_id, one.operator) for one in told] == [(uid, 2, 3, "小满")]
    assert told[0].proof == (("phone", "13800000003"),)
    holds(tx)


def test_what_was_typed_since_stays_with_the_kept_one(tx: Transaction) -> None:
    uid = merges.merge(tx, 2, 3)
    tx.db.execute("UPDATE fan SET note = '改过了' WHERE id = 2")
    tag_id = floor.tag(tx, "新标签", [2])
    merges.part(tx, uid)
    notes = tx.db.execute("SELECT note FROM fan WHERE id IN (2, 3) ORDER BY id").fetchall()
    assert [row[0] for row in notes] == ["改过了", "怕辣"]
    carriers = tx.db.execute("SELECT fan_id FROM fan_tag WHERE tag_id = ?", (tag_id,)).fetchall()
    assert [row[0] for row in carriers] == [2]


@pytest.mark.parametrize(("kept", "other"), [(1, 2), (2, 1)])
@pytest.mark.parametrize("refusing", [1, 2])
def test_a_refusal_of_either_counts_for_both_until_the_person_speaks_again(
    tx: Transaction, kept: int, other: int, refusing: int
) -> None:
    for fan_id in (1, 2):
        state = "refused" if fan_id == refusing else "agreed"
        tx.db.execute("UPDATE consent SET state = ? WHERE fan_id = ?", (state, fan_id))

    def marketing(fan_id: int) -> str:
        assert counting(tx, fan_id) == 1
        return str(tx.db.execute("SELECT marketing FROM fan WHERE id = ?", (fan_id,)).fetchone()[0])

    uid = merges.merge(tx, kept, other)
    assert marketing(kept) == "refused"
    before = ConsentDraft(Purpose.MARKETING, Said.AGREED, NOW)
    backdated = consents.note(tx, [kept], before)
    assert marketing(kept) == ("agreed" if refusing == kept else "refused")
    consents.take_back(tx, backdated)
    consents.note(tx, [kept], replace(before, at=NOW + 1))
    assert marketing(kept) == "agreed"
    merges.part(tx, uid)
    assert marketing(other) == ("refused" if refusing == other else "agreed")
    assert marketing(kept) == "agreed"


def counting(tx: Transaction, fan_id: int) -> int:
    row = tx.db.execute("SELECT count(*) FROM consent WHERE fan_id = ? AND is_latest = 1", (fan_id,))
    return int(row.fetchone()[0])


def test_what_cannot_be_merged_or_parted_says_so_and_changes_nothing(tx: Transaction) -> None:
    uid = merges.merge(tx, 1, 2)
    before = snapshot(tx)
    with pytest.raises(ConflictError, match="match_same"):
        merges.merge(tx, 2, 1)
    with pytest.raises(NotFoundError, match="fan_missing"):
        merges.merge(tx, 1, 99)
    with pytest.raises(NotFoundError, match="match_missing"):
        merges.part(tx, "nothing")
    assert snapshot(tx) == before
    merges.part(tx, uid)
    with pytest.raises(ConflictError, match="match_undone"):
        merges.part(tx, uid)


def test_two_fans_of_one_union_id_are_kept_in_mind(tx: Transaction) -> None:
    told_of(1, 500)(tx)
    union = IdentityKey("wechat_union", "", "u500")
    other = tx.db.execute("SELECT * FROM identity WHERE fan_id = 4 ORDER BY id LIMIT 1").fetchone()
    mine = IdentityKey(other["platform"], other["scope"], other["external_id"])
    for _ in range(2):
        known_people.resolve(tx, [mine, union], "", None, "sync:x", 9)
    pairs = tx.db.execute(
        "SELECT a.fan_id, b.fan_id FROM match_union JOIN identity AS a ON a.id = identity_id"
        " JOIN identity AS b ON b.id = other_id"
    ).fetchall()
    assert [tuple(row) for row in pairs] == [(4, 1)]
