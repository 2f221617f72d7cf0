"""Imports done by a process of their own, so that the window never waits for Python's lock.

The process (`import_process`) is started with the first file and ended when the page lets go of it, by
killing it: whatever it was doing is undone by SQLite. While it writes, this program's own writer stands
still, so there is one writer at a time as ever.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, TypeVar

from desktop.domain.changes import ChangeSet
from desktop.domain.clock import Clock
from desktop.domain.errors import CancelledByOperatorError, ImportFileError
from desktop.domain.tasks import CancelToken, Progress, no_progress
from desktop.services.import_process import STOP, Place, serve
from desktop.services.import_types import FileInspection, ImportPlan, ImportResult, UndoResult
from desktop.services.imports import AUTO, ImportService, on_loop
from desktop.store.database import Store

T = TypeVar("T")
LOOK_S = 0.1  # how often it is looked whether somebody wants to stop
PATIENCE = 8  # looks in vain after which a process that was asked to stop is ended


class ImportsAside(ImportService):
    """The same service; what takes long is done elsewhere. `let_go` ends it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__(store, clock)
        self._place = Place(store.path, store.operator, store.device_id)
        self._helper: _Helper | None = None
        self._ended: asyncio.Future[None] | None = None  # of the request before, which may still be ending

    async def inspect(self, path: Path, password: str | None = None) -> FileInspection:
        """As ImportService."""
        found: FileInspection = await self._aside("inspect", {"path": path, "password": password})
        return found

    async def plan(
        self,
        path: Path,
        source: str = AUTO,
        mapping: Mapping[str, str] | None = None,
        mode: str = "update",
        password: str | None = None,
        progress: Progress = no_progress,
        cancel: CancelToken | None = None,
    ) -> ImportPlan:
        """As ImportService; the records stay in the process, which keeps the last plan only."""
        arguments = {"path": path, "source": source, "mapping": mapping, "mode": mode, "password": password}
        found: ImportPlan = await self._aside("plan", arguments, progress, cancel)
        return found

    async def commit(
        self,
        plan: ImportPlan,
        progress: Progress = no_progress,
        cancel: CancelToken | None = None,
        origin: object | None = None,
    ) -> ImportResult:
        """As ImportService. Raises ImportFileError('import_plan_gone') when another was made since."""
        last = await self._last_batch()
        try:
            found: ImportResult = await self._writing("commit", {"uid": plan.uid}, progress, cancel, origin)
        except (CancelledByOperatorError, ImportFileError):
            newest = await self._last_batch()
            if newest == last:
                raise
            return await self.result(newest)  # it was done, and ended before it could say so
        return found

    async def undo(
        self,
        uid: str,
        progress: Progress = no_progress,
        cancel: CancelToken | None = None,
        origin: object | None = None,
    ) -> UndoResult:
        """As ImportService."""
        found: UndoResult = await self._writing("undo", {"uid": uid}, progress, cancel, origin)
        return found

    async def let_go(self) -> None:
        """End the process, and with it the file and the plan it keeps in memory."""
        if self._helper is not None:
            await self._in_turn(_on_a_thread, self._end, CancelToken())

    async def _last_batch(self) -> str:
        latest = await self.batches(limit=1)
        return latest[0].uid if latest else ""

    async def _aside(
        self,
        name: str,
        arguments: Mapping[str, Any],
        progress: Progress = no_progress,
        cancel: CancelToken | None = None,
    ) -> Any:
        stop = cancel or CancelToken()
        job = partial(self._ask, name, arguments, on_loop(progress), stop)
        return (await self._in_turn(_on_a_thread, job, stop))[0]

    async def _writing(
        self,
        name: str,
        arguments: Mapping[str, Any],
        progress: Progress,
        cancel: CancelToken | None,
        origin: object | None,
    ) -> Any:
        stop = cancel or CancelToken()
        job = partial(self._ask, name, arguments, on_loop(progress), stop)
        return await self._in_turn(partial(self._store.lend, origin=origin), job, stop)

    async def _in_turn(
        self, start: Callable[[Callable[[], Any]], Awaitable[Any]], job: Callable[[], T], stop: CancelToken
    ) -> Any:
        """Run a job that talks to the process, after the one before has ended.

        Who no longer waits for a job also wishes it to stop.
        """
        while self._ended is not None and not self._ended.done():
            await asyncio.shield(self._ended)
        loop = asyncio.get_running_loop()
        ended = self._ended = loop.create_future()

        def whole() -> T:
            try:
                return job()
            finally:
                loop.call_soon_threadsafe(ended.set_result, None)

        try:
            return await start(whole)
        except asyncio.CancelledError:
            stop.cancel()
            raise

    def _ask(
        self, name: str, arguments: Mapping[str, Any], progress: Progress, stop: CancelToken
    ) -> tuple[Any, ChangeSet]:
        """(answer, what was committed). Runs in a thread, which mostly waits."""
        try:
            if self._helper is None:
                self._helper = _Helper(self._place)
            return self._helper.ask(name, arguments, progress, stop)
        except (EOFError, OSError) as error:
            self._end()
            stop.check()
            raise ImportFileError("import_process_ended") from error

    def _end(self) -> None:
        helper, self._helper = self._helper, None
        if helper is not None:
            helper.end()


async def _on_a_thread(job: Callable[[], T]) -> T:
    """What `job` gives; it runs to its end even if nobody waits for it any more."""
    return await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, job))


class _Helper:
    """The running process and the pipe to it."""

    def __init__(self, place: Place) -> None:
        # Spawned on every system alike: threads do not survive a fork.
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=serve, args=(theirs, place), name="fankeeper-imports", daemon=True
        )
        self._process.start()
        theirs.close()  # so that its end is heard here

    def ask(
        self, name: str, arguments: Mapping[str, Any], progress: Progress, stop: CancelToken
    ) -> tuple[Any, ChangeSet]:
        """Send a request and wait for the answer. Raises EOFError or OSError when the process ends."""
        self._line.send((name, arguments))
        parts: dict[str, list[Any]] = {}
        looks, is_told = PATIENCE, False
        while looks:
            if stop.is_wanted and not is_told:
                self._line.send(STOP)
                is_told = True
            if not self._line.poll(LOOK_S):
                looks -= is_told
                continue
            kind, *told = self._line.recv()
            if kind == "progress":
                progress(*told)
            elif kind == "part":
                parts.setdefault(told[0], []).extend(told[1])
            elif kind == "done":
                value, changes = told
                return replace(value, **{field: tuple(rows) for field, rows in parts.items()}), changes
            elif kind == "known":
                error, code, params = told
                raise error(code, **params)
            else:
                raise RuntimeError(told[0])
        raise EOFError

    def end(self) -> None:
        """Kill it. What it was writing is as if it had never begun."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self._line.close()
