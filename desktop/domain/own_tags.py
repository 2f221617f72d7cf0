"""The shop's own tags: their look, the rule that puts one on by itself, and tags that say the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from desktop.domain.segments.conditions import HasTags
from desktop.domain.segments.rules import AllOf, AnyOf, Not, Rule

COLOURS = ("", "info", "good", "warn", "bad", "deal")  # tones of chips; '' is the plain one
NEARLY = 0.8  # tags with so much in common look like one


@dataclass(frozen=True, slots=True)
class TagPair:
    """Two tags that are carried by nearly the same fans. `alike`: those with both among those with either."""

    first: int
    second: int
    both: int
    alike: float


def nearly_same(carriers: Mapping[int, int]) -> list[TagPair]:
    """Pairs out of sets of fans by tag (see `segments.fan_bits`), most alike first; empty tags have no pair."""
    sizes = {tag_id: members.bit_count() for tag_id, members in carriers.items()}
    found = []
    for first, second in combinations(sorted(tag for tag, size in sizes.items() if size), 2):
        small, large = sorted((sizes[first], sizes[second]))
        if small < NEARLY * large:
            continue
        both = (carriers[first] & carriers[second]).bit_count()
        alike = both / (small + large - both)
        if alike >= NEARLY:
            found.append(TagPair(first, second, both, alike))
    return sorted(found, key=lambda pair: (-pair.alike, pair.first, pair.second))


def tags_in(rule: Rule) -> Iterator[int]:
    """Every tag a rule asks for."""
    if isinstance(rule, AllOf | AnyOf):
        for part in rule.parts:
            yield from tags_in(part)
    elif isinstance(rule, Not):
        yield from tags_in(rule.part)
    elif isinstance(rule, HasTags):
        yield from rule.tags


def with_other_tag(rule: Rule, old: int, new: int) -> Rule:
    """The rule with one tag in place of another."""
    if isinstance(rule, AllOf | AnyOf):
        return type(rule)(tuple(with_other_tag(part, old, new) for part in rule.parts))
    if isinstance(rule, Not):
        return Not(with_other_tag(rule.part, old, new))
    return replace(rule, tags=other_tags(rule.tags, old, new)) if isinstance(rule, HasTags) else rule


def other_tags(tags: Sequence[int], old: int, new: int) -> tuple[int, ...]:
    """These ids, each once, with one in place of another."""
    return tuple(sorted({new if tag == old else tag for tag in tags})) if old in tags else tuple(tags)
