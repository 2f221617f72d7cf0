"""The first screen makes the shop it is told; settings hold at once; backups are asked for, not assumed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop.domain.shop import Shop
from desktop.qtkit.i18n import set_language, t
from desktop.qtkit.tasks import TaskScope
from desktop.services.backups import BackupService
from desktop.services.shop import ShopService
from desktop.store.database import Store
from desktop.views.settings_dialog import About, SettingsDialog
from desktop.views.shop_card import ShopCard
from desktop.views.welcome_page import WelcomePage
from tests.gui.actions import Asked
from tests.gui.conftest import Opened
from tests.gui.walk import clipped_labels, unnamed_focusables


class Doors:
    """A welcome page and what it led to."""

    def __init__(self, opened: Opened, store: Store) -> None:
        self.made: list[tuple[Shop, str]] = []
        self.demo = 0
        self.page = WelcomePage(
            opened.context,
            ShopService(store),
            doors=["import", "sync"],
            on_created=lambda shop, key: self.made.append((shop, key)),
            on_demo=self.try_demo,
        )
        self.page.resize(1180, 720)
        self.page.show()

    def try_demo(self) -> None:
        self.demo += 1

    def close(self) -> None:
        self.page.scope.cancel_all()
        self.page.hide()
        self.page.deleteLater()


async def test_the_shop_is_made_as_told(opened: Opened, store: Store, until: Callable[..., Any]) -> None:
    doors = Doors(opened, store)
    await until(lambda: doors.page.is_loaded)
    doors.page.doors["import"].click()
    await until(lambda: doors.page.form.rows["name"].problem.isVisible())
    assert doors.page.form.rows["name"].problem.text() == t("error.shop_name_empty")
    QTest.keyClicks(doors.page.name, "Xiaoman")
    assert not doors.page.form.rows["name"].problem.isVisible()
    doors.page.findChild(QWidget, "rare-offline").click()
    doors.page.zone.set_value("Asia/Tokyo")
    doors.page.doors["import"].click()
    await until(lambda: doors.made)
    shop, key = doors.made[0]
    assert (shop.name, shop.industry, shop.timezone, shop.is_demo) == (
        "Xiaoman",
        "rare-offline",
        "Asia/Tokyo",
        False,
    )
    assert key == "import"
    doors.close()


async def test_the_demo_needs_no_answers(opened: Opened, store: Store, until: Callable[..., Any]) -> None:
    doors = Doors(opened, store)
    await until(lambda: doors.page.is_loaded)
    doors.page.doors["demo"].click()
    assert doors.demo == 1
    assert await ShopService(store).find() is None
    doors.close()


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("look", ["light", "dark"])
async def test_welcome_is_whole(
    opened: Opened,
    store: Store,
    until: Callable[..., Any],
    shot: Callable[[QWidget, str], None],
    language: str,
    look: str,
) -> None:
    set_language(language)
    opened.context.theme.set_choice(look)
    doors = Doors(opened, store)
    await until(lambda: doors.page.is_loaded)
    await asyncio.sleep(0.02)
    shot(doors.page, f"welcome_{language}_{look}")
    assert clipped_labels(doors.page) == []
    assert unnamed_focusables(doors.page) == []
    doors.close()


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_settings_hold_at_once(
    opened: Opened, shop: Store, tmp_path: Path, shot: Callable[[QWidget, str], None], language: str
) -> None:
    set_language(language)
    asked = Asked()
    scope = TaskScope(opened.faults.append)
    about = About("0.1.0", "6.11.3", "3.11.2", "3.40.1", False, tmp_path)
    backups = BackupService(shop, opened.context.clock, tmp_path / "backups")
    dialog = SettingsDialog(opened.context, asked.actions, backups, about, scope)
    dialog.show()
    await asyncio.sleep(0.01)
    assert "3.40.1" in dialog.warning.text.text()
    assert clipped_labels(dialog) == []
    assert unnamed_focusables(dialog) == []
    shot(dialog, f"settings_{language}")
    dialog.theme.chosen.emit("dark")
    assert opened.context.theme.is_dark
    dialog.operator.setFocus()
    QTest.keyClicks(dialog.operator, "Lin")
    QTest.keyClick(dialog.operator, Qt.Key.Key_Return)
    assert asked.settings.operator == "Lin"
    assert dialog.isVisible()
    dialog.language.chosen.emit("en")
    await asyncio.sleep(0.01)
    assert dialog.windowTitle() == "Settings"
    await scope.aclose()
    dialog.close()


async def test_a_backup_is_written_where_the_operator_says(
    opened: Opened, shop: Store, tmp_path: Path, until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "copy.db"

    async def chosen(*_args: Any, **_more: Any) -> Path:
        return target

    monkeypatch.setattr("desktop.qtkit.dialogs.save_file", chosen)
    scope = TaskScope(opened.faults.append)
    about = About("0.1.0", "6.11.3", "3.11.2", "3.53.0", True, tmp_path)
    backups = BackupService(shop, opened.context.clock, tmp_path / "backups")
    dialog = SettingsDialog(opened.context, Asked().actions, backups, about, scope)
    dialog.show()
    dialog.backup_button.click()
    await until(lambda: opened.notices.kept)
    assert target.exists()
    assert "copy.db" in opened.notices.kept[0].text
    await scope.aclose()
    dialog.close()


async def test_the_shops_name_can_be_changed_and_never_be_empty(
    opened: Opened, shop: Store, until: Callable[..., Any]
) -> None:
    service, scope = ShopService(shop), TaskScope(opened.faults.append)
    before = await service.get()
    card = ShopCard(service, scope)
    card.show()
    await until(lambda: card.name.text() == before.name)
    card.name.setFocus()
    card.name.selectAll()
    QTest.keyClick(card.name, Qt.Key.Key_Delete)
    QTest.keyClick(card.name, Qt.Key.Key_Return)
    await until(lambda: card.form.rows["name"].problem.isVisible())
    assert (await service.get()).name == before.name
    QTest.keyClicks(card.name, "Little Full")
    card.industry.set_value("rare-offline")
    card.industry.chosen.emit("rare-offline")
    changed = ("Little Full", "rare-offline", before.timezone)
    await until(lambda: not card.form.rows["name"].problem.isVisible())
    await until(lambda: not scope.is_running("shop change"))
    after = await service.get()
    assert (after.name, after.industry, after.timezone) == changed
    await scope.aclose()
    card.deleteLater()
