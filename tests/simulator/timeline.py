"""Virtual time: one line of true time, a computer's clock beside it, and an event loop that jumps along it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

START_MS = 1_779_249_600_000  # noon of 20 May 2026 in Shanghai


class Killed(SystemExit):
    """The process ends here, as by kill -9. Leaves the event loop at once, whatever catches errors."""


class DeadError(Exception):
    """Somebody of a process that has ended still tries to do something."""


class StuckError(Exception):
    """Nothing is left to happen, and yet somebody waits."""


class Timeline:
    """True time, and how far the computer's wall clock is from it.

    `mono_s` counts while the computer is awake, `asleep_ms` is what passed while it slept, and
    `skew_ms` is what the wall clock shows too much.
    """

    def __init__(self) -> None:
        self.mono_s = 1_000.0
        self.asleep_ms = 0
        self.skew_ms = 0
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._put = 0
        self._happening_ms: int | None = None

    def pass_by(self, seconds: float) -> None:
        """Time goes on; what was to happen by then happens."""
        self.mono_s += seconds
        self._happen()

    def sleep_through(self, milliseconds: int) -> None:
        """The computer is suspended: the world goes on, the computer's counter stands."""
        self.asleep_ms += milliseconds
        self._happen()

    def at(self, true_ms: int, happening: Callable[[], None]) -> None:
        """Something out in the world that happens at its time, whether the computer runs or not."""
        self._put += 1
        self._due.append((true_ms, self._put, happening))
        self._due.sort(key=lambda entry: entry[:2])

    def _happen(self) -> None:
        """What was due on the way, each at its own time, however far the jump went."""
        while self._due and self._due[0][0] <= self.true_ms():
            due_ms, _, happening = self._due.pop(0)
            self._happening_ms = due_ms
            try:
                happening()
            finally:
                self._happening_ms = None

    def true_ms(self) -> int:
        """What a perfect clock shows: UTC milliseconds."""
        if self._happening_ms is not None:
            return self._happening_ms
        return START_MS + round((self.mono_s - 1_000.0) * 1000) + self.asleep_ms

    def local_ms(self) -> int:
        """What this computer's clock shows."""
        return self.true_ms() + self.skew_ms


class SimClock:
    """The port through which the program asks for the time."""

    def __init__(self, line: Timeline) -> None:
        self._line = line

    def now_ms(self) -> int:
        return self._line.local_ms()

    def monotonic_s(self) -> float:
        return self._line.mono_s

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class Fuse:
    """Counts the moments at which a process may die, and ends it when the count is up."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.in_write = (
            0  # the process dies in its next request that changes something: at 1 before, at 2 after
        )
        self.is_dead = False

    def disarm(self) -> None:
        """Nothing happens to the process from here on."""
        self.left, self.in_write = None, 0

    def burn_in_write(self) -> None:
        """One side of a request that changes something."""
        if self.in_write:
            self.in_write -= 1
            if not self.in_write:
                self.left = 1
                self.burn()

    def burn(self) -> None:
        """One moment passes. Raises Killed at the last one."""
        if self.left is None:
            return
        self.left -= 1
        if self.left <= 0:
            self.left = None
            self.is_dead = True
            raise Killed


class _Jump:
    """In the place of a selector: nothing comes from outside, so waiting means jumping ahead."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise StuckError
        self._loop.fuse.burn()
        if timeout > 0:
            self._loop.jump(timeout)
        return []

    def close(self) -> None:
        """Nothing is held."""


class VirtualLoop(asyncio.BaseEventLoop):
    """An event loop of one process on the time line: no thread, no socket, no waiting."""

    def __init__(self, line: Timeline, fuse: Fuse, complain: Callable[[str], None]) -> None:
        super().__init__()
        self.fuse = fuse
        self._line = line
        self._after_death_s = 0.0
        self._selector = _Jump(self)
        self.set_exception_handler(lambda _loop, context: self._told(context, complain))

    def time(self) -> float:
        return self._line.mono_s + self._after_death_s

    def jump(self, seconds: float) -> None:
        """Let time pass; what the dead still wait for costs no time of the living."""
        if self.fuse.is_dead:
            self._after_death_s += seconds
        else:
            self._line.pass_by(seconds)

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:
        """In place, so that the order of things is always the same."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)
        return future

    def bury(self) -> None:
        """Let what is left of a dead process run out, without any effect, and close."""
        tasks = asyncio.all_tasks(self)
        for _ in range(100):
            for task in tasks:
                task.cancel()
            if tasks:
                self.run_until_complete(asyncio.wait(tasks, timeout=1_000))
            tasks = asyncio.all_tasks(self)
            if not tasks:
                break
        self.close()

    def _told(self, context: dict[str, Any], complain: Callable[[str], None]) -> None:
        if not self.fuse.is_dead:
            complain(f"event loop: {context.get('message')} {context.get('exception')!r}")

    def _process_events(self, event_list: Any) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody sleeps here who would have to be woken."""


class InPlace(Executor):
    """Work is done at once, where it was handed over; before and after it the process may die."""

    def __init__(self, fuse: Fuse, after: Callable[[Any], None] | None = None) -> None:
        self._fuse = fuse
        self._after = after

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self._fuse.is_dead:
            raise DeadError
        if self._after is not None:
            self._fuse.burn()
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)
        if self._after is not None:
            if future.exception() is None:
                self._after(fn)
            self._fuse.burn()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing is under way."""
