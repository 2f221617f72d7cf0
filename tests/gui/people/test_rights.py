"""A person's rights from their drawer: how they may be reached, what is kept of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from python_calamine import CalamineWorkbook

from desktop.domain.consents import Channel, Purpose, Said
from desktop.domain.fans import FanFilter
from desktop.qtkit import dialogs, i18n, theme
from desktop.services.consents import ConsentService
from desktop.services.erasures import ErasureService
from desktop.services.personal_records import PersonalRecordService
from desktop.views.fans.panel_history import event_text
from desktop.views.fans.reach_dialog import ReachDialog
from desktop.views.fans.rights_commands import FanRights
from desktop.views.fans_page import FansPage
from desktop.views.widgets.for_good import ForGoodDialog
from tests.fakes import FakeClock
from tests.gui.conftest import Opened
from tests.gui.people.shop import PeopleShop
from tests.gui.walk import clipped_labels, unnamed_focusables

Until = Callable[..., Any]


@pytest.fixture
def rights(people: PeopleShop, clock: FakeClock) -> FanRights:
    return FanRights(
        ConsentService(people.store, clock),
        PersonalRecordService(people.store),
        ErasureService(people.store, people.backups),
    )


@pytest.fixture
def page(
    opened: Opened, people: PeopleShop, rights: FanRights, closing: Callable[[QWidget], QWidget]
) -> FansPage:
    made = FansPage(opened.context, people.fans, people.rankings, people.backups, rights=rights)
    closing(made)
    made.resize(1158, 716)
    return made


async def opened_drawer(page: FansPage, until: Until) -> int:
    page.show()
    await until(lambda: page.is_loaded)
    fan_id: int = (await page._fans.order(FanFilter()))[0]
    page.panel.open_fan(fan_id)
    await until(lambda: page.panel.fan_id == fan_id and not page.panel.isHidden())
    return fan_id


def dialog_of(page: FansPage, kind: type[Any]) -> Any:
    return next((one for one in page.findChildren(kind) if one.isVisible()), None)


async def test_how_a_person_may_be_reached_is_shown_changed_and_undone(
    page: FansPage, rights: FanRights, people: PeopleShop, until: Until
) -> None:
    fan_id = await opened_drawer(page, until)
    page.panel.findChild(QPushButton, "reach").click()  # type: ignore[union-attr]
    await until(lambda: dialog_of(page, ReachDialog))
    dialog: ReachDialog = dialog_of(page, ReachDialog)
    assert not dialog.form.rows["source"].isVisible()
    dialog.said.set_value(Said.REFUSED)
    dialog.said.chosen.emit(Said.REFUSED)
    assert dialog.form.rows["source"].isVisible()
    dialog.source.set_text("门店登记表")
    dialog.shut[Channel.SMS].click()
    dialog.under_14.click()
    dialog.accept_button.click()
    await until(lambda: page.context.notices.kept)
    after = await rights.consents.standing(fan_id)
    word = after.consents[0].draft
    assert (word.purpose, word.said, word.source) == (Purpose.MARKETING, Said.REFUSED, "门店登记表")
    assert (after.shut, after.is_under_14) == (("sms",), True)
    happened = [event_text(entry).strip() for entry in await people.fans.timeline(fan_id)]
    assert set(happened) >= {"营销内容（所有渠道）：不同意 门店登记表", "加入勿扰（短信）"}
    newest = (await people.backups.operations(limit=1))[0]
    assert (newest.kind, newest.can_undo) == ("fan.reach", True)
    await people.backups.undo(newest.uid)
    assert (await rights.consents.standing(fan_id)).consents == ()


async def test_the_dialog_is_whole_in_every_look(
    page: FansPage,
    until: Until,
    kit: theme.Theme,
    shot: Callable[[QWidget, str], None],
) -> None:
    await opened_drawer(page, until)
    for dark in ("light", "dark"):
        kit.set_choice(dark)
        for language in ("zh_CN", "en"):
            i18n.set_language(language)
            page.panel.findChild(QPushButton, "reach").click()  # type: ignore[union-attr]
            await until(lambda: dialog_of(page, ReachDialog))
            dialog = dialog_of(page, ReachDialog)
            dialog.said.set_value(Said.AGREED)
            dialog.said.chosen.emit(Said.AGREED)
            shot(dialog, f"reach-{dark}-{language}")
            assert clipped_labels(dialog) == []
            assert unnamed_focusables(dialog) == []
            assert dialog.height() <= 700
            dialog.cancel_button.click()
            await until(lambda: dialog_of(page, ReachDialog) is None)
    shot(page, "panel-reach")


async def test_what_is_kept_of_a_person_becomes_a_file_for_them(
    page: FansPage, people: PeopleShop, until: Until, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def chosen(*_given: Any, **_named: Any) -> Path:
        return tmp_path / "who.xlsx"

    monkeypatch.setattr(dialogs, "save_file", chosen)
    fan_id = await opened_drawer(page, until)
    page.panel.findChild(QPushButton, "personal_record").click()  # type: ignore[union-attr]
    await until(lambda: page.context.notices.kept)
    book = CalamineWorkbook.from_path(str(tmp_path / "who.xlsx"))
    (row,) = await people.fans.rows([fan_id])
    assert row.name in book.get_sheet_by_index(0).to_python()[1]
    assert (await people.backups.operations(limit=1))[0].kind == "fan.export_person"


async def test_a_person_is_erased_after_their_name_was_typed(
    page: FansPage,
    people: PeopleShop,
    until: Until,
    kit: theme.Theme,
    shot: Callable[[QWidget, str], None],
    tmp_path: Path,
) -> None:
    await people.backups.make()
    fan_id = await opened_drawer(page, until)
    (row,) = await people.fans.rows([fan_id])
    kept = tmp_path / "粉丝名单.csv"
    await people.fans.export([fan_id], kept, headers={"name": "名字"})
    for dark in ("dark", "light"):
        kit.set_choice(dark)
        for language in ("en", "zh_CN"):
            i18n.set_language(language)
            page.panel.findChild(QPushButton, "erase").click()  # type: ignore[union-attr]
            await until(lambda: dialog_of(page, ForGoodDialog))
            dialog: ForGoodDialog = dialog_of(page, ForGoodDialog)
            shot(dialog, f"erase-{dark}-{language}")
            assert clipped_labels(dialog) == []
            assert unnamed_focusables(dialog) == []
            if (dark, language) != ("light", "zh_CN"):
                dialog.cancel_button.click()
                await until(lambda: dialog_of(page, ForGoodDialog) is None)
    assert dialog.drop_backups.isVisible()
    assert dialog.drop_lists.text() == "删掉含有此人的 1 份名单"
    dialog.drop_lists.click()
    assert not dialog.accept_button.isEnabled()
    dialog.line.setText("somebody else")
    assert not dialog.accept_button.isEnabled()
    dialog.line.setText(row.name)
    dialog.accept_button.click()
    dialog.reject()
    assert dialog.isVisible()
    await until(lambda: dialog.is_done and dialog.accept_button.isEnabled())
    assert page.panel.isHidden()
    said = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
    assert any("没有再找到此人" in text for text in said)
    assert any(kept.name in text for text in said)
    assert row.name in kept.read_text("utf-8-sig")
    shot(dialog, "erase-done")
    assert clipped_labels(dialog) == []
    dialog.accept_button.click()
    await until(lambda: dialog_of(page, ForGoodDialog) is None)
    assert await people.fans.rows([fan_id]) == []
    newest = (await people.backups.operations(limit=1))[0]
    assert (newest.kind, newest.can_undo) == ("fan.erase", False)
    assert row.name not in str(newest.payload)
