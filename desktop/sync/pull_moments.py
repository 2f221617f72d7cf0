"""Pull moments: the list of the last month, and how far the recent ones of the company got."""

from __future__ import annotations

from collections.abc import Callable

from desktop.domain.errors import RejectedError
from desktop.platforms.ports import FollowsMoments
from desktop.store.posts import moments as moment_rows
from desktop.store.posts.moments import MomentCounts
from desktop.store.transaction import Transaction
from desktop.sync.round import Round

MOMENTS = "moments"
LISTED_MS = 30 * 86_400_000
COUNTED_MS = 7 * 86_400_000  # afterwards hardly anybody looks any more
COUNTED_MOST = 20
STAFF_MOST = 20


async def pull_moments(round_: Round, adapter: FollowsMoments) -> None:
    """Take in the list, then count the newest moments, one commit each."""
    report = round_.report.stream(MOMENTS)
    now = round_.now_ms()
    records, report.skipped = await round_.ask(adapter.moments(now - LISTED_MS))
    report.requested = report.received = len(records)

    def store(tx: Transaction) -> None:
        report.new, report.changed = moment_rows.ingest(tx, round_.account.id, records)

    await round_.commit(store, report, what="moments")
    round_.tell(MOMENTS, len(records), len(records))
    account_id = round_.account.id
    for external_id in await round_.store.read(
        lambda conn: moment_rows.to_count(conn, account_id, now - COUNTED_MS, COUNTED_MOST)
    ):
        try:
            counts = await _counts(round_, adapter, external_id)
        except RejectedError:
            report.failed += 1
            continue
        await round_.commit(_noting(account_id, external_id, counts), report, what="moment counts")


def _noting(account_id: int, external_id: str, counts: MomentCounts) -> Callable[[Transaction], bool]:
    return lambda tx: moment_rows.set_counts(tx, account_id, external_id, counts)


async def _counts(round_: Round, adapter: FollowsMoments, external_id: str) -> MomentCounts:
    staff = await round_.ask(adapter.moment_publishing(external_id))
    published = [one.target_external_id for one in staff if one.status == "sent"]
    reached = likes = comments = 0
    for staff_id in published[:STAFF_MOST]:
        view = await round_.ask(adapter.moment_view(external_id, staff_id))
        reached += view.reached
        likes += view.likes
        comments += view.comments
    return MomentCounts(len(staff), len(published), reached, likes, comments)
