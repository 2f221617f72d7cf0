"""What a fan bought, order by order: receivers masked, the seller's note, whether its shop is connected."""

from __future__ import annotations

import json
from typing import Any

from desktop.domain.fans import FanOrder
from desktop.domain.live_orders import masked
from desktop.domain.order_merge import LIVE
from desktop.domain.write_kinds.doudian import ORDER_REMARK
from desktop.store.accounts.public_accounts import OPEN


def orders(conn: Any, fan_id: int, *, limit: int, offset: int = 0) -> tuple[FanOrder, ...]:
    """A fan's orders, newest first, with what was in them."""
    found = conn.execute(
        "SELECT o.*, coalesce(o.paid_at, o.created_at, o.seen_at) AS at,"
        " (SELECT json_group_array(l.item || CASE WHEN l.quantity > 1 THEN ' × ' || l.quantity"
        "   ELSE '' END) FROM order_line AS l WHERE l.order_id = o.id AND l.item <> '') AS items,"
        " EXISTS (SELECT 1 FROM account AS a WHERE a.platform = o.platform AND a.removed_at IS NULL"
        "   AND a.platform IN (SELECT value FROM json_each(?))) AS has_shop,"
        " EXISTS (SELECT 1 FROM outbox AS x WHERE x.entity = 'order' AND x.entity_id = o.id"
        f"   AND x.state IN {OPEN}) AS note_pending,"
        " EXISTS (SELECT 1 FROM account_ability AS b JOIN account AS a ON a.id = b.account_id"
        "   WHERE a.platform = o.platform AND b.ability = ? AND b.state = 'refused') AS note_refused"
        ' FROM "order" AS o WHERE o.fan_id = ? ORDER BY at DESC, o.id DESC LIMIT ? OFFSET ?',
        (json.dumps(sorted(LIVE)), ORDER_REMARK, fan_id, limit, offset),
    )
    return tuple(_order(row) for row in found)


def _order(row: Any) -> FanOrder:
    extra, receiver = (json.loads(row[name] or "{}") for name in ("extra", "receiver"))
    return FanOrder(
        order_id=row["id"],
        platform=row["platform"],
        order_no=row["order_no"],
        status=row["status"],
        refund_status=row["refund_status"],
        paid_cents=row["paid_cents"],
        refund_cents=row["refund_cents"],
        net_cents=row["net_cents"],
        is_sale=bool(row["is_sale"]),
        paid_at=row["paid_at"],
        at=row["at"],
        items=tuple(json.loads(row["items"])),
        note=str(extra.get("seller_note") or ""),
        star=int(extra.get("seller_star") or 0),
        receiver=masked(receiver),
        is_reachable=bool(row["has_shop"]),
        note_pending=bool(row["note_pending"]),
        note_refused=bool(row["note_refused"]),
    )
