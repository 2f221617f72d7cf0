"""Rounds by themselves, and the settings of the exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from desktop.domain import quiet_hours
from desktop.qtkit.tasks import TaskScope
from desktop.services.shop import ShopService
from desktop.store.database import Store
from desktop.views.sync.settings_card import ExchangeSettings
from desktop.views.sync.timer import SETTING, RoundTimer
from tests.fakes import FakeClock
from tests.gui.conftest import Opened
from tests.gui.sync_bench import SyncBench
from tests.waiting import until


class Faults:
    def __init__(self) -> None:
        self.seen: list[BaseException] = []


@pytest.fixture
def bench(opened: Opened, shop: Store, clock: FakeClock) -> SyncBench:
    return SyncBench(opened, shop, clock)


@pytest.fixture
def scope() -> Iterator[TaskScope]:
    faults = Faults()
    yield TaskScope(faults.seen.append)
    assert faults.seen == []


async def test_a_round_begins_by_itself_only_when_wanted_due_and_online(
    bench: SyncBench, shop: Store, clock: FakeClock, scope: TaskScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    online = True

    async def is_online() -> bool:
        return online

    monkeypatch.setattr(bench.accounts, "is_online", is_online)
    settings = ShopService(shop)
    timer = RoundTimer(bench.exchange, bench.accounts, settings, clock, scope)
    try:
        clock.advance(7200)
        assert not await timer.look()  # off by default
        await settings.set_setting(SETTING, 30)
        online = False
        assert not await timer.look()
        online = True
        assert await timer.look()
        await until(lambda: not bench.exchange.scope.is_running("exchange"))
        assert len(bench.engine.asked) == 1
        clock.advance(29 * 60)
        assert not await timer.look()
        clock.advance(60)
        bench.engine.gate = asyncio.Event()
        bench.exchange.start()
        await until(lambda: bench.exchange.is_running)
        clock.advance(7200)
        assert not await timer.look()  # never while one runs
        bench.engine.gate.set()
        await until(lambda: not bench.exchange.is_running)
        await settings.set_setting(SETTING, "often")
        clock.advance(7200)
        assert not await timer.look()
    finally:
        timer.stop()
        await bench.aclose()


async def test_settings_hold_at_once_and_are_read_again(
    shop: Store, scope: TaskScope, opened: Opened
) -> None:
    settings = ShopService(shop)
    card = ExchangeSettings(settings, scope)
    await until(lambda: not scope.is_running("exchange settings"))
    assert (card.every.value(), card.quiet.value()) == (0, False)
    card.every.set_value(60)
    card.every.chosen.emit(60)
    card.quiet.set_value(True)
    card.quiet.chosen.emit(True)
    await until(lambda: not scope._alive)
    assert await settings.setting(SETTING) == 60
    assert await settings.setting(quiet_hours.SETTING) == {"from": "22:00", "to": "08:00"}
    card.end.set_value("22:00")
    card.end.chosen.emit("22:00")
    assert not card._form.rows["quiet_hours"].problem.isHidden()
    await until(lambda: not scope._alive)
    assert await settings.setting(quiet_hours.SETTING) == {"from": "22:00", "to": "08:00"}
    again = ExchangeSettings(settings, scope)
    await until(lambda: not scope.is_running("exchange settings"))
    assert (again.every.value(), again.start.value(), again.end.value()) == (60, "22:00", "08:00")
    again.quiet.set_value(False)
    again.quiet.chosen.emit(False)
    again.every.chosen.emit(0)
    await until(lambda: not scope._alive)
    assert await settings.setting(quiet_hours.SETTING) is None
    assert await settings.setting(SETTING) is None
    for one in (card, again):
        one.deleteLater()
