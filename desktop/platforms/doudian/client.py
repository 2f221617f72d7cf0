"""Calls to Douyin shop: signed bytes, both envelopes, a token whose refresh token changes at every use."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.errors import AuthError, RejectedError, TokenDiedError, UnclearReplyError
from desktop.domain.grants import Grant, GrantLife
from desktop.platforms import strict_json
from desktop.platforms.code_table import CodeTable, Kind
from desktop.platforms.doudian.signing import METHOD, VERSION, signature, written
from desktop.platforms.http import ApiClient, Reply
from desktop.platforms.line import Fields, Line, hushed
from desktop.platforms.ports_grants import GrantVault, MemoryVault

MARGIN_MS = 10 * 60_000
FETCHED_AHEAD_MS = 86_400_000  # an access token of seven days is renewed during its last
REFRESH_LIFE_MS = 14 * 86_400_000
OK = ("10000", "0")
NEW_ENVELOPE = {"x-open-no-old-err-code": "1"}

CODES = CodeTable("doudian_codes")


class DoudianClient(Line):
    """One shop's line. `keep_in` before the first call: a refresh token is kept before it is used."""

    def __init__(
        self,
        api: ApiClient,
        app_key: str,
        app_secret: str,
        shop_id: str,
        clock: Clock,
        spread: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(api, clock, spread)
        self.shop_id = shop_id
        self._key = app_key
        self._secret = app_secret
        self._vault: GrantVault = MemoryVault()
        self._grant: Grant | None = None
        self._is_loaded = False
        self._fetched_at = 0
        self._lock = asyncio.Lock()

    async def aclose(self) -> None:
        """Close every connection and forget the token."""
        self._grant, self._is_loaded = None, False
        await self._api.aclose()

    def keep_in(self, vault: GrantVault) -> None:
        """Where tokens are kept."""
        self._vault = vault

    def grant_life(self) -> GrantLife | None:
        """None: an app of the shop's own signs in by itself, nobody ever has to scan."""
        return None

    def token_life(self) -> tuple[int, int] | None:
        """(fetched at, good until) of the access token, UTC ms."""
        return (self._fetched_at, self._grant.access_until) if self._grant and self._fetched_at else None

    async def ready(self) -> None:
        """Have a token at hand. Raises the five errors."""
        await self._live_token("")

    async def authorise(self, code: str) -> Grant:
        """Exchange a code of the authorisation page. Raises the five errors."""
        async with self._lock:
            return await self._create({"grant_type": "authorization_code", "code": code})

    async def ask(self, method: str, fields: Mapping[str, Any]) -> Fields:
        """One call that changes nothing; its `data`. Raises the five errors."""
        return await self._patiently(lambda: self._signed(method, fields, writes=False))

    async def write(self, method: str, fields: Mapping[str, Any]) -> Fields:
        """One call that changes something: never repeated. Raises the five errors, TokenDiedError among them."""
        if self._grant is not None and self._grant.access_until <= self.clock.now_ms():
            raise TokenDiedError("doudian_token_over")
        return await self._signed(method, fields, writes=True)

    async def _signed(self, method: str, fields: Mapping[str, Any], *, writes: bool) -> Fields:
        dead = ""
        while True:
            token = await self._live_token(dead)
            try:
                return await self._call(method, fields, token, writes=writes)
            except AuthError as error:
                is_token = CODES.kind_of([str(error.params.get("platform_code"))]) is Kind.TOKEN
                if not is_token or dead:
                    raise
                if writes:
                    self._forget(token)
                    raise TokenDiedError(
                        error.code, platform_code=error.params.get("platform_code")
                    ) from None
                dead = token

    def _forget(self, token: str) -> None:
        if self._grant is not None and self._grant.access_token == token:
            self._grant = replace(self._grant, access_until=0)

    async def _call(self, method: str, fields: Mapping[str, Any], token: str, *, writes: bool) -> Fields:
        """One signed exchange. What is signed are the very bytes that leave."""
        param_json = written(fields)
        timestamp = str(self.platform_now_ms() // 1000)
        query = {
            "method": method,
            "app_key": self._key,
            "timestamp": timestamp,
            "v": VERSION,
            "sign_method": METHOD,
            "sign": signature(self._key, self._secret, method, param_json, timestamp),
        }
        if token:
            query["access_token"] = token
        reply = await self._exchange(
            "POST",
            "/" + method.replace(".", "/"),
            writes=writes,
            query=query,
            json_body=param_json.encode(),
            headers=NEW_ENVELOPE,
        )
        return self._judged(reply, writes=writes)

    def _judged(self, reply: Reply, *, writes: bool) -> Fields:
        """The `data` of either envelope. Raises what the codes stand for."""
        fields = envelope(reply)
        codes = codes_of(fields)
        if codes:
            words = [strict_json.text(fields.get(name)) for name in ("sub_msg", "msg", "message")]
            message = next(filter(None, words), "")
            token = self._grant.access_token if self._grant else ""
            raise CODES.error_of(codes, hushed(message, self._secret, token), writes=writes)
        data = fields.get("data")
        return data if isinstance(data, dict) else {}

    async def _live_token(self, dead: str) -> str:
        async with self._lock:
            if not self._is_loaded:
                self._grant, self._is_loaded = await self._vault.load(), True
            now, held = self.clock.now_ms(), self._grant
            if held is None:
                return (await self._sign_in()).access_token
            is_live = held.access_until - MARGIN_MS > now and held.access_token != dead
            if is_live and held.access_until - FETCHED_AHEAD_MS > now:
                return held.access_token
            if held.refresh_until > now:
                try:
                    return (await self._refresh(held)).access_token
                except (AuthError, RejectedError):
                    if is_live:
                        return held.access_token
            return (await self._sign_in()).access_token

    async def _sign_in(self) -> Grant:
        """An app of the shop's own may sign in for its own shop without anybody's page."""
        return await self._create({"grant_type": "authorization_self", "shop_id": self.shop_id, "code": ""})

    async def _create(self, fields: Mapping[str, Any]) -> Grant:
        data = await self._call("token.create", fields, "", writes=False)
        shop = strict_json.text(data.get("shop_id"))
        if shop and shop != self.shop_id:
            raise AuthError("doudian_shop_other", platform_code="", hint=shop)
        return await self._keep(data)

    async def _refresh(self, held: Grant) -> Grant:
        fields = {"grant_type": "refresh_token", "refresh_token": held.refresh_token}
        return await self._keep(await self._call("token.refresh", fields, "", writes=False))

    async def _keep(self, data: Fields) -> Grant:
        """New tokens are kept before the first of them is used: the old refresh token may be dead already."""
        access, refresh = (strict_json.text(data.get(name)) for name in ("access_token", "refresh_token"))
        lives_s = strict_json.whole(data.get("expires_in"))
        if not access or not refresh or not lives_s:
            raise UnclearReplyError("reply_garbled", detail="no token in the reply")
        now = self.clock.now_ms()
        grant = Grant(access, refresh, now + lives_s * 1000, now + REFRESH_LIFE_MS, now, self.shop_id)
        await self._vault.save(grant)
        self._grant, self._is_loaded, self._fetched_at = grant, True, now
        return grant


def envelope(reply: Reply) -> Fields:
    """The object in a reply. Raises UnclearReplyError where it cannot be trusted as the platform's word."""
    if reply.status != 200:
        raise UnclearReplyError("reply_status", status=reply.status)
    try:
        return strict_json.parse_object(reply.body)
    except strict_json.DoubtfulJsonError as error:
        raise UnclearReplyError("reply_garbled", detail=str(error)) from None


def codes_of(fields: Fields) -> list[str]:
    """What speaks against success, the most telling first; [] for success.

    A reply may carry the new envelope (`code`, `sub_code`), the old one (`err_no`), or both: then both must
    agree. Raises UnclearReplyError for neither.
    """
    told = [strict_json.text(fields[name]) for name in ("code", "err_no") if name in fields]
    if not told or "" in told:
        raise UnclearReplyError("reply_garbled", detail="neither code nor err_no")
    wrong = [code for code in told if code not in OK]
    if not wrong:
        return []
    sub = strict_json.text(fields.get("sub_code"))
    return [*filter(None, (sub, sub.partition(":")[0])), *wrong]
