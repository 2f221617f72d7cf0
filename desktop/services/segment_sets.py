"""Sets of fans kept at hand: each condition is asked of the file once, and again after a change."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Any

from desktop.domain.clock import local_day
from desktop.domain.segments import fan_bits
from desktop.domain.segments.conditions import Condition
from desktop.domain.segments.facts import AsOf
from desktop.domain.segments.rules import AllOf, AnyOf, Not, Rule
from desktop.domain.segments.saved import Segment
from desktop.services.kept_sets import KeptSets
from desktop.store.audiences import segment_members
from desktop.store.database import Store
from desktop.store.fans import fans

SMALL = 2_000  # up to so many members are put in order by themselves


class FanSets:
    """Answers as sets (see `fan_bits`). Safe to use from the store's reading threads."""

    def __init__(self, store: Store) -> None:
        self._kept = KeptSets(store.feed)

    def members(self, conn: Any, segment: Segment, as_of: AsOf) -> int:
        """Who belongs to a saved audience now."""
        if segment.is_frozen:
            return segment_members.of_list(conn, segment, as_of)
        return self.of_rule(conn, segment.draft.rule, as_of)

    def of_rule(self, conn: Any, rule: Rule, as_of: AsOf) -> int:
        """The living fans that a rule names."""
        living = self._asked(conn, None, as_of)
        return self._set(conn, rule, as_of, living) & living

    def of_condition(self, conn: Any, condition: Condition, as_of: AsOf) -> int:
        """The fans that meet one condition, living or not."""
        return self._asked(conn, condition, as_of)

    def _set(self, conn: Any, rule: Rule, as_of: AsOf, living: int) -> int:
        if isinstance(rule, AllOf):
            parts = [self._set(conn, part, as_of, living) for part in rule.parts]
            return reduce(and_, parts) if parts else 0
        if isinstance(rule, AnyOf):
            return reduce(or_, (self._set(conn, part, as_of, living) for part in rule.parts), 0)
        if isinstance(rule, Not):
            return living & ~self._set(conn, rule.part, as_of, living)
        return self._asked(conn, rule, as_of)

    def _asked(self, conn: Any, condition: Condition | None, as_of: AsOf) -> int:
        """One answer, from memory or from the file; None asks for all living fans."""
        key = (condition, local_day(as_of.now_ms, as_of.zone), as_of.zone)
        if condition is None:
            return self._kept.get(key, lambda: segment_members.living(conn))
        return self._kept.get(key, lambda: segment_members.meeting(conn, condition, as_of))


def names_of_first(conn: Any, members: int, limit: int) -> tuple[str, ...]:
    """Names of the members who spent most, best first."""
    if members.bit_count() <= SMALL:
        chosen = fan_bits.ids(members)
    else:
        by_spend = conn.execute("SELECT fan_id FROM fan_stats ORDER BY spend_cents DESC, fan_id")
        chosen = fan_bits.first(members, (row[0] for row in by_spend), limit)
    found: list[tuple[int, int, str]] = []
    for marks, portion in fans.chunks(chosen):
        found += [
            (-(row[1] or 0), row[0], row[2])
            for row in conn.execute(
                "SELECT fan.id, s.spend_cents, fan.name FROM fan LEFT JOIN fan_stats AS s ON s.fan_id = fan.id"
                f" WHERE fan.id IN ({marks})",
                portion,
            )
        ]
    return tuple(name for _spend, _fan, name in sorted(found)[:limit])
