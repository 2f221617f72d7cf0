"""Who a post is for: a small rule over tiers and tags. Its JSON is stored with the post.

{"all": true} is everyone. {"tiers": [...], "tags": [...], "match": "any"|"all"} is the fans in one
of the tiers (if any are given) who carry any or all of the tags (if any are given). A rule that
names nothing is still empty and reaches nobody.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from desktop.domain.errors import InvalidInputError
from desktop.domain.fans import Tier

KEYS = {"all", "tiers", "tags", "match"}


@dataclass(frozen=True, slots=True)
class Audience:
    """A parsed rule. Tags are local tag ids."""

    everyone: bool = False
    tiers: tuple[Tier, ...] = ()
    tags: tuple[int, ...] = ()
    match: str = "any"

    @property
    def is_empty(self) -> bool:
        """Whether it names nobody yet."""
        return not (self.everyone or self.tiers or self.tags)

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        if self.everyone:
            return {"all": True}
        return {"tiers": [tier.value for tier in self.tiers], "tags": list(self.tags), "match": self.match}

    def holds(self, tier: Tier, tags: Collection[int]) -> bool:
        """Whether a fan of this tier with these tags belongs to it."""
        if self.everyone:
            return True
        if self.is_empty or (self.tiers and tier not in self.tiers):
            return False
        found = [tag in tags for tag in self.tags]
        if not found:
            return True
        return all(found) if self.match == "all" else any(found)


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


def described(audience: Audience, tag_names: Mapping[int, str]) -> list[tuple[str, dict[str, Any]]]:
    """The rule in words: text keys `audience.<code>` with parameters, in reading order."""
    if audience.everyone:
        return [("audience.everyone", {})]
    if audience.is_empty:
        return [("audience.nobody", {})]
    said: list[tuple[str, dict[str, Any]]] = []
    if audience.tiers:
        said.append(("audience.tiers", {"tiers": [f"tier.{tier.value}" for tier in audience.tiers]}))
    if audience.tags:
        names = [tag_names.get(tag, f"#{tag}") for tag in audience.tags]
        code = "audience.tags_all" if audience.match == "all" else "audience.tags_any"
        said.append((code, {"tags": names}))
    return said
