"""The page of tiers: a rule is changed, the matrix tells who moves, saving is one step back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.domain.fans import Tier
from desktop.services.tiers import TierService
from desktop.views.tiers_page import TiersPage
from tests.fakes import FakeClock
from tests.gui.conftest import Opened
from tests.gui.people.shop import PeopleShop

Until = Callable[..., Any]


@pytest.fixture
def tiers(people: PeopleShop, clock: FakeClock) -> TierService:
    return TierService(people.store, clock)


@pytest.fixture
def page(
    opened: Opened, people: PeopleShop, tiers: TierService, closing: Callable[[QWidget], QWidget]
) -> TiersPage:
    made = TiersPage(opened.context, tiers, people.backups)
    closing(made)
    made.resize(1158, 716)
    return made


async def test_a_rule_is_tried_opened_saved_and_taken_back(
    page: TiersPage, tiers: TierService, people: PeopleShop, opened: Opened, until: Until, qtbot: QtBot
) -> None:
    await people.fans.refresh_tiers()
    page.show()
    await until(lambda: page.is_loaded and page.matrix.cells[Tier.DEVOTED, Tier.DEVOTED].isEnabled())
    before = await people.fans.tier_counts()
    assert page.matrix.cells[Tier.DEVOTED, Tier.DEVOTED].text() == f"{before[Tier.DEVOTED]:,}"
    assert not page.save.isEnabled()
    card = page.editor.cards[Tier.DEVOTED]
    while card.boxes:
        card.boxes[0].removed.emit()
    moved = page.matrix.cells[Tier.DEVOTED, Tier.FAVORABLE]
    await until(lambda: moved.text() == f"{before[Tier.DEVOTED]:,}")
    assert await people.fans.tier_counts() == before
    qtbot.mouseClick(moved, Qt.MouseButton.LeftButton)
    key, arguments = opened.went[-1]
    assert (key, len(arguments["fan_ids"])) == ("fans", before[Tier.DEVOTED])
    qtbot.mouseClick(page.save, Qt.MouseButton.LeftButton)
    await until(lambda: opened.notices.kept and opened.notices.kept[0].key == "tiers.saved")
    after = await people.fans.tier_counts()
    assert (after[Tier.DEVOTED], after[Tier.FAVORABLE]) == (
        0,
        before[Tier.FAVORABLE] + before[Tier.DEVOTED],
    )
    await until(lambda: page.flow.model.rows and page.flow.model.rows[0].closing == after)
    today = page.flow.model.rows[0]
    assert today.left(Tier.DEVOTED) == before[Tier.DEVOTED]
    kept = opened.notices.kept[0]
    assert kept.on_action is not None
    kept.on_action()
    await until(lambda: opened.notices.kept[0].key == "fans.undone")
    assert await people.fans.tier_counts() == before
    page.refresh()
    await until(lambda: len(card.boxes) == len(tiers.shipped_rules().devoted))


async def test_what_is_written_stays_until_it_is_given_up(
    page: TiersPage, tiers: TierService, until: Until
) -> None:
    page.show()
    await until(lambda: page.is_loaded and page.matrix.cells[Tier.DEVOTED, Tier.DEVOTED].isEnabled())
    row = page.editor.cards[Tier.FAVORABLE].boxes[0].rows[0]
    row.days.field.setValue(90)
    row.channels.toggle("douyin")
    wanted = page.editor.rules()
    assert wanted is not None
    assert wanted.favorable[0][0].channels == ("douyin",)
    page.populate(await page.load())
    assert page.editor.rules() == wanted
    spend = page.editor.cards[Tier.DEVOTED].boxes[2].rows[1].least.money
    spend.setText("")
    assert page.editor.rules() is None
    assert not page.save.isEnabled()
    page.drop.click()
    assert page.editor.rules() == await tiers.rules()


async def test_the_page_in_every_look(
    page: TiersPage, everywhere: Callable[..., Any], until: Until
) -> None:
    await everywhere(page, "tiers", lambda: page.matrix.cells[Tier.DEVOTED, Tier.DEVOTED].isEnabled())
    page.tabs.setCurrentIndex(1)
    await everywhere(page, "tiers_flow", lambda: page.flow.model.rows)
