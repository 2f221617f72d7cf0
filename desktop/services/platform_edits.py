"""What every change at a platform shares: how it is queued, how it stands, and taking it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from desktop.domain.errors import ConflictError
from desktop.domain.outbox import CANCELLABLE, State
from desktop.domain.outbox_items import NewItem, NewTarget
from desktop.domain.writes import Write
from desktop.services.sending import freeze
from desktop.store.database import Store
from desktop.store.sends import outbox as outbox_rows
from desktop.store.sends.pending_edits import PendingEdit
from desktop.store.transaction import Transaction


class Standing(StrEnum):
    """How a thing that a platform keeps stands. Texts: `standing.<value>`."""

    READY = "ready"
    ADDING = "adding"
    CHANGING = "changing"
    DELETING = "deleting"
    CHECKING = "checking"  # it left and nobody knows yet; the next sync finds out
    ASKS = "asks"  # only the operator can say
    REFUSED = "refused"
    UNLINKED = "unlinked"  # said to be made, but its id at the platform is not known


@dataclass(frozen=True, slots=True)
class Queued:
    """What a command put into the outbox. Until `hold_until` (UTC ms) it can be taken back."""

    uid: str
    items: tuple[str, ...]
    hold_until: int


@dataclass(frozen=True, slots=True)
class Wish:
    """One change as a service queues it; items of one `order_key` are carried out in order."""

    account_id: int
    entity: str
    entity_id: int
    write: Write
    summary: Mapping[str, Any]
    order_key: str
    targets: tuple[NewTarget, ...] = ()


def queue(tx: Transaction, store: Store, wishes: Sequence[Wish], hold_s: float) -> list[str]:
    """Freeze changes into outbox items inside the transaction of the local change; their uids."""
    hold_until = tx.now_ms + int(hold_s * 1000)
    items = [
        NewItem(
            wish.account_id,
            wish.entity,
            wish.entity_id,
            wish.write,
            wish.summary,
            wish.order_key,
            not_before=tx.now_ms,
            not_after=None,
            hold_until=hold_until,
            targets=wish.targets,
        )
        for wish in wishes
    ]
    return freeze(tx, items, operator=store.operator, device_id=store.device_id)


def standing_of(has_id: bool, edits: Sequence[PendingEdit]) -> Standing:
    """How a thing stands, by its newest change."""
    if not edits:
        return Standing.READY if has_id else Standing.UNLINKED
    newest = edits[-1]
    if newest.is_refused:
        return Standing.REFUSED
    if newest.state is State.UNKNOWN or newest.state is State.IN_FLIGHT:
        return Standing.ASKS if newest.asks else Standing.CHECKING
    if newest.kind.endswith(".delete"):
        return Standing.DELETING
    return Standing.ADDING if newest.kind.endswith(".add") else Standing.CHANGING


def refusal_of(edits: Sequence[PendingEdit]) -> tuple[str, str]:
    """(reason, platform code) of the newest change when it was refused; empty otherwise."""
    newest = edits[-1] if edits else None
    return (newest.reason, newest.platform_code) if newest is not None and newest.is_refused else ("", "")


def refuse_while_unclear(edits: Iterable[PendingEdit]) -> None:
    """Raises ConflictError('outbox_undecided') while it is not known whether the thing was made."""
    for edit in edits:
        if edit.kind.endswith(".add") and edit.state in (State.IN_FLIGHT, State.UNKNOWN):
            raise ConflictError("outbox_undecided", uid=edit.uid)


async def take_back(store: Store, uids: Sequence[str]) -> int:
    """Stop changes that have not left; how many. Raises ConflictError('outbox_too_late') if none could be."""

    def work(tx: Transaction) -> int:
        stopped = 0
        for uid in uids:
            item = outbox_rows.by_uid(tx.db.conn, uid)
            if item.state in CANCELLABLE:
                outbox_rows.move(tx, item.id, State.CANCELLED, reason={"code": "cancelled_by_operator"})
                stopped += 1
        if uids and not stopped:
            raise ConflictError("outbox_too_late", count=len(uids))
        return stopped

    return await store.write(work, kind="outbox.cancel", payload={"uids": list(uids)[:50], "n": len(uids)})
