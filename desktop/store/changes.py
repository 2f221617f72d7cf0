"""The feed of commits. Plain Python; publishing happens on the event loop's thread only."""

from __future__ import annotations

from collections.abc import Callable

from desktop.domain.changes import ChangeSet

Listener = Callable[[ChangeSet], None]


class ChangeFeed:
    """Tells every subscriber about each commit, in order of commit."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after each commit; the returned function ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self, changes: ChangeSet) -> None:
        """Tell everyone."""
        for listener in list(self._listeners):
            listener(changes)
