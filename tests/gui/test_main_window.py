"""The shell: navigation, badges, palette, shortcuts, dropped files, language and look while running."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from desktop.domain.changes import ChangeSet, Topic
from desktop.models.found import Entry
from desktop.qtkit.i18n import set_language, t
from desktop.views.main_window import MainWindow
from desktop.views.page import Page, PageContext
from desktop.views.screens import BUSINESS, CONTENT, HOME, PEOPLE, Screen
from desktop.views.top_bar import ShopEntry
from desktop.views.widgets.cards import Card
from desktop.views.widgets.inputs import SearchBox
from desktop.views.widgets.states import EmptyState
from tests.gui.actions import Asked
from tests.gui.conftest import Opened
from tests.gui.walk import clipped_labels, unnamed_focusables
from tests.waiting import until


class PlainPage(Page):
    """Remembers what the window asked of it."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.asked: list[Any] = []
        self.head.set_title("kit.empty_title")
        self.box = SearchBox()
        card = Card()
        card.add(self.box)
        card.add(EmptyState())
        self.body.addWidget(card, 1)

    def open_with(self, **arguments: Any) -> None:
        self.asked.append(arguments)

    def create_new(self) -> None:
        self.asked.append("new")

    def focus_filter(self) -> None:
        self.asked.append("filter")


def screens(waiting: Callable[[], Any]) -> list[Screen]:
    return [
        Screen("home", "layout-dashboard", "kit.notices", HOME, PlainPage),
        Screen("posts", "newspaper", "kit.undo", CONTENT, PlainPage),
        Screen("drops", "gift", "kit.undo", CONTENT, PlainPage),
        Screen("fans", "user-round", "kit.super_user", PEOPLE, PlainPage),
        Screen("groups", "users-round", "kit.notices", PEOPLE, PlainPage),
        Screen("sync", "refresh-cw", "kit.retry", BUSINESS, PlainPage),
        Screen("outbox", "inbox", "kit.columns", BUSINESS, PlainPage, waiting, frozenset({Topic.OUTBOX})),
        Screen("import", "file-up", "kit.columns", BUSINESS, PlainPage),
    ]


@pytest.fixture
def asked_for() -> Asked:
    return Asked(is_demo=True)


@pytest.fixture
def window(opened: Opened, asked_for: Asked) -> Iterator[MainWindow]:
    counts = iter([3, 12])

    async def waiting() -> int:
        return next(counts)

    async def fans(typed: str) -> Sequence[Entry]:
        return [Entry(f"林小满 {typed}", "user-round", "", lambda: opened.went.append(("fan", {})))]

    made = MainWindow(opened.context, asked_for.actions, screens(waiting), find_fans=fans)
    made.resize(1440, 900)
    yield made
    made.hide()
    made.deleteLater()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def asked(window: MainWindow, key: str) -> list[Any]:
    page = window.pages[key]
    assert isinstance(page, PlainPage)
    return page.asked


async def test_pages_are_built_when_first_opened(window: MainWindow) -> None:
    window.go("home")
    window.show()
    await settled()
    assert set(window.pages) == {"home"}
    assert window.focusWidget() is window.pages["home"]
    window.navigation.buttons["fans"].click()
    await settled()
    assert window.current_key == "fans"
    assert [key for key, button in window.navigation.buttons.items() if button.isChecked()] == ["fans"]
    with pytest.raises(KeyError):
        window.go("nowhere")


async def test_shortcuts_reach_pages_and_the_open_page(window: MainWindow) -> None:
    window.go("home")
    window.show()
    window.activateWindow()
    await settled()
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert window.current_key == "drops"
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert asked(window, "drops") == ["new", "filter"]
    synced: list[bool] = []
    window.sync_asked.connect(lambda: synced.append(True))
    QTest.keyClick(window, Qt.Key.Key_F5)
    assert synced == [True]
    await settled()


async def test_in_a_low_window_every_page_of_the_rail_can_be_seen(opened: Opened, asked_for: Asked) -> None:
    many = [
        Screen(f"page{at}", "gift", "kit.undo", group, PlainPage)
        for at, group in enumerate([HOME] * 3 + [CONTENT] * 5 + [PEOPLE] * 6 + [BUSINESS] * 3)
    ]
    made = MainWindow(opened.context, asked_for.actions, many)
    made.resize(1366, 768)
    made.show()
    await settled()
    made.go("page16")
    last = made.navigation.buttons["page16"]
    assert last.visibleRegion().boundingRect() == last.rect()
    first = made.navigation.buttons["page0"]
    assert first.visibleRegion().boundingRect() == first.rect()
    made.hide()
    made.deleteLater()


async def test_badges_follow_commits(window: MainWindow, opened: Opened, until: Callable[..., Any]) -> None:
    badge = window.navigation.buttons["outbox"].badge
    window.refresh_badges()
    await until(lambda: badge.text() == "3")
    opened.feed.publish(ChangeSet(frozenset({Topic.FAN})))
    opened.feed.publish(ChangeSet(frozenset({Topic.OUTBOX})))
    opened.bridge.flush()
    await until(lambda: badge.text() == "12")


async def test_palette_finds_pages_by_initials_and_fans(
    window: MainWindow, until: Callable[..., Any]
) -> None:
    window.go("home")
    window.show()
    window.activateWindow()
    await settled()
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = window.palette_box
    assert palette.isVisible()
    QTest.keyClicks(palette.line, "cjyh")
    assert palette.worded()[:1] == [t("kit.super_user")]
    await until(lambda: "林小满 cjyh" in palette.worded())
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.current_key == "fans"
    assert palette.isHidden()
    await settled()


async def test_palette_leaves_keys_to_the_input_method(window: MainWindow) -> None:
    window.go("home")
    window.show()
    palette = window.palette_box
    palette.open_palette()
    QApplication.sendEvent(palette.line, QInputMethodEvent("fen", []))
    before = palette.list.currentRow()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Escape):
        QTest.keyClick(palette.line, key)
    assert palette.list.currentRow() == before
    assert palette.isVisible()
    assert window.current_key == "home"
    commit = QInputMethodEvent()
    commit.setCommitString("超级")
    QApplication.sendEvent(palette.line, commit)
    palette.line.edited.emit(palette.line.text())
    assert palette.worded()[0] == t("kit.super_user")
    palette.close_palette()
    await settled()


async def test_a_dropped_file_opens_the_import_page(window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "订单.csv"
    file.write_text("a", encoding="utf-8")
    window.go("home")
    window.show()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file)), QUrl("https://example.com/x.csv")])
    drop = QDropEvent(
        QPointF(300, 300),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(drop)
    await settled()
    assert window.current_key == "import"
    assert asked(window, "import") == [{"files": [file]}]


async def test_what_concerns_the_frame_is_asked_of_it(window: MainWindow, asked_for: Asked) -> None:
    window.top_bar.shop_chosen.emit("real")
    window.show()
    window.top_bar.demo_erase_asked.emit()
    await until(lambda: window.findChild(QPushButton, "accept") is not None)
    assert asked_for.log == ["leave"]
    window.findChild(QPushButton, "accept").click()
    await until(lambda: asked_for.log == ["leave", "erase"])
    window.toggle_theme()
    window.top_bar.language_chosen.emit("en")
    QTest.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert asked_for.log[:4] == ["leave", "erase", {"theme": "dark"}, {"language": "en"}]
    await settled()
    assert window.context.theme.is_dark


async def test_language_and_look_switch_while_running(window: MainWindow, opened: Opened) -> None:
    window.go("home")
    window.show_shops([ShopEntry("demo", "小满手作", True)], "demo")
    window.show()
    await settled()
    assert window.windowTitle() == "[演示] 小满手作 粉掌柜"
    home = window.navigation.buttons["home"]
    bright = home.grab().toImage().pixelColor(2, 2).lightness()
    set_language("en")
    await settled()
    assert home.text() == "Notifications"
    assert window.windowTitle() == "[Demo] 小满手作 Fankeeper"
    assert window.pages["home"].head.title.text() == "Nothing here yet"
    window.toggle_theme()
    await settled()
    assert home.grab().toImage().pixelColor(2, 2).lightness() < bright


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("scale", [100, 125])
async def test_nothing_is_clipped_or_unnamed(
    window: MainWindow,
    opened: Opened,
    language: str,
    look: str,
    scale: int,
    shot: Callable[[QWidget, str], None],
) -> None:
    set_language(language)
    opened.context.theme.set_choice(look)
    opened.context.theme.set_text_scale(scale)
    window.show_shops([ShopEntry("demo", "小满手作旗舰店", True)], "demo")
    window.navigation.show_progress(t("kit.progress", done="640", total="1,000"), 640, 1000)
    window.refresh_badges()
    opened.notices.warn("kit.error_title")
    window.resize(1180, 720)
    window.go("fans")
    window.show()
    await settled()
    assert clipped_labels(window) == []
    assert unnamed_focusables(window) == []
    window.palette_box.open_palette()
    shot(window, f"shell_{language}_{look}_{scale}")
    assert clipped_labels(window) == []
    assert unnamed_focusables(window) == []
    window.palette_box.close_palette()
    window.notice_panel.toggle()
    await settled()
    assert clipped_labels(window) == []
    shot(window, f"shell_notices_{language}_{look}_{scale}")
    assert window.minimumSizeHint().height() <= 720
    assert window.mapTo(window, QPoint(0, 0)) == QPoint(0, 0)
