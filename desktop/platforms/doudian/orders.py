"""Orders of a Douyin shop: by the time they changed, with after-sales; receivers hidden unless asked for."""

from __future__ import annotations

from typing import Any

from desktop.domain.errors import NotFoundError, RejectedError, UnclearReplyError
from desktop.domain.identity import IdentityKey
from desktop.domain.imports import OrderLine, OrderRecord
from desktop.domain.live_orders import LiveOrder, OrderPage, Receiver
from desktop.platforms.doudian.client import DoudianClient
from desktop.platforms.line import Fields
from desktop.platforms.strict_json import rows, text, whole

SIZE = 100
STATUSES = {1: "unpaid", 105: "paid", 2: "paid", 101: "part_shipped", 3: "shipped", 4: "closed", 5: "done"}
REFUNDING_SALES = (6, 7, 11)  # asked for, on its way back
REFUND_WAITS, REFUNDED = 1, 3
CIPHERS = (("name", "encrypt_post_receiver"), ("phone", "encrypt_post_tel"), ("address", "encrypt_detail"))
PLACES = ("province", "city", "town", "street")


async def page(client: DoudianClient, since_ms: int, until_ms: int, cursor: str) -> OrderPage:
    """One page of order.searchList, ascending by the time of the last change.

    An order that changes while pages are read leaves its place, and everything behind it moves up. So the
    next page does not go by its number but begins at the second of the last order met; only orders
    of one second are counted through by number. `cursor` is '<second>:<page>'.
    """
    second, number = _place(cursor, since_ms // 1000)
    data = await client.ask(
        "order.searchList",
        {
            "update_time_start": second,
            "update_time_end": until_ms // 1000,
            "order_by": "update_time",
            "order_asc": True,
            "page": number,
            "size": SIZE,
        },
    )
    total = whole(data.get("total"))
    if total is None or "shop_order_list" not in data:
        raise UnclearReplyError("reply_garbled", detail="no order list in the reply")
    entries = rows(data["shop_order_list"])
    found = [order for order in (_order(entry, client.shop_id) for entry in entries) if order is not None]
    following = ""
    if entries and number * SIZE + len(entries) < total:
        last = max((order.updated_at // 1000 for order in found), default=second)
        following = f"{last}:0" if last > second else f"{second}:{number + 1}"
    return OrderPage(tuple(found), following, total, len(entries) - len(found))


def _place(cursor: str, since_s: int) -> tuple[int, int]:
    second, _, number = cursor.partition(":")
    if second.isdecimal() and number.isdecimal():
        return int(second), int(number)
    return since_s, 0


def _order(entry: Fields, shop_id: str) -> LiveOrder | None:
    """One entry; None without an id or a time of change."""
    order_no, updated_at = text(entry.get("order_id")), _ms(entry.get("update_time"))
    if not order_no or updated_at is None:
        return None
    subs = rows(entry.get("sku_order_list"))
    lines = tuple(_line(sub) for sub in subs if text(sub.get("order_id")))
    status = STATUSES.get(whole(entry.get("order_status")) or 0, "unknown")
    refund = _refund(subs)
    ids = dict.fromkeys(filter(None, (text(entry.get("doudian_open_id")), text(entry.get("open_id")))))
    buyers = tuple(IdentityKey("doudian", shop_id, one) for one in ids)
    record = OrderRecord(
        platform="doudian",
        scope="",
        order_no=order_no,
        paid_cents=_cents(entry.get("pay_amount")),
        buyer=buyers[0] if buyers else None,
        buyer_name=text(entry.get("mask_post_receiver")),
        status=status,
        status_text=text(entry.get("order_status_desc")),
        refund_status=refund,
        refund_cents=sum(line.refund_cents for line in lines) if refund != "none" else 0,
        created_at=_ms(entry.get("create_time")),
        paid_at=_ms(entry.get("pay_time")),
        finished_at=_ms(entry.get("finish_time")),
        receiver=_masked(entry),
        extra=_extra(entry),
        lines=lines,
    )
    return LiveOrder(record, buyers, updated_at)


def _line(sub: Fields) -> OrderLine:
    specs = "；".join(filter(None, (text(part.get("value")) for part in rows(sub.get("spec")))))
    paid = whole(sub.get("pay_amount"))
    return OrderLine(
        line_no=text(sub.get("order_id")),
        item=text(sub.get("product_name")),
        spec=specs,
        item_code=text(sub.get("code")) or text(sub.get("out_sku_id")),
        quantity=whole(sub.get("item_num")),
        paid_cents=paid,
        refund_cents=(paid or 0) if _sale(sub, "refund_status") == REFUNDED else 0,
    )


def _refund(subs: list[Fields]) -> str:
    """What becomes of the money: what still moves counts first."""
    if any(
        _sale(sub, "refund_status") == REFUND_WAITS
        or (_sale(sub, "after_sale_status") in REFUNDING_SALES and _sale(sub, "refund_status") != REFUNDED)
        for sub in subs
    ):
        return "refunding"
    return "refunded" if any(_sale(sub, "refund_status") == REFUNDED for sub in subs) else "none"


def _sale(sub: Fields, name: str) -> int:
    info = sub.get("after_sale_info")
    return whole(info.get(name)) or 0 if isinstance(info, dict) else 0


def _masked(entry: Fields) -> dict[str, str]:
    """The receiver as the platform lets everybody see it."""
    parts = {
        "name": text(entry.get("mask_post_receiver")),
        "phone": text(entry.get("mask_post_tel")),
        "address": _address(entry.get("mask_post_addr")),
    }
    told = {name: value for name, value in parts.items() if value}
    return told | {f"{name}_kind": "masked" for name in told}


def _address(value: Any, detail: str | None = None) -> str:
    """An address as one text, from the most general part on."""
    if not isinstance(value, dict):
        return text(value)
    parts: list[str] = []
    for place in PLACES:
        part = value.get(place)
        parts.append(text(part.get("name")) if isinstance(part, dict) else text(part))
    parts.append(text(value.get("detail")) if detail is None else detail)
    return "".join(filter(None, parts))


def _extra(entry: Fields) -> dict[str, object]:
    told: dict[str, object] = {
        "buyer_note": text(entry.get("buyer_words")),
        "closed_reason": text(entry.get("cancel_reason")),
        "shop": text(entry.get("shop_name")),
    }
    found = {name: value for name, value in told.items() if value}
    if "seller_words" in entry:  # an empty note is news: it was taken away
        found["seller_note"] = text(entry.get("seller_words"))
    star = whole(entry.get("seller_remark_stars"))
    if star is not None:
        found["seller_star"] = star
    return found


def _ms(value: Any) -> int | None:
    seconds = whole(value)
    return seconds * 1000 if seconds and 0 < seconds < 10**11 else None


def _cents(value: Any) -> int:
    cents = whole(value)
    return cents if cents is not None and 0 <= cents < 10**13 else 0


async def detail(client: DoudianClient, order_no: str) -> Fields:
    """Everything the platform tells of one order. Raises the five errors, and NotFoundError."""
    try:
        data = await client.ask("order.orderDetail", {"shop_order_id": order_no})
    except RejectedError as error:
        if error.params.get("is_permission"):
            raise
        raise NotFoundError("order_missing", order=order_no) from error
    found = data.get("shop_order_detail")
    if not isinstance(found, dict) or text(found.get("order_id")) != order_no:
        raise UnclearReplyError("reply_garbled", detail="another order than the one asked for")
    return found


async def receiver(client: DoudianClient, order_no: str) -> Receiver:
    """Ask for the plain receiver of one order: one call of the day's quota, for at most three texts."""
    entry = await detail(client, order_no)
    ciphers = {part: text(entry.get(name)) for part, name in CIPHERS}
    wanted = [{"auth_id": order_no, "cipher_text": cipher} for cipher in ciphers.values() if cipher]
    if not wanted:
        return Receiver(
            text(entry.get("post_receiver")), text(entry.get("post_tel")), _address(entry.get("post_addr"))
        )
    data = await client.ask("order.batchDecrypt", {"cipher_infos": wanted})
    custom = data.get("custom_err")
    plain: dict[str, str] = {}
    refused = (
        text(custom.get("err_msg")) if isinstance(custom, dict) and whole(custom.get("err_code")) else ""
    )
    facts: dict[str, Any] = {}
    for info in rows(data.get("decrypt_infos")):
        if whole(info.get("err_no")):
            refused = refused or text(info.get("err_msg"))
            continue
        plain[text(info.get("cipher_text"))] = text(info.get("decrypt_text"))
        if info.get("is_virtual_tel") is True:
            facts = {"is_virtual_phone": True, "until": whole(info.get("expire_time"))}
    street = plain.get(ciphers["address"], "")
    return Receiver(
        plain.get(ciphers["name"], ""),
        plain.get(ciphers["phone"], ""),
        _address(entry.get("post_addr") or entry.get("mask_post_addr"), street) if street else "",
        refused,
        facts,
    )
