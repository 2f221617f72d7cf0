"""Waiting inside coroutine tests without a nested event loop (so never qtbot.wait there)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(predicate: Callable[[], object], timeout: float = 20.0, what: str = "") -> None:
    """Let the loop turn until `predicate()` holds. Raises AssertionError after `timeout` real seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout
    while not predicate():
        if loop.time() > end:
            raise AssertionError(f"still not so after {timeout} s: {what or predicate}")
        await asyncio.sleep(0.005)
