"""Figures per day for the screens: what staff did, how lively the groups are."""

from __future__ import annotations

from datetime import timedelta

from desktop.domain.clock import Clock, local
from desktop.store.database import Store
from desktop.store.pulled import platform_statistics
from desktop.store.pulled.platform_statistics import StaffFigures, TalkDay
from desktop.store.rules import zone_of

DAYS = 30

__all__ = ["StaffFigures", "StatisticsService", "TalkDay"]


class StatisticsService:
    """Reads only. Days are those the platform counts; today is never among them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def staff(self, days: int = DAYS) -> list[StaffFigures]:
        """Every present staff member over the last days, most added customers first."""
        now = self._clock.now_ms()
        return await self._store.read(
            lambda conn: platform_statistics.staff_figures(
                conn, local(now, zone_of(conn)).date() - timedelta(days=days)
            )
        )

    async def talk(self, group_id: int | None = None, days: int = DAYS) -> list[TalkDay]:
        """Messages and talking members a day: of all groups, or of those of one group's owner."""
        now = self._clock.now_ms()
        return await self._store.read(
            lambda conn: platform_statistics.talk_days(
                conn, local(now, zone_of(conn)).date() - timedelta(days=days), group_id=group_id
            )
        )
