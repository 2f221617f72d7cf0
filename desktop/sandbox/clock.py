"""The sandbox's own clock: real time plus an offset that the control endpoint can move, or stopped."""

import time


class SandboxClock:
    """Seconds since 1970 as the imitated platforms see them."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Back to real time."""
        self._offset = 0.0
        self._stopped_at: float | None = None

    def seconds(self) -> float:
        """Current sandbox time in seconds."""
        if self._stopped_at is not None:
            return self._stopped_at
        return time.time() + self._offset

    def now(self) -> int:
        """Current sandbox time in whole seconds."""
        return int(self.seconds())

    def advance(self, seconds: float) -> None:
        """Move the clock; negative values move it back."""
        if self._stopped_at is not None:
            self._stopped_at += seconds
        else:
            self._offset += seconds

    def set(self, at: float) -> None:
        """Jump to an absolute time in seconds."""
        self.advance(at - self.seconds())

    def stop(self) -> None:
        """Hold the clock where it is until it is advanced or started again."""
        self._stopped_at = self.seconds()

    def start(self) -> None:
        """Let a stopped clock run on from where it stands."""
        if self._stopped_at is not None:
            held, self._stopped_at = self._stopped_at, None
            self._offset = held - time.time()

    @property
    def running(self) -> bool:
        """False while stopped."""
        return self._stopped_at is None
