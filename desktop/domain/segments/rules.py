"""A rule: conditions joined by and, or, not. Reading it from JSON, writing it, asking it about one fan.

{"all": [rules]} | {"any": [rules]} | {"not": rule} | {"is": NAME, ...} (see conditions). An empty "all" or
"any" is a rule still to be filled in: nobody belongs to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from desktop.domain.segments.conditions import Condition
from desktop.domain.segments.facts import AsOf, FanFacts
from desktop.domain.segments.reading import condition, invalid

MOST_DEPTH = 6
MOST_CONDITIONS = 60


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Rule


Rule = AllOf | AnyOf | Not | Condition
NOBODY = AllOf()
EVERYONE = Not(NOBODY)


def holds(rule: Rule, fan: FanFacts, as_of: AsOf) -> bool:
    """Whether a fan belongs: the plain reading that the compiled one must agree with."""
    if isinstance(rule, AllOf):
        return bool(rule.parts) and all(holds(part, fan, as_of) for part in rule.parts)
    if isinstance(rule, AnyOf):
        return any(holds(part, fan, as_of) for part in rule.parts)
    if isinstance(rule, Not):
        return not holds(rule.part, fan, as_of)
    return rule.holds(fan, as_of)


def conditions(rule: Rule) -> Iterator[Condition]:
    """Every condition in reading order."""
    if isinstance(rule, AllOf | AnyOf):
        for part in rule.parts:
            yield from conditions(part)
    elif isinstance(rule, Not):
        yield from conditions(rule.part)
    else:
        yield rule


def is_complete(rule: Rule) -> bool:
    """Whether nothing is left to be filled in: there is a condition, and no empty group."""
    if isinstance(rule, AllOf | AnyOf):
        return bool(rule.parts) and all(map(is_complete, rule.parts))
    return is_complete(rule.part) if isinstance(rule, Not) else True


def as_json(rule: Rule) -> dict[str, Any]:
    """The stored form."""
    if isinstance(rule, AllOf):
        return {"all": [as_json(part) for part in rule.parts]}
    if isinstance(rule, AnyOf):
        return {"any": [as_json(part) for part in rule.parts]}
    if isinstance(rule, Not):
        return {"not": as_json(rule.part)}
    return rule.as_json()


def parsed(document: str | Mapping[str, Any]) -> Rule:
    """A rule from JSON text or an object.

    Raises InvalidInputError('segment_invalid') naming the part that makes no sense.
    """
    value: Any = document
    if isinstance(document, str):
        try:
            value = json.loads(document)
        except (ValueError, RecursionError) as error:
            raise invalid("json") from error
    rule = _read(value, 0)
    if sum(1 for _ in conditions(rule)) > MOST_CONDITIONS:
        raise invalid("too_many")
    return rule


def _read(value: Any, depth: int) -> Rule:
    if not isinstance(value, Mapping):
        raise invalid("rule")
    if depth > MOST_DEPTH:
        raise invalid("too_deep")
    if "is" in value:
        return condition(value)
    if len(value) != 1:
        raise invalid("keys")
    word, inner = next(iter(value.items()))
    if word == "not":
        return Not(_read(inner, depth + 1))
    if word not in ("all", "any") or not isinstance(inner, list):
        raise invalid(str(word)[:40])
    parts = tuple(_read(part, depth + 1) for part in inner)
    return AllOf(parts) if word == "all" else AnyOf(parts)
