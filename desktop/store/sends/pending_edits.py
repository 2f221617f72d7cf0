"""Changes on their way to a platform: open outbox items of a thing, and those the platform refused.

What an operator changed at a platform is not written over the platform's own facts here before the
platform has done it; until then it stands beside them, read from the outbox itself. So a pull in between
overwrites nothing of it, and a refusal leaves nothing to put back.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from desktop.domain.outbox import CANCELLABLE, State
from desktop.domain.outbox_items import OutboxItem
from desktop.store.sends import outbox as outbox_rows
from desktop.store.transaction import Transaction

TOLD_FOR_MS = 14 * 86_400_000  # how long a refusal stays beside the thing it was about

SHOWN = """
SELECT {columns}, payload FROM outbox o WHERE o.entity = :entity
    AND (:ids IS NULL OR o.entity_id IN (SELECT value FROM json_each(:ids)))
    AND o.kind IN (SELECT value FROM json_each(:kinds))
    AND (o.state IN ('confirmed', 'queued', 'in_flight', 'unknown', 'held')
        OR (o.state IN ('rejected', 'missed') AND o.replaced_by IS NULL AND o.settled_at >= :since
            AND NOT EXISTS (SELECT 1 FROM outbox later WHERE later.account_id = o.account_id
                AND later.order_key = o.order_key AND later.id > o.id AND later.state <> 'cancelled')))
ORDER BY o.id
"""


@dataclass(frozen=True, slots=True)
class PendingEdit:
    """One change that waits, or was refused. `asks`: only the operator can say what became of it."""

    uid: str
    kind: str
    state: State
    body: Mapping[str, Any]
    summary: Mapping[str, Any]
    target: str = ""
    reason: str = ""
    platform_code: str = ""
    asks: bool = False
    hold_until: int = 0

    @property
    def is_refused(self) -> bool:
        """It will not happen; `reason` says why."""
        return self.state in (State.REJECTED, State.MISSED)

    @property
    def is_open(self) -> bool:
        """It may still happen."""
        return not self.is_refused


def pending(
    conn: Any, entity: str, ids: Iterable[int] | None, kinds: Collection[str], now: int
) -> dict[int, list[PendingEdit]]:
    """Open and lately refused changes of these things (None: of all), oldest first."""
    values = {
        "entity": entity,
        "ids": None if ids is None else json.dumps(list(ids)),
        "kinds": json.dumps(sorted(kinds)),
        "since": now - TOLD_FOR_MS,
    }
    found: dict[int, list[PendingEdit]] = defaultdict(list)
    for row in conn.execute(SHOWN.format(columns=outbox_rows.COLUMNS), values).fetchall():
        item = outbox_rows.item_of(row)
        found[item.entity_id].append(_edit(item))
    return dict(found)


def stop_open(tx: Transaction, entity: str, entity_id: int, order_key: str, why: str) -> list[OutboxItem]:
    """Cancel what of an order key has not left, for something newer stands in its place; what was stopped."""
    stopped = [
        item
        for item in outbox_rows.of_entity(tx.db.conn, entity, entity_id)
        if item.order_key == order_key and item.state in CANCELLABLE
    ]
    for item in stopped:
        outbox_rows.move(tx, item.id, State.CANCELLED, reason={"code": why})
    return stopped


def _edit(item: OutboxItem) -> PendingEdit:
    write, reason = item.write, item.reason or {}
    return PendingEdit(
        item.uid,
        item.kind,
        item.state,
        write.body,
        item.summary,
        target=write.targets[0] if write.targets else "",
        reason=str(reason.get("code", "")),
        platform_code=str(reason.get("platform_code", "") or ""),
        asks=item.state is State.UNKNOWN and bool(reason.get("asks")),
        hold_until=item.hold_until,
    )
