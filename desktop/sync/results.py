"""Asks what became of accepted tasks: which staff confirmed, and what each recipient got. Reads only."""

from __future__ import annotations

from desktop.domain.clock import Clock
from desktop.domain.errors import AuthError, OfflineError, PlatformError, RateLimitedError
from desktop.domain.mass_send import TargetResult
from desktop.platforms.ports import FollowsMassSends, PerformsWrites
from desktop.store import deliveries
from desktop.store.database import Store
from desktop.sync.ports import AccountRef

ASKED_FOR_MS = 30 * 86_400_000  # after a month nobody confirms any more
TASKS_EACH_TIME = 100


class ResultCollector:
    """Fills per-recipient results of tasks that wait for staff."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self, account: AccountRef, adapter: PerformsWrites) -> int:
        """How many deliveries changed. A task still being dispatched is asked again next time."""
        if not isinstance(adapter, FollowsMassSends):
            return 0
        since = self._clock.now_ms() - ASKED_FOR_MS
        waiting = await self._store.read(
            lambda conn: deliveries.awaiting_staff(conn, account.id, since, TASKS_EACH_TIME)
        )
        changed = 0
        for item_id, platform_id in waiting:
            try:
                results = await self._results(adapter, platform_id)
            except (OfflineError, AuthError, RateLimitedError):
                break
            except PlatformError:  # this task cannot be read now: being dispatched, or unclear
                continue
            if results:
                changed += await self._apply(item_id, results)
        return changed

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
