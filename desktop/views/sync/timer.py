"""Rounds by themselves while the program runs: off unless the owner chose how often."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from desktop.domain.clock import Clock
from desktop.qtkit.tasks import TaskScope
from desktop.services.accounts import AccountService
from desktop.services.shop import ShopService
from desktop.views.exchange import Exchange

SETTING = "sync_every_minutes"
CHOICES = (15, 30, 60, 120)  # minutes
LOOK_MS = 30_000


def minutes_of(value: object) -> int:
    """The kept setting; 0 is off, and so is everything that cannot be chosen."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value in CHOICES else 0


class RoundTimer(QObject):
    """Looks twice a minute whether a round is due: never while one runs, and not while offline.

    The time since the last round counts from the program's start or the end of whatever round was last.
    """

    def __init__(
        self,
        exchange: Exchange,
        accounts: AccountService,
        shop: ShopService,
        clock: Clock,
        scope: TaskScope,
    ) -> None:
        super().__init__()
        self._exchange = exchange
        self._accounts = accounts
        self._shop = shop
        self._clock = clock
        self._scope = scope
        self._since_s = clock.monotonic_s()
        exchange.began.connect(self._note)
        exchange.ended.connect(self._note)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(lambda: scope.spawn(self.look(), name="round timer", replace=False))
        self._timer.start()

    def stop(self) -> None:
        """No more rounds by themselves."""
        self._timer.stop()

    def _note(self, _report: object = None) -> None:
        self._since_s = self._clock.monotonic_s()

    async def look(self) -> bool:
        """Begin a round when one is due; whether it did. When offline, it is looked for again in a while."""
        minutes = minutes_of(await self._shop.setting(SETTING))
        waited_s = self._clock.monotonic_s() - self._since_s
        if not minutes or self._exchange.is_running or waited_s < minutes * 60:
            return False
        if not await self._accounts.is_online() or self._exchange.is_running:
            return False
        self._exchange.start_quietly()
        return True
