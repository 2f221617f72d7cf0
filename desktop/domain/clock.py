"""Time as a port: everything that needs the hour is given a clock. The one module that asks the system."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Wall time in UTC milliseconds, a monotonic counter, and a way to wait."""

    def now_ms(self) -> int:
        """Wall clock: UTC milliseconds since 1970."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that never jump."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; virtual clocks return at once."""
        ...


class SystemClock:
    """The computer's own clock."""

    def now_ms(self) -> int:
        """Wall clock: UTC milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait on the running event loop."""
        await asyncio.sleep(max(0.0, seconds))


def at_ms(moment: datetime) -> int:
    """UTC milliseconds of an aware datetime. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return round(moment.timestamp() * 1000)


def local(ms: int, zone: str) -> datetime:
    """The shop's civil time of a UTC millisecond."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(zone))


def local_day(ms: int, zone: str) -> date:
    """The shop's calendar day of a UTC millisecond."""
    return local(ms, zone).date()


def day_start_ms(day: date, zone: str) -> int:
    """UTC milliseconds at which a calendar day begins in the shop's zone."""
    return at_ms(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)))
