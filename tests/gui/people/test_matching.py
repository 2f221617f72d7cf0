"""One person seen as several fans, through the directory: pairs, merging, parting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QRadioButton, QWidget

from desktop.domain.fans import FanFilter
from desktop.domain.identity import IdentityKey
from desktop.qtkit import dialogs, i18n, theme
from desktop.services.matching import MatchingService
from desktop.store.fans import known_people
from desktop.views.fans.matching_dialog import MERGED, MatchingDialog
from desktop.views.fans_page import FansPage
from tests.gui.conftest import Opened
from tests.gui.people.shop import PeopleShop
from tests.gui.walk import clipped_labels, unnamed_focusables
from tests.unit import shopfloor as floor

Until = Callable[..., Any]
NAMES = (("林小满", "爱吃梨的林"), ("王建国", "<b>老王</b>"))


@pytest.fixture
def matching(people: PeopleShop) -> MatchingService:
    return MatchingService(people.store)


@pytest.fixture
def page(
    opened: Opened, people: PeopleShop, matching: MatchingService, closing: Callable[[QWidget], QWidget]
) -> FansPage:
    made = FansPage(opened.context, people.fans, people.rankings, people.backups, matching=matching)
    closing(made)
    made.resize(1158, 716)
    return made


async def two_pairs(people: PeopleShop) -> list[tuple[int, int]]:
    """Two people whom the shop knows from two platforms each, with one number."""

    def work(tx: Any) -> list[tuple[int, int]]:
        found = []
        for n, names in enumerate(NAMES):
            pair = []
            for platform, name in zip(("youzan", "ktt"), names, strict=True):
                key = IdentityKey(platform, "s", f"{platform}-one-{n}")
                fan = known_people.resolve(tx, [key], name, f"1390000123{n}", "import:x", tx.now_ms - 9)
                assert fan is not None
                floor.order(tx, fan.fan_id, tx.now_ms - 99, 1_000 * (2 - len(pair)))
                pair.append(fan.fan_id)
            found.append((pair[0], pair[1]))
        return found

    return await people.store.write(work, kind=None)


async def opened_dialog(page: FansPage, until: Until, count: int) -> MatchingDialog:
    page.show()
    await until(lambda: page.is_loaded)
    page.findChild(QPushButton, "match_open").click()
    await until(lambda: page.findChild(MatchingDialog) is not None)
    dialog: MatchingDialog = page.findChild(MatchingDialog)
    await until(lambda: len(dialog.pairs.rows) == count)
    return dialog


def text(root: QWidget, name: str) -> str:
    return str(root.findChild(QLabel, name).text())


async def test_pairs_are_gone_through_one_by_one(page: FansPage, people: PeopleShop, until: Until) -> None:
    first, second = await two_pairs(people)
    dialog = await opened_dialog(page, until, 2)
    assert [one.candidate.fan_id for one in dialog.pairs.rows] == [first[0], second[0]]
    assert (text(dialog, "match_name_0"), text(dialog, "match_name_1")) == NAMES[0]
    assert "139****1230" in text(dialog, "match_reasons")
    dialog.findChild(QPushButton, "match_later").click()
    assert text(dialog, "match_name_1") == "<b>老王</b>"
    dialog.findChild(QPushButton, "match_refuse").click()
    await until(lambda: len(dialog.pairs.rows) == 1 and text(dialog, "match_name_0") == "林小满")
    dialog.findChild(QRadioButton, "keep_1").click()
    QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: not dialog.pairs.rows and not dialog.view.isVisible())
    await until(lambda: text(dialog, "match_told") == i18n.t("match.none"))
    (merge,) = await page.matching.service.merges()
    assert (merge.kept_id, merge.merged_id) == (first[1], first[0])
    row = (await people.fans.rows([first[1]]))[0]
    assert (row.orders, row.spend_cents) == (2, 3_000)
    dialog.reject()


async def test_a_merge_is_parted_from_the_list_of_merges(
    page: FansPage, people: PeopleShop, until: Until
) -> None:
    first, _ = await two_pairs(people)
    await page.matching.service.merge(*first)
    dialog = await opened_dialog(page, until, 1)
    dialog.which.set_value(MERGED)
    dialog.which.chosen.emit(MERGED)
    await until(lambda: len(dialog.merged.rows) == 1 and dialog.merges.isVisible())
    button = dialog.findChild(QPushButton, "match_part")
    await until(button.isEnabled)
    button.click()
    await until(lambda: not dialog.merged.rows)
    assert await page.matching.service.merges() == []
    assert len(await people.fans.rows(first)) == 2
    dialog.reject()


async def test_two_selected_fans_are_merged_and_parted_in_the_drawer(
    page: FansPage,
    people: PeopleShop,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
    shot: Callable[[QWidget, str], None],
) -> None:
    async def yes(*_: object, **__: object) -> bool:
        return True

    monkeypatch.setattr(dialogs, "confirm", yes)
    first, second = await two_pairs(people)
    page.show()
    await until(lambda: page.is_loaded and page.model.rowCount() > 300)
    page.matching.merge([first[0]])
    assert page.context.notices.kept[0].key == "match.select_two"
    page.select_ids([first[0], second[1]])
    page.line.buttons["merge"].click()
    await until(lambda: page.context.notices.kept[0].key == "match.merged")
    assert [row.fan_id for row in await people.fans.rows([first[0], second[1]])] == [first[0]]
    page.panel.open_fan(first[0])
    await until(lambda: page.panel.merged.isVisible())
    shot(page, "matching_drawer")
    page.panel.findChild(QPushButton, f"part_{second[1]}").click()
    await until(lambda: page.context.notices.kept[0].key == "match.parted")
    page.panel.reload()
    await until(lambda: not page.panel.merged.isVisible())
    assert await page.matching.service.merges() == []


async def test_the_dialog_is_whole_in_every_look(
    page: FansPage,
    people: PeopleShop,
    until: Until,
    kit: theme.Theme,
    shot: Callable[[QWidget, str], None],
) -> None:
    await two_pairs(people)
    for look in ("light", "dark"):
        kit.set_choice(look)
        for language in ("zh_CN", "en"):
            i18n.set_language(language)
            dialog = await opened_dialog(page, until, 2)
            await asyncio.sleep(0.02)
            shot(dialog, f"matching_{language}_{look}")
            assert clipped_labels(dialog) + unnamed_focusables(dialog) == []
            dialog.reject()
            await until(lambda: page.findChild(MatchingDialog) is None)
    assert await people.fans.order(FanFilter()) != []
