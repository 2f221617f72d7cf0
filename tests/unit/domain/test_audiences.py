import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.audience import Audience, parsed_audience
from desktop.domain.errors import InvalidInputError
from desktop.domain.fans import Tier
from desktop.domain.segments.facts import AsOf, FanFacts
from desktop.domain.segments.rules import holds

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
    def held(document: dict[str, object], tier: Tier, *tags: int) -> bool:
        fan = FanFacts(1, tier=tier, tags=frozenset(tags))
        return holds(parsed_audience(document).rule(), fan, AsOf(0, "Asia/Shanghai"))

    any_tag = {"tiers": ["devoted", "favorable"], "tags": [1, 2], "match": "any"}
    all_tags = {"tags": [1, 2], "match": "all"}
    assert held(any_tag, Tier.DEVOTED, 2)
    assert not held(any_tag, Tier.PROSPECT, 2)
    assert not held(any_tag, Tier.DEVOTED, 3)
    assert not held(all_tags, Tier.DEVOTED, 1)
    assert held(all_tags, Tier.PROSPECT, 1, 2, 3)
    assert held({"tiers": ["devoted"]}, Tier.DEVOTED)
    assert held({"all": True}, Tier.PROSPECT)
    assert not held({}, Tier.DEVOTED, 1)


def test_a_saved_audience_stands_alone() -> None:
    saved = parsed_audience({"segment": "0199"})
    assert saved == Audience(segment="0199")
    assert saved.as_json() == {"segment": "0199"}
    assert not saved.is_empty
    for document in ({"segment": 5}, {"segment": "x", "tags": [1]}):
        with pytest.raises(InvalidInputError) as refused:
            parsed_audience(document)
        assert refused.value.params == {"part": "segment"}


def test_stored_text_is_read_and_broken_text_refused() -> None:
    assert parsed_audience('{"all": true}').everyone
    for text, part in (("{", "json"), ("[]", "keys"), ('{"all": true, "tags": [1]}', "all")):
        with pytest.raises(InvalidInputError) as refused:
            parsed_audience(text)
        assert refused.value.params["part"] == part
