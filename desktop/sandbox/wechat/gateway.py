"""The gateway of the official account: path, token, white list, permission, limits, verb and body in order."""

import asyncio
import importlib
import itertools
import json
from typing import Any
from urllib.parse import quote

from desktop.sandbox.calls import Act, Answer, Call, Doc
from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.wechat import console, quota
from desktop.sandbox.wechat.access import Access
from desktop.sandbox.wechat.account import Account, Endpoint
from desktop.sandbox.wechat.arguments import Arguments, from_json, has_escapes
from desktop.sandbox.wechat.errors import TEXTS, Refusal
from desktop.sandbox.world.size import WorldSize

_AREAS = (
    "quota",
    "users",
    "tags",
    "material",
    "drafts",
    "publish",
    "mass",
    "comments",
    "menu",
    "custom",
    "desk",
    "notices",
    "qrcode",
    "datacube",
)
_WITHOUT_TOKEN = ("cgi-bin/token", "cgi-bin/stable_token", "cgi-bin/clear_quota/v2")
_ROOTS = ("cgi-bin/", "datacube/", "customservice/", "wxaapi/")
_PLAIN_AREAS = ("cgi-bin/draft/", "cgi-bin/message/", "cgi-bin/menu/", "cgi-bin/tags/")
JSON_TYPE, PLAIN_TYPE = "application/json; encoding=utf-8", "text/plain"


def _endpoints() -> dict[str, Endpoint]:
    table: dict[str, Endpoint] = {}
    for area in _AREAS:
        module = importlib.import_module(f"desktop.sandbox.wechat.{area}")
        table |= {endpoint.path: endpoint for endpoint in module.ENDPOINTS}
    return table


class WeChat:
    """The platform under /wechat."""

    name = "wechat"

    def __init__(self, size: WorldSize, clock: SandboxClock) -> None:
        self.endpoints = _endpoints()
        self._numbers = itertools.count(1)
        self._size, self._clock = size, clock
        self.reset()

    def reset(self) -> None:
        """Serve the seeded account from now on; tokens and counters of an earlier one are gone."""
        self.account = Account(self._size, self._clock)
        self.access = Access(self.account)
        console.begin(self.account)

    def describe(self) -> Doc:
        """Sizes and kind of the account."""
        self.account.catch_up()
        return console.describe(self.account)

    def controls(self) -> dict[tuple[str, str], Act]:
        """What the control endpoint can ask of this account, plus tokens and the list of paths."""
        return {
            **{key: self._caught_up(act) for key, act in console.ROUTES.items()},
            ("POST", "/token"): self._token,
            ("GET", "/codes"): lambda doc: {"codes": {str(code): text for code, text in TEXTS.items()}},
            ("GET", "/endpoints"): lambda doc: {
                "endpoints": [["cgi-bin/token", "GET"], ["cgi-bin/stable_token", "POST"]]
                + [["cgi-bin/clear_quota/v2", "POST"]]
                + [[row.path, row.verb] for row in self.endpoints.values()]
            },
        }

    def _caught_up(self, act: console.AccountAct) -> Act:
        def run(doc: Doc) -> Doc:
            self.account.catch_up()
            return act(self.account, doc)

        return run

    def _token(self, doc: Doc) -> Doc:
        if doc.get("revoke"):
            self.kill_tokens()
        return self.credentials() | {}

    def credentials(self) -> dict[str, str]:
        """appid and secret."""
        return {"appid": self.access.appid, "secret": self.access.secret}

    def kill_tokens(self) -> None:
        """Revoke every access token before its time."""
        self.access.kill()

    def refuse(self, call: Call, code: int, text: str) -> Answer:
        """An error body: the text ends with a trace that rid/get explains; code 0 is the plain envelope."""
        return self._refusal(call, Refusal(code, text))

    def _refusal(self, call: Call, refusal: Refusal) -> Answer:
        if refusal.code == 0:
            return Answer(
                {"errcode": 0, "errmsg": refusal.text if refusal.text != "unknown error" else "ok"}
            )
        rid = quota.trace(self.account, next(self._numbers))
        doc: Doc = {"errcode": refusal.code, "errmsg": f"{refusal.text} rid: {rid}"} | refusal.fields
        quota.keep_trace(
            self.account,
            rid,
            {
                "invoke_time": self.account.now(),
                "cost_in_ms": 30,
                "request_url": "/"
                + call.path
                + "?"
                + "&".join(f"{k}={quote(v)}" for k, v in call.query.items()),
                "request_body": call.body[:10_000].decode("utf-8", "replace"),
                "response_body": json.dumps(doc, ensure_ascii=False),
                "client_ip": self.account.settings.caller_ip,
            },
        )
        return Answer(doc, headers=self._content_type(call.path))

    async def answer(self, call: Call) -> Answer:
        """Execute one call."""
        path = call.path
        if not path.startswith(_ROOTS):
            return Answer(status=404)
        try:
            if path in _WITHOUT_TOKEN:
                return self._without_token(call)
            endpoint = self.endpoints.get(path)
            if endpoint is None:
                raise Refusal(40066)
            return await self._checked(call, endpoint)
        except Refusal as refusal:
            return self._refusal(call, refusal)

    def _without_token(self, call: Call) -> Answer:
        path = call.path
        if path != "cgi-bin/clear_quota/v2":
            quota.spend(self.account, path)
        self.account.catch_up()
        if path == "cgi-bin/token":
            if call.method != "GET":
                raise Refusal(43001)
            return Answer(self.access.token(call.query), headers=self._content_type(path), executed=True)
        if call.method != "POST":
            raise Refusal(43002)
        if path == "cgi-bin/stable_token":
            said = self.access.stable_token(from_json(call.body))
            return Answer(said, headers=self._content_type(path), executed=True)
        given = call.query | (from_json(call.body) if call.body.strip() else {})
        self.access.check_secret(given.get("appid"), given.get("appsecret"))
        quota.clear_quota(self.account, Arguments({"appid": given.get("appid")}))
        return Answer(
            {"errcode": 0, "errmsg": "ok"}, headers=self._content_type(path), executed=True, write=True
        )

    async def _checked(self, call: Call, endpoint: Endpoint) -> Answer:
        account = self.account
        self.access.check(call.query)
        self.access.check_ip()
        account.require_permission(call.path, endpoint.needs)
        if not call.path.startswith("cgi-bin/openapi/") and call.path != "cgi-bin/clear_quota":
            quota.spend(account, call.path)
        if account.settings.latency_s:
            await asyncio.sleep(account.settings.latency_s)
        args = self._arguments(call, endpoint)
        account.catch_up()
        fields = endpoint.handler(account, args)
        headers = self._content_type(call.path)
        if "__file__" in fields:
            return _file(fields)
        if "__nothing__" in fields:
            return Answer(body=b"", headers=headers)
        doc = fields if endpoint.bare else {"errcode": 0, "errmsg": "ok"} | fields
        return Answer(doc, headers=headers, executed=True, write=endpoint.write)

    def _content_type(self, path: str) -> dict[str, str]:
        wanted = self.account.settings.content_type
        plain = wanted == "plain" or (wanted == "mixed" and path.startswith(_PLAIN_AREAS))
        return {"content-type": PLAIN_TYPE if plain else JSON_TYPE}

    def _arguments(self, call: Call, endpoint: Endpoint) -> Arguments:
        query = dict(call.query)
        if endpoint.verb == "GET" and call.method != "GET":
            raise Refusal(43001)
        if endpoint.verb in ("POST", "FILE") and call.method != "POST":
            raise Refusal(43002)
        if endpoint.verb == "FILE" or endpoint.verb == "GET":
            return Arguments(dict(query), call.body, call.headers, query)
        if not call.body.strip() and (endpoint.verb == "ANY" or endpoint.may_be_empty):
            return Arguments(dict(query), call.body, call.headers, query)
        refuses = self.account.settings.unicode_escapes == "refuse" or call.path.startswith("cgi-bin/menu/")
        if refuses and has_escapes(call.body):
            raise Refusal(40033)
        return Arguments(from_json(call.body), call.body, call.headers, query)


def _file(fields: dict[str, Any]) -> Answer:
    name = quote(str(fields["__name__"]))
    headers = {
        "content-type": str(fields.get("__type__", "application/octet-stream")),
        "content-disposition": f'attachment; filename="{name}"',
    }
    return Answer(body=fields["__file__"], headers=headers, executed=True)
