"""Every documented field is there, with the documented type."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox_process import SandboxProcess
from tests.unit.sandbox.recorder import Recorder, documented, found, is_of

DAY = 86_400
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
MP4 = bytes(4) + b"ftypisom" + bytes(100)
E = "externalcontact/"
LINK = {"title": "新品", "picurl": "https://e.invalid/p", "desc": "上新", "url": "https://e.invalid/"}


@pytest.fixture(scope="module")
def answers(shared_sandbox_process: SandboxProcess) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """The answers of one tour through everything."""
    shared_sandbox_process.reset()
    client = Recorder(shared_sandbox_process)
    client.login()
    client.process.settings(uneven_pages=False, settle_s=0, moment_seconds=0)
    now = int(client.process.control("clock")["now"])
    people(client)
    doors(client)
    messages(client, now)
    moments(client, now)
    desk(client, now)
    extras(client, now)
    figures(client, now)
    transfers(client)  # last: people leave
    yield client.answers
    client.http.close()


def mine(client: Recorder) -> list[str]:
    return list(client.get(E + "list", userid="chenhao")["external_userid"])


def people(client: Recorder) -> None:
    rows = client.everybody()
    for row in rows:
        client.get(E + "get", external_userid=row["external_contact"]["external_userid"])
    unionid = next(
        row["external_contact"]["unionid"] for row in rows if "unionid" in row["external_contact"]
    )
    client.post(E + "unionid_to_external_userid", unionid=unionid)
    client.pages(E + "contact_list", "info_list")
    tag = client.post(E + "add_corp_tag", group_name="试", tag=[{"name": "甲", "order": 1}])["tag_group"]
    client.post(E + "get_corp_tag_list")
    client.post(E + "del_corp_tag", group_id=[tag["group_id"]])
    client.post(E + "get_corp_tag_list", group_id=[tag["group_id"]])
    for chat in client.pages(E + "groupchat/list", "group_chat_list", limit=100):
        client.post(E + "groupchat/get", chat_id=chat["chat_id"], need_name=1)
    client.post(E + "opengid_to_chatid", opengid="og" + chat["chat_id"][2:])


def program(media_id: str) -> dict[str, str]:
    return {"title": "小店", "pic_media_id": media_id, "appid": "wx1", "page": "p/1"}


def doors(client: Recorder) -> None:
    picture = client.upload("media/upload", PNG, type="image")["media_id"]
    words = {
        "text": {"content": "再见"},
        "image": {"media_id": picture},
        "link": LINK,
        "miniprogram": program(picture),
    }
    way = client.post(
        E + "add_contact_way", type=2, scene=2, user=["chenhao"], party=[1], is_temp=True, unionid="o1",
        state="s", remark="r", conclusions=words,
    )  # fmt: skip
    client.post(E + "get_contact_way", config_id=way["config_id"])
    client.post(E + "add_contact_way", type=1, scene=2, user=["chenhao"])
    client.post(E + "list_contact_way")
    chats = [row["chat_id"] for row in client.post(E + "groupchat/list", limit=3)["group_chat_list"]]
    join = client.post(E + "groupchat/add_join_way", scene=2, chat_id_list=chats, state="s", remark="r")
    client.post(E + "groupchat/get_join_way", config_id=join["config_id"])
    base = E + "group_welcome_template/"
    file_id = client.upload("media/upload", b"some text", "a.txt", type="file")["media_id"]
    video = client.upload("media/upload", MP4, "a.mp4", type="video")["media_id"]
    for part in (
        {"image": {"media_id": picture}}, {"link": LINK}, {"miniprogram": program(picture)},
        {"file": {"media_id": file_id}}, {"video": {"media_id": video}},
    ):  # fmt: skip
        made = client.post(base + "add", text={"content": "欢迎"}, **part)
        client.post(base + "get", template_id=made["template_id"])


def messages(client: Recorder, now: int) -> None:
    picture = client.upload("media/upload", PNG, type="image")["media_id"]
    client.upload("media/uploadimg", PNG)
    file_id = client.upload("media/upload", b"some text", "a.txt", type="file")["media_id"]
    video = client.upload("media/upload", MP4, "a.mp4", type="video")["media_id"]
    parts = {
        "image": {"media_id": picture},
        "link": LINK,
        "miniprogram": program(picture),
        "video": {"media_id": video},
        "file": {"media_id": file_id},
    }
    attachments = [{"msgtype": kind, kind: part} for kind, part in parts.items()]
    sent = client.post(
        E + "add_msg_template", external_userid=[*mine(client)[:9], "wmnobody"], text={"content": "你好"},
        attachments=attachments, sender="chenhao",
    )  # fmt: skip
    owner = client.process.control("world?group=0")["group"]["owner"]
    groups = client.post(
        E + "add_msg_template", chat_type="group", sender=owner, text={"content": "群里好"}
    )
    client.process.play("staff_sends")
    client.process.confirm()
    window = {"start_time": now - DAY, "end_time": now + DAY}
    client.post(E + "get_groupmsg_list_v2", chat_type="single", **window)
    client.post(E + "get_groupmsg_task", msgid=sent["msgid"])
    client.post(E + "get_groupmsg_send_result", msgid=sent["msgid"], userid="chenhao")
    client.post(E + "get_groupmsg_send_result", msgid=groups["msgid"], userid=owner)


def moments(client: Recorder, now: int) -> None:
    def medium(data: bytes, kind: str) -> str:
        answer = client.upload("media/upload_attachment", data, media_type=kind, attachment_type=1)
        return str(answer["media_id"])

    picture = medium(PNG, "image")
    parts: list[dict[str, Any]] = [
        {"msgtype": "image", "image": {"media_id": picture}},
        {"msgtype": "video", "video": {"media_id": medium(MP4, "video")}},
        {"msgtype": "link", "link": {"title": "看看", "url": "https://e.invalid/", "media_id": picture}},
    ]
    scope = {
        "sender_list": {"user_list": ["chenhao", "gone"]},
        "external_contact_list": {
            "tag_list": [*client.process.control("world")["tags"], "etnone"],
        },
    }
    for part in parts:
        job = client.post(
            E + "add_moment_task", text={"content": "上新"}, attachments=[part], visible_range=scope
        )
        done = client.get(E + "get_moment_task_result", jobid=job["jobid"])["result"]["moment_id"]
    client.process.play("publish_moments")
    client.process.play("staff_publishes_moment", location="湖滨路店")
    client.process.advance(7000)
    client.post(E + "get_moment_list", start_time=now - DAY, end_time=now + DAY)
    client.post(E + "get_moment_task", moment_id=done)
    who = {"moment_id": done, "userid": "chenhao"}
    client.post(E + "get_moment_customer_list", **who)
    client.post(E + "get_moment_send_result", **who)
    client.process.advance(300)
    client.login()
    client.post(E + "get_moment_comments", **who)


def desk(client: Recorder, now: int) -> None:
    picture = client.upload("media/upload", PNG, type="image")["media_id"]
    kfid = client.post("kf/account/list")["account_list"][0]["open_kfid"]
    client.post("kf/account/add", name="新客服", media_id=picture)
    client.post("kf/add_contact_way", open_kfid=kfid, scene="card")
    who = {"open_kfid": kfid, "userid_list": ["chenhao", "zhou.yan"], "department_id_list": [1]}
    client.post("kf/servicer/add", **who)
    client.get("kf/servicer/list", open_kfid=kfid)
    play = client.process.play
    play("servicer_pauses", userid="zhou.yan")
    for kind, body in (
        ("image", {}), ("voice", {}),
        ("location", {"latitude": 30, "longitude": 120.1, "name": "店", "address": "路"}),
        ("link", LINK), ("miniprogram", {"title": "小店", "appid": "wx1", "pagepath": "p"}),
    ):  # fmt: skip
        play("customer_asks", index=191, msgtype=kind, body=body)
    asked = play("customer_asks", index=190)
    session = {"open_kfid": kfid, "external_userid": asked["external_userid"]}
    text = {"msgtype": "text", "text": {"content": "在的"}}
    client.post("kf/send_msg", touser=asked["external_userid"], open_kfid=kfid, msgid="m1", **text)
    play("kf_message_fails", msgid="m1")
    play("customer_recalls", index=190, msgid=asked["msgid"])
    play("customer_refuses_messages", index=190)
    state = {"service_state": 3, "servicer_userid": "chenhao"}
    code = client.post("kf/service_state/trans", **session, **state)["msg_code"]
    client.post("kf/service_state/get", **session)
    client.post("kf/send_msg_on_event", code=code, **text)
    play("servicer_answers", index=190, userid="zhou.yan")
    play("servicer_ends", index=190)
    client.post("kf/sync_msg", open_kfid=kfid)
    client.post("kf/servicer/del", **who)
    client.post(
        "kf/customer/batchget", need_enter_session_context=1,
        external_userid_list=[*mine(client)[:20], "wmnobody"],
    )  # fmt: skip
    client.get("kf/customer/get_upgrade_service_config")
    client.get("kf/get_corp_qualification")
    days = {"open_kfid": kfid, "start_time": now - 9 * DAY, "end_time": now}
    client.post("kf/get_corp_statistic", **days)
    staff = [row["userid"] for row in client.process.control()["staff"]]
    for userid in staff:
        client.post("kf/get_servicer_statistic", servicer_userid=userid, **days)


def extras(client: Recorder, now: int) -> None:
    picture = client.upload("media/upload_attachment", PNG, media_type="image", attachment_type=2)
    part = {"type": "image", "image": {"media_id": picture["media_id"]}}
    made = client.post(
        E + "add_product_album", description="坚果", price=2990, product_sn="a1", attachments=[part]
    )
    client.post(E + "get_product_album", product_id=made["product_id"])
    client.post(E + "get_product_album_list")
    rule = client.post(
        E + "add_intercept_rule", rule_name="词", word_list=["返现"], semantics_list=[1], intercept_type=1,
        applicable_range={"user_list": ["chenhao"]},
    )  # fmt: skip
    client.post(E + "get_intercept_rule", rule_id=rule["rule_id"])
    client.get(E + "get_intercept_rule_list")
    base = E + "customer_acquisition"
    link = client.post(base + "/create_link", link_name="直播", range={"user_list": ["chenhao"]})["link"]
    client.process.play("new_customers", state=link["link_id"], add_way=16)
    client.post(base + "/get", link_id=link["link_id"])
    client.post(base + "/customer", link_id=link["link_id"])
    client.post(base + "_quota")


def figures(client: Recorder, now: int) -> None:
    days = {"start_time": now - 9 * DAY, "end_time": now - DAY}
    client.post(E + "get_user_behavior_data", userid=["chenhao"], **days)
    scope = {"owner_filter": {"userid_list": client.staff()}, "day_begin_time": now - 3 * DAY}
    client.post(E + "groupchat/statistic", day_end_time=now - DAY, **scope)
    client.post(E + "groupchat/statistic_group_by_day", day_end_time=now - DAY, **scope)


def transfers(client: Recorder) -> None:
    hand = {"handover_userid": "chenhao", "takeover_userid": "wu_min"}
    for path in (E, E + "resigned/"):
        if path != E:
            client.process.play("staff_resigns", userid="chenhao")
            client.post(E + "get_unassigned_list", page_size=1000)
        else:
            customers = mine(client)
        client.post(path + "transfer_customer", external_userid=[customers.pop()], **hand)
        client.post(path + "transfer_result", **hand)
    for path in ("groupchat/transfer", "groupchat/onjob_transfer"):
        client.post(E + path, chat_id_list=["wrnone"], new_owner="wu_min")


@pytest.mark.parametrize("path", sorted(documented()))
def test_documented_fields(answers: dict[str, list[dict[str, Any]]], path: str) -> None:
    assert path in answers, "the tour did not come by"
    for field, kind in documented()[path]:
        values = [value for answer in answers[path] for value in found(answer, field)]
        assert values or kind.endswith("?"), f"{field} was never seen"
        odd = [value for value in values if not is_of(value, kind)]
        assert not odd, f"{field} should be {kind}: {odd[:3]}"


def test_the_tour_comes_by_everything_that_is_served(
    answers: dict[str, list[dict[str, Any]]], shared_sandbox_process: SandboxProcess
) -> None:
    served = {path for path, _ in shared_sandbox_process.control("endpoints")["endpoints"]}
    assert set(documented()) - {"gettoken"} <= served
