"""What a platform can prove about attempts whose outcome is unknown. Pure rules.

By listing: found means executed; absent is proven only by a complete listing taken well after the
attempt. By state: the thing is as we wanted it or is not, and doing it twice is the same as once. By key:
the platform itself refuses a second time. Anything less proves nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from desktop.domain.writes import Write

SETTLE_MS = 900_000  # a listing may lag ten minutes behind execution, and two clocks may drift meanwhile
CLOCK_ERROR_MS = 120_000
EXECUTED_LATE_MS = 600_000  # a row made later than this after an attempt may be someone else's
LISTING_MARGIN_MS = 24 * 3_600_000  # a listing is asked for this far around the attempts
LISTING_REACH_MS = 28 * 86_400_000  # a listing covers at most one month

Fingerprint = tuple[str, str, tuple[str, ...]]


class Verdict(StrEnum):
    """What a platform's word says about one unknown write."""

    FOUND = "found"
    ABSENT = "absent"
    REPEATABLE = "repeatable"  # with its key: the platform itself refuses a second time
    TOO_EARLY = "too_early"
    INCOMPLETE = "incomplete"
    AMBIGUOUS = "ambiguous"
    TOO_OLD = "too_old"
    UNPROVABLE = "unprovable"


@dataclass(frozen=True, slots=True)
class UnknownWrite:
    """A write without a known outcome: its item, its bytes, when its last attempt ran, how many there were.

    `doubts` is how many of the attempts may have been executed, `first_at` when the first of all began.
    """

    uid: str
    write: Write
    started_at: int
    ended_at: int
    attempts: int = 1
    doubts: int = 1
    first_at: int = 0


@dataclass(frozen=True, slots=True)
class ListedWrite:
    """One row of a platform's own list of what it took. `creator` is '' when an API made it.

    `receivers` are those the platform names for it, perhaps not all; empty where it names nobody.
    """

    platform_id: str
    created_at: int
    kind: str
    text: str
    attachment_kinds: tuple[str, ...] = ()
    creator: str = ""
    receivers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Listing:
    """All writes of a stretch of time. `is_complete` only when every page came to its end mark."""

    rows: tuple[ListedWrite, ...]
    covers_from: int
    taken_at: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict; what proves it (`platform_id` and `facts` when found, `by` in every proof)."""

    verdict: Verdict
    platform_id: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def fingerprint_of(write: Write) -> Fingerprint:
    """How a write of ours appears in a listing."""
    return write.kind, _plain(write.text), tuple(sorted(p.kind for p in write.pictures))


def fingerprint_of_row(row: ListedWrite) -> Fingerprint:
    """How a listed row compares with a write of ours."""
    return row.kind, _plain(row.text), tuple(sorted(row.attachment_kinds))


def alike(write: Write, listing: Listing) -> tuple[str, ...]:
    """Platform ids of rows an API made that look the same as this write, oldest first."""
    looks = fingerprint_of(write)
    rows = sorted(listing.rows, key=lambda row: (row.created_at, row.platform_id))
    return tuple(r.platform_id for r in rows if not r.creator and fingerprint_of_row(r) == looks)


def judge_state(is_so: bool | None, platform_id: str = "", **facts: Any) -> Judgement:
    """The verdict where the thing itself was read back; None when it could not be read."""
    if is_so is None:
        return Judgement(Verdict.INCOMPLETE)
    verdict = Verdict.FOUND if is_so else Verdict.ABSENT
    return Judgement(verdict, platform_id, {"by": "state", **facts})


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def judge(
    sends: Sequence[UnknownWrite], listing: Listing, taken_ids: Iterable[str], now: int
) -> Mapping[str, Judgement]:
    """A verdict by listing for each unknown write, by item uid.

    Rows already proven to be some item's (`taken_ids`), rows made by a person and rows that go to somebody
    else (another computer's, say) prove nothing. Sends that look the same are matched one-to-one with rows;
    when there are some rows but not one for each, none is decided. Where such sends go to different people,
    only the receivers that the platform names tell the rows apart; else a match could be crosswise, and
    none is decided.
    """
    taken = set(taken_ids)
    rows: dict[Fingerprint, list[ListedWrite]] = defaultdict(list)
    for row in sorted(listing.rows, key=lambda r: (r.created_at, r.platform_id)):
        if row.platform_id and row.platform_id not in taken and not row.creator:
            rows[fingerprint_of_row(row)].append(row)
    same: dict[Fingerprint, list[UnknownWrite]] = defaultdict(list)
    for send in sorted(sends, key=lambda s: (s.started_at, s.uid)):
        same[fingerprint_of(send.write)].append(send)
    judgements: dict[str, Judgement] = {}
    for fingerprint, group in same.items():
        fitting = [row for row in rows[fingerprint] if any(_reaches_only(row, send) for send in group)]
        judgements |= _judge_alike(group, fitting, listing, now)
    return judgements


def _judge_alike(
    sends: Sequence[UnknownWrite], rows: Sequence[ListedWrite], listing: Listing, now: int
) -> dict[str, Judgement]:
    """Sends with one fingerprint, oldest first, against the free rows with that fingerprint.

    A row that fits in looks but not in time proves neither: a clock may have been wrong.
    """
    if not rows:
        facts = {
            "by": "absence",
            "covers_from": listing.covers_from,
            "taken_at": listing.taken_at,
            "rows": len(listing.rows),
        }
        return {send.uid: Judgement(_absence(send, listing, now), facts=facts) for send in sends}
    matched: dict[str, Judgement] = {}
    free = list(rows)
    is_mixed = len({frozenset(send.write.targets) for send in sends}) > 1
    for send in sends:
        row = next(
            (r for r in free if _may_be(r, send) and (not is_mixed or _is_for(r, send, sends))), None
        )
        if row is None:
            return {s.uid: Judgement(Verdict.AMBIGUOUS) for s in sends}
        free.remove(row)
        matched[send.uid] = Judgement(
            Verdict.FOUND, row.platform_id, {"by": "listing", "created_at": row.created_at}
        )
    return matched


def _may_be(row: ListedWrite, send: UnknownWrite) -> bool:
    """Whether a row was made while the attempt ran, both clocks' errors allowed for."""
    latest = send.ended_at + EXECUTED_LATE_MS + CLOCK_ERROR_MS
    return send.started_at - CLOCK_ERROR_MS <= row.created_at <= latest


def _reaches_only(row: ListedWrite, send: UnknownWrite) -> bool:
    """Whether the platform names nobody for a row whom a send does not go to."""
    return row.receivers <= frozenset(send.write.targets)


def _is_for(row: ListedWrite, send: UnknownWrite, sends: Sequence[UnknownWrite]) -> bool:
    """Whether the receivers of a row are this send's and could be those of no send to other people."""
    wanted = frozenset(send.write.targets)
    others = {frozenset(one.write.targets) for one in sends} - {wanted}
    named = row.receivers
    return bool(named) and named <= wanted and not any(named <= other for other in others)


def _absence(send: UnknownWrite, listing: Listing, now: int) -> Verdict:
    """What it means that no row fits."""
    if now - send.started_at > LISTING_REACH_MS:
        return Verdict.TOO_OLD
    if not listing.is_complete or listing.covers_from > send.started_at - CLOCK_ERROR_MS:
        return Verdict.INCOMPLETE
    ended_at = max(send.started_at, send.ended_at)  # a clock set back during the attempt hastens nothing
    if listing.taken_at < ended_at + SETTLE_MS:
        return Verdict.TOO_EARLY
    return Verdict.ABSENT
