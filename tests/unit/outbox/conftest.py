"""The world of outbox tests: an open shop with three fans and three groups."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from desktop.store.database import Store
from tests.fakes import FakeClock
from tests.unit.outbox.world import World


@pytest.fixture
def world(shop: Store, clock: FakeClock, tmp_path: Path, runner: asyncio.Runner) -> World:
    async def made() -> World:
        world = World(shop, clock, tmp_path / "media")
        await world.people(["小满", "阿青", "老陈"])
        return world

    return runner.run(made())
