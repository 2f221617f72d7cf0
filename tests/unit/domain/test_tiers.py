import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.clock import day_start_ms
from desktop.domain.errors import InvalidInputError
from desktop.domain.fans import Tier
from desktop.domain.periods import DAY_MS
from desktop.domain.tiers import Event, TierFacts, decide, parsed_rules

SHIPPED = Path(__file__).resolve().parents[3] / "resources" / "rules" / "tiers.json"
DOCUMENT = json.loads(SHIPPED.read_text(encoding="utf-8"))
RULES = parsed_rules(DOCUMENT)
ZONE = "Asia/Shanghai"
NOW = day_start_ms(date(2026, 5, 20), ZONE) + DAY_MS // 2
CHEAP, DEAR = 3_000, 250_000


def facts(
    *,
    connected: bool = False,
    bought: bool = False,
    orders: tuple[tuple[int, int], ...] = (),
    touches: tuple[tuple[int, int], ...] = (),
    pinned: Tier | None = None,
    pin_days: int | None = None,
) -> TierFacts:
    """Facts from (days ago, amount) pairs."""
    return TierFacts(
        is_connected=connected,
        bought_ever=bought or bool(orders),
        orders=tuple(Event(NOW - days * DAY_MS, cents) for days, cents in orders),
        interactions=tuple(Event(NOW - days * DAY_MS, count) for days, count in touches),
        pinned=pinned,
        pinned_until=None if pin_days is None else NOW + pin_days * DAY_MS,
    )


# (what is known, tier, codes of the reasons, days until it falls back, what it falls back to)
FIXTURE = [
    (facts(), "prospect", ["not_connected"], None, None),
    (facts(touches=((5, 1),)), "prospect", ["not_connected"], None, None),
    (facts(connected=True), "passerby", ["connected"], None, None),
    (facts(connected=True, touches=((5, 2),)), "passerby", ["connected"], None, None),
    (facts(bought=True), "passerby", ["bought_long_ago"], None, None),
    (facts(orders=((365, CHEAP),)), "passerby", ["bought_long_ago"], None, None),
    (facts(orders=((200, CHEAP),)), "passerby", ["bought_long_ago"], None, None),
    (facts(orders=((180, CHEAP),)), "passerby", ["bought_long_ago"], None, None),
    (facts(connected=True, bought=True), "passerby", ["connected"], None, None),
    (facts(orders=((179, CHEAP),)), "favorable", ["orders"], 1, "passerby"),
    (facts(orders=((0, CHEAP),)), "favorable", ["orders"], 180, "passerby"),
    (facts(orders=((10, CHEAP),)), "favorable", ["orders"], 170, "passerby"),
    (facts(orders=((200, CHEAP), (300, CHEAP))), "favorable", ["orders"], 65, "passerby"),
    (facts(orders=((100, CHEAP), (300, CHEAP))), "favorable", ["orders"], 80, "passerby"),
    (facts(orders=((100, CHEAP), (150, CHEAP))), "favorable", ["orders"], 215, "passerby"),
    (facts(touches=((1, 3),)), "favorable", ["interactions"], 29, "prospect"),
    (facts(touches=((1, 1), (2, 1), (29, 1))), "favorable", ["interactions"], 1, "prospect"),
    (facts(touches=((1, 1), (2, 1), (30, 1))), "prospect", ["not_connected"], None, None),
    (facts(connected=True, touches=((1, 3),)), "favorable", ["interactions"], 29, "passerby"),
    (facts(connected=True, orders=((50, CHEAP),)), "favorable", ["orders"], 130, "passerby"),
    (facts(orders=((1, CHEAP), (60, CHEAP), (170, CHEAP))), "devoted", ["orders"], 10, "favorable"),
    (facts(orders=((1, CHEAP), (60, CHEAP), (180, CHEAP))), "favorable", ["orders"], 305, "passerby"),
    (
        facts(orders=((1, CHEAP), (60, CHEAP)), touches=((3, 5),)),
        "devoted",
        ["orders", "interactions"],
        57,
        "favorable",
    ),
    (facts(orders=((1, CHEAP), (60, CHEAP)), touches=((3, 4),)), "favorable", ["orders"], 305, "passerby"),
    (
        facts(orders=((1, DEAR), (300, DEAR))),
        "devoted",
        ["orders", "spend_cents"],
        65,
        "favorable",
    ),
    (facts(orders=((1, 500_000),)), "favorable", ["orders"], 179, "passerby"),
    (facts(orders=((1, DEAR), (300, 100_000))), "favorable", ["orders"], 179, "passerby"),
    (facts(pinned=Tier.DEVOTED), "devoted", ["pinned"], None, None),
    (
        facts(pinned=Tier.PROSPECT, orders=((1, CHEAP),), pin_days=10),
        "prospect",
        ["pinned_until"],
        10,
        "favorable",
    ),
    (facts(pinned=Tier.DEVOTED, pin_days=10), "devoted", ["pinned_until"], 10, "prospect"),
    (facts(pinned=Tier.DEVOTED, pin_days=0), "prospect", ["not_connected"], None, None),
    (facts(orders=((-1, CHEAP),)), "passerby", ["bought_long_ago"], None, None),
]


@pytest.mark.parametrize(("known", "tier", "codes", "days", "later"), FIXTURE)
def test_the_fixture(
    known: TierFacts, tier: str, codes: list[str], days: int | None, later: str | None
) -> None:
    decision = decide(known, RULES, NOW, ZONE)
    assert decision.tier == tier
    assert [reason.code for reason in decision.reasons] == codes
    day = None if days is None else date.fromordinal(date(2026, 5, 20).toordinal() + days)
    assert decision.falls_back_on == day
    assert decision.falls_back_to == later
    told = decision.as_json()
    assert ("falls_back" in [row["code"] for row in told]) == (days is not None)


def test_a_reason_names_its_figures() -> None:
    decision = decide(facts(orders=((1, CHEAP), (2, CHEAP), (3, CHEAP))), RULES, NOW, ZONE)
    assert decision.as_json()[0] == {"code": "orders", "n": 3, "days": 180, "needed": 3}


EVENTS = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 300_000)), max_size=6).map(tuple)
TOUCHES = st.lists(st.tuples(st.integers(0, 80), st.integers(1, 4)), max_size=6).map(tuple)


@settings(max_examples=120, deadline=None)
@given(EVENTS, TOUCHES, st.booleans())
def test_a_tier_holds_up_to_the_told_moment_and_not_after(
    orders: tuple[tuple[int, int], ...], touches: tuple[tuple[int, int], ...], connected: bool
) -> None:
    known = facts(orders=orders, touches=touches, connected=connected)
    decision = decide(known, RULES, NOW, ZONE)
    if decision.falls_back_on is None:
        later = decide(known, RULES, NOW + 500 * DAY_MS, ZONE)
        assert later.tier == decision.tier
        return
    falls = day_start_ms(decision.falls_back_on, ZONE) + DAY_MS // 2  # events lie at noon
    assert decide(known, RULES, falls - 1, ZONE).tier.level >= decision.tier.level
    after = decide(known, RULES, falls, ZONE)
    assert after.tier == decision.falls_back_to
    assert after.tier.level < decision.tier.level


@settings(max_examples=80, deadline=None)
@given(EVENTS, TOUCHES, st.integers(0, 100))
def test_another_order_never_lowers_a_tier(
    orders: tuple[tuple[int, int], ...], touches: tuple[tuple[int, int], ...], days: int
) -> None:
    before = decide(facts(orders=orders, touches=touches), RULES, NOW, ZONE)
    after = decide(facts(orders=(*orders, (days, CHEAP)), touches=touches), RULES, NOW, ZONE)
    assert after.tier.level >= before.tier.level


@pytest.mark.parametrize(
    "tiers",
    [
        {},
        {"favorable": [[]], "devoted": []},
        {"favorable": [[{"what": "likes", "at_least": 1, "days": 1}]], "devoted": []},
        {"favorable": [[{"what": "orders", "at_least": 0, "days": 1}]], "devoted": []},
        {"favorable": [[{"what": "orders", "at_least": 1, "days": 0}]], "devoted": []},
        {"favorable": [[{"what": "orders", "at_least": "many", "days": 1}]], "devoted": []},
        {"favorable": 5, "devoted": []},
    ],
)
def test_rules_that_make_no_sense_are_refused(tiers: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        parsed_rules({**DOCUMENT, "tiers": tiers})


def test_rules_may_leave_a_tier_without_conditions() -> None:
    rules = parsed_rules({**DOCUMENT, "tiers": {"favorable": [], "devoted": []}})
    assert rules.longest_days == 0
    assert decide(facts(orders=((1, CHEAP),)), rules, NOW, ZONE).tier is Tier.PASSERBY
