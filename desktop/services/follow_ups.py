"""What can still be done about what staff have not confirmed: remind them of a mass send, or stop the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.errors import ConflictError
from desktop.domain.outbox import State
from desktop.domain.outbox_items import NewItem, OutboxItem
from desktop.domain.periods import DAY_MS
from desktop.domain.write_kinds.wecom import (
    MASS_SEND_CANCEL,
    MASS_SEND_CUSTOMERS,
    MASS_SEND_GROUPS,
    MASS_SEND_REMIND,
    MOMENT,
    MOMENT_CANCEL,
)
from desktop.domain.writes import Write
from desktop.store.posts import moments
from desktop.store.sends import deliveries
from desktop.store.sends import outbox as outbox_rows

REMINDERS_A_DAY = 3  # as the platform allows for one task within 24 hours
STOPPED_BY = {
    MASS_SEND_CUSTOMERS: MASS_SEND_CANCEL,
    MASS_SEND_GROUPS: MASS_SEND_CANCEL,
    MOMENT: MOMENT_CANCEL,
}
NOT_DONE = (State.REJECTED, State.MISSED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How many more reminders the platform takes now (None: it takes none of these), and how stopping stands.

    `can_stop` is False while a moment is only a job at the platform: what is stopped is the moment it becomes.
    """

    reminders_left: int | None
    is_stopped: bool
    can_stop: bool = True

    @property
    def standing(self) -> str:
        """One word of it: stopped, job, no_reminders, reminders."""
        if self.is_stopped:
            return "stopped"
        if not self.can_stop:
            return "job"
        return "no_reminders" if self.reminders_left is None else "reminders"


def follow_up(conn: Any, item: OutboxItem, now: int) -> FollowUp | None:
    """What can still be done about an item; None where staff have nothing to confirm (any more)."""
    if item.kind not in STOPPED_BY or item.state is not State.DONE or not item.platform_id:
        return None
    if not deliveries.counts_of_items(conn, [item.id])[item.id].waiting_staff:
        return None
    asked = outbox_rows.of_entity(conn, "outbox", item.id)
    is_stopped = bool(_live(asked, STOPPED_BY[item.kind], 0))
    if item.kind == MOMENT:
        return FollowUp(None, is_stopped, moments.linked(conn, item.id) is not None)
    reminded = _live(asked, MASS_SEND_REMIND, now - DAY_MS)
    return FollowUp(max(0, REMINDERS_A_DAY - len(reminded)), is_stopped)


def asked_of(conn: Any, item: OutboxItem, kind: str, now: int, hold_s: float) -> NewItem:
    """The item that reminds the staff, or stops what is not sent yet (`kind` is STOPPED_BY the item's).

    Raises ConflictError: follow_up_nobody, follow_up_stopped, follow_up_reminded, follow_up_no_reminder,
    follow_up_job.
    """
    found = follow_up(conn, item, now)
    if found is None:
        raise ConflictError("follow_up_nobody")
    if found.is_stopped:
        raise ConflictError("follow_up_stopped")
    if kind == MASS_SEND_REMIND and found.reminders_left is None:
        raise ConflictError("follow_up_no_reminder")
    if kind == MASS_SEND_REMIND and not found.reminders_left:
        raise ConflictError("follow_up_reminded", n=REMINDERS_A_DAY)
    if not found.can_stop:
        raise ConflictError("follow_up_job")
    return NewItem(
        account_id=item.account_id,
        entity="outbox",
        entity_id=item.id,
        write=Write(kind, {"moment" if kind == MOMENT_CANCEL else "task": item.platform_id}),
        summary={"entity_uid": item.uid, "for": item.summary.get("title", "")},
        order_key=f"outbox:{item.uid}",
        not_before=now,
        not_after=now + DAY_MS if kind == MASS_SEND_REMIND else None,  # tomorrow it is another question
        hold_until=now + int(hold_s * 1000),
    )


def _live(items: Sequence[OutboxItem], kind: str, since: int) -> list[OutboxItem]:
    return [i for i in items if i.kind == kind and i.state not in NOT_DONE and i.confirmed_at >= since]
