from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.clock import local_day
from desktop.domain.errors import InvalidInputError
from desktop.domain.periods import (
    DAY_MS,
    days_of,
    last_days,
    offsets,
    parsed_day,
    today,
    trailing_year,
    window,
    year_before,
)

ZONES = st.sampled_from(
    ["Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu"]
)
DAYS = st.dates(date(1975, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 5, 20), date(2025, 5, 21)),
        (date(2024, 2, 29), date(2023, 3, 1)),
        (date(2025, 2, 28), date(2024, 2, 29)),
        (date(2025, 3, 1), date(2024, 3, 2)),
        (date(2024, 12, 31), date(2024, 1, 1)),
    ],
)
def test_the_trailing_year_begins_the_day_after_the_same_day_a_year_earlier(day: date, first: date) -> None:
    span = trailing_year(day, "Asia/Shanghai")
    assert (span.first, span.last) == (first, day)


@settings(max_examples=60, deadline=None)
@given(DAYS, ZONES)
def test_a_trailing_year_is_365_or_366_whole_days_of_the_zone(day: date, zone: str) -> None:
    span = trailing_year(day, zone)
    assert len(days_of(span)) in (365, 366)
    assert local_day(span.from_ms, zone) == span.first
    assert local_day(span.to_ms - 1, zone) == day
    assert not span.holds(span.to_ms)
    assert span.holds(span.from_ms)
    assert not span.holds(span.from_ms - 1)


@settings(max_examples=60, deadline=None)
@given(DAYS)
def test_following_years_meet_without_a_gap(day: date) -> None:
    """Every moment of a day is in the year that ends with the next day, unless a year starts there."""
    after = trailing_year(day + timedelta(days=1), "UTC")
    assert after.first in (
        trailing_year(day, "UTC").first,
        trailing_year(day, "UTC").first + timedelta(days=1),
        trailing_year(day, "UTC").first + timedelta(days=2),
    )
    assert year_before(day) < day


@settings(max_examples=40, deadline=None)
@given(DAYS, ZONES, st.floats(0, 1))
def test_offsets_give_the_calendar_day_of_every_moment(day: date, zone: str, part: float) -> None:
    span = last_days(day, 200, zone)
    at = span.from_ms + round(part * (span.to_ms - span.from_ms - 1))
    offset = [piece for piece in offsets(span, zone) if piece[0] <= at][-1][1]
    number = (at + offset) // DAY_MS
    assert date(1970, 1, 1) + timedelta(days=number) == local_day(at, zone)


def test_offsets_change_at_the_very_millisecond() -> None:
    pieces = offsets(window(date(2026, 3, 1), date(2026, 3, 31), "Europe/Berlin"), "Europe/Berlin")
    change = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert [piece[1] for piece in pieces] == [3_600_000, 7_200_000]
    assert pieces[1][0] == round(change.timestamp() * 1000)


def test_last_days_end_with_the_day_and_today_is_the_shops() -> None:
    span = last_days(date(2026, 5, 20), 7, "Asia/Shanghai")
    assert days_of(span)[0] == date(2026, 5, 14)
    assert len(days_of(span)) == 7
    late = datetime(2026, 5, 20, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert today(round(late.timestamp() * 1000), "UTC") == date(2026, 5, 20)
    assert today(round(late.timestamp() * 1000), "Asia/Tokyo") == date(2026, 5, 21)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "20-05-2026", "0001-01-01"])
def test_what_is_not_a_day_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parsed_day(text)
    assert refused.value.code == "day_invalid"


def test_a_day_is_read() -> None:
    assert parsed_day(" 2024-02-29 ") == date(2024, 2, 29)
