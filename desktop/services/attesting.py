"""The operator's own word on a write nobody else can tell about: it was done, or it was not.

What follows from "done" is what would follow from the platform's own answer; the rules for it are handed
in, for they belong to the exchange with platforms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desktop.domain.entry_ways import JOIN
from desktop.domain.errors import ConflictError, InvalidInputError
from desktop.domain.outbox import State, Window, window_at
from desktop.domain.outbox_items import OutboxItem
from desktop.domain.writes import KINDS, Receipt
from desktop.store.groups import entry_ways, welcomes
from desktop.store.sends import outbox as outbox_rows
from desktop.store.transaction import Transaction

Follows = Callable[[Transaction, OutboxItem, Receipt], None]
LONGEST_ID = 128


def is_message(kind: str) -> bool:
    """Whether a write is called sent or not sent, rather than done or not done."""
    return KINDS[kind].reaches_people or KINDS[kind].answers_people


def asks_for_id(kind: str) -> bool:
    """Whether what it made can be changed from here only by an id that nobody lists."""
    return KINDS[kind].makes_unlisted


def checked_id(kind: str, platform_id: str) -> str:
    """The pasted id, tidied; '' for none. Raises InvalidInputError('attest_id')."""
    tidy = platform_id.strip()
    is_sound = tidy.isascii() and tidy.isprintable() and " " not in tidy and len(tidy) <= LONGEST_ID
    if tidy and not (is_sound and asks_for_id(kind)):
        raise InvalidInputError("attest_id")
    return tidy


def decide(
    tx: Transaction, uid: str, *, was_done: bool, operator: str, platform_id: str, follows: Follows
) -> State:
    """Settle an unknown item by the operator's word; its new state.

    Not done: it goes back to the queue while its window is open, else it is missed.
    Raises ConflictError: outbox_not_unknown, attest_id_taken; InvalidInputError('attest_id').
    """
    item = outbox_rows.by_uid(tx.db.conn, uid, with_payload=True)
    if item.state is not State.UNKNOWN:
        raise ConflictError("outbox_not_unknown", uid=uid, state=item.state.value)
    given = checked_id(item.kind, platform_id) if was_done else ""
    if given and _is_taken(tx.db.conn, item, given):
        raise ConflictError("attest_id_taken", id=given)
    proof = {"by": "operator", "operator": operator, "at": tx.now_ms, "was_sent": was_done}
    attempts = outbox_rows.attempts_of(tx.db.conn, item.id)
    doubtful = [one for one in attempts[:-1] if one.outcome == "U" and not was_done]  # none of them was
    for one in [*doubtful, *attempts[-1:]]:
        outcome = "D" if was_done else "N"
        outbox_rows.end_attempt(tx, one.id, outcome, one.code or "attested", {"proof": proof})
    new = _decided(item, was_done, tx.now_ms)
    reason = {"code": "window_passed_while_unknown"} if new is State.MISSED else None
    outbox_rows.move(
        tx, item.id, new, proof=proof, reason=reason, platform_id=given or None, next_attempt_at=0
    )
    if was_done:
        follows(tx, item, Receipt(given, facts={"by": "operator"}))
    tx.replaced = {"state": "unknown"}
    return new


def _decided(item: OutboxItem, was_done: bool, now: int) -> State:
    if was_done:
        return State.DONE
    is_late = window_at(now, item.not_before, item.not_after) is Window.LATE
    return State.MISSED if is_late else State.QUEUED


def _is_taken(conn: Any, item: OutboxItem, platform_id: str) -> bool:
    """Whether another thing here already stands for this id at the platform."""
    if item.entity == welcomes.ENTITY:
        return welcomes.has_id(conn, item.account_id, platform_id)
    return entry_ways.has_id(conn, item.account_id, JOIN, platform_id)
