"""Tier rules of the owner: the matrix before, one step with one way back, and why a fan is where it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from desktop.domain.changes import ChangeSet, Topic
from desktop.domain.errors import CancelledByOperatorError, ConflictError, InvalidInputError, NotFoundError
from desktop.domain.fans import Tier
from desktop.domain.tiers import Measure
from desktop.services.backups import BackupService
from desktop.services.fans import FanService
from desktop.services.kept_sets import KeptSets
from desktop.services.tiers import TierService
from desktop.store.changes import ChangeFeed
from desktop.store.database import Store
from desktop.store.fans import fan_bulk
from desktop.store.tiers import tiers
from desktop.wording import Wording
from desktop.wording.tiers import TierWords
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor

NOW = floor.at("2026-05-20")
P, F, D = Tier.PASSERBY, Tier.FAVORABLE, Tier.DEVOTED


@pytest.fixture
def service(shop: Store, clock: FakeClock) -> TierService:
    return TierService(shop, clock)


@pytest.fixture
def log(shop: Store, clock: FakeClock, tmp_path: Any) -> BackupService:
    return BackupService(shop, clock, tmp_path / "backups", None)


@pytest.fixture
def people(shop: Store, runner: asyncio.Runner) -> dict[str, int]:
    """Five people with their tiers: two regulars, one of a douyin order, one friend, one seen."""

    def fill(tx: Any) -> dict[str, int]:
        made = {name: floor.fan(tx, name) for name in ("常客", "老友", "新客", "好友", "路过")}
        for name in ("常客", "老友"):
            for day in ("2026-05-01", "2026-04-01", "2026-03-01"):
                floor.order(tx, made[name], floor.at(day), 10_000)
        floor.order(tx, made["新客"], floor.at("2026-05-10"), 10_000)
        account = floor.account(tx)
        for name in ("老友", "好友"):
            floor.befriend(tx, made[name], account, 1)
        tiers.recompute(tx, tiers.everybody(tx.db), NOW)
        return made

    return runner.run(shop.write(fill, kind="test.fill"))


async def stored(shop: Store) -> dict[str, str]:
    return await shop.read(lambda conn: dict(conn.execute("SELECT name, tier FROM fan").fetchall()))


async def test_the_matrix_is_what_saving_does_and_one_undo_takes_it_back(
    shop: Store, service: TierService, log: BackupService, people: dict[str, int]
) -> None:
    before = await stored(shop)
    assert before == {
        "常客": "devoted",
        "老友": "devoted",
        "新客": "favorable",
        "好友": "passerby",
        "路过": "prospect",
    }
    rules = replace(
        await service.rules(),
        favorable=((Measure("orders", 2, 365),),),
        connected_only=frozenset({D}),
        passerby=(),
    )
    matrix = await service.preview(rules)
    assert await stored(shop) == before  # nothing was written
    assert (matrix.fans(D, F), matrix.fans(D, D)) == ([people["常客"]], [people["老友"]])
    assert (matrix.fans(F, P), matrix.count(P, P), matrix.moved) == ([people["新客"]], 1, 2)
    assert await service.save(rules) == 2
    after = await stored(shop)
    assert after == {**before, "常客": "favorable", "新客": "passerby"}
    assert await service.rules() == rules
    newest = (await log.operations(limit=1))[0]
    assert (newest.kind, newest.can_undo) == ("tier.rules", True)
    await log.undo(newest.uid)
    assert await stored(shop) == before
    assert await service.rules() == service.shipped_rules()


async def test_a_try_sees_what_was_committed_since_the_last(
    service: TierService, shop: Store, people: dict[str, int]
) -> None:
    rules = await service.rules()
    before = await service.preview(rules)
    assert people["路过"] in before.fans(Tier.PROSPECT, Tier.PROSPECT)
    await shop.write(
        lambda tx: (
            floor.order(tx, people["路过"], NOW - 1, 1_000),
            tx.touch(Topic.ORDER, [people["路过"]]),
        ),
        kind="test.order",
    )
    assert (await service.preview(rules)).fans(Tier.PROSPECT, F) == [people["路过"]]


async def test_an_answer_is_kept_until_a_commit_that_matters() -> None:
    feed = ChangeFeed()
    kept = KeptSets(feed)
    asked: list[int] = []

    def ask() -> int:
        asked.append(len(asked))
        return asked[-1]

    assert [kept.get("buyers", ask), kept.get("buyers", ask), kept.get("friends", ask)] == [0, 0, 1]
    feed.publish(ChangeSet(frozenset({Topic.POST})))
    assert kept.get("buyers", ask) == 0
    feed.publish(ChangeSet(frozenset({Topic.ORDER})))
    assert kept.get("buyers", ask) == 2

    def ask_while_others_commit() -> int:
        feed.publish(ChangeSet(frozenset({Topic.FAN})))
        return ask()

    assert kept.get("late", ask_while_others_commit) == 3
    assert kept.get("late", ask) == 4


async def test_saving_the_shipped_rules_is_no_change_and_stopping_leaves_none(
    shop: Store, service: TierService, log: BackupService, people: dict[str, int]
) -> None:
    count = len(await log.operations(limit=50))
    assert await service.save(service.shipped_rules()) == 0
    assert len(await log.operations(limit=50)) == count
    steps = fan_bulk.Steps()
    steps.stop()
    rules = replace(service.shipped_rules(), devoted=())
    with pytest.raises(CancelledByOperatorError):
        await service.save(rules, steps=steps)
    assert await service.rules() == service.shipped_rules()
    assert (await stored(shop))["常客"] == "devoted"


async def test_an_undo_after_other_rules_is_refused(service: TierService, log: BackupService) -> None:
    await service.save(replace(service.shipped_rules(), devoted=()))
    first = (await log.operations(limit=1))[0]
    await service.save(replace(service.shipped_rules(), favorable=()))
    with pytest.raises(ConflictError, match="undo_changed_since"):
        await log.undo(first.uid)


async def test_a_channel_counts_only_what_came_by_it(
    shop: Store, service: TierService, people: dict[str, int]
) -> None:
    await shop.write(lambda tx: tx.db.execute("UPDATE \"order\" SET platform = 'douyin'"), kind=None)
    for channels, wanted in ((("wecom",), []), (("wecom", "douyin"), [people["常客"], people["老友"]])):
        rules = replace(service.shipped_rules(), devoted=((Measure("orders", 3, 180, channels),),))
        assert (await service.preview(rules)).fans(D, D) == wanted


async def test_one_sentence_tells_the_way_the_reason_and_the_day(
    service: TierService, shop: Store, clock: FakeClock, people: dict[str, int]
) -> None:
    def buy(tx: Any) -> None:
        for day in ("2026-05-19", "2026-05-18"):
            floor.order(tx, people["新客"], floor.at(day), 10_000)
        tiers.recompute(tx, [people["新客"]], NOW)

    await shop.write(buy, kind="test.buy")
    story = await service.explain(people["新客"])
    assert (story.decision.tier, story.before, story.decision.falls_back_to) == (D, F, F)
    assert [(before, after) for _at, before, after in story.history] == [(None, F), (F, D)]
    zh = TierWords(Wording("zh_CN")).sentence(story.decision, story.before)
    assert zh == (
        "好感粉 → 真爱粉，因为最近 180 天买了 3 单（要求 3 单）；若 2026-11-06 之前没有新动静，会降为好感粉"
    )
    en = TierWords(Wording("en")).sentence(story.decision, story.before)
    assert en.startswith("Favorable → Devoted because of 3 orders in the last 180 days")
    with pytest.raises(NotFoundError):
        await service.explain(999)


async def test_a_pin_runs_out_by_itself(
    service: TierService, shop: Store, clock: FakeClock, people: dict[str, int]
) -> None:
    fans = FanService(shop, clock)
    await fans.pin_tier([people["路过"]], D, last_day=date(2026, 5, 25))
    assert (await stored(shop))["路过"] == "devoted"
    assert (await service.preview(service.shipped_rules())).moved == 0
    story = await service.explain(people["路过"])
    assert story.decision.falls_back_on == date(2026, 5, 26)
    clock.advance((floor.at("2026-05-26", 0) - clock.now_ms()) / 1000)
    assert await fans.refresh_tiers() == 1
    assert (await stored(shop))["路过"] == "prospect"
    today = (await service.flow(1))[0]
    assert today.moves == {(D, Tier.PROSPECT): 1}
    with pytest.raises(InvalidInputError):
        await service.flow(0)
