"""What the line to every platform does: it hears the hour there, and reads again when a read fails in passing."""

from __future__ import annotations

import json
import random
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from desktop.domain.clock import Clock, at_ms
from desktop.domain.errors import AuthError, PlatformError
from desktop.platforms.http import ApiClient, Reply

TRIES = 3  # of one read: busy, dropped connection, server fault
REPEATED = ("reply_lost", "reply_status", "platform_busy")

Fields = dict[str, Any]
T = TypeVar("T")


class Line(ABC):
    """A line to one account. `spread` gives 0 to 1, so that many callers do not come back at once."""

    def __init__(self, api: ApiClient, clock: Clock, spread: Callable[[], float] = random.random) -> None:
        self.clock = clock
        self._api = api
        self._spread = spread
        self.is_silent = True  # no reply has come yet
        self._ahead_ms: int | None = None  # the platform's clock before this computer's counter

    @abstractmethod
    async def aclose(self) -> None:
        """Close every connection."""

    @abstractmethod
    async def ready(self) -> None:
        """Have a token at hand. Raises the five errors."""

    @abstractmethod
    def token_life(self) -> tuple[int, int] | None:
        """(fetched at, good until) of the token, UTC ms; None before the first."""

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

    async def _exchange(
        self, method: str, path: str, *, writes: bool, query: Mapping[str, str] | None = None, **more: Any
    ) -> Reply:
        """One request as `ApiClient.exchange` sends it, and what its reply tells of the time."""
        reply = await self._api.exchange(method, path, writes=writes, query=query or {}, **more)
        self.is_silent = False
        self._note_time(reply)
        return reply

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """A read, again after a pause while the platform is busy or the line drops: `TRIES` in all."""
        for tried in range(1, TRIES + 1):
            try:
                return await call()
            except AuthError:
                raise
            except PlatformError as error:
                if tried == TRIES or not self._is_worth_repeating(error):
                    raise
            await self.clock.sleep(2 ** (tried - 1) * (0.5 + self._spread()))
        raise AssertionError("the last try returns or raises")

    def _is_worth_repeating(self, error: PlatformError) -> bool:
        return error.code in REPEATED

    def _note_time(self, reply: Reply) -> None:
        """What the platform's clock shows; its header tells whole seconds."""
        try:
            told_ms = at_ms(parsedate_to_datetime(reply.date)) + 500
        except (ValueError, TypeError):
            return
        self._ahead_ms = told_ms - round(self.clock.monotonic_s() * 1000)


def encoded(body: Mapping[str, Any]) -> bytes:
    """The bytes of a request body: raw UTF-8, because platforms show \\u escapes as they are."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def hushed(message: str, *secrets: str) -> str:
    """A platform's words without what they may repeat of ours."""
    for secret in secrets:
        message = message.replace(secret, "…") if secret else message
    return message
