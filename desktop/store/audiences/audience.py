"""A post's audience as a condition on the fan table."""

from __future__ import annotations

from typing import Any

from desktop.domain.audience import Audience
from desktop.domain.errors import NotFoundError
from desktop.domain.segments.facts import AsOf
from desktop.store.audiences import segment_rules, segments


def compiled(conn: Any, audience: Audience, as_of: AsOf) -> tuple[str, dict[str, Any]]:
    """SQL condition on `fan` (living fans only) and its parameters. A saved audience that is gone holds nobody."""
    if not audience.segment:
        return segment_rules.compiled(audience.rule(), as_of)
    try:
        return segments.condition(segments.get(conn, audience.segment), as_of)
    except NotFoundError:
        return "0", {}
