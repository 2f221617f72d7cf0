"""The Douyin shop in the sandbox: signatures, envelopes, orders that move, sealed receivers."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest

from desktop.sandbox.doudian.sign import push_sign, sign
from tests.unit.sandbox.wire import ORIGIN, Wire

DAY = 86_400
KEY, SECRET = "3409409348479354011", "11112222-3333-4444-5555-666677778888"
ORDER_FIELDS = {
    "order_id", "shop_id", "shop_name", "open_id", "doudian_open_id", "order_status",
    "order_status_desc", "main_status", "order_type", "trade_type", "b_type", "pay_type", "pay_time",
    "create_time", "update_time", "finish_time", "order_expire_time", "cancel_reason", "buyer_words",
    "seller_words", "seller_remark_stars", "order_amount", "pay_amount", "post_amount",
    "promotion_amount", "promotion_shop_amount", "promotion_platform_amount", "promotion_talent_amount",
    "modify_amount", "post_receiver", "post_tel", "post_addr", "encrypt_post_receiver",
    "encrypt_post_tel", "encrypt_detail", "mask_post_receiver", "mask_post_tel", "mask_post_addr",
    "logistics_info", "sku_order_list", "user_tag_ui", "shop_order_tag_ui",
}  # fmt: skip
LINE_FIELDS = {
    "order_id", "parent_order_id", "product_id", "product_id_str", "sku_id", "product_name",
    "product_pic", "item_num", "origin_amount", "sum_amount", "pay_amount", "order_status",
    "after_sale_info", "author_id", "author_name", "room_id", "room_id_str", "video_id", "content_id",
    "theme_type", "c_biz", "is_comment", "spec", "code", "out_sku_id", "card_voucher",
}  # fmt: skip


@pytest.fixture
def wire() -> Wire:
    one = Wire()
    asyncio.run(one.shop_login())
    return one


async def everything(wire: Wire, **more: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for page in range(1000):
        data = (await wire.shop("order.searchList", page=page, size=100, **more))["data"]
        rows += data["shop_order_list"]
        if len(rows) >= data["total"]:
            return rows
    raise AssertionError("endless")


def test_golden_vectors() -> None:
    params = '{"order_by":"create_time","page":0,"product":"测试<茶>&","size":10}'.encode()
    words = (SECRET, KEY, "order.searchList", params, "1700000000")
    assert sign(*words, "hmac-sha256") == "c5619d07087fc6f89326432f79a43f565fe1a2fb64aa31ce8e685f04d16318e9"
    assert sign(*words, "md5") == "6d0fdbbf15ba2ee7db14f15756139035"
    body = b'[{"tag":"101","msg_id":"1","data":"{}"}]'
    assert push_sign(KEY, SECRET, body) == "2d60915e2ac48bff2e7cc7c700eb7317"


async def test_signature_is_over_the_exact_bytes(wire: Wire) -> None:
    body = '{"page":0,"product":"<茶>&","size":1}'.encode()
    good = await wire.shop_raw("order.searchList", body)
    assert (good["code"], good["msg"]) == (10000, "success")
    assert (await wire.shop_raw("order.searchList", body, how="md5"))["code"] == 10000
    spaced = json.dumps(json.loads(body), ensure_ascii=False).encode()
    wrong = await wire.shop_raw("order.searchList", body, sent=spaced)
    assert (wrong["code"], wrong["sub_code"]) == (40003, "isv.signature-invalid")


async def test_time_may_differ_by_ten_minutes(wire: Wire) -> None:
    body = b'{"page":0,"size":1}'
    for off, code in ((-599, 10000), (601, 40003), (-601, 40003)):
        assert (await wire.shop_raw("order.searchList", body, at=str(ORIGIN + off)))["code"] == code
    text = "2026-09-21 22:13:20"  # the origin in China's time
    assert (await wire.shop_raw("order.searchList", body, at=text))["code"] == 10000


async def test_both_envelopes(wire: Wire) -> None:
    old = await wire.shop("order.searchList", new=False, page=0, size=1)
    assert set(old) == {"log_id", "err_no", "message", "data"}
    wrong = await wire.shop("order.searchList", new=False, page=0, size=101)
    assert (wrong["err_no"], wrong["data"]) == (40003, None)
    wrong = await wire.shop("order.searchList", page=0, size=101)
    assert set(wrong) == {"log_id", "code", "msg", "sub_code", "sub_msg", "data"}
    assert wrong["sub_code"] == "isv.parameter-invalid"
    await wire.control("doudian/settings", {"both_envelopes": True})
    assert {"err_no", "code"} <= set(await wire.shop("order.searchList", page=0, size=1))
    await wire.control("faults", {"kind": "errcode", "code": 20000, "platform": "doudian"})
    assert (await wire.shop("order.searchList", page=0, size=1))["sub_code"] == "dop.service-error"


async def test_tokens_live_seven_and_fourteen_days(wire: Wire) -> None:
    first = await wire.shop_login()
    assert first["expires_in"] == 7 * DAY
    wire.stage.clock.advance(7 * DAY + 1)
    assert (await wire.shop("order.searchList", page=0, size=1))["sub_code"] == "isv.access-token-expired"
    renewal = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = (await wire.shop("token.refresh", **renewal))["data"]
    assert second["refresh_token"] != first["refresh_token"]
    assert (await wire.shop("token.refresh", **renewal))["code"] == 40003  # spent
    wire.shop_token = second["access_token"]
    assert (await wire.shop("order.searchList", page=0, size=1))["code"] == 10000
    await wire.control("faults", {"kind": "token_death", "platform": "doudian"})
    assert (await wire.shop("order.searchList", page=0, size=1))[
        "sub_code"
    ] == "isv.access-token-no-existed"
    wire.stage.clock.advance(14 * DAY)
    late = await wire.shop(
        "token.refresh", grant_type="refresh_token", refresh_token=second["refresh_token"]
    )
    assert late["code"] == 40003
    by_code = {"grant_type": "authorization_code", "code": wire.doudian["code"]}
    assert [(await wire.shop("token.create", **by_code))["code"] for _ in range(2)] == [10000, 40003]


async def test_orders_have_the_documented_fields_and_large_ids(wire: Wire) -> None:
    rows = await everything(wire)
    assert set(rows[0]) == ORDER_FIELDS
    assert all(set(line) == LINE_FIELDS for row in rows for line in row["sku_order_list"])
    assert len({row["order_id"] for row in rows}) == len(rows) == 387
    line = rows[0]["sku_order_list"][0]
    assert line["product_id"] > 2**53
    assert str(line["product_id"]) == line["product_id_str"]
    assert all(row["post_tel"] == row["post_receiver"] == row["post_addr"]["detail"] == "" for row in rows)
    detail = await wire.shop("order.orderDetail", shop_order_id=rows[5]["order_id"])
    assert detail["data"]["shop_order_detail"] == rows[5]
    assert {row["order_status"] for row in rows} >= {2, 3, 4, 5}
    assert {row["sku_order_list"][0]["after_sale_info"]["refund_status"] for row in rows} >= {0, 3, 4}


async def test_few_buyers_bring_much(wire: Wire) -> None:
    spent: Counter[str] = Counter()
    for row in await everything(wire):
        spent[row["open_id"]] += row["pay_amount"]
    top = sum(cents for _, cents in spent.most_common(len(spent) // 5))
    assert top > sum(spent.values()) * 0.5


async def test_search_filters_and_order(wire: Wire) -> None:
    done = await everything(wire, combine_status=[{"order_status": "5,4"}])
    assert {row["order_status"] for row in done} == {4, 5}
    same = await everything(wire, combine_status={"order_status": "5,4"})
    assert [row["order_id"] for row in same] == [row["order_id"] for row in done]
    span = {"update_time_start": ORIGIN - 5 * DAY, "update_time_end": ORIGIN}
    fresh = await everything(wire, order_by="update_time", order_asc=True, **span)
    times = [row["update_time"] for row in fresh]
    assert times == sorted(times)
    assert times[0] >= ORIGIN - 5 * DAY
    assert len(fresh) < len(await everything(wire))
    assert (await wire.shop("order.searchList", page=-1, size=10))["code"] == 40003
    assert (await wire.shop("order.searchList", size=10))["code"] == 40001


async def test_an_order_moves_with_the_clock(wire: Wire) -> None:
    made = await wire.control("doudian/world", {"do": "buyer_orders", "index": 1})
    seen = []
    for _ in range(60):
        wire.stage.clock.advance(DAY // 4)
        await wire.shop_login()
        detail = await wire.shop("order.orderDetail", shop_order_id=made["order_id"])
        seen.append(detail["data"]["shop_order_detail"]["order_status"])
    assert list(dict.fromkeys(seen)) in ([2, 3, 5], [2, 101, 3, 5], [4])
    unpaid = await wire.control("doudian/world", {"do": "buyer_orders", "index": 1, "paid": False})
    wire.stage.clock.advance(1801)
    detail = await wire.shop("order.orderDetail", shop_order_id=unpaid["order_id"])
    assert detail["data"]["shop_order_detail"]["order_status"] == 4
    assert detail["data"]["shop_order_detail"]["pay_time"] == 0


async def test_a_refund_closes_an_order_that_did_not_leave(wire: Wire) -> None:
    made = await wire.control("doudian/world", {"do": "buyer_orders", "index": 1})
    moved = {"do": "order_moves", "order_id": made["order_id"], "status": 2}
    await wire.control("doudian/world", moved)
    refund = {"do": "buyer_wants_refund", "order_id": made["order_id"], "after_s": 600}
    await wire.control("doudian/world", refund)
    found = []
    for step in (1, 600):
        wire.stage.clock.advance(step)
        row = (await wire.shop("order.orderDetail", shop_order_id=made["order_id"]))["data"][
            "shop_order_detail"
        ]
        info = row["sku_order_list"][0]["after_sale_info"]
        found.append((row["order_status"], info["after_sale_status"], info["refund_status"]))
    assert found == [(2, 6, 1), (4, 12, 3)]


async def test_orders_come_by_themselves(wire: Wire) -> None:
    before = len(await everything(wire))
    await wire.control("doudian/settings", {"orders_per_day": 10})
    wire.stage.clock.advance(3 * DAY)
    rows = await everything(wire)
    assert len(rows) == before + 30
    assert max(row["create_time"] for row in rows) <= ORIGIN + 3 * DAY


async def test_remark_and_star(wire: Wire) -> None:
    ident = (await everything(wire))[0]["order_id"]
    wire.stage.clock.advance(5)
    body = {"order_id": ident, "remark": "团长<茶>&", "is_add_star": "true", "star": 5}
    assert (await wire.shop("order.addOrderRemark", **body))["code"] == 10000
    row = (await wire.shop("order.orderDetail", shop_order_id=ident))["data"]["shop_order_detail"]
    assert (row["seller_words"], row["seller_remark_stars"], row["update_time"]) == (
        "团长<茶>&",
        5,
        ORIGIN + 5,
    )
    for spoilt in ({"remark": "字" * 61}, {"star": 6}, {"order_id": "1"}):
        assert (await wire.shop("order.addOrderRemark", **body | spoilt))["code"] == 40003
    assert len((await wire.control("writes?path=addOrderRemark"))["writes"]) == 1


async def test_receivers_open_within_the_quota(wire: Wire) -> None:
    first, second = (await everything(wire))[:2]
    infos = [
        {"auth_id": first["order_id"], "cipher_text": first[f"encrypt_{name}"]}
        for name in ("post_tel", "post_receiver", "detail")
    ]
    masked = (await wire.shop("order.batchSensitive", cipher_infos=infos))["data"]["decrypt_infos"]
    assert masked[0]["decrypt_text"] == first["mask_post_tel"]
    await wire.control("doudian/settings", {"decrypts_per_day": 3})
    rows = (await wire.shop("order.batchDecrypt", cipher_infos=infos))["data"]["decrypt_infos"]
    told = (await wire.control(f"doudian/world?order_id={first['order_id']}"))["receiver"]
    assert [row["decrypt_text"] for row in rows] == [told["phone"], told["name"], told["door"]]
    spent = (await wire.shop("order.batchDecrypt", cipher_infos=infos[:1]))["data"]
    assert spent["decrypt_infos"][0]["err_no"] == spent["custom_err"]["err_code"] == 300008
    foreign = [{"auth_id": second["order_id"], "cipher_text": first["encrypt_post_tel"]}]
    assert (await wire.shop("order.batchSensitive", cipher_infos=foreign))["data"]["decrypt_infos"][0][
        "err_no"
    ]
    assert (await wire.shop("order.batchDecrypt", cipher_infos=infos * 17))["code"] == 40003
    index = await wire.shop("order.getSearchIndex", plain_text=told["phone"], sensitive_type=3)
    assert index["data"]["encrypt_index_text"] in first["encrypt_post_tel"]
    wire.stage.clock.advance(DAY)
    again = (await wire.shop("order.batchDecrypt", cipher_infos=infos[:1]))["data"]["decrypt_infos"][0]
    assert again["decrypt_text"] == told["phone"]


async def test_gates(wire: Wire) -> None:
    await wire.control("doudian/settings", {"missing_permissions": ["order.searchList"]})
    assert (await wire.shop("order.searchList", page=0, size=1))["code"] == 30001
    await wire.control("doudian/settings", {"ip_trusted": False})
    assert (await wire.shop("order.orderDetail", shop_order_id="1"))["sub_code"] == "isv.invalid_ip"
    reply = await wire.http.post("/doudian/order/searchList", content=b"{}")
    assert reply.json()["err_no"] == 40002
