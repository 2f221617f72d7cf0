"""What the directory was asked for, and what it read to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.fans import FanFilter, FanRow, FanSort, Tier
from desktop.domain.groups import GroupRow
from desktop.qtkit.i18n import t
from desktop.services.fans import TagRow


@dataclass(frozen=True)
class Facts:
    """What the filters say of themselves."""

    counts: Mapping[Tier, int]
    tags: Sequence[TagRow]
    groups: Sequence[GroupRow]
    segments: Mapping[str, str]


Look = tuple[FanFilter, FanSort, bool]


@dataclass(frozen=True)
class FansData:
    """The beginning of an order that was not shown yet; `first` None: the same order, read again."""

    look: Look
    first: list[FanRow] | None


def wish(arguments: dict[str, Any]) -> tuple[FanFilter, str]:
    """The filter another page asks for, and how it is named where the page has no control for it."""
    group_id = arguments.get("group_id")
    tier, tag = arguments.get("tier"), arguments.get("tag")
    wanted = FanFilter(
        search=str(arguments.get("search", "")),
        tiers=(Tier(tier),) if tier else (),
        tags=(int(tag),) if tag else (),
        group_id=int(group_id) if group_id else None,
        is_buyer=arguments.get("is_buyer"),
    )
    if group_id:
        return wanted, t("fans.only_group", name=arguments.get("name", ""))
    return wanted, t("fans.only_buyers") if wanted.is_buyer else ""


def counted_text(number: int) -> object:
    """A number as a sentence takes it."""
    return number if number < 1_000 else f"{number:,}"
