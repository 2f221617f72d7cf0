"""What screen tests share: the kit in Chinese and light, and a context for pages without a shop."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.qtkit import i18n, theme
from desktop.qtkit.change_bridge import ChangeBridge
from desktop.qtkit.formats import Formats
from desktop.store.changes import ChangeFeed
from desktop.views.page import PageContext
from desktop.views.widgets.notices import Notices
from tests.fakes import FakeClock


@pytest.fixture
def kit(qapp: QApplication) -> Iterator[theme.Theme]:
    """The look and language as a Chinese owner first sees them."""
    chosen = theme.install(theme.current())
    chosen.set_choice("light")
    chosen.set_text_scale(100)
    i18n.set_language("zh_CN")
    yield chosen
    chosen.set_choice("light")
    chosen.set_text_scale(100)
    i18n.set_language("zh_CN")


class Opened:
    """A page context for tests: what was asked to open, and which errors nobody foresaw."""

    def __init__(self, kit: theme.Theme, clock: FakeClock) -> None:
        self.feed = ChangeFeed()
        self.faults: list[BaseException] = []
        self.went: list[tuple[str, dict[str, Any]]] = []
        self.notices = Notices(clock)
        self.bridge = ChangeBridge(self.feed, merge_ms=1)
        self.context = PageContext(
            bridge=self.bridge,
            notices=self.notices,
            theme=kit,
            formats=Formats(clock),
            clock=clock,
            go=lambda key, **arguments: self.went.append((key, arguments)),
            on_fault=self.faults.append,
        )


@pytest.fixture
def opened(kit: theme.Theme, clock: FakeClock) -> Iterator[Opened]:
    """`opened.context` for a page; `opened.notices`, `.faults`, `.went` tell what it did."""
    made = Opened(kit, clock)
    yield made
    made.bridge.close()


@pytest.fixture
def shot() -> Callable[[QWidget, str], None]:
    """`shot(widget, "name")` writes a picture into the folder FANKEEPER_SHOTS names, if it does."""

    def write(widget: QWidget, name: str) -> None:
        folder = os.environ.get("FANKEEPER_SHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            assert widget.grab().save(str(Path(folder) / f"{name}.png"))

    return write
