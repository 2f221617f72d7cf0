"""Calls to WeCom and official accounts: the token in the query, an errcode back; reads repeated, writes never."""

from __future__ import annotations

import asyncio
import random
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from desktop.domain.clock import Clock
from desktop.domain.errors import (
    AuthError,
    PlatformError,
    RateLimitedError,
    TokenDiedError,
    UnclearReplyError,
)
from desktop.platforms import strict_json
from desktop.platforms.code_table import CodeTable, Kind, ip_in
from desktop.platforms.http import ApiClient, Reply, Upload
from desktop.platforms.line import REPEATED, Fields, Line, encoded, hushed
from desktop.platforms.ports import Budget

LANES = 3  # reads at once; WeCom refuses many parallel reads of stored data
WITH_BODY = (401, 403, 429)  # statuses whose body may still be the platform's own word


class TencentLine(Line, ABC):
    """One token at a time, fetched by one caller while the others wait.

    `prefix` stands before every path, `codes` are the platform's, `codes_of_token` those of its token call,
    `ip_told` finds our address in its words, `kept` names fields of a refusal that go with its error,
    `token_over` is the error of a write whose token has ended, `token_margin_s` how long before it counts so.
    """

    prefix: ClassVar[str]
    codes: ClassVar[CodeTable]
    codes_of_token: ClassVar[CodeTable]
    ip_told: ClassVar[re.Pattern[str]]
    kept: ClassVar[tuple[str, ...]] = ()
    token_over: ClassVar[str]
    token_margin_s: ClassVar[int]

    def __init__(
        self, api: ApiClient, secret: str, clock: Clock, spread: Callable[[], float] = random.random
    ) -> None:
        super().__init__(api, clock, spread)
        self._secret = secret
        self._token = ""
        self._token_until_s = 0.0
        self._token_life: tuple[int, int] | None = None
        self._budget: Budget | None = None
        self._token_lock = asyncio.Lock()
        self._refused: PlatformError | None = None
        self._lanes = asyncio.Semaphore(LANES)
        self._blocked: dict[str, tuple[float, RateLimitedError]] = {}

    @abstractmethod
    async def _token_reply(self) -> Reply:
        """Ask the platform for a token."""

    def parsed(self, body: bytes) -> Fields:
        """The object in a body. Raises DoubtfulJsonError."""
        return strict_json.parse_object(body)

    def errcode(self, fields: Fields) -> int:
        """The errcode of a reply: 0 where it is left out. Raises UnclearReplyError for nonsense."""
        if "errcode" not in fields:
            return 0
        code = strict_json.whole(fields["errcode"])
        if code is None:
            raise UnclearReplyError("reply_garbled", detail="errcode is no number")
        return code

    async def aclose(self) -> None:
        """Close every connection, forget the token, give back what is left of the budget."""
        self._token = ""
        await self._api.aclose()
        if self._budget is not None:
            await self._budget.aclose()

    def keep_to(self, budget: Budget) -> None:
        """Ask this budget before each call."""
        self._budget = budget

    def token_life(self) -> tuple[int, int] | None:
        """(fetched at, good until) of the token, UTC ms; None before the first."""
        return self._token_life

    async def ready(self, *paths: str) -> None:
        """Have a token at hand, and a call of each path. Raises the five errors and StoreError."""
        if self._budget is not None:
            for path in paths:
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

        Without a body it is a GET (menu/delete of official accounts is one). Raises the five errors;
        UnclearReplyError means that it may have been executed. TokenDiedError where the token at hand is
        no good: `ready` gets another one, in a time that nobody knows.
        """
        if self._token and not self._is_live():
            raise TokenDiedError(self.token_over)
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

    def _is_worth_repeating(self, error: PlatformError) -> bool:
        code = error.params.get("platform_code")
        if isinstance(code, int):
            kind = self.codes.kind_of([code])
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
            reply = await self._exchange(
                method,
                self.prefix + path,
                writes=writes,
                query={"access_token": token, **query},
                json_body=body,
                upload=upload,
            )
            fields = self._opened(reply)
            code = self.errcode(fields)
            if code == 0:
                return fields
            kind = self.codes.kind_of([code])
            error = self._told(self.codes, code, fields, writes=writes)
            error.params |= {name: fields[name] for name in self.kept if name in fields}
            if kind in (Kind.RATE, Kind.DAY) and isinstance(error, RateLimitedError):
                await self._close_path(path, error)
            if kind is not Kind.TOKEN or dead:
                raise error
            if not renews:
                self._token = "" if self._token == token else self._token
                raise TokenDiedError(error.code, platform_code=code)
            dead = token

    async def _close_path(self, path: str, error: RateLimitedError) -> None:
        left_s = error.retry_after_s or 0.0
        self._blocked[path] = (self.clock.monotonic_s() + left_s, error)
        if self._budget is not None:
            await self._budget.block(path, left_s)

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
            try:
                return await self._patiently(self._fetched_token)
            except AuthError as error:
                self._refused = error
                raise

    async def _fetched_token(self) -> str:
        fields = self._opened(await self._token_reply())
        code = self.errcode(fields)
        if code != 0:
            raise self._told(self.codes_of_token, code, fields, writes=False)
        token = strict_json.text(fields.get("access_token"))
        lives_s = strict_json.whole(fields.get("expires_in"))
        if not token or not lives_s or lives_s < 0:
            raise UnclearReplyError("reply_garbled", detail="no token in the reply")
        self._token = token
        self._token_until_s = self.clock.monotonic_s() + max(lives_s - self.token_margin_s, 1)
        now = self.clock.now_ms()
        self._token_life = now, now + lives_s * 1000
        return token

    def _opened(self, reply: Reply) -> Fields:
        """The object in a reply. Raises UnclearReplyError where it cannot be trusted as the platform's word.

        An empty body is known to stand for a refused mass send as well as for a fault: it proves nothing.
        """
        if reply.status != 200 and reply.status not in WITH_BODY:
            raise UnclearReplyError("reply_status", status=reply.status)
        try:
            fields = self.parsed(reply.body)
        except strict_json.DoubtfulJsonError as error:
            if reply.status != 200:
                raise UnclearReplyError("reply_status", status=reply.status) from None
            raise UnclearReplyError("reply_garbled", detail=str(error)) from None
        if reply.status != 200 and self.codes.known([self.errcode(fields)]) is None:
            raise UnclearReplyError("reply_status", status=reply.status)
        if not fields:
            raise UnclearReplyError("reply_garbled", detail="empty object")
        return fields

    def _told(self, codes: CodeTable, code: int, fields: Fields, *, writes: bool) -> PlatformError:
        message = hushed(strict_json.text(fields.get("errmsg")), self._secret, self._token)
        ip, now_s = ip_in(message, self.ip_told), self.platform_now_ms() / 1000
        return codes.error_of([code], message, writes=writes, ip=ip, now_s=now_s)


def seconds_as_ms(value: object) -> int | None:
    """A Unix time in seconds (number or digits) as UTC milliseconds; None for 0 and for nonsense."""
    seconds = strict_json.whole(value)
    return seconds * 1000 if seconds and 0 < seconds < 10**11 else None
