"""A clock that runs like the system's and can be moved ahead, so that the tour need not wait."""

from __future__ import annotations

from desktop.domain.clock import SystemClock


class MovableClock(SystemClock):
    """The computer's clock plus what `advance` added."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def advance(self, seconds: float) -> None:
        """Move ahead."""
        self._ahead_s += seconds

    def now_ms(self) -> int:
        """Wall clock with the moves, UTC milliseconds."""
        return super().now_ms() + round(self._ahead_s * 1000)

    def monotonic_s(self) -> float:
        """Seconds that never jump back."""
        return super().monotonic_s() + self._ahead_s
