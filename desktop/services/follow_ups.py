"""What can still be done about a mass send that staff have not confirmed: remind them, or stop the rest."""

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
)
from desktop.domain.writes import Write
from desktop.store import deliveries
from desktop.store import outbox as outbox_rows

REMINDERS_A_DAY = 3  # as the platform allows for one task within 24 hours
OF_STAFF = (MASS_SEND_CUSTOMERS, MASS_SEND_GROUPS)
NOT_DONE = (State.REJECTED, State.MISSED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How many more reminders the platform takes now, and whether stopping was asked for already."""

    reminders_left: int
    is_stopped: bool


def follow_up(conn: Any, item: OutboxItem, now: int) -> FollowUp | None:
    """What can still be done about an item; None where staff have nothing to confirm (any more)."""
    if item.kind not in OF_STAFF or item.state is not State.DONE or not item.platform_id:
        return None
    if not deliveries.counts_of_items(conn, [item.id])[item.id].waiting_staff:
        return None
    asked = outbox_rows.of_entity(conn, "outbox", item.id)
    return FollowUp(
        max(0, REMINDERS_A_DAY - len(_live(asked, MASS_SEND_REMIND, now - DAY_MS))),
        bool(_live(asked, MASS_SEND_CANCEL, 0)),
    )


def asked_of(conn: Any, item: OutboxItem, kind: str, now: int, hold_s: float) -> NewItem:
    """The item that reminds the staff, or stops what is not sent yet.

    Raises ConflictError: follow_up_nobody, follow_up_stopped, follow_up_reminded.
    """
    found = follow_up(conn, item, now)
    if found is None:
        raise ConflictError("follow_up_nobody")
    if found.is_stopped:
        raise ConflictError("follow_up_stopped")
    if kind == MASS_SEND_REMIND and not found.reminders_left:
        raise ConflictError("follow_up_reminded", n=REMINDERS_A_DAY)
    return NewItem(
        account_id=item.account_id,
        entity="outbox",
        entity_id=item.id,
        write=Write(kind, {"task": item.platform_id}),
        summary={"entity_uid": item.uid, "for": item.summary.get("title", "")},
        order_key=f"outbox:{item.uid}",
        not_before=now,
        not_after=now + DAY_MS if kind == MASS_SEND_REMIND else None,  # tomorrow it is another question
        hold_until=now + int(hold_s * 1000),
    )


def _live(items: Sequence[OutboxItem], kind: str, since: int) -> list[OutboxItem]:
    return [i for i in items if i.kind == kind and i.state not in NOT_DONE and i.confirmed_at >= since]
