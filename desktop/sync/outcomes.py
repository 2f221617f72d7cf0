"""What a write that is done changes here, kind by kind: the one place where a platform's answer becomes data."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from desktop.domain.outbox_items import OutboxItem
from desktop.domain.writes import MASS_SEND_CUSTOMERS, MASS_SEND_GROUPS, Receipt
from desktop.store import deliveries
from desktop.store.transaction import Transaction

Done = Callable[[Transaction, OutboxItem, Receipt], None]


def apply_done(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """Store what follows from a done item, in the transaction that says so."""
    handle = DONE.get(item.kind)
    if handle is not None:
        handle(tx, item, receipt)


def _mass_send(tx: Transaction, item: OutboxItem, receipt: Receipt) -> None:
    """A task at the platform: everybody waits for the staff, except those the platform refused."""
    deliveries.accepted(tx, item.id, receipt.refused)


DONE: Mapping[str, Done] = {
    MASS_SEND_CUSTOMERS: _mass_send,
    MASS_SEND_GROUPS: _mass_send,
}
