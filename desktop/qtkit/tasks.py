"""Coroutines started from the window: kept alive, replaced by name, ended with their owner.

The only place that starts tasks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine


class TaskScope:
    """The coroutines of one owner. Errors other than cancellation go to `on_error`."""

    def __init__(self, on_error: Callable[[BaseException], None]) -> None:
        self._alive: set[asyncio.Task[object]] = set()
        self._named: dict[str, asyncio.Task[object]] = {}
        self._on_error = on_error

    def spawn(self, coro: Coroutine[object, object, object], *, name: str, replace: bool = True) -> None:
        """Run `coro`. A running task of the same name is cancelled; it wins when `replace` is false."""
        running = self._named.get(name)
        if running is not None and running.done():
            running = None  # it ended, and only the telling of that is still queued
        if running is not None and not replace:
            coro.close()
            return
        if running is not None:
            running.cancel()
        task = asyncio.get_running_loop().create_task(coro, name=name)
        self._alive.add(task)
        self._named[name] = task
        task.add_done_callback(self._settle)

    def is_running(self, name: str) -> bool:
        """Whether a task of that name is under way."""
        return name in self._named and not self._named[name].done()

    def cancel(self, name: str) -> None:
        """Cancel the task of that name, if there is one."""
        if name in self._named:
            self._named[name].cancel()

    def cancel_all(self) -> None:
        """Cancel everything."""
        for task in list(self._alive):
            task.cancel()

    async def aclose(self) -> None:
        """Cancel everything and wait until all of it has ended."""
        self.cancel_all()
        await asyncio.gather(*self._alive, return_exceptions=True)

    def _settle(self, task: asyncio.Task[object]) -> None:
        self._alive.discard(task)
        if self._named.get(task.get_name()) is task:
            del self._named[task.get_name()]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_error(error)
