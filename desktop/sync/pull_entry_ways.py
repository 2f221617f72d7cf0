"""Pull ways in and group welcomes. Contact ways are listed; the others are read one by one, where known.

The list of contact ways holds ids only, and each way is a request of its own: it is read when it is new, when it
was changed from here, and once a day. Its id alone says that it is still there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from functools import partial
from typing import TypeVar

from desktop.domain.entry_ways import CONTACT, JOIN, READ_AGAIN_MS
from desktop.domain.platform_records import EntryWayRecord, PageOf
from desktop.domain.proof import SETTLE_MS
from desktop.domain.sync_reports import StreamReport
from desktop.platforms.ports import PullsEntryWays
from desktop.store.accounts import sync_runs
from desktop.store.groups import entry_ways, welcomes
from desktop.store.transaction import Transaction
from desktop.sync.passes import pages
from desktop.sync.round import Round

CONTACT_WAYS, JOIN_WAYS, WELCOMES = "contact_ways", "join_ways", "welcomes"
CONTACT_MARKS = (CONTACT_WAYS,)
R = TypeVar("R")


async def pull_contact_ways(round_: Round, adapter: PullsEntryWays) -> None:
    """Take in every contact way; a complete pass marks those it did not meet as gone."""
    report = round_.report.stream(CONTACT_WAYS)
    fresh = await round_.store.write(partial(_fresh, round_=round_), kind=None)
    async with aclosing(pages(round_, report, CONTACT_MARKS, adapter.contact_way_ids)) as listing:
        async for page in listing:
            due = [external_id for external_id in page.items if external_id not in fresh]
            found = await _read(round_, adapter.contact_way, due)
            await round_.commit(partial(_store, round_=round_, page=page, found=found), report, what="ways")
            if page.items:
                round_.tell(CONTACT_WAYS, report.received, None)
    await round_.commit(lambda tx: _finish(tx, round_, report), report, what="ways end")


async def pull_join_ways(round_: Round, adapter: PullsEntryWays) -> None:
    """Read the join ways that are known here; ends those the platform says are gone."""
    report = round_.report.stream(JOIN_WAYS)
    held = await round_.store.read(lambda conn: entry_ways.known(conn, round_.account, JOIN))
    found = await _read(round_, adapter.join_way, list(held))
    gone = [way.id for external_id, way in held.items() if found[external_id] is None]

    def store(tx: Transaction) -> None:
        records = [record for record in found.values() if record is not None]
        report.requested, report.received = len(held), len(records)
        report.new, report.changed = entry_ways.ingest(tx, round_.account, JOIN, records)
        if round_.may_remove(report, len(gone), len(held)):
            entry_ways.remove(tx, gone)
            report.removed = len(gone)

    await round_.commit(store, report, what="join ways")
    if held:
        round_.tell(JOIN_WAYS, len(held), len(held))


async def pull_welcomes(round_: Round, adapter: PullsEntryWays) -> None:
    """Read the group welcomes that are known here; ends those the platform says are gone."""
    report = round_.report.stream(WELCOMES)
    held = await round_.store.read(lambda conn: welcomes.known(conn, round_.account))
    found = await _read(round_, adapter.welcome, list(held))
    gone = [held[external_id].id for external_id, record in found.items() if record is None]

    def store(tx: Transaction) -> None:
        records = [record for record in found.values() if record is not None]
        report.requested, report.received = len(held), len(records)
        changed = [welcomes.ingest(tx, held[record.external_id], record) for record in records]
        report.changed = sum(changed)
        if round_.may_remove(report, len(gone), len(held)):
            welcomes.remove(tx, gone)
            report.removed = len(gone)

    await round_.commit(store, report, what="welcomes")
    if held:
        round_.tell(WELCOMES, len(held), len(held))


async def _read(
    round_: Round, ask: Callable[[str], Awaitable[R | None]], ids: Sequence[str]
) -> dict[str, R | None]:
    """Each by its id, one after the other; None for one that is gone."""

    async def one(external_id: str) -> R | None:
        return await ask(external_id)

    return {external_id: await round_.ask(one(external_id)) for external_id in ids}


def _fresh(tx: Transaction, round_: Round) -> set[str]:
    """Ids of ways that are known here and stand as they were read.

    Reading begins anew for all a day after it last did, when the clock was set back since, and in a full round.
    """
    account_id = round_.account.id
    begun = sync_runs.current_pass(tx.db.conn, account_id, entry_ways.READ).started_at
    if begun is None or round_.is_full or not 0 <= tx.now_ms - begun < READ_AGAIN_MS:
        sync_runs.start_pass(tx, account_id, entry_ways.READ, (entry_ways.READ,))
    read = sync_runs.seen(tx.db.conn, account_id, entry_ways.READ)
    return read & entry_ways.known(tx.db.conn, round_.account, CONTACT).keys()


def _store(
    tx: Transaction, round_: Round, page: PageOf[str], found: dict[str, EntryWayRecord | None]
) -> None:
    report = round_.report.stream(CONTACT_WAYS)
    records = [record for record in found.values() if record is not None]
    new, changed = entry_ways.ingest(tx, round_.account, CONTACT, records)
    listed = dict.fromkeys(page.items)
    ids = [external_id for external_id in listed if external_id not in found or found[external_id]]
    report.requested += len(listed)
    report.received += sync_runs.mark_seen(tx, round_.account.id, CONTACT_WAYS, ids)
    sync_runs.mark_seen(tx, round_.account.id, entry_ways.READ, ids)
    report.skipped += page.skipped
    report.new += new
    report.changed += changed
    sync_runs.save_cursor(tx, round_.account.id, CONTACT_WAYS, page.next_cursor)


def _finish(tx: Transaction, round_: Round, report: StreamReport) -> None:
    held = entry_ways.known(tx.db.conn, round_.account, CONTACT)
    met = sync_runs.seen(tx.db, round_.account.id, CONTACT_WAYS)
    fresh = entry_ways.made_since(tx.db.conn, round_.account, tx.now_ms - SETTLE_MS)  # the list may lag
    gone = [way.id for external_id, way in held.items() if external_id not in met and way.id not in fresh]
    if round_.may_remove(report, len(gone), len(held)):
        entry_ways.remove(tx, gone)
        report.removed = len(gone)
    sync_runs.finish_pass(tx, round_.account.id, CONTACT_WAYS, CONTACT_MARKS)
