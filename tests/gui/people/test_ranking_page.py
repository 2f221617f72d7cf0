"""The ranking page over a seeded shop: both boards, places opened, weights tried before they are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QDate
from PySide6.QtWidgets import QWidget

from desktop.domain.rankings import PARTS, Board
from desktop.qtkit import i18n
from desktop.services.backups import BackupService
from desktop.services.fans import FanService
from desktop.services.rankings import RankingService
from desktop.store.database import Store
from desktop.views.ranking.weights_dialog import WeightsDialog
from desktop.views.ranking_page import RankingPage
from tests.gui.conftest import Opened
from tests.gui.people.shop import PeopleShop
from tests.gui.walk import clipped_labels, unnamed_focusables

Keep = Callable[[QWidget], QWidget]
Wait = Callable[..., Any]


@pytest.fixture
def page(people: PeopleShop, opened: Opened, closing: Keep) -> RankingPage:
    made = RankingPage(opened.context, people.rankings, people.fans, people.backups)
    closing(made)
    made.resize(1158, 716)
    return made


async def test_boards_are_whole_in_every_look(page: RankingPage, opened: Opened, everywhere: Wait) -> None:
    await everywhere(page, "rank_super", lambda: page.models[0].rows)
    i18n.set_language("zh_CN")
    page.open_with(board="koc")
    await everywhere(page, "rank_koc", lambda: page.board_at == 1)
    page.open_with(fan_id=page.models[1].rows[0].fan_id)
    await everywhere(page, "rank_why_koc", lambda: page.panel.sections, sizes=((1366, 768),))
    assert opened.faults == []


async def test_super_users_and_what_the_figures_mean(
    page: RankingPage, people: PeopleShop, until: Wait
) -> None:
    page.show()
    await until(lambda: page.is_loaded)
    board = await people.rankings.super_board()
    assert [row.fan_id for row in page.models[0].rows] == [row.fan_id for row in board.rows]
    assert page.tiles.tiles["super_users"].value.text() == str(board.super_users)
    assert board.super_users > 0
    assert "¥4,000" in page.tiles.benchmark.text()
    assert "云耕物作" in page.tiles.benchmark.text()
    marks = [page.models[0].index(row, 7).data() for row in range(len(board.rows))]
    assert marks.count("是") == board.super_users
    assert any(mark.startswith("还差 ¥") for mark in marks)
    page.tables[0].row_activated.emit(0)
    await until(lambda: page.panel.isVisible())
    assert f"{board.rows[0].orders} 笔订单" in page.panel.summary.text()


async def test_a_past_day_can_be_looked_at(page: RankingPage, people: PeopleShop, until: Wait) -> None:
    page.show()
    await until(lambda: page.is_loaded)
    page.day.setDate(QDate(2026, 6, 30))
    await until(lambda: page.data.best.as_of.isoformat() == "2026-06-30")
    assert "2025-07-01" in page.head.subtitle.text()
    assert page.day.maximumDate() == QDate(2026, 11, 20)


async def test_a_score_opens_down_to_its_events(page: RankingPage, people: PeopleShop, until: Wait) -> None:
    page.show()
    page.open_with(board="koc")
    await until(lambda: page.is_loaded)
    row = page.models[1].rows[0]
    page.tables[1].row_activated.emit(0)
    await until(lambda: page.panel.isVisible())
    assert len(page.panel.sections) == len(PARTS)
    found = await people.rankings.explain(row.fan_id, Board.KOC)
    assert f"{found.score:.1f}" in page.panel.summary.text()


async def test_weights_show_who_moves_before_they_are_kept(
    page: RankingPage, people: PeopleShop, opened: Opened, until: Wait, shot: Callable[[QWidget, str], None]
) -> None:
    page.show()
    page.open_with(board="koc")
    await until(lambda: page.is_loaded)
    page.weights_button.click()
    await until(lambda: page.findChild(WeightsDialog) is not None)
    dialog = page.findChild(WeightsDialog)
    await until(lambda: dialog.moves.text() == i18n.t("rank.moves_none"))
    dialog.fields["purchases", "weight"].setValue(100)
    await until(lambda: "换名次（前" in dialog.moves.text())
    shot(dialog, "rank_weights")
    assert clipped_labels(dialog) == []
    assert unnamed_focusables(dialog) == []
    assert (await people.rankings.weights())["purchases"].weight == 20
    for part in PARTS:
        dialog.fields[part, "weight"].setValue(0)
    await until(lambda: not dialog.accept_button.isEnabled())
    dialog.fields["purchases", "weight"].setValue(60)
    await until(lambda: dialog.accept_button.isEnabled())
    dialog.accept_button.click()
    await until(lambda: opened.notices.kept)
    assert (await people.rankings.weights())["purchases"].weight == 60
    action = opened.notices.kept[0].on_action
    assert action is not None
    action()
    await until(lambda: opened.notices.kept[0].key == "fans.undone")
    assert (await people.rankings.weights())["purchases"].weight == 20


async def test_without_sales_the_page_says_what_to_do(
    shop: Store, opened: Opened, closing: Keep, everywhere: Wait, tmp_path: Any
) -> None:
    clock = opened.context.clock
    page = RankingPage(
        opened.context,
        RankingService(shop, clock),
        FanService(shop, clock),
        BackupService(shop, clock, tmp_path),
    )
    closing(page)
    await everywhere(page, "rank_empty", lambda: True, sizes=((1366, 768),))
    assert not page.tiles.isVisible()
