"""A scripted platform for the adapter tests: replies as bytes, requests kept, time that never waits."""

import asyncio
import gzip
import json
from collections.abc import Callable

import httpx

from desktop.platforms.http import ApiClient
from desktop.platforms.wecom.adapter import HOSTS, WeComAdapter
from desktop.platforms.wecom.client import WeComClient

BASE = "http://127.0.0.1:9/wecom"
SECRET = "canary-secret-7f"
TOKEN = "canary-token-"


class Body(httpx.AsyncByteStream):
    def __init__(self, *parts: bytes, error: Exception | None = None) -> None:
        self.parts, self.error = parts, error

    async def __aiter__(self):
        for part in self.parts:
            yield part
        if self.error:
            raise self.error


class QuickClock:
    """Monotonic time that moves by what was slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now_ms(self) -> int:
        return 1_800_000_000_000 + round(self.monotonic_s() * 1000)

    def monotonic_s(self) -> float:
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


def answer(document: object, status: int = 200, packed: bool = False) -> httpx.Response:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    headers = {"Content-Encoding": "gzip"} if packed else {}
    return httpx.Response(status, stream=Body(gzip.compress(body) if packed else body), headers=headers)


class Platform:
    """Gives tokens and answers every other call by `script(path, request, n-th call)`."""

    def __init__(self, script: Callable[[str, httpx.Request, int], httpx.Response]) -> None:
        self.script = script
        self.requests: list[httpx.Request] = []
        self.tokens_given = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        path = request.url.path.removeprefix("/wecom/cgi-bin/")
        if path == "gettoken":
            self.tokens_given += 1
            token = f"{TOKEN}{self.tokens_given}"
            return answer({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200})
        self.requests.append(request)
        return self.script(path, request, len(self.requests))


def adapter_over(handler, clock=None, **deadlines) -> WeComAdapter:
    api = ApiClient(BASE, HOSTS, transport=httpx.MockTransport(handler), **deadlines)
    return WeComAdapter(WeComClient(api, "ww1", SECRET, clock or QuickClock(), spread=lambda: 0.5))


def perform(adapter: WeComAdapter, work):
    async def run():
        try:
            return await work(adapter)
        finally:
            await adapter.aclose()

    return asyncio.run(run())
