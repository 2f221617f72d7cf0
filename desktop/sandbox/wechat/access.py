"""Access tokens: /token and stable_token side by side, replaced tokens, force refresh, the IP white list."""

from collections import deque
from dataclasses import dataclass

from desktop.sandbox.wechat.account import Account, china_date
from desktop.sandbox.wechat.errors import Refusal

RENEWED_BEFORE_S = 300  # stable tokens: both the old and the new one work in the last five minutes
FORCED_PER_DAY = 20
FORCED_APART_S = 30
TOKEN_LENGTH = 157
GRANT = "client_credential"


@dataclass(slots=True)
class Issued:
    """One access token."""

    text: str
    until: float
    replaced: bool = False  # its end came early


class Access:
    """The account's secret and tokens."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.appid = account.appid
        self.secret = account.chance.roll(b"oa-secret", 0).hex()[:32]
        self._serial = 0
        self._issued: dict[str, Issued] = {}
        self._plain: Issued | None = None
        self._stable: Issued | None = None
        self._forced: deque[float] = deque(maxlen=FORCED_PER_DAY)

    def _check_pair(self, appid: object, secret: object, grant: object = GRANT) -> None:
        if grant != GRANT:
            raise Refusal(40002)
        if not appid:
            raise Refusal(41002)
        if appid != self.appid:
            raise Refusal(40013)
        if not secret:
            raise Refusal(41004)
        if secret != self.secret:
            raise Refusal(40001 if isinstance(secret, str) and len(secret) == 32 else 40125)
        self.check_ip()
        if self._account.settings.ip_gate_code:
            raise Refusal(self._account.settings.ip_gate_code)

    def check_ip(self) -> None:
        """40164 with the caller's address when it is not on the white list."""
        if not self._account.settings.ip_listed:
            address = self._account.settings.caller_ip
            raise Refusal(40164, f"invalid ip {address} ipv6 ::ffff:{address}, not in whitelist")

    def check_secret(self, appid: object, secret: object) -> None:
        """The pair that clear_quota/v2 takes instead of a token."""
        self._check_pair(appid, secret)

    def token(self, query: dict[str, str]) -> dict[str, object]:
        """Answer GET token: a new one every time, the one before dies soon."""
        self._check_pair(query.get("appid"), query.get("secret"), query.get("grant_type"))
        now = self._account.seconds()
        if self._plain is not None and self._plain.until > now:
            ends = now + self._account.settings.token_overlap_s
            if ends < self._plain.until:
                self._plain.until, self._plain.replaced = ends, True
        self._plain = self._issue(now)
        return _said(self._plain, now)

    def stable_token(self, body: dict[str, object]) -> dict[str, object]:
        """Answer POST stable_token: the same token while it has five minutes; forced ones kill the old."""
        self._check_pair(body.get("appid"), body.get("secret"), body.get("grant_type"))
        now = self._account.seconds()
        if body.get("force_refresh") is True and self._may_force(now):
            self._forced.append(now)
            if self._stable is not None:
                self._stable.until, self._stable.replaced = min(self._stable.until, now), True
            self._stable = self._issue(now)
        elif self._stable is None or self._stable.until - now < RENEWED_BEFORE_S:
            self._stable = self._issue(now)
        return _said(self._stable, now)

    def _may_force(self, now: float) -> bool:
        if self._forced and now - self._forced[-1] < FORCED_APART_S:
            return False
        if sum(1 for at in self._forced if china_date(at) == china_date(now)) >= FORCED_PER_DAY:
            raise Refusal(45009)
        return True

    def _issue(self, now: float) -> Issued:
        self._serial += 1
        text = self._account.chance.token(b"oa-token", self._serial, TOKEN_LENGTH)
        issued = Issued(text, now + self._account.settings.token_life_s)
        self._issued[text] = issued
        return issued

    def check(self, query: dict[str, str]) -> None:
        """Refuse with 41001, 40014 (no token at all), 40001 (unknown or replaced) or 42001 (expired)."""
        text = query.get("access_token", "")
        if not text:
            raise Refusal(41001)
        if len(text) < 64:
            raise Refusal(40014)
        issued = self._issued.get(text)
        if issued is None:
            raise Refusal(40001)
        if issued.until <= self._account.seconds():
            raise Refusal(
                40001 if issued.replaced else 42001, "" if issued.replaced else "access_token expired"
            )

    def kill(self) -> None:
        """Revoke every token before its time."""
        for issued in self._issued.values():
            issued.until, issued.replaced = 0.0, True


def _said(issued: Issued, now: float) -> dict[str, object]:
    return {"access_token": issued.text, "expires_in": int(issued.until - now)}
