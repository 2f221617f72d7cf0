"""Figures that others published, to stand beside the shop's own; never taken for the shop's."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.store import rules


@dataclass(frozen=True, slots=True)
class SuperUserBenchmark:
    """What another shop said of its super users. Money in cents, shares 0 to 1."""

    source: dict[str, str]
    percent_of_fans: int
    spend_floor_cents: int
    share_of_sales: float
    multiple_at_least: int
    other_buyer_cents: int


def super_user_benchmark() -> SuperUserBenchmark:
    """The published figures of super users, with their source by language."""
    return SuperUserBenchmark(**rules.shipped("benchmarks")["super_users"])
