"""Rules of sending: steps, evidence, back-off, windows, proof, placeholders, words, quotas."""

from __future__ import annotations

import calendar
import json
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain import copy_check, placeholders, quiet_hours, quota
from desktop.domain.clock import at_ms, local
from desktop.domain.copy_check import CopyRules
from desktop.domain.errors import ConflictError, InvalidInputError
from desktop.domain.moments import parsed_moment
from desktop.domain.outbox import (
    FINAL,
    TRANSITIONS,
    ClockReading,
    State,
    Window,
    back_off_ms,
    clamped_wait_ms,
    clock_doubt,
    is_spent,
    step,
    window_at,
)
from desktop.domain.proof import ListedWrite, Listing, UnknownWrite, Verdict, judge
from desktop.domain.write_kinds.wecom import MASS_SEND_CUSTOMERS, MASS_SEND_GROUPS
from desktop.domain.writes import KINDS, Picture, Write, from_payload
from tests.waiting import Stopwatch

RULES = Path(__file__).resolve().parents[3] / "resources" / "rules"
ZONE = "Asia/Shanghai"
WORDS: CopyRules = copy_check.parse(json.loads((RULES / "copy_words.json").read_text(encoding="utf-8")))
QUOTAS = quota.parse(json.loads((RULES / "reach_quota.json").read_text(encoding="utf-8"))["rules"])


@given(st.sampled_from(list(State)), st.sampled_from(list(State)))
def test_only_the_tables_steps_are_taken(old: State, new: State) -> None:
    if new in TRANSITIONS[old]:
        assert step(old, new) is new
    else:
        with pytest.raises(ConflictError):
            step(old, new)


def test_final_states_stay_and_nothing_unknown_flies_again_by_itself() -> None:
    assert all(not TRANSITIONS[state] for state in FINAL)
    assert {state for state, after in TRANSITIONS.items() if State.IN_FLIGHT in after} == {State.QUEUED}
    assert State.CANCELLED not in TRANSITIONS[State.UNKNOWN] | TRANSITIONS[State.IN_FLIGHT]


@given(st.integers(1, 40), st.floats(0, 1, exclude_max=True), st.none() | st.integers(1, 10_000_000))
def test_back_off_grows_to_an_hour_and_obeys_the_platform(
    tries: int, chance: float, asked: int | None
) -> None:
    wait = back_off_ms(tries, chance, asked)
    most = min(30_000 * 2 ** (tries - 1), 3_600_000)
    assert wait >= (asked or 0)
    assert asked is not None or most / 2 - 1 <= wait <= most


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_an_asked_wait_is_kept_in_bounds(seconds: float) -> None:
    assert 1_000 <= clamped_wait_ms(seconds) <= 3_600_000


def test_the_caps() -> None:
    assert not is_spent(5, 2)
    assert is_spent(6, 0)
    assert is_spent(3, 3)


@given(st.integers(0, 10**13), st.integers(0, 10**13), st.none() | st.integers(0, 10**13))
def test_a_window_is_never_open_early_or_late(now: int, opens: int, closes: int | None) -> None:
    is_open = window_at(now, opens, closes) is Window.OPEN
    assert is_open == (now >= opens and (closes is None or now <= closes))


@pytest.mark.parametrize(
    ("reading", "doubt"),
    [
        (ClockReading(10_000, 9_000), None),
        (ClockReading(10_000, 13_000), "clock_before_history"),
        (ClockReading(10_000, 10**12, skew_ms=500), None),  # the clock was wrong once, and is right now
        (ClockReading(10_000, 0, skew_ms=120_001), "clock_skew"),
        (ClockReading(10_000, 0, skew_ms=-120_001), "clock_skew"),
        (ClockReading(10_000, 0, None, 100_000, 39_000), "clock_jump"),
        (ClockReading(10_000, 0, None, -61_000, 0), "clock_jump"),
        (ClockReading(10_000, 0, 0, 100_000, 0), None),
    ],
)
def test_when_a_clock_is_trusted(reading: ClockReading, doubt: str | None) -> None:
    assert clock_doubt(reading) == doubt


SEND = Write(MASS_SEND_CUSTOMERS, {"text": "今晚到货", "sender": ""}, ("wm1",))
START, END = 10_000_000, 10_005_000


def unknown(uid: str = "a", start: int = START, end: int = END) -> UnknownWrite:
    return UnknownWrite(uid, SEND, start, end)


def row(msgid: str, at: int = START, creator: str = "", text: str = "今晚到货") -> ListedWrite:
    return ListedWrite(msgid, at, MASS_SEND_CUSTOMERS, text, (), creator)


def listing(*rows: ListedWrite, taken: int = END + 900_000, complete: bool = True) -> Listing:
    return Listing(rows, 0, taken, complete)


@pytest.mark.parametrize(
    ("found", "taken_ids", "verdict"),
    [
        (listing(row("m1")), set(), Verdict.FOUND),
        (listing(row("m1")), {"m1"}, Verdict.ABSENT),
        (listing(row("m1", creator="zhang")), set(), Verdict.ABSENT),
        (listing(row("m1", text="别的")), set(), Verdict.ABSENT),
        (listing(), set(), Verdict.ABSENT),
        (listing(taken=END + 899_999), set(), Verdict.TOO_EARLY),
        (listing(complete=False), set(), Verdict.INCOMPLETE),
        (listing(row("m1"), complete=False), set(), Verdict.FOUND),
        (listing(row("m1", at=START - 3_600_000)), set(), Verdict.AMBIGUOUS),
        (listing(row("m1", at=END + 3_600_000)), set(), Verdict.AMBIGUOUS),
    ],
)
def test_what_a_listing_proves(found: Listing, taken_ids: set[str], verdict: Verdict) -> None:
    assert judge([unknown()], found, taken_ids, found.taken_at)["a"].verdict is verdict


def test_sends_alike_are_matched_one_to_one() -> None:
    both = [unknown("a"), unknown("b", START + 60_000, END + 60_000)]
    judged = judge(both, listing(row("m1"), row("m2", START + 61_000)), set(), END)
    assert [judged[uid].platform_id for uid in "ab"] == ["m1", "m2"]
    judged = judge(both, listing(row("m1"), taken=END + 200_000), set(), END)
    assert {j.verdict for j in judged.values()} == {Verdict.AMBIGUOUS}


def test_after_a_month_only_a_person_can_tell() -> None:
    now = START + 29 * 86_400_000
    assert judge([unknown()], listing(taken=now), set(), now)["a"].verdict is Verdict.TOO_OLD


@given(st.text(), st.lists(st.text(min_size=1), max_size=5), st.sampled_from(sorted(KINDS)))
def test_frozen_bytes_come_back_as_they_were(text: str, targets: list[str], kind: str) -> None:
    write = Write(kind, {"text": text, "staff": targets}, tuple(targets), (Picture("00", text),))
    assert from_payload(write.canonical()) == write


def test_bytes_frozen_by_the_first_version_are_still_understood() -> None:
    frozen = (
        '{"attachments":[{"file_name":"a.jpg","kind":"image","sha256":"00"}],"chat_type":"group",'
        '"sender":"staff","targets":["wr1"],"text":"今晚到货","version":1}'
    )
    body = {"text": "今晚到货", "sender": "staff"}
    assert from_payload(frozen) == Write(MASS_SEND_GROUPS, body, ("wr1",), (Picture("00", "a.jpg"),))


@pytest.mark.parametrize(
    ("civil", "ends"),
    [("21:59", None), ("22:00", "08:00"), ("03:10", "08:00"), ("07:59", "08:00"), ("08:00", None)],
)
def test_quiet_hours_run_over_midnight(civil: str, ends: str | None) -> None:
    hours = quiet_hours.checked({"from": "22:00", "to": "08:00"})
    now = at_ms(datetime.fromisoformat(f"2026-11-22T{civil}:00+08:00"))
    until = hours.ends_at(now, "Asia/Shanghai")
    assert (None if until is None else local(until, "Asia/Shanghai").strftime("%H:%M")) == ends
    assert until is None or now < until <= now + 10 * 3_600_000


@pytest.mark.parametrize("value", [{"from": "22", "to": "08:00"}, {"from": "08:00", "to": "08:00"}, {}])
def test_quiet_hours_that_make_no_sense_are_refused(value: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError):
        quiet_hours.checked(value)
    assert quiet_hours.from_setting(value) is None


@given(st.text(), st.text())
def test_values_are_never_looked_into(before: str, value: str) -> None:
    template = before.replace("{", "").replace("}", "") + "{昵称}"
    filled = placeholders.fill(template, {"昵称": value})
    if placeholders.is_blank(value):
        assert filled.missing == ("昵称",)
    else:
        assert filled.text == template.removesuffix("{昵称}") + value


@pytest.mark.parametrize("hostile", ["{{7*7}}", "{0.__class__}", "%s", "$x", "{店名}", "{昵称}{昵称}"])
def test_hostile_names_stay_text(hostile: str) -> None:
    filled = placeholders.fill("你好{昵称},欢迎来{店名}", {"昵称": hostile, "店名": "小满"})
    assert filled.text == f"你好{hostile},欢迎来小满"


@pytest.mark.parametrize("blank", ["", "  ", "\u200b\u200d", "\u3164", "\u202e"])
def test_an_empty_name_blocks(blank: str) -> None:
    assert placeholders.fill("{昵称}", {"昵称": blank}).missing == ("昵称",)


def test_english_aliases_are_no_placeholders() -> None:
    assert placeholders.unknown("{nickname} {昵称} {名字}") == ("nickname", "名字")
    assert placeholders.fill("{nickname}", {"nickname": "x"}).text == "{nickname}"


@pytest.mark.parametrize("text", ["女装上新,然后发货", "三黄片怎么卖", "最佳赏味期7天", "", "女装100%纯棉"])
def test_harmless_texts_pass(text: str) -> None:
    assert WORDS.check(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("全国最佳口感", "最佳"),
        ("全国最\u200b佳口感", "最\u200b佳"),
        ("最 佳", "最 佳"),
        ("最·佳", "最·佳"),
        ("國家級工艺", "國家級"),
        ("ＮＯ．１ 品牌", "ＮＯ．１"),
        ("Top 1 好物", "Top 1"),
        ("黄片", "黄片"),
    ],
)
def test_listed_words_are_seen_through_disguise(text: str, found: str) -> None:
    hits = WORDS.check(text)
    assert [hit.found for hit in hits] == [found]
    assert text[hits[0].start : hits[0].end] == found
    assert hits[0].word.reason
    assert hits[0].word.safer


@given(st.text(alphabet="最佳好 \u200b·a１", max_size=40))
def test_offsets_point_into_the_original(text: str) -> None:
    end = 0
    for hit in WORDS.check(text):
        assert hit.start >= end
        assert text[hit.start : hit.end] == hit.found
        end = hit.end


def test_a_million_characters_do_not_hang() -> None:
    watch = Stopwatch()
    assert WORDS.check("最" * 500_000 + "国家" * 250_000) == []
    assert watch.elapsed_s() < 20
    watch = Stopwatch()
    WORDS.check("今晚八点最新鲜的车厘子到货啦,欢迎来群里抢" * 95)
    assert watch.elapsed_s() < 0.5


@pytest.mark.parametrize(("month", "cap"), [(2, 28), (4, 30), (5, 31)])
def test_a_month_has_as_many_sends_as_days(month: int, cap: int) -> None:
    rule = quota.rule_on(QUOTAS, "wecom", date(2026, month, 10))
    assert rule is not None
    assert (rule.key, rule.cap_on(date(2026, month, 10))) == ("wecom_month_days", cap)


@given(st.dates(date(2026, 1, 1), date(2040, 12, 31)), st.integers(0, 86_399))
def test_the_window_holds_the_moment_and_ends_at_month_end(day: date, second: int) -> None:
    rule = quota.rule_on(QUOTAS, "wecom", day)
    assert rule is not None
    at = at_ms(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE))) + second * 1000
    start, end = quota.window_of(rule, at, ZONE)
    assert start <= at < end
    assert (local(start, ZONE).day, local(end, ZONE).day) == (1, 1)
    days = calendar.monthrange(day.year, day.month)[1]
    assert not quota.is_over(rule, days - 1, at, ZONE)
    assert quota.is_over(rule, days, at, ZONE)


def test_rules_change_by_date_and_by_the_owner() -> None:
    keys = [
        rule.key if (rule := quota.rule_on(QUOTAS, "wecom", day)) else None
        for day in (date(2022, 5, 1), date(2024, 5, 1), date(2025, 11, 17))
    ]
    assert keys == ["wecom_four_a_month", "wecom_once_a_day", "wecom_month_days"]
    chosen = quota.rule_on(QUOTAS, "wecom", date(2026, 5, 1), "wecom_four_a_month")
    assert chosen is not None
    assert chosen.cap_on(date(2026, 5, 1)) == 4


def test_moments_as_typed() -> None:
    assert parsed_moment("2026-11-23 20:00", ZONE) == parsed_moment("2026-11-23T12:00+00:00", ZONE)
    for text, code in (
        ("tomorrow", "moment_invalid"),
        ("2026-03-08T02:30", "moment_skipped"),
        ("2026-11-01T01:30", "moment_twice"),
    ):
        with pytest.raises(InvalidInputError) as caught:
            parsed_moment(text, "America/New_York")
        assert caught.value.code == code
