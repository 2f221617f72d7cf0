"""The process that brings files in: reads, compares, writes and takes back, asked over a pipe.

A request is (name of a method of ImportService, arguments). Answers are tuples: ("progress", step, done,
total) any number of times, ("part", field, rows) for what is long, then ("done", value, changes),
("known", error class, code, params) or ("fault", traceback). While it works the only thing sent to it
is "stop". When nobody is at the other end any more it ends, and what it was writing is as if it had
never begun: SQLite rolls back.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import traceback
from dataclasses import dataclass, fields, replace
from functools import reduce
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from desktop.domain.changes import ChangeSet
from desktop.domain.clock import SystemClock
from desktop.domain.errors import AppError, ImportFileError
from desktop.domain.tasks import CancelToken
from desktop.services.import_types import ImportPlan
from desktop.services.imports import ImportService
from desktop.store.database import Store

log = logging.getLogger(__name__)

STOP = "stop"
LONG = ("shown", "rejections")  # fields sent in parts, so that the window never unpacks much at once
PART = 250
MANY = 5_000  # ids of one topic: beyond, "many" tells as much
POLITENESS = 5  # where both want the processor the window comes first


@dataclass(frozen=True, slots=True)
class Place:
    """Which shop, and in whose name: plain values, to be sent to the process."""

    path: Path
    operator: str
    device_id: str


class PipeToken(CancelToken):
    """Asked to stop when anything comes over the pipe, or when its other end is gone."""

    def __init__(self, line: Connection) -> None:
        super().__init__()
        self._line = line

    def check(self) -> None:
        """Raise CancelledByOperatorError when somebody asked to stop."""
        if self._line.poll():
            self._line.recv()  # raises EOFError, which ends the process, where nobody is there
            self.cancel()
        super().check()


def serve(line: Connection, place: Place) -> None:
    """Answer requests until the other end closes. The process's main function."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the window, which then ends this
    if hasattr(os, "nice"):
        os.nice(POLITENESS)
    try:
        asyncio.run(_Desk(line, place).answer())
    except (EOFError, OSError):
        os._exit(0)  # the window is gone; nothing here is worth a farewell


class _Desk:
    """One shop's file and the plan that was made last."""

    def __init__(self, line: Connection, place: Place) -> None:
        self._line = line
        self._store = Store(place.path, SystemClock(), operator=place.operator, device_id=place.device_id)
        self._imports = ImportService(self._store, SystemClock())
        self._plan: ImportPlan | None = None
        self._changes: list[ChangeSet] = []

    async def answer(self) -> None:
        await self._store.open()
        self._store.feed.subscribe(self._changes.append)
        while True:
            asked = self._line.recv()
            if asked == STOP:  # it came after the answer had left
                continue
            name, arguments = asked
            self._changes.clear()
            try:
                self._send(await getattr(self, name)(**arguments))
            except AppError as error:
                self._line.send(("known", type(error), error.code, error.params))
            except EOFError:  # nobody is there any more
                raise
            except Exception:
                log.exception("%s failed", name)
                self._line.send(("fault", traceback.format_exc()))

    async def inspect(self, **arguments: Any) -> Any:
        return await self._imports.inspect(**arguments)

    async def plan(self, **arguments: Any) -> ImportPlan:
        self._plan = None  # two at a time would need twice the memory
        plan = await self._imports.plan(**arguments, progress=self._progress, cancel=PipeToken(self._line))
        self._plan = plan
        return replace(plan, records=(), read_rejections=(), judged=b"")

    async def commit(self, uid: str) -> Any:
        if self._plan is None or self._plan.uid != uid:
            raise ImportFileError("import_plan_gone")
        result = await self._imports.commit(self._plan, self._progress, PipeToken(self._line))
        self._plan = None
        return result

    async def undo(self, uid: str) -> Any:
        return await self._imports.undo(uid, self._progress, PipeToken(self._line))

    def _progress(self, step: str, done: int, total: int) -> None:
        self._line.send(("progress", step, done, total))

    def _send(self, value: Any) -> None:
        short = {}
        for name in (field.name for field in fields(value) if field.name in LONG):
            rows = getattr(value, name)
            short[name] = ()
            for at in range(0, len(rows), PART):
                self._line.send(("part", name, rows[at : at + PART]))
        self._line.send(("done", replace(value, **short), self._changed()))

    def _changed(self) -> ChangeSet:
        """All that was committed, without lists of ids nobody wants to see singly."""
        whole = reduce(ChangeSet.merged, self._changes, ChangeSet())
        ids = {
            topic: None if found is None or len(found) > MANY else found
            for topic, found in whole.ids.items()
        }
        return ChangeSet(whole.topics, ids)
