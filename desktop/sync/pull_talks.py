"""Pull what customers wrote to the service desks: one desk at a time, each page and its cursor in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from desktop.domain.errors import PlatformError, RejectedError
from desktop.domain.sync_reports import StreamReport
from desktop.domain.talks import PersonRecord, TalkPage, TalkRecord, TalkState
from desktop.platforms.cursors import CursorGuard
from desktop.platforms.ports import PullsTalks
from desktop.store.accounts import sync_runs
from desktop.store.pulled import platform_talks
from desktop.store.pulled.platform_talks import Desk, Ingested
from desktop.store.transaction import Transaction
from desktop.sync.round import Round

TALKS = platform_talks.TALKS
STATES_ASKED = 200  # of the newest open talks of a desk


async def pull_talks(round_: Round, adapter: PullsTalks) -> None:
    """Take in new messages of every own desk, and who answers in the talks that are open.

    The platform remembers three days; what was read is here for good, so that no pass ever ends anything.
    """
    account, report = round_.account, round_.report.stream(TALKS)
    await round_.store.write(lambda tx: sync_runs.start_pass(tx, account.id, TALKS, ()), kind=None)
    records = await round_.ask(adapter.desks())
    report.requested = len(records)
    await round_.commit(
        lambda tx: platform_talks.ingest_desks(tx, account, records), report, what="talk desks"
    )
    for desk in await round_.store.read(lambda conn: platform_talks.own_desks(conn, account.id)):
        await _desk(round_, adapter, desk, report)
        await _states(round_, adapter, desk, report)
    await round_.store.write(lambda tx: sync_runs.finish_pass(tx, account.id, TALKS, ()), kind=None)


async def _desk(round_: Round, adapter: PullsTalks, desk: Desk, report: StreamReport) -> None:
    """Every page since the cursor, to the end."""
    cursor, is_anew = desk.cursor, not desk.cursor
    if round_.is_full:
        cursor, is_anew = "", True
    guard = CursorGuard(f"{TALKS} {desk.external_id}")
    while True:
        try:
            page = await round_.ask(adapter.talk_page(desk.external_id, cursor))
        except RejectedError as error:
            if is_anew or error.params.get("is_permission"):
                raise
            cursor, is_anew = "", True  # the platform has forgotten the cursor of last time
            await round_.store.write(lambda tx: platform_talks.forget_cursor(tx, desk), kind=None)
            continue
        is_anew = True
        people = await _people(round_, adapter, desk, page.items)
        store = partial(_store, round_=round_, desk=desk, page=page, people=people, report=report)
        await round_.commit(store, report, what="talks")
        round_.tell(TALKS, report.received, None)
        cursor = page.next_cursor
        if not page.has_more:
            break
        guard.pass_by(cursor, brought_news=bool(page.items))
    await round_.commit(lambda tx: platform_talks.note_read_to_end(tx, desk), report, what="talks read")


def _store(
    tx: Transaction,
    round_: Round,
    desk: Desk,
    page: TalkPage,
    people: dict[str, PersonRecord],
    report: StreamReport,
) -> Ingested:
    done = platform_talks.ingest_page(tx, round_.account, desk, page, people)
    report.received += len(page.items)
    report.skipped += page.skipped
    report.new += done.new
    return done


async def _people(
    round_: Round, adapter: PullsTalks, desk: Desk, records: Sequence[TalkRecord]
) -> dict[str, PersonRecord]:
    """Names of those who are not known yet; without them the talk goes on nameless."""
    ids = {record.person_id for record in records}
    wanted = await round_.store.read(lambda conn: platform_talks.nameless(conn, desk.id, ids))
    if not wanted:
        return {}
    try:
        told = await round_.ask(adapter.talk_people(wanted))
    except RejectedError:  # nobody of them asked within 48 hours, or names are closed to the app
        return {}
    return {person.external_id: person for person in told}


async def _states(round_: Round, adapter: PullsTalks, desk: Desk, report: StreamReport) -> None:
    """Who answers in the talks that can still be answered; all in one commit."""
    now = round_.clock.now_ms()
    talks = await round_.store.read(
        lambda conn: platform_talks.open_talks(conn, desk.id, now, STATES_ASKED)
    )
    told: list[tuple[int, TalkState]] = []
    trouble: PlatformError | None = None
    for talk_id, person_id in talks:
        try:
            told.append((talk_id, await round_.ask(adapter.talk_state(desk.external_id, person_id))))
        except RejectedError:
            report.failed += 1
        except PlatformError as error:
            trouble = error
            break

    def store(tx: Transaction) -> None:
        report.changed += sum(platform_talks.set_state(tx, talk_id, state) for talk_id, state in told)

    await round_.commit(store, report, what="talk states")
    if trouble is not None:
        raise trouble
