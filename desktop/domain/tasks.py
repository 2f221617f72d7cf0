"""Long work that tells how far it is and can be stopped, from whatever thread it runs in."""

from __future__ import annotations

from collections.abc import Callable

from desktop.domain.errors import CancelledByOperatorError

# (step, done, total): total 0 means that nobody knows it yet.
Progress = Callable[[str, int, int], None]


def no_progress(step: str, done: int, total: int) -> None:
    """For those who do not watch."""


class CancelToken:
    """A wish to stop: one thread sets it, another looks at it now and then."""

    def __init__(self) -> None:
        self._wanted = False

    def cancel(self) -> None:
        """Ask the work to stop; it does so at its next look and leaves nothing behind."""
        self._wanted = True

    @property
    def is_wanted(self) -> bool:
        """Whether somebody asked to stop."""
        return self._wanted

    def check(self) -> None:
        """Raise CancelledByOperatorError when somebody asked to stop."""
        if self._wanted:
            raise CancelledByOperatorError
