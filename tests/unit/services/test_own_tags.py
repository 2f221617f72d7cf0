"""The shop's own tags: dressed, put on by rule, merged and taken back, looked over, taken to the platform."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.errors import ConflictError, InvalidInputError, NotFoundError
from desktop.domain.own_tags import nearly_same
from desktop.domain.segments import fan_bits, rules
from desktop.domain.segments.conditions import HasTags, Orders, Said
from desktop.domain.segments.rules import AllOf, Not
from desktop.domain.segments.saved import SegmentDraft
from desktop.services.backups import BackupService
from desktop.services.fans import FanService
from desktop.services.own_tags import OwnTagService
from desktop.services.platform_tags import PlatformTagService
from desktop.services.segments import SegmentService
from desktop.store.database import Store
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor

BUYERS = AllOf((Orders(least=1),))


@pytest.fixture
def platform(shop: Store, clock: FakeClock) -> PlatformTagService:
    return PlatformTagService(shop, clock)


@pytest.fixture
def service(shop: Store, clock: FakeClock, platform: PlatformTagService) -> OwnTagService:
    return OwnTagService(shop, clock, platform)


@pytest.fixture
def log(shop: Store, clock: FakeClock, tmp_path: Path) -> BackupService:
    return BackupService(shop, clock, tmp_path / "backups", None)


@pytest.fixture
def fans(shop: Store, clock: FakeClock) -> FanService:
    return FanService(shop, clock)


@pytest.fixture
def made(shop: Store, runner: asyncio.Runner) -> dict[str, int]:
    """Four fans, two of whom bought; tags tea, drinker (nearly the same), gone (nobody's), rule."""

    def fill(tx: Any) -> dict[str, int]:
        ids = [floor.fan(tx, name) for name in ("甲", "乙", "丙", "丁")]
        for fan_id in ids[:2]:
            floor.order(tx, fan_id, floor.at("2026-05-01"), 1_000)
        tx.db.execute("UPDATE fan SET note = '想团购' WHERE id = ?", (ids[3],))
        return {
            "tea": floor.tag(tx, "爱喝茶", ids[:3]),
            "drinker": floor.tag(tx, "茶客", ids[1:3]),
            "gone": floor.tag(tx, "没人", []),
            "buyer": floor.tag(tx, "买过", []),
        }

    return runner.run(shop.write(fill, kind="test.fill"))


async def carriers(shop: Store, tag_id: int) -> dict[int, str]:
    found = "SELECT fan_id, source FROM fan_tag WHERE tag_id = ? ORDER BY fan_id"
    return await shop.read(lambda conn: dict(conn.execute(found, (tag_id,)).fetchall()))


async def undo_last(log: BackupService) -> None:
    await log.undo((await log.operations(limit=1))[0].uid)


async def test_group_and_colour_are_the_owners_and_come_back(
    service: OwnTagService, platform: PlatformTagService, log: BackupService, made: dict[str, int]
) -> None:
    await service.dress(made["tea"], " 口味 ", "good")
    line = next(line for line in await platform.lines() if line.tag_id == made["tea"])
    assert (line.group_name, line.colour) == ("口味", "good")
    await undo_last(log)
    line = next(line for line in await platform.lines() if line.tag_id == made["tea"])
    assert (line.group_name, line.colour) == ("", "")
    with pytest.raises(InvalidInputError, match="tag_colour"):
        await service.dress(made["tea"], "", "purple rain")
    with pytest.raises(NotFoundError):
        await service.dress(999, "", "")


async def test_a_rule_puts_on_and_takes_off_what_it_put_on_only(
    shop: Store, service: OwnTagService, fans: FanService, log: BackupService, made: dict[str, int]
) -> None:
    await fans.add_tag([2, 3], "买过")
    assert await service.set_rule(made["buyer"], BUYERS) == 1
    assert await carriers(shop, made["buyer"]) == {1: "rule", 2: "operator", 3: "operator"}
    assert await service.refresh() == 0
    await shop.write(lambda tx: floor.order(tx, 4, floor.at("2026-05-10"), 1_000), kind=None)
    await shop.write(lambda tx: tx.db.execute('DELETE FROM "order" WHERE fan_id IN (1, 2)'), kind=None)
    await fans.set_note(1, "x")  # a commit that touches people
    assert await service.refresh() == 2
    assert await service.refresh() == 0
    assert await carriers(shop, made["buyer"]) == {2: "operator", 3: "operator", 4: "rule"}
    assert (await log.operations(limit=1))[0].kind == "tag.auto"
    told = [(line.kind, line.params.get("source")) for line in await fans.timeline(1, limit=50)]
    assert ("untag", "rule") in told
    await service.set_rule(made["buyer"], AllOf((Said("团购", ("note",)),)))
    await undo_last(log)
    assert await service.rule(made["buyer"]) == BUYERS
    await service.set_rule(made["buyer"], None)
    assert await carriers(shop, made["buyer"]) == {2: "operator", 3: "operator"}
    await undo_last(log)
    assert await carriers(shop, made["buyer"]) == {2: "operator", 3: "operator", 4: "rule"}


async def test_a_word_in_a_note_is_rule_enough_and_loops_are_refused(
    shop: Store, service: OwnTagService, made: dict[str, int]
) -> None:
    assert await service.set_rule(made["gone"], AllOf((Said("团购"),))) == 1
    assert await carriers(shop, made["gone"]) == {4: "rule"}
    for rule in (AllOf((HasTags((made["gone"],)),)), AllOf((Not(HasTags((made["buyer"],))),))):
        with pytest.raises(ConflictError, match="tag_rule_loop"):
            await service.set_rule(made["buyer"], rule)
    with pytest.raises(InvalidInputError):
        await service.set_rule(made["buyer"], AllOf())
    await service.set_rule(made["buyer"], AllOf((HasTags((made["tea"],)),)))
    with pytest.raises(ConflictError, match="tag_rule_loop"):
        await service.set_rule(made["tea"], BUYERS)
    with pytest.raises(ConflictError, match="tag_merge_rule"):
        await service.merge(made["buyer"], made["tea"])


async def test_a_merge_moves_fans_audiences_and_posts_and_comes_back_whole(
    shop: Store, service: OwnTagService, log: BackupService, made: dict[str, int], clock: FakeClock
) -> None:
    segments = SegmentService(shop, clock)
    tea, drinker = made["tea"], made["drinker"]
    rule = AllOf((HasTags((tea, drinker), "all"), Not(HasTags((made["gone"],)))))
    uid = await segments.save(SegmentDraft("茶友", rule))
    post = {"tags": [tea, made["gone"]], "match": "any"}
    put = "INSERT INTO post (uid, audience, created_at, updated_at) VALUES ('p', ?, 0, 0)"
    await shop.write(lambda tx: tx.db.execute(put, (json.dumps(post),)), kind=None)
    before = {tag: await carriers(shop, tag) for tag in (tea, drinker)}

    async def audience() -> Any:
        return await shop.read(
            lambda conn: json.loads(conn.execute("SELECT audience FROM post").fetchone()[0])
        )

    assert await service.merge(tea, drinker) == 1
    assert set(await carriers(shop, drinker)) == {1, 2, 3}
    assert await carriers(shop, tea) == {}
    changed = (await segments.get(uid)).draft.rule
    assert rules.as_json(changed)["all"][0]["tags"] == [drinker]
    assert await segments.members(uid) == [1, 2, 3]
    assert (await audience())["tags"] == sorted([drinker, made["gone"]])
    await undo_last(log)
    assert {tag: await carriers(shop, tag) for tag in (tea, drinker)} == before
    assert (await segments.get(uid)).draft.rule == rule
    assert await audience() == post
    await service.merge(tea, drinker)
    merged = (await log.operations(limit=1))[0].uid
    await segments.save(SegmentDraft("茶友", BUYERS), uid)
    with pytest.raises(ConflictError, match="undo_changed_since"):
        await log.undo(merged)
    with pytest.raises(InvalidInputError, match="tag_merge_self"):
        await service.merge(drinker, drinker)


async def test_the_overview_names_what_could_go(
    service: OwnTagService, fans: FanService, made: dict[str, int]
) -> None:
    found = await service.overview()
    assert set(found.orphans) == {made["gone"], made["buyer"]}
    assert found.pairs == ()  # two of three is not nearly the same
    await fans.add_tag([1], "茶客")
    (pair,) = (await service.overview()).pairs
    assert {pair.first, pair.second} == {made["tea"], made["drinker"]}
    assert (pair.both, pair.alike) == (3, 1.0)


def test_pairs_are_counted_by_what_they_share() -> None:
    sets = {1: fan_bits.of(range(10)), 2: fan_bits.of(range(9)), 3: fan_bits.of(range(5)), 4: 0}
    assert [(pair.first, pair.second, pair.both, pair.alike) for pair in nearly_same(sets)] == [
        (1, 2, 9, 0.9)
    ]


async def test_an_own_tag_goes_to_the_platform_in_two_steps(
    shop: Store, service: OwnTagService, made: dict[str, int]
) -> None:
    def befriend(tx: Any) -> int:
        account = floor.account(tx)
        for fan_id in (1, 2):
            floor.befriend(tx, fan_id, account, 1)
        return account

    account = await shop.write(befriend, kind=None)
    assert await service.push(made["tea"], account, "口味", hold_s=0) is None
    assert await service.push(made["tea"], account, "口味", hold_s=0) is None  # still being made
    kinds = "SELECT kind FROM outbox ORDER BY id"
    assert len(await shop.read(lambda conn: conn.execute(kinds).fetchall())) == 1
    there = "UPDATE tag SET external_id = 'et9' WHERE account_id IS NOT NULL"
    await shop.write(lambda tx: tx.db.execute(there), kind=None)
    done = await service.push(made["tea"], account, "口味", hold_s=0)
    assert done is not None
    assert (done.fans, done.strangers) == (2, 1)
