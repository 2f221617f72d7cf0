"""What the control endpoint can ask of the shop: switches, remarks, pushes, acts of buyers."""

import dataclasses
import json
from collections.abc import Callable

from desktop.sandbox import switches
from desktop.sandbox.calls import Doc
from desktop.sandbox.doudian.order_docs import show
from desktop.sandbox.doudian.shop import CANCELLED, FINISHED, PAID, SHIPPED, STOCKING, Order, Shop
from desktop.sandbox.doudian.sign import push_sign

ShopAct = Callable[[Shop, Doc], Doc]


def settings(shop: Shop, doc: Doc) -> Doc:
    """Turn switches; returns all of them."""
    return switches.turn(shop.settings, doc)


def _order(shop: Shop, doc: Doc) -> Order:
    row = shop.find(str(doc["order_id"])) if "order_id" in doc else shop.orders()[-1]
    if row is None:
        raise LookupError(doc["order_id"])
    return row


def buyer_orders(shop: Shop, doc: Doc) -> Doc:
    """`index`, `good`, `count`, `paid`: somebody buys; the order then moves by itself."""
    row = shop.add(
        int(doc.get("index", 0)),
        int(doc.get("good", 0)),
        int(doc.get("count", 1)),
        bool(doc.get("paid", 1)),
    )
    return {"order_id": row.order_id, "amount": row.amount()}


def order_moves(shop: Shop, doc: Doc) -> Doc:
    """`order_id`, `status`: an order is in this state from now on."""
    row, now = _order(shop, doc), shop.seconds()
    row.steps = [step for step in row.steps if step[0] <= now] + [(now, int(doc["status"]))]
    if int(doc["status"]) in (PAID, STOCKING, SHIPPED, FINISHED) and not 0 < row.paid_at <= now:
        row.paid_at = now
    return show(shop, row)


def buyer_wants_refund(shop: Shop, doc: Doc) -> Doc:
    """`order_id`, `after_s`, `agreed`: an after-sale begins now and ends later (one day)."""
    row, now = _order(shop, doc), shop.seconds()
    end = now + float(doc.get("after_s", 86_400))
    agreed = bool(doc.get("agreed", True))
    row.after_sale = [(now, 6, 1), (end, 12 if agreed else 27, 3 if agreed else 4)]
    if agreed and row.status(now) in (PAID, STOCKING):
        row.steps = [step for step in row.steps if step[0] <= now] + [(end, CANCELLED)]
    return {"order_id": row.order_id}


ACTS: dict[str, ShopAct] = {act.__name__: act for act in (buyer_orders, buyer_wants_refund, order_moves)}


def play(shop: Shop, doc: Doc) -> Doc:
    """Do one of ACTS, or several."""
    return switches.play(ACTS, shop, doc)


def look(shop: Shop, doc: Doc) -> Doc:
    """One order with its receiver in plain words, or sizes."""
    if "order_id" in doc:
        row = _order(shop, doc)
        return {"order": show(shop, row), "receiver": dataclasses.asdict(shop.buyer_person(row))}
    return {
        "shop_id": shop.shop_id,
        "orders": len(shop.orders()),
        "decrypted_today": shop.decrypted.get(shop.day(), 0),
    }


def sent(shop: Shop, doc: Doc) -> Doc:
    """Remarks that were written."""
    return {
        "remarks": [
            {"order_id": row.order_id, "remark": row.remark, "star": row.star}
            for row in shop.orders()
            if row.touched
        ]
    }


def push(shop: Shop, doc: Doc) -> Doc:
    """The push of an order's payment, with its signed headers; ids are numbers there."""
    row = _order(shop, doc)
    data = {
        "p_id": int(row.order_id), "s_ids": [int(row.order_id) + 1], "shop_id": int(shop.shop_id),
        "order_status": row.status(shop.seconds()), "order_type": 0, "biz": 2, "pay_time": int(row.paid_at),
        "pay_amount": row.amount(), "pay_type": 2,
    }  # fmt: skip
    body = json.dumps([{"tag": "101", "msg_id": str(row.number), "data": json.dumps(data)}])
    headers = {
        "app-id": shop.app_key,
        "event-sign": push_sign(shop.app_key, shop.app_secret, body.encode()),
    }
    return {"body": body, "headers": headers}


ROUTES: dict[tuple[str, str], ShopAct] = {
    ("GET", "/settings"): lambda shop, doc: settings(shop, {}),
    ("POST", "/settings"): settings,
    ("GET", "/world"): look,
    ("POST", "/world"): play,
    ("GET", "/sent"): sent,
    ("GET", "/push"): push,
    ("GET", "/acts"): lambda shop, doc: switches.named(ACTS),
}
