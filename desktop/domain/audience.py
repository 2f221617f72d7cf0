"""Who a post is for: everyone, a saved audience, or a small rule over tiers and tags.

Its JSON is stored with the post. {"all": true} is everyone. {"segment": uid} is who belongs to that audience
when the post is confirmed. {"tiers": [...], "tags": [...], "match": "any"|"all"} is the fans in one
of the tiers (if any are given) who carry any or all of the tags (if any are given). A rule that
names nothing is still empty and reaches nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desktop.domain.errors import InvalidInputError
from desktop.domain.fans import Tier
from desktop.domain.segments.conditions import HasTags, TierIs
from desktop.domain.segments.rules import EVERYONE, AllOf, Rule

KEYS = {"all", "segment", "tiers", "tags", "match"}


@dataclass(frozen=True, slots=True)
class Audience:
    """A parsed rule. Tags are local tag ids, `segment` the uid of a saved audience."""

    everyone: bool = False
    tiers: tuple[Tier, ...] = ()
    tags: tuple[int, ...] = ()
    match: str = "any"
    segment: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it names nobody yet."""
        return not (self.everyone or self.segment or self.tiers or self.tags)

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        if self.everyone:
            return {"all": True}
        if self.segment:
            return {"segment": self.segment}
        return {"tiers": [tier.value for tier in self.tiers], "tags": list(self.tags), "match": self.match}

    def rule(self) -> Rule:
        """The same as a rule of saved audiences; for `segment` ask its own."""
        if self.everyone:
            return EVERYONE
        parts: list[Rule] = []
        if self.tiers:
            parts.append(TierIs(self.tiers))
        if self.tags:
            parts.append(HasTags(self.tags, self.match))
        return AllOf(tuple(parts))


def parsed_audience(document: str | Mapping[str, Any]) -> Audience:
    """A rule from JSON text or object; {} is the empty rule of a fresh draft.

    Raises InvalidInputError('audience_invalid') naming the part that makes no sense.
    """
    value: Any = document
    if isinstance(document, str):
        try:
            value = json.loads(document)
        except ValueError as error:
            raise InvalidInputError("audience_invalid", part="json") from error
    if not isinstance(value, Mapping) or not KEYS.issuperset(value):
        raise InvalidInputError("audience_invalid", part="keys")
    everyone = value.get("all", False)
    if not isinstance(everyone, bool):
        raise InvalidInputError("audience_invalid", part="all")
    if everyone:
        if value.get("tiers") or value.get("tags"):
            raise InvalidInputError("audience_invalid", part="all")
        return Audience(everyone=True)
    segment = value.get("segment", "")
    if not isinstance(segment, str) or (segment and (value.get("tiers") or value.get("tags"))):
        raise InvalidInputError("audience_invalid", part="segment")
    if segment:
        return Audience(segment=segment)
    match = value.get("match", "any")
    if match not in ("any", "all"):
        raise InvalidInputError("audience_invalid", part="match")
    return Audience(False, _tiers(value.get("tiers", [])), _tags(value.get("tags", [])), match)


def _tiers(value: Any) -> tuple[Tier, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidInputError("audience_invalid", part="tiers")
    try:
        chosen = {Tier(item) for item in value}
    except ValueError as error:
        raise InvalidInputError("audience_invalid", part="tiers") from error
    return tuple(tier for tier in Tier if tier in chosen)


def _tags(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or any(isinstance(v, bool) or not isinstance(v, int) for v in value):
        raise InvalidInputError("audience_invalid", part="tags")
    return tuple(dict.fromkeys(value))
