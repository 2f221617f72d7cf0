"""What a platform counts per day of staff and groups, and which days to ask for. Pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAYS = 30  # asked for the first time
REACH_DAYS = 180  # the platform keeps no more
SPAN_DAYS = 30  # of one request


@dataclass(frozen=True, slots=True)
class StaffDay:
    """One staff member on one day. None where there were no chats to count.

    `lost` are customers who deleted or blocked the staff member, `asked` sent requests to be added.
    """

    day: date
    chats: int = 0
    messages: int = 0
    replied_permille: int | None = None
    first_reply_minutes: int | None = None
    lost: int = 0
    asked: int = 0
    added: int = 0


@dataclass(frozen=True, slots=True)
class GroupDay:
    """All groups of one owner on one day."""

    day: date
    groups_new: int = 0
    groups_all: int = 0
    groups_talking: int = 0
    members_new: int = 0
    members_all: int = 0
    members_talking: int = 0
    messages: int = 0


def days_to_ask(last_kept: date | None, today: date) -> list[tuple[date, date]]:
    """Stretches of at most 30 days (first, last) up to yesterday that are not known yet, oldest first."""
    last = today - timedelta(days=1)
    first = today - timedelta(days=FIRST_DAYS) if last_kept is None else last_kept + timedelta(days=1)
    first = max(first, today - timedelta(days=REACH_DAYS))
    spans = []
    while first <= last:
        end = min(first + timedelta(days=SPAN_DAYS - 1), last)
        spans.append((first, end))
        first = end + timedelta(days=1)
    return spans
