"""The ground of the tests of posts, drops and the outbox: a small shop, and pages over its services."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter
from PySide6.QtWidgets import QDialog, QScrollArea, QWidget

from desktop.platforms.wecom.adapter import WeComPlatform
from desktop.qtkit import i18n
from desktop.qtkit.change_bridge import ChangeBridge
from desktop.services.accounts import AccountService
from desktop.services.fans import FanService
from desktop.services.groups import GroupService
from desktop.services.secrets.memory import MemorySecretStore
from desktop.store.database import Store
from desktop.views.page import Page
from tests.fakes import FakeClock
from tests.gui.conftest import Opened
from tests.gui.walk import clipped_labels, unnamed_focusables
from tests.unit.outbox.world import World
from tests.waiting import until

P = TypeVar("P", bound=Page)
NAMES = [
    "林小满",
    "阿柚的厨房",
    "宝妈Cici",
    "周周爱喝茶",
    "南山跑者",
    "大麦不麦",
    "老陈",
    "小鹿斑比",
    "青禾",
    "豆豆妈",
]
SIZES = {"1366x768": (1158, 716), "1440x900": (1232, 848)}
SMALLEST = (972, 668)  # in a window of 1180 x 720


class Floor:
    """The shop, its services, and the pages that were opened."""

    def __init__(self, world: World, opened: Opened, store: Store, clock: FakeClock) -> None:
        self.world, self.opened, self.clock = world, opened, clock
        self.fans = FanService(store, clock)
        self.groups = GroupService(store, clock)
        self.accounts = AccountService(store, clock, {"wecom": WeComPlatform()}, MemorySecretStore())
        self.bridge = ChangeBridge(store.feed, merge_ms=1)
        self.context = replace(opened.context, bridge=self.bridge)
        self.pages: list[Page] = []

    async def open(self, page: P, size: str = "1366x768") -> P:
        """Show a page and wait until it has read."""
        self.pages.append(page)
        page.resize(*SIZES[size])
        page.show()
        await until(lambda: page.is_loaded, what="page loaded")
        return page

    async def quiet(self, page: Page) -> None:
        """Wait until nothing runs in a page or the pages inside it."""
        pages = [page, *page.findChildren(Page)]
        await asyncio.sleep(0.02)
        await until(lambda: not any(p.scope._alive for p in pages), what="quiet")
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        await asyncio.sleep(0)

    async def dialog(self, page: QWidget) -> QDialog:
        """The question that is being asked."""
        found: list[QDialog] = []

        def ask() -> bool:
            found[:] = [d for d in page.findChildren(QDialog) if d.isVisible()]
            return bool(found)

        await until(ask, what="dialog")
        return found[0]

    async def close(self) -> None:
        self.bridge.close()
        for page in self.pages:
            for inner in [*page.findChildren(Page), page]:
                await inner.scope.aclose()
            page.hide()
            page.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


async def walked(floor: Floor, page: Page, shot: Callable[[QWidget, str], None], name: str) -> None:
    """Both languages, both looks, both sizes: nothing clipped, nothing unnamed; pictures on the way."""
    theme = floor.context.theme
    complaints = []

    async def look_at(where: str, size: tuple[int, int]) -> None:
        page.resize(*size)
        await floor.quiet(page)
        shot(page, where)
        found = clipped_labels(page) + unnamed_focusables(page) + too_wide(page)
        complaints.extend(f"{where}: {line}" for line in found)

    for look in ("light", "dark"):
        theme.set_choice(look)  # restyling costs far more than another language
        for language in ("zh_CN", "en"):
            i18n.set_language(language)
            for size in SIZES:
                await look_at(f"{name}-{language}-{look}-{size}", SIZES[size])
    await look_at(f"{name}-en-dark-1180x720", SMALLEST)
    theme.set_choice("light")
    i18n.set_language("zh_CN")
    page.resize(*SIZES["1366x768"])
    await floor.quiet(page)
    assert complaints == []


def too_wide(page: Page) -> list[str]:
    """Scroll areas of pages that would have to be scrolled sideways."""
    return [
        f"{type(area.widget()).__name__} scrolls {area.horizontalScrollBar().maximum()} px sideways"
        for area in page.findChildren(QScrollArea)
        if area.isVisible() and area.widget().property("canvas") and area.horizontalScrollBar().maximum()
    ]


def picture(folder: Path, name: str, first: str, second: str) -> Path:
    """A small picture file with two colours running into each other."""
    image = QImage(480, 480, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    fill = QLinearGradient(0, 0, 480, 480)
    fill.setColorAt(0, QColor(first))
    fill.setColorAt(1, QColor(second))
    painter.fillRect(image.rect(), fill)
    painter.end()
    file = folder / name
    assert image.save(str(file))
    return file


@pytest.fixture
def floor(
    opened: Opened, shop: Store, clock: FakeClock, tmp_path: Path, runner: asyncio.Runner
) -> Iterator[Floor]:
    """A shop with ten fans and three groups."""

    async def made() -> Floor:
        world = World(shop, clock, tmp_path / "media")
        await world.people(NAMES)
        tiers = ["devoted", "favorable", "favorable", "passerby", "passerby", "prospect"]
        for n in range(1, len(NAMES) + 1):
            await world.sql("UPDATE fan SET tier = ? WHERE id = ?", tiers[n % 6], n)
        return Floor(world, opened, shop, clock)

    floor = runner.run(made())
    yield floor
    runner.run(floor.close())
    assert opened.faults == []


__all__ = ["Floor", "picture", "walked"]
