"""What the HTTP library loads when it is first used: loaded ahead, on another thread than the window's.

Two tenths of a second of imports, which would otherwise fall into the first request.
"""

from __future__ import annotations

import asyncio
import importlib
import sys

LATE = ("httpx", "httpcore", "anyio._backends._asyncio")  # the last two by its first client and request


async def http_loaded() -> None:
    """Return when every part of the HTTP library is loaded; at once from the second time on."""
    if any(name not in sys.modules for name in LATE):
        await asyncio.to_thread(_load)


def _load() -> None:
    for name in LATE:
        importlib.import_module(name)
