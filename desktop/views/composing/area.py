"""A screen made of several pages, one shown at a time: a list and what opens from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from PySide6.QtWidgets import QStackedWidget

from desktop.qtkit.tasks import TaskScope
from desktop.views.page import Page, PageContext


class SavingScope(TaskScope):
    """Ends like any scope, but lets `before_end` finish first: what was typed last is kept."""

    def __init__(
        self, on_error: Callable[[BaseException], None], before_end: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(on_error)
        self._before_end = before_end

    async def aclose(self) -> None:
        """Save, then cancel what still runs and wait for it."""
        await self._before_end()
        await super().aclose()


class AreaPage(Page):
    """Hosts pages; keys and wishes of the window go to the one that is shown."""

    scrolls = False

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.head.hide()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.pages = QStackedWidget(self)
        self.body.addWidget(self.pages, 1)

    def add_page(self, page: Page) -> None:
        """Host a page; the first one is shown first."""
        self.pages.addWidget(page)

    @property
    def shown(self) -> Page | None:
        """The page in front."""
        page = self.pages.currentWidget()
        return page if isinstance(page, Page) else None

    def show_page(self, page: Page) -> None:
        """Bring a page to the front; it reads when stale."""
        self.pages.setCurrentWidget(page)

    def create_new(self) -> None:
        """Ctrl+N belongs to the page in front."""
        if self.shown is not None:
            self.shown.create_new()

    def focus_filter(self) -> None:
        """Ctrl+F belongs to the page in front."""
        if self.shown is not None:
            self.shown.focus_filter()

    def may_leave(self) -> bool:
        """The page in front decides."""
        return self.shown is None or self.shown.may_leave()
