"""Douyin on the wire: six shapes of answers, tokens renewed and counted, what is read and what is sent."""

import asyncio
import json
from typing import Any

import pytest

from desktop.domain.errors import (
    AuthError,
    InvalidInputError,
    RateLimitedError,
    RejectedError,
    TokenDiedError,
    UnclearReplyError,
)
from desktop.domain.grants import DAY_MS, GrantLife, Warned, warning
from desktop.domain.proof import UnknownWrite, Verdict
from desktop.domain.talks import Direction
from desktop.domain.write_kinds import douyin as kinds
from desktop.domain.write_kinds.kind import MediaUse, Proof
from desktop.domain.writes import KINDS, Write
from desktop.platforms.douyin import writes
from desktop.platforms.douyin.adapter import DouyinPlatform
from desktop.platforms.douyin.envelope import Form, opened
from desktop.platforms.http import Reply
from tests.unit.platforms.open_wire import SECRET, a_grant, account, sent
from tests.unit.platforms.wire import QuickClock

OK = {"data": {"error_code": 0, "description": ""}, "extra": {"error_code": 0, "now": 1_660_109_739}}


def reply(document: object) -> Reply:
    return Reply(200, json.dumps(document).encode(), "application/json", "")


@pytest.mark.parametrize(
    ("form", "document", "name"),
    [
        (Form.DATA, {"data": {"x": 1, "error_code": "0"}}, "A without extra, number as text"),
        (Form.TOP, {"x": 1, "data": {"error_code": 0}, "extra": {"logid": "1", "now": 5}}, "A'"),
        (Form.OAUTH, {"data": {"x": 1, "error_code": 0}, "message": "success"}, "B"),
        (Form.NUMBERED, {"err_no": 0, "err_msg": "", "data": {"x": 1}}, "C"),
        (Form.NUMBERED_TOP, {"err_no": "0", "x": 1}, "C, result at the top"),
        (Form.NESTED, {"err_no": 0, "data": {"data": {"x": 1}, "extra": {"error_code": 0}}}, "C2"),
        (Form.FLAT, {"error_code": 0, "message": "", "data": {"x": 1}}, "D"),
    ],
)
def test_each_shape_gives_its_result(form: Form, document: dict[str, Any], name: str) -> None:
    found, codes, _ = opened(reply(document), form)
    assert (found["x"], codes) == (1, []), name


@pytest.mark.parametrize(
    "document",
    [
        {"data": {"error_code": 28001007, "description": "no"}, "extra": {}},
        {"data": {"error_code": 0}, "extra": {"error_code": "28001007", "description": "no"}},
        {"data": {}, "extra": {"error_code": 0, "sub_error_code": 28001007, "sub_description": "no"}},
        {"err_no": 28001007, "err_msg": "no"},
        {"err_no": 0, "data": {"extra": {"error_code": 28001007, "description": "no"}}},
        {"error_code": 28001007, "message": "no"},
        {"data": {"error_code": 28001007, "description": "no"}, "message": "error"},
    ],
)
@pytest.mark.parametrize("form", list(Form))
def test_an_error_in_any_place_is_an_error_in_every_shape(form: Form, document: dict[str, Any]) -> None:
    _, codes, words = opened(reply(document), form)
    assert (codes, words) == (["28001007"], "no")


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"data":{"error_code":"x"}}', b'{"hello":1}'])
def test_what_is_no_answer_of_the_platform_proves_nothing(body: bytes) -> None:
    for form in Form:
        with pytest.raises(UnclearReplyError):
            opened(Reply(200, body, "", ""), form)


# -- tokens

FRESH = {"access_token": "act.two", "expires_in": 1_296_000, "refresh_token": "rft.one", "open_id": "own"}


def good(data: dict[str, Any]) -> dict[str, Any]:
    return {"data": {"error_code": 0, **data}, "message": "success"}


def videos_and(tokens: Any) -> Any:
    def script(path: str, body: dict[str, Any], n: int) -> Any:
        if path.startswith("/oauth/"):
            return tokens(path, body, n)
        return {"data": {"list": [], "error_code": 0}, "extra": {}}

    return script


def test_the_token_goes_in_a_header_and_the_account_in_the_query(runner: asyncio.Runner) -> None:
    adapter, wire, *_ = account(videos_and(lambda *_: None))
    runner.run(adapter.videos(""))
    assert wire.requests[0].headers["access-token"] == "act.one"
    assert sent(wire.requests[0])["open_id"] == "own"
    assert "act.one" not in str(wire.requests[0].url)


def test_a_code_becomes_a_consent_that_is_kept(runner: asyncio.Runner) -> None:
    told = good({**FRESH, "refresh_expires_in": "2592000", "scope": "user_info"})
    adapter, wire, vault, clock = account(lambda *_: told, has_none=True)
    with pytest.raises(AuthError, match="douyin_not_authorised"):
        runner.run(adapter.ready())
    grant = runner.run(adapter.authorise("c0de"))
    assert vault.saved == [grant]
    assert grant.refresh_until == clock.now_ms() + 30 * DAY_MS
    body = sent(wire.requests[0])
    assert (body["code"], body["grant_type"]) == ("c0de", "authorization_code")


def test_a_renewal_is_counted_before_it_is_asked_for_and_kept_before_it_is_used(
    runner: asyncio.Runner,
) -> None:
    counts: list[int] = []

    def tokens(path: str, body: dict[str, Any], n: int) -> Any:
        assert path == "/oauth/renew_refresh_token/"
        counts.append(vault.saved[-1].renewals)
        return good({"refresh_token": f"rft.{n + 1}", "expires_in": 30 * 86_400})

    adapter, _, vault, clock = account(videos_and(tokens), a_grant(QuickClock(), refresh_days=4))
    runner.run(adapter.videos(""))
    assert counts == [1]
    assert (vault.saved[-1].refresh_token, vault.saved[-1].renewals) == ("rft.2", 1)
    runner.run(adapter.videos(""))
    assert counts == [1]
    assert adapter.grant_life() == GrantLife(
        vault.saved[-1].granted_at, clock.now_ms() + 30 * DAY_MS, 1, 5, True
    )


def test_no_sixth_renewal_is_asked_for(runner: asyncio.Runner) -> None:
    def never(path: str, body: dict[str, Any], n: int) -> Any:
        raise AssertionError(path)

    adapter, *_ = account(videos_and(never), a_grant(QuickClock(), refresh_days=4, renewals=5))
    runner.run(adapter.videos(""))


@pytest.mark.parametrize(
    ("answer", "renewals", "can_renew"), [(10020, 5, True), (10004, 0, False), (10010, 0, True)]
)
def test_a_refused_renewal_leaves_the_consent_as_it_is(
    runner: asyncio.Runner, answer: int, renewals: int, can_renew: bool
) -> None:
    refused = {"data": {"error_code": answer, "description": "x"}, "message": "error"}
    adapter, _, vault, _ = account(videos_and(lambda *_: refused), a_grant(QuickClock(), refresh_days=4))
    runner.run(adapter.videos(""))
    kept = vault.saved[-1]
    assert (kept.refresh_token, kept.renewals, kept.can_renew) == ("rft.one", renewals, can_renew)


def test_a_lost_answer_to_a_renewal_counts(runner: asyncio.Runner) -> None:
    adapter, _, vault, _ = account(
        videos_and(lambda *_: {"data": {}, "message": "success"}), a_grant(QuickClock(), refresh_days=4)
    )
    runner.run(adapter.videos(""))
    assert vault.saved[-1].renewals == 1


def test_a_dying_access_token_is_refreshed_and_may_stay_the_same(runner: asyncio.Runner) -> None:
    def tokens(path: str, body: dict[str, Any], n: int) -> Any:
        assert (path, body["refresh_token"]) == ("/oauth/refresh_token/", "rft.one")
        assert "client_secret" not in body
        return good({**FRESH, "access_token": "act.one", "expires_in": "1296000"})

    adapter, wire, vault, clock = account(videos_and(tokens), a_grant(QuickClock(), access_days=1))
    runner.run(adapter.videos(""))
    assert wire.requests[-1].headers["access-token"] == "act.one"
    assert vault.saved[-1].access_until == clock.now_ms() + 15 * DAY_MS
    assert vault.saved[-1].refresh_until == a_grant(QuickClock()).refresh_until  # not prolonged


def test_a_token_that_died_early_is_refreshed_by_the_first_request_too(runner: asyncio.Runner) -> None:
    """The account's card opens every round: with a token that nobody replaces no round would begin."""
    died = {"data": {"error_code": 2190008, "description": "x"}, "extra": {}}

    def answers(path: str, body: dict[str, Any], n: int) -> Any:
        if path == "/oauth/refresh_token/":
            return good({**FRESH, "access_token": "act.two"})
        return good({"nickname": "小满"}) if body["access_token"] == "act.two" else died

    adapter, wire, vault, _ = account(answers)
    runner.run(adapter.check())
    assert [request.headers.get("access-token") for request in wire.requests] == [
        "act.one",
        None,
        "act.two",
    ]
    assert vault.saved[-1].access_token == "act.two"


def test_an_owner_who_took_the_consent_back_has_to_scan(runner: asyncio.Runner) -> None:
    dead = {"data": {"error_code": 10010, "description": "x"}, "message": "error"}
    died = {"data": {"error_code": 28001008, "description": "x"}, "extra": {}}
    adapter, *_ = account(lambda path, body, n: dead if path.startswith("/oauth/") else died)
    with pytest.raises(AuthError, match="douyin_scan_needed"):
        runner.run(adapter.videos(""))


def test_the_apps_own_token_is_fetched_once(runner: asyncio.Runner) -> None:
    def script(path: str, body: dict[str, Any], n: int) -> Any:
        if path == "/oauth/client_token/":
            return good({"access_token": f"clt.{n}", "expires_in": 7200})
        return {"image_id": "img", "data": {"error_code": 0}, "extra": {}}

    adapter, wire, *_ = account(script)
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 20
    for _ in range(2):
        assert runner.run(adapter.upload_image(png, "a.png", "image/png", MediaUse.MESSAGE)) == "img"
    assert wire.counts["/oauth/client_token/"] == 1
    assert "open_id" not in sent(wire.requests[-1])


@pytest.mark.parametrize(
    ("days", "renewals", "found"),
    [(8, 5, None), (7, 5, Warned.WEEK), (1, 5, Warned.DAY), (0, 5, Warned.OVER),
     (3, 4, None), (-1, 0, Warned.OVER)],
)  # fmt: skip
def test_the_owner_is_told_a_week_and_a_day_before(days: int, renewals: int, found: Warned | None) -> None:
    assert warning(GrantLife(0, days * DAY_MS, renewals, 5), 0) is found


# -- reading


def event(name: str, content: Any, person: str = "fan", **more: Any) -> dict[str, Any]:
    whole = {"event": name, "from_user_id": person, "to_user_id": "own", "content": content}
    told = {"event": name, "open_id": person, "event_time": "1700000000000", "content": json.dumps(whole)}
    return told | more


def test_the_log_is_read_through_both_of_its_wrappings(runner: asyncio.Runner) -> None:
    words = {
        "server_message_id": "@m1", "conversation_short_id": "@c1", "conversation_type": 1,
        "create_time": 1_700_000_001_000, "message_type": "text", "text": "在吗",
        "user_infos": [{"open_id": "fan", "nick_name": "小鱼", "avatar": "u"}],
    }  # fmt: skip
    card = words | {"server_message_id": "@m2", "message_type": "retain_consult_card", "text": "",
                    "card_data": [{"label": "电话", "value": "138"}]}  # fmt: skip
    entries = [
        event("im_receive_msg", words),
        event("im_receive_msg", card),
        event("im_enter_direct_msg", json.dumps(words | {"server_message_id": "@e1"})),
        event("new_follow_action", json.dumps({"action_type": 1, "action_time": 1_700_000_000})),
        event("new_video_digg", json.dumps({"item_id": "@v"})),
        event("something_new", {}),
        {"event": "im_receive_msg", "content": "{broken"},
    ]
    told = {"err_no": 0, "data": {"intention_log_infos": entries, "query_session": "s2", "has_more": True}}
    adapter, wire, *_ = account(lambda *_: told)
    page = runner.run(adapter.intentions(1_699_999_000_000, 1_700_001_000_000, ""))
    assert [(m.kind, m.direction) for m in page.messages] == [
        ("text", Direction.IN), ("retain_consult_card", Direction.IN), ("im_enter_direct_msg", Direction.EVENT),
    ]  # fmt: skip
    assert page.messages[1].text == "电话：138"
    assert [(t.kind, t.person_id) for t in page.touches] == [("follow", "fan"), ("like", "fan")]
    assert page.people["fan"].name == "小鱼"
    assert page.threads[0].thread_id == "@c1"
    assert (page.next_session, page.skipped, page.entries) == ("s2", 2, 7)
    assert sent(wire.requests[0])["start_time"] == "1699999000"


def test_what_the_platform_closed_says_so(runner: asyncio.Runner) -> None:
    gone = {"data": {"error_code": 28001056, "description": "已下线"}, "extra": {}}
    adapter, *_ = account(lambda *_: gone)
    with pytest.raises(RejectedError) as caught:
        runner.run(adapter.counted_groups())
    assert (caught.value.code, caught.value.params["is_permission"]) == ("douyin_closed", True)


def test_a_used_up_day_waits(runner: asyncio.Runner) -> None:
    used = {"data": {"error_code": "28003017", "description": "x"}, "extra": {}}
    adapter, *_ = account(lambda *_: used)
    with pytest.raises(RateLimitedError) as caught:
        runner.run(adapter.videos(""))
    assert (caught.value.retry_after_s or 0) >= 3600


def test_a_short_page_of_join_requests_is_not_the_last(runner: asyncio.Runner) -> None:
    def script(path: str, body: dict[str, Any], n: int) -> Any:
        row = {"apply_id": f"@a{n}", "group_id": "@g", "user_id": "fan", "apply_status": 1,
               "create_time": 1_700_000_000 if n == 1 else 1_700_000_000_000}  # fmt: skip
        rows = [row, row | {"apply_id": "@x", "apply_status": 2}]
        return {**OK, "apply_list": {"list": rows, "cursor": 50 * n, "has_more": n == 1}}

    adapter, *_ = account(script)
    first = runner.run(adapter.join_requests(""))
    second = runner.run(adapter.join_requests(first.next_cursor))
    assert [len(first.items), first.next_cursor, second.next_cursor] == [1, "50", ""]
    assert first.items[0].asked_at == second.items[0].asked_at == 1_700_000_000_000


def test_a_broadcast_shows_what_is_ready(runner: asyncio.Runner) -> None:
    def script(path: str, body: dict[str, Any], n: int) -> Any:
        if "audience" in path:
            return {"err_no": 28001014, "err_msg": "x"}
        if "room_id" in path:
            return {"err_no": 0, "room_ids": ["7301234567890123456"]}
        stats = {
            "base": [("live_start_ts", "1700000000"), ("live_follow_ucnt_td", 3)],
            "inter": [("live_like_cnt_td", 9)],
        }
        part = stats["base"] if "base" in path else stats["inter"]
        return {"err_no": 0, "data": {"stats": [{"name": n, "value": v} for n, v in part]}}

    adapter, *_ = account(script)
    (room_id,) = runner.run(adapter.live_rooms(0, 1))
    room = runner.run(adapter.live_room(room_id))
    assert (room.started_at, dict(room.figures)) == (
        1_700_000_000_000, {"live_follow_ucnt_td": 3.0, "live_like_cnt_td": 9.0},
    )  # fmt: skip


# -- writing

DM = {"thread": "@c", "message": "@m", "scene": "im_reply_msg", "text": "在"}
BODIES: dict[str, tuple[Write, str]] = {
    "dm": (Write(kinds.DIRECT_MESSAGE, DM, ("fan",)), "/im/send/msg/"),
    "group": (Write(kinds.GROUP_MESSAGE, {"group": "@g", "text": "开抢"}, ("@g",)), "/im/send/msg/group/"),
    "notice": (Write(kinds.GROUP_ANNOUNCEMENT, {"group": "@g", "text": "规矩"}), "/im/group/setting/set/"),
    "no welcome": (Write(kinds.GROUP_WELCOME, {"group": "@g", "text": ""}), "/im/group/setting/disable/"),
    "recall": (Write(kinds.MESSAGE_RECALL, {"message": "@m", "thread": "@g"}), "/im/recall/msg/"),
    "create": (
        Write(kinds.GROUP_CREATE, {"name": "群", "text": "说明", "avatar": "u"}),
        "/im/group/fans/create/",
    ),
    "accept": (Write(kinds.JOIN_ACCEPT, {"apply": "@a"}), "/im/group/enter/audit/set/"),
    "reply": (
        Write(kinds.COMMENT_REPLY, {"item": "@v", "comment": "@k", "text": "谢谢"}),
        "/item/comment/reply/",
    ),
    "pin": (Write(kinds.COMMENT_PIN, {"item": "@v", "comment": "@k", "top": True}), "/item/comment/top/"),
    "post": (
        Write(kinds.IMAGE_TEXT, {"text": "新品"}, media_ids=("i",)),
        "/api/douyin/v1/video/create_image_text/",
    ),
}


@pytest.mark.parametrize(
    ("listed", "there", "unknown", "found"),
    [
        (["g1"], [], ["a"], {"a": "g1"}),
        (["g1"], ["g1"], ["a"], {"a": None}),  # it was there before
        (["g1", "g2"], ["g1"], ["a"], {"a": "g2"}),
        (["g1", "g2"], [], ["a"], {"a": None}),
        (["g1"], [], ["a", "b"], {"a": None, "b": None}),
    ],
)
def test_a_group_of_the_name_that_was_there_proves_nothing(
    runner: asyncio.Runner, listed: list[str], there: list[str], unknown: list[str], found: dict[str, Any]
) -> None:
    rows = [{"group_id": one, "group_name": "吃货群"} for one in listed]
    adapter, *_ = account(lambda *_: {**OK, "group_list": rows})
    body = {"name": "吃货群", "text": "说明", "avatar": "u", "there": there}
    asked = [UnknownWrite(uid, Write(kinds.GROUP_CREATE, body), 1, 1) for uid in unknown]
    judged = runner.run(adapter.prove(kinds.GROUP_CREATE, asked, ()))
    told = {uid: one.platform_id if one.verdict is Verdict.FOUND else None for uid, one in judged.items()}
    assert told == found


def test_the_hour_is_heard_before_anything_is_written(runner: asyncio.Runner) -> None:
    """A token from the keyring needs no reply; without one a wrong clock of this computer would not show."""
    adapter, wire, *_ = account(lambda *_: OK)
    runner.run(adapter.ready())
    assert wire.paths() == ["/oauth/userinfo/"]


BOTH = {**OK, "err_no": 0, "success": True, "msg_id": "@s", "group_id": "@g2"}


@pytest.mark.parametrize("name", list(BODIES))
def test_each_write_is_one_request_and_never_repeated(runner: asyncio.Runner, name: str) -> None:
    write, path = BODIES[name]
    adapter, wire, *_ = account(lambda *_: BOTH)
    runner.run(adapter.perform(write, "key"))
    assert wire.paths() == [path]
    for broken in (
        {"err_no": 1, "data": {"error_code": 1}},
        {"err_no": 28001005, "data": {"error_code": 28001005}},
    ):
        adapter, wire, *_ = account(lambda *_, b=broken: b)
        with pytest.raises(UnclearReplyError):
            runner.run(adapter.perform(write, "key"))
        assert wire.paths() == [path]
    died = {"err_no": 28001008, "data": {"error_code": 28001008}}
    adapter, wire, *_ = account(lambda *_: died)
    with pytest.raises(TokenDiedError):
        runner.run(adapter.perform(write, "key"))
    assert wire.paths() == [path]


def test_every_kind_has_its_proof_or_says_that_it_has_none() -> None:
    for kind in kinds.KINDS:
        assert kind.name in writes.PERFORM
        assert (kind.name in writes.PROVE) == (KINDS[kind.name].proof is not Proof.NONE)


def test_what_is_answered_and_which_scene_is_sent(runner: asyncio.Runner) -> None:
    adapter, wire, *_ = account(lambda *_: BOTH)
    receipt = runner.run(adapter.perform(BODIES["dm"][0], "key"))
    body = sent(wire.requests[0])
    assert receipt.platform_id == "@s"
    assert (body["to_user_id"], body["msg_id"], body["conversation_id"]) == ("fan", "@m", "@c")
    assert body["content"] == {"msg_type": 1, "text": {"text": "在"}}
    for wrong in ({"thread": ""}, {"message": ""}, {"text": "长" * 1001}):
        with pytest.raises(InvalidInputError):
            runner.run(
                adapter.perform(
                    Write(kinds.DIRECT_MESSAGE, {**BODIES["dm"][0].body, **wrong}, ("fan",)), "k"
                )
            )
    assert len(wire.requests) == 1


def listed(**row: Any) -> list[Any]:
    """A listing with one row, and one without any."""
    at = {"create_time": 1_700_000_000}
    return [{"data": {"list": rows}, "extra": {}} for rows in ([at | row], [])]


WAITING = {"apply_id": "@a", "create_time": 1_700_000_000}
READ_BACK: dict[str, tuple[list[Any], tuple[Verdict, Verdict]]] = {
    "create": (
        [{**OK, "group_list": [{"group_id": "@g9", "group_name": "群"}]}, {**OK, "group_list": None}],
        (Verdict.FOUND, Verdict.UNPROVABLE),
    ),
    "accept": (
        [{**OK, "apply_list": {"list": []}}, {**OK, "apply_list": {"list": [WAITING]}}],
        (Verdict.FOUND, Verdict.ABSENT),
    ),
    "reply": (
        listed(comment_id="@r", comment_user_id="own", content="谢谢"),
        (Verdict.FOUND, Verdict.UNPROVABLE),
    ),
    "pin": (listed(comment_id="@k", top=True), (Verdict.FOUND, Verdict.ABSENT)),
    "post": (listed(item_id="@p", title="新品"), (Verdict.FOUND, Verdict.UNPROVABLE)),
}


@pytest.mark.parametrize("name", list(READ_BACK))
def test_proof_reads_back_and_never_guesses(runner: asyncio.Runner, name: str) -> None:
    (write, _), (answers, verdicts) = BODIES[name], READ_BACK[name]
    unknown = [UnknownWrite("u", write, 1_700_000_000_000, 1_700_000_001_000)]
    found = []
    for told in answers:
        adapter, *_ = account(lambda *_, t=told: t)
        found.append(runner.run(adapter.prove(write.kind, unknown, ()))["u"].verdict)
    assert tuple(found) == verdicts


def test_the_page_for_the_owner_names_the_app_and_never_its_secret() -> None:
    door = DouyinPlatform()
    secrets = {"client_key": "key", "client_secret": SECRET, "redirect_uri": "http://127.0.0.1:8765/back"}
    url = door.authorise_url("https://open.douyin.com", secrets, "st")
    assert url.startswith(
        "https://open.douyin.com/platform/oauth/connect/?client_key=key&response_type=code"
    )
    assert "state=st" in url
    assert SECRET not in url
    with pytest.raises(InvalidInputError):
        door.authorise_url("https://open.douyin.com", {**secrets, "redirect_uri": "weird"}, "st")
    with pytest.raises(InvalidInputError):
        door.checked_base_url("https://open.douyin.com.example.org")
