"""What a newly read order changes in one that is known. Pure rules.

A file that does not say something never wipes it out. An older file, or the mode `fill`, only fills
blanks; the mode `add` changes nothing that is known. Where a platform tells of its orders too (`LIVE`), a
status never moves back, whoever tells last: a file may be copied long after it was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from desktop.domain.imports import OrderLine, OrderRecord

MINUTE_MS = 60_000
TIMES = ("created_at", "paid_at", "finished_at")
LIVE = frozenset({"doudian"})  # platforms whose orders come by files and by their interface
FORWARD = ("unknown", "unpaid", "paid", "part_shipped", "shipped", "done", "closed")


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """The parts of a stored order that a file can change. Money in cents, times in UTC milliseconds."""

    status: str
    status_text: str
    refund_status: str
    paid_cents: int
    refund_cents: int
    created_at: int | None
    paid_at: int | None
    finished_at: int | None
    receiver: Mapping[str, str]
    extra: Mapping[str, object]
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True)
class OrderChange:
    """New values by column (`lines` among them), and those told that were not taken: the known ones stand."""

    values: Mapping[str, Any] = field(default_factory=dict)
    left: Mapping[str, Any] = field(default_factory=dict)


def same_moment(one: int | None, other: int | None) -> bool:
    """Whether two times agree, where one of them may have lost its seconds to a spreadsheet."""
    if one is None or other is None or one == other:
        return one == other
    return one // MINUTE_MS == other // MINUTE_MS and (one % MINUTE_MS == 0 or other % MINUTE_MS == 0)


def change_of(known: KnownOrder, record: OrderRecord, mode: str, *, is_older: bool) -> OrderChange:
    """What bringing in `record` changes. `is_older`: its file was made before the one known last."""
    told = _told(known, record)
    back: dict[str, Any] = {}
    if record.platform in LIVE and _is_back(known, told):
        back = {name: told.pop(name) for name in ("status", "status_text")}
    different = {
        name: value for name, value in told.items() if not _equal(name, getattr(known, name), value)
    }
    if mode == "update" and not is_older:
        return OrderChange(different, back)
    if mode == "add":
        return OrderChange({}, different)
    filled = {name: _filled(getattr(known, name), value) for name, value in different.items()}
    filled = {name: value for name, value in filled.items() if value is not None}
    if "status" in different and known.status == "unknown" and not known.status_text:
        filled["status"] = different["status"]
    if record.platform in LIVE and mode == "update" and "status" in different:  # forward, whatever is newer
        filled |= {name: different[name] for name in ("status", "status_text") if name in different}
    return OrderChange(filled, {n: value for n, value in different.items() if filled.get(n) != value})


def _told(known: KnownOrder, record: OrderRecord) -> dict[str, Any]:
    """Everything the record says, as it would stand after a plain update."""
    told: dict[str, Any] = {"paid_cents": record.paid_cents}
    if record.status != "unknown" or record.status_text:
        told["status"], told["status_text"] = record.status, record.status_text
    for name in ("refund_status", "refund_cents", *TIMES):
        value = getattr(record, name)
        if value is not None:
            told[name] = value
    if record.receiver:
        told["receiver"] = {**known.receiver, **record.receiver}
    if record.extra:
        before = {key: value for key, value in known.extra.items() if key != "unknown_words"}
        told["extra"] = {**before, **record.extra}
    if record.lines:
        told["lines"] = merged_lines(known.lines, record.lines, keep_missing=record.is_partial)
        if record.is_partial:
            told.update(_sums(known, record, told["lines"]))
    return told


def _is_back(known: KnownOrder, told: Mapping[str, Any]) -> bool:
    """Whether what is told would move the status back; closed is the end of every order."""
    status = told.get("status", known.status)
    return FORWARD.index(status) < FORWARD.index(known.status)


def _sums(known: KnownOrder, record: OrderRecord, lines: Sequence[OrderLine]) -> dict[str, Any]:
    """Order sums where the file held only some of the lines."""
    fresh = {line.line_no for line in record.lines}
    others = [line for line in lines if line.line_no not in fresh]
    if not others:
        return {}
    if any(line.paid_cents is None for line in lines):
        return {"paid_cents": known.paid_cents}
    sums: dict[str, Any] = {
        "paid_cents": sum(line.paid_cents or 0 for line in lines),
        "refund_cents": sum(line.refund_cents for line in lines),
    }
    if record.status == "closed" and known.status != "closed":
        sums["status"], sums["status_text"] = known.status, known.status_text
    return sums


def merged_lines(
    known: Sequence[OrderLine], fresh: Sequence[OrderLine], *, keep_missing: bool
) -> tuple[OrderLine, ...]:
    """Lines by number: what a fresh line does not say stays as it was known."""
    before = {line.line_no: line for line in known}
    merged = {line.line_no: _merged_line(before.get(line.line_no), line) for line in fresh}
    if keep_missing:
        merged = {**before, **merged}
    return tuple(merged.values())


def _merged_line(known: OrderLine | None, fresh: OrderLine) -> OrderLine:
    if known is None or known == fresh:
        return fresh
    return replace(
        fresh,
        item=fresh.item or known.item,
        spec=fresh.spec or known.spec,
        item_code=fresh.item_code or known.item_code,
        quantity=known.quantity if fresh.quantity is None else fresh.quantity,
        paid_cents=known.paid_cents if fresh.paid_cents is None else fresh.paid_cents,
        refund_cents=known.refund_cents if fresh.paid_cents is None else fresh.refund_cents,
        status_text=fresh.status_text or known.status_text,
    )


def _equal(name: str, known: Any, fresh: Any) -> bool:
    if name in TIMES:
        return same_moment(known, fresh)
    if name == "lines":
        return known == fresh or sorted(known, key=_number) == sorted(fresh, key=_number)
    return bool(known == fresh)


def _number(line: OrderLine) -> str:
    return line.line_no


def _filled(known: Any, fresh: Any) -> Any:
    """The value after filling a blank; None when there is no blank to fill."""
    if isinstance(known, Mapping):
        missing = {key: value for key, value in fresh.items() if not known.get(key)}
        return {**known, **missing} if missing else None
    return fresh if known is None or known in ("", ()) else None
