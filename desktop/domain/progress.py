"""Where a post or drop stands, told in one word from its state, its outbox items and deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from desktop.domain.outbox import State
from desktop.domain.outbox_items import DeliveryCounts, OutboxItem


class Progress(StrEnum):
    """What the list shows; texts are `progress.<value>`."""

    DRAFT = "draft"
    HOLDING = "holding"
    SCHEDULED = "scheduled"
    WAITING_SYNC = "waiting_sync"
    SENDING = "sending"
    UNKNOWN = "unknown"
    HELD = "held"
    WAITING_STAFF = "waiting_staff"
    SENT = "sent"
    PARTLY_SENT = "partly_sent"
    MISSED = "missed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


def progress_of(state: str, items: Sequence[OutboxItem], deliveries: DeliveryCounts, now: int) -> Progress:
    """One word, what needs the operator first. `items` and `deliveries` are those of the last revision."""
    if state == "draft":
        return Progress.DRAFT
    if state == "cancelled" or not items:
        return Progress.CANCELLED
    states = {item.state for item in items}
    for one, progress in (
        (State.UNKNOWN, Progress.UNKNOWN),
        (State.HELD, Progress.HELD),
        (State.IN_FLIGHT, Progress.SENDING),
    ):
        if one in states:
            return progress
    waiting = [item for item in items if item.state in (State.CONFIRMED, State.QUEUED)]
    if waiting:
        if any(now < item.hold_until for item in waiting):
            return Progress.HOLDING
        is_early = all(now < item.not_before for item in waiting)
        return Progress.SCHEDULED if is_early else Progress.WAITING_SYNC
    if State.DONE not in states:
        for one, progress in ((State.MISSED, Progress.MISSED), (State.REJECTED, Progress.REJECTED)):
            if one in states:
                return progress
        return Progress.CANCELLED
    if deliveries.waiting_staff:
        return Progress.WAITING_STAFF
    is_whole = states == {State.DONE} and deliveries.sent == deliveries.total
    return Progress.SENT if is_whole else Progress.PARTLY_SENT
