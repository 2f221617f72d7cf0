"""What the synchronisation tests share: the sandbox, and a shop that can exchange with it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.store.database import Store
from tests.fakes import FakeClock
from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.sync.bench import Bench
from tests.sync.shell import Shop


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


@pytest.fixture
def connected(tmp_path: Path, sandbox: SandboxProcess) -> Iterator[Shop]:
    """A new shop with the sandbox's account; its secret is taken back at the end."""
    shop = Shop(tmp_path / "shop", sandbox)
    shop.run("init", "--name", "小满", "--industry", "frequent-online")
    words = ("accounts", "add", "--platform", "wecom", "--name", "小满")
    added = shop.run(*words, "--base-url", sandbox.wecom_base_url, given=shop.secrets)
    assert added["secret_kept"] in ("kernel", "memory")
    assert added["notice"]
    yield shop
    shop.run("accounts", "remove", added["account"])
