"""What the synchronisation tests share: the sandbox, and a shop that can exchange with it."""

import asyncio
from collections.abc import Iterator

import pytest

from desktop.store.database import Store
from tests.fakes import FakeClock
from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.sync.bench import Bench


@pytest.fixture(scope="session")
def sync_sandbox_process() -> Iterator[SandboxProcess]:
    with running_sandbox(fans=230, staff=3, groups=5) as process:
        yield process


@pytest.fixture
def sandbox(sync_sandbox_process: SandboxProcess) -> SandboxProcess:
    """A corp with 230 customers, 3 staff and 5 groups, put back to its beginning."""
    sync_sandbox_process.reset()
    return sync_sandbox_process


@pytest.fixture
def bench(shop: Store, clock: FakeClock, runner: asyncio.Runner) -> Bench:
    """A shop with accounts and an engine; no account yet."""
    return Bench(shop, clock)
