"""Sets of fans kept at hand until a commit may have changed who is in them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from desktop.domain.changes import ChangeSet, Topic
from desktop.store.changes import ChangeFeed

T = TypeVar("T")
MOST_KEPT = 400

# What may change who meets a condition or a measure.
LOOKED_AT = frozenset(
    {
        Topic.FAN,
        Topic.TAG,
        Topic.TIER,
        Topic.GROUP,
        Topic.ORDER,
        Topic.INTERACTION,
        Topic.CLAIM,
        Topic.CONVERSATION,
        Topic.OUTBOX,
        Topic.IMPORT,
        Topic.SYNC,
    }
)


class KeptSets:
    """Each question is asked of the file once, and again after such a commit. Safe to use from reading threads."""

    def __init__(self, feed: ChangeFeed) -> None:
        self._kept: dict[Hashable, Any] = {}
        self._age = 0
        feed.subscribe(self._forget)

    def get(self, key: Hashable, ask: Callable[[], T]) -> T:
        """The answer kept under a key, or the one that `ask` gives now."""
        known: T | None = self._kept.get(key)
        if known is not None:
            return known
        age = self._age
        found = ask()
        if age == self._age:  # else something was committed meanwhile: right for now, not to be kept
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = found
        return found

    def _forget(self, changes: ChangeSet) -> None:
        if changes.topics & LOOKED_AT:
            self._age += 1
            self._kept.clear()
