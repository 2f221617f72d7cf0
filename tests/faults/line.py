"""A platform on the loopback that can misbehave byte by byte, and a shop that talks to it for real."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from desktop.platforms.http import ApiClient
from desktop.platforms.wecom.adapter import HOSTS, WeComAdapter
from desktop.platforms.wecom.client import WeComClient
from tests.fakes import FakeClock
from tests.simulator.wecom import CORP_ID, SECRET, WeCom
from tests.unit.outbox.world import World

SEND = "externalcontact/add_msg_template"
TASKS = "externalcontact/get_groupmsg_list_v2"
PREFIX = "/wecom/cgi-bin/"
LONG_S = 1_000  # longer than a listing may lag

Misdeed = Callable[[asyncio.StreamWriter, Callable[[], bytes]], Awaitable[None]]


class ClockLine:
    """The platform lives by the test's clock, give or take `ahead_ms`."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.ahead_ms = 0

    def true_ms(self) -> int:
        return self._clock.now_ms() + self.ahead_ms


class Line:
    """The server, the platform behind it, and the shop in front of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hours = ClockLine(world.clock)
        self.platform = WeCom(self.hours, 1)  # type: ignore[arg-type]
        for n in (1, 2, 3):
            self.platform.corp.follows.setdefault(
                ("ann", f"wm{n}"), next(iter(self.platform.corp.follows.values()))
            )
        self.misdeeds: dict[str, list[Misdeed]] = {}
        self.asked: list[str] = []
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[Any]] = set()
        self._adapters: list[WeComAdapter] = []

    async def open(self, context: ssl.SSLContext | None = None) -> None:
        """Listen, and connect the shop; a `context` makes it TLS."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        scheme = "https" if context else "http"
        await self.connect(f"{scheme}://127.0.0.1:{self.port}/wecom")
        await self.world.sql("UPDATE account SET external_id = ?", CORP_ID)
        await self.world.sql("UPDATE identity SET scope = ?", CORP_ID)

    async def connect(self, base_url: str, write_deadline_s: float = 0.4) -> None:
        """Let the shop talk to this address from now on."""
        api = ApiClient(base_url, HOSTS, read_deadline_s=5.0, write_deadline_s=write_deadline_s)
        client = WeComClient(api, CORP_ID, SECRET, self.world.clock, spread=lambda: 0.5)
        self._adapters.append(WeComAdapter(client))
        self.world.adapter = self._adapters[-1]  # type: ignore[assignment]

    async def close(self) -> None:
        """Stop listening and close what is open."""
        for adapter in self._adapters:
            await adapter.aclose()
        for task in list(self._serving):
            task.cancel()
        await asyncio.gather(*list(self._serving), return_exceptions=True)
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def does(self, misdeed: Misdeed, path: str = SEND, times: int = 1) -> None:
        """What happens to the next requests of a path."""
        self.misdeeds.setdefault(path, []).extend([misdeed] * times)

    async def send(self, text: str = "今晚到货") -> list[str]:
        """Confirm a post and push once; the states of all items."""
        await self.world.post(text)
        await self.world.push()
        return await self.world.states()

    async def later(self) -> list[str]:
        """Long enough after, push until nothing changes; the states of all items."""
        for _ in range(3):
            self.world.clock.advance(LONG_S)
            await self.world.push()
        return await self.world.states()

    @property
    def tasks(self) -> int:
        """How many tasks the platform made."""
        return len(self.platform.corp.tasks)

    async def outcome(self, misdeed: Misdeed, *, executes: bool) -> str:
        """Send into a misdeed; the first outcome. Checks that in the end exactly one task was made."""
        self.does(misdeed)
        states = await self.send()
        outcome = (await self.world.outcomes())[0][0]
        assert self.tasks == int(executes)
        if outcome == "U":
            assert states == ["unknown"]
        assert await self.later() == ["done"]
        assert self.tasks == 1
        assert len(await self.world.outcomes()) == (1 if executes else 2)
        return str(outcome)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            while head := await self._head(reader):
                await self._answer(reader, writer, head)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, TimeoutError):
            pass
        finally:
            self._serving.discard(task)
            writer.close()

    @staticmethod
    async def _head(reader: asyncio.StreamReader) -> list[bytes]:
        try:
            return (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        except asyncio.IncompleteReadError:
            return []

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: list[bytes]
    ) -> None:
        length = next(
            (int(line.split(b":")[1]) for line in head if line.lower().startswith(b"content-length")), 0
        )
        body = await reader.readexactly(length) if length else b""
        url = urlsplit(head[0].split(b" ")[1].decode())
        path = url.path.removeprefix(PREFIX)
        self.asked.append(path)

        def execute() -> bytes:
            answer = self.platform.answer(path, dict(parse_qsl(url.query)), body)
            return json.dumps(answer).encode()

        waiting = self.misdeeds.get(path)
        if waiting:
            await waiting.pop(0)(writer, execute)
        else:
            writer.write(reply(execute(), date=self.date()))
        await writer.drain()

    def date(self) -> str:
        """The platform's Date header now."""
        return formatdate(self.hours.true_ms() // 1000, usegmt=True)


def reply(body: bytes, status: str = "200 OK", date: str = "", **headers: str) -> bytes:
    """A reply as it goes over the line."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"Date: {date}"] if date else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def says(raw: bytes | Callable[[bytes], bytes], *, executes: bool = False, closes: bool = True) -> Misdeed:
    """Answer with these bytes, or with what is made of the true answer; then close."""

    async def misdeed(writer: asyncio.StreamWriter, execute: Callable[[], bytes]) -> None:
        true = execute() if executes else b'{"errcode":0,"errmsg":"ok","msgid":"ghost"}'
        writer.write(raw(true) if callable(raw) else raw)
        await writer.drain()
        if closes:
            writer.close()

    return misdeed


def hangs(*, executes: bool) -> Misdeed:
    """Never answer."""

    async def misdeed(writer: asyncio.StreamWriter, execute: Callable[[], bytes]) -> None:
        if executes:
            execute()
        await asyncio.Event().wait()

    return misdeed


def resets(*, executes: bool) -> Misdeed:
    """End the connection with a reset."""

    async def misdeed(writer: asyncio.StreamWriter, execute: Callable[[], bytes]) -> None:
        if executes:
            execute()
        line: socket.socket = writer.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return misdeed
