"""Official account: mass messages, comments, single messages, notices, service accounts."""

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.wechat_client import MP4, PNG, Mp

DAY = 86_400
TO_ALL = {"is_to_all": True}


def text(mp: Mp, words: str = "你好", chosen: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    body = {"msgtype": "text", "text": {"content": words}, **more}
    return mp.post("message/mass/sendall", filter=chosen or {"tag_id": 100}, **body)


def test_a_mass_message_arrives(mp: Mp) -> None:
    media_id = mp.draft()
    sent = mp.post("message/mass/sendall", filter=TO_ALL, msgtype="mpnews", mpnews={"media_id": media_id})
    assert sent["errmsg"] == "send job submission success"
    assert mp.post("message/mass/get", msg_id=sent["msg_id"])["msg_status"] == "SENDING"
    mp.process.advance(31)
    assert mp.post("message/mass/get", msg_id=str(sent["msg_id"]))["msg_status"] == "SEND_SUCCESS"
    assert mp.post("draft/get", media_id=media_id)["errcode"] == 40007
    assert mp.post("comment/open", msg_data_id=sent["msg_data_id"])["errcode"] == 0
    assert mp.sent()["mass"][0]["sent_count"] == mp.get("user/get")["total"]
    assert mp.post("message/mass/delete", msg_id=sent["msg_id"], article_idx=2)["errcode"] == 40060
    assert mp.post("message/mass/delete", msg_id=sent["msg_id"], article_idx=1)["errcode"] == 0
    assert mp.post("message/mass/get", msg_id=sent["msg_id"])["msg_status"] == "DELETE"
    assert mp.post("message/mass/delete")["errcode"] == 40059
    assert mp.post("message/mass/get", msg_id=1)["errcode"] == 40059


def test_a_key_sends_once_a_day(mp: Mp) -> None:
    first = text(mp, clientmsgid="k1")
    assert "msg_data_id" not in first
    assert text(mp, clientmsgid="k1")["errcode"] == 45066
    mp.process.advance(61)
    again = text(mp, "other words", clientmsgid="k1")
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    assert "msg_data_id" not in again
    assert text(mp, clientmsgid="k1")["errcode"] == 45066  # a minute from the last try
    assert len(mp.sent()["mass"]) == 1
    mp.process.advance(DAY)
    mp.login()
    assert text(mp, clientmsgid="k1")["errcode"] == 0
    assert text(mp, clientmsgid="k" * 33)["errcode"] == 45067
    mp.settings(clientmsgid_most=64)
    assert text(mp, clientmsgid="k" * 33)["errcode"] == 0


def test_without_a_key_equal_messages_are_one(mp: Mp) -> None:
    first = text(mp, "甲")
    assert text(mp, "甲")["errcode"] == 45066
    mp.process.advance(61)
    assert text(mp, "甲")["msg_id"] == first["msg_id"]
    assert text(mp, "乙")["errcode"] == 0
    assert text(mp, "甲", {"tag_id": 101})["errcode"] == 0


def test_an_unseen_success_is_found_by_its_key(mp: Mp) -> None:
    mp.process.fault("errcode", "mass/sendall", code=-1, when="after")
    assert text(mp, clientmsgid="k1")["errcode"] == -1
    mp.process.advance(61)
    again = text(mp, clientmsgid="k1")
    assert again["errcode"] == 45065
    assert again["msg_id"] == mp.sent()["mass"][0]["msg_id"]


def test_a_gone_draft_does_not_hide_the_key(mp: Mp) -> None:
    body = {"filter": TO_ALL, "msgtype": "mpnews", "mpnews": {"media_id": mp.draft()}, "clientmsgid": "k"}
    sent = mp.post("message/mass/sendall", **body)
    mp.process.advance(120)
    assert mp.post("message/mass/sendall", **body)["msg_id"] == sent["msg_id"]


def test_quota_of_a_service_account(mp: Mp) -> None:
    mp.process.control("clock", {"set": 1_796_090_400})  # 2026-12-01 10:00 in China
    mp.login()
    assert text(mp, "1", TO_ALL)["errcode"] == 0
    assert text(mp, "2", TO_ALL)["errcode"] == 45028  # one to all a day
    for words in "abc":
        assert text(mp, words)["errcode"] == 0
    assert text(mp, "d")["errcode"] == 45028  # the fifth this month for each of them
    assert text(mp, "e", {"tag_id": 103})["errcode"] == 0  # others have had one
    for day in range(3):
        mp.process.advance(DAY)
        mp.login()
        assert text(mp, f"day {day}", TO_ALL)["errcode"] == 0
    mp.process.advance(DAY)
    mp.login()
    assert text(mp, "f", TO_ALL)["errcode"] == 45028
    mp.process.advance(27 * DAY)  # January
    mp.login()
    assert text(mp, "g", TO_ALL)["errcode"] == 0


def test_quota_of_a_subscription_account(mp: Mp) -> None:
    mp.settings(account_type="subscription")
    assert text(mp, "1")["errcode"] == 0
    assert text(mp, "2")["errcode"] == 45028
    mp.settings(mass_beyond_quota="empty")
    reply = mp.raw(
        "message/mass/sendall", b'{"filter":{"is_to_all":true},"msgtype":"text","text":{"content":"3"}}'
    )
    assert (reply.status_code, reply.content) == (200, b"")
    mp.process.advance(DAY)
    mp.login()
    assert text(mp, "2")["errcode"] == 0


def test_the_administrator_has_the_word(mp: Mp) -> None:
    mp.settings(mass_protection=True)
    first = text(mp, "1", TO_ALL)["msg_id"]
    mp.process.advance(1799)
    assert mp.post("message/mass/get", msg_id=first)["msg_status"] == "SENDING"
    mp.process.advance(2)
    assert mp.post("message/mass/get", msg_id=first)["msg_status"] == "SEND_FAIL"
    second = text(mp, "2", TO_ALL)["msg_id"]
    mp.play("admin_decides", msg_id=second, accepts=True)
    mp.process.advance(31)
    assert mp.post("message/mass/get", msg_id=second)["msg_status"] == "SEND_SUCCESS"


def test_mass_messages_that_are_refused(mp: Mp) -> None:
    assert mp.post("message/mass/sendall", filter={"tag_id": 100}, msgtype="poem")["errcode"] == 40008
    assert mp.post("message/mass/sendall", filter={"tag_id": 100}, msgtype="wxcard")["errcode"] == 48008
    assert text(mp, chosen={"tag_id": 999})["errcode"] == 45159
    assert text(mp, chosen={"is_to_all": False})["errcode"] == 45159
    mp.settings(mass_agreement=False)
    assert text(mp)["errcode"] == 48003
    mp.settings(mass_agreement=True, mass_calls_per_minute=0)
    assert text(mp)["errcode"] == 45011
    openids = mp.openids()
    body = {"msgtype": "text", "text": {"content": "hi"}}
    assert mp.post("message/mass/send", touser=openids[:1], **body)["errcode"] == 45011
    mp.settings(mass_calls_per_minute=60)
    assert mp.post("message/mass/send", touser=openids[:1], **body)["errcode"] == 40130
    assert mp.post("message/mass/send", touser=["a", "b"], **body)["errcode"] == 40130
    assert mp.post("message/mass/send", touser=[*openids[:3], "b"], **body)["errcode"] == 0
    assert mp.sent()["mass"][0]["targets"] == 3


def test_pictures_and_videos(mp: Mp) -> None:
    picture = mp.upload("media/upload", PNG, type="image")["media_id"]
    video = mp.upload("media/upload", MP4, "v.mp4", type="video")["media_id"]
    mass = "message/mass/sendall"
    tag = {"tag_id": 100}
    assert mp.post(mass, filter=tag, msgtype="image", image={"media_id": picture})["errcode"] == 40007
    assert mp.post(mass, filter=tag, msgtype="image", images={"media_ids": [picture]})["errcode"] == 0
    assert mp.post(mass, filter=tag, msgtype="mpvideo", mpvideo={"media_id": video})["errcode"] == 40007
    ready = mp.post("media/uploadvideo", media_id=video, title="开箱", description="坚果")
    assert ready["type"] == "video"
    assert (
        mp.post(mass, filter=tag, msgtype="mpvideo", mpvideo={"media_id": ready["media_id"]})["errcode"]
        == 0
    )
    old = mp.post("media/uploadnews", articles=[mp.article()])
    assert mp.post(mass, filter=tag, msgtype="mpnews", mpnews={"media_id": old["media_id"]})["errcode"] == 0
    body = {"msgtype": "image", "image": {"media_id": picture}}
    preview = mp.post("message/mass/preview", towxname="somebody", touser="nobody", **body)
    assert preview["errmsg"] == "preview success"
    assert mp.post("message/mass/preview", touser=mp.openids()[0], **body)["errcode"] == 0
    gone = mp.openids()[1]
    mp.play("follower_leaves", openid=gone)
    assert mp.post("message/mass/preview", touser=gone, **body)["errcode"] == 40003


def test_speed(mp: Mp) -> None:
    assert mp.get("message/mass/speed/get") == {"speed": 0, "realspeed": 80}
    assert mp.post("message/mass/speed/set", speed=5)["errcode"] == 45083
    assert mp.post("message/mass/speed/set", fast=1)["errcode"] == 45084
    assert mp.post("message/mass/speed/set", speed=4)["errcode"] == 0
    assert mp.post("message/mass/speed/get")["realspeed"] == 10


def test_comments(mp: Mp) -> None:
    row = mp.published()
    where = {"msg_data_id": row["msg_data_id"], "index": 0}
    assert row["comments"][0] == 120
    pages = [
        mp.post("comment/list", begin=at, count=49, type=0, **where)["comment"] for at in (0, 49, 98, 147)
    ]
    assert [len(page) for page in pages] == [49, 49, 22, 0]
    comments = [one for page in pages for one in page]
    assert len({one["user_comment_id"] for one in comments}) == 120
    assert {"openid" in one for one in comments} == {True, False}
    elected = mp.post("comment/list", begin=0, count=49, type=2, **where)
    assert elected["total"] == sum(one["comment_type"] for one in comments)
    assert mp.post("comment/list", begin=0, count=50, type=0, **where)["errcode"] == 88010
    for bad in ({"msg_data_id": 1, "index": 0}, {**where, "index": 9}):
        assert mp.post("comment/list", begin=0, count=9, type=0, **bad)["errcode"] == 88001
    text_id = {"msg_data_id": str(where["msg_data_id"]), "index": 0}
    assert mp.post("comment/list", begin=0, count=9, type=0, **text_id)["errcode"] == 47001
    mp.settings(comments_allowed=False)
    assert mp.post("comment/open", **where)["errcode"] == 88000


def test_answers_to_comments(mp: Mp) -> None:
    where: dict[str, Any] = {"msg_data_id": mp.published()["msg_data_id"], "index": 0}
    made = mp.play("follower_comments", index=3, content="辣吗?")["user_comment_id"]
    one = {**where, "user_comment_id": made}

    def newest() -> dict[str, Any]:
        return dict(mp.post("comment/list", begin=0, count=1, type=0, **where)["comment"][0])

    assert (newest()["content"], newest()["comment_type"]) == ("辣吗?", 0)
    assert "reply" not in newest()
    assert mp.post("comment/reply/delete", **one)["errcode"] == 88009
    assert mp.post("comment/reply/add", content="", **one)["errcode"] == 88007
    assert mp.post("comment/reply/add", content="微辣", **one)["errcode"] == 0
    assert mp.post("comment/reply/add", content="微辣", **one)["errcode"] == 88005
    assert [reply["content"] for reply in newest()["reply"]] == ["微辣"]
    mp.settings(reply_as_object=True)
    assert newest()["reply"]["content"] == "微辣"
    assert mp.post("comment/markelect", **one)["errcode"] == 0
    assert newest()["comment_type"] == 1
    mp.settings(elected_limit=1)
    other = mp.play("follower_comments", index=4, content="好吃")["user_comment_id"]
    assert mp.post("comment/markelect", **where, user_comment_id=other)["errcode"] == 88003
    assert mp.post("comment/unmarkelect", **one)["errcode"] == 0
    assert mp.post("comment/reply/delete", **one)["errcode"] == 0
    assert mp.post("comment/delete", **one)["errcode"] == 0
    assert mp.post("comment/delete", **one)["errcode"] == 88008
    mp.play("follower_withdraws_comment", user_comment_id=other)
    assert mp.post("comment/reply/add", content="谢谢", **where, user_comment_id=other)["errcode"] == 88004
    mp.post("comment/close", **where)
    assert mp.process.control("wechat/world")["publications"][-1]["comments_open"][0] is False


def test_single_messages_need_an_open_window(mp: Mp) -> None:
    openid = mp.openids()[0]

    def say() -> int:
        return int(
            mp.post("message/custom/send", touser=openid, msgtype="text", text={"content": "在"})["errcode"]
        )

    assert say() == 45015
    mp.play("follower_writes", openid=openid)
    assert [say() for _ in range(6)] == [0] * 5 + [45047]
    mp.play("follower_taps_menu", openid=openid)
    assert [say() for _ in range(4)] == [0] * 3 + [45047]
    mp.play("follower_writes", openid=openid)
    mp.process.advance(2 * DAY + 1)
    mp.login()
    assert say() == 45015
    mp.play("follower_pays", openid=openid)
    assert [say() for _ in range(20)] == [0] * 20
    mp.play("follower_refuses_messages", openid=openid)
    assert say() == 48002
    mp.play("follower_refuses_messages", openid=openid, refuses=False)
    mp.post("tags/members/batchblacklist", openid_list=[openid])
    assert say() == 43019
    assert len(mp.sent()["single"]) == 28


def test_what_a_single_message_may_be(mp: Mp) -> None:
    openid = mp.openids()[0]
    mp.play("follower_writes", openid=openid)

    def code(kind: str, body: dict[str, Any]) -> int:
        return int(mp.post("message/custom/send", touser=openid, msgtype=kind, **{kind: body})["errcode"])

    assert code("text", {"content": "字" * 683}) == 45002
    assert code("link", {"title": "x"}) == 45162
    assert code("poem", {"title": "x"}) == 40008
    assert code("news", {"articles": [{}, {}]}) == 45008
    assert code("image", {"media_id": "x"}) == 40007
    assert code("mpnewsarticle", {"article_id": "x"}) == 53600
    listed = mp.post("freepublish/batchget", offset=0, count=1)["item"][0]["article_id"]
    assert code("mpnewsarticle", {"article_id": listed}) == 0
    mp.play("follower_scans", openid=openid)
    assert mp.post("message/custom/typing", touser=openid, command="Type")["errcode"] == 45072
    assert mp.post("message/custom/typing", touser=openid, command="Typing")["errcode"] == 0
    assert mp.post("message/custom/typing", touser=openid, command="Typing")["errcode"] == 45081
    mp.process.advance(60)
    assert mp.post("message/custom/typing", touser=openid, command="Typing")["errcode"] == 45080


def test_notices(mp: Mp) -> None:
    openid = mp.openids()[0]
    template = mp.get("template/get_all_private_template")["template_list"][0]["template_id"]
    data = {name: {"value": "x"} for name in ("keyword1", "keyword2", "remark")}
    body = {"touser": openid, "template_id": template, "data": data, "client_msg_id": "c1"}
    sent = mp.post("message/template/send", **body)
    assert mp.post("message/template/send", **body)["msgid"] == sent["msgid"]
    assert len(mp.sent()["notices"]) == 1
    mp.process.advance(601)
    assert mp.post("message/template/send", **body)["msgid"] != sent["msgid"]
    assert mp.post("message/template/send", **{**body, "data": {}})["errcode"] == 47003
    assert mp.post("message/template/send", **{**body, "template_id": "x"})["errcode"] == 40037
    agreed = {"touser": openid, "template_id": template, "data": data}
    assert mp.post("message/subscribe/bizsend", **agreed)["errcode"] == 43101
    mp.play("follower_subscribes", openid=openid, template_id=template)
    assert mp.post("message/subscribe/bizsend", **agreed)["errcode"] == 0
    assert mp.post("message/subscribe/bizsend", **agreed)["errcode"] == 43101
    mp.play("follower_leaves", openid=openid)
    assert mp.post("message/template/send", **body)["errcode"] == 43004
    made = [
        mp.post("template/api_add_template", template_id_short="OPENTM204444")["errcode"] for _ in range(24)
    ]
    assert made == [0] * 23 + [45026]
    assert mp.post("template/del_private_template", template_id=template)["errcode"] == 0
    assert mp.post("template/api_set_industry", industry_id1="1", industry_id2="4")["errcode"] == 0
    assert mp.post("template/api_set_industry", industry_id1="1", industry_id2="4")["errcode"] == 43100


def test_service_accounts_and_sessions(mp: Mp) -> None:
    base, sessions = "customservice/kfaccount/", "customservice/kfsession/"
    worker = {"kf_account": "xiaoman@fanshop", "nickname": "小满"}
    assert mp.post(base + "add", kf_account="xiaoman@other", nickname="小满")["errcode"] == 65404
    assert mp.post(base + "add", **worker)["errcode"] == 0
    assert mp.post(base + "add", **worker)["errcode"] == 65406
    openid = mp.openids()[0]
    pair = {"kf_account": worker["kf_account"], "openid": openid}
    assert mp.post(sessions + "create", **pair)["errcode"] == 65402
    mp.play("worker_goes_online", kf_account=worker["kf_account"])
    mp.play("follower_writes", openid=openid, content="在吗")
    waiting = mp.get(sessions + "getwaitcase")
    assert [row["openid"] for row in waiting["waitcaselist"]] == [openid]
    assert mp.post(sessions + "create", **pair)["errcode"] == 0
    assert mp.get(sessions + "getsession", openid=openid)["kf_account"] == worker["kf_account"]
    assert mp.get("customservice/getonlinekflist")["errcode"] == 40066
    assert mp.get("cgi-bin/customservice/getonlinekflist")["kf_online_list"][0]["accepted_case"] == 1
    mp.play("follower_writes", openid=openid, content="多少钱")
    mp.play("worker_answers", openid=openid, content="九块九")
    mp.post("message/custom/send", touser=openid, msgtype="text", text={"content": "by call"})
    now = int(mp.process.control("clock")["now"])
    asked = {"starttime": now - 600, "endtime": now + 600}
    record = mp.post("customservice/msgrecord/getmsglist", msgid=1, number=100, **asked)
    assert [row["text"] for row in record["recordlist"]] == ["多少钱", "九块九"]
    assert mp.post(sessions + "close", **pair)["errcode"] == 0
    assert mp.post(sessions + "close", **pair)["errcode"] == 65413
    assert mp.get(sessions + "getsession", openid=openid) == {"createtime": 0, "kf_account": ""}
    mp.settings(desk_allowed=False)
    assert mp.get("cgi-bin/customservice/getkflist")["errcode"] == 65400


@pytest.mark.parametrize("kind", ["reset", "status", "html", "half_body"])
def test_faults_hit_this_platform_too(mp: Mp, kind: str) -> None:
    mp.process.fault(kind, "mass/sendall", when="after", platform="wechat")
    body = b'{"filter":{"tag_id":100},"msgtype":"text","text":{"content":"hi"},"clientmsgid":"k"}'
    seen = ""
    try:
        reply = mp.http.post(
            "cgi-bin/message/mass/sendall", params={"access_token": mp.token}, content=body
        )
        seen = "msg_id" if b"msg_id" in reply.content else f"{reply.status_code}"
    except httpx.TransportError as error:
        seen = type(error).__name__
    assert seen in ("ReadError", "RemoteProtocolError", "502", "200")
    assert len(mp.sent()["mass"]) == 1


def test_scripted_codes_and_spoilt_answers(mp: Mp) -> None:
    mp.process.fault("errcode", "tags/get", code=45065, fields={"msg_id": 7})
    refused = mp.get("tags/get")
    assert (refused["errcode"], refused["msg_id"]) == (45065, 7)
    assert " rid: " in refused["errmsg"]
    assert mp.get("tags/get")["tags"]
    assert mp.process.calls("tags/get")[-1]["errcode"] == 0
    first = mp.openids()[0]
    mp.process.fault("looping_cursor", "user/get")
    assert mp.get("user/get")["next_openid"] == first
    mp.process.fault("vanish_all", "user/get")
    page = mp.get("user/get")
    assert (page["data"]["openid"], page["next_openid"]) == ([], "")
    mp.process.fault("drift", "user/info")
    assert mp.get("user/info", openid=first)["subscribe_scene"] == "SOMETHING_NEW"
    mp.process.fault("duplicate_key", "tags/get", code=40001)
    assert mp.get("tags/get")["errcode"] == 40001
    mp.process.fault("token_death", "tags/get")
    assert mp.get("tags/get")["errcode"] == 40001
