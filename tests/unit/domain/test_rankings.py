import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.errors import InvalidInputError
from desktop.domain.rankings import (
    PARTS,
    Buyer,
    KocScale,
    Move,
    PartRule,
    SuperRule,
    counted,
    koc_order,
    moves,
    parsed_weights,
    points,
    super_standing,
    weights_as_json,
)

WEIGHTS = {
    "purchases": PartRule(20, 2, 24),
    "referrals": PartRule(30, 5, 20),
    "content": PartRule(20, 5, 60),
    "help": PartRule(15, 10, 200),
    "live": PartRule(15, 2, 52),
}
EVERYTHING = frozenset(PARTS)
BUYERS = st.lists(st.integers(0, 2_000_000), max_size=260).map(
    lambda spends: [Buyer(n, 1, spend) for n, spend in enumerate(spends, 1)]
)


def plainly(buyers: list[Buyer], percent: int, floor: int) -> tuple[list[int], set[int]]:
    """The same rule, told another way: one by one, taking the best that is left."""
    left = list(buyers)
    order: list[int] = []
    while left:
        best = left[0]
        for buyer in left[1:]:
            if buyer.spend_cents > best.spend_cents:
                best = buyer
        left.remove(best)
        order.append(best.fan_id)
    places = math.floor(len(buyers) * percent / 100) or 1
    spend = {buyer.fan_id: buyer.spend_cents for buyer in buyers}
    return order, {fan_id for fan_id in order[:places] if spend[fan_id] >= floor}


@settings(max_examples=80, deadline=None)
@given(BUYERS)
def test_super_users_equal_a_plain_evaluation(buyers: list[Buyer]) -> None:
    standing = super_standing(reversed(buyers), SuperRule())
    order, supers = plainly(buyers, 2, 400_000)
    assert [buyer.fan_id for buyer in standing.ranked] == order
    assert standing.super_ids == supers
    total = sum(buyer.spend_cents for buyer in buyers)
    spent = sum(buyer.spend_cents for buyer in buyers if buyer.fan_id in supers)
    assert standing.share_of_sales == (spent / total if total else None)
    assert standing.threshold_cents >= 400_000
    for buyer in buyers:
        if buyer.fan_id in supers:
            assert buyer.spend_cents >= standing.threshold_cents


def test_the_case_of_fifty_thousand_buyers_prints_two_and_twenty_percent() -> None:
    """1,000 buyers at 4,000 yuan among 50,000 who spent 20 million together."""
    best = [Buyer(n, 1, 400_000) for n in range(1, 1001)]
    rest_total = 2_000_000_000 - 1000 * 400_000
    others = [Buyer(n, 1, rest_total // 49_000) for n in range(1001, 50_001)]
    standing = super_standing([*others, *best], SuperRule())
    assert len(standing.super_ids) == 1000
    assert standing.share_of_sales == pytest.approx(0.20, abs=0.0001)
    assert standing.threshold_cents == 400_000
    assert standing.multiple == pytest.approx(400_000 / (rest_total // 49_000))


def test_ties_at_the_line_go_to_the_lower_fan_id_and_the_line_rises_above_the_floor() -> None:
    standing = super_standing([Buyer(n, 1, 500_000) for n in range(149, 0, -1)], SuperRule())
    assert standing.super_ids == {1, 2}
    assert standing.threshold_cents == 500_000
    assert standing.multiple == 1


def test_one_buyer_can_be_super_and_has_nobody_to_be_compared_with() -> None:
    standing = super_standing([Buyer(7, 2, 400_000)], SuperRule())
    assert standing.super_ids == {7}
    assert standing.share_of_sales == 1
    assert standing.multiple is None


def test_without_buyers_nothing_is_computed() -> None:
    standing = super_standing([], SuperRule())
    assert (standing.share_of_sales, standing.multiple, standing.threshold_cents) == (None, None, 400_000)
    assert standing.super_ids == frozenset()


def test_below_the_floor_nobody_is_super() -> None:
    standing = super_standing([Buyer(1, 1, 399_999), Buyer(2, 1, 0)], SuperRule())
    assert standing.super_ids == frozenset()
    assert standing.share_of_sales == 0
    assert standing.multiple is None


COUNTS = st.fixed_dictionaries({part: st.integers(0, 400) for part in PARTS})


@settings(max_examples=80, deadline=None)
@given(COUNTS, st.sampled_from(PARTS), st.integers(0, 50))
def test_more_never_scores_less_and_nothing_exceeds_100(
    counts: dict[str, int], part: str, more: int
) -> None:
    before = KocScale(EVERYTHING, WEIGHTS).opened(1, counts)
    after = KocScale(EVERYTHING, WEIGHTS).opened(1, {**counts, part: counts[part] + more})
    assert before.score is not None
    assert after.score is not None
    assert 0 <= before.score <= after.score <= 100 + 1e-9


@settings(max_examples=60, deadline=None)
@given(COUNTS, st.sets(st.sampled_from(PARTS)))
def test_parts_without_data_are_none_and_leave_the_denominator(
    counts: dict[str, int], measured: set[str]
) -> None:
    scored = KocScale(frozenset(measured), WEIGHTS).opened(1, counts)
    for part in PARTS:
        assert (scored.parts[part].points is None) == (part not in measured)
        assert (scored.parts[part].counted is None) == (part not in measured)
    weight = sum(WEIGHTS[part].weight for part in measured)
    if not measured:
        assert scored.score is None
    else:
        total = sum(WEIGHTS[part].weight * (scored.parts[part].points or 0) for part in measured)
        assert scored.score == pytest.approx(total / weight)


def test_the_formula_reaches_100_at_the_cap_and_the_first_event_weighs_most() -> None:
    assert points(0, 20) == 0
    assert points(20, 20) == pytest.approx(100)
    steps = [points(n + 1, 20) - points(n, 20) for n in range(20)]
    assert steps == sorted(steps, reverse=True)


def test_daily_and_overall_caps() -> None:
    rule = PartRule(10, 2, 5)
    assert counted([1, 1], rule) == 2
    assert counted([9, 1], rule) == 3
    assert counted([2, 2, 2, 2], rule) == 5


def test_a_weight_of_zero_measures_but_does_not_count() -> None:
    weights = {**WEIGHTS, "live": PartRule(0, 2, 52)}
    only_live = KocScale(frozenset({"live"}), weights).opened(1, {"live": 52})
    assert only_live.score is None
    assert only_live.parts["live"].points == pytest.approx(100)


def test_equal_scores_are_ordered_by_spend_then_by_fan_id() -> None:
    assert koc_order(dict.fromkeys((3, 2, 1), 50.0), {2: 10}) == [2, 1, 3]
    assert koc_order({1: None, 2: 1.0, 3: 0.0}, {}) == [2, 1, 3]


def test_moves_name_who_enters_leaves_and_swaps() -> None:
    assert moves([1, 2, 3], [2, 1, 3], 3) == [Move(2, 2, 1), Move(1, 1, 2)]
    assert moves([1, 2], [3, 1, 2], 1) == [Move(3, None, 1), Move(1, 1, 2)]
    assert moves([1], [], 5) == [Move(1, 1, None)]


def test_weights_survive_their_json() -> None:
    assert parsed_weights(weights_as_json(WEIGHTS)) == WEIGHTS


@pytest.mark.parametrize(
    "change",
    [
        {"purchases": None},
        {"purchases": {"weight": 1}},
        {"purchases": {"weight": -1, "day_cap": 1, "cap": 1}},
        {"purchases": {"weight": 101, "day_cap": 1, "cap": 1}},
        {"purchases": {"weight": 1, "day_cap": 0, "cap": 1}},
        {"purchases": {"weight": 1, "day_cap": 1, "cap": 0}},
        {"purchases": {"weight": 1.5, "day_cap": 1, "cap": 1}},
        {"purchases": {"weight": True, "day_cap": 1, "cap": 1}},
        {"bonus": {"weight": 1, "day_cap": 1, "cap": 1}},
        {part: {"weight": 0, "day_cap": 1, "cap": 1} for part in PARTS},
    ],
)
def test_weights_that_make_no_sense_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parsed_weights({**weights_as_json(WEIGHTS), **change})
    assert refused.value.code == "koc_weights_invalid"
