"""What an open shop needs without being asked: overdue sends marked, tiers and backup once a day."""

from __future__ import annotations

from desktop.composition.graph import Graph
from desktop.domain.clock import Clock
from desktop.qtkit.tasks import TaskScope

EVERY_S = 60.0
DAILY_EVERY = 30  # rounds between looks at what is due once a day


async def first_round(graph: Graph) -> None:
    """Before anything is sent: what was in flight is unknown, what is over is missed."""
    if graph.store.is_read_only:
        return
    await graph.outbox.recover()
    await graph.outbox.mark_missed()


async def keep_up(graph: Graph, clock: Clock, scope: TaskScope) -> None:
    """Go on until cancelled. Each step runs in `scope` by itself, so that one may fail alone."""
    rounds = 0
    if graph.store.is_read_only:
        return
    while True:
        if await graph.shop.find() is not None:
            scope.spawn(graph.outbox.mark_missed(), name="upkeep.missed", replace=False)
            scope.spawn(graph.own_tags.refresh(), name="upkeep.tags", replace=False)
            if rounds % DAILY_EVERY == 0:
                scope.spawn(daily(graph), name="upkeep.daily", replace=False)
            rounds += 1
        await clock.sleep(EVERY_S)


async def daily(graph: Graph) -> None:
    """Tiers and the day's backup; at once done when today has both."""
    await graph.fans.refresh_tiers()
    await graph.backups.daily()
