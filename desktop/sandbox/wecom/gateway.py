"""The WeCom gateway: path, token, budget, verb and parameters in the platform's order of checks."""

import asyncio
import importlib
import itertools
from typing import Any
from urllib.parse import quote

from desktop.sandbox.calls import Act, Answer, Call, Doc
from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.wecom import console
from desktop.sandbox.wecom.access import Access
from desktop.sandbox.wecom.arguments import Arguments, from_json
from desktop.sandbox.wecom.corp import Corp, Endpoint
from desktop.sandbox.wecom.errors import TEXTS, Refusal, errmsg
from desktop.sandbox.wecom.quota import Quota
from desktop.sandbox.world.size import WorldSize

PREFIX = "cgi-bin/"
_AREAS = (
    "customers",
    "tags",
    "chats",
    "mass_send",
    "mass_results",
    "media",
    "contact_ways",
    "welcome",
    "moments",
    "statistics",
    "transfers",
    "kf_accounts",
    "kf_sessions",
    "kf_messages",
    "kf_figures",
    "albums",
    "acquisition",
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

    def __init__(self, size: WorldSize, clock: SandboxClock) -> None:
        self.endpoints = _endpoints()
        self._numbers = itertools.count(1)
        self._size, self._clock = size, clock
        self.reset()

    def reset(self) -> None:
        """Serve the seeded corp from now on; tokens and counters of an earlier one are gone."""
        self.corp = Corp(self._size, self._clock)
        self.access = Access(self.corp)
        self.quota = Quota(self.corp)

    def describe(self) -> Doc:
        """Sizes, staff and the second app's credentials."""
        self.corp.catch_up()
        second = {"corpid": self.access.corpid, "corpsecret": self.access.secrets["second"]}
        return console.describe(self.corp) | {"second_app": second}

    def controls(self) -> dict[tuple[str, str], Act]:
        """What the control endpoint can ask of this corp, plus tokens and the list of paths."""
        return {
            **{key: self._caught_up(act) for key, act in console.ROUTES.items()},
            ("POST", "/token"): self._token,
            ("GET", "/codes"): lambda doc: {"codes": {str(code): text for code, text in TEXTS.items()}},
            ("GET", "/endpoints"): lambda doc: {
                "endpoints": [[row.path, row.verb] for row in self.endpoints.values()]
            },
        }

    def _caught_up(self, act: console.CorpAct) -> Act:
        def run(doc: Doc) -> Doc:
            self.corp.catch_up()
            return act(self.corp, doc)

        return run

    def _token(self, doc: Doc) -> Doc:
        if doc.get("revoke"):
            self.kill_tokens()
        return {"corpid": self.access.corpid, "secrets": self.access.secrets}

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
                self.corp.catch_up()
                return Answer(self.access.get_token(call.query), executed=True)
            return await self._checked(call, endpoint)
        except Refusal as refusal:
            return self.refuse(call, refusal.code, refusal.text)

    async def _checked(self, call: Call, endpoint: Endpoint) -> Answer:
        app = self.access.check(call.query)
        settings = self.corp.settings
        if not settings.ip_trusted:
            raise Refusal(60020)
        self._check_permission(call.path)
        self.quota.spend(call.path)
        if call.query.get("debug") == "1":
            self.quota.spend_debug()
        self.quota.enter(call.path, endpoint.heavy)
        try:
            if settings.latency_s:
                await asyncio.sleep(settings.latency_s)
            args = self._arguments(call, endpoint)
            self.corp.catch_up()
            self.corp.app = app
            fields = endpoint.handler(self.corp, args)
        finally:
            self.quota.leave(call.path)
        if "__file__" in fields:
            return _file(fields)
        return Answer({"errcode": 0, "errmsg": "ok"} | fields, executed=True, write=endpoint.write)

    def _check_permission(self, path: str) -> None:
        settings = self.corp.settings
        if path.startswith(PREFIX + "externalcontact/") and not settings.customer_contact_allowed:
            raise Refusal(48002)
        if path.startswith(PREFIX + "kf/"):
            if not settings.kf_allowed:
                raise Refusal(48002)
            if not settings.kf_api_on:
                raise Refusal(95017)

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
    if "__range__" in fields:
        headers["content-range"] = str(fields["__range__"])
    status = 206 if "__range__" in fields else 200
    return Answer(body=fields["__file__"], status=status, headers=headers, executed=True)
