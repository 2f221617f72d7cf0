"""Who a post is for: everyone, or fans of some tiers and tags. Pure data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from desktop.domain.errors import InvalidInputError

TIERS = ("prospect", "passerby", "favorable", "devoted")
Match = Literal["any", "all"]


@dataclass(frozen=True, slots=True)
class Audience:
    """`everyone`, or fans in one of `tiers` (any/all) and with `tags` (local ids).

    Of one of the tiers (when some are named), and with any or with all of the tags (when some are
    named), as `match` says.
    """

    everyone: bool = False
    tiers: tuple[str, ...] = ()
    tags: tuple[int, ...] = ()
    match: Match = "any"

    @property
    def is_empty(self) -> bool:
        """Nobody was chosen yet."""
        return not (self.everyone or self.tiers or self.tags)

    def holds(self, tier: str, tags: Collection[int]) -> bool:
        """Whether a fan of this tier with these tags belongs to it."""
        if self.everyone:
            return True
        if self.is_empty or (self.tiers and tier not in self.tiers):
            return False
        found = [tag in tags for tag in self.tags]
        if not found:
            return True
        return all(found) if self.match == "all" else any(found)

    def as_json(self) -> dict[str, Any]:
        """What the post row keeps."""
        if self.everyone:
            return {"all": True}
        if self.is_empty:
            return {}
        return {"tiers": list(self.tiers), "tags": list(self.tags), "match": self.match}


def from_json(value: Mapping[str, Any]) -> Audience:
    """An audience from its stored or typed form. Raises InvalidInputError for what it may not hold."""
    unknown = sorted(set(value) - {"all", "tiers", "tags", "match"})
    if unknown:
        raise InvalidInputError("unknown_fields", fields=unknown, where="audience")
    if value.get("all") is True:
        return Audience(everyone=True)
    tiers = tuple(value.get("tiers") or ())
    wrong = [tier for tier in tiers if tier not in TIERS]
    if wrong:
        raise InvalidInputError("audience_tier_unknown", tiers=wrong, known=list(TIERS))
    match = value.get("match", "any")
    if match not in ("any", "all"):
        raise InvalidInputError("audience_match_unknown", match=str(match))
    tags = tuple(value.get("tags") or ())
    if any(not isinstance(tag, int) or isinstance(tag, bool) for tag in tags):
        raise InvalidInputError("audience_tag_unknown", tag=", ".join(map(str, tags)))
    return Audience(tiers=tiers, tags=tags, match=match)


def described(audience: Audience, tag_names: Mapping[int, str]) -> list[tuple[str, dict[str, Any]]]:
    """The rule in words: text keys `audience.<code>` with parameters, in reading order."""
    if audience.everyone:
        return [("audience.everyone", {})]
    if audience.is_empty:
        return [("audience.nobody", {})]
    said: list[tuple[str, dict[str, Any]]] = []
    if audience.tiers:
        said.append(("audience.tiers", {"tiers": [f"tier.{tier}" for tier in audience.tiers]}))
    if audience.tags:
        names = [tag_names.get(tag, f"#{tag}") for tag in audience.tags]
        said.append((f"audience.tags_{audience.match}", {"tags": names}))
    return said


@dataclass(frozen=True, slots=True)
class AudienceCount:
    """How an audience splits. total = reachable + over_quota + suppressed + refused + unreachable.

    unreachable: no living friendship with a staff member of the account. sample: a few names of
    those reachable. `quota_rule` names the rule pack, `quota_cap` its cap this month (0: none).
    """

    total: int = 0
    reachable: int = 0
    over_quota: int = 0
    suppressed: int = 0
    refused: int = 0
    unreachable: int = 0
    already_reached: int = 0
    sample: tuple[str, ...] = ()
    quota_rule: str = ""
    quota_cap: int = 0


@dataclass(frozen=True, slots=True)
class Recipient:
    """One fan as the platform knows them."""

    fan_id: int
    name: str
    identity_id: int
    external_id: str
