"""The pusher with the real WeCom adapter against the sandbox process: faults on the wire, none doubled."""

from __future__ import annotations

from typing import Any

import pytest

from desktop.domain.write_kinds.wecom import MASS_SEND_CUSTOMERS
from desktop.platforms.wecom.adapter import WeComPlatform
from tests.fakes import MovedClock
from tests.unit.outbox.world import World


@pytest.fixture
def clock() -> MovedClock:
    """Sandbox and program must agree on the time here."""
    return MovedClock()


async def connected(world: World, sandbox: Any) -> Any:
    """The world's three fans are the sandbox's first three customers, its account the sandbox's corp."""
    adapter = WeComPlatform().connect(
        sandbox.wecom_base_url, {"corpid": sandbox.corpid, "corpsecret": sandbox.corpsecret}, world.clock
    )
    staff = [row.external_id for row in await adapter.staff()]
    customers = (await adapter.customers(staff[:1], "")).items[:3]
    await world.sql("UPDATE account SET external_id = ?", sandbox.corpid)
    for n, row in enumerate(customers, start=1):
        await world.sql(
            "UPDATE identity SET external_id = ?, scope = ? WHERE id = ?",
            row.external_id,
            sandbox.corpid,
            n,
        )
    adapter.clock_skew_ms = lambda: None  # the Date header shows the real time, not the moved clock
    world.adapter = adapter
    return adapter


FAULTS = [
    ("reset", "before"),
    ("reset", "after"),
    ("close", "before"),
    ("close", "after"),
    ("half_body", "after"),
    ("garbage", "after"),
    ("html", "after"),
    ("wrong_length", "after"),
]


@pytest.mark.parametrize(("kind", "when"), FAULTS)
async def test_no_fault_on_the_wire_doubles_or_loses(
    world: World, sandbox: Any, kind: str, when: str
) -> None:
    adapter = await connected(world, sandbox)
    try:
        sandbox.fault(kind, "externalcontact/add_msg_template", when=when)
        await world.post(f"{kind} {when}")
        for _ in range(4):
            await world.push()
            world.clock.advance(310)
            sandbox.advance(310)
        assert await world.states() == ["done"]
        calls = len(await world.outcomes())
        assert calls == (2 if when == "before" else 1)
        assert len((await adapter.recent(MASS_SEND_CUSTOMERS, world.clock.now_ms() - 86_400_000)).rows) == 1
    finally:
        await adapter.aclose()


async def test_results_after_staff_pressed_send(world: World, sandbox: Any) -> None:
    adapter = await connected(world, sandbox)
    try:
        await world.post("到货啦")
        await world.push()
        assert await world.pusher.collect_results(world.account, adapter) == 0
        sandbox.advance(30)
        world.clock.advance(30)
        sandbox.confirm()
        assert await world.pusher.collect_results(world.account, adapter) > 0
        statuses = {d.status for d in (await world.only()).recipients}
        assert "sent" in statuses
        assert statuses <= {"sent", "not_friend", "over_limit"}
    finally:
        await adapter.aclose()
