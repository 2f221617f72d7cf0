"""Douyin shop on the wire: signed bytes, both envelopes, tokens kept before use, orders, receivers, remarks."""

import asyncio
import hashlib
import hmac
from typing import Any

import pytest

from desktop.domain.errors import (
    AuthError,
    InvalidInputError,
    RejectedError,
    TokenDiedError,
    UnclearReplyError,
)
from desktop.domain.proof import UnknownWrite, Verdict
from desktop.domain.write_kinds.doudian import ORDER_REMARK
from desktop.domain.writes import Write
from desktop.platforms.doudian.signing import signature, written
from tests.unit.platforms.open_wire import SECRET, Vault, a_grant, sent, shop
from tests.unit.platforms.wire import QuickClock

TOKEN = {
    "code": 10000,
    "data": {"access_token": "a1", "expires_in": "604800", "refresh_token": "r1", "shop_id": 55},
}


def listing(*orders: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    found = {"page": 0, "total": len(orders) if total is None else total, "shop_order_list": list(orders)}
    return {"err_no": 0, "message": "success", "data": found}


def an_order(number: str = "48", changed: int = 1_700_000_100, **more: Any) -> dict[str, Any]:
    return {
        "order_id": number, "shop_id": 55, "open_id": "old-1", "doudian_open_id": "new-1", "order_status": 3,
        "order_status_desc": "已发货", "pay_amount": 3000, "create_time": 1_700_000_000,
        "pay_time": "1700000050", "update_time": changed, "mask_post_receiver": "张*",
        "mask_post_tel": "138****0000", "encrypt_post_tel": "#x#", "seller_words": "", "seller_remark_stars": 0,
        "sku_order_list": [
            {"order_id": number + "1", "product_name": "茶", "item_num": 2, "pay_amount": 3000,
             "product_id": 3473196049974326301, "spec": [{"name": "规格", "value": "大"}],
             "after_sale_info": {"after_sale_status": 0, "refund_status": 0}},
        ],
    } | more  # fmt: skip


def test_a_request_is_signed_as_the_platforms_own_sdk_signs_it() -> None:
    fields = {"size": 10, "page": 0, "product": "测试<茶>&", "order_by": "create_time"}
    text = written(fields)
    assert text == '{"order_by":"create_time","page":0,"product":"测试<茶>&","size":10}'
    key, secret = "3409409348479354011", "11112222-3333-4444-5555-666677778888"
    assert signature(key, secret, "order.searchList", text, "1700000000") == (
        "c5619d07087fc6f89326432f79a43f565fe1a2fb64aa31ce8e685f04d16318e9"
    )


def test_what_is_signed_are_the_bytes_that_leave(runner: asyncio.Runner) -> None:
    adapter, wire, _, _ = shop(lambda path, body, n: TOKEN if "token" in path else listing(an_order()))
    runner.run(adapter.orders(1_700_000_000_000, 1_700_001_000_000, ""))
    request = wire.requests[-1]
    query = dict(request.url.params)
    base = (
        f"{SECRET}app_key{query['app_key']}method{query['method']}param_json{request.content.decode()}"
        f"timestamp{query['timestamp']}v2{SECRET}"
    )
    assert query["sign"] == hmac.new(SECRET.encode(), base.encode(), hashlib.sha256).hexdigest()
    assert (query["access_token"], query["v"]) == ("a1", "2")
    assert request.headers["x-open-no-old-err-code"] == "1"
    assert sent(request)["page"] == 0


def test_orders_are_read_with_their_after_sales_and_without_a_plain_receiver(
    runner: asyncio.Runner,
) -> None:
    back = {"order_id": "482", "pay_amount": 1000, "after_sale_info": {"refund_status": 3}}
    adapter, *_ = shop(
        lambda path, body, n: (
            TOKEN
            if "token" in path
            else listing(an_order(sku_order_list=[*an_order()["sku_order_list"], back]), {"order_id": "9"})
        )
    )
    page = runner.run(adapter.orders(1_700_000_000_000, 1_700_001_000_000, ""))
    assert page.skipped == 1
    (order,) = page.items
    record = order.record
    assert (record.platform, record.scope, record.order_no) == ("doudian", "", "48")
    assert [key.external_id for key in order.buyers] == ["new-1", "old-1"]
    assert (record.status, record.refund_status, record.refund_cents) == ("shipped", "refunded", 1000)
    assert record.receiver["phone_kind"] == "masked"
    assert "#x#" not in repr(record)
    assert record.lines[0].line_no == "481"
    assert record.buyer_phone is None


def test_pages_go_on_at_the_last_second_and_count_within_one(runner: asyncio.Runner) -> None:
    asked: list[tuple[int, int]] = []

    def script(path: str, body: dict[str, Any], n: int) -> Any:
        if "token" in path:
            return TOKEN
        asked.append((body["update_time_start"], body["page"]))
        rows = [an_order(f"{n}-{i}", 1_700_000_000 + (n == 1) * 5) for i in range(100)]
        return listing(*rows, total=250) if n < 3 else listing(an_order(), total=1)

    adapter, *_ = shop(script)
    first = runner.run(adapter.orders(1_700_000_000_000, 1_700_001_000_000, ""))
    assert first.next_cursor == "1700000005:0"
    second = runner.run(adapter.orders(1_700_000_000_000, 1_700_001_000_000, "1700000000:0"))
    assert second.next_cursor == "1700000000:1"
    last = runner.run(adapter.orders(1_700_000_000_000, 1_700_001_000_000, second.next_cursor))
    assert last.next_cursor == ""
    assert asked == [(1_700_000_000, 0), (1_700_000_000, 0), (1_700_000_000, 1)]


@pytest.mark.parametrize(
    ("reply", "error", "code"),
    [
        ({"err_no": 30001, "message": "x", "sub_code": "dop.no-permissions"}, RejectedError, "doudian_not_open"),
        ({"code": 40003, "sub_code": "isv.signature-invalid", "msg": SECRET}, AuthError, "doudian_secret_wrong"),
        ({"code": "20000", "sub_code": "isp.service-error:7", "msg": "x"}, UnclearReplyError, "platform_busy"),
        ({"code": 10000, "err_no": 7, "message": "half"}, RejectedError, "platform_code_unknown"),
        ({"data": {}}, UnclearReplyError, "reply_garbled"),
        ({"code": "fine", "data": {}}, RejectedError, "platform_code_unknown"),
    ],
)  # fmt: skip
def test_both_envelopes_are_judged(
    runner: asyncio.Runner, reply: dict[str, Any], error: type[Exception], code: str
) -> None:
    adapter, *_ = shop(lambda path, body, n: TOKEN if "token" in path else reply)
    with pytest.raises(error) as caught:
        runner.run(adapter.orders(0, 1_700_000_000_000, ""))
    assert caught.value.code == code  # type: ignore[attr-defined]
    assert SECRET not in repr(caught.value)


def test_a_new_refresh_token_is_kept_before_it_is_used(runner: asyncio.Runner) -> None:
    clock = QuickClock()
    vault = Vault(a_grant(clock, access_days=0.5))
    seen: list[str] = []

    def script(path: str, body: dict[str, Any], n: int) -> Any:
        seen.append(path)
        if path.endswith("refresh"):
            assert body["refresh_token"] == f"{'rft.one' if n == 1 else f'r{n - 1}'}"
            return {
                "code": 10000,
                "data": {"access_token": f"a{n}", "expires_in": 60, "refresh_token": f"r{n}"},
            }
        assert vault.saved[-1].access_token == body["access_token"]
        return listing()

    adapter, *_ = shop(script, vault)
    for _ in range(3):  # a third refresh works only where every new refresh token was kept
        runner.run(adapter.orders(0, 1_700_000_000_000, ""))
    assert [grant.refresh_token for grant in vault.saved] == ["r1", "r2", "r3"]
    assert seen.count("/token/refresh") == 3


def test_a_dead_refresh_token_signs_the_shops_own_app_in_anew(runner: asyncio.Runner) -> None:
    vault = Vault(a_grant(QuickClock(), access_days=-1))
    refused = {"code": 40003, "sub_code": "isv.parameter-invalid", "msg": "x"}

    def script(path: str, body: dict[str, Any], n: int) -> Any:
        return refused if path.endswith("refresh") else TOKEN if "token" in path else listing()

    adapter, wire, *_ = shop(script, vault)
    runner.run(adapter.orders(0, 1_700_000_000_000, ""))
    assert sent(wire.requests[1]) | {"grant_type": "authorization_self", "code": ""} == sent(
        wire.requests[1]
    )


REMARK = Write(ORDER_REMARK, {"order": "48", "remark": "加急", "star": 5})


def test_a_remark_is_proven_by_the_order_itself(runner: asyncio.Runner) -> None:
    detail = an_order(seller_words="加急", seller_remark_stars=5)

    def script(path: str, body: dict[str, Any], n: int) -> Any:
        if "token" in path:
            return TOKEN
        if path.endswith("orderDetail"):
            return {"code": 10000, "data": {"shop_order_detail": detail if n == 1 else an_order()}}
        assert (body["is_add_star"], body["star"]) == ("true", "5")
        return {"code": 10000, "data": None}

    adapter, *_ = shop(script)
    assert runner.run(adapter.perform(REMARK, "k")).platform_id == "48"
    unknown = [UnknownWrite("u", REMARK, 0, 1)]
    found = [runner.run(adapter.prove(ORDER_REMARK, unknown, ()))["u"].verdict for _ in range(2)]
    assert found == [Verdict.FOUND, Verdict.ABSENT]
    with pytest.raises(InvalidInputError):
        runner.run(
            adapter.perform(Write(ORDER_REMARK, {"order": "48", "remark": "长" * 61, "star": 1}), "k")
        )


def test_a_write_is_never_repeated_by_itself(runner: asyncio.Runner) -> None:
    dead = {"code": 40003, "sub_code": "isv.access-token-expired", "msg": "x"}
    adapter, wire, *_ = shop(lambda path, body, n: TOKEN if "token" in path else dead)
    with pytest.raises(TokenDiedError):
        runner.run(adapter.perform(REMARK, "k"))
    assert wire.paths().count("/order/addOrderRemark") == 1
    adapter, wire, *_ = shop(lambda path, body, n: TOKEN if "token" in path else {"code": 99, "msg": "?"})
    with pytest.raises(UnclearReplyError):
        runner.run(adapter.perform(REMARK, "k"))
    assert wire.paths().count("/order/addOrderRemark") == 1


def test_one_receiver_is_revealed_with_the_words_of_a_used_up_quota(runner: asyncio.Runner) -> None:
    ciphers = {"encrypt_post_receiver": "#n", "encrypt_post_tel": "#t", "encrypt_detail": "#d"}
    place = {"province": {"name": "浙江省"}, "city": {"name": "杭州市"}, "detail": "*"}

    def script(path: str, body: dict[str, Any], n: int) -> Any:
        if "token" in path:
            return TOKEN
        if path.endswith("orderDetail"):
            return {"code": 10000, "data": {"shop_order_detail": an_order(**ciphers, mask_post_addr=place)}}
        assert {one["auth_id"] for one in body["cipher_infos"]} == {"48"}
        infos = [
            {"cipher_text": "#n", "decrypt_text": "张三", "err_no": 0},
            {"cipher_text": "#d", "decrypt_text": "文三路 1 号", "err_no": 0},
            {"cipher_text": "#t", "err_no": 80000, "err_msg": "今日额度已用完"},
        ]
        return {"code": 10000, "data": {"decrypt_infos": infos, "custom_err": {"err_code": 0}}}

    adapter, *_ = shop(script)
    found = runner.run(adapter.receiver("48"))
    assert (found.name, found.phone, found.refused) == ("张三", "", "今日额度已用完")
    assert found.address == "浙江省杭州市文三路 1 号"
