"""A change whose outcome was read back from the thing itself, while the first try is still on its way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from desktop.domain.entry_ways import CONTACT, EntryWayDraft
from desktop.domain.errors import UnclearReplyError
from desktop.domain.proof import SETTLE_MS, judge_state
from desktop.domain.write_kinds.wecom import CONTACT_WAY_ADD, CONTACT_WAY_EDIT
from desktop.domain.writes import Receipt, Write
from desktop.services.entry_ways import EntryWayService
from desktop.wording import Wording
from desktop.wording.sentences import known_text
from tests.fakes import ZONE
from tests.unit.outbox.world import FakeAdapter, World

MINUTE_S = 60


class SlowPlatform(FakeAdapter):
    """Keeps one way's name. `lost` of the next changes get no answer and are carried out when it says so."""

    kinds = frozenset({CONTACT_WAY_ADD, CONTACT_WAY_EDIT})
    name = ""
    lost = 0

    async def perform(self, write: Write, key: str, *, is_repeat: bool = False) -> Receipt:
        self.calls.append(str(write.body["remark"]))
        if self.lost:
            self.lost -= 1
            self.on_its_way = str(write.body["remark"])
            raise UnclearReplyError("unclear_reply")
        self.name = str(write.body["remark"])
        return Receipt("cfg1")

    async def prove(self, kind: str, unknown: Any, taken: Any) -> Mapping[str, Any]:
        return {one.uid: judge_state(self.name == one.write.body["remark"], "cfg1") for one in unknown}

    def arrive(self) -> None:
        """The first try is carried out after all."""
        self.name = self.on_its_way


@pytest.fixture
def platform(world: World) -> SlowPlatform:
    world.adapter = made = SlowPlatform(world.clock)
    return made


def draft(name: str) -> EntryWayDraft:
    return EntryWayDraft(CONTACT, name, staff=("staff1",))


async def made_way(world: World) -> str:
    """The uid of a way that the platform has."""
    made = await EntryWayService(world.store, world.clock).add(draft("旧"), hold_s=0)
    await world.push()
    return made.uid


@pytest.mark.parametrize("is_so_already", [False, True])
async def test_a_newer_change_waits_until_an_older_one_cannot_come_any_more(
    world: World, platform: SlowPlatform, is_so_already: bool
) -> None:
    """Read as not so and repeated, or read as so (somebody else did it): the first try may still come."""
    ways, way = EntryWayService(world.store, world.clock), await made_way(world)
    platform.lost = 1
    await ways.edit(way, draft("新"), hold_s=0)
    await world.push()
    assert (await world.states())[-1] == "unknown"
    if is_so_already:
        platform.name = "新"
    await world.push()
    assert (await world.states())[-1] == "done"
    newer = await ways.edit(way, draft("更新"), hold_s=0)
    await world.push()
    (row, *_) = await world.outbox.rows()
    assert (row.item.uid, row.known[0]) == (newer.items[0], "waiting_unclear")
    assert row.known[1]["until_at"] == world.clock.now_ms() + SETTLE_MS
    assert "等到回音" in known_text(Wording("zh_CN"), row.known, ZONE)
    world.clock.advance(10 * MINUTE_S)
    platform.arrive()
    await world.push()
    assert platform.name == "新"
    world.clock.advance(5 * MINUTE_S)
    await world.push()
    assert (await world.states())[-1] == "done"
    assert platform.name == "更新"


async def test_what_is_done_again_unproven_is_not_called_not_executed(
    world: World, platform: SlowPlatform
) -> None:
    way = await made_way(world)
    platform.lost = 2
    edit = await EntryWayService(world.store, world.clock).edit(way, draft("新"), hold_s=0)
    await world.push()
    await world.push()
    await world.push()
    attempts = (await world.outbox.detail(edit.items[0])).attempts
    assert [attempt.outcome for attempt in attempts] == ["U", "U", "D"]
    assert platform.calls.count("新") == 3


async def test_after_a_clear_answer_nothing_waits(world: World, platform: SlowPlatform) -> None:
    ways, way = EntryWayService(world.store, world.clock), await made_way(world)
    for name in ("新", "更新"):
        await ways.edit(way, draft(name), hold_s=0)
        await world.push()
    assert platform.name == "更新"
    assert await world.states() == ["done", "done", "done"]
