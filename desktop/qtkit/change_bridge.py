"""From the feed of commits to one Qt signal: what comes within a tenth of a second arrives as one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.domain.changes import ChangeSet

MERGE_MS = 100


class Feed(Protocol):
    """Anything that tells about commits."""

    def subscribe(self, listener: Callable[[ChangeSet], None]) -> Callable[[], None]:
        """Call `listener` after each commit; the returned function ends it."""
        ...


class ChangeBridge(QObject):
    """`changed(ChangeSet)` on the window's thread."""

    changed = Signal(object)

    def __init__(self, feed: Feed, merge_ms: int = MERGE_MS) -> None:
        super().__init__()
        self._waiting: ChangeSet | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(merge_ms)
        self._timer.timeout.connect(self.flush)
        self._unsubscribe: Callable[[], None] | None = feed.subscribe(self._collect)

    def _collect(self, changes: ChangeSet) -> None:
        self._waiting = changes if self._waiting is None else self._waiting.merged(changes)
        if not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Tell now what has been collected."""
        self._timer.stop()
        changes, self._waiting = self._waiting, None
        if changes is not None:
            self.changed.emit(changes)

    def close(self) -> None:
        """Listen no more."""
        self._timer.stop()
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
