"""The gateway of the open platform: path, retirement, token, account, scope, then the call itself."""

import asyncio
import importlib

from desktop.sandbox.calls import Act, Answer, Call, Doc
from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.douyin import console
from desktop.sandbox.douyin.access import Access
from desktop.sandbox.douyin.account import Account, Endpoint
from desktop.sandbox.douyin.arguments import Arguments, read
from desktop.sandbox.douyin.consent import PATH as CONSENT
from desktop.sandbox.douyin.consent import authorisation_page
from desktop.sandbox.douyin.envelope import Envelope, Form
from desktop.sandbox.douyin.errors import TEXTS, Refusal
from desktop.sandbox.world.size import WorldSize

_AREAS = (
    "access", "user", "intention", "groups", "messages", "cards", "videos", "comments", "posts", "live",
    "coupons", "retired",
)  # fmt: skip


def _endpoints() -> dict[str, Endpoint]:
    table: dict[str, Endpoint] = {}
    for area in _AREAS:
        module = importlib.import_module(f"desktop.sandbox.douyin.{area}")
        table |= {endpoint.path: endpoint for endpoint in module.ENDPOINTS}
    return table


class Douyin:
    """The platform under /douyin."""

    name = "douyin"

    def __init__(self, size: WorldSize, clock: SandboxClock) -> None:
        self.endpoints = _endpoints()
        self._size, self._clock = size, clock
        self.reset()

    def reset(self) -> None:
        """The seeded account again; tokens, quotas and everything made are gone."""
        self.account = Account(self._size, self._clock)
        self.access = self.account.shelf(Access)

    def credentials(self) -> dict[str, str]:
        """The application's credentials, a code that was already granted, and the coupon account."""
        return {
            "client_key": self.account.client_key,
            "client_secret": self.account.client_secret,
            "code": self.access.ready_code,
            "life_account_id": self.account.life_account_id,
        }

    def kill_tokens(self) -> None:
        """Access tokens of user and application die; refresh tokens stay."""
        self.access.kill()

    def describe(self) -> Doc:
        """The account and its size."""
        return {"open_id": self.account.open_id, "nickname": self.account.nickname, "fans": self._size.fans}

    def controls(self) -> dict[tuple[str, str], Act]:
        """What the control endpoint can ask of this account."""
        return {
            **{key: self._bound(act) for key, act in console.ROUTES.items()},
            ("GET", "/endpoints"): lambda doc: {
                "endpoints": [[row.path, row.verb, row.form.name] for row in self.endpoints.values()]
            },
            ("GET", "/codes"): lambda doc: {"codes": {str(code): text for code, text in TEXTS.items()}},
        }

    def _bound(self, act: console.AccountAct) -> Act:
        return lambda doc: act(self.account, doc)

    def _envelope(self) -> Envelope:
        return Envelope(self.account.settings, self.account.seconds(), self.account.log_id())

    def refuse(self, call: Call, code: int, text: str) -> Answer:
        """An error in the endpoint's own envelope."""
        endpoint = self.endpoints.get(_path(call))
        form = endpoint.form if endpoint else Form.A
        words = text or TEXTS.get(code, "" if code == 0 else "未知错误")
        return Answer(self._envelope().bad(form, code, words), code=code)

    async def answer(self, call: Call) -> Answer:
        """Execute one call."""
        if _path(call) == CONSENT and call.method == "GET":
            return authorisation_page(self.account, call)
        endpoint = self.endpoints.get(_path(call))
        try:
            if endpoint is None:
                raise Refusal(28001017)
            if self.account.settings.latency_s:
                await asyncio.sleep(self.account.settings.latency_s)
            fields = self._checked(call, endpoint)
        except Refusal as refusal:
            return self.refuse(call, refusal.code, refusal.text)
        return Answer(
            self._envelope().good(endpoint.form, fields), executed=True, write=endpoint.write, code=0
        )

    def _checked(self, call: Call, endpoint: Endpoint) -> Doc:
        settings = self.account.settings
        if endpoint.retired and not settings.legacy:
            raise Refusal(28001056)
        if any(endpoint.path.strip("/") == path.strip("/") for path in settings.withdrawn):
            raise Refusal(28001056)
        if endpoint.verb not in ("ANY", call.method):
            raise Refusal(28001007, f"不支持的请求方法{call.method}")
        token = call.headers.get("access-token") or call.query.get("access_token", "")
        if endpoint.token == "none":
            return endpoint.handler(self.account, read(call))
        args = read(call)
        token = token or (args.optional("access_token") if endpoint.path == "oauth/userinfo/" else "")
        if not token:
            raise Refusal(28001003)
        if endpoint.scope and endpoint.scope in settings.missing_capabilities:
            raise Refusal(28001018)
        if endpoint.token == "client" or (endpoint.token == "any" and token.startswith("clt.")):
            self.access.check_client(token)
        else:
            self._check_user(token, endpoint, args)
        return endpoint.handler(self.account, args)

    def _check_user(self, token: str, endpoint: Endpoint, args: Arguments) -> None:
        grant = self.access.check_user(token)
        if endpoint.needs_open_id and args.text("open_id") != self.account.open_id:
            raise Refusal(28001015)
        if endpoint.scope and endpoint.scope not in grant.scopes:
            raise Refusal(28001012)
        if endpoint.scope.startswith("im.") and self.account.settings.im_elsewhere:
            raise Refusal(28001012)


def _path(call: Call) -> str:
    return call.path if call.path.endswith("/") else call.path + "/"
