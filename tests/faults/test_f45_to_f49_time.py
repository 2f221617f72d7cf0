"""Faults of time: clocks that are wrong, step or sleep, zones with gaps, and windows that close meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.clock import at_ms, day_start_ms, local
from desktop.domain.quota import QuotaRule, parse, window_of
from tests.faults.desk import Desk

SHANGHAI = "Asia/Shanghai"
DAY_MS, YEAR_MS = 86_400_000, 365 * 86_400_000
HOUR_MS = 3_600_000
YEAR_1970 = -1_779_249_600_000


def quota_rule(window: Any) -> QuotaRule:
    row = {"key": "k", "platform": "wecom", "window": window, "cap": 4, "source": "-"}
    return parse([row | {"effective_from": "1970-01-01", "as_of": "2026-01-01"}])[0]


def step(desk: Desk, milliseconds: int, after_ms: int = 50) -> None:
    """The wall clock is set while something runs."""
    at = desk.line.true_ms() + after_ms
    desk.line.at(at, lambda: setattr(desk.line, "skew_ms", milliseconds))


@pytest.mark.parametrize(
    "skew", [DAY_MS, -DAY_MS, 10 * YEAR_MS, -10 * YEAR_MS, YEAR_1970, 121_500, -121_500]
)
def test_f45_with_a_wrong_clock_nothing_leaves(desk: Desk, skew: int) -> None:
    desk.post()
    desk.line.skew_ms = skew
    desk.wait(5)
    desk.sync()
    assert desk.states() in (["held"], ["confirmed"])  # before its own confirmation it is not due yet
    assert desk.tasks == 0
    desk.line.skew_ms = 0
    for (uid,) in desk.rows("SELECT uid FROM outbox WHERE state = 'held'"):
        desk.do(desk.life.graph.outbox.release(uid))
    desk.sync()
    assert (desk.states(), desk.tasks) == (["done"], 1)


@pytest.mark.parametrize("skew", [DAY_MS, -DAY_MS, HOUR_MS, -HOUR_MS])
@pytest.mark.parametrize("after_ms", [1, 60, 150, 400, 700])
def test_f46_a_step_in_the_middle_of_a_round(desk: Desk, skew: int, after_ms: int) -> None:
    desk.post(scheduled_at=desk.line.local_ms() + HOUR_MS)
    desk.post()
    step(desk, skew, after_ms)
    desk.sync()  # promise 17 and 18 are looked at whenever something leaves
    assert desk.tasks <= 1
    desk.line.skew_ms = 0
    desk.sync()
    for (uid,) in desk.rows("SELECT uid FROM outbox WHERE state = 'held'"):
        desk.do(desk.life.graph.outbox.release(uid))
    desk.wait(3_600)
    desk.sync()
    assert (desk.states(), desk.tasks) == (["done", "done"], 2)


def test_f46_a_step_after_a_lost_reply_proves_no_absence(desk: Desk) -> None:
    desk.platform.moods.lag_ms = 600_000
    desk.post()
    desk.trouble("reset", "add_msg", executes=True)
    desk.sync()
    desk.line.skew_ms = HOUR_MS
    desk.sync()
    assert desk.states() == ["unknown"]
    desk.line.skew_ms = 0
    desk.wait(1_000)
    desk.sync()
    assert (desk.states(), desk.tasks) == (["done"], 1)


def test_f46_asleep_over_the_window(desk: Desk) -> None:
    desk.post(scheduled_at=desk.line.local_ms() + HOUR_MS, grace_minutes=10)
    desk.line.sleep_through(2 * HOUR_MS)
    desk.sync()
    assert (desk.states(), desk.tasks) == (["missed"], 0)


def test_f46_asleep_in_the_middle_of_a_round(desk: Desk) -> None:
    desk.post(scheduled_at=desk.line.local_ms(), grace_minutes=10)
    desk.post()
    at = desk.line.true_ms() + 60
    desk.line.at(at, lambda: desk.line.sleep_through(2 * HOUR_MS))
    desk.sync()
    desk.sync()
    assert desk.states()[0] in ("missed", "done")
    assert desk.states()[1] in ("done", "held")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", SHANGHAI])
def test_f47_a_computer_in_another_zone_sends_at_the_same_moment(
    desk: Desk, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = desk.line.local_ms() + HOUR_MS
    desk.post(scheduled_at=at)
    monkeypatch.setenv("TZ", zone)
    desk.wait(3_599)
    desk.sync()
    assert desk.tasks == 0
    desk.wait(2)
    desk.sync()
    assert (desk.states(), desk.tasks) == (["done"], 1)


def test_f47_gaps_and_overlaps_of_summer_time() -> None:
    """Shanghai had summer time from 1986 to 1991: nine hours ahead in July 1988."""
    summer = datetime(1988, 7, 1, 12, tzinfo=ZoneInfo(SHANGHAI))
    assert summer.utcoffset() == timedelta(hours=9)
    assert local(at_ms(summer), SHANGHAI) == summer
    spring = datetime(1988, 4, 10, tzinfo=ZoneInfo(SHANGHAI)).date()
    lengths = {
        day_start_ms(spring + timedelta(days=n + 1), SHANGHAI)
        - day_start_ms(spring + timedelta(days=n), SHANGHAI)
        for n in range(365)
    }
    assert {HOUR_MS * hours for hours in (23, 24, 25)} >= lengths > {HOUR_MS * 24}


MOMENTS = st.integers(at_ms(datetime(2020, 1, 1, tzinfo=UTC)), at_ms(datetime(2032, 12, 31, tzinfo=UTC)))


@settings(max_examples=150, deadline=None)
@given(
    MOMENTS, st.sampled_from(["day", "month", "month_days"]), st.sampled_from([SHANGHAI, "Europe/Berlin"])
)
def test_f48_the_quotas_windows_meet_at_midnight_month_end_and_leap_day(
    at: int, window: Any, zone: str
) -> None:
    rule = quota_rule(window)
    start, end = window_of(rule, at, zone)
    assert start <= at < end
    assert window_of(rule, end - 1, zone) == (start, end)
    assert window_of(rule, end, zone)[0] == end
    for edge in (start, end):
        civil = local(edge, zone)
        assert (civil.hour, civil.minute, civil.second) == (0, 0, 0)
        assert window == "day" or civil.day == 1


def test_f49_closed_meanwhile(desk: Desk) -> None:
    desk.post(scheduled_at=desk.line.local_ms() + HOUR_MS, grace_minutes=0)
    desk.life.end()
    desk.wait(4_000)
    desk.start()
    assert (desk.states(), desk.reasons()) == (["missed"], ["window_passed_closed"])
    desk.sync()
    assert desk.tasks == 0


@pytest.mark.parametrize(
    ("kind", "path"),
    [("refused", "gettoken"), ("hang", "gettoken"), ("rate429", "add_msg"), ("code", "add_msg")],
)
def test_f49_the_window_passes_while_something_is_in_the_way(desk: Desk, kind: str, path: str) -> None:
    desk.post(scheduled_at=desk.line.local_ms(), grace_minutes=2)
    desk.trouble(kind, path, times=99, code=45033 if kind == "code" else 0)
    for _ in range(6):
        desk.sync()
        desk.wait(30)
    desk.life.wires["wecom"].troubles.clear()
    desk.sync()
    assert (desk.states(), desk.tasks) == (["missed"], 0)
    assert desk.reasons() == ["window_passed_waiting"]


def test_f49_the_window_passes_behind_an_unknown_one(desk: Desk) -> None:
    desk.post()
    desk.post(scheduled_at=desk.line.local_ms(), grace_minutes=5)
    desk.trouble("reset", "add_msg")
    desk.sync()
    desk.wait(200)
    desk.sync()
    assert desk.states() == ["unknown", "queued"]
    desk.wait(1_000)
    desk.sync()
    assert (desk.states(), desk.tasks) == (["done", "missed"], 1)


def test_f49_the_window_passes_while_held(desk: Desk) -> None:
    desk.post(scheduled_at=desk.line.local_ms(), grace_minutes=5)
    desk.do(desk.life.graph.outbox.hold_all("restored"))
    desk.wait(400)
    (uid,) = desk.rows("SELECT uid FROM outbox")[0]
    assert desk.do(desk.life.graph.outbox.release(uid)) == "missed"
    desk.sync()
    assert (desk.states(), desk.tasks) == (["missed"], 0)
