"""Reads on while what came before is being stored, a bounded number of items ahead."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class ReadAhead(Generic[T]):
    """Runs `source` at most `limit` items ahead of whoever takes them; `async with` ends it.

    What `source` raises comes out behind the items before it.
    """

    def __init__(self, source: AsyncGenerator[T, None], limit: int) -> None:
        self._source = source
        self._room = asyncio.Semaphore(limit)
        self._ready: asyncio.Queue[T | None] = asyncio.Queue()
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> ReadAhead[T]:
        self._reader = asyncio.ensure_future(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait({self._reader})

    async def some(self, enough: int = 1, within_s: float = 0.0) -> list[T]:
        """The items at hand in their order, at least one; [] at the end. Raises what the source raised.

        Waits for `enough` of them, but after the first not longer than `within_s` seconds.
        """
        item = await self._ready.get()
        if item is None:
            if self._reader is not None:
                await self._reader
            return []
        taken = [item]
        self._room.release()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while len(taken) < enough and self._take(taken, await self._ready.get()):
                    pass
        while not self._ready.empty() and self._take(taken, self._ready.get_nowait()):
            pass
        return taken

    def _take(self, taken: list[T], item: T | None) -> bool:
        """Add an item to those taken; the end is told by itself."""
        if item is None:
            self._ready.put_nowait(None)
            return False
        taken.append(item)
        self._room.release()
        return True

    async def _read(self) -> None:
        try:
            async with contextlib.aclosing(self._source) as source:
                await self._room.acquire()
                async for item in source:
                    self._ready.put_nowait(item)
                    await self._room.acquire()
        finally:
            self._ready.put_nowait(None)
