"""Reading from WeCom: the token's life, pauses, paging, and the oddities of its replies."""

import asyncio
import json

import httpx
import pytest

from desktop.domain.errors import (
    AuthError,
    InvalidInputError,
    RateLimitedError,
    RejectedError,
    TokenDiedError,
    UnclearReplyError,
)
from desktop.domain.platform_records import MemberKind
from desktop.domain.write_kinds.kind import MediaUse
from desktop.domain.write_kinds.wecom import MASS_SEND_CUSTOMERS, MASS_SEND_GROUPS, MASS_SEND_REMIND
from desktop.domain.writes import Write
from desktop.platforms import ports
from desktop.platforms.wecom.adapter import WeComPlatform
from tests.unit.platforms.wire import SECRET, TOKEN, Platform, QuickClock, adapter_over, answer, perform

REMIND = Write(MASS_SEND_REMIND, {"task": "msg1"})
SINCE_MS = 1_800_000_000_000 - 7 * 86_400_000


def body_of(request: httpx.Request) -> dict:
    return json.loads(request.content)


@pytest.mark.parametrize("code", [40014, 42001])
def test_many_callers_with_a_dead_token_fetch_one_new_one(code: int) -> None:
    def script(path, request, n):
        if request.url.params["access_token"] == TOKEN + "1":
            return answer({"errcode": code, "errmsg": "invalid access_token", "follow_user": []})
        return answer({"errcode": 0, "follow_user": ["ann"]})

    platform = Platform(script)

    async def work(adapter):
        return await asyncio.gather(*(adapter.staff() for _ in range(6)))

    found = perform(adapter_over(platform), work)
    assert all(len(staff) == 1 for staff in found)
    assert platform.tokens_given == 2


def test_a_token_that_dies_again_at_once_stops_the_call() -> None:
    platform = Platform(lambda *_: answer({"errcode": 42001, "errmsg": "expired"}))
    with pytest.raises(AuthError):
        perform(adapter_over(platform), lambda adapter: adapter.staff())
    assert (platform.tokens_given, len(platform.requests)) == (2, 2)


async def _upload_gif(line):
    return await line.upload_image(b"GIF89a...", "x.gif", "image/gif", MediaUse.MESSAGE)


def test_a_write_with_a_dead_token_is_left_to_those_who_know_whether_it_may_still_leave() -> None:
    def script(path, request, n):
        if n == 1:
            return answer({"errcode": 40014, "errmsg": "invalid access_token"})
        return answer({"errcode": 0, "errmsg": "ok"})

    async def work(adapter):
        await adapter.ready()
        with pytest.raises(TokenDiedError):
            await adapter.perform(REMIND, "0" * 32)
        await adapter.ready()
        await adapter.perform(REMIND, "0" * 32)

    platform = Platform(script)
    perform(adapter_over(platform), work)
    assert (len(platform.requests), platform.tokens_given) == (2, 2)


def test_a_refused_secret_is_not_tried_again() -> None:
    asked = []

    async def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer({"errcode": 40001, "errmsg": f"invalid credential {SECRET}"})

    async def work(adapter):
        for _ in range(3):
            with pytest.raises(AuthError) as caught:
                await adapter.staff()
            assert SECRET not in repr(caught.value.params)

    perform(adapter_over(refuse), work)
    assert len(asked) == 1


def test_a_token_near_its_end_is_renewed_before_use() -> None:
    platform = Platform(lambda *_: answer({"errcode": 0, "follow_user": []}))
    clock = QuickClock()

    async def work(adapter):
        await adapter.staff()
        await clock.sleep(7_150)
        await adapter.staff()

    perform(adapter_over(platform, clock), work)
    assert platform.tokens_given == 2


@pytest.mark.parametrize(
    "trouble",
    [
        lambda: answer({"errcode": -1, "errmsg": "busy"}),
        lambda: answer({"errcode": 45033, "errmsg": "concurrency"}),
        lambda: answer(b"bad gateway", status=502),
    ],
)
def test_a_read_waits_and_asks_again_at_most_three_times(trouble) -> None:
    clock = QuickClock()
    platform = Platform(lambda path, request, n: trouble() if n < 3 else answer({"follow_user": ["ann"]}))
    assert len(perform(adapter_over(platform, clock), lambda adapter: adapter.staff())) == 1
    assert clock.slept == [1.0, 2.0]
    endless = Platform(lambda *_: trouble())
    with pytest.raises((UnclearReplyError, RateLimitedError)):
        perform(adapter_over(endless), lambda adapter: adapter.staff())
    assert len(endless.requests) == 3


def test_a_dropped_read_is_asked_again_and_a_frequency_block_is_not() -> None:
    def dropping(path, request, n):
        if n == 1:
            raise httpx.ReadError("reset")
        return answer({"follow_user": []})

    assert perform(adapter_over(Platform(dropping)), lambda adapter: adapter.staff()) == ()
    blocked = Platform(lambda *_: answer({"errcode": 45009, "errmsg": "api freq out of limit"}))
    with pytest.raises(RateLimitedError) as caught:
        perform(adapter_over(blocked), lambda adapter: adapter.staff())
    assert caught.value.retry_after_s == 60
    assert len(blocked.requests) == 1


def test_a_blocked_path_is_left_alone_until_its_window_ends() -> None:
    def script(path, request, n):
        return answer({"errcode": 45009, "errmsg": "freq"} if n == 1 else {"follow_user": []})

    platform, clock = Platform(script), QuickClock()

    async def work(adapter):
        for _ in range(3):
            with pytest.raises(RateLimitedError) as caught:
                await adapter.staff()
        assert 0 < caught.value.retry_after_s <= 60
        assert len(platform.requests) == 1
        await clock.sleep(61)
        return await adapter.staff()

    assert perform(adapter_over(platform, clock), work) == ()


def test_no_customer_at_all_is_an_empty_list() -> None:
    platform = Platform(lambda *_: answer({"errcode": 84061, "errmsg": "not external contact"}))
    assert perform(adapter_over(platform), lambda adapter: adapter.customer_ids("ann")) == ()


def test_customers_keep_what_is_known_and_count_what_names_nobody() -> None:
    entry = {
        "external_contact": {"external_userid": " wm1 ", "name": "<b>小满</b>", "type": 9, "later": {}},
        "follow_info": {
            "userid": "ann",
            "createtime": "1700000000",
            "tag_id": ["et2", "et1", "et1"],
            "add_way": 999,
            "remark_mobiles": ["13800000000", ""],
        },
    }
    page = {"errcode": 0, "external_contact_list": [entry, {}, None], "next_cursor": "c2"}
    platform = Platform(lambda *_: answer(page))
    found = perform(adapter_over(platform), lambda adapter: adapter.customers(["ann"], "c1"))
    assert body_of(platform.requests[0]) == {"userid_list": ["ann"], "cursor": "c1", "limit": 100}
    (customer,) = found.items
    assert (customer.external_id, customer.name, customer.details) == (
        "wm1",
        "<b>小满</b>",
        (("type", "9"),),
    )
    assert customer.follow.followed_at == 1_700_000_000_000
    assert customer.follow.tag_ids == ("et1", "et2")
    assert (customer.follow.add_way, customer.follow.mobiles) == (999, ("13800000000",))
    assert (found.next_cursor, found.skipped) == ("c2", 2)


@pytest.mark.parametrize("reply", [{"hello": 1}, {"errcode": 0, "follow_user": "ann"}])
def test_a_reply_that_is_no_listing_is_not_an_empty_one(reply: dict) -> None:
    with pytest.raises(UnclearReplyError):
        perform(adapter_over(Platform(lambda *_: answer(reply))), lambda adapter: adapter.staff())


def test_tags_groups_and_members() -> None:
    tag_group = {
        "group_id": "g1",
        "group_name": "等级",
        "tag": [{"id": "et1", "name": "铁粉", "order": 2}, {"id": "et2", "deleted": True}, {"name": "?"}],
    }
    members = [
        {"userid": "ann", "type": 1, "join_time": 1_700_000_000},
        {"userid": "wm1", "type": 2, "name": "小满", "join_scene": 3, "invitor": {"userid": "ann"}},
        {"userid": "wm2", "type": 7},
        {"type": 2},
    ]
    chat = {"chat_id": "wr1", "owner": "ann", "create_time": 1_700_000_000, "member_list": members}

    def script(path, request, n):
        return answer(
            {
                "externalcontact/get_corp_tag_list": {"errcode": 0, "tag_group": [tag_group]},
                "externalcontact/groupchat/list": {
                    "errcode": 0,
                    "group_chat_list": [{"chat_id": "wr1", "status": 0}, {"status": 1}],
                    "next_cursor": "",
                },
                "externalcontact/groupchat/get": {"errcode": 0, "group_chat": chat},
            }[path]
        )

    async def work(adapter):
        with pytest.raises(UnclearReplyError):
            await adapter.group("wr-other")
        return await adapter.tags(), await adapter.groups(""), await adapter.group("wr1")

    tags, stubs, group = perform(adapter_over(Platform(script)), work)
    assert [(tag.external_id, tag.name, tag.group_name, tag.position) for tag in tags.items] == [
        ("et1", "铁粉", "等级", 2)
    ]
    assert tags.skipped == 1
    assert ([stub.external_id for stub in stubs.items], stubs.skipped) == (["wr1"], 1)
    assert (group.name, group.owner_id, group.skipped) == ("", "ann", 1)
    assert [member.kind for member in group.members] == [MemberKind.STAFF, MemberKind.FAN, MemberKind.FAN]
    assert group.members[1].invitor_id == "ann"


def test_a_listing_of_mass_sends_reads_every_page_and_says_when_a_row_is_unusable() -> None:
    rows = [
        {"msgid": "m1", "create_time": "1700000000", "text": {"content": " 你好 "}, "create_type": 0},
        {
            "msgid": "m2",
            "create_time": 1_700_000_001,
            "creator": "ann",
            "attachments": [{"msgtype": "image"}],
        },
    ]

    def script(path, request, n):
        return answer(
            {"errcode": 0, "group_msg_list": rows[n - 1 : n], "next_cursor": "c" if n == 1 else ""}
        )

    platform = Platform(script)
    listing = perform(adapter_over(platform), lambda line: line.recent(MASS_SEND_CUSTOMERS, SINCE_MS))
    assert [(row.platform_id, row.text, row.creator) for row in listing.rows] == [
        ("m1", " 你好 ", ""),
        ("m2", "", "ann"),
    ]
    assert listing.rows[1].attachment_kinds == ("image",)
    assert listing.is_complete
    first = body_of(platform.requests[0])
    assert (first["chat_type"], first["start_time"]) == ("single", SINCE_MS // 1000)
    assert first["end_time"] - first["start_time"] <= 31 * 86_400
    odd = Platform(lambda *_: answer({"errcode": 0, "group_msg_list": [{"msgid": "m3"}]}))
    assert not perform(adapter_over(odd), lambda line: line.recent(MASS_SEND_GROUPS, SINCE_MS)).is_complete


def test_a_cursor_that_comes_back_is_an_error() -> None:
    turning = Platform(
        lambda path, request, n: answer({"errcode": 0, "task_list": [], "next_cursor": f"c{n % 3}"})
    )
    with pytest.raises(UnclearReplyError) as caught:
        perform(adapter_over(turning), lambda adapter: adapter.mass_send_tasks("m1"))
    assert caught.value.code == "cursor_loop"
    assert len(turning.requests) == 4


def test_what_became_of_a_mass_send() -> None:
    def script(path, request, n):
        if path.endswith("get_groupmsg_task"):
            tasks = [
                {"userid": "ann", "status": 2, "send_time": 1_700_000_000},
                {"userid": "bob", "status": 0},
                {"userid": "cat", "status": 1},
            ]
            return answer({"errcode": 0, "task_list": tasks})
        results = [
            {"external_userid": f"wm{status}", "userid": "ann", "status": status} for status in range(5)
        ]
        return answer({"errcode": 0, "send_list": [*results, {"chat_id": "wr1", "status": 1}]})

    async def work(adapter):
        return await adapter.mass_send_tasks("m1"), await adapter.mass_send_results("m1", "ann")

    tasks, results = perform(adapter_over(Platform(script)), work)
    assert [(task.staff_external_id, task.sent_at) for task in tasks] == [
        ("ann", 1_700_000_000_000),
        ("bob", None),
        ("cat", None),
    ]
    assert [result.status for result in results] == [
        "waiting",
        "sent",
        "not_friend",
        "over_limit",
        "unknown",
        "sent",
    ]


def test_a_task_still_being_made_is_told_with_a_pause() -> None:
    platform = Platform(lambda *_: answer({"errcode": 41063, "errmsg": "dispatching"}))
    with pytest.raises(RejectedError) as caught:
        perform(adapter_over(platform), lambda adapter: adapter.mass_send_tasks("m1"))
    assert (caught.value.code, caught.value.retry_after_s) == ("wecom_task_not_ready", 10)


def test_pictures_are_checked_here_and_named_safely() -> None:
    platform = Platform(lambda *_: answer({"errcode": 0, "errmsg": "", "type": "image", "media_id": "mid"}))
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 10
    media_id = perform(
        adapter_over(platform),
        lambda line: line.upload_image(png, 'a"/\n图.png', "image/png", MediaUse.MESSAGE),
    )
    assert media_id == "mid"
    sent = platform.requests[0]
    assert sent.url.params["type"] == "image"
    assert b'name="media"' in sent.content
    assert b"image/png" in sent.content
    with pytest.raises(InvalidInputError):
        perform(
            adapter_over(platform),
            lambda line: line.upload_image(b"GIF89a...", "x.gif", "image/gif", MediaUse.MESSAGE),
        )
    assert len(platform.requests) == 1


def test_the_adapter_has_every_ability_and_secrets_are_asked_for() -> None:
    adapter = adapter_over(Platform(lambda *_: answer({})))
    for ability in (
        ports.Adapter,
        ports.ChecksConnection,
        ports.PullsStaff,
        ports.PullsCustomers,
        ports.PullsTags,
        ports.PullsGroups,
        ports.PerformsWrites,
        ports.FollowsMassSends,
        ports.TellsServerTime,
        ports.UploadsMedia,
    ):
        assert isinstance(adapter, ability)
    asyncio.run(adapter.aclose())
    with pytest.raises(InvalidInputError):
        WeComPlatform().connect("https://qyapi.weixin.qq.com", {"corpid": "ww1"}, QuickClock())
