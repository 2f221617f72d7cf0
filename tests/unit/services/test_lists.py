"""Frozen lists by hand: fans are put on them, audiences filter the directory, and all of it comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.errors import ConflictError, InvalidInputError, NotFoundError
from desktop.domain.fans import FanChoice, FanFilter
from desktop.domain.segments.conditions import Orders
from desktop.domain.segments.rules import AllOf
from desktop.domain.segments.saved import SegmentDraft
from desktop.services.backups import BackupService
from desktop.services.fans import FanService
from desktop.services.segments import SegmentService
from desktop.store.database import Store
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor


@pytest.fixture
def segments(shop: Store, clock: FakeClock) -> SegmentService:
    return SegmentService(shop, clock)


@pytest.fixture
def fans(shop: Store, clock: FakeClock, runner: asyncio.Runner) -> FanService:
    def fill(tx: Any) -> None:
        for n in range(6):
            fan_id = floor.fan(tx, f"客{n}")
            if n % 2:
                floor.order(tx, fan_id, floor.at("2026-05-01"), 1_000)

    runner.run(shop.write(fill, kind="test.fill"))
    return FanService(shop, clock)


@pytest.fixture
def log(shop: Store, clock: FakeClock, tmp_path: Path) -> BackupService:
    return BackupService(shop, clock, tmp_path / "backups", None)


async def test_a_list_is_made_added_to_and_taken_back(
    segments: SegmentService, fans: FanService, log: BackupService
) -> None:
    assert await segments.add_fans([1, 2], " 春茶 ") == 2
    assert await segments.add_fans(FanChoice(wanted=FanFilter(is_buyer=True)), "春茶") == 2
    assert await segments.members("春茶") == [1, 2, 4, 6]
    (line,) = await segments.lines()
    assert (line.size, line.segment.is_frozen) == (4, True)
    newest = await log.operations(limit=2, kind="segment.add")
    await log.undo(newest[0].uid)
    assert await segments.members("春茶") == [1, 2]
    with pytest.raises(ConflictError, match="segment_by_hand"):
        await segments.thaw("春茶")
    await log.undo(newest[1].uid)
    with pytest.raises(NotFoundError):
        await segments.get("春茶")


async def test_only_frozen_lists_take_people(segments: SegmentService, fans: FanService) -> None:
    uid = await segments.save(SegmentDraft("买过", AllOf((Orders(least=1),))))
    with pytest.raises(ConflictError, match="segment_lives"):
        await segments.add_fans([1], "买过")
    await segments.freeze(uid)
    assert await segments.add_fans([1], uid) == 1
    assert await segments.members(uid) == [1, 2, 4, 6]
    with pytest.raises(InvalidInputError):
        await segments.add_fans([1], " ")
    with pytest.raises(NotFoundError):
        await segments.add_fans([99], "没有人")
    assert [each.draft.name for each in await segments.lists()] == ["买过"]


async def test_the_directory_shows_an_audience_as_it_is_now(
    segments: SegmentService, fans: FanService, shop: Store, clock: FakeClock
) -> None:
    uid = await segments.save(SegmentDraft("买过", AllOf((Orders(least=1, days=30),))))
    wanted = FanFilter(segment=uid, segment_at=clock.now_ms())
    assert sorted(await fans.order(wanted)) == [2, 4, 6]
    assert (await fans.count(wanted), len(await fans.all_ids(wanted))) == (3, 3)
    assert len(await fans.first_ids(wanted)) == 3
    await shop.write(lambda tx: floor.order(tx, 1, floor.at("2026-05-19"), 1_000), kind=None)
    assert sorted(await fans.order(wanted)) == [1, 2, 4, 6]
    assert await fans.add_tag(FanChoice(wanted=wanted), "近期买过") == 4
    later = FanFilter(segment=uid, segment_at=floor.at("2026-06-10"))
    assert await fans.order(later) == [1]
    assert await fans.order(FanFilter(segment="gone", segment_at=clock.now_ms())) == []
    await segments.freeze(uid)
    await segments.add_fans([3], uid)
    assert sorted(await fans.order(wanted)) == [1, 2, 3, 4, 6]
    assert sorted(await fans.order(FanFilter(segment=uid, segment_at=0, search="客3"))) == [4]
