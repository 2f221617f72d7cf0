"""What done writes to Douyin shop change here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from desktop.domain.outbox_items import OutboxItem
from desktop.domain.write_kinds.doudian import ORDER_REMARK
from desktop.domain.writes import Receipt
from desktop.store.pulled import platform_orders
from desktop.store.transaction import Transaction


def _remarked(tx: Transaction, item: OutboxItem, _receipt: Receipt) -> None:
    """The order carries the seller's remark and star."""
    body = item.write.body
    platform_orders.set_remark(tx, item.entity_id, str(body["remark"]), int(body["star"]))


DONE: Mapping[str, Callable[[Transaction, OutboxItem, Receipt], None]] = {ORDER_REMARK: _remarked}
