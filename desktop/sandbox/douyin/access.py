"""Authorisation: codes, user tokens with their two clocks, client tokens of which the newest two live."""

from dataclasses import dataclass

from desktop.sandbox.douyin.account import Account, Doc, Endpoint, Handler
from desktop.sandbox.douyin.arguments import Arguments
from desktop.sandbox.douyin.envelope import Form
from desktop.sandbox.douyin.errors import Refusal

SCOPES = (
    "user_info", "mobile_alert", "renew_refresh_token", "fans.check", "fans.data.bind", "fans.list",
    "following.list", "data.external.fans_source", "data.external.fans_favourite", "data.external.user",
    "user.intention", "im.direct_message", "im.recall_message", "im.message_card", "im.microapp_card",
    "im.group_fans.create_list", "im.group_message", "video.list.bind", "video.data.bind",
    "video.create.bind", "posting.behavior", "item.comment", "live.room.base", "live.room.audience",
    "live.room.interactive", "enterprise.data", "im",
)  # fmt: skip


@dataclass(slots=True)
class Code:
    """One authorisation code."""

    text: str
    scopes: tuple[str, ...]
    until: float | None  # None: the ready one of the first line, good until another is made
    used: bool = False


@dataclass(slots=True)
class Grant:
    """What the account granted once: the tokens of one authorisation."""

    number: int
    scopes: tuple[str, ...]
    access: str
    access_until: float
    refresh: str
    refresh_until: float
    renewed: int = 0
    issued: int = 1
    dead: bool = False  # revoked by the user, or authorised anew
    killed: bool = False  # the access token died before its time


@dataclass(slots=True)
class ClientToken:
    """One token of the application itself."""

    text: str
    until: float


class Access:
    """Codes, grants and client tokens of one application."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._made = 0
        self.codes: list[Code] = []
        self.grants: list[Grant] = []
        self.clients: list[ClientToken] = []
        self._client_calls: list[float] = []
        self._tickets: tuple[str, float] = ("", 0.0)
        self._biz: dict[str, float] = {}
        self._biz_refresh: set[str] = set()
        self.ready_code = self._account.chance.ident("", b"dy-ready", 0, 32)
        self.codes.append(Code(self.ready_code, SCOPES, None))

    def _token(self, prefix: str) -> str:
        self._made += 1
        tail = "f" if prefix != "clt." else "1"
        return f"{prefix}{tail}{self._account.chance.roll(b'dy-token', self._made).hex()[:63]}"

    # codes --------------------------------------------------------------------------------------------
    def authorise(self, scopes: tuple[str, ...]) -> str:
        """The account says yes on the authorisation page: a new code, the earlier ones die."""
        for code in self.codes:
            code.used = True
        self._made += 1
        text = self._account.chance.ident("", b"dy-code", self._made, 32)
        until = self._account.seconds() + self._account.settings.code_life_s
        self.codes.append(Code(text, scopes, until))
        return text

    def exchange(self, args: Arguments) -> Doc:
        """Answer /oauth/access_token/."""
        self.know_client(args, secret=True)
        if args.text("grant_type", 10005) != "authorization_code":
            raise Refusal(10002)
        wanted = args.text("code", 10005)
        code = next((row for row in self.codes if row.text == wanted), None)
        now = self._account.seconds()
        if code is None or code.used or (code.until is not None and code.until <= now):
            raise Refusal(10007)
        code.used = True
        for grant in self.grants:
            grant.dead = True
        settings = self._account.settings
        grant = Grant(
            len(self.grants) + 1,
            code.scopes,
            self._token("act."),
            now + settings.access_life_s,
            self._token("rft."),
            now + settings.refresh_life_s,
        )
        self.grants.append(grant)
        return self._shown(grant)

    def _shown(self, grant: Grant) -> Doc:
        """Token fields; scopes of messages and groups are never told."""
        now = self._account.seconds()
        return {
            "access_token": grant.access,
            "expires_in": int(grant.access_until - now),
            "refresh_token": grant.refresh,
            "refresh_expires_in": int(grant.refresh_until - now),
            "open_id": self._account.open_id,
            "scope": ",".join(scope for scope in grant.scopes if scope.partition(".")[0] != "im"),
            "captcha": "",
            "desc_url": "",
            "log_id": self._account.log_id(),
        }

    def know_client(self, args: Arguments, secret: bool) -> None:
        """Check client_key, and the secret where the call carries one."""
        if args.text("client_key", 10005) != self._account.client_key:
            raise Refusal(10003)
        if secret and args.text("client_secret", 10005) != self._account.client_secret:
            raise Refusal(10013)

    # refreshing ---------------------------------------------------------------------------------------
    def _of_refresh(self, args: Arguments) -> Grant:
        text = args.text("refresh_token", 10005)
        grant = next((row for row in self.grants if row.refresh == text), None)
        if grant is None or grant.dead or grant.refresh_until <= self._account.seconds():
            raise Refusal(10010)
        return grant

    def refresh(self, args: Arguments) -> Doc:
        """Answer /oauth/refresh_token/: the same access token while it lives, only its end moves."""
        self.know_client(args, secret=False)
        if args.text("grant_type", 10005) != "refresh_token":
            raise Refusal(10002)
        grant = self._of_refresh(args)
        now = self._account.seconds()
        if grant.access_until <= now or grant.killed:
            grant.access, grant.killed = self._token("act."), False
            grant.issued += 1
        grant.access_until = now + self._account.settings.access_life_s
        return self._shown(grant)

    def renew(self, args: Arguments) -> Doc:
        """Answer /oauth/renew_refresh_token/: a new refresh token, the old one dead at once."""
        self.know_client(args, secret=False)
        settings = self._account.settings
        grant = self._of_refresh(args)
        if not settings.renew_allowed or "renew_refresh_token" not in grant.scopes:
            raise Refusal(10004)
        if grant.renewed >= settings.renewals:
            raise Refusal(10020)
        grant.renewed += 1
        grant.refresh = self._token("rft.")
        grant.refresh_until = self._account.seconds() + settings.refresh_life_s
        return {"refresh_token": grant.refresh, "expires_in": settings.refresh_life_s}

    # the application's own tokens ---------------------------------------------------------------------
    def client_token(self, args: Arguments) -> Doc:
        """Answer /oauth/client_token/: the one before lives five minutes more, older ones die."""
        self.know_client(args, secret=True)
        if args.text("grant_type", 10005) != "client_credential":
            raise Refusal(10002)
        settings, now = self._account.settings, self._account.seconds()
        self._client_calls = [at for at in self._client_calls if at > now - 300]
        self._client_calls.append(now)
        if len(self._client_calls) > settings.client_tokens_per_5_min:
            raise Refusal(10020)
        token = ClientToken(self._token("clt."), now + settings.client_life_s)
        self.clients = [*self.clients[-1:], token]
        self.clients[0].until = (
            min(self.clients[0].until, now + 300) if len(self.clients) > 1 else token.until
        )
        return {"access_token": token.text, "expires_in": settings.client_life_s}

    def ticket(self) -> Doc:
        """Answer /js/getticket/: the same one until it has less than 300 s."""
        text, until = self._tickets
        now = self._account.seconds()
        if until - now < 300:
            text, until = self._token("tkt."), now + 7200
            self._tickets = (text, until)
        return {"ticket": text, "expires_in": int(until - now)}

    def business(self, args: Arguments, refreshing: bool) -> Doc:
        """Answer the two calls for business tokens."""
        self.know_client(args, secret=True)
        if refreshing and args.text("refresh_token", 10005) not in self._biz_refresh:
            raise Refusal(10010)
        if not refreshing and args.text("open_id", 10005) != self._account.open_id:
            raise Refusal(28001015)
        token, renewal = self._token("bus_act."), self._token("bus_rft.")
        self._biz_refresh.add(renewal)
        return {
            "data": {
                "biz_token": token,
                "biz_expires_in": 2_592_000,
                "biz_refresh_token": renewal,
                "biz_refresh_expires_in": 3_153_600_000,
            }
        }

    # checking -----------------------------------------------------------------------------------------
    def check_client(self, text: str) -> None:
        """A live token of the application, or a refusal."""
        token = next((row for row in self.clients if row.text == text), None)
        if token is None:
            raise Refusal(28001003)
        if token.until <= self._account.seconds():
            raise Refusal(28001008)

    def check_user(self, text: str) -> Grant:
        """The grant behind a live user token, or a refusal."""
        grant = next((row for row in self.grants if row.access == text), None)
        if grant is None or grant.dead or grant.killed:
            raise Refusal(28001003)
        if grant.access_until <= self._account.seconds():
            raise Refusal(28001008)
        return grant

    def kill(self) -> None:
        """Access and client tokens die before their time; refresh tokens stay."""
        for grant in self.grants:
            grant.killed = True
        self.clients = []

    def revoke(self) -> None:
        """The user takes the authorisation back: access and refresh token are dead at once."""
        for grant in self.grants:
            grant.dead = True


def _access(account: Account) -> Access:
    return account.shelf(Access)


def _oauth(path: str, handler: Handler, verb: str, form: Form, token: str = "none") -> Endpoint:
    return Endpoint(path, handler, verb, form, token, needs_open_id=False)


ENDPOINTS = (
    _oauth("oauth/access_token/", lambda a, x: _access(a).exchange(x), "ANY", Form.B),
    _oauth("oauth/refresh_token/", lambda a, x: _access(a).refresh(x), "ANY", Form.B),
    _oauth("oauth/renew_refresh_token/", lambda a, x: _access(a).renew(x), "ANY", Form.B),
    _oauth("oauth/client_token/", lambda a, x: _access(a).client_token(x), "ANY", Form.B),
    _oauth("oauth/business_token/", lambda a, x: _access(a).business(x, False), "POST", Form.D, "client"),
    _oauth("oauth/refresh_biz_token/", lambda a, x: _access(a).business(x, True), "POST", Form.D),
    _oauth("oauth/business_scopes/", lambda a, x: {"data": list(SCOPES)}, "POST", Form.D, "client"),
    _oauth("js/getticket/", lambda a, x: _access(a).ticket(), "GET", Form.A, "client"),
)
