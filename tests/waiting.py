"""Waiting inside coroutine tests without a nested event loop, and time as an otherwise idle computer has it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

TURN_S = 0.005
TURNS_A_SECOND = 40  # a free computer does several times as many
AT_MOST = 4  # times the time-out, however busy the computer is
TASKS = Path("/proc/self/task")


async def until(predicate: Callable[[], object], timeout: float = 20.0, what: str = "") -> None:
    """Let the loop turn until `predicate()` holds. Raises AssertionError after `timeout` real seconds.

    Where the computer is so busy that the loop hardly turned in them, it gets more.
    """
    loop = asyncio.get_running_loop()
    began, turns = loop.time(), 0
    while not predicate():
        passed = loop.time() - began
        if passed > timeout and (turns > timeout * TURNS_A_SECOND or passed > timeout * AT_MOST):
            raise AssertionError(f"still not so after {passed:.1f} s: {what or predicate}")
        turns += 1
        await asyncio.sleep(TURN_S)


class Stopwatch:
    """Seconds since it was made, without those in which this process was ready and others had the cores."""

    def __init__(self) -> None:
        self._began = time.monotonic() - queued_s()

    def elapsed_s(self) -> float:
        """Real seconds less those in the queue."""
        return time.monotonic() - queued_s() - self._began


def queued_s() -> float:
    """How long this process's threads have stood in the queue for a core; 0 where the system does not tell."""
    total = 0
    for task in TASKS.glob("*/schedstat"):
        try:
            total += int(task.read_text(encoding="ascii").split()[1])
        except (OSError, IndexError, ValueError):  # the thread has just ended
            continue
    return total / 1_000_000_000
