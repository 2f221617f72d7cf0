"""What every imitated platform keeps: its time, what is booked to happen by itself, and its stores."""

import contextlib
import heapq
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from desktop.sandbox.chance import Chance
from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.world.size import WorldSize

Shelf = TypeVar("Shelf")


class Imitation:
    """One seeded account, corp or shop."""

    def __init__(self, size: WorldSize, clock: SandboxClock) -> None:
        self.chance = Chance(size.seed)
        self.size, self.clock, self.origin = size, clock, size.origin
        self._shelves: dict[type[Any], Any] = {}
        self._as_of: float | None = None
        self._agenda: list[tuple[float, int, Callable[[], object]]] = []
        self._booked = 0

    def shelf(self, kind: type[Shelf]) -> Shelf:
        """The one store of this kind, made on first use."""
        if kind not in self._shelves:
            self._shelves[kind] = self.filled(kind)
        found: Shelf = self._shelves[kind]
        return found

    def filled(self, kind: type[Shelf]) -> Shelf:
        """A new store of a kind."""
        return kind()

    def seconds(self) -> float:
        """The time here: the clock's, or the moment at which a booked act happens."""
        return self.clock.seconds() if self._as_of is None else self._as_of

    def now(self) -> int:
        """The time here in whole seconds."""
        return int(self.seconds())

    @contextlib.contextmanager
    def as_of(self, at: float) -> Iterator[None]:
        """Everything inside happens at this time."""
        held, self._as_of = self._as_of, at
        try:
            yield
        finally:
            self._as_of = held

    def later(self, at: float, act: Callable[[], object]) -> None:
        """Book something that happens by itself; it is done when the first call after `at` arrives."""
        self._booked += 1
        heapq.heappush(self._agenda, (at, self._booked, act))

    def catch_up(self) -> None:
        """Let everything booked until now happen, each thing at its own time and in that order."""
        while self._agenda and self._agenda[0][0] <= self.clock.seconds():
            at, _, act = heapq.heappop(self._agenda)
            with self.as_of(at):
                act()
