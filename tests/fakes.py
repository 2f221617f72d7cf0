"""Stand-ins that tests pass where the program takes a port: a virtual clock, a keyring in memory."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from zoneinfo import ZoneInfo

from keyring.backend import KeyringBackend

ZONE = "Asia/Shanghai"
NOON = datetime(2026, 5, 20, 12, 0, tzinfo=ZoneInfo(ZONE))


class FakeClock:
    """A clock that moves only when told, or slept on. Starts at noon of 20 May 2026 in Shanghai."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now_ms = round(start.timestamp() * 1000)
        self._monotonic_s = 1000.0
        self.slept: list[float] = []

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic_s(self) -> float:
        return self._monotonic_s

    async def sleep(self, seconds: float) -> None:
        """Move on by `seconds` at once, and let the other tasks have a turn."""
        self.slept.append(seconds)
        self.advance(max(0.0, seconds))
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now_ms += round(seconds * 1000)
        self._monotonic_s += seconds

    def set_wall(self, moment: datetime) -> None:
        """Turn the wall clock, forwards or back, as a person or a time server does."""
        self._now_ms = round(moment.timestamp() * 1000)


class MemoryKeyring(KeyringBackend):
    """A keyring that forgets with the test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.secrets.pop((service, username), None)


class MovedClock:
    """The system's clock, ahead by what it was advanced."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now_ms(self) -> int:
        return int((time.time() + self.ahead_s) * 1000)

    def monotonic_s(self) -> float:
        return time.monotonic() + self.ahead_s

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))

    def advance(self, seconds: float) -> None:
        self.ahead_s += seconds
