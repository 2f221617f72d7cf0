"""Calls to an official account: the stable token in the query, the envelope judged, writes never repeated."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

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
from desktop.platforms.wechat.codes import Kind, error_of, kind_of, rule_of

STABLE_TOKEN = "cgi-bin/stable_token"
TRIES = 3  # of one read: busy, dropped connection, server fault
LANES = 3
TOKEN_MARGIN_S = 300  # the platform renews five minutes before the end, and both tokens work meanwhile
WITH_BODY = (401, 403, 429)  # statuses whose body may still be the platform's own word
REPEATED = ("reply_lost", "reply_status", "platform_busy")
CONTROL = bytes.maketrans(bytes(range(32)), b" " * 32)  # raw control characters occur inside its texts

Fields = dict[str, Any]
T = TypeVar("T")


class WeChatClient:
    """One official account's line. One token at a time, fetched by one caller while the others wait."""

    def __init__(
        self,
        api: ApiClient,
        app_id: str,
        app_secret: str,
        clock: Clock,
        spread: Callable[[], float] = random.random,
    ) -> None:
        self.app_id = app_id
        self.clock = clock
        self._ahead_ms: int | None = None  # the platform's clock before this computer's counter
        self._api = api
        self._secret = app_secret
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

    def platform_now_ms(self) -> int:
        """The time at the platform as far as it is known, else this computer's; UTC ms."""
        return self.clock.now_ms() + (self.clock_skew_ms() or 0)

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

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Fields:
        """One GET that changes nothing. Raises the five errors of desktop.platforms.ports."""
        return await self._read("GET", path, query or {}, None)

    async def ask(self, path: str, body: Mapping[str, Any]) -> Fields:
        """One POST that changes nothing. Raises the five errors of desktop.platforms.ports."""
        return await self._read("POST", path, {}, encoded(body))

    async def write(self, path: str, body: Mapping[str, Any] | None) -> Fields:
        """One request that changes something: it leaves at once or not at all, and is never repeated.

        Without a body it is a GET (menu/delete is one). Raises the five errors; UnclearReplyError means
        that it may have been executed. TokenDiedError where the token at hand is no good.
        """
        if self._token and not self._is_live():
            raise TokenDiedError("wechat_token_over")
        method, sent = ("GET", None) if body is None else ("POST", encoded(body))
        return await self._signed(method, path, {}, sent, writes=True, renews=False)

    async def upload(self, path: str, query: Mapping[str, str], upload: Upload) -> Fields:
        """Hand over one file; not repeated. Raises the five errors."""
        return await self._signed("POST", path, query, None, writes=True, upload=upload)

    async def _read(self, method: str, path: str, query: Mapping[str, str], body: bytes | None) -> Fields:
        async def once() -> Fields:
            async with self._lanes:
                return await self._signed(method, path, query, body, writes=False)

        return await self._patiently(once)

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """A read, again after a pause while the platform is busy or the line drops: `TRIES` in all."""
        for tried in range(1, TRIES + 1):
            try:
                return await call()
            except AuthError:
                raise
            except PlatformError as error:
                if tried == TRIES or not _is_worth_repeating(error):
                    raise
            await self.clock.sleep(2 ** (tried - 1) * (0.5 + self._spread()))
        raise AssertionError("the last try returns or raises")

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
                "/" + path,
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
            error.params |= {name: fields[name] for name in ("msg_id",) if name in fields}
            if isinstance(error, RateLimitedError):
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
        """Leave a path alone while its quota is used up. Raises RateLimitedError with the time left."""
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
            if self._refused is not None:  # a wrong secret does not become right by asking again
                raise self._refused
            self._token = ""
            try:
                token = await self._patiently(self._ask_token)
            except AuthError as error:
                self._refused = error
                raise
            return token

    async def _ask_token(self) -> str:
        """The stable token, in normal mode: forcing a new one would kill it for other programs."""
        body = {"grant_type": "client_credential", "appid": self.app_id, "secret": self._secret}
        reply = await self._api.exchange(
            "POST", "/" + STABLE_TOKEN, writes=False, query={}, json_body=encoded(body)
        )
        self._note_time(reply)
        fields = envelope(reply)
        code = errcode(fields)
        if code != 0:
            raise self._told(code, fields, writes=False, signs_in=True)
        token = strict_json.text(fields.get("access_token"))
        lives_s = strict_json.whole(fields.get("expires_in"))
        if not token or not lives_s or lives_s < 0:
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

    def _told(self, code: int, fields: Fields, *, writes: bool, signs_in: bool = False) -> PlatformError:
        message = strict_json.text(fields.get("errmsg"))
        for secret in (self._secret, self._token):
            message = message.replace(secret, "…") if secret else message
        now_s = self.platform_now_ms() / 1000
        return error_of(code, message, writes=writes, signs_in=signs_in, now_s=now_s)


def _is_worth_repeating(error: PlatformError) -> bool:
    code = error.params.get("platform_code")
    if isinstance(code, int):
        return kind_of(code) is Kind.BUSY
    status = error.params.get("status")
    if isinstance(status, int) and status < 500:
        return False
    return error.code in REPEATED


def encoded(body: Mapping[str, Any]) -> bytes:
    """The bytes of a request body: raw UTF-8, because the platform shows \\u escapes as they are."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def envelope(reply: Reply) -> Fields:
    """The object in a reply. Raises UnclearReplyError where it cannot be trusted as the platform's word.

    An empty body is known to stand for a refused mass send as well as for a fault: it proves nothing.
    """
    if reply.status != 200 and reply.status not in WITH_BODY:
        raise UnclearReplyError("reply_status", status=reply.status)
    try:
        fields = strict_json.parse_object(reply.body.decode("utf-8", "replace").encode().translate(CONTROL))
    except strict_json.DoubtfulJsonError as error:
        if reply.status != 200:
            raise UnclearReplyError("reply_status", status=reply.status) from None
        raise UnclearReplyError("reply_garbled", detail=str(error)) from None
    if reply.status != 200 and rule_of(errcode(fields)) is None:
        raise UnclearReplyError("reply_status", status=reply.status)
    if not fields:
        raise UnclearReplyError("reply_garbled", detail="empty object")
    return fields


def errcode(fields: Fields) -> int:
    """The errcode of a reply: many successes leave it out. Raises UnclearReplyError for nonsense."""
    if "errcode" not in fields:
        return 0
    code = strict_json.whole(fields["errcode"])
    if code is None:
        raise UnclearReplyError("reply_garbled", detail="errcode is no number")
    return code


def listed(fields: Fields, name: str) -> list[Fields]:
    """The rows of a listing. Raises UnclearReplyError when the reply is no listing at all."""
    value = fields.get(name)
    if not isinstance(value, list):
        raise UnclearReplyError("reply_garbled", detail=f"no {name} in the reply")
    return strict_json.rows(value)


def seconds_as_ms(value: object) -> int | None:
    """A Unix time in seconds (number or digits) as UTC milliseconds; None for 0 and for nonsense."""
    seconds = strict_json.whole(value)
    return seconds * 1000 if seconds and 0 < seconds < 10**11 else None
