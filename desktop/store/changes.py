"""The feed of commits. Plain Python; publishing happens on the event loop's thread only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from desktop.domain.changes import ChangeSet, Topic

Listener = Callable[[ChangeSet], None]


class ChangeFeed:
    """Tells every subscriber about each commit, in order of commit."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._commits: Counter[Topic] = Counter()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after each commit; the returned function ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self, changes: ChangeSet) -> None:
        """Tell everyone."""
        self._commits.update(changes.topics)
        for listener in list(self._listeners):
            listener(changes)

    def commits(self, topics: Iterable[Topic]) -> int:
        """A number that grows with each commit that touched one of these topics."""
        return sum(self._commits[topic] for topic in topics)
