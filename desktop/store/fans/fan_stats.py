"""Per-fan sums over sales and interactions: recomputed from the rows, never added up."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from desktop.domain.changes import Topic
from desktop.store.transaction import Transaction

CHUNK = 500

SQL = """
INSERT INTO fan_stats (fan_id, orders, spend_cents, refund_cents, first_order_at, last_order_at,
    interactions, last_interaction_at)
SELECT fan.id,
    (SELECT count(*) FROM "order" AS o WHERE o.fan_id = fan.id AND o.is_sale = 1),
    (SELECT coalesce(sum(o.net_cents), 0) FROM "order" AS o WHERE o.fan_id = fan.id AND o.is_sale = 1),
    (SELECT coalesce(sum(min(o.refund_cents, max(0, o.paid_cents))), 0)
        FROM "order" AS o WHERE o.fan_id = fan.id AND o.is_sale = 1),
    (SELECT min(o.paid_at) FROM "order" AS o WHERE o.fan_id = fan.id AND o.is_sale = 1),
    (SELECT max(o.paid_at) FROM "order" AS o WHERE o.fan_id = fan.id AND o.is_sale = 1),
    (SELECT coalesce(sum(i.quantity), 0) FROM interaction AS i WHERE i.fan_id = fan.id),
    (SELECT max(i.at) FROM interaction AS i WHERE i.fan_id = fan.id)
FROM fan WHERE fan.id IN ({marks})
ON CONFLICT (fan_id) DO UPDATE SET
    orders = excluded.orders, spend_cents = excluded.spend_cents, refund_cents = excluded.refund_cents,
    first_order_at = excluded.first_order_at, last_order_at = excluded.last_order_at,
    interactions = excluded.interactions, last_interaction_at = excluded.last_interaction_at
"""


def refresh(tx: Transaction, fan_ids: Iterable[int]) -> None:
    """Recompute the sums of these fans; call it in the transaction that changed their rows.

    Spend is money kept (paid minus refunded) over sales; interactions count each touch by quantity.
    """
    ids = iter(sorted(set(fan_ids)))
    while chunk := list(islice(ids, CHUNK)):
        tx.db.execute(SQL.format(marks=",".join("?" * len(chunk))), chunk)
        tx.touch(Topic.FAN, chunk)
