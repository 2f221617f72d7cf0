"""An audience's rule as a condition on the fan table."""

from __future__ import annotations

from typing import Any

from desktop.domain.audience import Audience
from desktop.store.fans import LIVE


def compiled(audience: Audience) -> tuple[str, dict[str, Any]]:
    """SQL condition on `fan` (live fans only) and its parameters."""
    if audience.is_empty:
        return "0", {}
    if audience.everyone:
        return LIVE, {}
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
