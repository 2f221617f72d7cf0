"""An order as the shop's calls tell it: ids as text and number, money in cents, receivers sealed."""

from desktop.sandbox.calls import Doc
from desktop.sandbox.doudian.cipher import mask, plain, seal
from desktop.sandbox.doudian.shop import CANCELLED, FINISHED, GOODS, UNPAID, Order, Shop, in_time

WORDS = {1: "待支付", 105: "已支付", 2: "备货中", 101: "部分发货", 3: "已发货", 4: "已取消", 5: "已完成"}


def show(shop: Shop, order: Order) -> Doc:
    """Every field of a listed order."""
    now = shop.seconds()
    status, amount = order.status(now), order.amount()
    person, words = shop.buyer_person(order), plain(shop, order)
    names = [
        {"name": name, "id": str(index)}
        for name, index in zip(person.place, (330000, 330100, 330106, 330106009), strict=True)
    ]
    open_id = f"1@#{shop.chance.roll(b'dd-buyer', order.buyer).hex()[:44]}"
    sealed = {kind: seal(shop, order, kind) for kind in words}
    open_words = shop.settings.receivers_plain
    return {
        "order_id": order.order_id,
        "shop_id": int(shop.shop_id),
        "shop_name": shop.shop_name,
        "open_id": open_id,
        "doudian_open_id": open_id,
        "order_status": status,
        "order_status_desc": WORDS[status],
        "main_status": status,
        "order_type": 0,
        "trade_type": 0,
        "b_type": 2,
        "pay_type": 2 if order.paid_at else 0,
        "pay_time": in_time(order.paid_at, now),
        "create_time": int(order.created),
        "update_time": int(order.updated(now)),
        "finish_time": next((in_time(at, now) for at, step in order.steps if step == FINISHED), 0),
        "order_expire_time": 1800,
        "cancel_reason": "超时未支付" if status == CANCELLED and not order.paid_at else "",
        "buyer_words": "" if order.number % 9 else "请放快递柜",
        "seller_words": order.remark,
        "seller_remark_stars": order.star if order.star is not None else 0,
        "order_amount": amount,
        "pay_amount": 0 if status == UNPAID else amount,
        "post_amount": 0,
        "promotion_amount": 0,
        "promotion_shop_amount": 0,
        "promotion_platform_amount": 0,
        "promotion_talent_amount": 0,
        "modify_amount": 0,
        "post_receiver": words["name"] if open_words else "",
        "post_tel": words["phone"] if open_words else "",
        "post_addr": dict(zip(("province", "city", "town", "street"), names, strict=True))
        | {"detail": words["addr"] if open_words else ""},
        "encrypt_post_receiver": sealed["name"],
        "encrypt_post_tel": sealed["phone"],
        "encrypt_detail": sealed["addr"],
        "mask_post_receiver": mask("name", words["name"]),
        "mask_post_tel": mask("phone", words["phone"]),
        "mask_post_addr": {
            "province": names[0], "city": names[1], "town": names[2], "street": names[3],
            "detail": mask("addr", words["addr"]),
        },
        "logistics_info": _parcels(order, now),
        "sku_order_list": [_line(shop, order, at, now) for at in range(len(order.goods))],
        "user_tag_ui": [],
        "shop_order_tag_ui": [],
    }  # fmt: skip


def _parcels(order: Order, now: float) -> list[Doc]:
    shipped = [at for at, step in order.steps if step in (101, 3) and at <= now]
    return [
        {
            "tracking_no": f"SF{order.number:06d}{at}", "company": "shunfeng", "company_name": "顺丰速运",
            "ship_time": int(when), "delivery_id": f"{order.order_id}{at}",
        }
        for at, when in enumerate(shipped)
    ]  # fmt: skip


def _line(shop: Shop, order: Order, at: int, now: float) -> Doc:
    good, count = order.goods[at]
    name, price = GOODS[good]
    after_sale, refund = order.refund(now) if at == 0 or order.status(now) == CANCELLED else (0, 0)
    product = 3_600_000_000_000_000_001 + good * 1_000_000_003
    from_live = order.number % 3 == 0
    return {
        "order_id": f"{int(order.order_id) + at + 1}",
        "parent_order_id": order.order_id,
        "product_id": product,
        "product_id_str": str(product),
        "sku_id": product + 17,
        "product_name": name,
        "product_pic": f"https://p3-item.ecombdimg.com/img/{good}.jpeg",
        "item_num": count,
        "origin_amount": price,
        "sum_amount": price * count,
        "pay_amount": 0 if order.status(now) == UNPAID else price * count,
        "order_status": order.status(now),
        "after_sale_info": {
            "after_sale_status": after_sale, "after_sale_type": 1 if after_sale else 0, "refund_status": refund
        },
        "author_id": 82_000_000_001 if from_live else 0,
        "author_name": "好吃研究所" if from_live else "",
        "room_id": 7_134_000_000_000_000_123 if from_live else 0,
        "room_id_str": "7134000000000000123" if from_live else "0",
        "video_id": "",
        "content_id": "0",
        "theme_type": "2" if from_live else "0",
        "c_biz": 1 if from_live else 2,
        "is_comment": 0,
        "spec": [{"name": "规格", "value": "标准装"}],
        "code": f"HC{good:03d}",
        "out_sku_id": good + 1,
        "card_voucher": {},
    }  # fmt: skip
