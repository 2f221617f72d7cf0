"""Asks the platform what became of unknown writes. Reads only; decides by proof."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.errors import AppError, StoreError
from desktop.domain.outbox import State, Window, back_off_ms, is_skewed, is_spent, window_at
from desktop.domain.outbox_items import Attempt, OutboxItem
from desktop.domain.proof import LISTING_REACH_MS, Judgement, UnknownWrite, Verdict
from desktop.domain.write_kinds.kind import Proof
from desktop.domain.writes import KINDS, Receipt
from desktop.platforms.ports import PerformsWrites, skew_of
from desktop.store.database import Store
from desktop.store.sends import outbox as outbox_rows
from desktop.store.sends import outbox_queue
from desktop.store.transaction import Transaction
from desktop.sync.outcomes import apply_done
from desktop.sync.ports import AccountRef, PushReport

ASKING = {
    Verdict.AMBIGUOUS: "listing_ambiguous",
    Verdict.TOO_OLD: "listing_too_old",
    Verdict.UNPROVABLE: "no_proof_exists",
}
UNDECIDED = (Verdict.TOO_EARLY, Verdict.INCOMPLETE)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An unknown item: its last attempt, how many may have been executed, when the first began."""

    item: OutboxItem
    attempt: Attempt
    doubts: int
    first_at: int
    prior_id: str


class Reconciler:
    """Turns unknown into done or proven absent, or leaves it unknown."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self, account: AccountRef, adapter: PerformsWrites, report: PushReport) -> int:
        """Look into every unknown item of an account; how many were decided."""
        by_kind: dict[str, list[Unsettled]] = defaultdict(list)
        for one in await self._store.read(lambda conn: _unknown(conn, account.id)):
            by_kind[one.item.kind].append(one)
        decided = 0
        for kind, unsettled in by_kind.items():
            decided += await self._settle(account, adapter, kind, unsettled, report)
        return decided

    async def _settle(
        self,
        account: AccountRef,
        adapter: PerformsWrites,
        kind: str,
        unsettled: Sequence[Unsettled],
        report: PushReport,
    ) -> int:
        now = self._clock.now_ms()
        unknown = [
            UnknownWrite(
                one.item.uid,
                replace(one.item.write, prior_id=one.prior_id),
                one.attempt.started_at,
                one.attempt.ended_at or now,
                one.attempt.n,
                one.doubts,
                one.first_at,
            )
            for one in unsettled
        ]
        taken = await self._store.read(lambda conn: outbox_queue.taken_platform_ids(conn, account.id))
        if KINDS[kind].proof is Proof.NONE or kind not in adapter.kinds:
            judgements = {one.uid: Judgement(Verdict.UNPROVABLE) for one in unknown}
        else:
            was_wrong = is_skewed(skew_of(adapter))
            try:
                rivals = await self._store.read(lambda conn: _attested(conn, account.id, kind, now))
                judgements = dict(await adapter.prove(kind, unknown + rivals, taken))
            except StoreError:  # our own disk, not the platform
                raise
            except AppError as error:
                report.notes.append(error.code)
                return 0
            if was_wrong or is_skewed(skew_of(adapter)):  # by a wrong hour nothing is proven absent
                judgements = {
                    uid: one for uid, one in judgements.items() if one.verdict is not Verdict.ABSENT
                }
        decided = 0
        for unclear in unsettled:
            judged = judgements.get(unclear.item.uid, Judgement(Verdict.INCOMPLETE))
            decided += await self._apply(unclear.item, unclear.attempt, judged)
        return decided

    async def _apply(self, item: OutboxItem, attempt: Attempt, judged: Judgement) -> bool:
        """Write one verdict; whether it decided the item.

        Where only a repeat with its key could tell and the window is over, a person decides.
        """
        is_late = window_at(self._clock.now_ms(), item.not_before, item.not_after) is Window.LATE
        if judged.verdict is Verdict.REPEATABLE and is_late:
            judged = Judgement(Verdict.UNPROVABLE)
        asks = {**(item.reason or {}), "asks": True, "why": ASKING.get(judged.verdict)}
        if judged.verdict in UNDECIDED or (judged.verdict in ASKING and asks == item.reason):
            return False

        def work(tx: Transaction) -> bool:
            if outbox_rows.state_of(tx, item.id) is not State.UNKNOWN:
                return False  # decided by the operator meanwhile
            if judged.verdict in ASKING:
                outbox_rows.note_reason(tx, item.id, asks)
                return False
            if judged.verdict is Verdict.FOUND:
                _found(tx, item, attempt, judged)
            else:
                _again(tx, item, attempt, judged)
            return True

        payload = {"uid": item.uid, "verdict": judged.verdict.value}
        return await self._store.write(work, kind="outbox.reconcile", payload=payload)


def _found(tx: Transaction, item: OutboxItem, attempt: Attempt, judged: Judgement) -> None:
    proof = {**judged.facts, "platform_id": judged.platform_id, "at": tx.now_ms}
    outbox_rows.end_attempt(tx, attempt.id, "D", attempt.code or "unclear", {"proof": proof})
    platform_id = judged.platform_id or None
    outbox_rows.move(tx, item.id, State.DONE, proof=proof, platform_id=platform_id)
    apply_done(tx, item, Receipt(judged.platform_id, facts=judged.facts))


def _again(tx: Transaction, item: OutboxItem, attempt: Attempt, judged: Judgement) -> None:
    """Not executed, or harmless when executed twice: once more while the window is open and tries are left.

    How a thing is says nothing of an attempt still on its way to it, nor does a key: both stay in doubt.
    """
    proof: dict[str, Any] = {**judged.facts, "at": tx.now_ms}
    why = "again_with_key"
    if judged.verdict is Verdict.ABSENT:
        why = "again_as_once" if judged.facts.get("by") == "state" else "proven_absent"
    outcome = "N" if why == "proven_absent" else "U"
    outbox_rows.end_attempt(tx, attempt.id, outcome, attempt.code or "unclear", {"proof": proof})
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
            reason={"code": why},
            proof=proof,
            next_attempt_at=tx.now_ms + wait if wait else 0,
        )


def _attested(conn: Any, account_id: int, kind: str, now: int) -> list[UnknownWrite]:
    """What a person said was sent: some row of the list is theirs, and so no proof for one that looks alike."""
    if KINDS[kind].proof is not Proof.LISTING:
        return []
    found = []
    for item in outbox_queue.attested_sent(conn, account_id, kind, now - LISTING_REACH_MS):
        attempts = outbox_rows.attempts_of(conn, item.id)
        if attempts:
            ended_at = attempts[-1].ended_at or now
            found.append(UnknownWrite(item.uid, item.write, attempts[-1].started_at, ended_at))
    return found


def _unknown(conn: Any, account_id: int) -> list[Unsettled]:
    items = outbox_rows.in_states(conn, account_id, (State.UNKNOWN,), with_payload=True)
    found = []
    for item in items:
        attempts = outbox_rows.attempts_of(conn, item.id)
        doubts = sum(attempt.outcome == "U" for attempt in attempts)
        prior_id = outbox_queue.platform_id_of(conn, item.predecessor)
        found.append(Unsettled(item, attempts[-1], doubts, attempts[0].started_at, prior_id))
    return found
