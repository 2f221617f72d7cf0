"""What a platform's listing proves about attempts whose outcome is unknown. Pure rules.

Found means executed. Absent is proven only by a complete listing taken well after the attempt.
Anything less proves nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from desktop.domain.mass_send import Listing, MassSend, MassSendRecord

SETTLE_MS = 120_000  # a listing may lag this far behind execution
CLOCK_ERROR_MS = 120_000
EXECUTED_LATE_MS = 600_000  # a row made later than this after an attempt may be someone else's
LISTING_MARGIN_MS = 24 * 3_600_000  # a listing is asked for this far around the attempts
LISTING_REACH_MS = 28 * 86_400_000  # a listing covers at most one month

Fingerprint = tuple[str, str, tuple[str, ...]]


class Verdict(StrEnum):
    """What a listing says about one unknown send."""

    FOUND = "found"
    ABSENT = "absent"
    TOO_EARLY = "too_early"
    INCOMPLETE = "incomplete"
    AMBIGUOUS = "ambiguous"
    TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True)
class UnknownSend:
    """An attempt without a known outcome: its item, what it looked like, and when it ran."""

    uid: str
    fingerprint: Fingerprint
    started_at: int
    ended_at: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, and the row that proves it when found."""

    verdict: Verdict
    row: MassSendRecord | None = None


def fingerprint_of(send: MassSend) -> Fingerprint:
    """How a task of ours appears in a listing."""
    return send.chat_type, _plain(send.text), tuple(sorted(p.kind for p in send.pictures))


def fingerprint_of_row(row: MassSendRecord) -> Fingerprint:
    """How a listed row compares with a task of ours."""
    return row.chat_type, _plain(row.text), tuple(sorted(row.attachment_kinds))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def judge(
    sends: Sequence[UnknownSend], listing: Listing, taken_ids: Iterable[str], now: int
) -> Mapping[str, Judgement]:
    """A verdict for each unknown send, by item uid.

    Rows already proven to be some item's (`taken_ids`) and rows made by a person prove nothing.
    Sends that look the same are matched one-to-one with rows; when there are some rows but not
    one for each, none is decided.
    """
    taken = set(taken_ids)
    rows: dict[Fingerprint, list[MassSendRecord]] = defaultdict(list)
    for row in sorted(listing.rows, key=lambda r: (r.created_at, r.platform_id)):
        if row.platform_id and row.platform_id not in taken and not row.creator:
            rows[fingerprint_of_row(row)].append(row)
    alike: dict[Fingerprint, list[UnknownSend]] = defaultdict(list)
    for send in sorted(sends, key=lambda s: (s.started_at, s.uid)):
        alike[send.fingerprint].append(send)
    judgements: dict[str, Judgement] = {}
    for fingerprint, group in alike.items():
        judgements |= _judge_alike(group, rows[fingerprint], listing, now)
    return judgements


def _judge_alike(
    sends: Sequence[UnknownSend], rows: Sequence[MassSendRecord], listing: Listing, now: int
) -> dict[str, Judgement]:
    """Sends with one fingerprint, oldest first, against the free rows with that fingerprint.

    A row that fits in looks but not in time proves neither: a clock may have been wrong.
    """
    if not rows:
        return {send.uid: Judgement(_absence(send, listing, now)) for send in sends}
    matched: dict[str, Judgement] = {}
    free = list(rows)
    for send in sends:
        row = next((r for r in free if _may_be(r, send)), None)
        if row is None:
            return {s.uid: Judgement(Verdict.AMBIGUOUS) for s in sends}
        free.remove(row)
        matched[send.uid] = Judgement(Verdict.FOUND, row)
    return matched


def _may_be(row: MassSendRecord, send: UnknownSend) -> bool:
    """Whether a row was made while the attempt ran, both clocks' errors allowed for."""
    latest = send.ended_at + EXECUTED_LATE_MS + CLOCK_ERROR_MS
    return send.started_at - CLOCK_ERROR_MS <= row.created_at <= latest


def _absence(send: UnknownSend, listing: Listing, now: int) -> Verdict:
    """What it means that no row fits."""
    if now - send.started_at > LISTING_REACH_MS:
        return Verdict.TOO_OLD
    if not listing.is_complete or listing.covers_from > send.started_at - CLOCK_ERROR_MS:
        return Verdict.INCOMPLETE
    if listing.taken_at < send.ended_at + SETTLE_MS:
        return Verdict.TOO_EARLY
    return Verdict.ABSENT
