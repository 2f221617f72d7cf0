"""Writing calls of WeCom: tags, remarks, mass messages, media, doors, moments, transfers."""

from typing import Any

import pytest

from tests.unit.sandbox.conftest import Raw, key

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) + b"\r\n--tail\r\n"
DAY = 86_400


@pytest.fixture(autouse=True)
def _even_pages(raw: Raw) -> None:
    raw.process.settings(uneven_pages=False)


@pytest.fixture
def now(raw: Raw) -> int:
    raw.process.control("clock", {"stop": True})
    return int(raw.process.control("clock")["now"])


def customers(raw: Raw, userid: str = "chenhao") -> list[str]:
    return list(raw.get("externalcontact/list", userid=userid)["external_userid"])


def send(raw: Raw, external: list[str], content: str = "上新啦", **more: Any) -> dict[str, Any]:
    return raw.post(
        "externalcontact/add_msg_template", external_userid=external, text={"content": content}, **more
    )


def listed(raw: Raw, now: int, chat_type: str = "single", **more: Any) -> dict[str, Any]:
    window = {"start_time": now - DAY, "end_time": now + 2 * DAY}
    return raw.post("externalcontact/get_groupmsg_list_v2", chat_type=chat_type, **window, **more)


def results(raw: Raw, msgid: str, userid: str) -> list[dict[str, Any]]:
    return raw.pages("externalcontact/get_groupmsg_send_result", "send_list", msgid=msgid, userid=userid)


def test_tags(raw: Raw) -> None:
    groups = raw.post("externalcontact/get_corp_tag_list")["tag_group"]
    assert {"group_id", "group_name", "create_time", "order", "tag"} == set(groups[0])
    made = raw.post(
        "externalcontact/add_corp_tag", group_name="意向", tag=[{"name": "犹豫"}, {"name": "犹豫"}]
    )["tag_group"]
    assert made["group_id"] == groups[0]["group_id"]
    assert [tag["name"] for tag in made["tag"]] == ["犹豫"]
    tag = made["tag"][0]["id"]
    again = raw.post("externalcontact/add_corp_tag", group_name="意向", tag=[{"name": "犹豫"}])
    assert again["errcode"] == 40071
    assert raw.post("externalcontact/add_corp_tag", group_name="新", tag=[])["errcode"] == 40058
    assert (
        raw.post("externalcontact/add_corp_tag", group_name="新", tag=[{"name": "长" * 31}])["errcode"]
        == 40072
    )
    assert raw.post("externalcontact/edit_corp_tag", id=tag, name="再想想")["errcode"] == 0
    assert raw.post("externalcontact/edit_corp_tag", id="etnope", name="x")["errcode"] == 40068
    external = customers(raw)[0]
    mark = {"userid": "chenhao", "external_userid": external}
    assert raw.post("externalcontact/mark_tag", **mark)["errcode"] == 40058
    assert raw.post("externalcontact/mark_tag", **mark, add_tag=[tag])["errcode"] == 0
    follow = raw.get("externalcontact/get", external_userid=external)["follow_user"][0]
    assert "再想想" in {row["tag_name"] for row in follow["tags"]}
    assert raw.post("externalcontact/del_corp_tag", tag_id=[tag])["errcode"] == 0
    assert raw.post("externalcontact/mark_tag", **mark, remove_tag=[tag])["errcode"] == 40068
    shown = raw.post("externalcontact/get_corp_tag_list", tag_id=[tag])["tag_group"][0]["tag"]
    assert shown[0]["deleted"] is True


def test_group_goes_with_its_last_tag(raw: Raw) -> None:
    made = raw.post("externalcontact/add_corp_tag", group_name="临时", tag=[{"name": "一"}])["tag_group"]
    raw.post("externalcontact/del_corp_tag", tag_id=[made["tag"][0]["id"]])
    names = [group["group_name"] for group in raw.post("externalcontact/get_corp_tag_list")["tag_group"]]
    assert "临时" not in names


def test_remark(raw: Raw) -> None:
    external = customers(raw)[0]
    who = {"userid": "chenhao", "external_userid": external}
    assert raw.post("externalcontact/remark", **who)["errcode"] == 40058
    assert raw.post("externalcontact/remark", **who, remark="很" * 21)["errcode"] == 40058
    assert (
        raw.post("externalcontact/remark", **who, remark="老王", remark_mobiles=["13800000000"])["errcode"]
        == 0
    )
    follow = raw.get("externalcontact/get", external_userid=external)["follow_user"]
    mine = next(row for row in follow if row["userid"] == "chenhao")
    assert (mine["remark"], mine["remark_mobiles"]) == ("老王", ["13800000000"])
    raw.post("externalcontact/remark", **who, remark_mobiles=[""])
    follow = raw.get("externalcontact/get", external_userid=external)["follow_user"]
    assert next(row for row in follow if row["userid"] == "chenhao")["remark_mobiles"] == []
    raw.process.play("staff_deletes_customer", external_userid=external)
    assert raw.post("externalcontact/remark", **who, remark="x")["errcode"] == 84061


def test_mass_send_from_task_to_results(raw: Raw, now: int) -> None:
    mine = customers(raw)[:6]
    raw.process.play("customer_deletes_staff", external_userid=mine[0])
    raw.process.play("customer_comes_back", external_userid=mine[1])
    answer = send(raw, [*mine, "wmnobody"], sender="chenhao")
    assert answer["fail_list"] == ["wmnobody"]
    msgid = answer["msgid"]
    path = "externalcontact/get_groupmsg_task"
    assert raw.post(path, msgid=msgid)["errcode"] == 41063
    assert listed(raw, now)["errcode"] == 41063
    raw.process.advance(3)
    (row,) = listed(raw, now)["group_msg_list"]
    assert row["text"] == {"content": "上新啦"}
    assert (row["msgid"], row["create_type"], row["create_time"]) == (msgid, 0, now)
    assert "creator" not in row
    assert raw.post(path, msgid=msgid)["task_list"] == [{"userid": "chenhao", "status": 0}]
    assert {one["status"] for one in results(raw, msgid, "chenhao")} == {0}
    raw.process.confirm(msgid)
    task = raw.post(path, msgid=msgid)["task_list"][0]
    assert task == {"userid": "chenhao", "status": 2, "send_time": now + 3}
    by_id = {one["external_userid"]: one for one in results(raw, msgid, "chenhao")}
    assert by_id[mine[0]]["status"] == 2
    assert "send_time" not in by_id[mine[0]]
    assert by_id[mine[1]] == {
        "external_userid": mine[1], "userid": "chenhao", "status": 1, "send_time": now + 3,
    }  # fmt: skip
    assert raw.process.sent()[0]["received"].startswith('{"external_userid": [')


def test_monthly_cap_and_tightened_cap(raw: Raw, now: int) -> None:
    raw.process.control("clock", {"set": 1_790_820_000})  # 2026-10-01, a month of 31 days
    raw.login()
    (external,) = customers(raw)[5:6]
    raw.process.play("customer_comes_back", external_userid=external)
    raw.process.settings(settle_s=0)

    def status() -> int:
        msgid = send(raw, [external], sender="chenhao")["msgid"]
        raw.process.confirm(msgid)
        return int(results(raw, msgid, "chenhao")[0]["status"])

    assert [status() for _ in range(32)] == [1] * 31 + [3]
    raw.process.advance(40 * DAY)
    raw.login()
    assert status() == 1
    raw.process.settings(per_day=1)
    assert status() == 3


def test_mass_send_refusals(raw: Raw) -> None:
    path = "externalcontact/add_msg_template"
    (external,) = customers(raw)[:1]
    assert raw.post(path, external_userid=[external])["errcode"] == 40063
    assert send(raw, ["wmnobody"])["errcode"] == 41048
    assert send(raw, [external], "长" * 1334)["errcode"] == 45002
    assert send(raw, [external], attachments=[{"msgtype": "sticker"}])["errcode"] == 41065
    lone = {"msgtype": "image", "image": {"media_id": "gone"}}
    assert send(raw, [external], attachments=[lone])["errcode"] == 40007
    assert send(raw, [external], attachments=[lone] * 10)["errcode"] == 41064
    assert raw.post(path, chat_type="group", text={"content": "x"})["errcode"] == 40063
    assert raw.process.sent() == []
    assert raw.post("externalcontact/get_groupmsg_task")["errcode"] == 41046
    assert raw.post("externalcontact/get_groupmsg_task", msgid="msgnope")["errcode"] == 41047
    assert raw.post("externalcontact/get_group_msg_result", msgid="x")["errcode"] == 48005


def test_sender_alone_reaches_all_and_tags_narrow(raw: Raw) -> None:
    raw.process.settings(settle_s=0)
    everybody = set(customers(raw))
    msgid = raw.post("externalcontact/add_msg_template", sender="chenhao", text={"content": "x"})["msgid"]
    assert {row["external_userid"] for row in results(raw, msgid, "chenhao")} == everybody
    rows = [row for row in raw.everybody() if key(row)[1] == "chenhao" and row["follow_info"]["tag_id"]]
    tag = rows[0]["follow_info"]["tag_id"][0]
    expected = {key(row)[0] for row in rows if tag in row["follow_info"]["tag_id"]}
    narrowed = raw.post(
        "externalcontact/add_msg_template",
        sender="chenhao",
        text={"content": "x"},
        tag_filter={"group_list": [{"tag_list": [tag]}]},
    )["msgid"]
    assert {row["external_userid"] for row in results(raw, narrowed, "chenhao")} == expected


def test_group_send_lag_reminders_cancel(raw: Raw, now: int) -> None:
    raw.process.settings(settle_s=0, listing_lag_s=60)
    groups = raw.pages("externalcontact/groupchat/list", "group_chat_list", limit=100)
    details = [
        raw.post("externalcontact/groupchat/get", chat_id=row["chat_id"])["group_chat"] for row in groups
    ]
    owner = details[0]["owner"]
    mine = [row["chat_id"] for row in details if row["owner"] == owner]
    msgid = raw.post(
        "externalcontact/add_msg_template", chat_type="group", sender=owner, text={"content": "秒杀"}
    )["msgid"]
    assert listed(raw, now, "group")["group_msg_list"] == []
    raw.process.advance(61)
    assert [row["msgid"] for row in listed(raw, now, "group")["group_msg_list"]] == [msgid]
    assert results(raw, msgid, owner) == []  # unsent ones are not listed for groups
    path = "externalcontact/remind_groupmsg_send"
    assert [raw.post(path, msgid=msgid)["errcode"] for _ in range(4)] == [0, 0, 0, 41094]
    raw.process.confirm(msgid)
    assert [row["chat_id"] for row in results(raw, msgid, owner)] == mine
    assert raw.post("externalcontact/cancel_groupmsg_send", msgid=msgid)["errcode"] == 0
    assert raw.post("externalcontact/cancel_groupmsg_send", msgid=msgid)["errcode"] == 41093
    assert raw.post(path, msgid=msgid)["errcode"] == 41093


def test_staff_confirm_by_themselves_and_personal_sends(raw: Raw, now: int) -> None:
    raw.process.settings(auto_confirm_s=30)
    msgid = send(raw, customers(raw)[:2], sender="chenhao")["msgid"]
    raw.process.advance(31)
    task = raw.post("externalcontact/get_groupmsg_task", msgid=msgid)["task_list"][0]
    assert task["status"] == 2
    personal = raw.process.play("staff_sends", userid="chenhao")["msgid"]
    raw.process.advance(3)
    rows = listed(raw, now, filter_type=1)["group_msg_list"]
    assert [(row["msgid"], row["creator"]) for row in rows] == [(personal, "chenhao")]


def test_media(raw: Raw) -> None:
    answer = raw.upload("media/upload", PNG, "图 片.png", type="image")
    assert answer["type"] == "image"
    assert isinstance(answer["created_at"], str)
    media_id = answer["media_id"]
    got = raw.http.get("media/get", params={"access_token": raw.token, "media_id": media_id})
    assert got.content == PNG
    assert "attachment" in got.headers["content-disposition"]
    external = customers(raw)[:1]
    picture = [{"msgtype": "image", "image": {"media_id": media_id}}]
    assert send(raw, external, attachments=picture)["errcode"] == 0
    file_kind = [{"msgtype": "file", "file": {"media_id": media_id}}]
    assert send(raw, external, attachments=file_kind)["errcode"] == 40007
    moment = raw.upload("media/upload_attachment", PNG, media_type="image", attachment_type=1)["media_id"]
    wrong = [{"msgtype": "image", "image": {"media_id": moment}}]
    assert send(raw, external, attachments=wrong)["errcode"] == 40007
    assert raw.post("externalcontact/add_moment_task", attachments=picture)["errcode"] == 41072
    raw.process.advance(3 * DAY + 1)
    raw.login()
    assert send(raw, external, attachments=picture)["errcode"] == 40007
    assert raw.get("media/get", media_id=media_id)["errcode"] == 40007


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [(b"", "image", 44001), (b"123", "image", 40006), (b"plain text", "image", 40123), (PNG, "gif", 40004)],
)
def test_media_refusals(raw: Raw, data: bytes, kind: str, code: int) -> None:
    assert raw.upload("media/upload", data, type=kind)["errcode"] == code


def test_permanent_picture(raw: Raw) -> None:
    url = raw.upload("media/uploadimg", PNG)["url"]
    good = [{"msgtype": "image", "image": {"pic_url": url}}]
    foreign = [{"msgtype": "image", "image": {"pic_url": "https://example.com/x.png"}}]
    assert send(raw, customers(raw)[:1], attachments=good)["errcode"] == 0
    assert send(raw, customers(raw)[:1], attachments=foreign)["errcode"] == 40007


def test_contact_and_join_ways(raw: Raw) -> None:
    path = "externalcontact/add_contact_way"
    assert raw.post(path)["errcode"] == 41037
    assert raw.post(path, type=1, scene=2, user=["chenhao", "wu_min"])["errcode"] == 41042
    made = raw.post(path, type=1, scene=2, user=["chenhao"], state="parcel")
    assert made["qr_code"].startswith("https://")
    assert "qr_code" not in raw.post(path, type=1, scene=1, user=["chenhao"])
    way = raw.post("externalcontact/get_contact_way", config_id=made["config_id"])["contact_way"]
    assert (way["state"], way["user"], way["skip_verify"]) == ("parcel", ["chenhao"], True)
    assert len(raw.post("externalcontact/list_contact_way")["contact_way"]) == 2
    raw.post("externalcontact/update_contact_way", config_id=made["config_id"], remark="包裹卡")
    assert raw.post("externalcontact/del_contact_way", config_id=made["config_id"])["errcode"] == 0
    assert raw.post("externalcontact/get_contact_way", config_id=made["config_id"])["errcode"] == 41044
    chats = [
        row["chat_id"] for row in raw.post("externalcontact/groupchat/list", limit=9)["group_chat_list"]
    ]
    many = raw.post("externalcontact/groupchat/add_join_way", scene=2, chat_id_list=[chats[0]] * 6)
    assert many["errcode"] == 41091
    join = raw.post("externalcontact/groupchat/add_join_way", scene=2, chat_id_list=chats[:1])
    assert "qr_code" not in join
    shown = raw.post("externalcontact/groupchat/get_join_way", config_id=join["config_id"])["join_way"]
    assert shown["qr_code"]
    assert shown["auto_create_room"] == 1


def test_welcome(raw: Raw) -> None:
    code = raw.process.play("customer_arrives", name="新来的")["welcome_code"]
    path = "externalcontact/send_welcome_msg"
    hello = {"text": {"content": "你好"}}
    assert raw.post(path, **hello)["errcode"] == 41049
    assert raw.post(path, welcome_code="x", **hello)["errcode"] == 41050
    assert raw.post(path, welcome_code=code, **hello)["errcode"] == 0
    assert raw.post(path, welcome_code=code, **hello)["errcode"] == 41051
    late = raw.process.play("customer_arrives")["welcome_code"]
    raw.process.advance(21)
    assert raw.post(path, welcome_code=late, **hello)["errcode"] == 41050
    base = "externalcontact/group_welcome_template/"
    template = raw.post(base + "add", text={"content": "欢迎 %NICKNAME%"})["template_id"]
    assert raw.post(base + "get", template_id=template)["text"] == {"content": "欢迎 %NICKNAME%"}
    assert raw.post(base + "del", template_id=template)["errcode"] == 0
    assert raw.post(base + "del", template_id=template)["errcode"] == 41058


def test_moments(raw: Raw, now: int) -> None:
    assert raw.post("externalcontact/add_moment_task")["errcode"] == 41089
    jobid = raw.post("externalcontact/add_moment_task", text={"content": "新品"})["jobid"]
    path = "externalcontact/get_moment_task_result"
    assert raw.get(path, jobid=jobid)["status"] == 1
    raw.process.advance(4)
    done = raw.get(path, jobid=jobid)
    assert done["status"] == 3
    moment_id = done["result"]["moment_id"]
    window = {"start_time": now - DAY, "end_time": now + DAY}
    assert raw.post("externalcontact/get_moment_list", **window)["moment_list"][0]["moment_id"] == moment_id
    tasks = raw.pages("externalcontact/get_moment_task", "task_list", moment_id=moment_id)
    assert {row["publish_status"] for row in tasks} == {0}
    who = {"moment_id": moment_id, "userid": "chenhao"}
    assert raw.post("externalcontact/get_moment_send_result", **who)["errcode"] == 41061
    raw.process.play("publish_moments", moment_id=moment_id)
    reach = raw.pages("externalcontact/get_moment_send_result", "customer_list", **who)
    assert {row["external_userid"] for row in reach} <= set(customers(raw))
    raw.process.advance(7200)
    raw.login()
    seen = raw.post("externalcontact/get_moment_comments", **who)
    assert seen["like_list"]
    assert raw.post("externalcontact/cancel_moment_task", moment_id=moment_id)["errcode"] == 0
    assert raw.post("externalcontact/get_moment_list", **window)["moment_list"] == []


def test_statistics(raw: Raw, now: int) -> None:
    days = {"start_time": now - 7 * DAY, "end_time": now - DAY}
    path = "externalcontact/get_user_behavior_data"
    rows = raw.post(path, userid=["chenhao"], **days)["behavior_data"]
    assert len(rows) == 7
    assert {"stat_time", "chat_cnt", "message_cnt", "new_apply_cnt"} <= set(rows[0])
    assert raw.post(path, userid=["chenhao"], start_time=now - 40 * DAY, end_time=now)["errcode"] == 40058
    quiet = raw.post(path, userid=["wu_min"], **days)["behavior_data"]
    assert not any("reply_percentage" in row for row in quiet)
    owners = {"owner_filter": {"userid_list": raw.staff()}}
    one = raw.post("externalcontact/groupchat/statistic", day_begin_time=now - DAY, limit=1, **owners)
    assert one["next_offset"] == 1 <= one["total"]
    assert one["items"][0]["data"]["member_total"] > 0
    by_day = raw.post(
        "externalcontact/groupchat/statistic_group_by_day",
        day_begin_time=now - 3 * DAY,
        day_end_time=now - DAY,
        **owners,
    )["items"]
    assert [row["data"]["chat_total"] for row in by_day] == [8, 8, 8]


def test_transfer(raw: Raw) -> None:
    mine = customers(raw)[:2]
    who = {"handover_userid": "chenhao", "takeover_userid": "wu_min"}
    path = "externalcontact/transfer_customer"
    answer = raw.post(path, external_userid=[*mine, "wmnobody"], **who)
    assert [row["errcode"] for row in answer["customer"]] == [0, 0, 40096]
    assert raw.post(path, external_userid=mine[:1], **who)["customer"][0]["errcode"] == 40100
    raw.process.play("customer_refuses_transfer", external_userid=mine[1])
    raw.process.advance(DAY + 1)
    raw.login()
    rows = raw.post("externalcontact/transfer_result", **who)["customer"]
    assert [row["status"] for row in rows] == [1, 3]
    assert customers(raw, "wu_min") == [mine[0]]
    assert mine[0] not in customers(raw)
    assert (
        raw.post("externalcontact/resigned/transfer_customer", external_userid=mine, **who)["errcode"]
        == 40097
    )
    raw.process.play("staff_resigns", userid="chenhao")
    assert raw.pages("externalcontact/get_unassigned_list", "info", page_size=100)


def test_group_life(raw: Raw) -> None:
    chat_id = raw.process.control("world?group=2")["group"]["chat_id"]

    def group() -> dict[str, Any]:
        return raw.post("externalcontact/groupchat/get", chat_id=chat_id, need_name=1)["group_chat"]

    before = group()
    joined = raw.process.play("join_group", group=2, index=7)["userid"]
    raw.process.play("rename_group", group=2, name="新名字")
    after = group()
    assert after["name"] == "新名字"
    assert joined in {row["userid"] for row in after["member_list"]}
    assert after["member_version"] != before["member_version"]
    raw.process.play("leave_group", group=2, index=7)
    assert joined not in {row["userid"] for row in group()["member_list"]}
