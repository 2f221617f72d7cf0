"""A sync centre for tests: the real page, services and store over a scripted platform and engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.clock import Clock
from desktop.domain.errors import AppError
from desktop.domain.sync_reports import AccountReport, Outcome, StreamReport, SyncProgress, SyncReport
from desktop.platforms.doudian.adapter import DoudianPlatform
from desktop.platforms.douyin.adapter import DouyinPlatform
from desktop.platforms.wechat.adapter import WeChatPlatform
from desktop.platforms.wecom.adapter import WeComPlatform
from desktop.qtkit.change_bridge import ChangeBridge
from desktop.services.accounts import AccountService
from desktop.services.first_send import FirstSendService
from desktop.services.grants import GrantService
from desktop.services.outbox import OutboxService
from desktop.services.secrets import MemorySecretStore
from desktop.services.statistics import StatisticsService
from desktop.store.accounts import accounts, sync_runs
from desktop.store.database import Store
from desktop.sync.outcomes import apply_done
from desktop.views.exchange import Exchange
from desktop.views.sync_page import SyncPage
from tests.fakes import FakeClock
from tests.gui.conftest import Opened

SECRETS = {"corpid": "ww0123456789abcdef", "corpsecret": "s3cret-of-the-app"}


class ScriptedAdapter:
    """Answers the connection test as its platform was told to."""

    platform = "wecom"
    scope = SECRETS["corpid"]

    def __init__(self, door: Scripted) -> None:
        self._door = door

    async def check(self) -> int:
        if self._door.gate is not None:
            await self._door.gate.wait()
        if self._door.error is not None:
            raise self._door.error
        return self._door.staff

    async def aclose(self) -> None:
        self._door.closed += 1


class Scripted:
    """How a platform without its network answers: `error`, `gate` and `staff` are the script."""

    def __init__(self) -> None:
        self.error: AppError | None = None
        self.gate: asyncio.Event | None = None
        self.staff = 4
        self.closed = 0
        self.given: list[tuple[str, Mapping[str, str]]] = []

    def connect(self, base_url: str, secrets: Mapping[str, str], clock: Clock) -> Any:
        self.given.append((base_url, dict(secrets)))
        return ScriptedAdapter(self)


class ScriptedPlatform(Scripted, WeComPlatform):
    """WeCom's rules about credentials and addresses, without its network."""


class ScriptedWeChat(Scripted, WeChatPlatform):
    """The official account's rules about credentials and addresses, without its network."""


class ScriptedDouyin(Scripted, DouyinPlatform):
    """Douyin's rules about credentials and addresses, without its network."""


class ScriptedDoudian(Scripted, DoudianPlatform):
    """Douyin shop's rules about credentials and addresses, without its network."""


class ScriptedEngine:
    """Plays `steps` as progress, waits at `gate`, then writes `reports` down like the real engine."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self._store = store
        self._clock = clock
        self.asked: list[dict[str, Any]] = []
        self.talks_only: list[bool] = []
        self.steps: list[SyncProgress] = []
        self.reports: list[AccountReport] = []
        self.error: AppError | None = None
        self.gate: asyncio.Event | None = None

    async def run(
        self,
        account_ids: Sequence[int] | None = None,
        *,
        full: bool = False,
        accept_removals: bool = False,
        progress: Callable[[SyncProgress], None] | None = None,
        cancel: Any = None,
        talks_only: bool = False,
    ) -> SyncReport:
        self.talks_only.append(talks_only)
        self.asked.append({"ids": account_ids, "full": full, "accept_removals": accept_removals})
        for step in self.steps:
            if progress is not None:
                progress(step)
        if self.gate is not None:
            await self._wait(cancel)
        if self.error is not None:
            raise self.error
        for report in self.reports:
            if cancel is not None and cancel.is_set():
                report.outcome = Outcome.CANCELLED
            await self._store.write(lambda tx, report=report: self._note(tx, report), kind=None)
        return SyncReport(tuple(self.reports))

    async def _wait(self, cancel: Any) -> None:
        assert self.gate is not None
        while not self.gate.is_set() and not (cancel is not None and cancel.is_set()):
            await asyncio.sleep(0.02)

    def _note(self, tx: Any, report: AccountReport) -> None:
        run_id = sync_runs.begin(tx, report.account_id)
        for stream in report.streams.values():
            sync_runs.save_stream(tx, run_id, stream)
        code, params = report.error_code, report.error_params
        refused = next((stream for stream in report.streams.values() if stream.error_code), None)
        if code is None and refused is not None:
            code, params = refused.error_code, refused.error_params
        sync_runs.end(tx, run_id, report.outcome, code, params if code else None)
        if code is None and report.outcome is Outcome.OK:
            accounts.note_synced(tx, report.account_id)


class SyncBench:
    """The page over a shop's store; `door` and `engine` take the script."""

    def __init__(self, opened: Opened, store: Store, clock: FakeClock) -> None:
        self.opened = opened
        self.store = store
        self.clock = clock
        self.door = ScriptedPlatform()
        self.secrets = MemorySecretStore()
        self.wechat = ScriptedWeChat()
        self.doors: dict[str, Any] = {
            "wecom": self.door,
            "wechat": self.wechat,
            "douyin": ScriptedDouyin(),
            "doudian": ScriptedDoudian(),
        }
        self.accounts = AccountService(store, clock, self.doors, self.secrets)
        self.outbox = OutboxService(store, clock, apply_done)
        self.first_send = FirstSendService(store, clock)
        self.statistics = StatisticsService(store, clock)
        self.grants = GrantService(store, clock, self.accounts)
        self.engine = ScriptedEngine(store, clock)
        self.bridge = ChangeBridge(store.feed, merge_ms=1)
        self.context = replace(opened.context, bridge=self.bridge)
        self.exchange = Exchange(self.engine, self.context)
        self.page: SyncPage | None = None

    def open(self, width: int = 1158, height: int = 716) -> SyncPage:
        """Show the page in the room that the window leaves it at 1366×768."""
        self.page = SyncPage(
            self.context,
            self.accounts,
            self.outbox,
            self.exchange,
            self.first_send,
            self.statistics,
            self.grants,
        )
        self.page.resize(width, height)
        self.page.show()
        return self.page

    async def add(self, name: str = "小满企业微信", **secrets: str) -> Account:
        """An account that is connected."""
        _test, account = await self.accounts.connect("wecom", name, None, {**SECRETS, **secrets})
        assert account is not None
        return account

    def report(self, account: Account, *streams: StreamReport, **more: Any) -> AccountReport:
        """The next round's report for an account."""
        made = AccountReport(account.id, account.uid, account.name, account.platform, **more)
        made.streams = {stream.stream: stream for stream in streams}
        self.engine.reports = [
            *[known for known in self.engine.reports if known.account_id != account.id],
            made,
        ]
        return made

    async def aclose(self) -> None:
        """End everything that runs; call it at the end of a test, while the loop still turns."""
        self.bridge.close()
        self.exchange.cancel()
        await self.exchange.scope.aclose()
        if self.page is not None:
            await self.page.scope.aclose()
            self.page.hide()
            self.page.deleteLater()
            self.page = None


def step(
    account: Account, stream: str, done: int, total: int | None, rate: float = 0, eta: float | None = None
) -> SyncProgress:
    """One message of the engine."""
    return SyncProgress({"uid": account.uid, "name": account.name}, stream, done, total, rate, eta)
