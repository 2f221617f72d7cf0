"""The WeCom gateway: path, token, budget, verb and parameters in the platform's order of checks."""

import asyncio
import importlib
import itertools
from typing import Any
from urllib.parse import quote

from desktop.sandbox.calls import Answer, Call
from desktop.sandbox.wecom.access import Access
from desktop.sandbox.wecom.arguments import Arguments, from_json
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import Refusal, errmsg
from desktop.sandbox.wecom.quota import Quota

PREFIX = "cgi-bin/"
_AREAS = (
    "customers",
    "tags",
    "chats",
    "mass_send",
    "media",
    "contact_ways",
    "welcome",
    "moments",
    "statistics",
    "transfers",
    "kf_accounts",
    "kf_messages",
)


def _endpoints() -> dict[str, Endpoint]:
    table: dict[str, Endpoint] = {}
    for area in _AREAS:
        module = importlib.import_module(f"desktop.sandbox.wecom.{area}")
        table |= {PREFIX + endpoint.path: endpoint for endpoint in module.ENDPOINTS}
    return table


class WeCom:
    """The platform under /wecom."""

    name = "wecom"

    def __init__(self, corp: Corp) -> None:
        self.endpoints = _endpoints()
        self._numbers = itertools.count(1)
        self.begin(corp)

    def begin(self, corp: Corp) -> None:
        """Serve this corp from now on; tokens and counters of an earlier one are gone."""
        self.corp = corp
        self.access = Access(corp)
        self.quota = Quota(corp)

    def credentials(self) -> dict[str, str]:
        """corpid and corpsecret of the main app."""
        return {"corpid": self.access.corpid, "corpsecret": self.access.secrets["main"]}

    def kill_tokens(self) -> None:
        """Revoke every access token before its time."""
        self.access.kill()

    def refuse(self, call: Call, code: int, text: str) -> Answer:
        """An error body with the endpoint's empty fields; code 0 is the plain envelope."""
        if code == 0:
            return Answer({"errcode": 0, "errmsg": text or "ok"})
        refusal = Refusal(code, text)
        message = errmsg(code, refusal.text, self.corp.now(), next(self._numbers), call.client_ip)
        endpoint = self.endpoints.get(call.path)
        return Answer({"errcode": code, "errmsg": message} | (endpoint.empty if endpoint else {}))

    async def answer(self, call: Call) -> Answer:
        """Execute one call."""
        endpoint = self.endpoints.get(call.path)
        if endpoint is None and call.path != PREFIX + "gettoken":
            return Answer(status=404)
        try:
            if endpoint is None:
                self.quota.spend(call.path)
                return Answer(self.access.get_token(call.query), executed=True)
            return await self._checked(call, endpoint)
        except Refusal as refusal:
            return self.refuse(call, refusal.code, refusal.text)

    async def _checked(self, call: Call, endpoint: Endpoint) -> Answer:
        app = self.access.check(call.query)
        settings = self.corp.settings
        if not settings.ip_trusted:
            raise Refusal(60020)
        if not settings.customer_contact_allowed and call.path.startswith(PREFIX + "externalcontact/"):
            raise Refusal(48002)
        self.quota.spend(call.path)
        self.quota.enter(call.path, endpoint.heavy)
        try:
            if settings.latency_s:
                await asyncio.sleep(settings.latency_s)
            args = self._arguments(call, endpoint)
            self.corp.app = app
            fields = endpoint.handler(self.corp, args)
        finally:
            self.quota.leave(call.path)
        if "__file__" in fields:
            return _file(fields)
        return Answer({"errcode": 0, "errmsg": "ok"} | fields, executed=True, write=endpoint.write)

    def _arguments(self, call: Call, endpoint: Endpoint) -> Arguments:
        if endpoint.verb == "FILE":
            return Arguments(dict(call.query), call.body, call.headers)
        if endpoint.verb == "GET" or (endpoint.verb == "ANY" and call.method == "GET"):
            return Arguments(dict(call.query), call.body, call.headers)
        if call.method != "POST":
            raise Refusal(40058)
        return Arguments(from_json(call.body), call.body, call.headers)


def _file(fields: dict[str, Any]) -> Answer:
    name = quote(str(fields["__name__"]))
    headers = {
        "content-type": "application/octet-stream",
        "content-disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}",
    }
    return Answer(body=fields["__file__"], headers=headers, executed=True)
