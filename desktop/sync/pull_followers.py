"""Pull followers: a page of ids, what is told of each, and the cursor behind the page in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from desktop.domain.errors import RejectedError
from desktop.domain.official_account import FollowerPage, FollowerRecord
from desktop.domain.sync_reports import StreamReport
from desktop.platforms.cursors import CursorGuard
from desktop.platforms.ports_official import PullsFollowers
from desktop.store.accounts import sync_runs
from desktop.store.pulled import followers
from desktop.store.transaction import Transaction
from desktop.sync.round import Round

FOLLOWERS = followers.FOLLOWERS
AT_ONCE = 500  # followers of one commit; a page has up to ten thousand


async def pull_followers(round_: Round, adapter: PullsFollowers) -> None:
    """Take in every follower; ends the following of those that a complete pass did not meet."""
    report = round_.report.stream(FOLLOWERS)
    account = round_.account
    cursor = await _begin(round_, report)
    guard = CursorGuard(FOLLOWERS)
    while True:
        page = await _page(round_, adapter, report, cursor)
        report.requested = page.total
        cursor = page.next_cursor
        before = report.received
        await _take_in(round_, adapter, report, page)
        seen = await round_.store.read(lambda conn: sync_runs.seen_count(conn, account.id, FOLLOWERS))
        if not cursor or seen >= page.total:
            break
        guard.pass_by(cursor, brought_news=report.received > before)
    await round_.commit(partial(_finish, round_=round_, total=page.total), report, what="followers end")


async def _begin(round_: Round, report: StreamReport) -> str:
    account_id = round_.account.id
    held = await round_.store.read(lambda conn: sync_runs.current_pass(conn, account_id, FOLLOWERS))
    if held.started_at is not None and held.cursor and not round_.is_full:
        report.note("resumed")
        return held.cursor
    await _start_anew(round_)
    return ""


async def _start_anew(round_: Round) -> None:
    account_id = round_.account.id
    await round_.store.write(
        lambda tx: sync_runs.start_pass(tx, account_id, FOLLOWERS, (FOLLOWERS,)), kind=None
    )


async def _page(round_: Round, adapter: PullsFollowers, report: StreamReport, cursor: str) -> FollowerPage:
    """The page behind a cursor; from the beginning once when whom it names has left meanwhile."""
    try:
        return await round_.ask(adapter.follower_ids(cursor))
    except RejectedError:
        if not cursor or report.received or "resumed" not in report.notes:
            raise
    await _start_anew(round_)
    return await round_.ask(adapter.follower_ids(""))


async def _take_in(
    round_: Round, adapter: PullsFollowers, report: StreamReport, page: FollowerPage
) -> None:
    for at in range(0, len(page.ids), AT_ONCE):
        ids = page.ids[at : at + AT_ONCE]
        records: list[FollowerRecord] = []
        for start in range(0, len(ids), adapter.follower_limit):
            some = ids[start : start + adapter.follower_limit]
            records += await round_.ask(adapter.followers(some))
        behind = page.next_cursor if at + AT_ONCE >= len(page.ids) else None
        store = partial(_store, round_=round_, report=report, records=records, asked=ids, behind=behind)
        await round_.commit(store, report, what="followers")
        round_.tell(FOLLOWERS, report.received, page.total)


def _store(
    tx: Transaction,
    round_: Round,
    report: StreamReport,
    records: Sequence[FollowerRecord],
    asked: Sequence[str],
    behind: str | None,
) -> None:
    done = followers.ingest(tx, round_.account, records)
    report.new += len(done.new)
    report.changed += len(done.changed)
    report.received += done.first_seen
    report.failed += len(set(asked) - {one.external_id for one in records})
    if behind is not None:
        sync_runs.save_cursor(tx, round_.account.id, FOLLOWERS, behind)


def _finish(tx: Transaction, round_: Round, total: int) -> None:
    """Compare with the platform's own total, end what is gone, close the pass."""
    account, report = round_.account, round_.report.stream(FOLLOWERS)
    seen = sync_runs.seen_count(tx.db, account.id, FOLLOWERS)
    if not seen:
        report.note("zero_rows")
    elif seen < total or report.failed:
        report.note("count_mismatch")
    else:
        gone, known = followers.missing(tx.db, account)
        if round_.may_remove(report, len(gone), known):
            followers.end(tx, account, gone)
            report.removed = len(gone)
    sync_runs.finish_pass(tx, account.id, FOLLOWERS, (FOLLOWERS,))
