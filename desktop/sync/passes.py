"""A pass through a listing with one cursor: resumed where it stopped, begun anew when the cursor is forgotten."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from desktop.domain.errors import RejectedError
from desktop.domain.platform_records import PageOf
from desktop.domain.sync_reports import StreamReport
from desktop.platforms.cursors import CursorGuard
from desktop.store.accounts import sync_runs
from desktop.sync.round import Round

T = TypeVar("T")
Fetch = Callable[[str], Coroutine[Any, Any, PageOf[T]]]


async def pages(
    round_: Round, report: StreamReport, marks: Sequence[str], fetch: Fetch[T]
) -> AsyncGenerator[PageOf[T], None]:
    """Every page of the stream that `report` counts, from where the last round stopped.

    The caller stores a page, its seen-marks and its `next_cursor` in one commit before it asks for the
    next, finishes the pass after the last, and closes the generator when it stops before. Raises what
    `fetch` raises, and for a cursor that comes back.
    """
    cursor = await _begin(round_, report, marks)
    guard = CursorGuard(report.stream)
    while True:
        try:
            page = await round_.ask(fetch(cursor))
        except RejectedError:
            if not cursor or report.received or "resumed" not in report.notes:
                raise
            cursor = await _start_anew(round_, report, marks)  # the platform has forgotten it
            continue
        yield page
        cursor = page.next_cursor
        if not cursor:
            return
        guard.pass_by(cursor, brought_news=bool(page.items))


async def _begin(round_: Round, report: StreamReport, marks: Sequence[str]) -> str:
    account_id = round_.account.id
    held = await round_.store.read(lambda conn: sync_runs.current_pass(conn, account_id, report.stream))
    if held.started_at is not None and held.cursor and not round_.is_full:
        report.note("resumed")
        return held.cursor
    return await _start_anew(round_, report, marks)


async def _start_anew(round_: Round, report: StreamReport, marks: Sequence[str]) -> str:
    account_id = round_.account.id
    await round_.store.write(
        lambda tx: sync_runs.start_pass(tx, account_id, report.stream, marks), kind=None
    )
    return ""
