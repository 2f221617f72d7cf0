"""From an empty folder: the shop's name, the doors, the demo shop, a file, settings that stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from desktop.composition import demo
from desktop.domain.fans import FanFilter
from desktop.qtkit import i18n, theme
from desktop.views.settings_dialog import SettingsDialog
from tests.gui.flows.conftest import Owner, Start, asked
from tests.waiting import until

HEAD = "order_id,buyer_id,buyer_name,paid_at,amount,item"
ORDERS = [
    f"XM{at:04},KH{at % 4},林小满{at % 4},2026-11-1{at % 9} 10:00:00,{20 + at}.50,红枣" for at in range(12)
]


def type_into(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    field.insert(text)


async def make_shop(owner: Owner, door: str) -> None:
    assert owner.welcome is not None
    type_into(owner.find(QLineEdit, "shop_name"), "小满鲜果")
    owner.press(f"door_{door}")
    await until(lambda: owner.has_window)


@pytest.mark.parametrize("door", ["import", "sync"])
async def test_each_door_leads_into_the_shop(start: Start, door: str) -> None:
    async with start() as owner:
        owner.press(f"door_{door}")  # without a name it says what is missing
        await until(lambda: bool(owner.welcome.form.rows["name"].problem.text()))
        await make_shop(owner, door)
        assert owner.window.current_key == door
        assert (await owner.graph.shop.get()).name == "小满鲜果"
        if door == "sync":
            await owner.answer("cancel")
    async with start() as owner:
        assert owner.welcome is None
        assert owner.window.current_key == "home"


async def test_the_demo_shop_is_tried_and_erased(start: Start, tmp_path: Path) -> None:
    async with start() as owner:
        owner.press("door_demo")
        await until(lambda: owner.shell.session.is_demo and owner.has_window, timeout=40)
        assert owner.window.navigation.demo.isVisible()
        assert "演示" in owner.shell.frame.windowTitle()
        owner.window.top_bar.demo_erase_asked.emit()
        await owner.answer("cancel")
        assert owner.shell.session.is_demo
        owner.window.top_bar.demo_erase_asked.emit()
        await owner.answer()
        await until(lambda: owner.welcome is not None)
        assert not demo.exists(tmp_path / "data")


async def test_a_dropped_file_is_looked_at_brought_in_and_taken_back(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "订单.csv"
    file.write_text("\n".join([HEAD, *ORDERS, "XM9999,KH9,错,昨天,9.9,枣"]), encoding="gb18030")
    async with start() as owner:
        await make_shop(owner, "import")
        await owner.at("home")
        drop(owner, file)
        page = await owner.quiet()
        assert owner.window.current_key == "import"
        assert page.steps.currentWidget() is page.mapping
        page.mapping.preview_asked.emit()
        await until(lambda: page.steps.currentWidget() is page.preview)
        page.preview.commit_asked.emit()
        await until(lambda: page.steps.currentWidget() is page.result)
        assert await owner.graph.fans.count(FanFilter()) == 4
        page.result.undo_asked.emit()
        await owner.answer()
        await until(lambda: page.steps.currentWidget() is page.choose)
        assert await owner.graph.fans.count(FanFilter()) == 0
        assert "订单.csv" in owner.said[-1]


async def test_language_and_look_are_kept_for_the_next_start(start: Start) -> None:
    async with start() as owner:
        await make_shop(owner, "import")
        await owner.at("home")
        owner.window.settings_asked.emit()
        await until(lambda: bool(asked()))
        dialog = asked()[-1]
        assert isinstance(dialog, SettingsDialog)
        dialog.language.chosen.emit("en")
        dialog.theme.chosen.emit("dark")
        assert i18n.language() == "en"
        assert theme.current().is_dark
        assert owner.find(QPushButton, "nav_fans").text().strip() == "Fans"
        dialog.accept()
        await until(lambda: not asked())
    async with start() as owner:
        assert owner.settings.now.language == "en"
        assert owner.settings.now.theme == "dark"


async def test_the_palette_finds_pages_by_initials_and_fans_by_pinyin(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "订单.csv"
    file.write_text("\n".join([HEAD, *ORDERS]), encoding="utf-8")
    async with start() as owner:
        await make_shop(owner, "import")
        await owner.graph.imports.commit(await owner.graph.imports.plan(file))
        box = owner.window.palette_box
        QTest.keyClick(owner.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        await until(box.isVisible)
        QTest.keyClicks(box.line, "fsq")
        await until(lambda: box.worded()[:1] == ["粉丝群"])
        QTest.keyClick(box.line, Qt.Key.Key_Return)
        assert owner.window.current_key == "groups"
        QTest.keyClick(owner.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(box.line, "lxm")
        await until(lambda: any(title.startswith("林小满") for title in box.worded()))
        QTest.keyClick(box.line, Qt.Key.Key_Return)
        assert owner.window.current_key == "fans"
        page = await owner.quiet()
        await until(lambda: not page.panel.isHidden())
        assert page.panel.title.text().startswith("林小满")


def drop(owner: Owner, file: Path) -> None:
    """Let a file fall on the window."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    owner.window.dropEvent(
        QDropEvent(
            QPointF(300, 300),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
