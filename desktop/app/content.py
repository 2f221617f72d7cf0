"""The content of the window over one open shop: built from its services, ended with all its tasks."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtWidgets import QWidget

from desktop.app.start_page import StartPage
from desktop.composition.graph import Graph
from desktop.qtkit.change_bridge import ChangeBridge
from desktop.qtkit.formats import Formats
from desktop.qtkit.theme import current
from desktop.views.page import Page, PageContext
from desktop.views.widgets.notices import Notices, ToastStack
from desktop.views.window_actions import WindowActions


class Content:
    """One shop's pages. `widget` goes into the frame."""

    def __init__(self, widget: QWidget, bridge: ChangeBridge) -> None:
        self.widget = widget
        self._bridge = bridge

    @property
    def shows_notices(self) -> bool:
        """Whether the content has a corner for notices of its own."""
        return bool(self.widget.findChildren(ToastStack))

    def open_files(self, files: list[Path]) -> None:
        """Bring in files that a second start was given, where the pages can."""
        take = getattr(self.widget, "open_files", None)
        if take is not None and files:
            take(files)

    async def aclose(self) -> None:
        """End every page's tasks and wait for them; nothing of the shop is read or written afterwards."""
        self._bridge.close()
        self._bridge.deleteLater()
        pages = self.widget.findChildren(Page)
        if isinstance(self.widget, Page):
            pages.append(self.widget)
        await asyncio.gather(*(page.scope.aclose() for page in pages))


async def build(graph: Graph, notices: Notices, actions: WindowActions, on_fault) -> Content:  # type: ignore[no-untyped-def]
    """Everything that shows this shop."""
    shop = await graph.shop.find()
    bridge = ChangeBridge(graph.store.feed)
    clock = graph.config.clock
    context = PageContext(
        bridge=bridge,
        notices=notices,
        theme=current(),
        formats=Formats(clock, shop.timezone) if shop else Formats(clock),
        clock=clock,
        go=lambda _key, **_arguments: None,
        on_fault=on_fault,
    )
    return Content(StartPage(context, graph.shop, actions), bridge)
