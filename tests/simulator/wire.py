"""The line between the program and the platform: real requests in, real replies or failures out."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, Protocol

import httpx

from tests.simulator.timeline import DeadError, Fuse, Timeline
from tests.simulator.world import PlatformWorld

BASE = "http://127.0.0.1:9/"
FOREVER_S = 100_000.0
NEVER_LEAVE = ("refused", "no_name", "no_connection")
LOST = ("reset", "closed", "broken_pipe", "hang", "late")
SPOILT = (
    "half", "cut", "html", "empty", "rubbish", "http500", "http502", "http503", "http504", "redirect", "busy",
    "unlisted", "twice", "nan", "deep", "warning", "no_id", "odd_code", "null_code", "packed_wrong", "flood",
    "http429", "http404",
)  # fmt: skip


@dataclass
class Trouble:
    """Something wrong with the line: on which paths, how often, how many times; `executes` first or not."""

    kind: str
    path: str
    share: float
    left: int
    executes: bool = False
    code: int = 0

    def __str__(self) -> str:
        done = " after executing" if self.executes else ""
        return f"{self.kind}{self.code or ''}{done} on {self.path or 'any'} p={self.share} x{self.left}"


def any_trouble(chance: random.Random, platform: PlatformWorld, path: str | None = None) -> Trouble:
    """One of all kinds, on sends more often than on anything else."""
    path = path or chance.choice(platform.trouble_paths)
    kinds = (*NEVER_LEAVE, *LOST, *LOST, *SPOILT, "code", "code", "token", "token", "slow", "rate429")
    kind = chance.choice([kind for kind in kinds if kind not in platform.unfit])
    code = chance.choice(platform.checked) if kind == "code" else 0
    code = chance.choice(platform.unlisted) if kind == "unlisted" else code
    share, left = chance.choice(((1.0, 1), (1.0, 1), (1.0, 3), (0.5, 4), (0.2, 10), (1.0, 9)))
    return Trouble(kind, path, share, left, chance.random() < 0.5, code)


class Watcher(Protocol):
    """Who looks on."""

    def exchanged(self, what: str) -> None:
        """One request and what became of it."""
        ...

    def leaving(self, platform: str, path: str, body: bytes) -> object:
        """The first byte of a request that changes something leaves now; its mark for `executing`."""
        ...

    def executing(self, mark: object) -> None:
        """What the platform does from here on belongs to this request (None: to nobody's)."""
        ...


class Wire(httpx.AsyncBaseTransport):
    """The transport of one process."""

    def __init__(
        self, line: Timeline, fuse: Fuse, platform: PlatformWorld, chance: random.Random, watcher: Watcher
    ) -> None:
        self._line, self._fuse, self._platform = line, fuse, platform
        self._chance, self._watcher = chance, watcher
        self.troubles: list[Trouble] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._fuse.is_dead:
            raise DeadError
        path = request.url.path.removeprefix(self._platform.prefix)
        trouble = self._trouble(path)
        kind = trouble.kind if trouble else "fine"
        done = "+" if trouble is not None and trouble.executes else ""
        self._watcher.exchanged(f"{path} {kind}{trouble.code or '' if trouble else ''}{done}")
        self._fuse.burn()
        body = request.read()
        is_write = path in self._platform.write_paths
        mark = self._watcher.leaving(self._platform.name, path, body) if is_write else None
        if is_write:
            self._fuse.burn_in_write()
        await self._pause(kind)
        if kind in NEVER_LEAVE:
            raise self._never(kind, request)
        answer = self._carried_out(trouble, path, request, body, mark)
        self._fuse.burn()
        if is_write:
            self._fuse.burn_in_write()
        await self._pause("")
        if trouble is None or kind in ("slow", "token"):
            return self._reply(200, answer)
        if kind in LOST:
            raise await self._lost(kind, request)
        return self._spoilt(trouble, answer)

    def _trouble(self, path: str) -> Trouble | None:
        for trouble in self.troubles:
            if trouble.path in path and trouble.left > 0 and self._chance.random() < trouble.share:
                trouble.left -= 1
                return trouble
        return None

    async def _pause(self, kind: str) -> None:
        if kind == "no_connection":
            await asyncio.sleep(10.0)
        elif kind == "slow":
            await asyncio.sleep(self._chance.choice((5.0, 20.0, 29.0)))
        else:
            await asyncio.sleep(self._chance.choice((0.0, 0.02, 0.1, 0.1, 0.4)))

    def _carried_out(
        self, trouble: Trouble | None, path: str, request: httpx.Request, body: bytes, mark: object
    ) -> dict[str, Any]:
        """What the platform answers, where the request reaches it at all."""
        query = dict(request.url.params)
        if "access-token" in request.headers:
            query["access-token"] = request.headers["access-token"]
        kind = trouble.kind if trouble else ""
        if kind == "token":
            self._platform.revoke_token()
        if kind == "late" and trouble is not None and trouble.executes:
            at = self._line.true_ms() + self._chance.randint(1_000, 50_000)
            self._line.at(at, lambda: self._execute(path, query, body, mark) and None)
        # A success without an id is a success: it is spoilt where an id was to be told, and done.
        reaches = kind in ("", "slow", "token", "no_id") or (
            trouble is not None and trouble.executes and kind not in ("late", "code", "rate429", "http429")
        )
        if not reaches:
            return self._platform.ghost(self._chance)
        return self._execute(path, query, body, mark)

    def _execute(self, path: str, query: dict[str, str], body: bytes, mark: object) -> dict[str, Any]:
        self._watcher.executing(mark)
        try:
            return self._platform.answer(path, query, body)
        finally:
            self._watcher.executing(None)

    @staticmethod
    def _never(kind: str, request: httpx.Request) -> Exception:
        error = httpx.ConnectTimeout if kind == "no_connection" else httpx.ConnectError
        return error(kind, request=request)

    async def _lost(self, kind: str, request: httpx.Request) -> Exception:
        if kind == "hang":
            await asyncio.sleep(FOREVER_S)
        if kind == "broken_pipe":
            return httpx.WriteError(kind, request=request)
        if kind == "closed":
            return httpx.RemoteProtocolError(kind, request=request)
        return httpx.ReadError(kind, request=request)

    def _spoilt(self, trouble: Trouble, answer: dict[str, Any]) -> httpx.Response:
        kind, sound = trouble.kind, json.dumps(answer).encode()
        if kind == "half":
            return self._stream(sound[: len(sound) // 2])
        if kind.startswith("http"):
            status = int(kind[4:])
            body = sound if self._chance.random() < 0.5 and status >= 500 else b"<html>busy</html>"
            return self._reply(status, body)
        if kind == "rate429":
            return self._reply(429, self._platform.refusal(self._platform.rate), {"Retry-After": "-7"})
        if kind == "redirect":
            return self._reply(302, b"", {"Location": "https://evil.example/"})
        if kind == "packed_wrong":
            headers = self._headers({"Content-Encoding": "gzip"})
            return httpx.Response(200, stream=_Body(b"no gzip"), headers=headers)
        if kind in ("busy", "code", "unlisted"):
            return self._reply(200, self._platform.refusal(trouble.code or self._platform.busy))
        inner = sound[1:]
        texts = {
            "cut": sound[:-5],
            "html": b"<!doctype html><title>Log in</title>",
            "empty": b"",
            "rubbish": b"\x00\xff\xfe{]",
            "twice": b"{" + json.dumps(next(iter(answer))).encode() + b":45009," + inner,
            "nan": b'{"wait":NaN,' + inner,
            "deep": b"[" * 5_000 + b"]" * 5_000,
            "flood": b" " * (10 * 1024 * 1024 + 1),
        }
        if kind in texts:
            return self._reply(200, texts[kind])
        return self._reply(200, self._platform.spoilt(kind, answer))

    def _reply(
        self, status: int, body: dict[str, Any] | bytes, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.Response(status, stream=_Body(content), headers=self._headers(headers))

    def _stream(self, part: bytes) -> httpx.Response:
        return httpx.Response(200, stream=_Body(part, breaks=True), headers=self._headers(None))

    def _headers(self, more: dict[str, str] | None) -> dict[str, str]:
        date = formatdate(self._line.true_ms() // 1000, usegmt=True)
        return {"Date": date, "Content-Type": "application/json", **(more or {})}


class _Body(httpx.AsyncByteStream):
    """Bytes as they come over the line; may break off."""

    def __init__(self, part: bytes, *, breaks: bool = False) -> None:
        self._part, self._breaks = part, breaks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._part
        if self._breaks:
            raise httpx.ReadError("cut off")
