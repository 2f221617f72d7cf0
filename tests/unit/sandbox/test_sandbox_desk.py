"""The customer-service desk over time: staff in the client, kinds of messages, windows, accounts, figures."""

from typing import Any

import pytest

from tests.unit.sandbox.conftest import Raw

DAY = 86_400
HOUR = 3600
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
def kfid(raw: Raw) -> str:
    raw.process.settings(uneven_pages=False)
    return str(raw.post("kf/account/list")["account_list"][0]["open_kfid"])


def news(raw: Raw, kfid: str, cursor: str = "") -> tuple[list[dict[str, Any]], str]:
    page = raw.post("kf/sync_msg", open_kfid=kfid, cursor=cursor)
    assert page["errcode"] == page["has_more"] == 0
    assert len(page["next_cursor"].encode()) <= 64
    return page["msg_list"], page["next_cursor"]


def reply(raw: Raw, kfid: str, to: str, kind: str = "text", **body: Any) -> int:
    content = body or {"content": "有的"}
    return int(
        raw.post("kf/send_msg", touser=to, open_kfid=kfid, msgtype=kind, **{kind: content})["errcode"]
    )


def test_a_session_taken_answered_and_ended_in_the_client(raw: Raw, kfid: str) -> None:
    customer = raw.process.play("customer_asks", index=190)["external_userid"]
    _, cursor = news(raw, kfid)
    session = {"open_kfid": kfid, "external_userid": customer}
    assert raw.post("kf/service_state/trans", **session, service_state=2)["msg_code"]
    assert reply(raw, kfid, customer) == 95018
    raw.process.play("servicer_answers", index=190, userid="chenhao", content="来啦")
    taken, answer = news(raw, kfid, cursor)[0]
    assert taken["event"]["event_type"] == "session_status_change"
    assert (taken["event"]["change_type"], taken["event"]["new_servicer_userid"]) == (1, "chenhao")
    assert (answer["origin"], answer["servicer_userid"]) == (5, "chenhao")
    assert answer["text"] == {"content": "来啦"}
    state = raw.post("kf/service_state/get", **session)
    assert (state["service_state"], state["servicer_userid"]) == (3, "chenhao")
    raw.process.play("servicer_ends", index=190)
    ended = news(raw, kfid, cursor)[0][-1]["event"]
    code = {
        "code": ended["msg_code"],
        "msgtype": "msgmenu",
        "msgmenu": {"head_content": "满意吗", "list": []},
    }
    assert ended["change_type"] == 3
    assert reply(raw, kfid, customer) == 95013
    assert raw.post("kf/send_msg_on_event", **code)["errcode"] == 0
    raw.process.play("servicer_answers", index=190, userid="chenhao")
    assert news(raw, kfid, cursor)[0][-2]["event"]["change_type"] == 4


def test_welcome_code_comes_after_two_quiet_days_and_lives_twenty_seconds(raw: Raw, kfid: str) -> None:
    _, cursor = news(raw, kfid)
    code = raw.process.play("customer_enters", index=195, scene="card")["welcome_code"]
    (event,) = news(raw, kfid, cursor)[0]
    assert (event["event"]["welcome_code"], event["event"]["scene"]) == (code, "card")
    hello = {"msgtype": "text", "text": {"content": "欢迎"}}
    assert raw.post("kf/send_msg_on_event", code=code, **hello)["errcode"] == 0
    raw.process.play("customer_asks", index=195)
    assert raw.process.play("customer_enters", index=195)["welcome_code"] == ""
    late = raw.process.play("customer_enters", index=196)["welcome_code"]
    raw.process.advance(21)
    assert raw.post("kf/send_msg_on_event", code=late, **hello)["errcode"] == 95007


def test_messages_of_every_kind_and_their_media(raw: Raw, kfid: str) -> None:
    _, cursor = news(raw, kfid)
    raw.process.play("customer_asks", index=1, msgtype="image")
    raw.process.play("customer_asks", index=1, msgtype="hologram", body={"depth": 3})
    rows = [row for row in news(raw, kfid, cursor)[0] if row["msgtype"] != "event"]
    got = raw.http.get(
        "media/get", params={"access_token": raw.token, "media_id": rows[0]["image"]["media_id"]}
    )
    assert got.content.startswith(b"\x89PNG")
    assert rows[1]["hologram"] == {"depth": 3}


def test_what_is_older_than_three_days_is_gone(raw: Raw, kfid: str) -> None:
    raw.process.play("customer_asks", index=2, content="很久以前")
    _, start = news(raw, kfid)
    raw.process.advance(3 * DAY + 60)
    raw.login()
    assert news(raw, kfid) == ([], start)


def test_token_of_another_account_is_refused_and_names_its_own(raw: Raw, kfid: str) -> None:
    other = raw.post("kf/account/list")["account_list"][1]["open_kfid"]
    token = raw.process.play("customer_asks", index=3)["token"]
    assert raw.post("kf/sync_msg", open_kfid=other, token=token)["errcode"] == 95007
    assert raw.post("kf/sync_msg", token=token)["msg_list"]
    assert raw.post("kf/sync_msg")["errcode"] == 40063


def test_servicers_pause_and_return(raw: Raw, kfid: str) -> None:
    customer = raw.process.play("customer_asks", index=190)["external_userid"]
    _, cursor = news(raw, kfid)
    raw.process.play("servicer_pauses", userid="chenhao", stop_type=1)
    listed = {row["userid"]: row for row in raw.get("kf/servicer/list", open_kfid=kfid)["servicer_list"]}
    assert (listed["chenhao"]["status"], listed["chenhao"]["stop_type"]) == (1, 1)
    move = {
        "open_kfid": kfid,
        "external_userid": customer,
        "service_state": 3,
        "servicer_userid": "chenhao",
    }
    assert raw.post("kf/service_state/trans", **move)["errcode"] == 95019
    raw.process.play("servicer_returns", userid="chenhao")
    assert raw.post("kf/service_state/trans", **move)["errcode"] == 0
    assert [row["event"]["status"] for row in news(raw, kfid, cursor)[0]] == [2, 1]


def test_servicers_by_row(raw: Raw, kfid: str) -> None:
    body = {"open_kfid": kfid, "userid_list": ["chenhao", "zhou.yan", "nobody"], "department_id_list": [4]}
    rows = raw.post("kf/servicer/add", **body)["result_list"]
    assert [row["errmsg"] for row in rows] == ["ignored", "success", "userid not found", "success"]
    gone = raw.post("kf/servicer/del", open_kfid=kfid, userid_list=["zhou.yan", "wu_min"])["result_list"]
    assert [row["errmsg"] for row in gone] == ["success", "ignored"]
    foreign = raw.post("kf/account/list")["account_list"][1]["open_kfid"]
    assert raw.get("kf/servicer/list", open_kfid=foreign)["servicer_list"] == []


def test_accounts_and_their_links(raw: Raw, kfid: str) -> None:
    picture = raw.upload("media/upload", PNG, type="image")["media_id"]
    assert raw.post("kf/account/add", name="长" * 17, media_id=picture)["errcode"] == 95006
    made = raw.post("kf/account/add", name="新客服", media_id=picture)["open_kfid"]
    assert raw.post("kf/account/update", open_kfid=made, name="改名")["errcode"] == 0
    rows = raw.post("kf/account/list", offset=2, limit=1)["account_list"]
    assert [row["name"] for row in rows] == ["改名"]
    link = raw.post("kf/add_contact_way", open_kfid=made, scene="card_1")["url"]
    assert link == raw.post("kf/add_contact_way", open_kfid=made, scene="card_1")["url"]
    assert raw.post("kf/add_contact_way", open_kfid=made, scene="有空格 ")["errcode"] == 40058
    assert raw.post("kf/account/del", open_kfid=made)["errcode"] == 0
    assert raw.post("kf/account/del", open_kfid=made)["errcode"] == 95004
    raw.process.settings(corp_verified=False)
    made_codes = [
        raw.post("kf/account/add", name=f"号 {at}", media_id=picture)["errcode"] for at in range(9)
    ]
    assert made_codes == [0] * 8 + [95027]


def test_bodies_are_checked(raw: Raw, kfid: str) -> None:
    customer = raw.process.play("customer_asks", index=190)["external_userid"]
    cases: list[tuple[str, dict[str, Any], int]] = [
        ("hologram", {"x": 1}, 40058),
        ("image", {"media_id": "nope"}, 40007),
        ("link", {"title": "t", "url": "no scheme", "thumb_media_id": "x"}, 40058),
        ("miniprogram", {"title": "t", "appid": "bad", "pagepath": "p"}, 90207),
        ("msgmenu", {"list": [{"type": "click", "click": {"content": "a"}}] * 11}, 95008),
        ("msgmenu", {"list": [{"type": "hologram"}]}, 95009),
        ("location", {"latitude": 91, "longitude": 0}, 40058),
        ("text", {"content": ""}, 44004),
    ]
    for kind, body, code in cases:
        assert reply(raw, kfid, customer, kind, **body) == code, kind
    assert reply(raw, kfid, customer, "location", latitude=30.1, longitude=120) == 0
    menu = {"head_content": "选", "list": [{"type": "click", "click": {"id": "1", "content": "查快递"}}]}
    assert reply(raw, kfid, customer, "msgmenu", **menu) == 0


def test_switches_of_customer_service(raw: Raw, kfid: str) -> None:
    customer = raw.process.play("customer_asks", index=190)["external_userid"]
    raw.process.settings(kf_api_on=False)
    assert reply(raw, kfid, customer) == 95017
    raw.process.settings(kf_api_on=True, kf_allowed=False)
    assert raw.post("kf/account/list")["errcode"] == 48002
    raw.process.settings(kf_allowed=True, kf_duplicate_msgid_code=-1, kf_fail_share=1.0)
    send = {
        "touser": customer,
        "open_kfid": kfid,
        "msgid": "one",
        "msgtype": "text",
        "text": {"content": "x"},
    }
    assert [raw.post("kf/send_msg", **send)["errcode"] for _ in range(2)] == [0, -1]
    _, cursor = news(raw, kfid)
    raw.process.advance(6)
    (event,) = news(raw, kfid, cursor)[0]
    assert (event["event"]["event_type"], event["event"]["fail_msgid"]) == ("msg_send_fail", "one")


def test_figures_and_recommendations(raw: Raw, kfid: str) -> None:
    customer = raw.process.play("customer_asks", index=190)["external_userid"]
    raw.process.play("servicer_answers", index=190, userid="chenhao")
    raw.process.advance(DAY)
    raw.login()
    now = int(raw.process.control("clock")["now"])
    days = {"open_kfid": kfid, "start_time": now - 3 * DAY, "end_time": now}
    rows = raw.post("kf/get_corp_statistic", **days)["statistic_list"]
    assert len(rows) == 3
    assert sum(row["statistic"]["customer_msg_cnt"] for row in rows) >= 1
    served = raw.post("kf/get_servicer_statistic", servicer_userid="chenhao", **days)["statistic_list"]
    assert [row["statistic"]["session_cnt"] for row in served] == [0, 0, 1]
    assert ["reply_rate" in row["statistic"] for row in served] == [False, False, True]
    far = {"open_kfid": kfid, "start_time": now - 40 * DAY, "end_time": now}
    assert raw.post("kf/get_corp_statistic", **far)["errcode"] == 40058
    who = {"open_kfid": kfid, "external_userid": customer}
    offer = raw.post("kf/customer/upgrade_service", type=1, member={"userid": "chenhao"}, **who)
    assert offer["errcode"] == 0
    assert raw.post("kf/customer/upgrade_service", type=3, **who)["errcode"] == 40058
    assert raw.post("kf/customer/cancel_upgrade_service", **who)["errcode"] == 0
