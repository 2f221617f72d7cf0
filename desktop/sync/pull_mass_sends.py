"""Pull every mass send the platform lists, also those made elsewhere, and how far the recent ones got."""

from __future__ import annotations

import json
from functools import partial

from desktop.domain.errors import RejectedError
from desktop.domain.mass_send import ChatType
from desktop.domain.proof import Listing
from desktop.platforms.ports import PullsMassSends
from desktop.store.accounts import sync_runs
from desktop.store.pulled import mass_send_records
from desktop.store.pulled.mass_send_records import Counts, OpenRecord
from desktop.store.transaction import Transaction
from desktop.sync.round import Round

MASS_SENDS = "mass_sends"
CHAT_TYPES: tuple[ChatType, ...] = ("single", "group")
DAY_MS = 86_400_000
REACH_MS = 180 * DAY_MS  # how far the first pass looks back
SPAN_MS = 30 * DAY_MS
OVERLAP_MS = 2 * DAY_MS  # listings lag
COUNTED_FOR_MS = 14 * DAY_MS  # staff rarely confirm later
COUNTED_EACH_TIME = 20
PEOPLE_EACH_TIME = 60  # staff whose results are asked for in one round


async def pull_mass_sends(round_: Round, adapter: PullsMassSends) -> None:
    """Take in what is new since the last round, with an overlap; then count recent ones again."""
    report = round_.report.stream(MASS_SENDS)
    known_until = await _known_until(round_)
    now = adapter.platform_now_ms()
    for chat_type in CHAT_TYPES:
        start = max(known_until.get(chat_type, 0) - OVERLAP_MS, now - REACH_MS)
        while start < now:
            end = min(start + SPAN_MS, now)
            try:
                listing = await round_.ask(adapter.mass_sends(chat_type, start, end))
            except RejectedError as error:
                if error.retry_after_s is None:
                    raise
                report.note("not_ready")  # one of them is still being dealt out
                break
            known_until[chat_type] = end
            step = partial(
                _store, round_=round_, chat_type=chat_type, listing=listing, mark=json.dumps(known_until)
            )
            await round_.commit(step, report, what="mass sends")
            round_.tell(MASS_SENDS, report.received, None)
            start = end
    await _count(round_, adapter, now)


async def _known_until(round_: Round) -> dict[str, int]:
    if round_.is_full:
        return {}
    account_id = round_.account.id
    mark = await round_.store.read(lambda conn: sync_runs.mark_of(conn, account_id, MASS_SENDS))
    return dict(json.loads(mark)) if mark else {}


def _store(tx: Transaction, round_: Round, chat_type: ChatType, listing: Listing, mark: str) -> None:
    report = round_.report.stream(MASS_SENDS)
    account_id = round_.account.id
    new, changed = mass_send_records.keep_records(tx, account_id, chat_type, listing.rows)
    mass_send_records.link_to_items(tx, account_id)
    report.requested += len(listing.rows)
    report.received += len(listing.rows)
    report.new += new
    report.changed += changed
    sync_runs.keep_mark(tx, account_id, MASS_SENDS, mark)


async def _count(round_: Round, adapter: PullsMassSends, now: int) -> None:
    """How far recent ones got, a bounded number in one round; one that cannot be read is asked next time."""
    report, account_id = round_.report.stream(MASS_SENDS), round_.account.id
    waiting = await round_.store.read(
        lambda conn: mass_send_records.open_records(
            conn, account_id, now - COUNTED_FOR_MS, COUNTED_EACH_TIME
        )
    )
    people_left = PEOPLE_EACH_TIME
    for record in waiting:
        try:
            counts, asked_people = await _counts_of(round_, adapter, record)
        except RejectedError:
            continue
        step = partial(mass_send_records.keep_counts, record_id=record.id, counts=counts)
        if await round_.commit(step, what="mass send counts"):
            report.changed += 1
        people_left -= asked_people
        if people_left <= 0:
            return


async def _counts_of(round_: Round, adapter: PullsMassSends, record: OpenRecord) -> tuple[Counts, int]:
    """Staff asked and confirmed; for sends made elsewhere also receivers reached and not reached.

    What became of the receivers of our own is kept person by person with the outbox item.
    """
    tasks = await round_.ask(adapter.mass_send_tasks(record.external_id))
    confirmed = [task for task in tasks if task.sent_at is not None]
    if record.is_ours:
        return Counts(len(tasks), len(confirmed), None, None), 0
    sent = failed = 0
    for task in confirmed[:PEOPLE_EACH_TIME]:
        for result in await round_.ask(
            adapter.mass_send_results(record.external_id, task.staff_external_id)
        ):
            sent += result.status == "sent"
            failed += result.status in ("not_friend", "over_limit")
    return Counts(len(tasks), len(confirmed), sent, failed), len(confirmed)
