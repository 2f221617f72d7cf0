"""What tests of talks share: the sandbox, and a connected shop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.store.database import Store
from tests.fakes import MovedClock
from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.talks.bench import TalkBench


@pytest.fixture(scope="session")
def talk_sandbox_process() -> Iterator[SandboxProcess]:
    with running_sandbox(fans=40, staff=3, groups=2) as process:
        yield process


@pytest.fixture
def sandbox(talk_sandbox_process: SandboxProcess) -> SandboxProcess:
    """A corp with 40 customers and two service desks, put back to its beginning."""
    talk_sandbox_process.reset()
    return talk_sandbox_process


@pytest.fixture
def clock() -> MovedClock:
    """Sandbox and program must agree on the time here."""
    return MovedClock()


@pytest.fixture
def bench(
    shop: Store, clock: MovedClock, sandbox: SandboxProcess, tmp_path: Path, runner: asyncio.Runner
) -> TalkBench:
    """A shop connected to the sandbox; nothing pulled yet."""

    async def made() -> TalkBench:
        bench = TalkBench(shop, clock, sandbox, tmp_path / "media")
        await bench.connect()
        return bench

    return runner.run(made())
