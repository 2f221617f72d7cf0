"""The road every call takes: journal, scripted fault, the platform itself, the reply on the wire."""

import asyncio
import zlib
from email.utils import formatdate
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from desktop.sandbox.calls import Answer, Call, Platform
from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.faults import CONTENT_KINDS, Fault, FaultScript
from desktop.sandbox.journal import Entry, Journal
from desktop.sandbox.spoil import spoil
from desktop.sandbox.transport import KEY, Wire

PORTAL = "<!DOCTYPE html><html><head><title>网络认证</title></head><body>请先登录校园网</body></html>"


class PlatformApp:
    """ASGI application of one platform under its prefix."""

    def __init__(
        self, platform: Platform, clock: SandboxClock, faults: FaultScript, journal: Journal
    ) -> None:
        self.platform = platform
        self._clock = clock
        self._faults = faults
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        send = self._dated(send)
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        root = str(scope.get("root_path", ""))
        call = Call(
            platform=self.platform.name,
            method=request.method,
            path=scope["path"].removeprefix(root).lstrip("/"),
            query=dict(request.query_params),
            headers={key.lower(): value for key, value in request.headers.items()},
            body=body,
            client_ip=request.client.host if request.client else "",
        )
        entry = self._journal.begin(self._clock.seconds(), call.platform, call.method, call.path)
        fault = self._faults.pick(call)
        if fault is not None:
            entry.fault = fault.number
        await self._serve(call, entry, fault, scope, receive, send)

    def _dated(self, send: Send) -> Send:
        """Replies bear the sandbox's own time, as a platform's bear theirs."""

        async def with_date(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = formatdate(self._clock.now(), usegmt=True).encode()
                message["headers"] = [*message.get("headers", []), (b"date", date)]
            await send(message)

        return with_date

    async def _serve(
        self, call: Call, entry: Entry, fault: Fault | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if fault is None:
            await _reply(await self._execute(call, entry), scope, receive, send)
        elif fault.kind == "token_death":
            self.platform.kill_tokens()
            await _reply(await self._execute(call, entry), scope, receive, send)
        elif fault.kind in CONTENT_KINDS:
            await _reply(spoil(await self._execute(call, entry), fault), scope, receive, send)
        else:
            done = await self._execute(call, entry) if fault.when == "after" else None
            if fault.kind == "errcode":
                code = int(fault.number_arg("code", -1))
                entry.errcode = code
                refused = self.platform.refuse(call, code, str(fault.args.get("errmsg", "")))
                if refused.doc is not None:
                    refused.doc |= dict(fault.args.get("fields", {}))
                await _reply(refused, scope, receive, send)
                return
            if fault.kind == "delay":
                wire: Wire = scope[KEY]
                if not await wire.sleep(fault.number_arg("seconds", 1.0)):
                    await _reply(done or await self._execute(call, entry), scope, receive, send)
                return
            if done is None and fault.kind in ("half_body", "slow_drip", "wrong_length", "gzip_bomb"):
                done = await self._execute(call, entry)
            await _on_the_wire(fault, done, entry, self._clock.now(), scope, receive, send)

    async def _execute(self, call: Call, entry: Entry) -> Answer:
        answer = await self.platform.answer(call)
        entry.executed, entry.write = answer.executed, answer.write
        if answer.code is not None:
            entry.errcode = answer.code
        elif answer.doc is not None:
            entry.errcode = answer.doc.get("errcode", 0)  # some platforms leave it out of a good answer
        if answer.executed and answer.write:
            self._journal.executed_write(entry, call.body)
        return answer


async def _reply(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"content-type": "application/json; charset=UTF-8"} if answer.doc is not None else {}
    await Response(answer.encode(), answer.status, headers | answer.headers)(scope, receive, send)


async def _on_the_wire(
    fault: Fault,
    done: Answer | None,
    entry: Entry,
    now: int,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    wire: Wire = scope[KEY]
    body = done.encode() if done is not None else b""
    kind = fault.kind
    entry.answered = kind in ("html", "status", "body", "gzip_bomb", "slow_drip")
    if kind in ("reset", "refuse"):
        await wire.reset()
    elif kind == "close":
        await wire.close()
    elif kind == "hang":
        if not await wire.sleep(fault.number_arg("seconds", 3600)):
            await wire.close()
    elif kind == "half_body":
        await wire.write(_head(len(body)) + body[: len(body) // 2])
        await wire.close()
    elif kind == "wrong_length":
        await wire.write(_head(len(body) + 100) + body)
        await wire.close()
    elif kind == "garbage":
        await wire.write(str(fault.args.get("text", "\x16\x03\x01 not http at all\r\n\r\n")).encode())
        await wire.close()
    elif kind == "slow_drip":
        await _drip(wire, body, fault)
    elif kind == "endless_headers":
        await wire.write(b"HTTP/1.1 200 OK\r\n")
        while not await wire.sleep(fault.number_arg("pause", 0.01)):
            await wire.write(b"X-Pad: " + b"a" * 200 + b"\r\n")
    elif kind == "gzip_bomb":
        await _bomb(fault, scope, receive, send)
    else:
        await _other_reply(fault, now, scope, receive, send)


async def _drip(wire: Wire, body: bytes, fault: Fault) -> None:
    await wire.write(_head(len(body)))
    pause = 1.0 / fault.number_arg("bytes_per_second", 1.0)
    for at in range(len(body)):
        if await wire.sleep(pause):
            return
        await wire.write(body[at : at + 1])
    await wire.close()


async def _bomb(fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    megabytes = int(fault.number_arg("megabytes", 500))
    packed = await asyncio.to_thread(_pack, megabytes)
    headers = {"content-encoding": "gzip", "content-type": "application/json"}
    await Response(packed, 200, headers)(scope, receive, send)


def _pack(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b" " * 1_000_000
    return b"".join([packer.compress(block) for _ in range(megabytes)]) + packer.flush()


async def _other_reply(fault: Fault, now: int, scope: Scope, receive: Receive, send: Send) -> None:
    args = fault.args
    headers: dict[str, Any] = dict(args.get("headers", {}))
    if "retry_after_s" in args:
        headers["retry-after"] = str(args["retry_after_s"])
    elif "retry_at_s" in args:
        headers["retry-after"] = formatdate(now + int(args["retry_at_s"]), usegmt=True)
    if fault.kind == "html":
        response = Response(
            str(args.get("body", PORTAL)), int(args.get("status", 200)), headers, "text/html"
        )
    elif fault.kind == "status":
        response = Response(str(args.get("body", "")), int(args.get("status", 502)), headers)
    else:
        response = Response(str(args.get("body", "")), 200, {"content-type": "application/json"} | headers)
    await response(scope, receive, send)


def _head(length: int) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=UTF-8\r\n"
        b"connection: close\r\ncontent-length: %d\r\n\r\n" % length
    )
