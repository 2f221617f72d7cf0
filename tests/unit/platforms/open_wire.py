"""Scripted Douyin and Douyin shop for the adapter tests: requests kept, answers by path, a vault in memory."""

import json
from collections.abc import Callable
from typing import Any

import httpx

from desktop.domain.grants import DAY_MS, Grant
from desktop.platforms.doudian.adapter import HOSTS as SHOP_HOSTS
from desktop.platforms.doudian.adapter import DoudianAdapter
from desktop.platforms.doudian.client import DoudianClient
from desktop.platforms.douyin.adapter import HOSTS, DouyinAdapter
from desktop.platforms.douyin.client import DouyinClient
from desktop.platforms.http import ApiClient
from desktop.platforms.ports_grants import MemoryVault
from tests.unit.platforms.wire import QuickClock, answer

BASE = "http://127.0.0.1:9/open"
SECRET = "canary-secret-5c"
Script = Callable[[str, dict[str, Any], int], Any]


class Vault(MemoryVault):
    """Keeps the order in which tokens were kept and used."""

    def __init__(self, grant: Grant | None = None) -> None:
        super().__init__()
        self.grant = grant
        self.saved: list[Grant] = []

    async def save(self, grant: Grant) -> None:
        self.saved.append(grant)
        await super().save(grant)


class Wire:
    """Answers by `script(path, what was sent, n-th call of the path)`; a document or a whole response."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[httpx.Request] = []
        self.counts: dict[str, int] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        path = request.url.path.removeprefix("/open")
        self.counts[path] = self.counts.get(path, 0) + 1
        found = self.script(path, sent(request), self.counts[path])
        return found if isinstance(found, httpx.Response) else answer(found)

    def paths(self) -> list[str]:
        return [request.url.path.removeprefix("/open") for request in self.requests]


def sent(request: httpx.Request) -> dict[str, Any]:
    """Query and body of a request as one."""
    told: dict[str, Any] = dict(request.url.params)
    kind = request.headers.get("Content-Type", "")
    if kind.startswith("application/json") and request.content:
        told |= json.loads(request.content)
    elif kind.startswith("application/x-www-form-urlencoded"):
        told |= dict(httpx.QueryParams(request.content.decode()))
    return told


def shop(script: Script, vault: Vault | None = None) -> tuple[DoudianAdapter, Wire, Vault, QuickClock]:
    wire, kept, clock = Wire(script), vault or Vault(), QuickClock()
    api = ApiClient(BASE, SHOP_HOSTS, transport=httpx.MockTransport(wire))
    client = DoudianClient(api, "3409409348479354011", SECRET, "55", clock, lambda: 0.5)
    client.keep_in(kept)
    return DoudianAdapter(client), wire, kept, clock


def a_grant(clock: QuickClock, access_days: float = 10, refresh_days: float = 20, **more: Any) -> Grant:
    now = clock.now_ms()
    return Grant(
        "act.one",
        "rft.one",
        now + int(access_days * DAY_MS),
        now + int(refresh_days * DAY_MS),
        now,
        "own",
        **more,
    )


def account(
    script: Script, grant: Grant | None = None, *, has_none: bool = False
) -> tuple[DouyinAdapter, Wire, Vault, QuickClock]:
    clock = QuickClock()
    wire, kept = Wire(script), Vault(None if has_none else grant or a_grant(clock))
    api = ApiClient(BASE, HOSTS, transport=httpx.MockTransport(wire))
    client = DouyinClient(api, "key", SECRET, clock, lambda: 0.5)
    client.keep_in(kept)
    return DouyinAdapter(client, "life-1"), wire, kept, clock
