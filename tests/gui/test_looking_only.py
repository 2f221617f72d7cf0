"""A shop that is only looked at: each page is walked over, each control in use is used, nothing asks to write."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QFileDialog,
    QMenu,
    QTabBar,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from desktop.app import content
from desktop.app.tour.clock import MovableClock
from desktop.composition import demo
from desktop.composition.graph import Graph, GraphConfig, open_graph
from desktop.domain.audience import Audience
from desktop.domain.entry_ways import CONTACT, EntryWayDraft
from desktop.domain.posts import PostDraft
from desktop.domain.segments.conditions import Orders
from desktop.domain.segments.rules import AllOf
from desktop.domain.segments.saved import SegmentDraft
from desktop.domain.welcomes import WelcomeDraft
from desktop.models.row_table import Kind
from desktop.qtkit.i18n import t
from desktop.services.secrets.memory import MemorySecretStore
from desktop.store import database
from desktop.views.composing.content_list import ContentList
from desktop.views.main_window import MainWindow
from desktop.views.page import Page
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.notices import Notices
from desktop.views.widgets.standing_still import WHY, changes
from desktop.views.widgets.table import DataTable
from tests.gui.actions import Asked
from tests.waiting import until

pytestmark = [
    pytest.mark.usefixtures("kit"),
    pytest.mark.qt_log_ignore("This plugin does not support"),  # menus and dialogs, offscreen
]
DAY_S = 86_400
FILE = "快团团订单.xlsx"
MOST_STEPS = 80  # on one page


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo shop with something of everything, closed: of the day before."""
    folder = tmp_path_factory.mktemp("shop")
    samples = tmp_path_factory.mktemp("samples")
    shutil.copy(demo.SAMPLES / FILE, samples)

    async def make() -> None:
        opened = await demo.open_demo(_config(folder, MovableClock()), fans=20)
        graph = opened.graph
        draft = PostDraft(title="到货", body="今晚到货", audience=Audience(everyone=True))
        await graph.posts.confirm((await graph.posts.save_draft(draft)).uid)
        await graph.segments.save(SegmentDraft("老客", AllOf((Orders(least=1),))))
        staff = (await graph.entry_ways.choices()).staff
        await graph.entry_ways.add(EntryWayDraft(CONTACT, "包裹卡", staff=(staff[0].external_id,)))
        await graph.welcomes.add(WelcomeDraft("欢迎光临"))
        await opened.close()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(demo, "SAMPLES", samples)
        asyncio.run(make())
    return demo.folder_of(folder)


def _config(folder: Path, clock: MovableClock, *, is_read_only: bool = False) -> GraphConfig:
    return GraphConfig(folder, "小满", clock=clock, secrets=MemorySecretStore(), is_read_only=is_read_only)


class Visitor:
    """Sits before the window of a shop that is only looked at, and presses whatever can be pressed."""

    def __init__(self, shown: content.Content, graph: Graph, notices: Notices) -> None:
        assert shown.window is not None
        self.window: MainWindow = shown.window
        self.graph = graph
        self.notices = notices
        self._shown = shown
        self.pressed: list[str] = []

    async def quiet(self, *, is_asked: bool = False) -> None:
        """Wait until no task of the window is left, or one of them stands before a question."""
        scopes = [self._shown.widget.scope, self._shown._exchange.scope, self.window.scope]

        def is_quiet() -> bool:
            pages = self.window.stack.findChildren(Page)
            if is_asked and _opened(QDialog):
                return True
            return not any(scope._alive for scope in [*scopes, *(page.scope for page in pages)])

        await asyncio.sleep(0)
        await until(is_quiet)

    async def at(self, key: str) -> Page:
        """Open a page as the navigation does."""
        self.window.go(key)
        await self.quiet()
        assert self.window.page is not None
        return self.window.page

    async def walk(self, key: str) -> None:
        """Use everything on a page that can be used, rows and tabs too."""
        page = await self.at(key)
        for table in _seen(page, DataTable):
            await self._use_rows(table)
            await self._use_buttons(key)
        for bar in _seen(page, QTabBar):
            for at in range(bar.count()):
                bar.setCurrentIndex(at)
                await self.quiet()
                await self._use_buttons(key)
                for table in _seen(page, DataTable):
                    await self._use_rows(table)
                    await self._use_buttons(key)
        await self._use_buttons(key)

    async def _use_rows(self, table: DataTable) -> None:
        model = table.model()
        for row in range(min(model.rowCount(), 3)):
            for at, column in enumerate(table._table.columns):
                if column.kind is Kind.ACTION:
                    table._on_clicked(model.index(row, at))
                    await self.quiet(is_asked=True)
                    self._close_all()
                    await self.quiet()
        if model.rowCount() and table.isVisible():
            table.selectAll()
            await self.quiet()
            await self._use_buttons(self.window.current_key)
            if table.isVisible():
                table.row_activated.emit(0)
                await self.quiet()

    async def _use_buttons(self, key: str, inside: QWidget | None = None) -> None:
        for _ in range(MOST_STEPS):
            if inside is None and self.window.current_key != key:
                await self.at(key)
            root = inside or self.window.page
            if root is None or not isValid(root) or not root.isVisible():
                return
            found = sorted(_seen(root, QAbstractButton), key=lambda one: one.property("kind") != "primary")
            fresh = (one for one in found if one.isEnabled() and self._is_new(key, one))
            button = next(fresh, None)
            if button is None:
                return
            button.click()
            await self._answer_what_came(key, inside)
        raise AssertionError(f"no end of buttons on {key}: {self.pressed[-5:]}")

    def _is_new(self, key: str, button: QAbstractButton) -> bool:
        """Whether it was not used yet; from now on it was."""
        name = f"{key} {button.objectName() or button.accessibleName()}/{button.text()}"
        if name in self.pressed:
            return False
        self.pressed.append(name)
        return True

    async def _answer_what_came(self, key: str, before: QWidget | None) -> None:
        """Menus and dialogs that a button opened: what they offer is used too, then they are closed."""
        await asyncio.sleep(0)
        for menu in _opened(QMenu):
            for action in menu.actions():
                if action.isEnabled() and action.menu() is None:
                    action.trigger()
            menu.close()
        await self.quiet(is_asked=True)
        for dialog in _opened(QDialog):
            if dialog is not before and not isinstance(dialog, QFileDialog):
                await self._use_buttons(key, dialog)
        self._close_all(before)
        await self.quiet(is_asked=before is not None)

    def _close_all(self, but: QWidget | None = None) -> None:
        for dialog in reversed(_opened(QDialog)):
            if dialog is not but:
                dialog.reject()
        for menu in _opened(QMenu):
            menu.close()


def _seen(root: QWidget, kind: type[Any]) -> list[Any]:
    return [one for one in root.findChildren(kind) if one.isVisible() and one.window() is root.window()]


def _opened(kind: type[Any]) -> list[Any]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where something asked to write, by the place that asked."""
    asked: list[str] = []
    refused = database.refused

    def note(path: Path) -> Exception:
        task = asyncio.current_task()
        asked.append(task.get_name() if task else "?")
        return refused(path)

    monkeypatch.setattr(database, "refused", note)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: True)
    return asked


@asynccontextmanager
async def looking(folder: Path) -> AsyncIterator[Visitor]:
    """The window of the shop in a folder where nothing can be written, the day after."""
    clock = MovableClock()
    clock.advance(DAY_S)
    faults: list[BaseException] = []
    graph = await open_graph(_config(folder, clock, is_read_only=True))
    notices = Notices(clock)
    shown = await content.build(graph, notices, Asked().actions, faults.append)
    shown.widget.resize(1366, 768)
    shown.widget.show()
    visitor = Visitor(shown, graph, notices)
    await visitor.quiet()
    try:
        yield visitor
    finally:
        await shown.aclose()
        shown.widget.close()
        shown.widget.deleteLater()
        await graph.close()
    assert not faults
    assert [notice.text for notice in notices.kept if notice.level == "error"] == []


async def test_whatever_can_be_used_on_any_page_writes_nothing(
    qapp: QApplication, made: Path, writes: list[str]
) -> None:
    async with looking(made) as visitor:
        for screen in visitor.window.screens:
            await visitor.walk(screen.key)
            assert not writes, (screen.key, writes, visitor.pressed[-3:])
        assert len(visitor.pressed) > 40


async def test_what_would_change_something_stands_still_and_says_why(
    qapp: QApplication, made: Path, writes: list[str]
) -> None:
    async with looking(made) as visitor:
        page = await visitor.at("posts")
        new = page.findChild(QAbstractButton, "new")
        assert not new.isEnabled()
        assert t(WHY) in new.toolTip()
        new.setEnabled(True)  # as a page does that knows nothing of it
        assert not new.isEnabled()
        page = await visitor.at("fans")
        page.open_with(fan_id=1)
        await visitor.quiet()
        note = page.findChild(QTextEdit, "note")
        assert note.isReadOnly()
        assert t(WHY) in note.toolTip()
        assert page.filters.bar.search.isEnabled()
        assert not page.filters.bar.search.isReadOnly()
        page = await visitor.at("sync")
        page._open_menu()
        assert not page.full_action.isEnabled()
        page.menu.close()
        assert not writes


async def test_keys_commands_and_dropped_files_change_nothing_either(
    qapp: QApplication, made: Path, writes: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "订单.csv"
    file.write_text("x", encoding="utf-8")
    async with looking(made) as visitor:
        window = visitor.window
        window.window().activateWindow()
        page = await visitor.at("posts")
        for key in (Qt.Key.Key_N, Qt.Key.Key_F):
            QTest.keyClick(page, key, Qt.KeyboardModifier.ControlModifier)
        await visitor.quiet()
        search = page.findChild(ContentList).filters.search
        assert search.isVisible()  # the list, not an editor that Ctrl+N opened
        assert search.hasFocus()  # Ctrl+F looks, and went where it leads
        QTest.keyClick(page, Qt.Key.Key_F5)
        await visitor.quiet()
        assert visitor.notices.kept == []
        sync = next(entry for entry in window._entries() if entry.title == t("shell.command_sync"))
        assert sync.hint == t(WHY)
        sync.run()
        assert [notice.text for notice in visitor.notices.kept] == [t(WHY)]
        visitor.notices.clear()
        dropped = QMimeData()
        dropped.setUrls([QUrl.fromLocalFile(str(file))])
        for target in (window, (await visitor.at("import")).findChild(QWidget, "step_choose").area):
            event = QDragEnterEvent(
                QPoint(5, 5), Qt.DropAction.CopyAction, dropped,
                Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
            )  # fmt: skip
            event.ignore()
            QApplication.sendEvent(target, event)
            assert not event.isAccepted()
        window.open_files([file])
        await visitor.quiet()
        assert [notice.text for notice in visitor.notices.kept] == [t(WHY)]
        assert not writes


async def test_a_shop_that_can_be_written_knows_nothing_of_it(
    qapp: QApplication, made: Path, writes: list[str]
) -> None:
    async with looking(made):
        pass
    button = changes(Button("kit.ok"))
    button.show()
    assert button.isEnabled()
    assert button.toolTip() == ""
    button.close()
