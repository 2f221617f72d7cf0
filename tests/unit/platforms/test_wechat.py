"""The official account's adapter over a scripted platform: tokens, evidence, what leaves and what is proven."""

import asyncio
import json

import httpx
import pytest

from desktop.domain.articles import Article, article_of, html_of, problems
from desktop.domain.errors import (
    AuthError,
    InvalidInputError,
    PlatformError,
    RateLimitedError,
    RejectedError,
    TokenDiedError,
    UnclearReplyError,
)
from desktop.domain.proof import UnknownWrite, Verdict
from desktop.domain.write_kinds import wechat as kinds
from desktop.domain.write_kinds.kind import MediaUse, Proof
from desktop.domain.writes import KINDS, Picture, Write, from_payload
from desktop.platforms.code_table import ip_in
from desktop.platforms.http import ApiClient
from desktop.platforms.wechat import client, writes
from desktop.platforms.wechat.adapter import HOSTS, WeChatAdapter
from desktop.platforms.wechat.client import WeChatClient
from tests.unit.platforms.wire import QuickClock, answer, perform

SECRET, TOKEN = "canary-secret-7f", "canary-token-"
NOW = 1_800_000_000_000
SEND = Write(kinds.MASS_SEND, {"draft": "d1", "to_all": True, "tag": "", "title": "t", "digest": ""})
KEY = "0" * 32


class Platform:
    """Gives a stable token (a new one after `dies` calls) and answers other paths by the script."""

    def __init__(self, script) -> None:
        self.script = script
        self.requests: list[httpx.Request] = []
        self.tokens = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        path = request.url.path.removeprefix("/wechat/")
        if path == "cgi-bin/stable_token":
            asked = json.loads(request.content)
            assert "force_refresh" not in asked
            assert asked["secret"] == SECRET
            self.tokens += 1
            return answer({"access_token": f"{TOKEN}{self.tokens}", "expires_in": 7200})
        self.requests.append(request)
        return self.script(path, request, len(self.requests))


def adapter_over(handler, clock=None) -> WeChatAdapter:
    api = ApiClient("http://127.0.0.1:9/wechat", HOSTS, transport=httpx.MockTransport(handler))
    return WeChatAdapter(WeChatClient(api, "wx1", SECRET, clock or QuickClock(), spread=lambda: 0.5))


def body_of(request: httpx.Request) -> dict:
    return json.loads(request.content)


def done(script, work):
    platform = Platform(script)
    return perform(adapter_over(platform), work), platform


def refused(code: int, message: str = "no", **more):
    return lambda *_: answer({"errcode": code, "errmsg": message, **more})


# -- the token, and evidence


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_many_callers_with_a_dead_token_fetch_one_new_one(code: int) -> None:
    def script(path, request, n):
        if request.url.params["access_token"] == TOKEN + "1":
            return answer({"errcode": code, "errmsg": "invalid credential"})
        return answer({"total": 7, "count": 0, "next_openid": ""})

    async def work(adapter):
        return await asyncio.gather(*(adapter.check() for _ in range(5)))

    found, platform = done(script, work)
    assert found == [7] * 5
    assert platform.tokens == 2


def test_a_write_with_a_dead_token_is_not_repeated_by_itself() -> None:
    with pytest.raises(TokenDiedError):
        done(refused(42001), lambda adapter: adapter.perform(SEND, KEY))


@pytest.mark.parametrize(
    ("code", "text"),
    [(40001, "wechat_secret_wrong"), (40125, "wechat_secret_wrong"), (40013, "wechat_appid_wrong")],
)
def test_a_refused_sign_in_is_told_and_not_tried_again(code: int, text: str) -> None:
    calls = []

    async def platform(request):
        calls.append(request)
        return answer({"errcode": code, "errmsg": f"bad {SECRET}"})

    async def work(adapter):
        for _ in range(2):
            with pytest.raises(AuthError) as caught:
                await adapter.check()
        return caught.value

    error = perform(adapter_over(platform), work)
    assert error.code == text
    assert SECRET not in str(error.params)
    assert len(calls) == 1


def test_the_public_address_is_read_from_the_refusal() -> None:
    message = "invalid ip 8.149.1.22 ipv6 ::ffff:8.149.1.22, not in whitelist rid: 64f-1"
    with pytest.raises(AuthError) as caught:
        done(refused(40164, message), lambda adapter: adapter.check())
    assert (caught.value.code, caught.value.params["ip"]) == ("wechat_ip_not_listed", "8.149.1.22")
    assert ip_in("no address here 999.1.1.1", client.PUBLIC_IP) == ""


@pytest.mark.parametrize(
    ("code", "kind", "permission"),
    [
        (-1, UnclearReplyError, None),
        (45009, RateLimitedError, None),
        (45011, RateLimitedError, None),
        (45066, UnclearReplyError, None),
        (45028, RejectedError, False),
        (48001, RejectedError, True),
        (123456, UnclearReplyError, None),
    ],
)
def test_what_each_code_proves_about_a_mass_send(code: int, kind: type, permission: bool | None) -> None:
    with pytest.raises(PlatformError) as caught:
        done(refused(code), lambda adapter: adapter.perform(SEND, KEY))
    assert type(caught.value) is kind
    if permission is not None:
        assert caught.value.params["is_permission"] is permission


def test_a_daily_quota_comes_back_at_midnight_in_china() -> None:
    with pytest.raises(RateLimitedError) as caught:
        done(refused(45009), lambda adapter: adapter.perform(SEND, KEY))
    midnight = (NOW // 1000 + 8 * 3600) // 86400 * 86400 + 86400 - 8 * 3600
    assert caught.value.retry_after_s == pytest.approx(midnight - NOW / 1000, abs=5)


@pytest.mark.parametrize("raw", [b"", b"<html>502</html>", b"{}", b"[]"])
def test_a_reply_that_is_no_answer_proves_nothing(raw: bytes) -> None:
    with pytest.raises(UnclearReplyError):
        done(lambda *_: answer(raw), lambda adapter: adapter.perform(SEND, KEY))


def test_control_characters_in_texts_are_read() -> None:
    item = b'{"media_id":"m","update_time":9,"content":{"news_item":[{"title":"a\x0bb\n"}]}}'
    raw = b'{"total_count":1,"item_count":1,"item":[' + item + b"]}"
    page, _ = done(lambda *_: answer(raw), lambda adapter: adapter.drafts(""))
    assert page.items[0].title == "a b"


def test_every_listed_code_becomes_an_error() -> None:
    for table in (client.WeChatClient.codes, client.WeChatClient.codes_of_token):
        for code in table.rules:
            assert isinstance(table.error_of([int(code)], "", writes=True), PlatformError)


# -- what leaves


def test_every_kind_is_made_and_has_the_proof_it_names() -> None:
    mine = {name for name in KINDS if name.startswith("wechat.")}
    assert mine == set(writes.PERFORM)
    assert {name for name in mine if KINDS[name].proof is not Proof.NONE} == set(writes.PROVE)


def test_a_draft_is_clean_html_with_uploaded_pictures() -> None:
    article = Article("标题", parts=(("text", "<b>&\n二"), ("picture", 1)), comments=True)
    pictures = (Picture("c" * 64, kind="cover"), Picture("a" * 64))
    write = Write(kinds.DRAFT_ADD, article.as_body(), pictures=pictures)
    assert article_of(from_payload(write.canonical()).body) == article
    ready = Write(write.kind, write.body, (), pictures, ("cover-id", 'http://p/1?a=1&b="'))
    receipt, platform = done(lambda *_: answer({"media_id": "d9"}), lambda one: one.perform(ready, KEY))
    assert receipt.platform_id == "d9"
    (sent,) = body_of(platform.requests[0])["articles"]
    assert sent["thumb_media_id"] == "cover-id"
    assert sent["content"].count("<p ") == 3
    assert "&lt;b&gt;&amp;" in sent["content"]
    assert 'src="http://p/1?a=1&amp;b=&quot;"' in sent["content"]
    assert sent["need_open_comment"] == 1
    assert "标题".encode() in platform.requests[0].content  # raw UTF-8, no escapes


def test_an_article_without_a_cover_does_not_leave() -> None:
    write = Write(kinds.DRAFT_ADD, Article("t", parts=(("text", "x"),)).as_body())
    with pytest.raises(InvalidInputError):
        done(lambda *_: answer({}), lambda adapter: adapter.perform(write, KEY))


def test_what_is_too_long_is_found_before() -> None:
    long = Article("字" * 33, "摘" * 129, "者" * 17, "h" * 1025, (("text", "文" * 20_000),))
    assert problems(long) == [
        "article_title",
        "article_author",
        "article_digest",
        "article_content",
        "article_url",
    ]
    assert problems(Article("t", parts=(("text", "x"),))) == []
    assert problems(Article(" ")) == ["article_no_title", "article_empty"]
    with pytest.raises(IndexError):
        html_of((("picture", 2),), ("u",))


def test_a_cover_that_is_there_is_not_handed_over_again() -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(20)
    names: list[str] = []

    def script(path, request, n):
        if path.endswith("batchget_material"):
            return answer({"item": [{"media_id": "old", "name": name} for name in names]})
        names.append(request.content.split(b'filename="')[1].split(b'"')[0].decode())
        return answer({"media_id": "new", "url": "u"})

    async def work(adapter):
        return [await adapter.upload_image(picture, "x.png", "image/png", MediaUse.COVER) for _ in range(2)]

    found, _ = done(script, work)
    assert found == ["new", "old"]
    assert len(names) == 1


@pytest.mark.parametrize("size", [1024 * 1024 + 1])
def test_a_picture_inside_a_text_has_one_megabyte(size: int) -> None:
    big = b"\xff\xd8\xff" + bytes(size)
    with pytest.raises(InvalidInputError):
        done(
            lambda *_: answer({}),
            lambda adapter: adapter.upload_image(big, "x", "image/jpeg", MediaUse.ARTICLE),
        )


# -- mass sends


def test_a_mass_send_carries_its_key_and_a_second_one_is_answered_with_the_first() -> None:
    receipt, platform = done(
        refused(45065, "clientmsgid exist", msg_id=3147494522), lambda one: one.perform(SEND, KEY, is_repeat=True)
    )  # fmt: skip
    assert receipt.platform_id == "3147494522"
    sent = body_of(platform.requests[0])
    assert sent["clientmsgid"] == KEY
    assert sent["filter"] == {"is_to_all": True}
    assert sent["mpnews"] == {"media_id": "d1"}


@pytest.mark.parametrize("code", [45028, 40007, 48001])
def test_a_refused_repeat_proves_nothing(code: int) -> None:
    with pytest.raises(UnclearReplyError):
        done(refused(code), lambda adapter: adapter.perform(SEND, KEY, is_repeat=True))


@pytest.mark.parametrize(("to_all", "tag"), [(True, "2"), (False, ""), (False, "two")])
def test_an_audience_that_would_be_misunderstood_does_not_leave(to_all: bool, tag: str) -> None:
    write = Write(kinds.MASS_SEND, {**SEND.body, "to_all": to_all, "tag": tag})
    with pytest.raises(InvalidInputError):
        done(lambda *_: answer({"msg_id": 1}), lambda adapter: adapter.perform(write, KEY))


HOUR = 3_600_000


@pytest.mark.parametrize(
    ("first_ago", "ended_ago", "doubts", "verdict"),
    [
        (30_000, 30_000, 1, Verdict.TOO_EARLY),
        (66_000, 66_000, 1, Verdict.REPEATABLE),
        (22 * HOUR, 66_000, 3, Verdict.REPEATABLE),
        (22 * HOUR, 66_000, 4, Verdict.UNPROVABLE),
        (23 * HOUR + 1, 66_000, 2, Verdict.UNPROVABLE),
    ],
)
def test_a_repeat_waits_a_minute_and_ends_with_the_day(
    first_ago: int, ended_ago: int, doubts: int, verdict: Verdict
) -> None:
    one = UnknownWrite("u", SEND, NOW - ended_ago, NOW - ended_ago, doubts, doubts, NOW - first_ago)
    judged, platform = done(refused(1), lambda adapter: adapter.prove(kinds.MASS_SEND, [one], ()))
    assert judged["u"].verdict is verdict
    assert platform.requests == []


# -- publishing


@pytest.mark.parametrize(
    ("still_there", "listed", "ended_ago", "verdict"),
    [
        (False, True, 60_000, Verdict.FOUND),
        (True, True, 60_000, Verdict.TOO_EARLY),
        (False, False, 60_000, Verdict.TOO_EARLY),
        (True, False, HOUR, Verdict.UNPROVABLE),
        (False, False, HOUR, Verdict.UNPROVABLE),
    ],
)
def test_a_publication_is_never_repeated_by_itself(
    still_there: bool, listed: bool, ended_ago: int, verdict: Verdict
) -> None:
    def script(path, request, n):
        if path.endswith("draft/get"):
            return answer({"news_item": []} if still_there else {"errcode": 40007, "errmsg": "gone"})
        item = {"article_id": "a1", "update_time": NOW // 1000, "content": {"news_item": [{"title": "t"}]}}
        return answer({"total_count": 1, "item": [item] if listed else []})

    write = Write(kinds.PUBLISH, {"draft": "", "title": "t", "digest": ""}, prior_id="d1")
    at = NOW - ended_ago
    one = UnknownWrite("u", write, at, at, 1, 1, at)
    judged, platform = done(script, lambda adapter: adapter.prove(kinds.PUBLISH, [one], ()))
    assert judged["u"].verdict is verdict
    assert body_of(platform.requests[-1])["media_id"] == "d1"


def test_one_article_does_not_prove_two_publications_of_its_title() -> None:
    def script(path, request, n):
        if path.endswith("draft/get"):
            return answer({"errcode": 40007, "errmsg": "gone"})
        item = {"article_id": "a1", "update_time": NOW // 1000, "content": {"news_item": [{"title": "t"}]}}
        return answer({"total_count": 1, "item": [item]})

    at = NOW - HOUR
    asked = [
        UnknownWrite(uid, Write(kinds.PUBLISH, {"draft": uid, "title": "t", "digest": ""}), at, at)
        for uid in ("a", "b")
    ]
    judged, _ = done(script, lambda adapter: adapter.prove(kinds.PUBLISH, asked, ()))
    assert {one.verdict for one in judged.values()} == {Verdict.UNPROVABLE}


@pytest.mark.parametrize(
    ("drafts", "unknown", "found"),
    [
        (["d1"], ["a"], {"a": "d1"}),
        (["d1", "d2"], ["a"], {"a": None}),  # one may be a person's, made in the console
        (["d1"], ["a", "b"], {"a": None, "b": None}),  # else the texts of two could change places
        (["d1", "taken"], ["a"], {"a": "d1"}),
        ([], ["a"], {"a": None}),
    ],
)
def test_drafts_that_begin_alike_are_not_taken_for_one_another(drafts, unknown, found) -> None:
    article = Article("到货", digest="三款", parts=(("text", "x"),))
    write = Write(kinds.DRAFT_ADD, article.as_body())
    row = {"content": {"news_item": [{"title": "到货", "digest": "三款"}]}, "update_time": NOW // 1000}
    rows = [{"media_id": one, **row} for one in drafts]
    script = lambda *_: answer({"total_count": len(rows), "item": rows})  # noqa: E731
    asked = [UnknownWrite(uid, write, NOW, NOW) for uid in unknown]
    judged, _ = done(script, lambda adapter: adapter.prove(kinds.DRAFT_ADD, asked, ("taken",)))
    told = {uid: one.platform_id if one.verdict is Verdict.FOUND else None for uid, one in judged.items()}
    assert told == found


@pytest.mark.parametrize("shape", ["object", "list"])
def test_a_comments_answer_may_be_an_object_or_a_list(shape: str) -> None:
    told = {"content": "谢谢", "create_time": 99}
    entry = {"user_comment_id": 5, "openid": "o1", "create_time": 98, "content": "好", "comment_type": 1}
    entry["reply"] = told if shape == "object" else [told]
    page, platform = done(
        lambda *_: answer({"errcode": 0, "total": 1, "comment": [entry]}),
        lambda adapter: adapter.comments("2455891298", 2, ""),
    )
    (one,) = page.items
    assert (one.external_id, one.is_elected, one.reply, one.replied_at) == ("5", True, "谢谢", 99_000)
    sent = body_of(platform.requests[0])
    assert (sent["msg_data_id"], sent["index"], sent["count"]) == (2455891298, 1, 49)
