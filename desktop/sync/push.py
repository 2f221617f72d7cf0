"""Hands due outbox items to a platform, each at most once: durable mark first, then the request.

Whatever happens after the mark, the outcome is written down as what is proven, never as what is
hoped. Nothing here repeats a request by itself.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.errors import AppError, NotFoundError
from desktop.domain.mass_send import MassSend, sha256_text
from desktop.domain.outbox import (
    JUMP_LIMIT_MS,
    MEDIA_EXPIRED,
    ClockReading,
    Evidence,
    Finding,
    Retry,
    State,
    Window,
    back_off_ms,
    clock_doubt,
    finding_of,
    is_spent,
    window_at,
)
from desktop.domain.outbox_items import OutboxItem, next_due
from desktop.store import deliveries, reach_rules, recipients
from desktop.store import outbox as outbox_rows
from desktop.store import shop as shop_rows
from desktop.store.database import Store
from desktop.store.media import MediaFolder
from desktop.store.transaction import Transaction
from desktop.sync.ports import AccountRef, Cancel, MassSender, PushReport, TellsServerTime
from desktop.sync.reconcile import Reconciler
from desktop.sync.results import ResultCollector
from desktop.sync.uploads import Uploads

UNSETTLED = (State.CONFIRMED, State.QUEUED, State.IN_FLIGHT, State.UNKNOWN, State.HELD)
WAITING_STATES = (State.CONFIRMED, State.QUEUED)
ZONE = "Asia/Shanghai"
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class _Ready:
    """An item as it stands right before sending: who is left of its targets, who is barred and why."""

    item: OutboxItem
    targets: tuple[str, ...]
    barred: dict[str, str]
    is_intact: bool


class Pusher:
    """The outbox's way out; the engine's OutboxPusher. One push at a time for each account."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        media: MediaFolder,
        *,
        chance: Callable[[], float] = random.random,
        boot_id: str = "",
    ) -> None:
        self._store = store
        self._clock = clock
        self._uploads = Uploads(clock, media)
        self._chance = chance
        self._boot_id = boot_id or uuid.uuid4().hex
        self._locks: dict[int, asyncio.Lock] = {}
        self._last_look: tuple[int, int] | None = None
        self._reconciler = Reconciler(store, clock)
        self._results = ResultCollector(store, clock)

    async def recover(self) -> int:
        """Every in_flight item becomes unknown; how many. Must run before anything is sent."""
        flying = (await self._store.read(outbox_rows.counts_by_state)).get(State.IN_FLIGHT.value, 0)
        if not flying:
            return 0
        return await self._store.write(outbox_rows.recover, kind="outbox.recover")

    async def push(self, account: AccountRef, adapter: MassSender, cancel: Cancel) -> PushReport:
        """Reconcile unknowns, then send what is due. Platform failures are told in the report."""
        report = PushReport()
        lock = self._locks.setdefault(account.id, asyncio.Lock())
        async with lock:
            since = self._clock.now_ms()
            await self._tidy(account)
            if await self._has_work(account):
                try:
                    await adapter.ready()
                except AppError as error:
                    report.stopped_by = error.code
                else:
                    report.reconciled = await self._reconciler.run(account, adapter, report)
                    await self._send_due(account, adapter, cancel, report)
            await self._count(account, report, since)
        return report

    async def collect_results(self, account: AccountRef, adapter: MassSender) -> int:
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
        items = await self._store.read(lambda conn: outbox_rows.in_states(conn, account.id, UNSETTLED))
        unknown = any(item.state is State.UNKNOWN for item in items)
        return unknown or next_due(items, now, ()) is not None

    async def _send_due(
        self, account: AccountRef, adapter: MassSender, cancel: Cancel, report: PushReport
    ) -> None:
        tried: set[int] = set()
        while not cancel.is_set():
            now = self._clock.now_ms()
            items = await self._store.read(lambda conn: outbox_rows.in_states(conn, account.id, UNSETTLED))
            item = next_due(items, now, tried)
            if item is None:
                return
            tried.add(item.id)
            if await self._hold_on_doubt(account, adapter, report):
                return
            if not await self._send_one(account, adapter, cancel, item.uid, report):
                return

    async def _hold_on_doubt(self, account: AccountRef, adapter: MassSender, report: PushReport) -> bool:
        """With a clock that cannot be trusted nothing leaves: everything due is held."""
        now, mono = self._clock.now_ms(), int(self._clock.monotonic_s() * 1000)
        before = self._last_look or (now, mono)
        if abs((now - before[0]) - (mono - before[1])) > JUMP_LIMIT_MS:
            try:  # slept, or somebody set the clock: hear the platform's time before believing ours
                await adapter.list_mass_sends("single", now - JUMP_LIMIT_MS, now)
            except AppError as error:
                report.stopped_by = error.code
                return True
        skew = adapter.clock_skew_ms() if isinstance(adapter, TellsServerTime) else None
        last_event = await self._store.read(outbox_rows.last_event_at)
        doubt = clock_doubt(ClockReading(now, last_event, skew, now - before[0], mono - before[1]))
        self._last_look = (now, mono)
        if doubt is None:
            return False

        def work(tx: Transaction) -> None:
            for item in outbox_rows.in_states(tx.db.conn, account.id, WAITING_STATES):
                outbox_rows.move(tx, item.id, State.HELD, reason={"code": doubt})

        await self._store.write(work, kind="outbox.hold", payload={"why": doubt})
        report.stopped_by = doubt
        return True

    async def _send_one(
        self, account: AccountRef, adapter: MassSender, cancel: Cancel, uid: str, report: PushReport
    ) -> bool:
        """One item, one attempt at most; False when no other item of the account can do better now."""
        ready = await self._store.read(lambda conn: self._look(conn, account, uid))
        if not ready.is_intact or not ready.targets:
            await self._give_up(ready)
            return True
        send = replace(ready.item.send, targets=ready.targets)
        finding = await self._uploads.media_ids(account, adapter, send)
        if isinstance(finding, Finding):
            await self._upload_failed(ready.item, finding)
            report.stopped_by = finding.code if finding.stops_account else report.stopped_by
            return not finding.stops_account
        send = replace(send, media_ids=finding)
        attempt = await self._begin(ready, send)
        if attempt is None:
            return True
        if cancel.is_set() or self._window(ready.item) is not Window.OPEN:
            await self._not_sent(ready.item, attempt)
            return True
        return await self._exchange(account, adapter, ready.item, attempt, send, report)

    async def _exchange(
        self,
        account: AccountRef,
        adapter: MassSender,
        item: OutboxItem,
        attempt: int,
        send: MassSend,
        report: PushReport,
    ) -> bool:
        """The one request, and its outcome. No await stands between the last window check and it."""
        try:
            receipt = await adapter.create_mass_send(send)
        except BaseException as error:  # also cancellation: the request may have been executed
            finding = finding_of(error)
            if finding.code == MEDIA_EXPIRED:
                self._uploads.forget(account, send)
            await asyncio.shield(self._failed(item, attempt, finding))
            if not isinstance(error, Exception):
                raise
            if finding.stops_account:
                report.stopped_by = finding.code
            return not finding.stops_account
        await asyncio.shield(self._accepted(item, attempt, receipt.platform_id, receipt.refused))
        report.sent += 1
        return True

    def _look(self, conn: Any, account: AccountRef, uid: str) -> _Ready:
        """The item, checked again at sending: bytes, suppression, refusal, quota."""
        item = outbox_rows.by_uid(conn, uid, with_payload=True)
        shop = shop_rows.find(conn)
        zone = shop.timezone if shop else ZONE
        now = self._clock.now_ms()
        row = recipients.account_by_id(conn, account.id)
        if row is None:
            raise NotFoundError("account_missing", account=account.uid)
        rule = reach_rules.quota_rule(conn, account.platform, now, zone)
        reach = recipients.reach_of(row, rule, now, zone)
        send = item.send
        if send.chat_type == "single":
            barred = recipients.unreachable_now(conn, item.id, reach)
        else:
            barred = recipients.groups_over_quota(conn, item.id, reach)
        open_targets = deliveries.planned(conn, item.id)
        targets = tuple(t for t in send.targets if t in open_targets and t not in barred)
        return _Ready(item, targets, barred, sha256_text(item.payload) == item.payload_sha256)

    async def _give_up(self, ready: _Ready) -> None:
        """Changed bytes are held for review; an item that may reach nobody is rejected."""

        def work(tx: Transaction) -> None:
            if outbox_rows.state_of(tx, ready.item.id) not in WAITING_STATES:
                return
            if not ready.is_intact:
                outbox_rows.move(tx, ready.item.id, State.HELD, reason={"code": "bytes_changed"})
                return
            self._bar(tx, ready)
            self._queue(tx, ready.item)
            outbox_rows.move(tx, ready.item.id, State.REJECTED, reason={"code": "nobody_left"})

        await self._store.write(work, kind="outbox.settle", payload={"uid": ready.item.uid})

    async def _upload_failed(self, item: OutboxItem, finding: Finding) -> None:
        """The message itself was never sent: wait and try again, unless the picture cannot be sent."""

        def work(tx: Transaction) -> None:
            if outbox_rows.state_of(tx, item.id) not in WAITING_STATES:
                return
            self._queue(tx, item)
            reason = {"code": finding.code, "platform_code": finding.platform_code}
            if finding.evidence is Evidence.NOT_EXECUTED and finding.retry is Retry.NEVER:
                outbox_rows.move(tx, item.id, State.REJECTED, reason=reason)
                return
            wait = (
                0 if finding.retry is Retry.FREE else back_off_ms(1, self._chance(), finding.retry_after_ms)
            )
            outbox_rows.put_off(tx, item.id, tx.now_ms + wait if wait else 0, reason)

        await self._store.write(work, kind="outbox.settle", payload={"uid": item.uid})

    async def _begin(self, ready: _Ready, send: MassSend) -> int | None:
        """The durable mark before the first byte; None when the item was stopped or its window closed."""
        request = sha256_text(send.canonical() + "".join(send.media_ids))
        mono_ms = int(self._clock.monotonic_s() * 1000)

        def work(tx: Transaction) -> int | None:
            item = ready.item
            if outbox_rows.state_of(tx, item.id) not in WAITING_STATES:
                return None
            if window_at(tx.now_ms, item.not_before, item.not_after) is Window.LATE:
                outbox_rows.move(tx, item.id, State.MISSED, reason={"code": "window_passed_waiting"})
                return None
            self._bar(tx, ready)
            self._queue(tx, item)
            return outbox_rows.begin_attempt(
                tx, item.id, mono_ms=mono_ms, boot_id=self._boot_id, request_sha256=request
            )

        return await self._store.write(work, kind=None)

    async def _not_sent(self, item: OutboxItem, attempt: int) -> None:
        """The mark was set but no byte left: stopped by the operator, or the window closed meanwhile."""
        is_late = self._window(item) is Window.LATE

        def work(tx: Transaction) -> None:
            code = "window_passed" if is_late else "left_before_send"
            outbox_rows.end_attempt(tx, attempt, Evidence.NOT_EXECUTED.value, code, {"free": True})
            if is_late:
                outbox_rows.move(tx, item.id, State.MISSED, reason={"code": "window_passed_waiting"})
            else:
                outbox_rows.move(tx, item.id, State.QUEUED, next_attempt_at=0)

        await self._store.write(work, kind="outbox.settle", payload={"uid": item.uid})

    async def _accepted(
        self, item: OutboxItem, attempt: int, platform_id: str, refused: tuple[str, ...]
    ) -> None:
        def work(tx: Transaction) -> None:
            detail = {"platform_id": platform_id, "refused": len(refused)}
            outbox_rows.end_attempt(tx, attempt, Evidence.DONE.value, "accepted", detail)
            proof = {"by": "reply", "platform_id": platform_id, "at": tx.now_ms}
            outbox_rows.move(tx, item.id, State.DONE, proof=proof, platform_id=platform_id)
            deliveries.accepted(tx, item.id, refused)

        await self._store.write(work, kind="outbox.settle", payload={"uid": item.uid, "outcome": "D"})

    async def _failed(self, item: OutboxItem, attempt: int, finding: Finding) -> None:
        """Write an outcome other than success, and what follows from it."""
        reason = {"code": finding.code, "platform_code": finding.platform_code}

        def work(tx: Transaction) -> None:
            detail = {**reason, "free": finding.retry is Retry.FREE}
            outbox_rows.end_attempt(tx, attempt, finding.evidence.value, finding.code, detail)
            if finding.evidence is Evidence.UNKNOWN:
                outbox_rows.move(tx, item.id, State.UNKNOWN, reason=reason)
                return
            if finding.retry is Retry.FREE:
                outbox_rows.move(tx, item.id, State.QUEUED, reason=reason, next_attempt_at=0)
                return
            used, busy = outbox_rows.tries_used(tx.db.conn, item.id)
            if finding.retry is Retry.NEVER or is_spent(used, busy):
                spent = {} if finding.retry is Retry.NEVER else {"tries": used}
                outbox_rows.move(tx, item.id, State.REJECTED, reason={**reason, **spent})
                return
            wait = back_off_ms(used, self._chance(), finding.retry_after_ms)
            outbox_rows.move(tx, item.id, State.QUEUED, reason=reason, next_attempt_at=tx.now_ms + wait)

        payload = {"uid": item.uid, "outcome": finding.evidence.value, "code": finding.code}
        await self._store.write(work, kind="outbox.settle", payload=payload)

    def _window(self, item: OutboxItem) -> Window:
        return window_at(self._clock.now_ms(), max(item.not_before, item.hold_until), item.not_after)

    def _queue(self, tx: Transaction, item: OutboxItem) -> None:
        if outbox_rows.state_of(tx, item.id) is State.CONFIRMED:
            outbox_rows.move(tx, item.id, State.QUEUED)

    def _bar(self, tx: Transaction, ready: _Ready) -> None:
        for status in ("refused", "over_limit"):
            targets = [target for target, why in ready.barred.items() if why == status]
            deliveries.set_status(tx, ready.item.id, targets, status)

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
