"""The home page: what to do today, figures of the shop, activity, and the best fans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.home import Activity, Kpi, TodayItem, TodayKind, in_order
from desktop.domain.periods import DAY_MS, today
from desktop.domain.rankings import SuperRule
from desktop.services.rankings import BoardRow, RankingService
from desktop.store.boards import home
from desktop.store.boards import today as attention
from desktop.store.database import Store
from desktop.store.rules import zone_of

QUIET_DAYS = 60  # a big buyer who bought nothing for so long is worth a word
BACKUP_DAYS = 3


@dataclass(frozen=True, slots=True)
class HomeSnapshot:
    """Everything of the page as of one moment."""

    day: date
    today: tuple[TodayItem, ...]
    kpis: tuple[Kpi, ...]
    activity: Activity
    top: tuple[BoardRow, ...]


class HomeService:
    """`newest_backup` tells when the newest verified backup was made (None: there is none)."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        rankings: RankingService,
        newest_backup: Callable[[], int | None] | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._rankings = rankings
        self._newest_backup = newest_backup

    async def snapshot(self, *, days: int = 14, top: int = 10) -> HomeSnapshot:
        """Everything in one call; with `top` 0 without the best, for whom everybody must be looked at."""
        now = self._clock.now_ms()

        def work(conn: Any) -> tuple[date, list[Kpi], Activity]:
            zone = zone_of(conn)
            day = today(now, zone)
            chart = home.activity(conn, day, days, zone)
            return day, home.kpis(conn, day, zone, chart), chart

        day, kpis, chart = await self._store.read(work)
        return HomeSnapshot(
            day=day,
            today=tuple(await self.today()),
            kpis=tuple(kpis),
            activity=chart,
            top=(await self._rankings.super_board(top=top)).rows if top else (),
        )

    async def today(self) -> list[TodayItem]:
        """What asks for attention: overdue first, then due, then by money."""
        now = self._clock.now_ms()
        items = await self._store.read(lambda conn: [*attention.items(conn, now), *_lapsed(conn, now)])
        return in_order([*items, *self._backup_item(now)])

    def _backup_item(self, now: int) -> list[TodayItem]:
        if self._newest_backup is None:
            return []
        newest = self._newest_backup()
        if newest is not None and newest >= now - BACKUP_DAYS * DAY_MS:
            return []
        return [
            TodayItem(
                kind=TodayKind.BACKUP_OVERDUE,
                action="backup.now",
                due_at=None if newest is None else newest + BACKUP_DAYS * DAY_MS,
                params={"days": "—" if newest is None else (now - newest) // DAY_MS},
                is_overdue=newest is not None,
            )
        ]


def _lapsed(conn: Any, now: int) -> list[TodayItem]:
    """One line for all big buyers who went quiet, with the first names."""
    found = home.lapsed_buyers(conn, now, QUIET_DAYS, SuperRule().floor_cents)
    if not found:
        return []
    return [
        TodayItem(
            kind=TodayKind.LAPSED_BUYERS,
            action="fans.open",
            cents=sum(spend for _, _, spend in found),
            entity="fan",
            entity_id=found[0][0],
            params={
                "n": len(found),
                "days": QUIET_DAYS,
                "names": [name for _, name, _ in found[:3]],
                "fan_ids": [fan_id for fan_id, _, _ in found],
            },
        )
    ]
