"""Pull a shop's orders by the time they changed: from a little before the last look, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from desktop.domain.live_orders import OrderPage
from desktop.domain.sync_reports import StreamReport
from desktop.platforms.cursors import CursorGuard
from desktop.platforms.ports_shop import PullsOrders
from desktop.store.accounts import sync_runs
from desktop.store.pulled import platform_orders
from desktop.store.transaction import Transaction
from desktop.sync.round import Round

ORDERS = "orders"
FIRST_MS = 90 * 86_400_000  # how far back the first round looks
OVERLAP_MS = 10 * 60_000  # a change may show in the list a little after its own time


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a round reads: changes between two moments (UTC ms), and the page where it goes on."""

    since: int
    until: int
    cursor: str = ""

    def as_text(self, cursor: str) -> str:
        """As it is kept between pages."""
        return f"{self.since}|{self.until}|{cursor}"


async def pull_orders(round_: Round, adapter: PullsOrders) -> None:
    """Take in every order that changed since the last look; goes on where a round was cut off."""
    report = round_.report.stream(ORDERS)
    stretch = await _stretch(round_, adapter, report)
    guard = CursorGuard(ORDERS)
    cursor = stretch.cursor
    while True:
        page = await round_.ask(adapter.orders(stretch.since, stretch.until, cursor))
        report.requested = max(report.requested, report.received + page.total)
        store = partial(_store, round_=round_, page=page, stretch=stretch, report=report)
        await round_.commit(store, report, what=ORDERS)
        round_.tell(ORDERS, report.received, max(page.total, report.received))
        cursor = page.next_cursor
        if not cursor:
            break
        guard.pass_by(cursor, brought_news=bool(page.items))
    report.requested = report.received
    if not report.received:
        report.note("nothing_new")
    account_id = round_.account.id
    await round_.commit(
        lambda tx: sync_runs.keep_mark(tx, account_id, ORDERS, str(stretch.until)),
        report,
        what="orders end",
    )


async def _stretch(round_: Round, adapter: PullsOrders, report: StreamReport) -> Stretch:
    account_id = round_.account.id
    kept = await round_.store.read(lambda conn: sync_runs.mark_of(conn, account_id, ORDERS))
    now = adapter.platform_now_ms()
    parts = kept.split("|")
    if len(parts) == 3 and all(part.isdecimal() for part in parts[:2]) and not round_.is_full:
        report.note("resumed")
        return Stretch(int(parts[0]), int(parts[1]), parts[2])
    since = int(kept) - OVERLAP_MS if kept.isdecimal() and not round_.is_full else now - FIRST_MS
    stretch = Stretch(since, now)
    text = stretch.as_text("")
    await round_.store.write(lambda tx: sync_runs.start_pass(tx, account_id, ORDERS, (), text), kind=None)
    return stretch


def _store(tx: Transaction, round_: Round, page: OrderPage, stretch: Stretch, report: StreamReport) -> None:
    done = platform_orders.ingest(tx, round_.account, page.items, stretch.until)
    report.received += len(page.items)
    report.skipped += page.skipped
    report.new += done.new
    report.changed += done.changed
    if page.next_cursor:
        sync_runs.save_cursor(tx, round_.account.id, ORDERS, stretch.as_text(page.next_cursor))
