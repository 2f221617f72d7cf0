"""Which pairs of fans are suggested as one person: rules, and real files held against labels."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import matching
from benchmarks.labelled_people import Labelled, asked_for_own, family, noted_mobile, same_door
from benchmarks.matching import Outcome
from desktop.domain.identity import added_key
from desktop.domain.matching import clues
from desktop.domain.matching.clues import AGAINST, PROVES, SUGGESTED, Clue, Found, Shares
from desktop.domain.matching.texts import numbers_in, phones_in, town_of
from desktop.services.backups import BackupService
from desktop.services.matching import MatchingService
from desktop.store.database import Store
from desktop.store.drops import claims
from desktop.store.fans import known_people
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor

SHARES = Shares(10_000)
found = st.builds(
    Found, st.sampled_from(list(Clue)), st.floats(-14, 40, allow_nan=False), st.text(max_size=3)
)


@given(st.lists(found, max_size=6))
def test_only_a_proof_makes_a_pair_and_what_speaks_against_never_helps(told: list[Found]) -> None:
    pair = clues.candidate(2, 1, told, SHARES)
    assert (pair is None) == (not PROVES & {one.clue for one in told})
    if pair is None:
        return
    assert (pair.fan_id, pair.other_id) == (1, 2)
    assert 0 < pair.probability < 1 or pair.probability in (0, 1)
    for clue in AGAINST:
        if clue not in {one.clue for one in told}:
            less = clues.candidate(1, 2, [*told, clues.against(clue)], SHARES)
            assert less is not None
            assert less.probability <= pair.probability


def test_a_number_shared_by_a_crowd_names_nobody() -> None:
    told = [clues.sure(Clue.PHONE, SHARES, "13800000000", sharing) for sharing in (2, 3, 5)]
    pairs = [clues.candidate(1, 2, [one], SHARES) for one in told]
    chances = [pair.probability for pair in pairs if pair is not None]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] >= SUGGESTED > chances[-1]


@pytest.mark.parametrize(
    ("text", "phones", "numbers"),
    [
        ("电话13812345678 爱吃辣", ["13812345678"], []),
        ("推荐人13812345678", [], []),
        ("老公 13812345678", [], []),
        ("13812345678 是她妈妈的", [], []),
        ("订单号E20261123000123 少一瓶", [], ["E20261123000123"]),
        ("帮朋友看下 E20261123000123", [], []),
        ("编号 138123456789 太长", [], ["138123456789"]),
        ("抖音号 dy_00123456", [], ["dy_00123456"]),
        ("abcdefghij 没有数字", [], []),
    ],
)
def test_what_a_text_names_as_ones_own(text: str, phones: list[str], numbers: list[str]) -> None:
    assert (list(phones_in(text)), list(numbers_in(text))) == (phones, numbers)


@pytest.mark.parametrize(
    ("address", "town"),
    [
        ("浙江省杭州市西湖区文三路1号", "杭州市"),
        ("上海市 浦东新区****", "上海市"),
        ("云南省大理白族自治州大理市", "大理白族自治州"),
        ("文三路1号", ""),
        ("", ""),
    ],
)
def test_the_town_an_address_begins_with(address: str, town: str) -> None:
    assert town_of(address) == town


@pytest.fixture(scope="module", params=[1])
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    path: Path = tmp_path_factory.mktemp("labelled") / "shop.db"
    return asyncio.run(matching.judged(path, request.param, 2_000))


def test_of_the_suggested_pairs_at_least_98_in_100_are_one_person(outcome: Outcome) -> None:
    assert len(outcome.cases) == 2_000
    assert outcome.precision >= 0.98
    assert outcome.recall >= 0.6


def test_never_by_masked_phone_nickname_or_a_present(outcome: Outcome) -> None:
    labels = outcome.labels
    pairs = [(one.fan_id, one.other_id) for one in outcome.suggested]
    kinds = Counter(labels[pair].kind for pair in pairs if pair in labels)
    for kind in ("same_nickname", "one_nickname", "same_mask", "presents", "family", "introduced"):
        assert kinds[kind] == 0, kind
    assert all(PROVES & {found.clue for found in one.found} for one in outcome.suggested)


async def made(shop: Store, *makes: Any) -> list[tuple[int, int]]:
    def work(tx: Any) -> list[tuple[int, int]]:
        labelled = Labelled(tx, random.Random(3))
        labelled.write(0, 300)
        return [make(labelled) for make in makes]

    return await shop.write(work, kind=None)


def pairs_of(found: list[Any]) -> list[tuple[int, int]]:
    return [(one.candidate.fan_id, one.candidate.other_id) for one in found]


async def test_a_refused_pair_comes_again_with_a_new_proof_only(
    shop: Store, clock: FakeClock, tmp_path: Path
) -> None:
    service = MatchingService(shop)
    log = BackupService(shop, clock, tmp_path / "backups")
    (pair,) = await made(shop, noted_mobile)
    suggested, total = await service.suggest()
    assert (pairs_of(suggested), total) == ([pair], 1)
    assert await service.suggest(limit=0) == ([], 1)
    await service.refuse(*pair, suggested[0].candidate.marks)
    assert await service.suggest() == ([], 0)
    await log.undo((await log.operations(limit=1))[0].uid)
    assert pairs_of((await service.suggest())[0]) == [pair]
    await service.refuse(*pair, suggested[0].candidate.marks)

    def noted(tx: Any) -> None:
        number = tx.db.execute(
            "SELECT external_id FROM identity WHERE fan_id = ? AND platform = 'youzan'", (pair[1],)
        ).fetchone()[0]
        tx.db.execute("UPDATE fan SET note = ? WHERE id = ?", (f"有赞账号 {number}", pair[0]))

    await shop.write(noted, kind=None)
    again, _ = await service.suggest()
    assert pairs_of(again) == [pair]
    assert Clue.ID_IN_NOTE in {one.clue for one in again[0].candidate.found}


@pytest.mark.parametrize(
    ("code", "shown", "said", "clue", "is_suggested"),
    [
        ("Q20260501001", ("爱吃梨的林", "爱吃梨的林"), "", {Clue.COUPON, Clue.NICKNAME}, True),
        ("Q20260501001", ("爱吃梨的林", "路过的风"), "", {Clue.COUPON}, False),
        ("7", ("爱吃梨的林", "爱吃梨的林"), "", None, False),
        ("", ("爱吃梨的林", "爱吃梨的林"), "", None, False),
        ("Q20260501001", ("爱吃梨的林", "路过的风"), "券Q20260501001用不了", {Clue.COUPON}, False),
        ("Q20260501001", ("爱吃梨的林", "路过的风"), "帮朋友问 Q20260501001", None, False),
    ],
)
async def test_a_coupon_of_both_speaks_for_one_person_and_needs_something_more(
    shop: Store, code: str, shown: tuple[str, str], said: str, clue: set[Clue] | None, is_suggested: bool
) -> None:
    def coupons(labelled: Labelled) -> tuple[int, int]:
        tx = labelled.tx
        asker, buyer = labelled.friend(shown[0]), labelled.buyer(shown[1])
        drop = "INSERT INTO welfare_drop (uid, created_at, updated_at) VALUES ('d', 1, 1)"
        drop_id = int(tx.db.execute(drop).lastrowid or 0)
        for n, fan_id in enumerate((buyer,) if said else (buyer, asker)):
            claims.insert(
                tx, drop_id, fan_id=fan_id, name="", quantity=1, claimed_at=n, is_redeemed=bool(n),
                origin="import:x", external_key=f"file:{n}", code=code,
            )  # fmt: skip
        if said:
            labelled.say(asker, said)
        return asker, buyer

    service = MatchingService(shop)
    (pair,) = await made(shop, coupons)
    found, _ = await service.suggest(least=0.0)
    assert pairs_of(found) == ([pair] if clue else [])
    assert {one.clue for each in found for one in each.candidate.found} == (clue or set())
    assert pairs_of((await service.suggest())[0]) == ([pair] if is_suggested else [])


async def test_what_was_refused_of_one_holds_for_who_stands_for_them(shop: Store) -> None:
    service = MatchingService(shop)
    (pair,) = await made(shop, asked_for_own)
    (suggested,), _ = await service.suggest()
    await service.refuse(*pair, suggested.candidate.marks)
    await service.merge(1, pair[0])
    assert await service.suggest() == ([], 0)


async def test_a_merge_is_one_command_that_one_undo_takes_back(
    shop: Store, clock: FakeClock, tmp_path: Path
) -> None:
    service = MatchingService(shop)
    log = BackupService(shop, clock, tmp_path / "backups")
    same, two = await made(shop, same_door, family)
    found, _ = await service.suggest(least=0.0)
    assert same in pairs_of(found)
    assert two not in pairs_of((await service.suggest())[0])
    one = next(each for each in found if pairs_of([each]) == [same])
    uid = await service.merge(one.kept.fan_id, one.other.fan_id, one.candidate.proof)
    assert [each.uid for each in await service.merges(one.kept.fan_id)] == [uid]
    assert same not in pairs_of((await service.suggest(least=0.0))[0])
    assert await service.between(*same) is None
    operation = (await log.operations(limit=1))[0]
    assert (operation.kind, operation.can_undo) == ("fan.merge", True)
    await log.undo(operation.uid)
    assert await service.merges() == []
    assert same in pairs_of((await service.suggest(least=0.0))[0])


async def test_after_a_month_with_new_data_they_part_without_loss(shop: Store, clock: FakeClock) -> None:
    service = MatchingService(shop)
    (pair,) = await made(shop, same_door)

    async def orders() -> dict[int, set[str]]:
        rows = await shop.read(
            lambda conn: conn.execute(
                'SELECT fan_id, order_no FROM "order" WHERE fan_id IN (?, ?)', pair
            ).fetchall()
        )
        return {fan_id: {row[1] for row in rows if row[0] == fan_id} for fan_id in pair}

    before = await orders()
    uid = await service.merge(*pair)
    clock.advance(45 * 86_400)

    def arrives(tx: Any) -> None:
        identity = tx.db.execute(
            "SELECT id, fan_id FROM identity WHERE home_fan_id = ?", (pair[1],)
        ).fetchone()
        tx.db.execute(
            'INSERT INTO "order" (platform, scope, order_no, fan_id, identity_id, status, paid_cents, origin,'
            " seen_at, updated_at) VALUES ('x', 's', 'NEW', ?, ?, 'done', 1, 'sync:x', 1, 1)",
            (identity["fan_id"], identity["id"]),
        )

    await shop.write(arrives, kind=None)
    assert await orders() == {pair[0]: before[pair[0]] | before[pair[1]] | {"NEW"}, pair[1]: set()}
    await service.part(uid)
    assert await orders() == {pair[0]: before[pair[0]], pair[1]: before[pair[1]] | {"NEW"}}


@pytest.mark.parametrize(
    ("name", "minutes", "is_suggested"), [("阿梨", 0, True), ("阿梨", 1, False), ("阿力", 0, False)]
)
async def test_a_customer_of_an_earlier_list_is_known_again_when_the_account_is_synced(
    shop: Store, name: str, minutes: int, is_suggested: bool
) -> None:
    at = floor.at("2026-05-01", 9, 30)

    def work(tx: Any) -> tuple[int, int]:
        staff = floor.account(tx)
        who = tx.db.execute("SELECT external_id FROM staff WHERE id = ?", (staff,)).fetchone()[0]
        listed = known_people.resolve(tx, [added_key(who, at, name)], name, None, "import:x", at)
        assert listed is not None
        synced = floor.fan(tx, "阿梨", key=("wecom", "corp", "wm1"))
        tx.db.execute("UPDATE identity SET name = '阿梨' WHERE fan_id = ?", (synced,))
        tx.db.execute(
            "INSERT INTO follow (identity_id, staff_id, followed_at)"
            " SELECT id, ?, ? FROM identity WHERE fan_id = ?",
            (staff, at + minutes * 60_000 + 12_000, synced),
        )
        return listed.fan_id, synced

    pair = await shop.write(work, kind=None)
    found, _ = await MatchingService(shop).suggest()
    assert pairs_of(found) == ([pair] if is_suggested else [])
    if is_suggested:
        assert found[0].candidate.proof[0][0] == Clue.ADDED
