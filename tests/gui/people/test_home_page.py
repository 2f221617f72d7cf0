"""The home page over a seeded shop and over a brand-new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.domain.account_matrix import Step
from desktop.domain.home import TodayItem, TodayKind
from desktop.qtkit import i18n
from desktop.services.backups import BackupService
from desktop.services.home import HomeService
from desktop.services.rankings import RankingService
from desktop.services.shop import ShopService
from desktop.store.database import Store
from desktop.views.home.today_actions import target_of
from desktop.views.home_page import HomePage
from tests.gui.conftest import Opened
from tests.gui.people.shop import PeopleShop

Keep = Callable[[QWidget], QWidget]


def page_over(people: PeopleShop, opened: Opened) -> HomePage:
    return HomePage(opened.context, people.home, people.rankings, people.shop, people.backups)


async def test_home_is_whole_in_every_look(
    people: PeopleShop, opened: Opened, everywhere: Callable[..., Any], closing: Keep
) -> None:
    page = page_over(people, opened)
    closing(page)
    await everywhere(page, "home", lambda: page.today.rows)
    assert opened.faults == []


async def test_everything_leads_to_its_list(
    people: PeopleShop, opened: Opened, closing: Keep, until: Callable[..., Any], qtbot: QtBot
) -> None:
    page = page_over(people, opened)
    closing(page)
    page.resize(1158, 716)
    page.show()
    await until(lambda: page.is_loaded)
    total = page.kpis.tiles["fans_total"]
    assert total.value.text() == "300"
    qtbot.mouseClick(total, Qt.MouseButton.LeftButton)
    qtbot.keyClick(page.kpis.tiles["sales"], Qt.Key.Key_Return)
    page.board.findChild(QPushButton, "home_board_koc").click()
    page.findChild(QPushButton, "today_lapsed_buyers").click()
    page.create_new()
    keys = [key for key, _ in opened.went]
    assert keys == ["fans", "ranking", "fans", "posts"]
    lapsed = opened.went[2][1]["fan_ids"]
    assert lapsed
    assert len(page.activity.chart.labels) == 30
    page.findChild(QPushButton, "today_backup_overdue").click()
    await until(lambda: opened.notices.kept)
    assert people.backups.newest_at() is not None
    await until(lambda: page.findChild(QPushButton, "today_backup_overdue") is None)
    page.activity.range_chosen.emit(90)
    await until(lambda: len(page.activity.chart.labels) == 90)
    assert page.activity.range.value() == 90


async def test_a_new_shop_says_how_to_begin(
    shop: Store, opened: Opened, everywhere: Callable[..., Any], closing: Keep, tmp_path: Any
) -> None:
    rankings = RankingService(shop, opened.context.clock)
    backups = BackupService(shop, opened.context.clock, tmp_path / "backups")
    home = HomeService(shop, opened.context.clock, rankings, backups.newest_at)
    page = HomePage(opened.context, home, rankings, ShopService(shop), backups)
    closing(page)
    await everywhere(page, "home_new", lambda: page.today.rows)
    assert not page.board.isVisible()
    assert page.kpis.tiles["sales"].note.whole_text() == i18n.t("kpi_reason.no_orders")
    assert page.start.isVisible()
    page.findChild(QPushButton, "start_import").click()
    assert opened.went == [("import", {})]


@pytest.mark.parametrize(
    ("action", "step"),
    [("account.authorise", Step.AUTHORISE), ("account.open", Step.MEND), ("sync.run", Step.SYNC)],
)
def test_what_an_account_needs_leads_to_where_it_is_done(action: str, step: Step) -> None:
    item = TodayItem(TodayKind.ACCOUNT, action, entity="account", entity_id=5, params={})
    assert target_of(item) == ("sync", {"account": 5, "step": step})
