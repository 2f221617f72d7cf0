"""What each kind of failure proves about a request, as the outbox will read it."""

import asyncio
import logging
import socket
from typing import Any

import httpx
import pytest

from desktop.domain.errors import (
    AuthError,
    InvalidInputError,
    OfflineError,
    RateLimitedError,
    RejectedError,
    UnclearReplyError,
)
from desktop.domain.write_kinds.wecom import MASS_SEND_CUSTOMERS, MASS_SEND_GROUPS
from desktop.domain.writes import Picture, Write
from desktop.platforms import strict_json
from desktop.platforms.http import ApiClient, checked_base_url
from desktop.platforms.wecom.adapter import HOSTS
from tests.unit.platforms.wire import (
    SECRET,
    TOKEN,
    Body,
    Platform,
    QuickClock,
    adapter_over,
    answer,
    perform,
)

KEY = "0" * 32
SEND = Write(MASS_SEND_CUSTOMERS, {"text": "你好", "sender": "ann"}, ("wm1", "wm2"))


def customers(text: str, targets: tuple[str, ...], sender: str = "", **more: Any) -> Write:
    return Write(MASS_SEND_CUSTOMERS, {"text": text, "sender": sender}, targets, **more)


def failure(reply, **deadlines) -> Exception:
    """The error one write ends with when the platform behaves like this."""

    def script(path, request, n):
        if isinstance(reply, Exception):
            raise reply
        return reply() if callable(reply) else reply

    platform = Platform(script)
    with pytest.raises(Exception) as caught:  # noqa: PT011
        perform(adapter_over(platform, **deadlines), lambda adapter: adapter.perform(SEND, KEY))
    assert len(platform.requests) == 1, "a write is never repeated"
    return caught.value


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.PoolTimeout("full"),
        httpx.UnsupportedProtocol("no"),
    ],
)
def test_what_never_left_is_offline(error: Exception) -> None:
    assert type(failure(error)) is OfflineError


@pytest.mark.parametrize(
    "reply",
    [
        httpx.WriteError("reset"),
        httpx.ReadError("reset"),
        httpx.WriteTimeout("slow"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("garbage"),
        httpx.LocalProtocolError("half"),
        httpx.ProxyError("proxy"),
        ConnectionResetError("raw"),
        lambda: answer({"errcode": 0}, status=302),
        lambda: answer({"errcode": 0, "msgid": "msg1"}, status=500),
        lambda: answer({"errcode": 40096}, status=503),
        lambda: answer(b"", status=404),
        lambda: answer({"errcode": 99999}, status=403),
        lambda: answer(b"<html>login</html>"),
        lambda: answer(b""),
        lambda: answer(b'{"errcode":0,"msgid":"m'),
        lambda: answer(b'{"errcode":0,"errcode":1,"msgid":"m"}'),
        lambda: answer(b'{"errcode":NaN,"msgid":"m"}'),
        lambda: answer(b"\xff\xfe{}"),
        lambda: answer(b"[" * 5000 + b"]" * 5000),
        lambda: answer(b"[]"),
        lambda: answer(b"{}"),
        lambda: answer({"errcode": "zero", "msgid": "m"}),
        lambda: answer({"errcode": 0, "errmsg": "ok"}),
        lambda: answer({"errcode": 0, "errmsg": "Warning: wrong json format. ok", "msgid": "m"}),
        lambda: answer({"errcode": -1, "errmsg": "busy"}),
        lambda: answer({"errcode": 123456, "errmsg": "nobody listed this"}),
        lambda: httpx.Response(200, stream=Body(b'{"errcode":', error=httpx.ReadError("cut"))),
        lambda: httpx.Response(200, stream=Body(b"x", b"x"), headers={"Content-Encoding": "br"}),
        lambda: httpx.Response(200, stream=Body(b"not gzip"), headers={"Content-Encoding": "gzip"}),
    ],
)
def test_what_may_have_been_executed_is_unclear(reply) -> None:
    assert type(failure(reply)) is UnclearReplyError


def test_a_reply_that_never_comes_is_unclear() -> None:
    async def hang(request: httpx.Request) -> httpx.Response:
        if "gettoken" in request.url.path:
            return answer({"access_token": "t", "expires_in": 7200})
        await asyncio.sleep(30)
        raise AssertionError

    adapter = adapter_over(hang, write_deadline_s=0.05)
    with pytest.raises(UnclearReplyError) as caught:
        perform(adapter, lambda line: line.perform(SEND, KEY))
    assert caught.value.code == "reply_timeout"


@pytest.mark.parametrize(
    ("code", "kind", "text"),
    [
        (40001, AuthError, "wecom_secret_wrong"),
        (60020, AuthError, "wecom_ip_not_trusted"),
        (48002, RejectedError, "wecom_no_permission"),
        (60011, RejectedError, "wecom_out_of_range"),
        (41048, RejectedError, "wecom_nobody_reachable"),
        (40007, RejectedError, "wecom_media_expired"),
        (45009, RateLimitedError, "wecom_rate"),
        (45033, RateLimitedError, "wecom_rate"),
    ],
)
def test_a_code_checked_before_execution_is_proof_of_nothing_done(code: int, kind: type, text: str) -> None:
    message = "no, hint: [1_2_3], from ip: 203.0.113.7, more info at https://open.work.weixin.qq.com"
    error = failure(lambda: answer({"errcode": code, "errmsg": message}))
    assert type(error) is kind
    assert error.code == text
    assert error.params["platform_code"] == code
    if code == 60020:
        assert error.params["ip"] == "203.0.113.7"
    if kind is RateLimitedError:
        assert error.retry_after_s > 0


def test_a_known_code_counts_in_a_429_too() -> None:
    error = failure(lambda: answer({"errcode": 45009, "errmsg": "api freq out of limit"}, status=429))
    assert type(error) is RateLimitedError


def test_done_needs_the_id_and_keeps_who_was_refused() -> None:
    platform = Platform(
        lambda path, request, n: answer(
            {"errcode": "0", "errmsg": "ok", "msgid": " msg1 ", "fail_list": ["wm2"], "new_field": 1},
            packed=True,
        )
    )
    send = customers("看", ("wm1", "wm2"), "ann", pictures=(Picture("00"),), media_ids=("media-1",))
    receipt = perform(adapter_over(platform), lambda adapter: adapter.perform(send, KEY))
    assert (receipt.platform_id, receipt.refused) == ("msg1", ("wm2",))
    (request,) = platform.requests
    assert request.url.params["access_token"] == TOKEN + "1"
    assert "authorization" not in request.headers
    assert request.content.decode() == (
        '{"chat_type":"single","external_userid":["wm1","wm2"],"sender":"ann","text":{"content":"看"},'
        '"attachments":[{"msgtype":"image","image":{"media_id":"media-1"}}]}'
    )


@pytest.mark.parametrize(
    "send",
    [
        customers("x", ()),
        Write(MASS_SEND_GROUPS, {"text": "x", "sender": ""}, ("wr1",)),
        customers("", ("wm1",)),
        customers("x", ("wm1",), pictures=(Picture("00"),)),
        customers("字" * 1334, ("wm1",)),
        customers("x", tuple(map(str, range(10_001)))),
    ],
)
def test_a_request_that_would_be_misread_never_leaves(send: Write) -> None:
    platform = Platform(lambda *_: answer({}))
    with pytest.raises(InvalidInputError):
        perform(adapter_over(platform), lambda adapter: adapter.perform(send, KEY))
    assert platform.requests == []


@pytest.mark.parametrize("unpacked_mb", [11, 200])
def test_ten_megabytes_decoded_is_the_bound(unpacked_mb: int) -> None:
    error = failure(lambda: answer(b" " * (unpacked_mb * 1024 * 1024), packed=True))
    assert error.code == "reply_too_large"


def test_every_write_has_its_own_connection_and_reads_share_one() -> None:
    seen = []

    async def serve(reader, writer) -> None:
        seen.append(writer)
        while head := await _head(reader):
            if b"POST /wecom/cgi-bin/externalcontact/add_msg_template" in head:
                body = b'{"errcode":0,"msgid":"m"}'
            elif b"gettoken" in head:
                body = b'{"access_token":"t","expires_in":7200}'
            else:
                body = b'{"errcode":0,"follow_user":["ann"]}'
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            await writer.drain()
        writer.close()

    async def _head(reader) -> bytes:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return b""
        length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if length:
            await reader.readexactly(int(length[0].split(b":")[1]))
        return head

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        from desktop.platforms.wecom.adapter import WeComPlatform

        secrets = {"corpid": "ww1", "corpsecret": SECRET}
        adapter = WeComPlatform().connect(f"http://127.0.0.1:{port}/wecom", secrets, QuickClock())
        try:
            for _ in range(3):
                assert [row.external_id for row in await adapter.staff()] == ["ann"]
            assert len(seen) == 1
            await adapter.perform(SEND, KEY)
            await adapter.perform(SEND, KEY)
            assert len(seen) == 3
        finally:
            await adapter.aclose()
            server.close()
            await server.wait_closed()
            for writer in seen:
                writer.close()
                await writer.wait_closed()

    asyncio.run(run())


def test_a_closed_port_is_offline() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def run() -> None:
        async with ApiClient(f"http://127.0.0.1:{port}", HOSTS) as api:
            await api.exchange("POST", "/x", writes=True, query={"access_token": "t"}, json_body=b"{}")

    with pytest.raises(OfflineError):
        asyncio.run(run())


@pytest.mark.parametrize(
    "url",
    [
        "http://qyapi.weixin.qq.com",
        "https://qyapi.weixin.qq.com.evil.cn",
        "https://evil.cn/qyapi.weixin.qq.com",
        "https://user:pass@qyapi.weixin.qq.com",
        "https://qyapi.weixin.qq.com:8443",
        "https://qyapi.weixin.qq.com?x=1",
        "ftp://127.0.0.1/",
        "http://192.168.1.5/wecom",
        "http://127.0.0.1:notaport/",
        "",
    ],
)
def test_credentials_travel_only_to_the_platform_or_the_loopback(url: str) -> None:
    with pytest.raises(InvalidInputError):
        checked_base_url(url, HOSTS)


def test_allowed_addresses_are_tidied() -> None:
    assert checked_base_url("https://qyapi.weixin.qq.com/", HOSTS) == "https://qyapi.weixin.qq.com"
    assert checked_base_url(" http://127.0.0.1:8080/wecom/ ", HOSTS) == "http://127.0.0.1:8080/wecom"


def test_no_token_and_no_secret_in_logs_or_errors(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = f"bad {TOKEN}1 with {SECRET}"
    error = failure(lambda: answer({"errcode": 41048, "errmsg": said}))
    lost = failure(httpx.ReadError(said))
    for text in (caplog.text, str(error), repr(error.params), repr(lost), str(lost.__cause__)):
        assert "canary" not in text


def test_text_from_outside_can_always_be_kept() -> None:
    value = strict_json.parse(b'{"name": " \\ud83d half \\u0000 ", "id": 7301234567890123456}')
    assert strict_json.text(value["name"]) == "? half"
    assert strict_json.text(value["id"]) == "7301234567890123456"
    assert strict_json.text(True) == ""
    assert strict_json.whole(" 12 ") == 12
    assert strict_json.whole("1-2") is None
    with pytest.raises(strict_json.DoubtfulJsonError):
        strict_json.parse(b"[" * 65 + b"]" * 65)
    assert strict_json.parse(b"[" * 60 + b"]" * 60)
