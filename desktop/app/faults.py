"""Whatever nobody caught: recorded once, shown once, and the program goes on.

Known errors (`AppError`) are told to the operator and are no bugs; everything else is, and counts by
where it happened: the first of a kind is logged with its traceback and shown, repeats are counted.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from desktop.domain.errors import AppError

log = logging.getLogger(__name__)
qt_log = logging.getLogger("qt")

_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_MAX_KINDS = 500
_OF_NO_DISPLAY = ("This plugin does not support propagateSizeHints()",)  # offscreen, for each dialog
QT = "qt "


@dataclass(frozen=True, slots=True)
class Fault:
    """A bug as it is shown: `key` names its kind, `report` is what the operator may copy for us."""

    key: str
    summary: str
    report: str


class Faults:
    """The last catcher. `tell` gets known errors, `show` each new kind of bug, on whatever thread it was.

    Until the window gives its own, both only log.
    """

    def __init__(self) -> None:
        self.tell: Callable[[AppError], None] | None = None
        self.show: Callable[[Fault], None] | None = None
        self.seen: Counter[str] = Counter()
        self._guard = threading.Lock()
        self._before: tuple[Any, ...] | None = None

    @property
    def bugs(self) -> int:
        """How many kinds of bug were seen; Qt's warnings are none."""
        return sum(not key.startswith(QT) for key in self.seen)

    def install(self) -> None:
        """Catch what main code, threads, finalisers and Qt let through, until `remove`."""
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._from_slot
        threading.excepthook = self._from_thread
        sys.unraisablehook = self._from_finaliser
        qInstallMessageHandler(self._from_qt)

    def remove(self) -> None:
        """Put back what was there before `install`."""
        if self._before is not None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
            self._before = None
            qInstallMessageHandler(None)

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Catch what tasks and callbacks of an event loop let through."""
        loop.set_exception_handler(self._from_loop)

    def report(self, error: BaseException, where: str = "task") -> None:
        """Record one uncaught exception; never raises. Cancellation is no fault."""
        if isinstance(error, asyncio.CancelledError | KeyboardInterrupt | SystemExit | GeneratorExit):
            return
        try:
            if isinstance(error, AppError):
                self._known(error)
            else:
                self._bug(error, where)
        except Exception:
            log.critical("a fault could not be reported", exc_info=True)

    def _known(self, error: AppError) -> None:
        log.info("told: %s", error.code)
        if self.tell is not None:
            self.tell(error)

    def _bug(self, error: BaseException, where: str) -> None:
        key = kind_of(error)
        with self._guard:
            if len(self.seen) >= _MAX_KINDS and key not in self.seen:
                return
            self.seen[key] += 1
            count = self.seen[key]
        if count > 1:
            log.debug("fault %s again, %d times", key, count)
            return
        told = "".join(traceback.format_exception(error))
        log.error("fault %s in %s\n%s", key, where, told)
        if self.show is not None:
            self.show(Fault(key, f"{type(error).__name__}: {error}"[:300], told))

    def _from_slot(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self.report(error.with_traceback(trace), "slot")

    def _from_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.report(args.exc_value, f"thread {args.thread.name if args.thread else '?'}")

    def _from_finaliser(self, args: Any) -> None:
        if args.exc_value is not None:
            self.report(args.exc_value, "finaliser")

    def _from_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.report(error, "loop")
        else:
            self.report(RuntimeError(str(context.get("message"))), "loop")

    def _from_qt(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if message in _OF_NO_DISPLAY:
            return
        key = QT + hashlib.sha256(message.encode("utf-8", "replace")).hexdigest()[:12]
        with self._guard:
            if self.seen[key] or len(self.seen) >= _MAX_KINDS:
                return
            self.seen[key] += 1
        qt_log.log(_QT_LEVELS.get(kind, logging.WARNING), "%s", message)


def kind_of(error: BaseException) -> str:
    """The same for two exceptions of one type from the same lines of code."""
    frames = [
        f"{frame.filename}:{frame.lineno}:{frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return hashlib.sha256("|".join([type(error).__qualname__, *frames]).encode()).hexdigest()[:12]
