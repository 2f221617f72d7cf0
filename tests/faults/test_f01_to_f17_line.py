"""Faults of the line, with real bytes over the loopback: what each proves about a send, and what follows."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from pathlib import Path

import pytest

from desktop.domain.errors import UnclearReplyError
from desktop.platforms.http import MAX_BODY
from tests.faults.desk import LONG_S, Desk
from tests.faults.line import SEND, Line, hangs, reply, resets, says
from tests.unit.outbox.world import World

DATA = Path(__file__).parent / "data"
HTML = reply(b"<!doctype html><title>Welcome, please log in</title>", Content_Type="text/html")


def answer(status: str, body: bytes = b'{"errcode":45009,"errmsg":"api freq"}', **headers: str) -> bytes:
    return reply(body, status, **headers)


async def test_f01_dns_fails(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_name(*_args: object, **_named: object) -> None:
        raise OSError("Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", no_name)
    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", no_name)
    await line.connect(f"http://localhost:{line.port}/wecom")
    assert await line.send() == ["confirmed"]
    assert await line.world.outcomes() == []
    monkeypatch.undo()
    assert await line.later() == ["done"]
    assert line.tasks == 1


async def test_f02_refused(line: Line) -> None:
    await line.world.adapter.ready()
    await line.close()
    await line.connect(f"http://127.0.0.1:{line.port}/wecom")
    assert await line.send() == ["confirmed"]
    await line.open()
    assert await line.later() == ["done"]
    assert line.tasks == 1


def test_f02_refused_between_token_and_send_costs_no_try(desk: Desk) -> None:
    desk.post()
    desk.trouble("refused", "add_msg")
    assert desk.sync().outbox["stopped_by"] == "offline"
    assert (desk.states(), desk.reasons()) == (["queued"], ["offline"])
    assert desk.rows("SELECT outcome, json_extract(detail, '$.free') FROM attempt") == [("N", 1)]
    desk.sync()
    assert (desk.states(), desk.tasks) == (["done"], 1)


@pytest.mark.parametrize("kind", ["expired", "wrong", "self"])
async def test_f03_tls_is_verified(world: World, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(DATA / "ca.pem"))
    line = Line(world)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(DATA / f"{kind}.pem")
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)  # refused handshakes
    await line.open(context)
    try:
        assert await line.send() == ["confirmed"]
        assert (line.asked, line.tasks) == ([], 0)
        context.load_cert_chain(DATA / "good.pem")
        assert await line.later() == ["done"]
        assert line.tasks == 1
    finally:
        await line.close()


async def test_f04_accepts_and_closes_at_once(line: Line) -> None:
    assert await line.outcome(says(b""), executes=False) == "U"


@pytest.mark.parametrize("executes", [True, False])
async def test_f05_reset_after_the_request(line: Line, executes: bool) -> None:
    assert await line.outcome(resets(executes=executes), executes=executes) == "U"


async def test_f06_executes_and_closes_without_a_reply(line: Line) -> None:
    assert await line.outcome(says(lambda _true: b"", executes=True), executes=True) == "U"


@pytest.mark.parametrize("executes", [True, False])
async def test_f07_hangs_past_the_deadline(line: Line, executes: bool) -> None:
    assert await line.outcome(hangs(executes=executes), executes=executes) == "U"


@pytest.mark.parametrize("executes", [True, False])
async def test_f08_half_a_body(line: Line, executes: bool) -> None:
    half = says(lambda true: reply(true)[: -len(true) // 2], executes=executes)
    assert await line.outcome(half, executes=executes) == "U"


async def test_f08_wrong_length(line: Line) -> None:
    longer = says(
        lambda true: reply(true).replace(b"Content-Length: ", b"Content-Length: 9"), executes=True
    )
    assert await line.outcome(longer, executes=True) == "U"


@pytest.mark.parametrize("raw", [b"SSH-2.0-OpenSSH_9.6\r\n", b"\0\xff\r\n\r\n", HTML])
@pytest.mark.parametrize("executes", [True, False])
async def test_f09_garbage_and_portal_pages(line: Line, raw: bytes, executes: bool) -> None:
    assert await line.outcome(says(lambda _true: raw, executes=executes), executes=executes) == "U"


async def test_f10_a_stale_connection_is_never_used_for_a_send(line: Line) -> None:
    await line.send("第一条")
    before = line.connections
    line.does(says(lambda true: reply(true, date=line.date()), executes=True), SEND)  # and closes
    await line.send("第二条")
    await line.send("第三条")
    sends = line.asked.count(SEND)
    assert (sends, line.tasks) == (3, 3)
    assert line.connections >= before + 2
    assert [outcome for outcome, _ in await line.world.outcomes()] == ["D", "D", "D"]


@pytest.mark.parametrize("executes", [True, False])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_f11_server_errors_are_no_evidence(line: Line, status: int, executes: bool) -> None:
    failing = says(lambda true: reply(true, f"{status} No"), executes=executes)
    assert await line.outcome(failing, executes=executes) == "U"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_f12_redirects_are_not_followed(line: Line, status: int) -> None:
    place = f"http://127.0.0.1:{line.port}/wecom/cgi-bin/elsewhere"
    assert await line.outcome(says(reply(b"", f"{status} Moved", Location=place)), executes=False) == "U"
    assert "elsewhere" not in line.asked


@pytest.mark.parametrize("wait", ["7", "Wed, 21 Oct 2099 07:28:00 GMT", "99999999999", "-5", "soon", None])
async def test_f13_too_many_requests_with_the_platforms_word(line: Line, wait: str | None) -> None:
    headers = {"Retry_After": wait} if wait is not None else {}
    line.does(says(answer("429 Too Many Requests", **headers)))
    assert await line.send() == ["queued"]
    assert (await line.world.outcomes())[0][0] == "N"
    ((until,),) = await line.world.query("SELECT next_attempt_at FROM outbox")
    assert 1_000 <= until - line.world.clock.now_ms() <= 3_600_000
    assert await line.later() == ["done"]
    assert line.tasks == 1


async def test_f13_too_many_requests_by_somebody_else_proves_nothing(line: Line) -> None:
    strange = says(answer("429 Too Many Requests", b"<html>WAF</html>"))
    assert await line.outcome(strange, executes=False) == "U"


async def test_f14_a_gzip_bomb_is_cut_off(line: Line) -> None:
    bomb = gzip.compress(b" " * (40 * MAX_BODY), 9)
    huge = says(lambda _true: reply(bomb, Content_Encoding="gzip"), executes=True)
    assert await line.outcome(huge, executes=True) == "U"
    reasons = await line.world.query("SELECT code FROM attempt")
    assert reasons == [("reply_too_large",)]


@pytest.mark.parametrize("part", [b"x", b"X-Endless: 1\r\n"])
async def test_f15_a_slow_drip_meets_the_deadline(line: Line, part: bytes) -> None:
    async def drips(writer: asyncio.StreamWriter, execute: object) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 999999\r\n\r\n" if part == b"x" else b""))
        while True:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.02)

    assert await line.outcome(drips, executes=False) == "U"


@pytest.mark.parametrize("moment", range(1, 9))
def test_f16_the_network_drops_at_each_request_of_a_batch(desk: Desk, moment: int) -> None:
    for _ in range(3):
        desk.post()
    asked = 0
    drop = desk.life.wires["wecom"]._trouble

    def dropping(path: str) -> object:
        nonlocal asked
        asked += 1
        if asked >= moment:
            desk.trouble("reset", path, executes=asked % 2 == 0)
        return drop(path)

    desk.life.wires["wecom"]._trouble = dropping  # type: ignore[method-assign,assignment]
    desk.sync()
    desk.life.wires["wecom"]._trouble = drop  # type: ignore[method-assign]
    desk.life.wires["wecom"].troubles.clear()
    for _ in range(6):
        desk.wait(LONG_S)
        desk.sync()
    assert (desk.states(), desk.tasks) == (["done"] * 3, 3)


async def test_f17_proxies_of_the_environment_are_ignored(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    await line.connect(f"http://127.0.0.1:{line.port}/wecom")
    assert await line.send() == ["done"]
    assert line.tasks == 1


async def test_f15_a_read_that_drips_ends_too(line: Line) -> None:
    line.does(hangs(executes=False), "externalcontact/get_follow_user_list")
    await line.connect(f"http://127.0.0.1:{line.port}/wecom")
    line.world.adapter._client._api._deadlines[False] = 0.2  # type: ignore[attr-defined]
    with pytest.raises(UnclearReplyError) as caught:
        await line.world.adapter.staff()  # type: ignore[attr-defined]
    assert caught.value.code == "reply_timeout"
