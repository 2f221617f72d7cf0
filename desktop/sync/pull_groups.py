"""Pull groups with their members: a page of the listing, the details of each, one commit."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from contextlib import aclosing
from functools import partial

from desktop.domain.errors import PlatformError, RejectedError
from desktop.domain.platform_records import GroupRecord, GroupStub
from desktop.domain.sync_reports import StreamReport
from desktop.platforms.ports import PullsGroups
from desktop.store.accounts import sync_runs
from desktop.store.pulled import platform_groups
from desktop.store.transaction import Transaction
from desktop.sync.passes import pages
from desktop.sync.round import Round

GROUPS = platform_groups.GROUPS
MEMBERS = "members"


@dataclasses.dataclass(frozen=True, slots=True)
class Details:
    """The details of one page: groups that were read, ids that could not be, and ids that are gone."""

    groups: tuple[GroupRecord, ...]
    closed: tuple[str, ...]
    gone: int


async def pull_groups(round_: Round, adapter: PullsGroups) -> None:
    """Take in every group; a complete pass marks groups it did not meet as gone."""
    report = round_.report.stream(GROUPS)
    members = round_.report.stream(MEMBERS)
    async with aclosing(pages(round_, report, platform_groups.MARKS, adapter.groups)) as listing:
        async for page in listing:
            details = await round_.ask(_details(adapter, page.items))
            report.requested += len(page.items)
            report.skipped += page.skipped
            report.failed += len(details.closed) + details.gone
            store = partial(
                _store,
                round_=round_,
                report=report,
                members=members,
                details=details,
                cursor=page.next_cursor,
            )
            await round_.commit(store, report, members, what="groups")
            round_.tell(GROUPS, report.received, None)
    await round_.commit(lambda tx: _finish(tx, round_, report), report, what="groups end")


async def _details(adapter: PullsGroups, stubs: Sequence[GroupStub]) -> Details:
    """Ask for each group; the adapter decides how many at once. Raises what is no refusal of one group."""
    answers = await asyncio.gather(*(_detail(adapter, stub) for stub in stubs))
    failures = [answer for answer in answers if isinstance(answer, PlatformError)]
    for error in failures:
        if not isinstance(error, RejectedError):
            raise error
    pairs = zip(stubs, answers, strict=True)
    return Details(
        tuple(answer for answer in answers if isinstance(answer, GroupRecord)),
        tuple(stub.external_id for stub, answer in pairs if isinstance(answer, PlatformError)),
        gone=sum(answer is None for answer in answers),
    )


async def _detail(adapter: PullsGroups, stub: GroupStub) -> GroupRecord | PlatformError | None:
    """One group, None when it went between listing and asking, or why it cannot be read."""
    try:
        group = await adapter.group(stub.external_id)
    except PlatformError as error:
        return error
    return None if group is None else dataclasses.replace(group, status=stub.status)


def _store(
    tx: Transaction,
    round_: Round,
    report: StreamReport,
    members: StreamReport,
    details: Details,
    cursor: str,
) -> None:
    done = platform_groups.ingest_groups(tx, round_.account, details.groups)
    sync_runs.mark_seen(tx, round_.account.id, GROUPS, details.closed)  # unreadable is not gone
    report.received += len(details.groups)
    report.new += done.new
    report.changed += done.changed
    members.requested += done.members
    members.received += done.members
    members.new += done.members_new
    members.changed += done.members_changed
    members.removed += done.members_left
    members.skipped += sum(group.skipped for group in details.groups)
    if done.empty_replies:
        members.note("members_empty")
    sync_runs.save_cursor(tx, round_.account.id, GROUPS, cursor)


def _finish(tx: Transaction, round_: Round, report: StreamReport) -> None:
    gone, known = platform_groups.missing(tx.db, round_.account)
    if round_.may_remove(report, len(gone), known):
        platform_groups.remove(tx, gone)
        report.removed = len(gone)
    if not sync_runs.seen_count(tx.db, round_.account.id, GROUPS):
        report.note("zero_rows")
    sync_runs.finish_pass(tx, round_.account.id, GROUPS, platform_groups.MARKS)
