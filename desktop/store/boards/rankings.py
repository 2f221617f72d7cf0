"""The rows behind the boards: buyers of a window, KOC counts after daily caps, single events."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from desktop.domain.periods import DAY_MS, Window, offsets
from desktop.domain.rankings import PART_KINDS, PARTS, Buyer, PartRule, SuperRule
from desktop.store.fans.fans import LIVE, chunks
from desktop.store.fans.living import GONE

SCORED_KINDS = tuple(kind for kinds in PART_KINDS.values() for kind in kinds)
PART_SQL = " ".join(
    ["CASE kind", *(f"WHEN '{kind}' THEN '{part}'" for part, kinds in PART_KINDS.items() for kind in kinds)]
)
REAL_REFERRAL = "(interaction.referred_fan_id IS NULL OR interaction.referred_fan_id <> interaction.fan_id)"

SPENT = f"""
SELECT fan_id, sum(net_cents) AS spend FROM "order" INDEXED BY order_fan
WHERE is_sale = 1 AND fan_id IS NOT NULL AND paid_at >= ? AND paid_at < ? AND fan_id NOT IN ({GONE})
GROUP BY fan_id
"""


@dataclass(frozen=True, slots=True)
class ScoreEvent:
    """One event behind a figure. `counted` is what of `amount` counts after both caps.

    kind is 'order' or an interaction kind; detail is the order number, or the note.
    """

    at: int
    day: int
    kind: str
    amount: int
    counted: int
    cents: int | None
    detail: str
    entity: str
    entity_id: int


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands on a board row. `external_ids` are platform ids, without phones."""

    name: str
    tier: str
    external_ids: tuple[str, ...]


def buyers(conn: Any, span: Window) -> list[Buyer]:
    """Every live fan with at least one sale inside the window, with sums over those sales."""
    found = conn.execute(
        "SELECT fan.id, count(*), sum(o.net_cents), sum(min(o.refund_cents, max(0, o.paid_cents)))"
        ' FROM "order" AS o NOT INDEXED JOIN fan ON fan.id = o.fan_id'
        f" WHERE o.is_sale = 1 AND o.paid_at >= ? AND o.paid_at < ? AND {LIVE} GROUP BY fan.id",
        (span.from_ms, span.to_ms),
    )
    return [Buyer(*row) for row in found]


def super_ids(conn: Any, span: Window, rule: SuperRule) -> frozenset[int]:
    """`super_standing(buyers(...)).super_ids`, ranked in SQL: of a million buyers only these are ever held."""
    between = (span.from_ms, span.to_ms)
    buyers = conn.execute(f"SELECT count(*) FROM ({SPENT})", between).fetchone()[0]
    found = conn.execute(
        f"SELECT fan_id FROM ({SPENT}) WHERE spend >= ? ORDER BY spend DESC, fan_id LIMIT ?",
        (*between, rule.floor_cents, max(1, buyers * rule.percent // 100)),
    )
    return frozenset(row[0] for row in found)


def measured_parts(conn: Any, until_ms: int) -> frozenset[str]:
    """The KOC parts of which the shop had any data at all before a moment."""
    measured = {
        part
        for part, kinds in PART_KINDS.items()
        if conn.execute(
            f"SELECT 1 FROM interaction WHERE kind IN ({_quoted(kinds)}) AND at < ? LIMIT 1", (until_ms,)
        ).fetchone()
    }
    if conn.execute(
        'SELECT 1 FROM "order" WHERE is_sale = 1 AND fan_id IS NOT NULL AND paid_at < ? LIMIT 1',
        (until_ms,),
    ).fetchone():
        measured.add("purchases")
    return frozenset(measured)


def koc_counts(
    conn: Any, span: Window, weights: Mapping[str, PartRule], zone: str
) -> dict[int, dict[str, int]]:
    """Per fan and part: what counts after the cap of each day (not yet the overall cap)."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    values = {"from_ms": span.from_ms, "to_ms": span.to_ms}
    values |= {f"cap_{part}": rule.day_cap for part, rule in weights.items()}
    for table in (_interaction_days(span, zone), _order_days(span, zone)):
        for fan_id, part, total in conn.execute(
            f"SELECT fan_id, part, sum(min(amount, {_by_part(PARTS)})) FROM ({table})"
            f" JOIN fan ON fan.id = fan_id WHERE {LIVE} GROUP BY fan_id, part",
            values,
        ):
            counts[fan_id][part] = total
    return dict(counts)


def _by_part(parts: Sequence[str]) -> str:
    return "CASE part " + " ".join(f"WHEN '{part}' THEN :cap_{part}" for part in parts) + " END"


def _interaction_days(span: Window, zone: str) -> str:
    """(fan_id, part, day, amount) of interactions. Read in the order of the table: a year is most of it."""
    return (
        f"SELECT fan_id, {PART_SQL} END AS part, {day_expression('at', span, zone)} AS day,"
        " sum(quantity) AS amount FROM interaction NOT INDEXED"
        f" WHERE kind IN ({_quoted(SCORED_KINDS)}) AND at >= :from_ms AND at < :to_ms AND {REAL_REFERRAL}"
        " GROUP BY 1, 2, 3"
    )


def _order_days(span: Window, zone: str) -> str:
    """The same of sales that kept any money."""
    return (
        f"SELECT fan_id, 'purchases' AS part, {day_expression('paid_at', span, zone)} AS day,"
        ' count(*) AS amount FROM "order" NOT INDEXED WHERE is_sale = 1 AND net_cents > 0'
        " AND fan_id IS NOT NULL AND paid_at >= :from_ms AND paid_at < :to_ms GROUP BY 1, 2, 3"
    )


def day_expression(column: str, span: Window, zone: str) -> str:
    """SQL for the number of the shop's calendar day; built of whole numbers only."""
    pieces = offsets(span, zone)
    expression = f"({column} + {pieces[-1][1]}) / {DAY_MS}"
    for (_, offset), (until, _) in reversed(list(itertools.pairwise(pieces))):
        expression = (
            f"CASE WHEN {column} < {until} THEN ({column} + {offset}) / {DAY_MS} ELSE {expression} END"
        )
    return expression


def _quoted(kinds: Sequence[str]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)  # constants of the domain, never data


def people(conn: Any, ids: Sequence[int]) -> dict[int, Person]:
    """Names, tiers and platform ids of the fans on a board."""
    external: dict[int, list[str]] = defaultdict(list)
    found: dict[int, Person] = {}
    for marks, portion in chunks(ids):
        for fan_id, external_id in conn.execute(
            "SELECT fan_id, external_id FROM identity"
            f" WHERE platform <> 'phone' AND fan_id IN ({marks}) ORDER BY id",
            portion,
        ):
            external[fan_id].append(external_id)
        for row in conn.execute(f"SELECT id, name, tier FROM fan WHERE id IN ({marks})", portion):
            found[row[0]] = Person(row[1], row[2], tuple(external[row[0]]))
    return found


def order_events(conn: Any, fan_id: int, span: Window, zone: str) -> list[ScoreEvent]:
    """Every sale of a fan in the window, oldest first; all of its money counts."""
    day = day_expression("paid_at", span, zone)
    found = conn.execute(
        f'SELECT paid_at, {day}, net_cents, order_no, id FROM "order"'
        " WHERE fan_id = ? AND is_sale = 1 AND paid_at >= ? AND paid_at < ? ORDER BY paid_at, id",
        (fan_id, span.from_ms, span.to_ms),
    )
    return [ScoreEvent(r[0], r[1], "order", 1, 1, r[2], r[3], "order", r[4]) for r in found]


def part_events(
    conn: Any, fan_id: int, part: str, rule: PartRule, span: Window, zone: str
) -> list[ScoreEvent]:
    """Every event of one KOC part, oldest first, with what of it counts after both caps."""
    if part == "purchases":
        raw = [e for e in order_events(conn, fan_id, span, zone) if e.cents]
    else:
        day = day_expression("at", span, zone)
        found = conn.execute(
            f"SELECT at, {day}, kind, quantity, note, id FROM interaction"
            f" WHERE fan_id = ? AND kind IN ({_quoted(PART_KINDS[part])}) AND at >= ? AND at < ?"
            f" AND {REAL_REFERRAL} ORDER BY at, id",
            (fan_id, span.from_ms, span.to_ms),
        )
        raw = [ScoreEvent(r[0], r[1], r[2], r[3], 0, None, r[4], "interaction", r[5]) for r in found]
    return _capped(raw, rule)


def _capped(raw: Sequence[ScoreEvent], rule: PartRule) -> list[ScoreEvent]:
    per_day: dict[int, int] = defaultdict(int)
    total = 0
    capped = []
    for event in raw:
        counts = max(0, min(event.amount, rule.day_cap - per_day[event.day], rule.cap - total))
        per_day[event.day] += counts
        total += counts
        capped.append(replace(event, counted=counts))
    return capped
