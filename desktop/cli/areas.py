"""Which modules contribute commands. Each has `register(subcommands)`."""

from __future__ import annotations

from types import ModuleType

from desktop.cli import (
    accounts,
    articles,
    consents,
    drops,
    fans,
    history,
    imports,
    outbox,
    posts,
    rank,
    sandbox,
    segments,
    shop,
    sync,
    tags,
    talks,
    tour,
    upkeep,
    ways,
)

AREAS: tuple[ModuleType, ...] = (
    shop,
    imports,
    fans,
    consents,
    history,
    rank,
    accounts,
    sync,
    tour,
    posts,
    articles,
    drops,
    outbox,
    talks,
    tags,
    ways,
    segments,
    upkeep,
    sandbox,
)


def all_areas() -> tuple[ModuleType, ...]:
    """Every area, in the order of `--help`."""
    return AREAS
