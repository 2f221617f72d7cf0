"""Customer service: pulling messages, sessions, replies with the caller's msgid."""

from typing import Any

import pytest

from tests.unit.sandbox.conftest import Raw

HOUR = 3600


@pytest.fixture
def kfid(raw: Raw) -> str:
    accounts = raw.post("kf/account/list")["account_list"]
    assert [row["manage_privilege"] for row in accounts] == [True, False]
    assert raw.get("kf/account/list")["account_list"] == accounts
    return str(accounts[0]["open_kfid"])


def pull(raw: Raw, kfid: str, cursor: str = "") -> tuple[list[dict[str, Any]], str]:
    found: list[dict[str, Any]] = []
    for _ in range(50):
        page = raw.post("kf/sync_msg", open_kfid=kfid, cursor=cursor, limit=3)
        assert page["errcode"] == 0
        found += page["msg_list"]
        cursor = page["next_cursor"]
        if page["has_more"] == 0:
            return found, cursor
    raise AssertionError("endless")


def reply(raw: Raw, kfid: str, to: str, **more: Any) -> dict[str, Any]:
    body = {"touser": to, "open_kfid": kfid, "msgtype": "text", "text": {"content": "有的"}}
    return raw.post("kf/send_msg", **(body | more))


def test_pull_goes_on_from_the_cursor(raw: Raw, kfid: str) -> None:
    first, cursor = pull(raw, kfid)
    assert len({row["msgid"] for row in first}) == len(first) > 5
    assert {row["origin"] for row in first} == {3, 4, 5}
    now = raw.process.control("clock")["now"]
    assert min(row["send_time"] for row in first) >= now - 3 * 24 * HOUR - 5
    event = next(row for row in first if row["msgtype"] == "event")
    assert "external_userid" not in event
    assert event["event"]["event_type"] == "enter_session"
    asked = raw.process.play("customer_asks", index=190, content="在吗")
    more, _ = pull(raw, kfid, cursor)
    assert more[-1]["text"] == {"content": "在吗"}
    assert more[-1]["external_userid"] == asked["external_userid"]


def test_tokens_and_pull_rate(raw: Raw, kfid: str) -> None:
    token = raw.process.play("customer_asks", index=190)["token"]
    assert raw.post("kf/sync_msg", open_kfid=kfid, token="x")["errcode"] == 95007
    raw.process.settings(kf_calls_without_token_per_minute=1)
    assert raw.post("kf/sync_msg", open_kfid=kfid)["errcode"] == 0
    assert raw.post("kf/sync_msg", open_kfid=kfid)["errcode"] == 45009
    assert raw.post("kf/sync_msg", open_kfid=kfid, token=token)["errcode"] == 0
    raw.process.advance(601)
    assert raw.post("kf/sync_msg", open_kfid=kfid, token=token)["errcode"] == 95007


def test_replies_are_counted_and_msgids_are_unique(raw: Raw, kfid: str) -> None:
    customer = raw.process.play("customer_asks", index=190)["external_userid"]
    assert reply(raw, kfid, customer, msgid="mine-1")["msgid"] == "mine-1"
    assert reply(raw, kfid, customer, msgid="mine-1")["errcode"] == 40058
    assert reply(raw, kfid, customer, msgid="bad id")["errcode"] == 40058
    assert [reply(raw, kfid, customer)["errcode"] for _ in range(5)] == [0, 0, 0, 0, 95001]
    raw.process.play("customer_asks", index=190)
    assert reply(raw, kfid, customer)["errcode"] == 0
    raw.process.advance(48 * HOUR + 1)
    raw.login()
    assert reply(raw, kfid, customer)["errcode"] == 95002
    assert len(raw.process.control("sent")["kf"]) == 6
    assert all(row["msgtype"] != "text" or row["origin"] in (3, 5) for row in pull(raw, kfid)[0])


def test_refusals(raw: Raw, kfid: str) -> None:
    other = raw.post("kf/account/list")["account_list"][1]["open_kfid"]
    customer = raw.process.play("customer_asks", index=190)["external_userid"]
    assert reply(raw, other, customer)["errcode"] == 48007
    assert reply(raw, "nonsense", customer)["errcode"] == 95000
    assert reply(raw, "wknonsense", customer)["errcode"] == 95004
    assert reply(raw, kfid, "wmnobody")["errcode"] == 40096
    assert reply(raw, kfid, customer, text={"content": "长" * 700})["errcode"] == 45002


def test_session_states_and_codes(raw: Raw, kfid: str) -> None:
    customer = raw.process.play("customer_asks", index=190)["external_userid"]
    session = {"open_kfid": kfid, "external_userid": customer}
    assert raw.post("kf/service_state/get", **session)["service_state"] == 0
    path = "kf/service_state/trans"
    assert raw.post(path, **session, service_state=4)["errcode"] == 95016
    assert raw.post(path, **session, service_state=3, servicer_userid="wu_min")["errcode"] == 95014
    code = raw.post(path, **session, service_state=3, servicer_userid="chenhao")["msg_code"]
    assert reply(raw, kfid, customer)["errcode"] == 95018
    event = {"code": code, "msgtype": "text", "text": {"content": "稍等"}}
    assert raw.post("kf/send_msg_on_event", **event)["errcode"] == 0
    assert raw.post("kf/send_msg_on_event", **event)["errcode"] == 95007
    ended = raw.post(path, **session, service_state=4)["msg_code"]
    assert ended
    assert reply(raw, kfid, customer)["errcode"] == 95013


def test_a_message_that_fails_later(raw: Raw, kfid: str) -> None:
    customer = raw.process.play("customer_asks", index=190)["external_userid"]
    _, cursor = pull(raw, kfid)
    reply(raw, kfid, customer, msgid="lost")
    raw.process.play("kf_message_fails", msgid="lost", fail_type=10)
    (event,), _ = pull(raw, kfid, cursor)
    assert event["event"]["event_type"] == "msg_send_fail"
    assert (event["event"]["fail_msgid"], event["event"]["fail_type"]) == ("lost", 10)


def test_accounts_and_servicers(raw: Raw, kfid: str) -> None:
    rows = raw.post("kf/servicer/add", open_kfid=kfid, userid_list=["wu_min", "chenhao", "nobody"])[
        "result_list"
    ]
    assert [row["errmsg"] for row in rows] == ["success", "ignored", "userid not found"]
    listed = raw.get("kf/servicer/list", open_kfid=kfid)["servicer_list"]
    assert {"userid": "wu_min", "status": 0} in listed
    link = raw.post("kf/add_contact_way", open_kfid=kfid, scene="shop")["url"]
    assert link == raw.post("kf/add_contact_way", open_kfid=kfid, scene="shop")["url"]
    customer = raw.process.play("customer_asks", index=190)["external_userid"]
    found = raw.post("kf/customer/batchget", external_userid_list=[customer, "wmx"])
    assert found["customer_list"][0]["external_userid"] == customer
    assert found["invalid_external_userid"] == ["wmx"]
    now = int(raw.process.control("clock")["now"])
    days = raw.post("kf/get_corp_statistic", open_kfid=kfid, start_time=now - 4 * 86_400, end_time=now)
    assert days["statistic_list"][0]["statistic"]["customer_msg_cnt"] >= 1
