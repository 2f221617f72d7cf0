"""Hands due outbox items to a platform, each at most once: durable mark first, then the request.

Whatever happens after the mark, the outcome is written down as what is proven, never as what is
hoped. Nothing here repeats a request by itself.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.errors import PlatformError
from desktop.domain.outbox import MEDIA_EXPIRED, Finding, Retry, State, Window, finding_of, is_skewed
from desktop.domain.outbox_items import OutboxItem, Queued, next_due
from desktop.domain.writes import Write
from desktop.platforms.ports import PerformsWrites, PreparesWrites, skew_of
from desktop.store.accounts import abilities
from desktop.store.accounts import accounts as account_rows
from desktop.store.accounts.accounts import FIRST_SEND_UNSEEN
from desktop.store.database import Store
from desktop.store.posts.media import MediaFolder
from desktop.store.sends import deliveries, outbox_queue
from desktop.store.sends import outbox as outbox_rows
from desktop.store.transaction import Transaction
from desktop.sync.gate import ClockWatch, Gate, Ready
from desktop.sync.ports import AccountRef, Cancel, PushReport
from desktop.sync.reconcile import Reconciler
from desktop.sync.results import ResultCollector
from desktop.sync.settle import WAITING_STATES, Settler
from desktop.sync.uploads import Uploads

MOST_COUNTED = 10_000


class Pusher:
    """The outbox's way out; the engine's OutboxPusher. One push at a time for each account.

    With `asks_before_first_send` nothing leaves through an account whose owner has not seen yet what does.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        media: MediaFolder,
        *,
        chance: Callable[[], float] = random.random,
        boot_id: str = "",
        asks_before_first_send: bool = False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._uploads = Uploads(clock, media)
        self._settle = Settler(store, clock, chance, boot_id or uuid.uuid4().hex)
        self._locks: dict[int, asyncio.Lock] = {}
        self._clock_watch = ClockWatch(store, clock)
        self._reconciler = Reconciler(store, clock)
        self._results = ResultCollector(store, clock)
        self._asks_first = asks_before_first_send

    async def recover(self) -> int:
        """Every in_flight item becomes unknown; how many. Must run before anything is sent."""
        flying = (await self._store.read(outbox_rows.counts_by_state)).get(State.IN_FLIGHT.value, 0)
        if not flying:
            return 0
        return await self._store.write(outbox_rows.recover, kind="outbox.recover")

    async def push(
        self,
        account: AccountRef,
        adapter: PerformsWrites,
        cancel: Cancel,
        kinds: Collection[str] | None = None,
    ) -> PushReport:
        """Reconcile unknowns, then send what is due (of `kinds` only). Platform failures are in the report."""
        report = PushReport()
        lock = self._locks.setdefault(account.id, asyncio.Lock())
        async with lock:
            since = self._clock.now_ms()
            await self._tidy(account)
            if await self._has_work(account):
                try:
                    await adapter.ready()
                except PlatformError as error:
                    report.stopped_by = error.code
                else:
                    report.reconciled = await self._reconciler.run(account, adapter, report)
                    if await self._waits_for_agreement(account):
                        report.stopped_by = FIRST_SEND_UNSEEN
                    else:
                        await _Turn(self, account, adapter, cancel, report, kinds).run()
                    await self._note_abilities(account, report)
            await self._count(account, report, since)
        return report

    async def collect_results(self, account: AccountRef, adapter: PerformsWrites) -> int:
        """Ask what became of accepted tasks; how many deliveries changed."""
        return await self._results.run(account, adapter)

    async def _tidy(self, account: AccountRef) -> None:
        """Leftovers first: a sending cut short is unknown, a window that closed is missed."""
        now = self._clock.now_ms()
        device = self._store.device_id

        def look(conn: Any) -> tuple[bool, bool, list[OutboxItem]]:
            flying = bool(outbox_rows.in_states(conn, account.id, (State.IN_FLIGHT,)))
            waiting = outbox_rows.in_states(conn, account.id, WAITING_STATES)
            return flying, outbox_rows.has_overdue(conn, now), [i for i in waiting if i.device_id != device]

        flying, overdue, foreign = await self._store.read(look)

        def work(tx: Transaction) -> None:
            outbox_rows.recover(tx, account.id)
            for item in foreign:
                if outbox_rows.state_of(tx, item.id) in WAITING_STATES:
                    outbox_rows.move(tx, item.id, State.HELD, reason={"code": "other_computer"})
            outbox_rows.miss_overdue(tx, "window_passed_waiting")

        if flying or overdue or foreign:
            await self._store.write(work, kind="outbox.tidy")

    async def _has_work(self, account: AccountRef) -> bool:
        now = self._clock.now_ms()
        items = await self._store.read(lambda conn: outbox_queue.queue(conn, account.id))
        unknown = any(item.state is State.UNKNOWN for item in items)
        return unknown or next_due(items, now, ()) is not None

    async def _waits_for_agreement(self, account: AccountRef) -> bool:
        """Whether what is due must wait until the owner has seen what leaves; says so with each item."""
        if not self._asks_first:
            return False

        known = await self._store.read(lambda conn: account_rows.get(conn, account.id))
        if known is not None and known.may_send:
            return False
        now, reason = self._clock.now_ms(), {"code": FIRST_SEND_UNSEEN}

        def look(conn: Any) -> list[OutboxItem]:
            due = {item.id for item in outbox_queue.queue(conn, account.id) if item.is_due(now)}
            waiting = outbox_rows.in_states(conn, account.id, WAITING_STATES)
            return [item for item in waiting if item.id in due and item.reason != reason]

        due = await self._store.read(look)

        def work(tx: Transaction) -> None:
            for item in due:
                outbox_rows.note_reason(tx, item.id, reason)

        if due:
            await self._store.write(work, kind=None)
        return True

    async def _note_abilities(self, account: AccountRef, report: PushReport) -> None:
        """What the platform does not allow the account, and what it does again."""
        if not report.refused and not report.worked:
            return

        def work(tx: Transaction) -> None:
            abilities.note_working(tx, account.id, sorted(report.worked))
            for kind, finding in report.refused.items():
                said = {"platform_code": finding.platform_code}
                abilities.note_refused(tx, account.id, kind, finding.code, said)

        await self._store.write(work, kind=None)

    async def _count(self, account: AccountRef, report: PushReport, since: int) -> None:
        """What became of the account's items since the push began, and what is left."""

        def look(conn: Any) -> tuple[dict[str, int], int]:
            return (
                outbox_rows.counts_since(conn, account.id, since),
                len(deliveries.awaiting_staff(conn, account.id, 0, MOST_COUNTED)),
            )

        counts, report.waiting = await self._store.read(look)
        report.unknown = counts.get(State.UNKNOWN.value, 0)
        report.queued = counts.get(State.CONFIRMED.value, 0) + counts.get(State.QUEUED.value, 0)
        report.held = counts.get(State.HELD.value, 0)
        report.rejected = counts.get(State.REJECTED.value, 0)
        report.missed = counts.get(State.MISSED.value, 0)


class _Turn:
    """One account's turn: its due items one after the other, until none can do better now."""

    def __init__(
        self,
        pusher: Pusher,
        account: AccountRef,
        adapter: PerformsWrites,
        cancel: Cancel,
        report: PushReport,
        kinds: Collection[str] | None,
    ) -> None:
        self._kinds = kinds
        self._store, self._clock = pusher._store, pusher._clock
        self._uploads, self._settle, self._clock_watch = (
            pusher._uploads,
            pusher._settle,
            pusher._clock_watch,
        )
        self._account = account
        self._adapter = adapter
        self._cancel = cancel
        self._report = report
        self._gate = Gate(self._store, self._clock, account, adapter)
        self._closed_kinds: set[str] = set()
        self._tried: set[int] = set()
        self._again: set[int] = set()  # those whose token died on the way; once more in this turn

    async def run(self) -> None:
        """Send until nothing is due, the operator stops, or the account cannot go on."""
        while not self._cancel.is_set():
            items = await self._store.read(self._unsettled)
            item = next_due(items, self._clock.now_ms(), self._tried)
            if item is None:
                return
            self._tried.add(item.id)
            if item.kind in self._closed_kinds:
                continue
            try:
                doubt = await self._clock_watch.doubt(self._adapter)
            except PlatformError as error:
                self._report.stopped_by = error.code
                return
            if doubt is not None:
                await self._hold_everything(doubt)
                return
            if not await self._send_one(item.uid):
                return

    def _unsettled(self, conn: Any) -> list[Queued]:
        items = outbox_queue.queue(conn, self._account.id)
        return [item for item in items if self._kinds is None or item.kind in self._kinds]

    async def _hold_everything(self, doubt: str) -> None:
        """With a clock that cannot be trusted nothing leaves: all that waits is held."""

        def work(tx: Transaction) -> None:
            for item in outbox_rows.in_states(tx.db.conn, self._account.id, WAITING_STATES):
                outbox_rows.move(tx, item.id, State.HELD, reason={"code": doubt})

        await self._store.write(work, kind="outbox.hold", payload={"why": doubt})
        self._report.stopped_by = doubt

    async def _send_one(self, uid: str) -> bool:
        """One item, one attempt at most; False when no other item of the account can do better now."""
        ready = await self._gate.look(uid)
        if not ready.is_intact or ready.hold or ready.refusal or ready.has_nobody_left:
            await self._settle.give_up(ready)
            return True
        if ready.asks is not None:
            await self._settle.ask(ready.item, ready.asks)
            return True
        if ready.wait_for is not None:
            await self._settle.put_off(ready.item, ready.wait_for, ready.until)
            return True
        if ready.write.kind not in self._adapter.kinds:
            await self._settle.hold(ready.item, {"code": "kind_unsupported"})
            return True
        try:
            same = await self._gate.look_alikes(ready.item, ready.write)
        except PlatformError as error:  # without the list a second computer's send would go unseen
            return self._told(ready.write.kind, finding_of(error))
        if same:
            await self._settle.hold(ready.item, {"code": "sent_elsewhere", "alike": same})
            return True
        found = await self._uploads.media_ids(self._account, self._adapter, ready.write)
        if isinstance(found, Finding):
            await self._settle.upload_failed(ready.item, found)
            return self._told(ready.write.kind, found)
        try:  # uploads took their time: what leaves has its token and its call at hand
            if isinstance(self._adapter, PreparesWrites):
                await self._adapter.prepare(ready.write.kind)
            else:
                await self._adapter.ready()
        except PlatformError as error:  # nothing of it left: no attempt is counted
            finding = finding_of(error)
            await self._settle.upload_failed(ready.item, finding)
            return self._told(ready.write.kind, finding)
        return await self._attempt(ready, replace(ready.write, media_ids=found))

    async def _attempt(self, ready: Ready, write: Write) -> bool:
        """The mark, the one request, the outcome. No await stands between the last look and the request."""
        attempt = await self._settle.begin(ready, write, self._gate.stands)
        if attempt is None:
            return True
        is_sure = self._settle.window(ready.item) is Window.OPEN and not is_skewed(skew_of(self._adapter))
        if self._cancel.is_set() or not is_sure:
            await self._settle.not_sent(ready.item, attempt)
            return True
        key = ready.item.uid.replace("-", "")
        try:
            receipt = await self._adapter.perform(write, key, is_repeat=ready.is_repeat)
        except BaseException as error:  # also cancellation: the request may have been executed
            finding = finding_of(error)
            if finding.code == MEDIA_EXPIRED:
                self._uploads.forget(self._account, write)
            await asyncio.shield(self._settle.failed(ready.item, attempt, finding))
            if not isinstance(error, Exception):
                raise
            if finding.is_at_once and ready.item.id not in self._again:
                self._again.add(ready.item.id)
                self._tried.discard(ready.item.id)
                return True
            return self._told(write.kind, finding)
        await asyncio.shield(self._settle.accepted(ready.item, attempt, receipt))
        self._report.sent += 1
        self._report.worked.add(write.kind)
        return True

    def _told(self, kind: str, finding: Finding) -> bool:
        """Remember what a failure closes for this turn; whether the account can go on."""
        if finding.stops_account:
            self._report.stopped_by = finding.code
            return False
        if finding.stops_kind:
            self._closed_kinds.add(kind)
            self._report.notes.append(finding.code)
            if finding.retry is Retry.FREE:  # for want of permission, not for too many calls
                self._report.refused[kind] = finding
        return True
