"""How often a fan or group may be reached in a month: dated rule packs, the owner may override."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from desktop.domain.clock import at_ms, local

Window = Literal["day", "month", "month_days"]
OVERRIDE_KEY = "reach_quota.wecom"


@dataclass(frozen=True, slots=True)
class QuotaRule:
    """One dated rule. window "month_days": as many a month as the month has days.

    `effective_from`/`effective_to` are calendar days of the shop's zone, the end exclusive.
    """

    key: str
    platform: str
    window: Window
    cap: int
    effective_from: date
    effective_to: date | None
    source: str
    as_of: date

    def cap_on(self, day: date) -> int:
        """The cap of the window that holds `day`."""
        return monthrange(day.year, day.month)[1] if self.window == "month_days" else self.cap


def parse(rows: Sequence[Mapping[str, Any]]) -> tuple[QuotaRule, ...]:
    """Rules as the resource file holds them. Raises KeyError or ValueError for a broken file."""
    return tuple(
        QuotaRule(
            key=row["key"],
            platform=row["platform"],
            window=row["window"],
            cap=int(row.get("cap", 0)),
            effective_from=date.fromisoformat(row["effective_from"]),
            effective_to=date.fromisoformat(row["effective_to"]) if row.get("effective_to") else None,
            source=row["source"],
            as_of=date.fromisoformat(row["as_of"]),
        )
        for row in rows
    )


def rule_on(
    rules: Sequence[QuotaRule], platform: str, day: date, override: str | None = None
) -> QuotaRule | None:
    """The rule in force on a day: the owner's choice by key, else the newest that covers the day."""
    fitting = [rule for rule in rules if rule.platform == platform]
    for rule in fitting:
        if override and rule.key == override:
            return rule
    covering = [
        rule
        for rule in fitting
        if rule.effective_from <= day and (rule.effective_to is None or day < rule.effective_to)
    ]
    return max(covering, key=lambda rule: rule.effective_from, default=None)


def window_of(rule: QuotaRule, at: int, zone: str) -> tuple[int, int]:
    """The window that holds the moment `at`, as [start, end) in UTC milliseconds."""
    civil = local(at, zone)
    if rule.window == "day":
        start = datetime(civil.year, civil.month, civil.day, tzinfo=ZoneInfo(zone))
        following = date.fromordinal(civil.date().toordinal() + 1)
    else:
        start = datetime(civil.year, civil.month, 1, tzinfo=ZoneInfo(zone))
        following = date(civil.year + civil.month // 12, civil.month % 12 + 1, 1)
    end = datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(zone))
    return at_ms(start), at_ms(end)


def is_over(rule: QuotaRule, sends_in_window: int, at: int, zone: str) -> bool:
    """Whether one more send at `at` would pass the cap, given the sends of its window so far."""
    return sends_in_window >= rule.cap_on(local(at, zone).date())
