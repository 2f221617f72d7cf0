"""Who belongs to an audience, as sets of fans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desktop.domain.segments.conditions import Condition
from desktop.domain.segments.facts import AsOf
from desktop.domain.segments.rules import Rule
from desktop.domain.segments.saved import Segment
from desktop.store.audiences import segment_rules, segments
from desktop.store.audiences.segment_rules import Among
from desktop.store.fans import fan_sets


def meeting(conn: Any, condition: Condition, as_of: AsOf, everyone: Callable[[], int]) -> int:
    """The fans that meet one condition, living or not; `everyone` gives the set of everybody."""
    found, values = segment_rules.asked(condition, as_of)
    if not isinstance(found, Among):
        return fan_sets.where(conn, found, values)
    some = fan_sets.listed(conn, found.some, values)
    return some if found.is_in else everyone() & ~some


def of_rule(conn: Any, rule: Rule, as_of: AsOf) -> int:
    """The living fans a rule names, asked in one piece."""
    return fan_sets.where(conn, *segment_rules.compiled(rule, as_of))


def of_list(conn: Any, segment: Segment, as_of: AsOf) -> int:
    """The living members of a saved audience, asked in one piece."""
    return fan_sets.where(conn, *segments.condition(segment, as_of))
