"""Reading calls: envelope, order of checks, fields, pages."""

import pytest

from tests.sandbox_process import running_sandbox
from tests.unit.sandbox.conftest import Raw


def test_unknown_path_is_an_empty_404(raw: Raw) -> None:
    reply = raw.http.get("externalcontact/no_such_call")
    assert (reply.status_code, reply.content) == (404, b"")


def test_token_is_checked_before_parameters_and_empty_fields_stay(raw: Raw) -> None:
    raw.token = ""
    assert raw.get("externalcontact/list")["errcode"] == 41001
    answer = raw.get("externalcontact/list", access_token="nonsense")
    assert answer == {"errcode": 40014, "errmsg": "invalid access_token", "external_userid": []}


def test_every_other_error_text_carries_the_trace(raw: Raw) -> None:
    text = raw.get("externalcontact/list", userid="nobody")["errmsg"]
    assert text.startswith("userid not found, hint: [")
    assert text.endswith(
        "from ip: 127.0.0.1, more info at https://open.work.weixin.qq.com/devtool/query?e=60111"
    )


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, 41004),
        ({"corpid": "wwfake"}, 41004),
        ({"corpsecret": "x"}, 41002),
        ({"corpid": "wwfake", "corpsecret": "x"}, 40013),
    ],
)
def test_gettoken_refusals(raw: Raw, query: dict[str, str], code: int) -> None:
    raw.token = ""
    assert raw.get("gettoken", **query)["errcode"] == code
    assert raw.get("gettoken", corpid=raw.process.corpid, corpsecret="wrong")["errcode"] == 40001


def test_token_repeats_expires_and_can_die_early(raw: Raw) -> None:
    first = raw.token
    assert raw.login() == first
    raw.process.advance(7201)
    assert raw.get("externalcontact/get_follow_user_list")["errcode"] == 42001
    second = raw.login()
    assert second != first
    raw.process.control("token", {"revoke": True})
    assert raw.get("externalcontact/get_follow_user_list")["errcode"] == 40014
    assert raw.login() != second


def test_token_in_a_header_or_body_does_not_count(raw: Raw) -> None:
    reply = raw.http.post(
        "externalcontact/get_corp_tag_list",
        headers={"authorization": f"Bearer {raw.token}"},
        json={"access_token": raw.token},
    )
    assert reply.json()["errcode"] == 41001


def test_switches_answer_their_codes(raw: Raw) -> None:
    raw.process.settings(ip_trusted=False)
    assert raw.get("externalcontact/get_follow_user_list")["errcode"] == 60020
    raw.process.settings(ip_trusted=True, customer_contact_allowed=False)
    assert raw.get("externalcontact/get_follow_user_list")["errcode"] == 48002
    raw.process.settings(customer_contact_allowed=True, visible_staff=1)
    assert len(raw.staff()) == 1
    assert raw.get("externalcontact/list", userid="chenhao")["errcode"] == 60011


def test_get_on_a_post_call_and_broken_json(raw: Raw) -> None:
    assert raw.get("externalcontact/groupchat/list")["errcode"] == 40058
    for body in (b"{", b"[]", b'"x"', b"\xff\xfe"):
        reply = raw.http.post(
            "externalcontact/groupchat/list", params={"access_token": raw.token}, content=body
        )
        assert reply.json()["errcode"] == 40058


def test_customer_listings_agree(raw: Raw) -> None:
    everybody = raw.everybody()
    pairs = {
        (row["external_contact"]["external_userid"], row["follow_info"]["userid"]) for row in everybody
    }
    assert len(pairs) == len(everybody)
    assert len({external for external, _ in pairs}) == 200
    assert len(pairs) > 200  # some customers belong to two staff
    for userid in raw.staff():
        mine = {external for external, owner in pairs if owner == userid}
        answer = raw.get("externalcontact/list", userid=userid)
        if mine:
            assert set(answer["external_userid"]) == mine
        else:
            assert answer["errcode"] == 84061
            assert answer["external_userid"] == []
    assert "wu_min" not in {owner for _, owner in pairs}


def test_customer_fields(raw: Raw) -> None:
    everybody = raw.everybody()
    for row in everybody:
        contact, info = row["external_contact"], row["follow_info"]
        assert len(contact["external_userid"]) == 32
        assert contact["external_userid"].startswith("wm" if contact["type"] == 1 else "wo")
        assert ("corp_name" in contact) == (contact["type"] == 2)
        assert not ("unionid" in contact and contact["type"] == 2)
        assert contact["avatar"] == "" or contact["avatar"].startswith("https://")
        assert isinstance(info["createtime"], int)
        assert isinstance(info["tag_id"], list)
        assert isinstance(info["remark_mobiles"], list)
    assert any(not row["external_contact"]["avatar"] for row in everybody)
    assert any(
        "<" in row["external_contact"]["name"] or "\u202e" in row["external_contact"]["name"]
        for row in everybody
    )
    assert {99, 777} & {row["follow_info"]["add_way"] for row in everybody}


def test_detail_has_names_of_tags_and_personal_tags_without_id(raw: Raw) -> None:
    tags = [
        tag
        for row in raw.everybody()
        for follow in raw.get(
            "externalcontact/get", external_userid=row["external_contact"]["external_userid"]
        )["follow_user"]
        for tag in follow["tags"]
    ]
    assert all(tag["tag_id"].startswith("et") for tag in tags if tag["type"] == 1)
    personal = [tag for tag in tags if tag["type"] == 2]
    assert personal
    assert not any("tag_id" in tag for tag in personal)


def test_detail_refusals(raw: Raw) -> None:
    assert raw.get("externalcontact/get")["errcode"] == 41035
    assert raw.get("externalcontact/get", external_userid="wm" + "x" * 30)["errcode"] == 40096
    raw.process.play("staff_deletes_customer", index=0)
    external = raw.process.control("world?index=0")["external_contact"]["external_userid"]
    assert raw.get("externalcontact/get", external_userid=external)["errcode"] == 84061
    assert external not in {row["external_contact"]["external_userid"] for row in raw.everybody()}


def test_customer_who_deleted_staff_is_still_listed(raw: Raw) -> None:
    external = raw.process.play("customer_deletes_staff", index=3)["external_userid"]
    assert external in {row["external_contact"]["external_userid"] for row in raw.everybody()}
    assert raw.get("externalcontact/get", external_userid=external)["errcode"] == 0


def test_pages_are_short_sometimes_empty_and_limits_are_clamped(raw: Raw) -> None:
    with running_sandbox(fans=3000, seed=5) as process:
        client = Raw(process)
        client.login()
        sizes, cursor = [], ""
        while True:
            page = client.post(
                "externalcontact/batch/get_by_user", userid_list=client.staff(), limit=5000, cursor=cursor
            )
            sizes.append(len(page["external_contact_list"]))
            cursor = page["next_cursor"]
            if not cursor:
                break
        client.http.close()
    assert max(sizes) == 100
    assert 0 in sizes[:-1]
    assert any(0 < size < 100 for size in sizes[:-1])
    assert sum(sizes) > 3000


def test_foreign_cursor_is_refused(raw: Raw) -> None:
    answer = raw.post("externalcontact/batch/get_by_user", userid_list=raw.staff(), cursor="zzz")
    assert answer["errcode"] == 40058


def test_groups(raw: Raw) -> None:
    listed = raw.pages("externalcontact/groupchat/list", "group_chat_list", limit=3)
    assert len({row["chat_id"] for row in listed}) == len(listed) == 8
    groups = [
        raw.post("externalcontact/groupchat/get", chat_id=row["chat_id"], need_name=1)["group_chat"]
        for row in listed
    ]
    assert sum(1 for group in groups if group["name"] == "") == 1
    members = [member for group in groups for member in group["member_list"]]
    assert {member["type"] for member in members} == {1, 2}
    assert {member["join_scene"] for member in members} == {1, 2, 3}
    assert any("unionid" in member for member in members)
    assert any("unionid" not in member for member in members if member["type"] == 2)
    assert any("invitor" in member for member in members)
    known = {row["external_contact"]["external_userid"] for row in raw.everybody()}
    outside = [member for member in members if member["type"] == 2]
    assert {member["userid"] in known for member in outside} == {True, False}
    plain = raw.post("externalcontact/groupchat/get", chat_id=listed[0]["chat_id"])["group_chat"]
    assert not any("name" in member for member in plain["member_list"])


def test_group_refusals(raw: Raw) -> None:
    assert raw.post("externalcontact/groupchat/list")["errcode"] == 40063
    assert raw.post("externalcontact/groupchat/list", limit=1001)["errcode"] == 40058
    assert raw.post("externalcontact/groupchat/get", chat_id="wrnope")["errcode"] == 86001
    raw.process.play("dismiss_group", group=0)
    chat_id = raw.process.control("world?group=0")["group"]["chat_id"]
    assert raw.post("externalcontact/groupchat/get", chat_id=chat_id)["errcode"] == 86003


def test_same_seed_same_world_other_seed_other_world() -> None:
    def snapshot(seed: int) -> tuple[list[object], str]:
        with running_sandbox(fans=60, seed=seed, origin=1_790_000_000) as process:
            client = Raw(process)
            client.login()
            answer = (client.everybody(), client.token)
            client.http.close()
            return answer  # type: ignore[return-value]

    assert snapshot(3) == snapshot(3)
    assert snapshot(3) != snapshot(4)
