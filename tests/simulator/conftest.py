"""`--sim-seed N` replays one story."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.simulator.story import Shops, Story

LENGTH = 120  # events of one story; exchanges and commits come on top


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sim-seed", type=int, default=None, help="run only the simulator's story of this seed"
    )


@pytest.fixture(scope="session")
def sim_folder() -> Iterator[Path]:
    """A place where syncing costs nothing, if there is one."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def live(sim_folder: Path) -> Callable[..., Story]:
    """`live(seed)`: the story of a seed, run to its end in a copy of a founded shop."""
    shops = Shops(sim_folder)

    def run(seed: int, length: int = LENGTH) -> Story:
        return shops.told(seed, length)

    return run
