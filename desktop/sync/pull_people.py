"""Pull staff, tags and customers: page by page, each page and its cursor in one commit.

While pages of customers are being stored the next ones are read; what has come meanwhile is stored
together, with the cursor behind the last of them.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from desktop.domain.errors import RejectedError, UnclearReplyError
from desktop.domain.platform_records import CustomerRecord, PageOf
from desktop.domain.sync_reports import StreamReport
from desktop.platforms.cursors import CursorGuard
from desktop.platforms.ports import PullsCustomers, PullsStaff, PullsTags
from desktop.store.accounts import sync_runs
from desktop.store.pulled import platform_people, platform_staff, platform_tags
from desktop.store.transaction import Transaction
from desktop.sync.read_ahead import ReadAhead
from desktop.sync.round import Round

CUSTOMERS = platform_people.CUSTOMERS
AHEAD = 24  # pages read but not stored: what a stop may lose, and what one commit holds at most
ENOUGH = 20  # pages worth a commit of their own, unless the platform takes longer for them
WITHIN_S = 0.4


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pass through the customers stands: from which staff member on, and the page's cursor."""

    staff: tuple[str, ...]
    at: int = 0
    cursor: str = ""

    def as_text(self) -> str:
        """The form kept as the stream's cursor."""
        return json.dumps({"staff": self.staff, "at": self.at, "cursor": self.cursor})


@dataclass(frozen=True, slots=True)
class _Read:
    """A page that has come, and the places it was read at and after it."""

    page: PageOf[CustomerRecord]
    at: Place
    after: Place


def place_of(text: str) -> Place | None:
    """The place in a kept cursor; None for one that cannot be read any more."""
    try:
        kept = json.loads(text)
        return Place(tuple(kept["staff"]), int(kept["at"]), str(kept["cursor"]))
    except (ValueError, KeyError, TypeError):
        return None


async def pull_staff(round_: Round, adapter: PullsStaff) -> tuple[str, ...]:
    """Take in the staff; the platform's ids of those who have customers."""
    report = round_.report.stream("staff")
    records = await round_.ask(adapter.staff())
    ids = tuple(sorted(record.external_id for record in records))
    report.requested = report.received = len(ids)

    def store(tx: Transaction) -> None:
        done = platform_staff.ingest_staff(tx, round_.account, records)
        report.new, report.changed = len(done.new), len(done.changed)
        gone, known = platform_staff.missing_staff(tx.db, round_.account, ids)
        if not ids:
            report.note("zero_rows")
        elif round_.may_remove(report, len(gone), known):
            platform_staff.remove_staff(tx, gone)
            report.removed = len(gone)

    await round_.commit(store, report, what="staff")
    round_.tell("staff", len(ids), len(ids))
    return ids


async def pull_tags(round_: Round, adapter: PullsTags) -> None:
    """Take in the platform's tags."""
    report = round_.report.stream("tags")
    page = await round_.ask(adapter.tags())
    ids = {record.external_id for record in page.items}
    report.requested, report.received, report.skipped = len(ids), len(ids), page.skipped

    def store(tx: Transaction) -> None:
        new, changed = platform_tags.ingest(tx, round_.account, page.items)
        report.new, report.changed = len(new), len(changed)
        gone, known = platform_tags.missing(tx.db, round_.account, ids)
        if round_.may_remove(report, len(gone), known):
            platform_tags.remove(tx, gone)
            report.removed = len(gone)
        if new or changed:  # friendships may have named them before the list did
            platform_tags.refresh_fans(tx, round_.account.id, None)

    await round_.commit(store, report, what="tags")
    round_.tell("tags", len(ids), len(ids))


async def pull_customers(round_: Round, adapter: PullsCustomers, staff: Sequence[str]) -> None:
    """Take in every customer of these staff; ends friendships that a complete pass did not meet."""
    if staff:
        await _CustomerPull(round_, adapter, tuple(staff)).run()
    else:  # nobody to ask about; says nothing about the customers known here
        round_.report.stream(CUSTOMERS).note("zero_rows")


class _CustomerPull:
    def __init__(self, round_: Round, adapter: PullsCustomers, staff: tuple[str, ...]) -> None:
        self._round = round_
        self._adapter = adapter
        self._staff = staff
        self._report = round_.report.stream(CUSTOMERS)
        self._new: set[str] = set()
        self._changed: set[str] = set()
        self._listed: set[str] | None = None
        self._total: int | None = None
        self._met: set[str] = set()

    async def run(self) -> None:
        place = await self._begin()
        await self._ask_totals()
        guard = CursorGuard(CUSTOMERS)
        async with ReadAhead(self._pages(place), AHEAD) as ahead:
            while some := await ahead.some(ENOUGH, WITHIN_S):
                self._round.stop_if_cancelled()
                await self._take_in(some, guard)
        await self._round.commit(self._finish, self._report, what="customers end")

    async def _begin(self) -> Place:
        """Where an interrupted pass stopped, or the beginning of a new one."""
        account_id = self._round.account.id
        held = await self._round.store.read(
            lambda conn: sync_runs.current_pass(conn, account_id, CUSTOMERS)
        )
        place = place_of(held.cursor) if held.started_at is not None else None
        if place is not None and place.staff == self._staff and not self._round.is_full:
            self._report.note("resumed")
            self._met = await self._round.store.read(
                lambda conn: platform_people.met_customers(conn, account_id)
            )
            return place
        return await self._start_anew()

    async def _start_anew(self) -> Place:
        place = Place(self._staff)
        self._met = set()

        def start(tx: Transaction) -> None:
            sync_runs.start_pass(
                tx, self._round.account.id, CUSTOMERS, platform_people.MARKS, place.as_text()
            )

        await self._round.store.write(start, kind=None)
        return place

    async def _ask_totals(self) -> None:
        """The platform's own lists of ids: what the pages have to add up to."""
        listed: set[str] = set()
        customers: set[str] = set()
        for staff_id in self._staff:
            try:
                ids = await self._round.ask(self._adapter.customer_ids(staff_id))
            except UnclearReplyError as error:
                if error.code != "reply_too_large":
                    raise
                self._report.note("total_unknown")
                return
            customers.update(ids)
            listed.update(f"{external_id} {staff_id}" for external_id in ids)
        self._listed = listed
        self._total = self._report.requested = len(customers)
        self._round.tell(CUSTOMERS, len(self._met), self._total)

    async def _pages(self, place: Place) -> AsyncGenerator[_Read, None]:
        """Every page from a place on."""
        is_first = True
        while place.at < len(self._staff):
            page, place = await self._first_page(place) if is_first else (await self._fetch(place), place)
            after = Place(self._staff, place.at, page.next_cursor)
            if not page.next_cursor:
                after = Place(self._staff, place.at + self._adapter.customer_staff_limit)
            yield _Read(page, place, after)
            place, is_first = after, False

    async def _first_page(self, place: Place) -> tuple[PageOf[CustomerRecord], Place]:
        """The page at a place; from the beginning once when the platform has forgotten our cursor."""
        try:
            return await self._fetch(place), place
        except RejectedError:
            if "resumed" not in self._report.notes:
                raise
        place = await self._start_anew()
        return await self._fetch(place), place

    async def _fetch(self, place: Place) -> PageOf[CustomerRecord]:
        chunk = self._staff[place.at : place.at + self._adapter.customer_staff_limit]
        return await self._round.ask(self._adapter.customers(chunk, place.cursor))

    async def _take_in(self, some: Sequence[_Read], guard: CursorGuard) -> None:
        """Store pages together with the place after the last of them."""
        met_before = len(self._met)

        def store(tx: Transaction) -> None:
            records = [record for read in some for record in read.page.items]
            done = platform_people.ingest_customers(tx, self._round.account, records, self._met)
            self._new |= done.new
            self._changed |= done.changed - self._new
            report = self._report
            report.new, report.changed = len(self._new), len(self._changed)
            report.received += done.first_seen
            report.skipped += sum(read.page.skipped for read in some)
            sync_runs.save_cursor(tx, self._round.account.id, CUSTOMERS, some[-1].after.as_text())

        await self._round.commit(store, self._report, what="customers")
        self._round.tell(CUSTOMERS, len(self._met), self._total)
        for read in some:
            if read.page.next_cursor:
                cursor = f"{read.at.at} {read.page.next_cursor}"
                guard.pass_by(cursor, brought_news=len(self._met) > met_before)

    def _finish(self, tx: Transaction) -> None:
        """Compare with the totals, end what is gone, close the pass."""
        account, report = self._round.account, self._report
        unmet, erased = platform_people.unmet_relations(tx.db, account, self._listed or ())
        if unmet:
            report.note("count_mismatch")
            report.failed = len({relation.split(" ")[0] for relation in unmet})
        else:
            self._end_gone(tx, report, erased)
        if self._total == 0 or not self._met:
            report.note("zero_rows")
        sync_runs.finish_pass(tx, account.id, CUSTOMERS, platform_people.MARKS)

    def _end_gone(self, tx: Transaction, report: StreamReport, erased: int) -> None:
        known = platform_people.known_follows(tx.db, self._round.account)
        if self._listed is not None and known == len(self._listed) - erased:
            return  # every listed one was met and stands here, but for those erased: there is no other
        gone = platform_people.missing_follows(tx.db, self._round.account)
        if self._round.may_remove(report, len(gone), known):
            report.removed = platform_people.remove_follows(tx, self._round.account, gone)
