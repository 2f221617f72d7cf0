"""Spans of the shop's calendar as UTC milliseconds: trailing year, last days, weeks."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from desktop.domain.clock import day_start_ms, local, local_day
from desktop.domain.errors import InvalidInputError

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Window:
    """Whole days of the shop: `first` to `last` inclusive, as [from_ms, to_ms)."""

    first: date
    last: date
    from_ms: int
    to_ms: int

    def holds(self, at_ms: int) -> bool:
        """Whether a moment lies inside."""
        return self.from_ms <= at_ms < self.to_ms


def window(first: date, last: date, zone: str) -> Window:
    """The days `first` to `last` in the shop's zone; a day may be 23 or 25 hours long."""
    return Window(first, last, day_start_ms(first, zone), day_start_ms(last + timedelta(days=1), zone))


def trailing_year(day: date, zone: str) -> Window:
    """The calendar year that ends with `day`: from the day after the same day a year earlier.

    The year that ends with 28 February 2025 begins with 29 February 2024; the one that ends with
    29 February 2024 begins with 1 March 2023.
    """
    return window(year_before(day) + timedelta(days=1), day, zone)


def year_before(day: date) -> date:
    """The same day a year earlier; 29 February becomes 28 February."""
    length = calendar.monthrange(day.year - 1, day.month)[1]
    return day.replace(year=day.year - 1, day=min(day.day, length))


def last_days(day: date, days: int, zone: str) -> Window:
    """The `days` days that end with `day`."""
    return window(day - timedelta(days=days - 1), day, zone)


def days_of(span: Window) -> list[date]:
    """Every day of a window, in order."""
    return [span.first + timedelta(days=n) for n in range((span.last - span.first).days + 1)]


def today(now_ms: int, zone: str) -> date:
    """The shop's calendar day of now."""
    return local_day(now_ms, zone)


def parsed_day(text: str) -> date:
    """A day written YYYY-MM-DD. Raises InvalidInputError('day_invalid') for anything else."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInputError("day_invalid", text=text) from error
    if not 1970 < day.year < 9999:
        raise InvalidInputError("day_invalid", text=text)
    return day


def offsets(span: Window, zone: str) -> list[tuple[int, int]]:
    """(from_ms, offset_ms) pieces of a window: within each, civil time is UTC plus one offset.

    With them the shop's calendar day of a moment is (at + offset) // DAY_MS, also in SQL.
    """
    pieces = [(span.from_ms, _offset(span.from_ms, zone))]
    step = span.from_ms
    while step < span.to_ms:
        following = min(step + DAY_MS, span.to_ms)
        if _offset(following, zone) != pieces[-1][1]:
            low, high = step, following
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(middle, zone) == pieces[-1][1] else (low, middle)
            pieces.append((high, _offset(high, zone)))
        step = following
    return pieces


def _offset(ms: int, zone: str) -> int:
    shift = local(ms, zone).utcoffset()
    return 0 if shift is None else round(shift.total_seconds() * 1000)
