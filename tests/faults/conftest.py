"""What the fault tests stand on: the shop of the outbox tests, a misbehaving line, and a simulated desk."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.store.database import Store
from tests.fakes import FakeClock
from tests.faults.desk import Desk, made
from tests.faults.line import Line
from tests.unit.outbox.world import World


@pytest.fixture
def world(shop: Store, clock: FakeClock, tmp_path: Path, runner: asyncio.Runner) -> World:
    """A shop with three fans and three groups."""

    async def made() -> World:
        world = World(shop, clock, tmp_path / "media")
        await world.people(["小满", "阿青", "老陈"])
        return world

    return runner.run(made())


@pytest.fixture
def line(world: World, runner: asyncio.Runner) -> Iterator[Line]:
    """The shop connected to a platform on the loopback."""
    line = Line(world)
    runner.run(line.open())
    yield line
    runner.run(line.close())


@pytest.fixture(scope="session")
def desks() -> Iterator[Path]:
    """A founded shop to copy, on a disk that costs nothing."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def desk(desks: Path) -> Iterator[Desk]:
    """A shop on virtual time over the simulated platform, synchronised once."""
    desk = made(desks)
    yield desk
    desk.close()
