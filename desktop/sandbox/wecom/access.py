"""Credentials and access tokens: the same token on repeat, early death, expiry, trusted IP."""

from dataclasses import dataclass

from desktop.sandbox.wecom.corp import Corp
from desktop.sandbox.wecom.errors import Refusal


@dataclass(slots=True)
class Issued:
    """One access token."""

    text: str
    app: str
    until: float
    dead: bool = False


class Access:
    """The corp's two apps and their tokens."""

    def __init__(self, corp: Corp) -> None:
        self._corp = corp
        seed = corp.chance
        self.corpid = "ww" + seed.roll(b"corpid", 0).hex()[:16]
        self.secrets = {
            "main": seed.token(b"secret", 0, 43),
            "second": seed.token(b"secret", 1, 43),
        }
        self._serial = 0
        self._wrong: list[float] = []
        self._current: dict[str, Issued] = {}
        self._issued: dict[str, Issued] = {}

    def get_token(self, query: dict[str, str]) -> dict[str, object]:
        """Answer gettoken."""
        corpid, secret = query.get("corpid", ""), query.get("corpsecret", "")
        if not secret:
            raise Refusal(41004)
        if not corpid:
            raise Refusal(41002)
        if corpid != self.corpid:
            raise Refusal(40013)
        now = self._corp.seconds()
        self._wrong = [at for at in self._wrong if at > now - 3600]
        if len(self._wrong) >= self._corp.settings.wrong_secrets_per_hour:
            raise Refusal(45009)
        app = next((name for name, known in self.secrets.items() if known == secret), None)
        if app is None:
            self._wrong.append(now)
            raise Refusal(40001)
        held = self._current.get(app)
        if held is None or held.dead or held.until <= now:
            self._serial += 1
            text = self._corp.chance.token(b"token", self._serial, 214)
            held = Issued(text, app, now + self._corp.settings.token_life_s)
            self._current[app] = self._issued[text] = held
        return {
            "errcode": 0,
            "errmsg": "ok",
            "access_token": held.text,
            "expires_in": self._corp.settings.token_life_s,  # the whole life even when the token is older
        }

    def check(self, query: dict[str, str]) -> str:
        """The app behind the token in the query; refuses with 41001, 40014 or 42001."""
        text = query.get("access_token", "")
        if not text:
            raise Refusal(41001)
        issued = self._issued.get(text)
        if issued is None or issued.dead:
            raise Refusal(40014)
        if issued.until <= self._corp.seconds():
            raise Refusal(42001)
        return issued.app

    def kill(self) -> None:
        """Revoke every token before its time."""
        for issued in self._issued.values():
            issued.dead = True
