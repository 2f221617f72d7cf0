"""The outbox as the operator sees it: what is known of each item, and the one next step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.errors import ConflictError, InvalidInputError, NotFoundError
from desktop.domain.outbox import CANCELLABLE, HOLD_S, State, Window, window_at
from desktop.domain.outbox_items import Attempt, Delivery, DeliveryCounts, NewItem, NewTarget, OutboxItem
from desktop.domain.write_kinds.wecom import KF_MESSAGE
from desktop.domain.writes import KINDS
from desktop.services import attesting
from desktop.services.attesting import Follows
from desktop.services.follow_ups import FollowUp, asked_of, follow_up
from desktop.store.database import Store
from desktop.store.sends import deliveries
from desktop.store.sends import outbox as outbox_rows
from desktop.store.transaction import Transaction

DAY_MS = 86_400_000
PUT_OFF = ("first_send_unseen", "waiting_earlier", "waiting_predecessor", "waiting_unclear", "quiet_hours")
# Sentences that differ for a write that changes something at the platform and reaches nobody.
OF_CHANGES = frozenset(
    {"attest", "attested_done", "cancelled", "held", "missed", "rejected", "unknown_ask"}
)
Said = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One line: the item, its recipients by status, what is known, and the next step.

    Texts: `outbox_state.<state>`, `outbox_known.<code>`, `outbox_next.<code>`, with parameters;
    parameters that end in _at are UTC ms for the view to show in the shop's time.
    """

    item: OutboxItem
    deliveries: DeliveryCounts
    known: Said
    next_step: Said


@dataclass(frozen=True, slots=True)
class OutboxDetail:
    """One item with every try and every recipient (the first 500), and the frozen text."""

    row: OutboxRow
    text: str
    attempts: Sequence[Attempt]
    recipients: Sequence[Delivery] = field(default=())
    follow_up: FollowUp | None = None


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of many at once: their uids, or those of the new items; and how many were left out."""

    done: tuple[str, ...]
    left_out: int


class OutboxService:
    """Read and decide. Sends nothing itself. Raises NotFoundError('outbox_missing').

    `follows` is what a done item changes here, whoever says that it is done.
    """

    def __init__(self, store: Store, clock: Clock, follows: Follows) -> None:
        self._store = store
        self._clock = clock
        self._follows = follows

    async def rows(
        self, state: str | None = None, search: str = "", limit: int = 200, offset: int = 0
    ) -> list[OutboxRow]:
        """Items newest first, unknown ones before all. Raises InvalidInputError('outbox_state')."""
        checked = _checked_state(state)
        now = self._clock.now_ms()
        return await self._store.read(
            lambda conn: _rows(conn, outbox_rows.listed(conn, checked, search, limit, offset), now)
        )

    async def total(self, state: str | None = None, search: str = "") -> int:
        """How many items rows() has without a limit."""
        checked = _checked_state(state)
        return await self._store.read(lambda conn: outbox_rows.counted(conn, checked, search))

    async def of_entity(self, entity: str, entity_id: int) -> list[OutboxRow]:
        """Items of one post or drop (local id), oldest first."""
        now = self._clock.now_ms()
        return await self._store.read(
            lambda conn: _rows(conn, outbox_rows.of_entity(conn, entity, entity_id), now)
        )

    async def counts(self) -> dict[str, int]:
        """Items by state, every state named."""
        found = await self._store.read(outbox_rows.counts_by_state)
        return {state.value: found.get(state.value, 0) for state in State}

    async def due_soon(self, within_ms: int = DAY_MS) -> list[OutboxRow]:
        """Waiting items that open within a day: the program must be running then."""
        now = self._clock.now_ms()
        return await self._store.read(
            lambda conn: _rows(conn, outbox_rows.due_until(conn, now + within_ms), now)
        )

    async def detail(self, uid: str) -> OutboxDetail:
        """Everything about one item."""
        now = self._clock.now_ms()

        def work(conn: Any) -> OutboxDetail:
            item = outbox_rows.by_uid(conn, uid, with_payload=True)
            text = item.write.text
            row = _rows(conn, [replace(item, payload="")], now)[0]
            attempts = outbox_rows.attempts_of(conn, item.id)
            return OutboxDetail(
                row, text, attempts, deliveries.of_item(conn, item.id), follow_up(conn, item, now)
            )

        return await self._store.read(work)

    async def cancel(self, uid: str) -> None:
        """Stop an item that has not left. Raises ConflictError('outbox_too_late')."""

        def work(tx: Transaction) -> None:
            item = outbox_rows.by_uid(tx.db.conn, uid)
            if item.state not in CANCELLABLE:
                raise ConflictError("outbox_too_late", count=1, state=item.state.value)
            tx.replaced = {"state": item.state.value}
            outbox_rows.move(tx, item.id, State.CANCELLED, reason={"code": "cancelled_by_operator"})

        await self._store.write(work, kind="outbox.cancel", payload={"uid": uid})

    async def attest(
        self, uid: str, was_sent: bool, operator: str | None = None, *, platform_id: str = ""
    ) -> State:
        """The operator looked at the platform and decides an unknown item; the new state.

        Done changes here what the platform's own answer would have changed. `platform_id` is the id of what
        was made, where the operator has it. Raises as `attesting.decide`.
        """
        who = operator or self._store.operator

        def work(tx: Transaction) -> State:
            return attesting.decide(
                tx, uid, was_done=was_sent, operator=who, platform_id=platform_id, follows=self._follows
            )

        payload = {"uid": uid, "was_sent": was_sent, "operator": who, "platform_id": platform_id.strip()}
        return await self._store.write(work, kind="outbox.attest", payload=payload)

    async def release(self, uid: str) -> State:
        """Let a held item go on after it was looked at; the new state: queued, or missed if too late.

        Raises ConflictError('outbox_not_held').
        """

        def work(tx: Transaction) -> State:
            item = outbox_rows.by_uid(tx.db.conn, uid)
            if item.state is not State.HELD:
                raise ConflictError("outbox_not_held", uid=uid, state=item.state.value)
            is_late = window_at(tx.now_ms, item.not_before, item.not_after) is Window.LATE
            new = State.MISSED if is_late else State.QUEUED
            reason = {"code": "window_passed_while_held"} if is_late else {"code": "released"}
            outbox_rows.move(tx, item.id, new, reason=reason, next_attempt_at=0)
            outbox_rows.adopt(tx, item.id, self._store.device_id)
            same = (item.reason or {}).get("alike", [])
            outbox_rows.note_alike_seen(tx, item.id, [one["id"] for one in same])
            tx.replaced = {"state": "held"}
            return new

        return await self._store.write(work, kind="outbox.release", payload={"uid": uid})

    async def retry(self, uid: str, hold_s: float = HOLD_S) -> str:
        """Send a rejected item's same bytes again as a new item; its uid.

        Raises ConflictError: outbox_not_rejected, outbox_window_over (give it a new time instead).
        """
        return await self._again(uid, State.REJECTED, None, hold_s)

    async def reschedule(self, uid: str, not_before: int, hold_s: float = HOLD_S) -> str:
        """Send a missed post item's same bytes at a new time as a new item; its uid.

        Raises ConflictError: outbox_not_missed, reschedule_drop (a drop's text names its times: move
        the drop itself).
        """
        return await self._again(uid, State.MISSED, not_before, hold_s)

    async def cancel_many(self, uids: Sequence[str]) -> BulkResult:
        """Stop each that has not left; too late for the others."""
        return await self._each(uids, self.cancel)

    async def release_many(self, uids: Sequence[str]) -> BulkResult:
        """Let each held one go on."""
        return await self._each(uids, self.release)

    async def retry_many(self, uids: Sequence[str]) -> BulkResult:
        """Send each rejected one again. Unknown ones are never sent again this way."""
        return await self._each(uids, self.retry)

    async def _each(self, uids: Sequence[str], act: Callable[[str], Awaitable[object]]) -> BulkResult:
        """One after the other, each in its own transaction; what is in another state is left out."""
        done: list[str] = []
        for uid in uids:
            try:
                result = await act(uid)
            except (ConflictError, NotFoundError):
                continue
            done.append(result if isinstance(result, str) and not isinstance(result, State) else uid)
        return BulkResult(tuple(done), len(uids) - len(done))

    async def follow_up(self, uid: str, kind: str, hold_s: float = HOLD_S) -> str:
        """Remind the staff, or stop what they have not sent or published; the new item's uid.

        `kind` is MASS_SEND_REMIND, or what STOPPED_BY names for the item's. Raises as `follow_ups.asked_of`.
        """

        def work(tx: Transaction) -> str:
            item = outbox_rows.by_uid(tx.db.conn, uid)
            new = asked_of(tx.db.conn, item, kind, tx.now_ms, hold_s)
            operator, device = self._store.operator, self._store.device_id
            return outbox_rows.insert(tx, new, operator=operator, device_id=device)

        return await self._store.write(work, kind="outbox.follow_up", payload={"uid": uid, "what": kind})

    async def hold_all(self, why: str) -> int:
        """Hold everything that waits (after a restore, on another computer); how many."""

        return await self._store.write(
            lambda tx: outbox_rows.hold_waiting(tx, why), kind="outbox.hold", payload={"why": why}
        )

    async def mark_missed(self, why: str = "window_passed_closed") -> list[str]:
        """Waiting items whose window is over become missed; their uids. Works offline."""
        now = self._clock.now_ms()
        if not await self._store.read(lambda conn: outbox_rows.has_overdue(conn, now)):
            return []
        return await self._store.write(
            lambda tx: outbox_rows.miss_overdue(tx, why), kind="outbox.missed", payload={"why": why}
        )

    async def recover(self) -> int:
        """Items in flight when the program ended become unknown; how many. Before anything is sent."""
        flying = (await self._store.read(outbox_rows.counts_by_state)).get("in_flight", 0)
        if not flying:
            return 0
        return await self._store.write(outbox_rows.recover, kind="outbox.recover")

    async def _again(self, uid: str, wanted: State, not_before: int | None, hold_s: float) -> str:
        def work(tx: Transaction) -> str:
            old = outbox_rows.by_uid(tx.db.conn, uid, with_payload=True)
            if old.state is not wanted or old.replaced_by:
                raise ConflictError(f"outbox_not_{wanted.value}", uid=uid, state=old.state.value)
            new = _copy(tx.db.conn, old, not_before, tx.now_ms, hold_s)
            fresh = outbox_rows.insert(
                tx, new, operator=self._store.operator, device_id=self._store.device_id
            )
            outbox_rows.set_replaced(tx, [old.id], fresh)
            return fresh

        kind = "outbox.retry" if wanted is State.REJECTED else "outbox.reschedule"
        return await self._store.write(work, kind=kind, payload={"uid": uid, "not_before": not_before})


def _checked_state(state: str | None) -> str | None:
    if state is not None and state not in {known.value for known in State}:
        raise InvalidInputError("outbox_state", state=state, known=[known.value for known in State])
    return state


def _copy(conn: Any, old: OutboxItem, not_before: int | None, now: int, hold_s: float) -> NewItem:
    """The same bytes for the same recipients, in a new window."""
    if not_before is None:
        if window_at(now, old.not_before, old.not_after) is Window.LATE:
            raise ConflictError("outbox_window_over", uid=old.uid)
        window = old.not_before, old.not_after
    elif old.entity == "drop":
        raise ConflictError("reschedule_drop", uid=str(old.summary.get("entity_uid", "")))
    elif old.kind == KF_MESSAGE:
        raise ConflictError("reschedule_talk")
    else:
        grace = None if old.not_after is None else old.not_after - old.not_before
        window = not_before, None if grace is None else not_before + grace
    return NewItem(
        account_id=old.account_id,
        entity=old.entity,
        entity_id=old.entity_id,
        write=old.write,
        summary=old.summary,
        order_key=old.order_key,
        not_before=window[0],
        not_after=window[1],
        hold_until=now + int(hold_s * 1000),
        targets=tuple(
            NewTarget(d.target_kind, d.target_external_id, d.identity_id, d.group_id, d.staff_external_id)
            for d in deliveries.of_item(conn, old.id, limit=100_000)
        ),
    )


def _rows(conn: Any, items: Sequence[OutboxItem], now: int) -> list[OutboxRow]:
    counts = deliveries.counts_of_items(conn, [item.id for item in items])
    return [
        OutboxRow(
            item, counts[item.id], _known(item, counts[item.id], now), _next(item, counts[item.id], now)
        )
        for item in items
    ]


def _known(item: OutboxItem, counts: DeliveryCounts, now: int) -> Said:
    """One sentence of what is known, as a code with parameters."""
    facts: dict[str, Any] = {"n": counts.total, "sent": counts.sent, "failed": counts.failed}
    facts |= {"waiting": counts.waiting_staff, "not_before_at": item.not_before}
    facts |= {"not_after_at": item.not_after, "since_at": item.updated_at, "attempts": item.attempts}
    reason = str((item.reason or {}).get("code", ""))
    facts["reason"] = reason
    if item.state is State.CONFIRMED or item.state is State.QUEUED:
        if now < item.hold_until:
            return "holding", facts | {"hold_until_at": item.hold_until}
        if now < item.not_before:
            return "scheduled", facts
        if reason in PUT_OFF:
            return reason, facts | {"until_at": (item.reason or {}).get("until_at")}
        if item.next_attempt_at > now:
            return "waiting_retry", facts | {"next_attempt_at": item.next_attempt_at}
        return ("waiting_after_" + reason if reason == "offline" else "waiting_sync"), facts
    if item.state is State.DONE:
        by_hand = (item.proof or {}).get("by") == "operator"
        if by_hand:
            by = {"operator": (item.proof or {}).get("operator", "")}
            if attesting.asks_for_id(item.kind) and not item.platform_id:
                return "attested_done_no_id", facts | by
            return _for_kind(item, "attested_done"), facts | by
        if item.kind == KF_MESSAGE:
            return _told_of_reply(counts), facts
        if not counts.total or not KINDS[item.kind].goes_through_staff:
            return "done", facts
        if counts.waiting:
            return ("waiting_staff_partly" if counts.sent else "waiting_staff"), facts
        return ("sent_partly" if counts.failed else "sent"), facts
    if item.state is State.UNKNOWN:
        asks = bool((item.reason or {}).get("asks"))
        return (_for_kind(item, "unknown_ask") if asks else "unknown"), facts
    return _for_kind(item, item.state.value), facts


def _for_kind(item: OutboxItem, code: str) -> str:
    """The sentence for this kind of write: a change at the platform is not called sent, nor looked for as one."""
    if code == "attest" and KINDS[item.kind].answers_people:
        return "attest_reply"
    return f"{code}_change" if code in OF_CHANGES and not attesting.is_message(item.kind) else code


def _told_of_reply(counts: DeliveryCounts) -> str:
    """What is known of an answer the platform took: it tells failures within minutes, and nothing else."""
    if counts.failed:
        return "talk_failed"
    return "talk_arrived" if counts.sent else "talk_sent"


def _next(item: OutboxItem, counts: DeliveryCounts, now: int) -> Said:
    """The one obvious next step, as a code with parameters."""
    if item.replaced_by:
        return "replaced", {"uid": item.replaced_by}
    if item.state in (State.CONFIRMED, State.QUEUED):
        if now >= item.hold_until and (item.reason or {}).get("code") == "first_send_unseen":
            return "agree_first", {}
        return ("undo" if now < item.hold_until else "sync_now" if now >= item.not_before else "wait"), {}
    if item.state is State.DONE:
        waits = counts.waiting_staff and KINDS[item.kind].goes_through_staff
        return ("ask_staff" if waits else "nothing"), {}
    if item.state is State.UNKNOWN:
        if (item.reason or {}).get("asks"):
            return _for_kind(item, "attest"), {}
        return "sync_to_find_out", {}
    if item.kind == KF_MESSAGE and item.state in (State.MISSED, State.REJECTED):
        return "answer_again", {}
    steps = {
        State.IN_FLIGHT: "wait",
        State.REJECTED: "mend_and_retry",
        State.MISSED: "reschedule",
        State.HELD: "review_and_release",
        State.CANCELLED: "nothing",
    }
    return steps[item.state], {}
