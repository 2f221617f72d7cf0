"""Asks what became of accepted tasks: which staff confirmed, and what each recipient got. Reads only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from desktop.domain.clock import Clock
from desktop.domain.errors import AuthError, OfflineError, PlatformError, RateLimitedError, RejectedError
from desktop.domain.mass_send import TargetResult
from desktop.platforms.ports import FollowsMassSends, FollowsMoments, PerformsWrites
from desktop.store.database import Store
from desktop.store.posts import moments as moment_rows
from desktop.store.sends import deliveries
from desktop.sync.ports import AccountRef

ASKED_FOR_MS = 30 * 86_400_000  # after a month nobody confirms any more
TASKS_EACH_TIME = 100

Ask = Callable[[int, str], Awaitable[list[TargetResult]]]


class ResultCollector:
    """Fills per-recipient results of tasks that wait for staff."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self, account: AccountRef, adapter: PerformsWrites) -> int:
        """How many deliveries changed. A task still being dispatched is asked again next time."""
        changed = 0
        if isinstance(adapter, FollowsMassSends):
            changed += await self._mass_sends(account, adapter)
        if isinstance(adapter, FollowsMoments):
            changed += await self._moments(account, adapter)
        return changed

    async def _mass_sends(self, account: AccountRef, adapter: FollowsMassSends) -> int:
        since = self._clock.now_ms() - ASKED_FOR_MS
        waiting = await self._store.read(
            lambda conn: deliveries.awaiting_staff(conn, account.id, since, TASKS_EACH_TIME)
        )
        return await self._each(waiting, lambda _, task: self._results(adapter, task))

    async def _each(self, waiting: Sequence[tuple[int, str]], ask: Ask) -> int:
        """Ask about each (item id, platform id) and store what is told; how many deliveries changed."""
        changed = 0
        for item_id, platform_id in waiting:
            try:
                results = await ask(item_id, platform_id)
            except (OfflineError, AuthError, RateLimitedError):
                break
            except PlatformError:  # this one cannot be read now: being dispatched, or unclear
                continue
            if results:
                changed += await self._apply(item_id, results)
            changed += await self._end_stopped(item_id, "refused")
        return changed

    async def _end_stopped(self, item_id: int, status: str) -> int:
        """After the last results: nobody waits any more for what the operator stopped."""
        if not await self._store.read(lambda conn: deliveries.is_stopped(conn, item_id)):
            return 0
        return await self._store.write(
            lambda tx: deliveries.end_waiting(tx, item_id, status),
            kind="outbox.results",
            payload={"outbox_id": item_id, "stopped": True},
        )

    async def _moments(self, account: AccountRef, adapter: FollowsMoments) -> int:
        """Which staff published the moments made here; first, which moment a job has become."""
        since = self._clock.now_ms() - ASKED_FOR_MS
        waiting = await self._store.read(
            lambda conn: deliveries.moments_open(conn, account.id, since, TASKS_EACH_TIME)
        )

        async def ask(item_id: int, platform_id: str) -> list[TargetResult]:
            moment = await self._moment(account, adapter, item_id, platform_id)
            try:
                return await adapter.moment_publishing(moment) if moment else []
            except (
                RejectedError
            ):  # a stopped moment is told of no more: who published it before stays unsaid
                await self._end_stopped(item_id, "unknown")
                raise

        return await self._each(waiting, ask)

    async def _moment(
        self, account: AccountRef, adapter: FollowsMoments, item_id: int, platform_id: str
    ) -> str | None:
        """The moment of an item, tied to it the first time it is known."""
        known = await self._store.read(lambda conn: moment_rows.linked(conn, item_id))
        if known is not None:
            return known
        try:
            moment = await adapter.moment_of_job(platform_id)
        except RejectedError as error:
            if error.code == "wecom_moment_failed":
                await self._store.write(
                    lambda tx: deliveries.refuse_all(tx, item_id), kind="outbox.results", payload={}
                )
            raise
        if moment is not None:
            await self._store.write(
                lambda tx: moment_rows.link(tx, account.id, moment, item_id),
                kind="outbox.results",
                payload={"outbox_id": item_id, "moment": moment},
            )
        return moment

    async def _results(self, adapter: FollowsMassSends, platform_id: str) -> list[TargetResult]:
        results: list[TargetResult] = []
        for task in await adapter.mass_send_tasks(platform_id):
            if task.sent_at is not None:
                results += await adapter.mass_send_results(platform_id, task.staff_external_id)
        return results

    async def _apply(self, item_id: int, results: list[TargetResult]) -> int:
        return await self._store.write(
            lambda tx: deliveries.apply_results(tx, item_id, results),
            kind="outbox.results",
            payload={"outbox_id": item_id, "rows": len(results)},
        )
