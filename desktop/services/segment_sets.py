"""Sets of fans kept at hand: each condition is asked of the file once, and again after a change."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Any

from desktop.domain.clock import local_day
from desktop.domain.segments import fan_bits
from desktop.domain.segments.conditions import Condition, Matched, alone
from desktop.domain.segments.facts import AsOf
from desktop.domain.segments.rules import AllOf, AnyOf, Not, Rule
from desktop.domain.segments.saved import Segment
from desktop.services.kept_sets import KeptSets
from desktop.store.audiences import segment_members
from desktop.store.changes import ChangeFeed
from desktop.store.fans import fan_sets, fans

SMALL = 2_000  # up to so many members are put in order by themselves


class FanSets:
    """Answers as sets (see `fan_bits`). Safe to use from the store's reading threads."""

    def __init__(self, feed: ChangeFeed) -> None:
        self._kept = KeptSets(feed)

    def members(self, conn: Any, segment: Segment, as_of: AsOf) -> int:
        """Who belongs to a saved audience now."""
        if segment.is_frozen:
            return segment_members.of_list(conn, segment, as_of)
        return self.of_rule(conn, segment.draft.rule, as_of)

    def of_rule(self, conn: Any, rule: Rule, as_of: AsOf) -> int:
        """The living fans that a rule names."""
        living = self._living(conn)
        return self._set(conn, rule, as_of, living) & living

    def of_condition(self, conn: Any, condition: Condition, as_of: AsOf) -> int:
        """The fans that meet one condition, living or not."""
        if not isinstance(condition, Matched):
            return self._asked(conn, condition, as_of)
        found = [self._asked(conn, each, as_of) for each in alone(condition)]
        if condition.match == "all":
            return reduce(and_, found)
        some = reduce(or_, found)
        return self._everyone(conn) & ~some if condition.match == "none" else some

    def _set(self, conn: Any, rule: Rule, as_of: AsOf, living: int) -> int:
        if isinstance(rule, AllOf):
            parts = [self._set(conn, part, as_of, living) for part in rule.parts]
            return reduce(and_, parts) if parts else 0
        if isinstance(rule, AnyOf):
            return reduce(or_, (self._set(conn, part, as_of, living) for part in rule.parts), 0)
        if isinstance(rule, Not):
            return living & ~self._set(conn, rule.part, as_of, living)
        return self.of_condition(conn, rule, as_of)

    def _asked(self, conn: Any, condition: Condition, as_of: AsOf) -> int:
        """One answer, from memory or from the file."""
        key = (condition, local_day(as_of.now_ms, as_of.zone), as_of.zone)
        return self._kept.get(
            key, lambda: segment_members.meeting(conn, condition, as_of, lambda: self._everyone(conn))
        )

    def _living(self, conn: Any) -> int:
        return self._kept.get("living", lambda: fan_sets.living(conn, self._everyone(conn)))

    def _everyone(self, conn: Any) -> int:
        return self._kept.get("everyone", lambda: fan_sets.everybody(conn))


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
