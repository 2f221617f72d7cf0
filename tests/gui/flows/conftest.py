"""A window as it starts on a computer, and hands that press what an owner presses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QWidget

from desktop.app.config import SettingsFile
from desktop.app.faults import Faults
from desktop.app.shell import Shell
from desktop.app.tour.clock import MovableClock
from desktop.composition import demo
from desktop.composition.graph import Graph, GraphConfig
from desktop.services.secrets.memory import MemorySecretStore
from desktop.views.main_window import MainWindow
from desktop.views.page import Page
from desktop.views.welcome_page import WelcomePage
from tests.waiting import until

W = TypeVar("W", bound=QWidget)
READING = ("refresh", "switch", "look", "work", "fans.panel")
DEMO_S = 40


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kit: Any) -> GraphConfig:
    """An empty folder; a demo shop made in it is small."""
    monkeypatch.setattr(demo, "SAMPLES", tmp_path / "none")
    monkeypatch.setattr(demo, "FANS", 30)
    return GraphConfig(
        tmp_path / "data", operator="小满", clock=MovableClock(), secrets=MemorySecretStore()
    )


class Owner:
    """The window and who sits before it."""

    def __init__(self, config: GraphConfig) -> None:
        self.faults = Faults()
        self.stop = asyncio.Event()
        self.settings = SettingsFile(config.data_dir)
        self.shell = Shell(config, self.settings, self.faults, None)

    @property
    def graph(self) -> Graph:
        assert self.shell.session.graph is not None
        return self.shell.session.graph

    @property
    def welcome(self) -> WelcomePage | None:
        """The first screen, while it is shown."""
        content = self.shell._content
        return None if content is None else content._welcome

    @property
    def window(self) -> MainWindow:
        """The shop's window."""
        content = self.shell._content
        assert content is not None
        assert content.window is not None
        return content.window

    @property
    def has_window(self) -> bool:
        """Whether a shop is shown."""
        content = self.shell._content
        return content is not None and content.window is not None

    @property
    def said(self) -> list[str]:
        """The notices so far, newest last."""
        return [notice.text for notice in self.shell.notices.kept]

    def find(self, kind: type[W], name: str, within: QWidget | None = None) -> W:
        """A widget by its name."""
        found = (within or self.shell.frame).findChild(kind, name)
        assert found is not None, name
        return found

    def press(self, name: str, within: QWidget | None = None) -> None:
        """Click a button that can be clicked."""
        button = self.find(QAbstractButton, name, within)
        assert button.isEnabled(), name
        assert button.isVisible(), name
        button.click()

    async def press_when_shown(self, name: str, within: QWidget) -> None:
        """Click a button that is still to come; a new widget is shown with the loop's next turn."""
        await until(
            lambda: any(one.isVisible() for one in within.findChildren(QAbstractButton, name)), what=name
        )
        self.press(name, within)

    async def answer(self, name: str = "accept") -> None:
        """Wait for a question and press one of its buttons."""
        await until(lambda: bool(asked()))
        dialog = asked()[-1]
        self.press(name, dialog)
        await until(lambda: dialog not in asked())
        await asyncio.sleep(0.05)  # who asked goes on

    async def at(self, key: str) -> Any:
        """Open a page and wait until it shows its data."""
        if self.window.current_key != key:
            self.window.go(key)
        return await self.quiet()

    async def quiet(self) -> Page:
        """Wait until nothing is being read."""
        await until(self._is_quiet)
        await asyncio.sleep(0.02)
        await until(self._is_quiet)
        page = self.window.page
        assert page is not None
        return page

    def _is_quiet(self) -> bool:
        pages = [page for page in self.window.stack.findChildren(Page) if page.isVisible()]
        return all(page.is_loaded and not any(map(page.scope.is_running, READING)) for page in pages)

    async def to_the_demo(self) -> None:
        """Through the menu of shops into the demo shop."""
        self.window.top_bar.shop_chosen.emit("demo")
        await until(lambda: self.shell.session.is_demo and self.has_window, timeout=DEMO_S)
        await self.quiet()


def asked() -> list[QDialog]:
    """The questions that stand before the window."""
    widgets = QApplication.topLevelWidgets()
    return [widget for widget in widgets if isinstance(widget, QDialog) and widget.isVisible()]


Start = Callable[[], Any]


@pytest.fixture
def start(config: GraphConfig, qapp: QApplication) -> Start:
    """`async with start() as owner:` is one sitting; a second one starts the program again."""

    @asynccontextmanager
    async def sitting() -> AsyncIterator[Owner]:
        owner = Owner(config)
        async with asyncio.TaskGroup() as group:
            group.create_task(owner.shell.run(owner.stop))
            try:
                await until(lambda: owner.welcome is not None or owner.has_window)
                yield owner
            finally:
                owner.stop.set()
        assert not owner.faults.seen

    return sitting
