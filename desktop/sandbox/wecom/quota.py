"""Call budgets per path: 45009 until the window ends, 45033 by calls in flight."""

from desktop.sandbox.wecom.corp import Corp
from desktop.sandbox.wecom.errors import Refusal


class Quota:
    """Counters per path for the running minute and hour."""

    def __init__(self, corp: Corp) -> None:
        self._corp = corp
        self._counts: dict[tuple[str, int, int], int] = {}
        self._blocked: dict[str, float] = {}
        self._in_flight: dict[str, int] = {}

    def spend(self, path: str) -> None:
        """Count one call; over the budget the path is blocked as long as the window lasts."""
        now = self._corp.seconds()
        if self._blocked.get(path, 0.0) > now:
            raise Refusal(45009)
        settings = self._corp.settings
        for window, budget in ((60, settings.calls_per_minute), (3600, settings.calls_per_hour)):
            key = (path, window, int(now // window))
            count = self._counts.get(key, 0) + 1
            if count == 1:
                self._forget(path, window, key)
            self._counts[key] = count
            if count > budget:
                self._blocked[path] = now + window
                raise Refusal(45009)

    def spend_debug(self) -> None:
        """Count one call with debug=1: a handful a minute over all paths, then 45009 for a minute."""
        now, path = self._corp.clock.seconds(), "debug=1"
        key = (path, 60, int(now // 60))
        self._counts[key] = self._counts.get(key, 0) + 1
        if self._counts[key] == 1:
            self._forget(path, 60, key)
        if self._counts[key] > self._corp.settings.debug_calls_per_minute:
            raise Refusal(45009)

    def _forget(self, path: str, window: int, present: tuple[str, int, int]) -> None:
        for key in [key for key in self._counts if key[:2] == (path, window) and key != present]:
            del self._counts[key]

    def enter(self, path: str, heavy: bool) -> None:
        """A call begins; too many stored-data reads at once are refused."""
        count = self._in_flight.get(path, 0) + 1
        if heavy and count > self._corp.settings.max_in_flight:
            raise Refusal(45033)
        self._in_flight[path] = count

    def leave(self, path: str) -> None:
        """A call that entered is over."""
        self._in_flight[path] -= 1
