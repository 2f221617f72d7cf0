"""One thread for Qt and asyncio, from the first event to the last. The only module that names qasync."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from desktop.app.faults import Faults
from desktop.app.garbage import collected_here

log = logging.getLogger(__name__)

TOTAL_S = 8.0
TURN_S = 0.0005  # a drawing call gives Python's lock back, and may wait a turn of the store's thread for it
WORKERS = 4  # for reading files; qasync's own would be ten QThreads
SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
Step = tuple[str, Callable[[], Awaitable[object]], float]


def run(
    app: QApplication, main: Callable[[asyncio.Event], Coroutine[Any, Any, int]], faults: Faults
) -> int:
    """Run `main(stop)` on Qt's event loop; its result.

    `stop` is set by SIGTERM, SIGINT and the end of the desktop session; `main` returns soon after.
    Qt never ends the loop by itself: the last window may close while the shop is being saved.
    """
    app.setQuitOnLastWindowClosed(False)
    sys.setswitchinterval(TURN_S)
    with collected_here(), asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        runner.get_loop().set_default_executor(ThreadPoolExecutor(WORKERS, thread_name_prefix="work"))
        faults.watch(runner.get_loop())
        return runner.run(_main_with_signals(app, main))


async def _main_with_signals(
    app: QApplication, main: Callable[[asyncio.Event], Coroutine[Any, Any, int]]
) -> int:
    stop = asyncio.Event()
    app.commitDataRequest.connect(stop.set)
    try:
        with _signals_to(stop.set):
            return await main(stop)
    finally:
        app.commitDataRequest.disconnect(stop.set)


@contextlib.contextmanager
def _signals_to(asked: Callable[[], None]) -> Iterator[None]:
    """Call `asked` on the loop's thread when the system asks the program to end.

    Python's handlers run only between bytecodes, so while Qt waits a byte on a socket wakes it.
    """
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    notifier = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read)

    def read() -> None:
        with contextlib.suppress(BlockingIOError):
            numbers = ours.recv(64)
            log.info("asked to end by signal %s", list(numbers))
        asked()

    notifier.activated.connect(read)
    before = {number: signal.signal(number, lambda _number, _frame: None) for number in SIGNALS}
    before_fd = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before_fd)
        for number, handler in before.items():
            signal.signal(number, handler)
        notifier.setEnabled(False)
        notifier.deleteLater()
        ours.close()
        theirs.close()


async def end_in_order(steps: Sequence[Step], total_s: float = TOTAL_S) -> list[str]:
    """Do each (name, step, seconds) in turn; one that fails or takes too long is left behind.

    Returns the names of those. Together they take at most `total_s`.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + total_s
    failed = []
    for name, step, seconds in steps:
        try:
            async with asyncio.timeout(max(0.1, min(seconds, end - clock()))):
                await step()
        except TimeoutError:
            log.error("ending: %s took longer than %.1f s", name, seconds)
            failed.append(name)
        except Exception:  # the steps behind it must run all the same
            log.exception("ending: %s failed", name)
            failed.append(name)
    return failed
