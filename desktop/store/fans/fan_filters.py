"""A filter of the directory as SQL: each part as ids that an index gives, and as a question to one fan."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from desktop.domain.fans import FanFilter
from desktop.domain.segments.facts import AsOf
from desktop.store.audiences import segments
from desktop.store.fans import search
from desktop.store.fans.living import GONE as GONE
from desktop.store.fans.living import LIVE as LIVE
from desktop.store.fans.living import ORIGIN
from desktop.store.rules import zone_of

A_PAGE = 128
# What a bound of the filter asks of a fan's sums.
FIGURES = {
    "spend_from": "spend_cents >= :spend_from",
    "spend_below": "spend_cents < :spend_below",
    "ordered_from": "last_order_at >= :ordered_from",
    "ordered_before": "last_order_at < :ordered_before",
}
HIT = "WITH hit (id) AS MATERIALIZED (SELECT DISTINCT * FROM ({ids}))"


@dataclass(frozen=True, slots=True)
class Part:
    """`ids` is a SELECT of fan ids ('' where no index gives them), `holds` a condition on fan and s."""

    holds: str
    ids: str = ""


@dataclass(slots=True)
class Parts:
    """All parts of a filter, with what their names stand for."""

    parts: list[Part] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    def others(self, but: Part | None = None) -> str:
        """The condition that a fan is live and holds to every part but one."""
        return " AND ".join([LIVE, *(f"({part.holds})" for part in self.parts if part is not but)])

    def add(self, holds: str, ids: str = "", **parameters: Any) -> None:
        """One more part."""
        self.parts.append(Part(holds, ids))
        self.parameters |= parameters


def parts_of(conn: Any, wanted: FanFilter) -> Parts:
    """The parts of a filter; none for everybody."""
    found = Parts()
    asked = search.understood(conn, wanted.search)
    if asked is not None:
        found.add(asked.holds, asked.ids, **asked.parameters)
    if wanted.only is not None:
        only = "SELECT value FROM json_each(:only)"
        found.add(f"fan.id IN ({only})", only, only=json.dumps(sorted(wanted.only)))
    if wanted.segment:
        _audience(conn, wanted, found)
    _labels(wanted, found)
    _places(wanted, found)
    _figures(wanted, found)
    return found


def _audience(conn: Any, wanted: FanFilter, found: Parts) -> None:
    """A saved audience; nobody, where it was put away meanwhile."""
    segment = segments.find(conn, wanted.segment)
    if segment is None:
        found.add("0")
        return
    where, parameters = segments.condition(segment, AsOf(wanted.segment_at or 0, zone_of(conn)))
    found.add(where, f"SELECT fan.id FROM fan WHERE {where}", **parameters)


def _labels(wanted: FanFilter, found: Parts) -> None:
    """Tier, tags, consent, and the do-not-contact list."""
    if wanted.tiers:
        marks = named("tier", [tier.value for tier in wanted.tiers], found.parameters)
        found.add(f"fan.tier IN ({marks})", f"SELECT id FROM fan WHERE tier IN ({marks})")
    tags = tuple(dict.fromkeys(wanted.tags))
    marks = named("tag", tags, found.parameters)
    carries = "EXISTS (SELECT 1 FROM fan_tag AS x WHERE x.fan_id = fan.id AND x.tag_id IN ({}))"
    for each in marks.split(", ") if wanted.match == "all" and tags else [marks] if tags else []:
        found.add(carries.format(each), f"SELECT fan_id FROM fan_tag WHERE tag_id IN ({each})")
    if wanted.marketing:
        rare = "SELECT id FROM fan WHERE marketing <> 'unknown' AND marketing = :marketing"
        found.add(
            "fan.marketing = :marketing",
            "" if wanted.marketing == "unknown" else rare,
            marketing=wanted.marketing,
        )
    if wanted.is_suppressed is not None:
        on_list = "EXISTS (SELECT 1 FROM suppression AS x WHERE x.fan_id = fan.id)"
        if wanted.is_suppressed:
            found.add(on_list, "SELECT fan_id FROM suppression")
        else:
            found.add(f"NOT {on_list}")


def _places(wanted: FanFilter, found: Parts) -> None:
    """Platform, where the shop knows them from, and group."""
    if wanted.platform:
        found.add(
            "EXISTS (SELECT 1 FROM identity AS x WHERE x.fan_id = fan.id AND x.platform = :platform)",
            "SELECT fan_id FROM identity WHERE platform = :platform",
            platform=wanted.platform,
        )
    if wanted.source:
        found.add(
            f"EXISTS (SELECT 1 FROM identity AS x WHERE x.fan_id = fan.id AND {ORIGIN.format('x.')} = :source)",
            f"SELECT fan_id FROM identity WHERE {ORIGIN.format('')} = :source",
            source=wanted.source,
        )
    if wanted.group_id is not None:
        found.add(
            "EXISTS (SELECT 1 FROM identity AS x JOIN group_member AS m ON m.identity_id = x.id"
            " WHERE x.fan_id = fan.id AND m.group_id = :group_id AND m.left_at IS NULL)",
            "SELECT identity.fan_id FROM group_member JOIN identity ON identity.id = group_member.identity_id"
            " WHERE group_member.group_id = :group_id AND group_member.left_at IS NULL",
            group_id=wanted.group_id,
        )


def _figures(wanted: FanFilter, found: Parts) -> None:
    """What they bought, and when."""
    if wanted.is_buyer is not None:
        found.add("s.orders > 0" if wanted.is_buyer else "s.orders = 0")
    for name, test in FIGURES.items():
        value = getattr(wanted, name)
        if value is not None:
            found.add(f"s.{test}", f"SELECT fan_id FROM fan_stats WHERE {test}", **{name: value})


def named(name: str, values: Sequence[Any], parameters: dict[str, Any]) -> str:
    """`:name_0, :name_1` for these values, which are put among the parameters."""
    for place, value in enumerate(values):
        parameters[f"{name}_{place}"] = value
    return ", ".join(f":{name}_{place}" for place in range(len(values)))


def narrowest(conn: Any, parts: Parts) -> tuple[Part | None, bool]:
    """The part with the fewest ids by an index, and whether these are few."""
    few = _few(conn)
    best, fewest = None, few + 1
    for part in parts.parts:
        if not part.ids:
            continue
        if best is None:
            best = part
        sized = f"SELECT count(*) FROM (SELECT 1 FROM ({part.ids}) LIMIT {int(fewest)})"
        size = conn.execute(sized, parts.parameters).fetchone()[0]
        if size < fewest:
            best, fewest = part, size
    return best, fewest <= few


def _few(conn: Any) -> int:
    """How many ids are gathered and sorted as fast as a page of as many is met on a walk in order."""
    fans = conn.execute("SELECT max(id) FROM fan").fetchone()[0] or 0
    return max(500, math.isqrt(A_PAGE * fans))


def count(conn: Any, wanted: FanFilter) -> int:
    """How many live fans pass the filter."""
    parts = parts_of(conn, wanted)
    part, _ = narrowest(conn, parts)
    if part is None:
        text = (
            f"SELECT count(*) FROM fan CROSS JOIN fan_stats AS s ON s.fan_id = fan.id WHERE {parts.others()}"
            if parts.parts
            else f"SELECT (SELECT count(*) FROM fan) - (SELECT count(*) FROM ({GONE}))"
        )
    else:
        tables, where = joined(parts, part)
        text = f"{HIT.format(ids=part.ids)} SELECT count(*) FROM {tables} WHERE {where}"
    return int(conn.execute(text, parts.parameters).fetchone()[0])


def joined(parts: Parts, part: Part, *, needs_fan: bool = False) -> tuple[str, str]:
    """(tables, condition) when the ids of one part come first: nothing else may choose the way."""
    if len(parts.parts) == 1 and not needs_fan:
        return "hit CROSS JOIN fan_stats AS s ON s.fan_id = hit.id", f"hit.id NOT IN ({GONE})"
    return (
        "hit CROSS JOIN fan ON fan.id = hit.id CROSS JOIN fan_stats AS s ON s.fan_id = fan.id",
        parts.others(part),
    )
