"""Calls to WeCom: the token in the query, the envelope judged, reads repeated, writes never."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from desktop.domain.clock import Clock, at_ms
from desktop.domain.errors import (
    AuthError,
    PlatformError,
    RateLimitedError,
    TokenDiedError,
    UnclearReplyError,
)
from desktop.platforms import strict_json
from desktop.platforms.http import ApiClient, Reply, Upload
from desktop.platforms.ports import Budget
from desktop.platforms.wecom.codes import Kind, code_rules, error_of, kind_of

PREFIX = "/cgi-bin/"
TRIES = 3  # of one read: busy, dropped connection, server fault
LANES = 3  # reads at once; WeCom refuses many parallel reads of stored data
TOKEN_MARGIN_S = 60
WITH_BODY = (401, 403, 429)  # statuses whose body may still be the platform's own word
REPEATED = ("reply_lost", "reply_status", "platform_busy")

Fields = dict[str, Any]


class WeComClient:
    """One app's line to WeCom. One token at a time, fetched by one caller while the others wait."""

    def __init__(
        self,
        api: ApiClient,
        corp_id: str,
        corp_secret: str,
        clock: Clock,
        spread: Callable[[], float] = random.random,
    ) -> None:
        self.corp_id = corp_id
        self.clock = clock
        self._ahead_ms: int | None = None  # the platform's clock before this computer's counter
        self._api = api
        self._secret = corp_secret
        self._spread = spread
        self._token = ""
        self._token_until_s = 0.0
        self._token_life: tuple[int, int] | None = None
        self._budget: Budget | None = None
        self._token_lock = asyncio.Lock()
        self._refused: PlatformError | None = None
        self._lanes = asyncio.Semaphore(LANES)
        self._blocked: dict[str, tuple[float, RateLimitedError]] = {}

    async def aclose(self) -> None:
        """Close every connection, forget the token, give back what is left of the budget."""
        self._token = ""
        await self._api.aclose()
        if self._budget is not None:
            await self._budget.aclose()

    def clock_skew_ms(self) -> int | None:
        """Platform time minus local time now; None before any reply.

        Carried on by the counter that never jumps, so that a clock set since the last reply shows.
        """
        if self._ahead_ms is None:
            return None
        return self._ahead_ms + round(self.clock.monotonic_s() * 1000) - self.clock.now_ms()

    def keep_to(self, budget: Budget) -> None:
        """Ask this budget before each call."""
        self._budget = budget

    def token_life(self) -> tuple[int, int] | None:
        """(fetched at, good until) of the token, UTC ms; None before the first."""
        return self._token_life

    async def ready(self, path: str = "") -> None:
        """Have a token at hand, and a call of a path. Raises the five errors."""
        if path and self._budget is not None:
            await self._budget.prepare(path)
        await self._live_token("")

    def platform_now_ms(self) -> int:
        """The time at the platform as far as it is known, else this computer's; UTC ms."""
        return self.clock.now_ms() + (self.clock_skew_ms() or 0)

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Fields:
        """One GET that changes nothing. Raises the five errors of desktop.platforms.ports."""
        return await self._read("GET", path, query or {}, None)

    async def ask(self, path: str, body: Mapping[str, Any]) -> Fields:
        """One POST that changes nothing. Raises the five errors of desktop.platforms.ports."""
        return await self._read("POST", path, {}, encoded(body))

    async def write(self, path: str, body: Mapping[str, Any]) -> Fields:
        """One POST that changes something: it leaves at once or not at all, and is never repeated.

        Raises the five errors; UnclearReplyError means that it may have been executed. TokenDiedError
        where the token at hand is no good: `ready` gets another one, in a time that nobody knows.
        """
        if self._token and not self._is_live():
            raise TokenDiedError("wecom_token_over")
        return await self._signed("POST", path, {}, encoded(body), writes=True, renews=False)

    async def upload(self, path: str, query: Mapping[str, str], upload: Upload) -> Fields:
        """Hand over one file; not repeated. Raises the five errors."""
        return await self._signed("POST", path, query, None, writes=True, upload=upload)

    async def _read(self, method: str, path: str, query: Mapping[str, str], body: bytes | None) -> Fields:
        """A read, again after a pause while the platform is busy or the line drops: `TRIES` in all."""
        for tried in range(1, TRIES + 1):
            try:
                async with self._lanes:
                    return await self._signed(method, path, query, body, writes=False)
            except PlatformError as error:
                if tried == TRIES or not self._is_worth_repeating(error):
                    raise
            await self.clock.sleep(2 ** (tried - 1) * (0.5 + self._spread()))
        raise AssertionError("the last try returns or raises")

    def _is_worth_repeating(self, error: PlatformError) -> bool:
        code = error.params.get("platform_code")
        if isinstance(code, int):
            kind = kind_of(code)
            if kind is Kind.SERIALISE:
                self._lanes = asyncio.Semaphore(1)
            return kind in (Kind.BUSY, Kind.SERIALISE)
        status = error.params.get("status")
        if isinstance(status, int) and status < 500:
            return False
        return error.code in REPEATED

    async def _signed(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: bytes | None,
        *,
        writes: bool,
        renews: bool = True,
        upload: Upload | None = None,
    ) -> Fields:
        """Send with the token; when the platform says it died, once more with a new one (if it `renews`).

        A dead token is found before anything is executed, so that the second sending is no repeat.
        """
        dead = ""
        while True:
            self._check_window(path)
            if self._budget is not None:
                await self._budget.take(path)
            token = await self._live_token(dead)
            reply = await self._api.exchange(
                method,
                PREFIX + path,
                writes=writes,
                query={"access_token": token, **query},
                json_body=body,
                upload=upload,
            )
            self._note_time(reply)
            fields = envelope(reply)
            code = errcode(fields)
            if code == 0:
                return fields
            error = self._told(code, fields, writes=writes)
            if kind_of(code) is Kind.RATE and isinstance(error, RateLimitedError):
                until_s = self.clock.monotonic_s() + (error.retry_after_s or 0.0)
                self._blocked[path] = (until_s, error)
                if self._budget is not None:
                    await self._budget.block(path, error.retry_after_s or 0.0)
            if kind_of(code) is not Kind.TOKEN or dead:
                raise error
            if not renews:
                self._token = "" if self._token == token else self._token
                raise TokenDiedError(error.code, platform_code=code)
            dead = token

    def _check_window(self, path: str) -> None:
        """Leave a path alone while its window is used up. Raises RateLimitedError with the time left."""
        until_s, error = self._blocked.get(path, (0.0, None))
        left_s = until_s - self.clock.monotonic_s()
        if error is not None and left_s > 0:
            told: Fields = {**error.params, "seconds": round(left_s)}
            raise RateLimitedError(error.code, retry_after_s=left_s, **told)

    def _is_live(self) -> bool:
        return bool(self._token) and self.clock.monotonic_s() < self._token_until_s

    async def _live_token(self, dead: str) -> str:
        async with self._token_lock:
            if self._is_live() and self._token != dead:
                return self._token
            if self._refused is not None:  # asking again with a wrong secret gets the address blocked
                raise self._refused
            self._token = ""
            return await self._fetch_token()

    async def _fetch_token(self) -> str:
        for tried in range(1, TRIES + 1):
            try:
                return await self._ask_token()
            except AuthError as error:
                self._refused = error
                raise
            except PlatformError as error:
                if tried == TRIES or not self._is_worth_repeating(error):
                    raise
            await self.clock.sleep(2 ** (tried - 1) * (0.5 + self._spread()))
        raise AssertionError("the last try returns or raises")

    async def _ask_token(self) -> str:
        reply = await self._api.exchange(
            "GET",
            PREFIX + "gettoken",
            writes=False,
            query={"corpid": self.corp_id, "corpsecret": self._secret},
        )
        self._note_time(reply)
        fields = envelope(reply)
        code = errcode(fields)
        if code != 0:
            raise self._told(code, fields, writes=False)
        token = strict_json.text(fields.get("access_token"))
        lives_s = strict_json.whole(fields.get("expires_in"))
        if not token or not lives_s:
            raise UnclearReplyError("reply_garbled", detail="no token in the reply")
        self._token = token
        self._token_until_s = self.clock.monotonic_s() + max(lives_s - TOKEN_MARGIN_S, 1)
        now = self.clock.now_ms()
        self._token_life = now, now + lives_s * 1000
        return token

    def _note_time(self, reply: Reply) -> None:
        """What the platform's clock shows; its header tells whole seconds."""
        try:
            told_ms = at_ms(parsedate_to_datetime(reply.date)) + 500
        except (ValueError, TypeError):
            return
        self._ahead_ms = told_ms - round(self.clock.monotonic_s() * 1000)

    def _told(self, code: int, fields: Fields, *, writes: bool) -> PlatformError:
        message = strict_json.text(fields.get("errmsg"))
        for secret in (self._secret, self._token):
            message = message.replace(secret, "…") if secret else message
        return error_of(code, message, writes=writes)


def encoded(body: Mapping[str, Any]) -> bytes:
    """The bytes of a request body."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def envelope(reply: Reply) -> Fields:
    """The object in a reply. Raises UnclearReplyError where it cannot be trusted as the platform's word."""
    if reply.status != 200 and reply.status not in WITH_BODY:
        raise UnclearReplyError("reply_status", status=reply.status)
    try:
        fields = strict_json.parse_object(reply.body)
    except strict_json.DoubtfulJsonError as error:
        if reply.status != 200:
            raise UnclearReplyError("reply_status", status=reply.status) from None
        raise UnclearReplyError("reply_garbled", detail=str(error)) from None
    if reply.status != 200 and errcode(fields) not in code_rules():
        raise UnclearReplyError("reply_status", status=reply.status)
    if not fields:
        raise UnclearReplyError("reply_garbled", detail="empty object")
    return fields


def errcode(fields: Fields) -> int:
    """The errcode of a reply: 0 where it is left out. Raises UnclearReplyError for nonsense.

    Success with a warning about the request's format is no success: half of it may have been read.
    """
    if "errcode" not in fields:
        return 0
    code = strict_json.whole(fields["errcode"])
    if code is None:
        raise UnclearReplyError("reply_garbled", detail="errcode is no number")
    if code == 0 and "wrong json format" in strict_json.text(fields.get("errmsg")).lower():
        raise UnclearReplyError("reply_warning")
    return code


def listed(fields: Fields, name: str) -> list[Fields]:
    """The rows of a listing. Raises UnclearReplyError when the reply is no listing at all."""
    if name not in fields and "errcode" not in fields:
        raise UnclearReplyError("reply_garbled", detail=f"no {name} in the reply")
    value = fields.get(name)
    if value is not None and not isinstance(value, list):
        raise UnclearReplyError("reply_garbled", detail=f"{name} is no list")
    return strict_json.rows(value)


def seconds_as_ms(value: object) -> int | None:
    """A Unix time in seconds (number or digits) as UTC milliseconds; None for 0 and for nonsense."""
    seconds = strict_json.whole(value)
    return seconds * 1000 if seconds and 0 < seconds < 10**11 else None
