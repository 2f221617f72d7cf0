"""The directory: which fans in which order, and their rows. Order and rows are asked for apart,
so that a table holds ids and reads only what it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from desktop.domain.errors import NotFoundError
from desktop.domain.fans import (
    FanFilter,
    FanIdentity,
    FanMembership,
    FanRow,
    FanSort,
    FanSuppression,
    FanTag,
    Tier,
    masked_phone,
)
from desktop.store.fans import fan_filters, fan_orders
from desktop.store.fans.fan_filters import LIVE as LIVE  # told on to those who read rows of fan

T = TypeVar("T", int, str)
CHUNK = 500
TOUCH = "max(coalesce(s.last_order_at, 0), coalesce(s.last_interaction_at, 0))"


def order(
    conn: Any, wanted: FanFilter, sort: FanSort = FanSort.SPEND, *, descending: bool = True
) -> list[int]:
    """Ids of all fans that pass the filter, in order; fans without a value come last."""
    return list(fan_orders.everybody(conn, wanted, sort, descending=descending))


def count(conn: Any, wanted: FanFilter) -> int:
    """How many fans pass the filter."""
    return fan_filters.count(conn, wanted)


def tier_counts(conn: Any) -> dict[Tier, int]:
    """Fans per tier; every tier is named."""
    found = conn.execute(f"SELECT tier, count(*) FROM fan WHERE {LIVE} GROUP BY tier").fetchall()
    counts = {Tier(row[0]): int(row[1]) for row in found}
    return {tier: counts.get(tier, 0) for tier in Tier}


def chunks(ids: Sequence[T]) -> Iterator[tuple[str, list[T]]]:
    """(question marks, ids) in portions that SQLite takes."""
    for start in range(0, len(ids), CHUNK):
        portion = list(ids[start : start + CHUNK])
        yield ",".join("?" * len(portion)), portion


def rows(conn: Any, ids: Sequence[int]) -> list[FanRow]:
    """The rows of these fans in the order given; ids that are gone are left out."""
    found: dict[int, FanRow] = {}
    for marks, portion in chunks(ids):
        tags, identities = _tags(conn, marks, portion), identities_of(conn, portion)
        for row in conn.execute(
            f"SELECT fan.*, s.orders, s.spend_cents, s.refund_cents, s.first_order_at, s.last_order_at,"
            f" s.interactions, s.last_interaction_at, nullif({TOUCH}, 0) AS last_touch_at,"
            " EXISTS (SELECT 1 FROM suppression WHERE fan_id = fan.id) AS is_suppressed"
            " FROM fan LEFT JOIN fan_stats AS s ON s.fan_id = fan.id"
            f" WHERE {LIVE} AND fan.id IN ({marks})",
            portion,
        ):
            found[row["id"]] = _fan_row(row, tags.get(row["id"], ()), identities.get(row["id"], ()))
    return [found[fan_id] for fan_id in ids if fan_id in found]


def _fan_row(row: Any, tags: Sequence[FanTag], identities: Sequence[FanIdentity]) -> FanRow:
    return FanRow(
        fan_id=row["id"],
        uid=row["uid"],
        name=row["name"],
        tier=Tier(row["tier"]),
        is_pinned=row["tier_pinned"] is not None,
        phone_masked=masked_phone(row["phone"]),
        note=row["note"],
        tags=tuple(tags),
        identities=tuple(identities),
        orders=row["orders"] or 0,
        spend_cents=row["spend_cents"] or 0,
        refund_cents=row["refund_cents"] or 0,
        first_order_at=row["first_order_at"],
        last_order_at=row["last_order_at"],
        interactions=row["interactions"] or 0,
        last_interaction_at=row["last_interaction_at"],
        last_touch_at=row["last_touch_at"],
        first_seen_at=row["first_seen_at"],
        marketing=row["marketing"],
        is_suppressed=bool(row["is_suppressed"]),
    )


def _tags(conn: Any, marks: str, portion: list[int]) -> dict[int, list[FanTag]]:
    tags: dict[int, list[FanTag]] = defaultdict(list)
    for row in conn.execute(
        "SELECT fan_tag.fan_id, tag.id, tag.name, tag.group_name, fan_tag.source, tag.account_id, tag.colour"
        f" FROM fan_tag JOIN tag ON tag.id = fan_tag.tag_id WHERE fan_tag.fan_id IN ({marks})"
        " AND tag.removed_at IS NULL ORDER BY tag.account_id, tag.group_name, tag.position, tag.name",
        portion,
    ):
        tags[row[0]].append(FanTag(row[1], row[2], row[3], row[4], row[5] is not None, row[6]))
    return tags


def identities_of(conn: Any, ids: Sequence[int]) -> dict[int, list[FanIdentity]]:
    """Every identity of these fans; phone numbers are masked like any phone."""
    found: dict[int, list[FanIdentity]] = defaultdict(list)
    for marks, portion in chunks(ids):
        for row in conn.execute(
            "SELECT id, fan_id, platform, scope, external_id, name, origin, first_seen_at, removed_at, details"
            f" FROM identity WHERE fan_id IN ({marks}) ORDER BY id",
            portion,
        ):
            shown = masked_phone(row["external_id"]) if row["platform"] == "phone" else row["external_id"]
            found[row["fan_id"]].append(
                FanIdentity(
                    row["id"],
                    row["platform"],
                    row["scope"],
                    shown,
                    row["name"],
                    row["origin"],
                    row["first_seen_at"],
                    row["removed_at"] is not None,
                    row["details"],
                )
            )
    return found


def fan(conn: Any, fan_id: int) -> Any:
    """The raw row of a live fan. Raises NotFoundError('fan_missing')."""
    row = conn.execute(f"SELECT * FROM fan WHERE {LIVE} AND id = ?", (fan_id,)).fetchone()
    if row is None:
        raise NotFoundError("fan_missing", fan_id=fan_id)
    return row


def memberships(conn: Any, fan_id: int) -> tuple[FanMembership, ...]:
    """Groups the fan is in, then those they left."""
    found = conn.execute(
        "SELECT g.id, g.name, g.kind, m.joined_at, m.left_at FROM group_member AS m"
        " JOIN identity AS i ON i.id = m.identity_id JOIN fan_group AS g ON g.id = m.group_id"
        " WHERE i.fan_id = ? AND g.removed_at IS NULL"
        " ORDER BY m.left_at IS NOT NULL, m.joined_at DESC",
        (fan_id,),
    )
    return tuple(FanMembership(*row) for row in found)


def suppressions(conn: Any, fan_id: int) -> tuple[FanSuppression, ...]:
    """Where the fan must not be contacted."""
    found = conn.execute(
        "SELECT channel, reason, at FROM suppression WHERE fan_id = ? ORDER BY channel", (fan_id,)
    )
    return tuple(FanSuppression(*row) for row in found)
