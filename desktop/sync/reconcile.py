"""Asks the platform's own listing what became of unknown sends. Reads only; decides by proof."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.errors import AppError
from desktop.domain.mass_send import ChatType, Listing, MassSendRecord
from desktop.domain.outbox import State, Window, back_off_ms, is_spent, window_at
from desktop.domain.outbox_items import Attempt, OutboxItem
from desktop.domain.proof import (
    LISTING_MARGIN_MS,
    LISTING_REACH_MS,
    Judgement,
    UnknownSend,
    Verdict,
    fingerprint_of,
    judge,
)
from desktop.store import deliveries
from desktop.store import outbox as outbox_rows
from desktop.store.database import Store
from desktop.store.transaction import Transaction
from desktop.sync.ports import AccountRef, MassSender, PushReport

ASKING = {Verdict.AMBIGUOUS: "listing_ambiguous", Verdict.TOO_OLD: "listing_too_old"}
Unsettled = tuple[OutboxItem, Attempt]


class Reconciler:
    """Turns unknown into done or proven absent, or leaves it unknown."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self, account: AccountRef, adapter: MassSender, report: PushReport) -> int:
        """Look into every unknown item of an account; how many were decided."""
        unsettled = await self._store.read(lambda conn: _unknown(conn, account.id))
        decided = 0
        for chat_type in ("single", "group"):
            group = [pair for pair in unsettled if pair[0].send.chat_type == chat_type]
            if group:
                decided += await self._settle(account, adapter, chat_type, group, report)
        return decided

    async def _settle(
        self,
        account: AccountRef,
        adapter: MassSender,
        chat_type: ChatType,
        unsettled: Sequence[Unsettled],
        report: PushReport,
    ) -> int:
        now = self._clock.now_ms()
        oldest = min(attempt.started_at for _, attempt in unsettled)
        start = max(oldest - LISTING_MARGIN_MS, now - LISTING_REACH_MS)
        try:
            listing = await adapter.list_mass_sends(chat_type, start, now + LISTING_MARGIN_MS)
        except AppError as error:
            report.notes.append(error.code)
            return 0
        listing = Listing(
            listing.rows, listing.covers_from, min(listing.taken_at, now), listing.is_complete
        )
        taken = await self._store.read(lambda conn: outbox_rows.taken_platform_ids(conn, account.id))
        sends = [
            UnknownSend(item.uid, fingerprint_of(item.send), attempt.started_at, attempt.ended_at or now)
            for item, attempt in unsettled
        ]
        judgements = judge(sends, listing, taken, now)
        decided = 0
        for item, attempt in unsettled:
            decided += await self._apply(item, attempt, judgements[item.uid], listing)
        return decided

    async def _apply(self, item: OutboxItem, attempt: Attempt, judged: Judgement, listing: Listing) -> bool:
        """Write one verdict; whether it decided the item."""
        if judged.verdict in (Verdict.TOO_EARLY, Verdict.INCOMPLETE):
            return False

        def work(tx: Transaction) -> bool:
            if outbox_rows.state_of(tx, item.id) is not State.UNKNOWN:
                return False  # decided by the operator meanwhile
            if judged.row is not None:
                _found(tx, item, attempt, judged.row)
            elif judged.verdict is Verdict.ABSENT:
                _absent(tx, item, attempt, listing)
            else:
                known = {**(item.reason or {}), "asks": True, "why": ASKING[judged.verdict]}
                outbox_rows.note_reason(tx, item.id, known)
                return False
            return True

        payload = {"uid": item.uid, "verdict": judged.verdict.value}
        return await self._store.write(work, kind="outbox.reconcile", payload=payload)


def _found(tx: Transaction, item: OutboxItem, attempt: Attempt, row: MassSendRecord) -> None:
    proof = {"by": "listing", "platform_id": row.platform_id, "created_at": row.created_at, "at": tx.now_ms}
    outbox_rows.end_attempt(tx, attempt.id, "D", attempt.code or "unclear", {"proof": proof})
    outbox_rows.move(tx, item.id, State.DONE, proof=proof, platform_id=row.platform_id)
    deliveries.accepted(tx, item.id, ())


def _absent(tx: Transaction, item: OutboxItem, attempt: Attempt, listing: Listing) -> None:
    """Not executed: again while the window is open and tries are left."""
    proof: dict[str, Any] = {
        "by": "absence",
        "covers_from": listing.covers_from,
        "taken_at": listing.taken_at,
        "rows": len(listing.rows),
        "at": tx.now_ms,
    }
    outbox_rows.end_attempt(tx, attempt.id, "N", attempt.code or "unclear", {"proof": proof})
    used, busy = outbox_rows.tries_used(tx.db.conn, item.id)
    if window_at(tx.now_ms, item.not_before, item.not_after) is Window.LATE:
        reason = {"code": "window_passed_while_unknown"}
        outbox_rows.move(tx, item.id, State.MISSED, reason=reason, proof=proof)
    elif is_spent(used, busy):
        spent = {**(item.reason or {}), "tries": used}
        outbox_rows.move(tx, item.id, State.REJECTED, reason=spent, proof=proof)
    else:
        wait = back_off_ms(used, 0.0) if busy else 0
        outbox_rows.move(
            tx,
            item.id,
            State.QUEUED,
            reason={"code": "proven_absent"},
            proof=proof,
            next_attempt_at=tx.now_ms + wait if wait else 0,
        )


def _unknown(conn: Any, account_id: int) -> list[Unsettled]:
    items = outbox_rows.in_states(conn, account_id, (State.UNKNOWN,), with_payload=True)
    return [(item, outbox_rows.attempts_of(conn, item.id)[-1]) for item in items]
