"""What no test may leave behind: log records, tasks, threads, timers, windows, calls to the outside."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import socket
import sys
import threading
import time
import weakref
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any

PATIENCE_S = 5.0  # how long a thread that was told to end may take


class LogWatch(logging.Handler):
    """Collects records from WARNING up; those announced by the test are taken off."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []
        self.expected: list[re.Pattern[str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def expect(self, pattern: str) -> None:
        """Announce that a record matching `pattern` (searched) comes; it must come."""
        self.expected.append(re.compile(pattern))

    def complaints(self) -> list[str]:
        """Records nobody announced, and announced ones that never came."""
        texts = [f"{record.levelname} {record.name}: {record.getMessage()}" for record in self.records]
        unannounced = [
            f"logged: {text}" for text in texts if not any(found.search(text) for found in self.expected)
        ]
        unseen = [
            f"announced but not logged: {pattern.pattern}"
            for pattern in self.expected
            if not any(pattern.search(text) for text in texts)
        ]
        return unannounced + unseen


class LoopWatch:
    """Notes what an event loop's exception handler is told, and where each task was started."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.faults: list[str] = []
        self._loop = loop
        self._started: weakref.WeakKeyDictionary[asyncio.Task[Any], str] = weakref.WeakKeyDictionary()
        loop.set_exception_handler(lambda _loop, context: self.faults.append(told(context)))
        loop.set_task_factory(self._make_task)

    def _make_task(
        self, loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **options: Any
    ) -> asyncio.Task[Any]:
        task = asyncio.Task(coro, loop=loop, **options)
        self._started[task] = caller(sys._getframe(1))
        return task

    def complaints(self) -> list[str]:
        """Faults seen so far and tasks that are still pending."""
        pending = [
            f"task still pending: {task.get_name()} {task.get_coro()}, started at {self._started.get(task)}"
            for task in asyncio.all_tasks(self._loop)
        ]
        return [f"event loop: {fault}" for fault in self.faults] + pending


def told(context: dict[str, Any]) -> str:
    """One line of what a loop's exception handler was given."""
    error = context.get("exception")
    return f"{context.get('message')}" + (f": {error!r}" if error else "")


def caller(frame: FrameType | None) -> str:
    """File and line of the first frame that is not the event loop's own."""
    while frame is not None and re.search(r"[/\\](asyncio|qasync)[/\\]", frame.f_code.co_filename):
        frame = frame.f_back
    return "the event loop" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def leaked_threads(before: set[threading.Thread]) -> list[str]:
    """Threads that were not there before and do not end within the patience."""
    end = time.monotonic() + PATIENCE_S
    for thread in _new_threads(before):
        thread.join(max(0.0, end - time.monotonic()))
    return [f"thread still running: {thread.name}" for thread in _new_threads(before)]


def _new_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    """Threads that Python started; those of Qt's event loop are seen only as stand-ins that never end."""
    return [each for each in threading.enumerate() if each not in before and not _is_stand_in(each)]


def _is_stand_in(thread: threading.Thread) -> bool:
    return type(thread).__name__ == "_DummyThread"


class QtWatch:
    """Timers and windows that a test leaves running or on the screen; keys it left held are let go."""

    def __init__(self) -> None:
        self._known = {id(item) for item in self._timers() + self._windows()}

    def complaints(self) -> list[str]:
        """What was left, by name; windows are closed so that the next test starts clean."""
        from PySide6.QtCore import QCoreApplication, QEvent

        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        timers = [item for item in self._timers() if id(item) not in self._known]
        windows = [item for item in self._windows() if id(item) not in self._known]
        texts = [f"timer still active: {named(item)}, owner {named(item.parent())}" for item in timers]
        texts += [f"window still visible: {named(item)}" for item in windows]
        self._let_go()
        for timer in timers:
            timer.stop()
        for window in windows:
            window.hide()
            window.deleteLater()
        return texts

    @staticmethod
    def _let_go() -> None:
        """QTest's keyClick with Ctrl leaves Ctrl down, and the next test's first choice in a list would heed it."""
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QWidget

        widget = QWidget()
        QTest.keyRelease(widget, Qt.Key.Key_F35)
        widget.deleteLater()

    @staticmethod
    def _timers() -> list[Any]:
        from PySide6.QtCore import QTimer
        from shiboken6 import getAllValidWrappers

        return [item for item in getAllValidWrappers() if isinstance(item, QTimer) and item.isActive()]

    @staticmethod
    def _windows() -> list[Any]:
        from PySide6.QtWidgets import QApplication

        return [item for item in QApplication.topLevelWidgets() if item.isVisible()]


def named(item: Any) -> str:
    """Class and object name of a Qt object."""
    if item is None:
        return "none"
    return f"{type(item).__name__} {item.objectName() or '(no object name)'}"


class NetworkWatch:
    """Refuses every connection and name lookup beyond this computer, and remembers who tried."""

    def __init__(self) -> None:
        self.tries: list[str] = []

    def check(self, address: Any) -> None:
        """Raise OSError and take a note when `address` (a socket address or a host) is not loopback."""
        host = address[0] if isinstance(address, tuple) else address
        if not is_here(host):
            self.tries.append(f"call to the outside: {host}")
            raise OSError(f"tests stay on this computer; {host} was asked for")

    def guarded(self, original: Callable[..., Any], position: int) -> Callable[..., Any]:
        """`original`, with its argument at `position` checked first."""

        def call(*args: Any, **kwargs: Any) -> Any:
            if len(args) > position:
                self.check(args[position])
            return original(*args, **kwargs)

        return call

    def install(self, monkeypatch: Any) -> None:
        """Stand before the ways out of this process."""
        for name in ("connect", "connect_ex"):
            monkeypatch.setattr(socket.socket, name, self.guarded(getattr(socket.socket, name), 1))
        monkeypatch.setattr(socket, "getaddrinfo", self.guarded(socket.getaddrinfo, 0))


def is_here(host: Any) -> bool:
    """Whether a host is this computer: loopback, a local socket's path, or the wildcard to listen on."""
    if host is None or host == "":
        return True
    text = host.decode("utf-8", "replace") if isinstance(host, bytes) else str(host)
    if text == "localhost" or text.startswith(("/", "\0")):
        return True
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
