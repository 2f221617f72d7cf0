"""Douyin's open platform in the sandbox: tokens, envelopes, windows, quotas, and its golden vectors."""

import asyncio
import json
from typing import Any

import pytest

from desktop.sandbox.douyin.coupons import life_sign
from desktop.sandbox.douyin.events import signature
from desktop.sandbox.douyin.user import encrypt_mobile
from tests.unit.sandbox.wire import ORIGIN, Wire

DAY = 86_400
SECRET = "sandbox_client_secret_0123456789"
TEXT = {"msg_type": 1, "text": {"text": "在的"}}
FIELDS: dict[str, set[str]] = {
    "api/douyin/v1/video/video_list/": {
        "item_id", "video_id", "title", "cover", "share_url", "create_time", "is_top", "is_reviewed",
        "media_type", "video_status", "statistics",
    },
    "item/comment/list/": {
        "comment_id", "comment_user_id", "nick_name", "avatar", "content", "create_time", "digg_count",
        "reply_comment_total", "top", "reply_comment_id",
    },
}  # fmt: skip


@pytest.fixture
def wire() -> Wire:
    one = Wire()
    asyncio.run(one.login())
    return one


def code_of(doc: dict[str, Any]) -> int:
    return int(doc["err_no"] if "err_no" in doc else doc["data"]["error_code"])


def test_golden_vectors() -> None:
    body = b'{"event":"verify_webhook","client_key":"sandbox_key","content":{"challenge":12345}}'
    assert signature(SECRET, body) == "128529f0d50f6f54e813bfd35361f76e180e29b9"
    assert encrypt_mobile(SECRET, "+8613800000000") == "ZBhYZwiuQn6i5zohQIKIVQ=="
    query = {"client_key": "sandbox_key", "timestamp": "1700000000000"}
    assert life_sign(SECRET, query, b'{"a":1}') == (
        "5a62ce66c537e27d196665d7c6c1cf64ebd705a5fcd82b7ffa40b88245716f7c"
    )


async def test_token_clocks_and_renewals(wire: Wire) -> None:
    await wire.control("reset", {"keep": ["clock"]})
    first = await wire.login()
    assert first["expires_in"] == 1_296_000
    assert first["refresh_expires_in"] == 2_592_000
    assert "im." not in first["scope"]
    assert (await wire.login())["error_code"] == 10007  # a code is good once
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    wire.stage.clock.advance(10 * DAY)
    again = await wire.oauth("refresh_token", **refresh)
    assert again["access_token"] == first["access_token"]
    assert (again["expires_in"], again["refresh_expires_in"]) == (15 * DAY, 20 * DAY)
    wire.user, wire.open_id = first["access_token"], first["open_id"]
    wire.stage.clock.advance(15 * DAY)
    assert code_of(await wire.get("im/group/count/")) == 28001008
    assert (await wire.oauth("refresh_token", **refresh))["access_token"] != first["access_token"]
    token = first["refresh_token"]
    for _ in range(5):
        renewed = await wire.oauth("renew_refresh_token", refresh_token=token)
        assert renewed["expires_in"] == 30 * DAY
        assert (await wire.oauth("renew_refresh_token", refresh_token=token))["error_code"] == 10010
        token = renewed["refresh_token"]
    assert (await wire.oauth("renew_refresh_token", refresh_token=token))["error_code"] == 10020
    wire.stage.clock.advance(30 * DAY)
    spent = await wire.oauth("refresh_token", grant_type="refresh_token", refresh_token=token)
    assert spent["error_code"] == 10010


async def test_newest_two_client_tokens_live(wire: Wire) -> None:
    tokens = [await wire.client_login() for _ in range(3)]
    codes = [code_of(await wire.get("js/getticket/", token)) for token in tokens]
    assert codes == [28001003, 0, 0]
    wire.stage.clock.advance(301)
    assert code_of(await wire.get("js/getticket/", tokens[1])) == 28001008
    assert code_of(await wire.get("js/getticket/", tokens[2])) == 0
    await wire.control("douyin/settings", {"client_tokens_per_5_min": 2})
    assert [bool(await wire.client_login()) for _ in range(3)] == [True, True, False]


async def test_authorisation_page_shows_the_code_and_leads_back(wire: Wire) -> None:
    query = {
        "client_key": wire.douyin["client_key"], "response_type": "code", "scope": "user_info", "state": "<s>",
        "optionalScope": "item.comment,1,fans.check,0", "redirect_uri": "http://127.0.0.1:9/cb",
    }  # fmt: skip
    page = await wire.http.get("/douyin/platform/oauth/connect/", params=query)
    assert page.headers["content-type"].startswith("text/html")
    code = page.text.partition('id="code">')[2].partition("<")[0]
    assert f"http://127.0.0.1:9/cb?code={code}" in page.text
    assert "<s>" not in page.text
    await wire.control("douyin/settings", {"redirect_at_once": True})
    moved = await wire.http.get("/douyin/platform/oauth/connect/", params=query)
    assert moved.status_code == 302
    assert (await wire.login(code))["error_code"] == 10007  # a newer code ends the earlier one
    newer = moved.headers["location"].partition("code=")[2].partition("&")[0]
    assert (await wire.login(newer))["scope"] == "user_info,item.comment"
    assert code_of(await wire.get("fans/check/", follower_open_id="x")) == 28001012
    await wire.control("douyin/settings", {"redirect_hosts": ["shop.example"]})
    refused = await wire.http.get("/douyin/platform/oauth/connect/", params=query)
    assert "10006" in refused.text


async def test_every_envelope_in_good_and_bad(wire: Wire) -> None:
    await wire.client_login()
    good = await wire.get("api/douyin/v1/video/video_list/", cursor=0, count=1)
    assert set(good) == {"data", "extra"}
    assert good["extra"]["now"] == ORIGIN * 1000
    top = await wire.get("im/group/count/")
    assert top["left_count"] == 20
    assert set(top["data"]) == {"error_code", "description"}
    item = good["data"]["list"][0]["item_id"]
    inner = await wire.get("api/apps/v1/item/list_comment/", item_id=item, count=5)
    assert (inner["err_no"], inner["data"]["extra"]["error_code"]) == (0, 0)
    assert "list" in inner["data"]["data"]
    rooms = await wire.get("room/data/room_id/get/", start_time=ORIGIN - 9 * DAY, end_time=ORIGIN)
    assert all(isinstance(room, str) and int(room) > 2**53 for room in rooms["room_ids"])
    flat = await wire.post("oauth/business_scopes/", wire.client)
    assert (flat["error_code"], flat["message"]) == (0, "success")
    wants = {
        "fans/check/": lambda doc: doc["data"]["error_code"],
        "im/group/count/": lambda doc: doc["data"]["error_code"],
        "im/recall/msg/": lambda doc: doc["err_no"],
        "room/data/room_id/get/": lambda doc: doc["err_no"],
        "oauth/client_token/": lambda doc: doc["data"]["error_code"],
        "oauth/business_scopes/": lambda doc: doc["error_code"],
        "api/apps/v1/item/list_comment/": lambda doc: doc["data"]["extra"]["error_code"],
    }
    for path, read in wants.items():
        fault = {"kind": "errcode", "code": 28001005, "path": path, "platform": "douyin"}
        await wire.control("faults", fault)
        assert read(await wire.post(path)) == 28001005, path


async def test_typing_traps_are_switches(wire: Wire) -> None:
    await wire.control("douyin/settings", {"numbers_as_text": True, "now_in_seconds": True})
    doc = await wire.get("im/group/count/")
    assert (doc["left_count"], doc["data"]["error_code"]) == ("20", "0")
    assert doc["extra"]["now"] == str(ORIGIN)
    await wire.control("douyin/settings", {"numbers_as_text": False, "extra_missing": True})
    assert "extra" not in await wire.get("im/group/count/")
    await wire.control("douyin/settings", {"extra_missing": False, "error_place": "sub", "old_codes": True})
    wire.user = "act.wrong"
    doc = await wire.get("im/group/count/")
    assert (doc["data"]["error_code"], doc["extra"]["error_code"]) == (0, 0)
    assert doc["extra"]["sub_error_code"] == 2190002


async def test_groups_quota_audit_and_messages(wire: Wire) -> None:
    listed = (await wire.get("im/group/fans/list/"))["group_list"]
    assert set(listed[0]) == {
        "group_id", "group_name", "description", "avatar_uri", "group_type", "status", "entry_limit",
        "exist_num", "max_num", "tags",
    }  # fmt: skip
    assert None in [row["tags"] for row in listed]
    made = await wire.post("im/group/fans/create/", group_name="新群", description="d", avatar_uri="a")
    assert (await wire.get("im/group/count/"))["left_count"] == 19
    assert made["group_id"] in [
        row["group_id"] for row in (await wire.get("im/group/fans/list/"))["group_list"]
    ]
    page = (await wire.get("im/group/enter/audit/get/", count=10))["apply_list"]
    assert page["has_more"] is True
    assert 0 < len(page["list"]) < 10
    assert {row["apply_status"] for row in page["list"]} == {1}
    choice = {"apply_id": page["list"][0]["apply_id"], "status": 2}
    assert (await wire.post("im/group/enter/audit/set/", **choice))["success"] is True
    assert code_of(await wire.post("im/group/enter/audit/set/", **choice)) == 28001007
    setting = {"group_id": made["group_id"], "group_setting_type": 1}
    assert code_of(await wire.post("im/group/setting/set/", msg_list=[TEXT], **setting)) == 0
    assert code_of(await wire.post("im/group/setting/disable/", **setting)) == 0
    await wire.control("douyin/settings", {"group_messages_per_day": 1})
    sent = await wire.post("im/send/msg/group/", group_id=made["group_id"], content=TEXT)
    assert (
        code_of(await wire.post("im/send/msg/group/", group_id=made["group_id"], content=TEXT)) == 28003017
    )
    taken = {"msg_id": sent["msg_id"], "conversation_id": made["group_id"], "conversation_type": 2}
    assert code_of(await wire.post("im/recall/msg/", **taken)) == 0
    assert [row["recalled"] for row in (await wire.control("douyin/sent"))["group_messages"]] == [True]


def reply_to(opened: dict[str, Any], scene: str = "im_reply_msg", **more: Any) -> dict[str, Any]:
    return {
        "to_user_id": opened["open_id"], "msg_id": opened["msg_id"], "scene": scene,
        "conversation_id": opened["conversation_id"], **(more or {"content": TEXT}),
    }  # fmt: skip


async def test_reply_windows_count_and_expire(wire: Wire) -> None:
    asked = await wire.act("fan_writes", index=3, text="还有货吗")
    other = await wire.act("fan_writes", index=4)
    answers = [await wire.post("im/send/msg/", **reply_to(asked)) for _ in range(7)]
    assert [code_of(row) for row in answers] == [0] * 6 + [28003070]
    assert answers[0]["msg_id"] == answers[0]["msg_list"][0]
    wrong = {**reply_to(asked), "to_user_id": other["open_id"]}
    assert code_of(await wire.post("im/send/msg/", **wrong)) == 28003082
    four = reply_to(other, content_list=[TEXT] * 4)
    assert code_of(await wire.post("im/send/msg/", **four)) == 28001007
    wire.stage.clock.advance(DAY + 1)
    assert code_of(await wire.post("im/send/msg/", **reply_to(other))) == 28003080
    entered = await wire.act("fan_enters", index=5)
    scene = reply_to(entered, "im_enter_direct_msg")
    assert [code_of(await wire.post("im/send/msg/", **scene)) for _ in range(4)] == [0, 0, 0, 28003070]
    entered = await wire.act("fan_enters", index=6)
    wire.stage.clock.advance(31)
    late = reply_to(entered, "im_enter_direct_msg")
    assert code_of(await wire.post("im/send/msg/", **late)) == 28003081


async def test_consent_scene_needs_a_card_once_a_day(wire: Wire) -> None:
    agreed = await wire.act("fan_agrees", index=7)
    card = {
        "msg_type": 10,
        "applet_card": {"card_template_id": "t", "app_id": "a", "path": "p", "query": ""},
    }
    body = {"to_user_id": agreed["open_id"], "scene": "im_authorize_message"}
    assert code_of(await wire.post("im/send/msg/", content_list=[TEXT], **body)) == 28001038
    assert code_of(await wire.post("im/send/msg/", content_list=[TEXT, card], **body)) == 0
    assert code_of(await wire.post("im/send/msg/", content_list=[card], **body)) == 28003070
    wire.stage.clock.advance(DAY)
    assert code_of(await wire.post("im/send/msg/", content_list=[card], **body)) == 0
    wire.stage.clock.advance(30 * DAY)
    await wire.login((await wire.act("authorise"))["code"])
    assert code_of(await wire.post("im/send/msg/", content_list=[card], **body)) == 28003081


async def test_intention_log_is_double_encoded_and_paged(wire: Wire) -> None:
    await wire.act("fan_writes", index=3, text="想团购20箱")
    wire.stage.clock.advance(1)
    path = "api/douyin/v1/interactive/intention/log/list/"
    query: dict[str, Any] = {"start_time": ORIGIN - 40 * DAY, "end_time": ORIGIN + 5, "count": 7}
    rows: list[dict[str, Any]] = []
    while True:
        data = (await wire.get(path, **query))["data"]
        rows += data["intention_log_infos"]
        query["query_session"] = data["query_session"]
        if not data["has_more"]:
            break
    last = json.loads(rows[-1]["content"])
    assert last["content"]["text"] == "想团购20箱"
    kinds = {row["event"]: json.loads(row["content"])["content"] for row in rows}
    assert set(kinds) == {"im_receive_msg", "im_enter_direct_msg", "new_follow_action", "new_video_digg"}
    assert isinstance(kinds["new_follow_action"], str)
    assert len({(row["event"], row["event_time"], row["open_id"]) for row in rows}) == len(rows)
    assert [int(row["event_time"]) for row in rows] == sorted(int(row["event_time"]) for row in rows)
    assert code_of(await wire.get(path, **query | {"query_session": "nonsense"})) == 28001007
    push = (await wire.control("douyin/events"))["events"][-1]
    assert push["headers"]["X-Douyin-Signature"] == signature(
        wire.douyin["client_secret"], push["body"].encode()
    )


async def test_comments_are_answered_and_pinned(wire: Wire) -> None:
    said = await wire.act("fan_comments", index=2, text="链接在哪")
    ids = {"item_id": said["item_id"], "comment_id": said["comment_id"]}
    answer = await wire.post("item/comment/reply/", content="在橱窗", **ids)
    replies = (await wire.get("item/comment/reply/list/", count=20, **ids))["data"]["list"]
    assert [row["comment_id"] for row in replies] == [answer["data"]["comment_id"]]
    assert code_of(await wire.post("item/comment/top/", top=True, **ids)) == 0
    listed = (await wire.get("item/comment/list/", item_id=said["item_id"], count=20))["data"]["list"]
    assert listed[0]["comment_id"] == said["comment_id"]
    assert [row["top"] for row in listed].count(True) == 1
    assert set(listed[0]) == FIELDS["item/comment/list/"]
    below = {**ids, "comment_id": answer["data"]["comment_id"]}
    assert code_of(await wire.post("item/comment/top/", top=True, **below)) == 2111003
    other = (await wire.get("api/douyin/v1/video/video_list/", cursor=5, count=1))["data"]["list"][0][
        "item_id"
    ]
    assert (
        code_of(await wire.post("item/comment/reply/", content="x", **{**ids, "item_id": other})) == 2111004
    )


async def test_image_text_goes_through_review(wire: Wire) -> None:
    image = (await wire.upload("api/douyin/v1/video/upload_image/", "image"))["data"]["image"]["image_id"]
    made = await wire.post("api/douyin/v1/video/create_image_text/", image_list=[image], text="上新")
    item = made["data"]["item_id"]
    shown = (await wire.post("api/douyin/v1/video/video_data/", item_ids=[item]))["data"]["list"][0]
    assert set(shown) == FIELDS["api/douyin/v1/video/video_list/"]
    assert (shown["is_reviewed"], shown["media_type"]) == (False, 2)
    wire.stage.clock.advance(61)
    page = (await wire.get("api/douyin/v1/video/video_list/", cursor=0, count=1))["data"]
    assert (page["list"][0]["item_id"], page["list"][0]["is_reviewed"]) == (item, True)
    await wire.control("douyin/settings", {"posts_per_day": 1})
    again = await wire.post("api/douyin/v1/video/create_image_text/", image_list=[image], text="上新")
    assert code_of(again) == 2114007


async def test_coupons_are_verified_once_and_listed(wire: Wire) -> None:
    await wire.client_login()
    coupon = (await wire.control("douyin/world"))["coupons"][0]
    base, client = "goodlife/v1/fulfilment/certificate/", wire.client
    ready = (await wire.get(f"{base}prepare/", client, code=coupon["code"]))["data"]
    use = {"verify_token": ready["verify_token"], "poi_id": "1", "encrypted_codes": [coupon["encrypted"]]}
    results = [
        (await wire.post(f"{base}verify/", client, **use))["data"]["verify_results"][0] for _ in range(2)
    ]
    assert [row["result"] for row in results] == [0, 1]
    seen, cursor = [], "0"
    while True:
        query = {"account_id": wire.douyin["life_account_id"], "cursor": cursor, "size": 20}
        data = (await wire.get(f"{base}verify_record/query/", client, **query))["data"]
        seen += [row["verify_id"] for row in data["records"]]
        if len(data["records"]) < 20:
            break
        cursor = data["records"][-1]["cursor"]
    assert len(seen) == len(set(seen)) == data["total"]
    assert results[0]["verify_id"] == seen[0]


async def test_what_is_gone_and_what_is_missing_says_so(wire: Wire) -> None:
    assert code_of(await wire.get("fans/list/", cursor=0, count=10)) == 28001056
    await wire.control("douyin/settings", {"legacy": True})
    assert (await wire.get("fans/list/", cursor=0, count=10))["data"]["total"] == 300
    settings = {
        "missing_capabilities": ["im.group_message"],
        "withdrawn": ["fans/check/"],
        "im_elsewhere": True,
    }
    await wire.control("douyin/settings", settings)
    assert code_of(await wire.post("im/send/msg/group/", group_id="x", content=TEXT)) == 28001018
    assert code_of(await wire.get("fans/check/")) == 28001056
    assert code_of(await wire.get("im/group/count/")) == 28001012
    assert code_of(await wire.get("no/such/path/")) == 28001017


async def test_token_death_and_revocation(wire: Wire) -> None:
    await wire.control("faults", {"kind": "token_death", "path": "im/group/count/", "platform": "douyin"})
    assert code_of(await wire.get("im/group/count/")) == 28001003
    calls = (await wire.control("calls?path=im/group/count"))["calls"]
    assert (calls[-1]["errcode"], calls[-1]["executed"]) == (28001003, False)
    given = await wire.login((await wire.act("authorise"))["code"])
    assert code_of(await wire.get("im/group/count/")) == 0
    assert code_of(await wire.get("im/group/count/", open_id="somebody")) == 28001015
    await wire.act("revoke")
    assert code_of(await wire.get("im/group/count/")) == 28001003
    refresh = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    assert (await wire.oauth("refresh_token", **refresh))["error_code"] == 10010


async def test_pictures_and_figures(wire: Wire) -> None:
    await wire.client_login()
    picture = await wire.upload("tool/imagex/client_upload/", "image", wire.client)
    assert {"image_id", "width", "height", "md5"} <= set(picture)
    asked = await wire.act("fan_writes", index=3)
    content = {"msg_type": 2, "image": {"media_id": picture["image_id"]}}
    assert code_of(await wire.post("im/send/msg/", **reply_to(asked, content=content))) == 0
    data = (await wire.get("api/douyin/v1/user/fans_data/"))["data"]["fans_data"]
    assert data["all_fans_num"] == 300
    base = await wire.get("room/data/base/get/", room_id="7134000000000000123", live_id=1)
    assert {row["name"] for row in base["data"]["stats"]} == {
        "live_duration_td", "live_start_ts", "live_end_ts", "live_follow_ucnt_td",
    }  # fmt: skip
    assert "timeslot" in base["data"]["stats"][0]
    assert "time_slot" in base["data"]["data_ready_status"][0]
