"""Sets of fans (see `fan_bits`) asked of the file. SQLite puts their words together, off Python's lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop.domain.segments.fan_bits import WORD, of_words
from desktop.store.fans.living import GONE

WORDS = f"SELECT fan_id / {WORD}, sum(1 << (fan_id % {WORD})) FROM ({{query}}) GROUP BY 1"

MEETING = "SELECT fan.id AS fan_id FROM fan WHERE {condition}"


def listed(conn: Any, query: str, values: Mapping[str, Any]) -> int:
    """The fans that a query lists as `fan_id`, each once."""
    return of_words(conn.execute(WORDS.format(query=query), values).fetchall())


def where(conn: Any, condition: str, values: Mapping[str, Any]) -> int:
    """The fans that meet a condition on the fan table."""
    return listed(conn, MEETING.format(condition=condition), values)


def everybody(conn: Any) -> int:
    """Every fan, living or not."""
    number, last = conn.execute("SELECT count(*), coalesce(max(id), 0) FROM fan").fetchone()
    if number == last:  # nobody was ever taken out: no need to look at each
        return (1 << int(last) + 1) - 2
    return where(conn, "1", {})


def living(conn: Any, everyone: int) -> int:
    """Of everybody, those who are neither gone nor another's shadow."""
    return everyone & ~listed(conn, f"SELECT id AS fan_id FROM ({GONE})", {})
