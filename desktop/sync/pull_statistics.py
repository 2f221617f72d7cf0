"""Pull figures per day: what each staff member did with customers, what happened in each owner's groups."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, TypeVar

from desktop.domain.errors import RejectedError
from desktop.domain.statistics import GroupDay, StaffDay, days_to_ask
from desktop.platforms.ports import PullsStatistics
from desktop.store.accounts import sync_runs
from desktop.store.pulled import platform_statistics
from desktop.store.transaction import Transaction
from desktop.sync.round import Round

STATISTICS = "statistics"
AT_ONCE = 20  # people of one commit

Day = TypeVar("Day", StaffDay, GroupDay)
Ask = Callable[[str, date, date], Coroutine[Any, Any, list[Day]]]
Keep = Callable[[Transaction, int, str, Sequence[Day]], tuple[int, int]]


async def pull_statistics(round_: Round, adapter: PullsStatistics) -> None:
    """Take in every day that is over and not kept yet; the kept days themselves say where to go on."""
    account_id = round_.account.id
    staff, owners = await round_.store.read(
        lambda conn: (
            platform_statistics.last_staff_days(conn, account_id),
            platform_statistics.last_group_days(conn, account_id),
        )
    )
    await _pull(round_, adapter, staff, adapter.staff_days, platform_statistics.keep_staff_days)
    await _pull(round_, adapter, owners, adapter.group_days, platform_statistics.keep_group_days)
    report = round_.report.stream(STATISTICS)
    await round_.commit(
        lambda tx: sync_runs.keep_mark(tx, account_id, STATISTICS, adapter.today().isoformat()),
        report,
        what="statistics end",
    )


async def _pull(
    round_: Round,
    adapter: PullsStatistics,
    last_kept: Mapping[str, date | None],
    ask: Ask[Day],
    keep: Keep[Day],
) -> None:
    """All people whose days are missing, some to a commit."""
    report = round_.report.stream(STATISTICS)
    today, is_open = adapter.today(), False
    wanted = [
        (person, spans)
        for person, kept in last_kept.items()
        if (spans := days_to_ask(None if round_.is_full else kept, today))
    ]
    for at in range(0, len(wanted), AT_ONCE):
        read: list[tuple[str, list[Day]]] = []
        for person, spans in wanted[at : at + AT_ONCE]:
            days = await _days_of(round_, person, spans, ask, may_be_closed=not is_open)
            is_open = is_open or days is not None
            report.requested += sum((last - first).days + 1 for first, last in spans)
            if days is None:
                report.failed += 1
            else:
                report.received += len(days)
                read.append((person, days))
        step = partial(_store, round_=round_, read=read, keep=keep)
        await round_.commit(step, report, what="statistics")
        round_.tell(STATISTICS, report.received, None)


async def _days_of(
    round_: Round, person: str, spans: Sequence[tuple[date, date]], ask: Ask[Day], *, may_be_closed: bool
) -> list[Day] | None:
    """One person's missing days; None where the platform refuses this person alone.

    Raises a refusal for want of permission while nobody could be read (`may_be_closed`).
    """
    days: list[Day] = []
    try:
        for first, last in spans:
            days += await round_.ask(ask(person, first, last))
    except RejectedError as error:
        if may_be_closed and error.params.get("is_permission"):
            raise
        return None
    return days


def _store(tx: Transaction, round_: Round, read: Sequence[tuple[str, list[Day]]], keep: Keep[Day]) -> None:
    report = round_.report.stream(STATISTICS)
    for person, days in read:
        new, changed = keep(tx, round_.account.id, person, days)
        report.new += new
        report.changed += changed
