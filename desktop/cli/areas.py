"""Which modules contribute commands. Each has `register(subcommands)`."""

from __future__ import annotations

from types import ModuleType

from desktop.cli import (
    accounts,
    articles,
    consents,
    drops,
    erasures,
    exports,
    fans,
    groups,
    history,
    imports,
    matching,
    orders,
    outbox,
    posts,
    rank,
    sandbox,
    segments,
    shop,
    sync,
    tags,
    talks,
    tiers,
    tour,
    upkeep,
    videos,
    ways,
)

AREAS: tuple[ModuleType, ...] = (
    shop,
    imports,
    fans,
    groups,
    consents,
    history,
    rank,
    accounts,
    sync,
    tour,
    posts,
    articles,
    videos,
    drops,
    outbox,
    talks,
    orders,
    tags,
    ways,
    segments,
    matching,
    exports,
    erasures,
    tiers,
    upkeep,
    sandbox,
)


def all_areas() -> tuple[ModuleType, ...]:
    """Every area, in the order of `--help`."""
    return AREAS
