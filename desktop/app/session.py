"""What the window has open: the real shop or the demo shop, its lock, and the way from one to the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from desktop.composition import demo, lock
from desktop.composition.graph import Graph, GraphConfig, hold, open_graph
from desktop.qtkit.tasks import TaskScope
from desktop.services.backups import RestoreResult


class Session:
    """Opens, swaps and closes. `show(graph)` builds the window's content; `hide()` ends and removes it.

    The folder stays locked from `open` to `close`, also while the demo shop is shown. Swaps run in a
    scope of their own, for the page that asks for one goes away in its course; failures of swaps go
    to `failed`, after the former shop was opened again.
    """

    def __init__(
        self,
        config: GraphConfig,
        *,
        show: Callable[[Graph], Awaitable[None]],
        hide: Callable[[], Awaitable[None]],
        failed: Callable[[BaseException], None],
        step: Callable[[str], None] = lambda _key: None,
        held: lock.FolderLock | None = None,
    ) -> None:
        self.config = replace(config, reopen=self._reopen)
        self.graph: Graph | None = None
        self.restored: RestoreResult | None = None
        self._show = show
        self._hide = hide
        self._step = step
        self._demo: demo.OpenDemo | None = None
        self._held = held
        self._scope = TaskScope(failed)
        self._is_closed = False

    @property
    def is_demo(self) -> bool:
        """Whether the demo shop is shown."""
        return self._demo is not None

    async def open(self) -> None:
        """Take the folder, open the real shop, show it. Raises AppErrors; nothing stays held then."""
        if self._held is None:
            self._held, self.config = await hold(self.config, lock.WINDOW)
        try:
            self.graph = await open_graph(self.config)
        except BaseException:
            self._let_go()
            raise
        await self._show(self.graph)

    def ask_demo(self) -> None:
        """Change to the demo shop, making it first where there is none."""
        self._scope.spawn(self._to_demo(), name="swap", replace=False)

    def ask_real(self, *, erase: bool = False) -> None:
        """Change back to the real shop; with `erase` the demo shop is deleted."""
        self._scope.spawn(self._to_real(erase), name="swap", replace=False)

    async def close(self) -> None:
        """End what runs, close what is open, let go of the folder."""
        self._is_closed = True
        await self._scope.aclose()
        try:
            await self._leave()
        finally:
            self._let_go()

    async def _to_demo(self) -> None:
        if self.is_demo:
            return
        opened = await demo.open_demo(self.config, self._step)
        if self._is_closed:
            await opened.close()
            return
        await self._leave()
        self._demo, self.graph = opened, opened.graph
        await self._show(opened.graph)

    async def _to_real(self, erase: bool) -> None:
        if self.is_demo:
            await self._leave()
        try:
            if erase:
                await asyncio.to_thread(demo.erase_demo, self.config.data_dir)
        finally:
            if self.graph is None:
                self.graph = await open_graph(self.config)
                await self._show(self.graph)

    async def _leave(self) -> None:
        """Close what is shown."""
        graph, opened = self.graph, self._demo
        self.graph = self._demo = None
        await self._hide()
        if opened is not None:
            await opened.close()
        elif graph is not None:
            await graph.close()

    async def _reopen(self, swap: Callable[[], RestoreResult]) -> RestoreResult:
        """Close the shop, do `swap` on its file, open it again: how the window restores a backup."""
        done: asyncio.Future[RestoreResult] = asyncio.get_running_loop().create_future()
        self._scope.spawn(self._swapped(swap, done), name="swap")
        return await asyncio.shield(done)

    async def _swapped(
        self, swap: Callable[[], RestoreResult], done: asyncio.Future[RestoreResult]
    ) -> None:
        await self._leave()
        try:
            self.restored = await asyncio.to_thread(swap)
        except BaseException:
            done.cancel()  # who asked is gone with the page; the failure is told by the scope
            raise
        finally:
            if not self._is_closed:
                self.graph = await open_graph(self.config)
                await self._show(self.graph)
        if not done.done():
            done.set_result(self.restored)

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.release()
            self._held = None
