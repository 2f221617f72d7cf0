import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.audiences import TIERS, Audience, described, from_json
from desktop.domain.errors import InvalidInputError

AUDIENCES = st.one_of(
    st.just(Audience(everyone=True)),
    st.builds(
        Audience,
        everyone=st.just(False),
        tiers=st.lists(st.sampled_from(TIERS), unique=True).map(tuple),
        tags=st.lists(st.integers(1, 9), max_size=4, unique=True).map(tuple),
        match=st.sampled_from(["any", "all"]),
    ),
)


@settings(max_examples=60, deadline=None)
@given(AUDIENCES)
def test_a_rule_survives_its_json(audience: Audience) -> None:
    again = from_json(audience.as_json())
    assert again.is_empty == audience.is_empty
    if not audience.is_empty:
        assert again == audience


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"who": 1}, "unknown_fields"),
        ({"tiers": ["best"]}, "audience_tier_unknown"),
        ({"tags": ["1"]}, "audience_tag_unknown"),
        ({"tags": [True]}, "audience_tag_unknown"),
        ({"match": "none"}, "audience_match_unknown"),
    ],
)
def test_what_makes_no_sense_is_refused(document: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        from_json(document)
    assert refused.value.code == code


def test_tiers_narrow_and_tags_match_any_or_all() -> None:
    any_tag = from_json({"tiers": ["devoted", "favorable"], "tags": [1, 2], "match": "any"})
    all_tags = from_json({"tags": [1, 2], "match": "all"})
    assert any_tag.holds("devoted", {2})
    assert not any_tag.holds("prospect", {2})
    assert not any_tag.holds("devoted", {3})
    assert not all_tags.holds("devoted", {1})
    assert all_tags.holds("prospect", {1, 2, 3})
    assert from_json({"tiers": ["devoted"]}).holds("devoted", ())
    assert from_json({"all": True}).holds("prospect", ())
    assert not from_json({}).holds("devoted", [1])


def test_a_rule_is_told_in_words() -> None:
    assert described(Audience(everyone=True), {}) == [("audience.everyone", {})]
    assert described(Audience(), {}) == [("audience.nobody", {})]
    rule = Audience(False, ("devoted",), (1, 2), "all")
    assert described(rule, {1: "爱吃梨"}) == [
        ("audience.tiers", {"tiers": ["tier.devoted"]}),
        ("audience.tags_all", {"tags": ["爱吃梨", "#2"]}),
    ]
    assert described(Audience(tags=(1,)), {1: "甲"}) == [("audience.tags_any", {"tags": ["甲"]})]
