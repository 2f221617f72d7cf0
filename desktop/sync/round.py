"""One account's round while it runs: what it may do, how it stops, how it tells where it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.clock import Clock
from desktop.domain.errors import CancelledByOperatorError
from desktop.domain.removals import needs_consent
from desktop.domain.sync_reports import AccountReport, StreamReport, SyncProgress
from desktop.store.accounts import sync_runs
from desktop.store.database import Store
from desktop.store.transaction import Transaction
from desktop.sync.ports import Cancel

T = TypeVar("T")
LOOK_S = 0.2  # how often a running request looks whether the operator wants to stop
ETA_AFTER_S = 3.0

Progress = Callable[[SyncProgress], None]
AfterPage = Callable[[Transaction, set[int]], None]


class Round:
    """The means and limits of one account's round."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        account: Account,
        run_id: int | None,
        report: AccountReport,
        *,
        is_full: bool,
        accepts_removals: bool,
        cancel: Cancel,
        progress: Progress | None,
        after_page: AfterPage | None = None,
    ) -> None:
        self.store = store
        self.account = account
        self.report = report
        self.is_full = is_full
        self._accepts_removals = accepts_removals
        self._run_id = run_id
        self.clock = clock
        self._cancel = cancel
        self._progress = progress
        self._after_page = after_page
        self._stream_began: dict[str, float] = {}

    def now_ms(self) -> int:
        """This moment, UTC milliseconds."""
        return self.clock.now_ms()

    def stop_if_cancelled(self) -> None:
        """Raise CancelledByOperatorError when the operator asked to stop."""
        if self._cancel.is_set():
            raise CancelledByOperatorError("sync_cancelled")

    async def ask(self, request: Coroutine[Any, Any, T]) -> T:
        """Await a reading request, dropped within a fifth of a second when the operator cancels.

        Raises CancelledByOperatorError, and what the request raises.
        """
        try:
            self.stop_if_cancelled()
        except CancelledByOperatorError:
            request.close()
            raise
        task = asyncio.ensure_future(request)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=LOOK_S)
                if not task.done():
                    self.stop_if_cancelled()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
        return task.result()

    async def commit(self, work: Callable[[Transaction], T], *reports: StreamReport, what: str) -> T:
        """Store one step with the counts of its streams, in one transaction.

        `work` runs first, so that it may still add to the reports. `after_page` then sees the fans it
        touched, in the same transaction. A step that changed something of the
        shop's data has its operation row; reading the same again leaves none.
        """

        def step(tx: Transaction) -> T:
            result = work(tx)
            fan_ids = tx.touched(Topic.FAN)
            if fan_ids and self._after_page:  # None (many) comes from tags, which no rule looks at
                self._after_page(tx, set(fan_ids))
            tx.is_bookkeeping = not tx.has_touched
            if tx.turned_away and reports:
                reports[0].skipped += len(tx.turned_away)
                reports[0].note("erased")
            if self._run_id is not None:
                for report in reports:
                    sync_runs.save_stream(tx, self._run_id, report)
            return result

        payload = {"account": self.account.uid, "step": what}
        return await self.store.write(step, kind="sync.page", payload=payload)

    def may_remove(self, report: StreamReport, missing: int, known: int) -> bool:
        """Whether rows the platform no longer has may go here too; says so when they are held."""
        if not missing:
            return False
        if needs_consent(missing, known) and not self._accepts_removals:
            report.note("removals_held")
            return False
        return True

    def tell(self, stream: str, done: int, total: int | None) -> None:
        """Say how far a stream is; the time left is told from the third second on."""
        if self._progress is None:
            return
        now = self.clock.monotonic_s()
        elapsed = now - self._stream_began.setdefault(stream, now)
        rate = done / elapsed if elapsed > 0 else 0.0
        eta = None
        if total is not None and rate > 0 and elapsed >= ETA_AFTER_S:
            eta = max(total - done, 0) / rate
        account = {"uid": self.account.uid, "name": self.account.name}
        self._progress(SyncProgress(account, stream, done, total, rate, eta))
