import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.audience import Audience, described, parsed_audience
from desktop.domain.errors import InvalidInputError
from desktop.domain.fans import Tier

AUDIENCES = st.one_of(
    st.just(Audience(everyone=True)),
    st.builds(
        Audience,
        everyone=st.just(False),
        tiers=st.lists(st.sampled_from(Tier), unique=True).map(tuple),
        tags=st.lists(st.integers(1, 9), max_size=4, unique=True).map(tuple),
        match=st.sampled_from(["any", "all"]),
    ),
)


@settings(max_examples=60, deadline=None)
@given(AUDIENCES)
def test_a_rule_survives_its_json(audience: Audience) -> None:
    again = parsed_audience(audience.as_json())
    assert again.is_empty == audience.is_empty
    if not audience.is_empty:
        assert again == parsed_audience(again.as_json())
        assert (set(again.tiers), again.tags) == (set(audience.tiers), audience.tags)
        assert (again.everyone, again.match) == (audience.everyone, audience.match)


@pytest.mark.parametrize(
    ("document", "part"),
    [
        ({"who": 1}, "keys"),
        ({"tiers": ["best"]}, "tiers"),
        ({"tiers": "devoted"}, "tiers"),
        ({"tags": ["1"]}, "tags"),
        ({"tags": [True]}, "tags"),
        ({"match": "none"}, "match"),
        ({"all": 1}, "all"),
        ({"all": True, "tags": [1]}, "all"),
        ("{", "json"),
    ],
)
def test_what_makes_no_sense_is_refused(document: dict[str, object] | str, part: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parsed_audience(document)
    assert (refused.value.code, refused.value.params) == ("audience_invalid", {"part": part})


def test_tiers_narrow_and_tags_match_any_or_all() -> None:
    any_tag = parsed_audience({"tiers": ["devoted", "favorable"], "tags": [1, 2], "match": "any"})
    all_tags = parsed_audience({"tags": [1, 2], "match": "all"})
    assert any_tag.holds(Tier.DEVOTED, {2})
    assert not any_tag.holds(Tier.PROSPECT, {2})
    assert not any_tag.holds(Tier.DEVOTED, {3})
    assert not all_tags.holds(Tier.DEVOTED, {1})
    assert all_tags.holds(Tier.PROSPECT, {1, 2, 3})
    assert parsed_audience({"tiers": ["devoted"]}).holds(Tier.DEVOTED, ())
    assert parsed_audience({"all": True}).holds(Tier.PROSPECT, ())
    assert not parsed_audience({}).holds(Tier.DEVOTED, [1])


def test_a_rule_is_told_in_words() -> None:
    assert described(Audience(everyone=True), {}) == [("audience.everyone", {})]
    assert described(Audience(), {}) == [("audience.nobody", {})]
    rule = Audience(False, (Tier.DEVOTED,), (1, 2), "all")
    assert described(rule, {1: "爱吃梨"}) == [
        ("audience.tiers", {"tiers": ["tier.devoted"]}),
        ("audience.tags_all", {"tags": ["爱吃梨", "#2"]}),
    ]
    assert described(Audience(tags=(1,)), {1: "甲"}) == [("audience.tags_any", {"tags": ["甲"]})]


def test_stored_text_is_read_and_broken_text_refused() -> None:
    assert parsed_audience('{"all": true}').everyone
    for text, part in (("{", "json"), ("[]", "keys"), ('{"all": true, "tags": [1]}', "all")):
        with pytest.raises(InvalidInputError) as refused:
            parsed_audience(text)
        assert refused.value.params["part"] == part
