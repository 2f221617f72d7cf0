"""Quiet hours: the part of the day in which nothing that reaches people leaves. Pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desktop.domain.clock import at_ms, local
from desktop.domain.content import Problem, Severity
from desktop.domain.errors import InvalidInputError

SETTING = "quiet_hours"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one minute of the day (shop's zone) to another, over midnight where `start` is later."""

    start: int
    end: int

    def ends_at(self, now: int, zone: str) -> int | None:
        """When quiet hours that hold the moment `now` end, in UTC ms; None outside of them."""
        civil = local(now, zone)
        minute = civil.hour * 60 + civil.minute
        if self.start <= self.end:
            is_quiet, is_tomorrow = self.start <= minute < self.end, False
        else:
            is_quiet = minute >= self.start or minute < self.end
            is_tomorrow = minute >= self.start
        if not is_quiet:
            return None
        day = civil.date() + timedelta(days=1) if is_tomorrow else civil.date()
        hour, minutes = divmod(self.end, 60)
        return at_ms(datetime(day.year, day.month, day.day, hour, minutes, tzinfo=ZoneInfo(zone)))

    def as_setting(self) -> dict[str, str]:
        """The form kept in the shop's settings."""
        return {"from": _clock_text(self.start), "to": _clock_text(self.end)}


def check(hours: QuietHours | None, window: tuple[int, int | None], zone: str, name: str) -> list[Problem]:
    """A warning when something would leave in quiet hours: it waits, or is missed where its window ends first.

    `window` is [not before, not after] in UTC ms, `name` the field that says the time.
    """
    ends = None if hours is None else hours.ends_at(window[0], zone)
    if ends is None:
        return []
    is_missed = window[1] is not None and ends > window[1]
    until = local(ends, zone).strftime("%H:%M")
    code = "quiet_hours_miss" if is_missed else "quiet_hours_wait"
    return [Problem(code, {"until": until}, name, Severity.WARNING)]


def from_setting(value: object) -> QuietHours | None:
    """The kept quiet hours; None when none are set or the value cannot be read."""
    if not isinstance(value, Mapping):
        return None
    try:
        return checked(value)
    except InvalidInputError:
        return None


def checked(value: Mapping[str, Any]) -> QuietHours:
    """Quiet hours from two 'HH:MM' texts. Raises InvalidInputError('quiet_hours')."""
    start, end = _minute(value.get("from")), _minute(value.get("to"))
    if start is None or end is None or start == end:
        raise InvalidInputError("quiet_hours", start=str(value.get("from")), end=str(value.get("to")))
    return QuietHours(start, end)


def _minute(text: object) -> int | None:
    hour, colon, minute = str(text).partition(":")
    if not (colon and hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit()):
        return None
    if int(hour) > 23 or int(minute) > 59 or len(minute) != 2:
        return None
    return int(hour) * 60 + int(minute)


def _clock_text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
