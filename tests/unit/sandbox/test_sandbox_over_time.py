"""Behaviour over time: staff habits, a shop that goes on by itself, what others change meanwhile."""

from typing import Any

import pytest

from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.unit.sandbox.conftest import Raw

DAY = 86_400
ORIGIN = 1_790_000_000
SEND = "externalcontact/add_msg_template"


@pytest.fixture(autouse=True)
def _calm(raw: Raw) -> None:
    raw.process.control("clock", {"stop": True})
    raw.process.settings(uneven_pages=False, settle_s=0)


def send(raw: Raw, **more: Any) -> str:
    body = {"text": {"content": "上新"}, **more}
    return str(raw.post(SEND, **body)["msgid"])


def confirmed(raw: Raw, msgid: str) -> dict[str, int | None]:
    task = next(row for row in raw.process.sent() if row["msgid"] == msgid)
    return {row["userid"]: row["confirmed_at"] for row in task["staff"]}


def test_staff_confirm_soon_late_or_never(raw: Raw) -> None:
    raw.process.settings(staff_habits=True, soon_share=0.5, late_share=0.3)
    begun = raw.process.control("clock")["now"]
    sends = [
        send(raw, sender=userid) for _ in range(12) for userid in ("LinXiaoMan", "chenhao", "zhou.yan")
    ]
    assert {at for msgid in sends for at in confirmed(raw, msgid).values()} == {None}
    raw.process.advance(3600)
    soon = [at for msgid in sends for at in confirmed(raw, msgid).values() if at is not None]
    assert 8 <= len(soon) <= 28
    assert all(begun + 60 <= at <= begun + 3600 for at in soon)
    raw.process.advance(30 * DAY)
    everybody = [at for msgid in sends for at in confirmed(raw, msgid).values()]
    late = [at for at in everybody if at is not None and at > begun + 3600]
    assert late
    assert all(at <= begun + 3600 + 2 * DAY for at in late)
    assert None in everybody


def test_habits_reach_sends_made_before_they_were_switched_on(raw: Raw) -> None:
    msgid = send(raw, sender="chenhao")
    raw.process.settings(staff_habits=True, soon_share=1.0)
    raw.process.advance(3600)
    assert confirmed(raw, msgid)["chenhao"] is not None


def test_staff_publish_moments_by_habit(raw: Raw) -> None:
    raw.process.settings(staff_habits=True, soon_share=0.5, late_share=0.0)
    for number in range(9):
        raw.post("externalcontact/add_moment_task", text={"content": f"新品 {number}"})
    raw.process.advance(3700)
    published = [len(row["published"]) for row in raw.process.control("sent")["moments"]]
    assert 0 < sum(published) < 9 * 4


def test_automatic_confirmation_bears_its_own_time(raw: Raw) -> None:
    raw.process.settings(auto_confirm_s=50)
    begun = int(raw.process.control("clock")["now"])
    msgid = send(raw, sender="chenhao")
    raw.process.advance(500)
    tasks = raw.post("externalcontact/get_groupmsg_task", msgid=msgid)["task_list"]
    assert tasks == [{"userid": "chenhao", "status": 2, "send_time": begun + 50}]


def world(process: SandboxProcess, looks: int) -> tuple[Any, ...]:
    """A week of life, looked at `looks` times on the way."""
    process.control("clock", {"stop": True})
    process.control("clock", {"set": ORIGIN})
    process.settings(life_per_day=60, staff_habits=True, uneven_pages=False)
    client = Raw(process)
    for _ in range(looks):
        process.advance(7 * DAY / looks)
        process.control("world")
    client.login()
    groups = [process.control(f"world?group={number}") for number in range(8)]
    kfid = process.control("world")["kf_accounts"][0]
    messages = client.post("kf/sync_msg", open_kfid=kfid)["msg_list"]
    everybody = client.everybody()
    sent = process.control("sent")["sent"]
    client.http.close()
    return everybody, groups, messages, sent


def test_a_week_of_life_is_the_same_however_often_it_is_looked_at() -> None:
    with running_sandbox(fans=300, origin=ORIGIN) as process:
        once = world(process, 1)
        process.reset()
        often = world(process, 50)
        process.reset()
        process.control("clock", {"stop": True})
        process.control("clock", {"set": ORIGIN})
        quiet = Raw(process)
        quiet.login()
        before = quiet.everybody()
        quiet.http.close()
    assert once == often
    everybody, _, messages, sent = once
    assert len(everybody) > len(before)
    assert any(row["origin"] == 3 and row["send_time"] > ORIGIN + 4 * DAY for row in messages)
    assert [row["send_time"] for row in messages] == sorted(row["send_time"] for row in messages)
    assert all(row["creator"] for row in sent)


def test_life_ends_at_speed_zero(raw: Raw) -> None:
    raw.process.settings(life_per_day=500)
    raw.process.advance(DAY)
    fans = raw.process.control()["fans"]
    assert fans > 200
    raw.process.settings(life_per_day=0)
    raw.process.advance(DAY)
    assert raw.process.control()["fans"] == fans


def test_tags_edited_elsewhere(raw: Raw) -> None:
    made = raw.process.play("console_adds_tag", group="口味", name="麻辣")
    raw.process.play("console_edits_tag", id=made["tag_id"], name="香辣")
    raw.process.play("staff_tags", index=0, add=[made["tag_id"]], personal=["爱问"])
    external = raw.process.control("world?index=0")["external_contact"]["external_userid"]
    tags = raw.get("externalcontact/get", external_userid=external)["follow_user"][0]["tags"]
    assert {"group_name": "口味", "tag_name": "香辣", "tag_id": made["tag_id"], "type": 1} in tags
    assert {"group_name": "", "tag_name": "爱问", "type": 2} in tags
    assert raw.process.play("console_deletes_tag", id=made["tag_id"])["group_deleted"] is True
    tags = raw.get("externalcontact/get", external_userid=external)["follow_user"][0]["tags"]
    assert made["tag_id"] not in {tag.get("tag_id") for tag in tags}


def test_rule_group_tags_are_borne_but_not_listed(raw: Raw) -> None:
    listed = {
        tag["id"]
        for group in raw.post("externalcontact/get_corp_tag_list")["tag_group"]
        for tag in group["tag"]
    }
    borne = {ident for row in raw.everybody() for ident in row["follow_info"]["tag_id"]}
    rules = {ident for ident in borne if ident.startswith("st")}
    assert rules
    assert borne - listed == rules


def test_only_own_tags_may_be_changed_when_so_set(raw: Raw) -> None:
    raw.process.settings(own_tags_only=True)
    console = raw.post("externalcontact/get_corp_tag_list")["tag_group"][0]["tag"][0]["id"]
    assert raw.post("externalcontact/edit_corp_tag", id=console, name="改")["errcode"] == 81011
    assert raw.post("externalcontact/del_corp_tag", tag_id=[console])["errcode"] == 81011
    own = raw.post("externalcontact/add_corp_tag", group_name="自己", tag=[{"name": "甲"}])["tag_group"]
    assert raw.post("externalcontact/edit_corp_tag", id=own["tag"][0]["id"], name="乙")["errcode"] == 0


def test_remarks_and_new_relations_from_the_client(raw: Raw) -> None:
    external = raw.process.play("staff_remarks", index=2, remark="王姐", remark_mobiles=["139"])[
        "external_userid"
    ]
    raw.process.play("customer_adds_staff", index=2, userid="wu_min", state="live")
    rows = raw.get("externalcontact/get", external_userid=external)["follow_user"]
    assert (rows[0]["remark"], rows[0]["remark_mobiles"]) == ("王姐", ["139"])
    assert rows[-1]["userid"] == "wu_min"
    assert external in raw.get("externalcontact/list", userid="wu_min")["external_userid"]


def test_arriving_through_doors_bears_their_state(raw: Raw) -> None:
    way = raw.post("externalcontact/add_contact_way", type=1, scene=2, user=["zhou.yan"], state="card-7")
    came = raw.process.play("customer_arrives", config_id=way["config_id"])["external_userids"][0]
    row = raw.get("externalcontact/get", external_userid=came)["follow_user"][0]
    assert (row["userid"], row["state"]) == ("zhou.yan", "card-7")
    chat_id = raw.process.control("world?group=1")["group"]["chat_id"]
    join = raw.post("externalcontact/groupchat/add_join_way", scene=2, chat_id_list=[chat_id], state="qr-7")
    member = raw.process.play("join_group", group=1, index=9, config_id=join["config_id"])["userid"]
    members = raw.post("externalcontact/groupchat/get", chat_id=chat_id)["group_chat"]["member_list"]
    assert next(row for row in members if row["userid"] == member)["state"] == "qr-7"


def test_new_groups_new_owners_new_staff(raw: Raw) -> None:
    raw.process.play("staff_joins", userid="tang.xin", name="唐心")
    made = raw.process.play("new_group", name="新群", owner="tang.xin")
    raw.process.play("change_owner", group=made["group"], owner="chenhao")
    group = raw.post("externalcontact/groupchat/get", chat_id=made["chat_id"])["group_chat"]
    assert (group["name"], group["owner"]) == ("新群", "chenhao")
    assert "tang.xin" in raw.staff()
    listed = raw.pages("externalcontact/groupchat/list", "group_chat_list", limit=100)
    assert made["chat_id"] in {row["chat_id"] for row in listed}


def test_what_staff_make_in_the_client_lists_as_personal(raw: Raw) -> None:
    now = int(raw.process.control("clock")["now"])
    window = {"start_time": now - DAY, "end_time": now + DAY}
    raw.process.play("staff_sends", userid="chenhao", content="自己发的")
    raw.process.play("staff_sends", userid="chenhao", chat_type="group")
    raw.process.play("staff_publishes_moment", userid="chenhao", location="湖滨路店")
    for chat_type in ("single", "group"):
        (row,) = raw.post("externalcontact/get_groupmsg_list_v2", chat_type=chat_type, **window)[
            "group_msg_list"
        ]
        assert (row["create_type"], row["creator"]) == (1, "chenhao")
    raw.process.settings(times_as_text=True)
    (moment,) = raw.post("externalcontact/get_moment_list", **window)["moment_list"]
    assert (moment["create_type"], moment["create_time"]) == (1, str(now))
    assert moment["location"]["name"] == "湖滨路店"
    only = raw.post("externalcontact/get_moment_list", filter_type=0, **window)
    assert only["moment_list"] == []
    refused = raw.post("externalcontact/get_moment_task", moment_id=moment["moment_id"])
    assert refused["errcode"] == 41067


def test_listing_lag_covers_sends_moments_and_doors(raw: Raw) -> None:
    now = int(raw.process.control("clock")["now"])
    window = {"start_time": now - DAY, "end_time": now + DAY}
    raw.process.settings(listing_lag_s=60, moment_seconds=0)
    msgid = send(raw, sender="chenhao")
    job = raw.post("externalcontact/add_moment_task", text={"content": "新"})["jobid"]
    way = raw.post("externalcontact/add_contact_way", type=1, scene=2, user=["chenhao"])["config_id"]

    def listings() -> list[int]:
        return [
            len(raw.post("externalcontact/get_groupmsg_list_v2", chat_type="single", **window)["group_msg_list"]),
            len(raw.post("externalcontact/get_moment_list", **window)["moment_list"]),
            len(raw.post("externalcontact/list_contact_way", **window)["contact_way"]),
        ]  # fmt: skip

    assert listings() == [0, 0, 0]
    assert raw.post("externalcontact/get_groupmsg_task", msgid=msgid)["errcode"] == 0
    moment = raw.get("externalcontact/get_moment_task_result", jobid=job)["result"]["moment_id"]
    assert raw.post("externalcontact/get_moment_task", moment_id=moment)["errcode"] == 0
    assert raw.post("externalcontact/get_contact_way", config_id=way)["errcode"] == 0
    raw.process.advance(61)
    assert listings() == [1, 1, 1]


def test_every_act_is_explained(raw: Raw) -> None:
    told = raw.process.control("acts")["acts"]
    assert len(told) >= 30
    assert all(told.values())
    assert "POST /faults" in raw.process.control("help")["routes"]
