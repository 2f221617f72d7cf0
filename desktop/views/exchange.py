"""The exchange with the platforms as the window sees it: one at a time, told as it goes, stopped when asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from desktop.domain.errors import AppError
from desktop.domain.sync_reports import SyncProgress, SyncReport
from desktop.qtkit.i18n import label, t
from desktop.qtkit.tasks import TaskScope
from desktop.views.navigation import Navigation
from desktop.views.page import PageContext

ROUND = "exchange"


class Runs(Protocol):
    """The engine's way to run one round."""

    def run(
        self,
        account_ids: Sequence[int] | None = None,
        *,
        full: bool = False,
        accept_removals: bool = False,
        progress: Callable[[SyncProgress], None] | None = None,
        cancel: Any = None,
        talks_only: bool = False,
    ) -> Awaitable[SyncReport]:
        """Exchange with these accounts, or all."""
        ...


Before = Callable[[Sequence[int] | None], Awaitable[None]]


class Exchange(QObject):
    """`began()`, `progressed(SyncProgress)`, `ended(SyncReport or None)`; a failure is told as a notice.

    `before` is asked before each round that a person starts: here the owner sees what would leave.
    """

    began = Signal()
    progressed = Signal(object)
    ended = Signal(object)

    def __init__(self, engine: Runs, context: PageContext, before: Before | None = None) -> None:
        super().__init__()
        self._engine = engine
        self._context = context
        self._before = before
        self._cancel: asyncio.Event | None = None
        self.scope = TaskScope(self._failed)

    @property
    def is_running(self) -> bool:
        """Whether a round is under way."""
        return self._cancel is not None

    def start(
        self,
        account_ids: Sequence[int] | None = None,
        *,
        full: bool = False,
        accept_removals: bool = False,
        talks_only: bool = False,
    ) -> None:
        """Begin a round with these accounts (None: all), unless one is under way or asked about.

        With `talks_only` just replies leave and messages come in; that is told only when it fails.
        """
        if not self.is_running and not self.scope.is_running(ROUND):
            self.scope.spawn(self._begin(account_ids, full, accept_removals, talks_only), name=ROUND)

    def start_quietly(self) -> None:
        """Begin a round for all that asks nothing and tells only what wants a look, unless one is under way."""
        if not self.is_running and not self.scope.is_running(ROUND):
            self.scope.spawn(self._run(None, False, False, is_quiet=True), name=ROUND)

    def cancel(self) -> None:
        """Stop at the next page; what was stored stays."""
        if self._cancel is not None:
            self._cancel.set()

    async def _begin(
        self, account_ids: Sequence[int] | None, full: bool, accept_removals: bool, talks_only: bool
    ) -> None:
        if self._before is not None:
            await self._before(account_ids)
        await self._run(account_ids, full, accept_removals, talks_only)

    async def _run(
        self,
        account_ids: Sequence[int] | None,
        full: bool,
        accept_removals: bool,
        talks_only: bool = False,
        *,
        is_quiet: bool = False,
    ) -> None:
        self._cancel = asyncio.Event()
        report: SyncReport | None = None
        self.began.emit()
        try:
            report = await self._engine.run(
                account_ids,
                full=full,
                accept_removals=accept_removals,
                progress=self.progressed.emit,
                cancel=self._cancel,
                **({"talks_only": True} if talks_only else {}),
            )
        finally:
            self._cancel = None
            self.ended.emit(report)
        if talks_only:
            self._tell_talks(report)
        elif not is_quiet or report.outcome not in ("ok", "cancelled") or report.has_doubt:
            self._tell(report)

    def _tell_talks(self, report: SyncReport) -> None:
        """Only what keeps messages from going or coming."""
        notices = self._context.notices
        codes = {account.error_code for account in report.accounts}
        codes |= {stream.error_code for one in report.accounts for stream in one.streams.values()}
        if not report.accounts:
            notices.warn("shell.sync_no_account")
        elif "offline" in codes:
            notices.warn("talks.offline")
        elif codes - {None}:
            notices.warn("talks.fetch_failed")

    def _tell(self, report: SyncReport) -> None:
        notices = self._context.notices
        if not report.accounts:
            notices.warn("shell.sync_no_account")
        elif report.outcome == "ok" and report.has_doubt:
            notices.offer(
                "warn",
                "shell.sync_look",
                t("shell.sync_look"),
                "sync_page.look",
                lambda: self._context.go("sync"),
            )
        elif report.outcome == "ok":
            notices.info("shell.sync_ok")
        elif report.outcome == "cancelled":
            notices.info("shell.sync_cancelled")
        else:
            notices.warn("shell.sync_failed")

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, AppError):
            self._context.notices.failed(error)
        else:
            self._context.on_fault(error)


class ProgressLine(QObject):
    """Keeps the foot of the navigation up to date with an exchange."""

    def __init__(self, exchange: Exchange, navigation: Navigation, context: PageContext) -> None:
        super().__init__(navigation)
        self._navigation = navigation
        self._formats = context.formats
        exchange.began.connect(self._begin)
        exchange.progressed.connect(self._show)
        exchange.ended.connect(navigation.hide_progress)

    def _begin(self) -> None:
        self._navigation.show_progress(t("shell.syncing"), 0, None)

    def _show(self, progress: SyncProgress) -> None:
        stream = label("sync_stream", progress.stream)
        if not progress.total:
            text = t("shell.sync_line_open", stream=stream, done=self._formats.count(progress.done))
        elif progress.eta_s is None:
            text = t("shell.sync_line", stream=stream, percent=_percent(progress))
        else:
            left = self._formats.duration(progress.eta_s)
            text = t("shell.sync_line_left", stream=stream, percent=_percent(progress), left=left)
        self._navigation.show_progress(text, progress.done, progress.total)


def _percent(progress: SyncProgress) -> int:
    return min(100, round(100 * progress.done / (progress.total or 1)))
