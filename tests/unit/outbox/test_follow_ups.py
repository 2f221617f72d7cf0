"""Reminding staff of a mass send and stopping the rest, with the real adapter against the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from desktop.domain.errors import ConflictError
from desktop.domain.outbox import State
from desktop.domain.write_kinds.wecom import MASS_SEND_CANCEL, MASS_SEND_REMIND
from tests.fakes import MovedClock
from tests.unit.outbox.test_real_adapter import connected
from tests.unit.outbox.world import World


@pytest.fixture
def clock() -> MovedClock:
    """Sandbox and program must agree on the time here."""
    return MovedClock()


async def handed_over(world: World) -> str:
    """A post whose mass send the platform took; its item's uid."""
    await world.post("到货啦")
    await world.push()
    (row,) = await world.outbox.rows()
    assert row.deliveries.waiting_staff == 3
    return row.item.uid


async def state_of(world: World, uid: str) -> State:
    return (await world.outbox.detail(uid)).row.item.state


async def test_three_reminders_a_day(world: World, shared_sandbox: Any) -> None:
    adapter = await connected(world, shared_sandbox)
    try:
        uid = await handed_over(world)
        shared_sandbox.advance(30)
        world.clock.advance(30)
        for left in (3, 2, 1):
            follow = (await world.outbox.detail(uid)).follow_up
            assert follow is not None
            assert follow.reminders_left == left
            asked = await world.outbox.follow_up(uid, MASS_SEND_REMIND, hold_s=0)
            await world.push()
            assert await state_of(world, asked) is State.DONE
        with pytest.raises(ConflictError, match="follow_up_reminded"):
            await world.outbox.follow_up(uid, MASS_SEND_REMIND)
        assert len(shared_sandbox.calls("externalcontact/remind_groupmsg_send")) == 3
        world.clock.advance(86_400 + 60)
        follow = (await world.outbox.detail(uid)).follow_up
        assert follow is not None
        assert follow.reminders_left == 3
    finally:
        await adapter.aclose()


async def test_what_was_stopped_waits_for_nobody(world: World, shared_sandbox: Any) -> None:
    adapter = await connected(world, shared_sandbox)
    try:
        uid = await handed_over(world)
        shared_sandbox.advance(30)
        world.clock.advance(30)
        stopped = await world.outbox.follow_up(uid, MASS_SEND_CANCEL, hold_s=0)
        with pytest.raises(ConflictError, match="follow_up_stopped"):
            await world.outbox.follow_up(uid, MASS_SEND_CANCEL)
        await world.push()
        assert await state_of(world, stopped) is State.DONE
        assert await world.pusher.collect_results(world.account, adapter) == 3
        counts = (await world.outbox.detail(uid)).row.deliveries
        assert (counts.waiting, counts.refused) == (0, 3)
        assert (await world.outbox.detail(uid)).follow_up is None
        with pytest.raises(ConflictError, match="follow_up_nobody"):
            await world.outbox.follow_up(uid, MASS_SEND_REMIND)
    finally:
        await adapter.aclose()


async def test_an_unclear_reminder_is_asked_about_and_never_repeated(
    world: World, shared_sandbox: Any
) -> None:
    adapter = await connected(world, shared_sandbox)
    try:
        uid = await handed_over(world)
        shared_sandbox.advance(30)
        world.clock.advance(30)
        asked = await world.outbox.follow_up(uid, MASS_SEND_REMIND, hold_s=0)
        shared_sandbox.fault("reset", "externalcontact/remind_groupmsg_send", when="after")
        for _ in range(3):
            await world.push()
            world.clock.advance(70)
            shared_sandbox.advance(70)
        row = (await world.outbox.detail(asked)).row
        assert row.item.state is State.UNKNOWN
        assert row.known[0].startswith("unknown_ask")
        assert len(shared_sandbox.calls("externalcontact/remind_groupmsg_send")) == 1
    finally:
        await adapter.aclose()
