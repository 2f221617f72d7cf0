"""Qt's event loop for tests: outside a test's coroutine nothing of asyncio runs.

Between the phases of a test Qt's events are processed while no coroutine runs. A timer of a page may
then begin something, and a step of a task would find no running loop, which never happens in the
program. As with asyncio's own loop such steps wait for the next run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any, ClassVar

import pytestqt.plugin
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop


class _Step(asyncio.Handle):
    """A callback that is due only while the loop runs."""

    _loop: QtLoop

    def _run(self) -> None:
        if self._loop.is_running():
            super()._run()
        elif not self._loop.is_closed():
            self._loop.held.append(self)


class QtLoop(QEventLoop):
    """`held` are the steps that came due between two runs."""

    present: ClassVar[QtLoop | None] = None

    def __init__(self, app: Any) -> None:
        self.held: list[_Step] = []
        super().__init__(app)
        QtLoop.present = self

    def close(self) -> None:
        QtLoop.present = None
        super().close()

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        step = _Step(callback, args, self, context=context)
        self._add_callback(step, delay)
        return step

    def run_forever(self) -> int:
        held, self.held = self.held, []
        for step in held:
            self._add_callback(step)
        return int(super().run_forever())


def process_events() -> None:
    """Turn Qt's loop once between the phases of a test. What it begins finds the test's loop, and waits."""
    app = QApplication.instance()
    if app is None:
        return
    before = asyncio.events._get_running_loop()
    asyncio.events._set_running_loop(before or QtLoop.present)
    try:
        app.processEvents()
    finally:
        asyncio.events._set_running_loop(before)


pytestqt.plugin._process_events = process_events
