"""Pull what a public account is and does: its figures, groups, posts, comments, broadcasts, vouchers."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from desktop.domain.errors import RejectedError
from desktop.domain.platform_records import GroupRecord, PageOf
from desktop.domain.public_accounts import CommentRecord, CountedGroup, JoinRequest, VideoRecord
from desktop.domain.shop import DEFAULT_ZONE
from desktop.domain.sync_reports import StreamReport
from desktop.platforms.cursors import CursorGuard
from desktop.platforms.ports_public import (
    PullsAccountFacts,
    PullsCountedGroups,
    PullsLiveRooms,
    PullsVideos,
    PullsVouchers,
)
from desktop.store import shop as shop_rows
from desktop.store.accounts import grants, sync_runs
from desktop.store.pulled import platform_groups, platform_public
from desktop.store.transaction import Transaction
from desktop.sync.round import Round

FACTS, GROUPS, REQUESTS, VIDEOS, COMMENTS, LIVE, VOUCHERS = (
    "account_facts", "groups", "join_requests", "videos", "video_comments", "live_rooms", "vouchers",
)  # fmt: skip
DAY_MS = 86_400_000
LIVE_MS = 7 * DAY_MS
FIRST_VOUCHERS_MS = 30 * DAY_MS
REVERSED_MS = DAY_MS  # a verified voucher can be taken back for an hour: looked at once more
VIDEO_PAGES = 25
COMMENTED = 20  # of the newest posts
COMMENT_PAGES = 5
ROOMS = 20


async def pull_facts(round_: Round, adapter: PullsAccountFacts) -> None:
    """The account's own card and its fans' figures of today."""
    report = round_.report.stream(FACTS)
    facts = await round_.ask(adapter.account_facts())
    account = round_.account

    def store(tx: Transaction) -> None:
        report.changed += platform_public.note_day(tx, account.id, _today(tx), facts)
        life = grants.of_account(tx.db, account.id)
        if life is not None:
            grants.note(tx, account.id, life, facts.open_id)

    report.requested = report.received = 1
    await round_.commit(store, report, what=FACTS)


def _today(tx: Transaction) -> str:
    shop = shop_rows.find(tx.db)
    zone = ZoneInfo(shop.timezone if shop else DEFAULT_ZONE)
    return datetime.fromtimestamp(tx.now_ms / 1000, UTC).astimezone(zone).date().isoformat()


async def pull_groups(round_: Round, adapter: PullsCountedGroups) -> None:
    """Every own group with the number of its members: the platform names no member."""
    report, account = round_.report.stream(GROUPS), round_.account
    await round_.store.write(
        lambda tx: sync_runs.start_pass(tx, account.id, GROUPS, platform_groups.MARKS), kind=None
    )
    records = await round_.ask(adapter.counted_groups())
    report.requested = report.received = len(records)
    store = partial(_store_groups, round_=round_, records=records, report=report)
    await round_.commit(store, report, what=GROUPS)


def _store_groups(
    tx: Transaction, round_: Round, records: tuple[CountedGroup, ...], report: StreamReport
) -> None:
    account = round_.account
    notices = platform_public.notices(tx.db, account.id)  # set from here; the platform does not tell them
    told = [
        GroupRecord(one.external_id, one.name, "", (), notice=notices.get(one.external_id, ""))
        for one in records
    ]
    done = platform_groups.ingest_groups(tx, account, told)
    report.new += done.new
    report.changed += max(done.changed, platform_public.set_counts(tx, account.id, records))
    gone, known = platform_groups.missing(tx.db, account)
    if records and round_.may_remove(report, len(gone), known):
        platform_groups.remove(tx, gone)
        report.removed = len(gone)
    if not records:
        report.note("nothing_new")
    sync_runs.finish_pass(tx, account.id, GROUPS, platform_groups.MARKS)


async def pull_requests(round_: Round, adapter: PullsCountedGroups) -> None:
    """Everybody who waits to be let into a group."""
    report, account = round_.report.stream(REQUESTS), round_.account
    found: list[JoinRequest] = []
    guard, cursor = CursorGuard(REQUESTS), ""
    while True:
        page = await round_.ask(adapter.join_requests(cursor))
        found += page.items
        report.skipped += page.skipped
        cursor = page.next_cursor
        if not cursor:
            break
        guard.pass_by(cursor, brought_news=bool(page.items))
    report.requested = report.received = len(found)
    if not found:
        report.note("nothing_new")

    def store(tx: Transaction) -> None:
        report.new, report.removed = platform_public.ingest_requests(tx, account, found)

    await round_.commit(store, report, what=REQUESTS)


async def pull_videos(round_: Round, adapter: PullsVideos) -> None:
    """Own posts with their figures, newest first."""
    report, account = round_.report.stream(VIDEOS), round_.account
    guard, cursor = CursorGuard(VIDEOS), ""
    for _ in range(VIDEO_PAGES):
        page = await round_.ask(adapter.videos(cursor))
        await round_.commit(_videos(account.id, page, report), report, what=VIDEOS)
        round_.tell(VIDEOS, report.received, None)
        cursor = page.next_cursor
        if not cursor:
            break
        guard.pass_by(cursor, brought_news=bool(page.items))
    report.requested = report.received
    if not report.received:
        report.note("nothing_new")


def _videos(account_id: int, page: PageOf[VideoRecord], report: StreamReport) -> Any:
    def store(tx: Transaction) -> None:
        new, changed = platform_public.ingest_videos(tx, account_id, page.items)
        report.received += len(page.items)
        report.skipped += page.skipped
        report.new += new
        report.changed += changed

    return store


async def pull_comments(round_: Round, adapter: PullsVideos) -> None:
    """What people say below the newest posts, newest first."""
    report, account = round_.report.stream(COMMENTS), round_.account
    own_id = await _own_id(round_)
    videos = await round_.store.read(
        lambda conn: platform_public.newest_videos(conn, account.id, COMMENTED)
    )
    for video_id, item_id in videos:
        guard, cursor = CursorGuard(COMMENTS), ""
        for _ in range(COMMENT_PAGES):
            page = await round_.ask(adapter.video_comments(item_id, cursor))
            store = partial(
                _store_comments, round_=round_, video_id=video_id, page=page, own_id=own_id, report=report
            )
            new = await round_.commit(store, report, what=COMMENTS)
            cursor = page.next_cursor
            if not cursor or not new:
                break
            guard.pass_by(cursor, brought_news=bool(page.items))
    report.requested = report.received
    if not report.received:
        report.note("nothing_new")


def _store_comments(
    tx: Transaction,
    round_: Round,
    video_id: int,
    page: PageOf[CommentRecord],
    own_id: str,
    report: StreamReport,
) -> int:
    new, changed = platform_public.ingest_comments(tx, round_.account, video_id, page.items, own_id)
    report.received += len(page.items)
    report.skipped += page.skipped
    report.new += new
    report.changed += changed
    return new


async def _own_id(round_: Round) -> str:
    account_id = round_.account.id
    return await round_.store.read(lambda conn: grants.open_id(conn, account_id))


async def pull_live(round_: Round, adapter: PullsLiveRooms) -> None:
    """Broadcasts of the last week with the figures that are ready."""
    report, account = round_.report.stream(LIVE), round_.account
    now = adapter.platform_now_ms()
    rooms = await round_.ask(adapter.live_rooms(now - LIVE_MS, now))
    report.requested = len(rooms)
    for room_id in rooms[:ROOMS]:
        try:
            room = await round_.ask(adapter.live_room(room_id))
        except RejectedError as error:
            if error.params.get("is_permission"):
                raise
            report.failed += 1
            continue

        def store(tx: Transaction, room: Any = room) -> None:
            new, changed = platform_public.ingest_room(tx, account.id, room)
            report.received += 1
            report.new += new
            report.changed += changed

        await round_.commit(store, report, what=LIVE)
    if not rooms:
        report.note("nothing_new")


async def pull_vouchers(round_: Round, adapter: PullsVouchers) -> None:
    """Vouchers verified since the last look, and those of the day before once more: they can be taken back."""
    if not adapter.has_vouchers:
        return
    report, account = round_.report.stream(VOUCHERS), round_.account
    kept = await round_.store.read(lambda conn: sync_runs.mark_of(conn, account.id, VOUCHERS))
    until = adapter.platform_now_ms()
    is_first = round_.is_full or not kept.isdecimal()
    since = until - FIRST_VOUCHERS_MS if is_first else int(kept) - REVERSED_MS
    guard, cursor = CursorGuard(VOUCHERS), ""
    while True:
        page = await round_.ask(adapter.vouchers(since, until, cursor))

        def store(tx: Transaction, page: Any = page) -> None:
            new, changed = platform_public.ingest_vouchers(tx, account.id, page.items)
            report.received += len(page.items)
            report.skipped += page.skipped
            report.new += new
            report.changed += changed

        await round_.commit(store, report, what=VOUCHERS)
        cursor = page.next_cursor
        if not cursor:
            break
        guard.pass_by(cursor, brought_news=bool(page.items))
    report.requested = report.received
    if not report.received:
        report.note("nothing_new")
    await round_.commit(
        lambda tx: sync_runs.keep_mark(tx, account.id, VOUCHERS, str(until)), report, what="vouchers end"
    )
