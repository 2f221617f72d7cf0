"""Calls about orders: searched, told in full, remarked."""

from typing import Any

from desktop.sandbox.calls import Doc
from desktop.sandbox.doudian.errors import Refusal
from desktop.sandbox.doudian.order_docs import show
from desktop.sandbox.doudian.shop import Order, Shop


def _number(params: Doc, name: str, default: int | None = None) -> int | None:
    value = params.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool):
        raise Refusal("isv.parameter-format-invalid", f"{name}格式错误")
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Refusal("isv.parameter-format-invalid", f"{name}格式错误") from None


def _statuses(params: Doc) -> set[int]:
    """`combine_status` as a list of one, or an object; states stand in one text with commas."""
    asked: Any = params.get("combine_status")
    rows = asked if isinstance(asked, list) else [asked] if isinstance(asked, dict) else []
    found: set[int] = set()
    for row in rows:
        words = str(row.get("order_status") or "") if isinstance(row, dict) else ""
        if not all(word.strip().isdigit() for word in words.split(",") if word):
            raise Refusal("isv.parameter-invalid", "order_status不合法")
        found |= {int(word) for word in words.split(",") if word}
    return found


def search(shop: Shop, params: Doc) -> Doc:
    """order.searchList: pages from 0, at most 100 rows each."""
    page, size = _number(params, "page"), _number(params, "size")
    if page is None or size is None:
        raise Refusal("isv.parameter-missing", "page、size不能为空")
    if page < 0 or not 1 <= size <= 100:
        raise Refusal("isv.parameter-invalid", "page从0开始,size最大100")
    order_by = params.get("order_by") or "create_time"
    if order_by not in ("create_time", "update_time"):
        raise Refusal("isv.parameter-invalid", "order_by不合法")
    now, wanted, words = shop.seconds(), _statuses(params), str(params.get("product") or "")
    lag = now - shop.settings.listing_lag_s if shop.settings.listing_lag_s else now + 1
    span = {
        name: (_number(params, f"{name}_start", 0) or 0, _number(params, f"{name}_end") or 2**62)
        for name in ("create_time", "update_time")
    }
    found: list[tuple[float, int, Order]] = []
    for row in shop.orders():
        if not span["create_time"][0] <= row.created <= span["create_time"][1]:
            continue
        updated = row.updated(now)
        if not span["update_time"][0] <= int(updated) <= span["update_time"][1] or updated > lag:
            continue
        if wanted and row.status(now) not in wanted:
            continue
        found.append((row.created if order_by == "create_time" else updated, row.number, row))
    found.sort(key=lambda slot: slot[:2], reverse=params.get("order_asc") not in (True, "true", 1))
    if words:
        found = [slot for slot in found if words in str(show(shop, slot[2])["sku_order_list"])]
    part = found[page * size : (page + 1) * size]
    return {
        "page": page,
        "total": len(found),
        "size": size,
        "shop_order_list": [show(shop, row) for _, _, row in part],
    }


def _order(shop: Shop, params: Doc, name: str) -> Order:
    ident = params.get(name)
    if not ident:
        raise Refusal("isv.parameter-missing", f"{name}不能为空")
    row = shop.find(str(ident))
    if row is None:
        raise Refusal("isv.parameter-invalid", "订单不存在")
    return row


def detail(shop: Shop, params: Doc) -> Doc:
    """order.orderDetail: one order."""
    return {"shop_order_detail": show(shop, _order(shop, params, "shop_order_id"))}


def remark(shop: Shop, params: Doc) -> Doc:
    """order.addOrderRemark: the seller's words and a star, 0 grey to 5 red."""
    row = _order(shop, params, "order_id")
    text = params.get("remark")
    if not isinstance(text, str):
        raise Refusal("isv.parameter-missing", "remark不能为空")
    if len(text) > 60:
        raise Refusal("isv.parameter-invalid", "remark最多60字")
    if str(params.get("is_add_star", "")).lower() == "true":
        star = _number(params, "star")
        if star is None or not 0 <= star <= 5:
            raise Refusal("isv.parameter-invalid", "star不合法")
        row.star = star
    row.remark, row.touched = text, shop.seconds()
    return {}


def replace_open_ids(shop: Shop, params: Doc) -> Doc:
    """open.openId.replace: old buyer ids to new ones, at most 100."""
    asked = params.get("open_ids")
    if not isinstance(asked, list) or not asked:
        raise Refusal("isv.parameter-missing")
    if len(asked) > 100:
        raise Refusal("isv.parameter-invalid", "open_ids最多100个")
    return {"open_id_old_to_new_map": {str(old): str(old) for old in asked}}
