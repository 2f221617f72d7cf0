"""What one import judges and brings in, a portion of records at a time."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from desktop.domain.imports import ERASED, OrderRecord, Record, Rejection, Verdict
from desktop.domain.tasks import CancelToken, Progress
from desktop.services.import_figures import refusal_of
from desktop.services.import_types import PlanRow, plan_row
from desktop.store.effects import Effects
from desktop.store.imports.groups_of_files import MemberImport
from desktop.store.imports.import_claims import ClaimImport
from desktop.store.imports.import_orders import OrderImport
from desktop.store.imports.import_people import FanImport, InteractionImport
from desktop.store.transaction import Transaction

PORTION = 500  # records brought in together; between portions it is told and may be cancelled
SHOWN_OF_A_KIND = 1_000
NOTED = ord("?")
STANDS = {ord("s"): "same", ord("k"): "kept"}  # nothing is done about these


class Bringer(Protocol):
    """Judges and brings in records of one kind, portion by portion."""

    def prepare(self, conn: Any, records: Sequence[Any]) -> None:
        """Read what is known of the records of the next portion."""
        ...

    def flush(self, tx: Transaction) -> None:
        """Write what of the portion still waits."""
        ...

    def judge(self, conn: Any, record: Any) -> Verdict:
        """What `bring` would do now."""
        ...

    def bring(self, tx: Transaction, record: Any, effects: Effects, touched: set[int]) -> Verdict:
        """Do it."""
        ...


def bringer_of(reads: str, mode: str, origin: str, exported_at: int) -> Bringer:
    """Who brings in what a source reads: orders, fans, members of groups, interactions or claims."""
    if reads == "orders":
        return OrderImport(mode, origin, exported_at)
    if reads == "fans":
        return FanImport(mode, origin)
    if reads == "members":
        return MemberImport(mode, origin)
    return InteractionImport(mode, origin) if reads == "interactions" else ClaimImport(mode, origin)


@contextmanager
def uncollected() -> Iterator[None]:
    """While records pile up that all stay: looking through them for garbage, again and again, finds none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@uncollected()
def judged(
    conn: Any, bringer: Bringer, records: tuple[Record, ...], progress: Progress, cancel: CancelToken
) -> tuple[Counter[str], list[PlanRow], list[Rejection], bytes]:
    """What committing would do, counted, with the first rows of each kind for showing, and each by its letter."""
    letters = bytearray()
    verdicts: Counter[str] = Counter()
    rows: list[PlanRow] = []
    refused: list[Rejection] = []
    for place, portion in portions(records):
        cancel.check()
        progress("compare", place, len(records))
        bringer.prepare(conn, portion)
        for record in portion:
            verdict = bringer.judge(conn, record)
            verdicts[verdict.kind] += 1
            letters.append(NOTED if verdict.code else ord(verdict.kind[0]))
            if verdict.code == ERASED:
                verdicts[ERASED] += 1
            if verdict.kind == "rejected":
                refused.append(refusal_of(record, verdict))
            elif verdicts[verdict.kind] <= SHOWN_OF_A_KIND:
                rows.append(plan_row(record, verdict))
    return verdicts, rows, refused, bytes(letters) if isinstance(bringer, OrderImport) else b""


def prepared(
    conn: Any, bringer: Bringer, portion: tuple[Record, ...], letters: bytes, verdicts: Counter[str]
) -> tuple[Record, ...]:
    """Those of a portion that are to be brought in, the others counted; `letters` as found by `judged`, or none."""
    if not letters or not isinstance(bringer, OrderImport):
        bringer.prepare(conn, portion)
        return portion
    for letter, kind in STANDS.items():
        verdicts[kind] += letters.count(letter)
    waiting = tuple(record for record, n in zip(portion, letters, strict=True) if n not in STANDS)
    orders = [record for record in waiting if isinstance(record, OrderRecord)]
    bringer.prepare(conn, orders, bytes(n for n in letters if n not in STANDS))
    return waiting


def portions(records: tuple[Record, ...]) -> Iterator[tuple[int, tuple[Record, ...]]]:
    """(place of the first, records) of each portion."""
    for place in range(0, len(records), PORTION):
        yield place, records[place : place + PORTION]
