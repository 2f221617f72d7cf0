"""The groups page over a seeded shop and over an empty one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.qtkit import i18n
from desktop.services.backups import BackupService
from desktop.services.groups import GroupService
from desktop.store.database import Store
from desktop.views.groups_page import GroupsPage
from tests.gui.conftest import Opened
from tests.gui.people.shop import PeopleShop

Keep = Callable[[QWidget], QWidget]
Wait = Callable[..., Any]


def page_over(people: PeopleShop, opened: Opened, closing: Keep) -> GroupsPage:
    page = GroupsPage(opened.context, people.groups, people.backups)
    closing(page)
    page.resize(1158, 716)
    return page


async def test_groups_are_whole_in_every_look(
    people: PeopleShop, opened: Opened, closing: Keep, everywhere: Wait
) -> None:
    page = page_over(people, opened, closing)
    await everywhere(page, "groups", lambda: page.model.rowCount() == 7)
    i18n.set_language("zh_CN")
    page.open_with(group_id=1)
    await everywhere(page, "group_panel", lambda: not page.panel.isHidden())
    assert opened.faults == []


async def test_find_a_group_and_say_what_it_is_for(
    people: PeopleShop, opened: Opened, closing: Keep, until: Wait, qtbot: QtBot
) -> None:
    page = page_over(people, opened, closing)
    page.show()
    await until(lambda: page.is_loaded)
    shown = [page.model.index(row, 0).data() for row in range(7)]
    assert "未命名的群" in shown
    assert [row.fans for row in page.model.rows] == sorted((r.fans for r in page.model.rows), reverse=True)
    page.table.setFocus()
    page.table.selectRow(0)
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    group_id = page.model.rows[0].group_id
    await until(lambda: page.panel.isVisible() and page.panel.group_id == group_id)
    assert page.panel.members.rowCount() > 5
    assert page.panel.chart.series
    page.panel.kind.set_value("activity")
    page.panel.kind.activated.emit(page.panel.kind.currentIndex())
    await until(lambda: opened.notices.kept)
    detail = await people.groups.detail(group_id)
    assert detail.row.kind == "activity"
    action = opened.notices.kept[0].on_action
    assert action is not None
    action()
    await until(lambda: opened.notices.kept[0].key == "fans.undone")
    assert (await people.groups.detail(group_id)).row.kind != "activity"
    member = next(at for at, row in enumerate(page.panel.members.rows) if row.fan_id is not None)
    page.panel.table.row_activated.emit(member)
    assert opened.went[-1][0] == "fans"
    page.focus_filter()
    qtbot.keyClicks(page.filters.search, "zzzz")
    await until(lambda: page._cards.currentIndex() == 2)
    page.filters.clear()
    await until(lambda: page.model.rowCount() == 7)


async def test_without_groups_the_page_says_how_they_come(
    shop: Store, opened: Opened, closing: Keep, everywhere: Wait, tmp_path: Any
) -> None:
    clock = opened.context.clock
    page = GroupsPage(opened.context, GroupService(shop, clock), BackupService(shop, clock, tmp_path))
    closing(page)
    await everywhere(page, "groups_empty", lambda: page._cards.currentIndex() == 1, sizes=((1366, 768),))
