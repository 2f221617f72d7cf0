"""Pull signs of interest: follows, likes, comments and messages, from a little before the last look."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from desktop.domain.public_accounts import IntentionPage
from desktop.domain.sync_reports import StreamReport
from desktop.domain.talks import DeskRecord, Direction, TalkPage
from desktop.platforms.cursors import CursorGuard
from desktop.platforms.ports_public import PullsIntentions
from desktop.store.accounts import sync_runs
from desktop.store.pulled import platform_talks, platform_touches
from desktop.store.pulled.platform_talks import Desk
from desktop.store.transaction import Transaction
from desktop.sync.round import Round

INTENTIONS = "intentions"
FIRST_MS = 7 * 86_400_000
OVERLAP_MS = 10 * 60_000


async def pull_intentions(round_: Round, adapter: PullsIntentions) -> None:
    """Take in everything since the last look. A session of the platform is not kept over rounds: one that was
    cut off begins again at its first moment, and what is known already changes nothing.
    """
    account, report = round_.account, round_.report.stream(INTENTIONS)
    own_id = await round_.ask(adapter.account_id())
    records = (DeskRecord(own_id, account.name),)
    await round_.commit(
        lambda tx: platform_talks.ingest_desks(tx, account, records), report, what="talk desks"
    )
    desks = await round_.store.read(lambda conn: platform_talks.own_desks(conn, account.id))
    desk = next(desk for desk in desks if desk.external_id == own_id)
    kept = await round_.store.read(lambda conn: sync_runs.mark_of(conn, account.id, INTENTIONS))
    until = adapter.platform_now_ms()
    is_first = round_.is_full or not kept.isdecimal()
    since = until - FIRST_MS if is_first else int(kept) - OVERLAP_MS
    guard, session = CursorGuard(INTENTIONS), ""
    while True:
        page = await round_.ask(adapter.intentions(since, until, session))
        store = partial(_store, round_=round_, desk=desk, page=page, report=report)
        await round_.commit(store, report, what=INTENTIONS)
        round_.tell(INTENTIONS, report.received, None)
        session = page.next_session
        if not session:
            break
        guard.pass_by(session, brought_news=bool(page.entries))
    report.requested = report.received
    if not report.received:
        report.note("nothing_new")
    await round_.commit(partial(_finish, account_id=account.id, desk=desk, until=until), report, what="end")


def _store(tx: Transaction, round_: Round, desk: Desk, page: IntentionPage, report: StreamReport) -> None:
    account = round_.account
    report.new += platform_touches.ingest(tx, account, page.touches, page.people)
    sent = [m.external_id for m in page.messages if m.direction is Direction.STAFF]
    own = platform_touches.own_replies(tx, desk.id, sent)
    messages = tuple(m for m in page.messages if m.external_id not in own)
    done = platform_talks.ingest_page(
        tx, account, desk, TalkPage(messages, desk.cursor, False), page.people
    )
    platform_touches.set_threads(tx, desk.id, page.threads)
    report.new += done.new
    report.received += page.entries
    report.skipped += page.skipped


def _finish(tx: Transaction, account_id: int, desk: Desk, until: int) -> None:
    platform_talks.note_read_to_end(tx, replace(desk))
    sync_runs.keep_mark(tx, account_id, INTENTIONS, str(until))
