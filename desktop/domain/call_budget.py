"""How many calls a platform allows in a stretch of time, and how much of that is left. Pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
ZONE_MS = 8 * HOUR_MS  # natural days are those of China
MOST_AHEAD = 100
AHEAD_PART = 100  # at most one in a hundred of a window is reserved ahead


class Window(StrEnum):
    """The stretch of time a limit counts in."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


LENGTH_MS: Mapping[Window, int] = {
    Window.MINUTE: MINUTE_MS,
    Window.HOUR: HOUR_MS,
    Window.DAY: DAY_MS,
    Window.MONTH: 30 * DAY_MS,
}


@dataclass(frozen=True, slots=True)
class CallLimit:
    """At most `most` calls of one path in one window."""

    window: Window
    most: int


@dataclass(frozen=True, slots=True)
class Used:
    """What is counted of one window: where it began (UTC ms) and how many calls, reserved ones included."""

    began_at: int
    calls: int


def ends_at(window: Window, began_at: int) -> int:
    """When a window that began at a moment is over: UTC ms."""
    if window is Window.DAY:
        return ((began_at + ZONE_MS) // DAY_MS + 1) * DAY_MS - ZONE_MS
    return began_at + LENGTH_MS[window]


def now_used(window: Window, known: Used | None, now: int) -> Used:
    """The window that holds this moment: the known one, or a fresh one.

    A clock that was set back never frees anything: what was used counts from now on.
    """
    if known is None or now >= ends_at(window, known.began_at):
        return Used(now, 0)
    return Used(min(known.began_at, now), known.calls)


def ahead(limits: tuple[CallLimit, ...]) -> int:
    """How many calls of a path are reserved at once, so that not each of them costs a commit."""
    return max(1, min([MOST_AHEAD, *(limit.most // AHEAD_PART for limit in limits)]))
