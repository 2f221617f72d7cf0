"""Tokens of the shop: made for the shop itself or from a code; refreshing gives new ones of both kinds."""

from dataclasses import dataclass

from desktop.sandbox.calls import Doc
from desktop.sandbox.doudian.errors import Refusal
from desktop.sandbox.doudian.shop import Shop


@dataclass(slots=True)
class Token:
    """One pair of tokens."""

    access: str
    access_until: float
    refresh: str
    refresh_until: float
    dead: bool = False


class Tokens:
    """All pairs given out."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.rows: list[Token] = []
        self.ready_code = shop.chance.ident("", b"dd-code", 0, 32)
        self._codes = {self.ready_code}

    def create(self, params: Doc) -> Doc:
        """token.create by shop id (self-used app) or by a code, which is good once."""
        kind = params.get("grant_type")
        if kind == "authorization_self":
            named = str(params.get("shop_id") or params.get("auth_id") or "")
            if named != self._shop.shop_id and str(params.get("test_shop", "")) != "1":
                raise Refusal("dop.authorization-no-existed" if named else "isv.parameter-missing")
        elif kind == "authorization_code":
            code = str(params.get("code", ""))
            if code not in self._codes:
                raise Refusal("isv.parameter-invalid", "code不存在或已使用")
            self._codes.discard(code)
        else:
            raise Refusal("isv.parameter-invalid", "grant_type不合法")
        return self._new()

    def refresh(self, params: Doc) -> Doc:
        """token.refresh: the refresh token given is spent, the answer has the next."""
        now = self._shop.seconds()
        row = next((row for row in self.rows if row.refresh == params.get("refresh_token")), None)
        if params.get("grant_type") != "refresh_token":
            raise Refusal("isv.parameter-invalid", "grant_type不合法")
        if row is None or not row.refresh or row.refresh_until <= now:
            raise Refusal("isv.parameter-invalid", "refresh_token不存在或已过期")
        row.refresh = ""
        return self._new()

    def _new(self) -> Doc:
        shop, settings, number = self._shop, self._shop.settings, len(self.rows)
        now = shop.seconds()
        bits = shop.chance.roll(b"dd-token", number).hex()
        row = Token(
            f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:32]}",
            now + settings.access_life_s,
            f"{bits[32:40]}-{bits[40:44]}-{bits[44:48]}-{bits[48:52]}-{bits[52:64]}",
            now + settings.refresh_life_s,
        )
        self.rows.append(row)
        return {
            "access_token": row.access,
            "expires_in": settings.access_life_s,
            "refresh_token": row.refresh,
            "scope": "SCOPE",
            "shop_id": int(shop.shop_id) if settings.shop_id_as_number else shop.shop_id,
            "shop_name": shop.shop_name,
            "authority_id": "",
            "auth_subject_type": "",
        }

    def check(self, text: str) -> None:
        """A live access token, or a refusal."""
        if not text:
            raise Refusal("isv.access-token-missing")
        row = next((row for row in self.rows if row.access == text), None)
        if row is None or row.dead:
            raise Refusal("isv.access-token-no-existed")
        if row.access_until <= self._shop.seconds():
            raise Refusal("isv.access-token-expired")

    def kill(self) -> None:
        """Access tokens die before their time."""
        for row in self.rows:
            row.dead = True
