"""Who belongs to an audience, as sets of fans. The words of a set are put together by SQLite, off Python's lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop.domain.segments.conditions import Condition
from desktop.domain.segments.facts import AsOf
from desktop.domain.segments.fan_bits import WORD, of_words
from desktop.domain.segments.rules import Rule
from desktop.domain.segments.saved import Segment
from desktop.store.audiences import segment_rules, segments
from desktop.store.fans.fans import LIVE

WORDS = f"SELECT fan.id / {WORD}, sum(1 << (fan.id % {WORD})) FROM fan WHERE {{where}} GROUP BY 1"


def living(conn: Any) -> int:
    """Every living fan."""
    return _set(conn, LIVE, {})


def meeting(conn: Any, condition: Condition, as_of: AsOf) -> int:
    """The fans that meet one condition, living or not."""
    where, parameters = segment_rules.condition_sql(condition, as_of)
    return _set(conn, where, parameters)


def of_rule(conn: Any, rule: Rule, as_of: AsOf) -> int:
    """The living fans a rule names, asked in one piece."""
    where, parameters = segment_rules.compiled(rule, as_of)
    return _set(conn, where, parameters)


def of_list(conn: Any, segment: Segment, as_of: AsOf) -> int:
    """The living members of a saved audience, asked in one piece."""
    where, parameters = segments.condition(segment, as_of)
    return _set(conn, where, parameters)


def _set(conn: Any, where: str, parameters: Mapping[str, Any]) -> int:
    return of_words(conn.execute(WORDS.format(where=where), parameters).fetchall())
