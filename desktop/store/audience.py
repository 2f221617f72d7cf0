"""Audiences against the database: the rule as SQL, who it reaches, and who is left out and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from desktop.domain.audience import Audience
from desktop.store.fans import LIVE

REACHABLE = (
    "EXISTS (SELECT 1 FROM identity AS i JOIN follow AS f ON f.identity_id = i.id"
    " WHERE i.fan_id = fan.id AND i.platform = 'wecom' AND i.removed_at IS NULL"
    " AND f.removed_at IS NULL AND (:account IS NULL OR i.account_id = :account))"
)
SUPPRESSED = "EXISTS (SELECT 1 FROM suppression WHERE fan_id = fan.id AND channel IN ('', :channel))"


@dataclass(frozen=True, slots=True)
class AudienceCount:
    """`matched` = reached + suppressed + refused + unreachable; each fan counts once, in that order
    of reasons: not to be contacted, refused marketing, no live connection."""

    matched: int
    reached: int
    suppressed: int
    refused: int
    unreachable: int


def compiled(audience: Audience) -> tuple[str, dict[str, Any]]:
    """SQL condition on `fan` (live fans only) and its parameters."""
    if audience.is_empty:
        return "0", {}
    conditions = [LIVE]
    parameters: dict[str, Any] = {}
    if audience.tiers:
        parameters |= {f"tier_{n}": tier.value for n, tier in enumerate(audience.tiers)}
        conditions.append(f"fan.tier IN ({', '.join(f':tier_{n}' for n in range(len(audience.tiers)))})")
    if audience.tags:
        parameters |= {f"tag_{n}": tag for n, tag in enumerate(audience.tags)}
        marks = ", ".join(f":tag_{n}" for n in range(len(audience.tags)))
        grouped = " GROUP BY fan_id HAVING count(*) = :tag_count" if audience.match == "all" else ""
        if grouped:
            parameters["tag_count"] = len(audience.tags)
        conditions.append(f"fan.id IN (SELECT fan_id FROM fan_tag WHERE tag_id IN ({marks}){grouped})")
    return " AND ".join(conditions), parameters


def ids(conn: Any, audience: Audience) -> list[int]:
    """Every live fan of the audience, whether reachable or not, by id."""
    where, parameters = compiled(audience)
    return [row[0] for row in conn.execute(f"SELECT id FROM fan WHERE {where} ORDER BY id", parameters)]


def count(
    conn: Any, audience: Audience, *, account_id: int | None = None, channel: str = "wecom"
) -> AudienceCount:
    """How many match, and how many a WeCom mass send of this account would reach."""
    where, parameters = compiled(audience)
    row = conn.execute(
        "SELECT count(*), coalesce(sum(verdict = 0), 0), coalesce(sum(verdict = 1), 0),"
        " coalesce(sum(verdict = 2), 0), coalesce(sum(verdict = 3), 0) FROM (SELECT CASE"
        f" WHEN {SUPPRESSED} THEN 1 WHEN fan.marketing = 'refused' THEN 2"
        f" WHEN NOT {REACHABLE} THEN 3 ELSE 0 END AS verdict FROM fan WHERE {where})",
        {**parameters, "account": account_id, "channel": channel},
    ).fetchone()
    return AudienceCount(*row)


def reached(
    conn: Any, audience: Audience, *, account_id: int | None = None, channel: str = "wecom"
) -> list[int]:
    """Fans whom a WeCom mass send of this account would reach, by id."""
    where, parameters = compiled(audience)
    found = conn.execute(
        f"SELECT id FROM fan WHERE {where} AND NOT {SUPPRESSED} AND fan.marketing <> 'refused'"
        f" AND {REACHABLE} ORDER BY id",
        {**parameters, "account": account_id, "channel": channel},
    )
    return [row[0] for row in found]
