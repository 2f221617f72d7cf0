"""Writes down what became of an attempt: the mark before it, and what is proven after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.outbox import (
    Evidence,
    Finding,
    Retry,
    State,
    Window,
    back_off_ms,
    is_spent,
    window_at,
)
from desktop.domain.outbox_items import OutboxItem
from desktop.domain.writes import Receipt, Write, sha256_text
from desktop.store.database import Store
from desktop.store.sends import deliveries
from desktop.store.sends import outbox as outbox_rows
from desktop.store.transaction import Transaction
from desktop.sync.gate import Ready
from desktop.sync.outcomes import apply_done

WAITING_STATES = (State.CONFIRMED, State.QUEUED)


class Settler:
    """Every step an item makes while it is pushed, each in one transaction."""

    def __init__(self, store: Store, clock: Clock, chance: Callable[[], float], boot_id: str) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._boot_id = boot_id

    def window(self, item: OutboxItem) -> Window:
        """Where this moment lies in the item's window."""
        return window_at(self._clock.now_ms(), max(item.not_before, item.hold_until), item.not_after)

    async def give_up(self, ready: Ready) -> None:
        """Changed bytes and failed predecessors are held for review; what would be refused is rejected."""

        def work(tx: Transaction) -> None:
            if outbox_rows.state_of(tx, ready.item.id) not in WAITING_STATES:
                return
            why = {"code": "bytes_changed"} if not ready.is_intact else ready.hold
            if why is not None:
                outbox_rows.move(tx, ready.item.id, State.HELD, reason=why)
                return
            _bar(tx, ready)
            _queue(tx, ready.item)
            refusal = ready.refusal or {"code": "nobody_left"}
            outbox_rows.move(tx, ready.item.id, State.REJECTED, reason=refusal)

        await self._store.write(work, kind="outbox.settle", payload={"uid": ready.item.uid})

    async def hold(self, item: OutboxItem, reason: Mapping[str, Any]) -> None:
        """Hold an item for the operator to look at."""

        def work(tx: Transaction) -> None:
            if outbox_rows.state_of(tx, item.id) in WAITING_STATES:
                outbox_rows.move(tx, item.id, State.HELD, reason=reason)

        payload = {"uid": item.uid, "why": str(reason.get("code", ""))}
        await self._store.write(work, kind="outbox.hold", payload=payload)

    async def ask(self, item: OutboxItem, question: Mapping[str, Any]) -> None:
        """An earlier try is in doubt and cannot be repeated any more: the operator is asked what became of it."""

        def work(tx: Transaction) -> None:
            if outbox_rows.state_of(tx, item.id) in WAITING_STATES:
                _queue(tx, item)
                outbox_rows.move(tx, item.id, State.UNKNOWN, reason=question)

        await self._store.write(work, kind="outbox.settle", payload={"uid": item.uid})

    async def put_off(self, item: OutboxItem, reason: Mapping[str, Any], until: int) -> None:
        """Not now; says why. Leaves no trace in the log when that was known already."""

        def work(tx: Transaction) -> None:
            if outbox_rows.state_of(tx, item.id) not in WAITING_STATES or item.reason == reason:
                tx.is_bookkeeping = True
                return
            _queue(tx, item)
            outbox_rows.put_off(tx, item.id, until, reason)

        await self._store.write(work, kind="outbox.settle", payload={"uid": item.uid})

    async def upload_failed(self, item: OutboxItem, finding: Finding) -> None:
        """The message itself was never sent: wait and try again, unless the picture cannot be sent."""

        def work(tx: Transaction) -> None:
            if outbox_rows.state_of(tx, item.id) not in WAITING_STATES:
                return
            _queue(tx, item)
            reason = {"code": finding.code, "platform_code": finding.platform_code}
            if finding.evidence is Evidence.NOT_EXECUTED and finding.retry is Retry.NEVER:
                outbox_rows.move(tx, item.id, State.REJECTED, reason=reason)
                return
            is_free = finding.retry is Retry.FREE
            wait = 0 if is_free else back_off_ms(1, self._chance(), finding.retry_after_ms)
            outbox_rows.put_off(tx, item.id, tx.now_ms + wait if wait else 0, reason)

        await self._store.write(work, kind="outbox.settle", payload={"uid": item.uid})

    async def begin(self, ready: Ready, write: Write, stands: Callable[[Any, Ready], bool]) -> int | None:
        """The durable mark before the first byte; None when the item was stopped, its window closed, or
        `stands` finds that something about it changed meanwhile: it is looked at anew next time."""
        request = sha256_text(write.canonical() + "".join(write.media_ids))
        mono_ms = int(self._clock.monotonic_s() * 1000)

        def work(tx: Transaction) -> int | None:
            item = ready.item
            if outbox_rows.state_of(tx, item.id) not in WAITING_STATES:
                return None
            if window_at(tx.now_ms, item.not_before, item.not_after) is Window.LATE:
                outbox_rows.move(tx, item.id, State.MISSED, reason={"code": "window_passed_waiting"})
                return None
            if not stands(tx.db.conn, ready):
                return None
            _bar(tx, ready)
            _queue(tx, item)
            return outbox_rows.begin_attempt(
                tx, item.id, mono_ms=mono_ms, boot_id=self._boot_id, request_sha256=request
            )

        return await self._store.write(work, kind=None, needs_reserve=True)

    async def not_sent(self, item: OutboxItem, attempt: int) -> None:
        """The mark was set but no byte left: stopped by the operator, or the window closed meanwhile."""
        is_late = self.window(item) is Window.LATE

        def work(tx: Transaction) -> None:
            code = "window_passed" if is_late else "left_before_send"
            outbox_rows.end_attempt(tx, attempt, Evidence.NOT_EXECUTED.value, code, {"free": True})
            if is_late:
                outbox_rows.move(tx, item.id, State.MISSED, reason={"code": "window_passed_waiting"})
            else:
                outbox_rows.move(tx, item.id, State.QUEUED, next_attempt_at=0)

        await self._store.write(work, kind="outbox.settle", payload={"uid": item.uid})

    async def accepted(self, item: OutboxItem, attempt: int, receipt: Receipt) -> None:
        """The platform's own word that it did it."""

        def work(tx: Transaction) -> None:
            detail = {"platform_id": receipt.platform_id, "refused": len(receipt.refused)}
            outbox_rows.end_attempt(tx, attempt, Evidence.DONE.value, "accepted", detail)
            proof = {"by": "reply", "platform_id": receipt.platform_id, "at": tx.now_ms}
            platform_id = receipt.platform_id or None
            outbox_rows.move(tx, item.id, State.DONE, proof=proof, platform_id=platform_id)
            apply_done(tx, item, receipt)

        await self._store.write(work, kind="outbox.settle", payload={"uid": item.uid, "outcome": "D"})

    async def failed(self, item: OutboxItem, attempt: int, finding: Finding) -> None:
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


def _queue(tx: Transaction, item: OutboxItem) -> None:
    if outbox_rows.state_of(tx, item.id) is State.CONFIRMED:
        outbox_rows.move(tx, item.id, State.QUEUED)


def _bar(tx: Transaction, ready: Ready) -> None:
    for status in ("refused", "over_limit"):
        targets = [target for target, why in ready.barred.items() if why == status]
        deliveries.set_status(tx, ready.item.id, targets, status)
