"""Which modules contribute commands. Each has `register(subcommands)`."""

from __future__ import annotations

from types import ModuleType

from desktop.cli import fans, rank, sandbox, shop, upkeep

AREAS: tuple[ModuleType, ...] = (shop, fans, rank, upkeep, sandbox)


def all_areas() -> tuple[ModuleType, ...]:
    """Every area, in the order of `--help`."""
    return AREAS
