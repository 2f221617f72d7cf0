"""Counts of an import, and the order in which its records are brought in."""

from __future__ import annotations

from collections.abc import Mapping

from desktop.domain.imports import (
    ERASED,
    ClaimRecord,
    FanRecord,
    InteractionRecord,
    OrderRecord,
    Record,
    Rejection,
    Verdict,
)


def refusal_of(record: Record, verdict: Verdict) -> Rejection:
    """The refused row of a record that what is known forbids."""
    row = record.rows[0] if isinstance(record, OrderRecord) else record.row
    return Rejection(row, verdict.code, verdict.params, record.sheet)


def whole_counts(
    verdicts: Mapping[str, int],
    records: tuple[Record, ...],
    rows: int,
    repeated: int,
    rejections: tuple[Rejection, ...],
    notes: Mapping[str, int],
) -> dict[str, int]:
    """Figures of one import: records by verdict (kept and repeated count as same), rows refused.

    `erased`: left out, or without their person, for somebody who was erased here; counted under ERASED.
    """
    kept = verdicts.get("kept", 0)
    return {
        "rows": rows,
        "new": verdicts.get("new", 0),
        "changed": verdicts.get("changed", 0),
        "same": verdicts.get("same", 0) + kept + repeated,
        "kept": kept,
        "repeated": repeated,
        "rejected": len(rejections),
        "without_fan": sum(1 for r in records if isinstance(r, OrderRecord) and r.buyer is None),
        "erased": verdicts.get(ERASED, 0),
        "total_rows": notes.get("total_row", 0),
    }


def first_moment(record: Record) -> int:
    """First things first, so that people are met in the order in which they came."""
    if isinstance(record, OrderRecord):
        return record.paid_at or record.created_at or 0
    if isinstance(record, FanRecord):
        return record.followed_at or 0
    if isinstance(record, InteractionRecord):
        return record.at
    return record.claimed_at if isinstance(record, ClaimRecord) else 0
