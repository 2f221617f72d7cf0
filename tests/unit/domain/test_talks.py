"""Rules of answering: windows, counts, and how pressing a waiting customer is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.talks import (
    ANSWER_WITHIN_MS,
    ANSWERABLE,
    MAX_TEXT_BYTES,
    REPLIES_PER_MESSAGE,
    REPLY_WINDOW_MS,
    Answerer,
    Standing,
    Urgency,
    is_too_long,
    room,
    time_left,
    urgency,
)

NOW = 1_800_000_000_000
standings = st.builds(
    Standing,
    st.sampled_from(Answerer),
    st.none() | st.integers(NOW - 2 * REPLY_WINDOW_MS, NOW),
    st.integers(0, 9),
    st.booleans(),
)


@given(standings)
def test_a_reply_goes_only_where_every_rule_allows_it(standing: Standing) -> None:
    found = room(standing, NOW)
    in_time = standing.last_in_at is not None and standing.last_in_at + REPLY_WINDOW_MS >= NOW
    allowed = (
        standing.is_ours
        and in_time
        and standing.answerer in ANSWERABLE
        and standing.replies < REPLIES_PER_MESSAGE
    )
    assert (found.barred == "") == allowed
    assert found.replies_left == max(0, REPLIES_PER_MESSAGE - standing.replies)


@given(standings, st.integers(1, REPLY_WINDOW_MS))
def test_what_is_barred_by_time_or_count_stays_barred(standing: Standing, later: int) -> None:
    if room(standing, NOW).barred:
        assert room(standing, NOW + later).barred


def test_the_last_moment_of_the_window_is_open() -> None:
    standing = Standing(Answerer.NEW, NOW, 4)
    assert room(standing, NOW + REPLY_WINDOW_MS).barred == ""
    assert room(standing, NOW + REPLY_WINDOW_MS + 1).barred == "talk_too_old"


@given(st.integers(0, 2 * ANSWER_WITHIN_MS), st.integers(0, ANSWER_WITHIN_MS))
def test_waiting_only_grows_more_pressing(waited: int, more: int) -> None:
    order = list(Urgency)
    first, second = urgency(NOW - waited, NOW), urgency(NOW - waited, NOW + more)
    assert order.index(first) <= order.index(second)
    assert (first is Urgency.LATE) == (time_left(NOW - waited, NOW) <= 0)


def test_urgency_turns_at_half_and_four_fifths() -> None:
    edges = [(0.49, Urgency.CALM), (0.5, Urgency.SOON), (0.8, Urgency.PRESSING), (1, Urgency.LATE)]
    for share, wanted in edges:
        assert urgency(NOW - round(ANSWER_WITHIN_MS * share), NOW) is wanted


def test_length_is_counted_in_bytes() -> None:
    assert not is_too_long("a" * MAX_TEXT_BYTES)
    assert is_too_long("a" * (MAX_TEXT_BYTES + 1))
    assert not is_too_long("好" * 682)
    assert is_too_long("好" * 683)
