"""The directory over a seeded shop: finding, looking at one fan, doing something with many."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.domain.fans import FanFilter, FanSort, InteractionKind, Tier
from desktop.domain.identity import added_key
from desktop.qtkit import dialogs, i18n
from desktop.store.fans import known_people
from desktop.views.fans import chosen
from desktop.views.fans_page import FansPage
from tests.gui.conftest import Opened
from tests.gui.people.shop import FANS, PeopleShop
from tests.gui.walk import HOSTILE, clipped_labels, red_pixels

Keep = Callable[[QWidget], QWidget]
Wait = Callable[..., Any]
DESELECT = QItemSelectionModel.SelectionFlag.Deselect | QItemSelectionModel.SelectionFlag.Rows


@pytest.fixture
def page(people: PeopleShop, opened: Opened, closing: Keep) -> FansPage:
    made = FansPage(opened.context, people.fans, people.rankings, people.backups)
    closing(made)
    made.resize(1158, 716)
    return made


async def shown(page: FansPage, until: Wait) -> None:
    page.show()
    await until(lambda: page.is_loaded and page.model.row_data(0) is not None and page.head.subtitle.text())


def undo(opened: Opened) -> None:
    """Press the newest notice's button."""
    notice = opened.notices.kept[0]
    assert notice.on_action is not None
    notice.on_action()


async def test_the_directory_is_whole_in_every_look(
    page: FansPage, opened: Opened, everywhere: Wait
) -> None:
    await everywhere(page, "fans", lambda: page.model.row_data(0) is not None)
    assert opened.faults == []


async def test_a_fan_is_whole_in_every_look(page: FansPage, people: PeopleShop, everywhere: Wait) -> None:
    best = (await people.fans.order(FanFilter()))[0]
    await people.fans.add_tag([best], "爱吃梨的老主顾")
    await people.fans.set_note(best, "喜欢硬一点的梨，生日 3 月 8 日。")
    page.open_with(fan_id=best)
    await everywhere(page, "fan_panel", lambda: not page.panel.isHidden() and page.panel.timeline.lines)


async def test_the_tabs_of_a_fan_are_whole(page: FansPage, people: PeopleShop, everywhere: Wait) -> None:
    page.open_with(fan_id=(await people.fans.order(FanFilter()))[0])
    page.panel.tab_bar.setCurrentIndex(1)
    await everywhere(page, "fan_orders", lambda: page.panel.orders.lines, sizes=((1366, 768),))
    i18n.set_language("zh_CN")
    page.panel.tab_bar.setCurrentIndex(2)
    await everywhere(page, "fan_record", lambda: True, sizes=((1366, 768),))


async def test_filters_and_order(page: FansPage, people: PeopleShop, until: Wait) -> None:
    await shown(page, until)
    assert page.model.rowCount() == FANS
    counts = await people.fans.tier_counts()
    page.findChild(QPushButton, "tier_favorable").click()
    await until(lambda: page.model.rowCount() == counts[Tier.FAVORABLE])
    await until(lambda: str(counts[Tier.FAVORABLE]) in page.result.text())
    page.filters.clear()
    await until(lambda: page.model.rowCount() == FANS)
    tag = (await people.fans.tags())[0]
    page.filters.tag.set_value(tag.tag_id)
    page.filters.tag.activated.emit(page.filters.tag.currentIndex())
    await until(lambda: page.model.rowCount() == tag.fans)
    page.filters.clear()
    await until(lambda: page.model.rowCount() == FANS)
    page.filters.sort.set_value(FanSort.ORDERS)
    page.filters.sort.activated.emit(page.filters.sort.currentIndex())
    wanted = await people.fans.order(FanFilter(), FanSort.ORDERS)
    await until(lambda: page.model.ids(0, 5) == wanted[:5])
    header = page.table.horizontalHeader()
    header.sectionClicked.emit(4)
    by_spend = await people.fans.order(FanFilter())
    await until(lambda: page.model.ids(0, 5) == by_spend[:5])


async def test_search_waits_for_the_whole_word(
    page: FansPage, people: PeopleShop, until: Wait, qtbot: QtBot
) -> None:
    await shown(page, until)
    name = (await people.fans.rows(await people.fans.order(FanFilter())))[3].name
    page.focus_filter()
    box = page.filters.bar.search
    QApplication.sendEvent(box, QInputMethodEvent("wang", []))
    await until(lambda: box.is_composing)
    assert page.filters.wanted.search == ""
    commit = QInputMethodEvent("", [])
    commit.setCommitString(name)
    QApplication.sendEvent(box, commit)
    await until(lambda: page.filters.wanted.search == name)
    expected = await people.fans.count(FanFilter(search=name))
    await until(lambda: page.model.rowCount() == expected)
    box.set_text("")
    qtbot.keyClicks(box, "zzzzqq")
    await until(lambda: page._cards.currentIndex() == 2)
    page._cards.currentWidget().findChild(QPushButton).click()
    await until(lambda: page.model.rowCount() == FANS)


async def test_many_at_once_and_back(
    page: FansPage,
    people: PeopleShop,
    opened: Opened,
    until: Wait,
    qtbot: QtBot,
    shot: Callable[[QWidget, str], None],
) -> None:
    await shown(page, until)
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(page.selected_ids()) == FANS
    assert page.bulk.isVisible()
    qtbot.keyClick(page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: len(QGuiApplication.clipboard().text().splitlines()) == FANS + 1)
    first = page.model.ids(0, 3)
    page.select_ids(first)
    assert page.selected_ids() == first
    await until(lambda: clipped_labels(page) == [])
    shot(page, "fans_bulk")
    page.commands.tag(first, "双十一回访")
    await until(lambda: opened.notices.kept and opened.notices.kept[0].key == "fans.tag_added")
    assert {tag.name for tag in await people.fans.tags()} >= {"双十一回访"}
    undo(opened)
    await until(lambda: opened.notices.kept[0].text == i18n.t("fans.undone"))
    rows = await people.fans.rows(first)
    assert not [row for row in rows if "双十一回访" in [tag.name for tag in row.tags]]
    page.commands.pin(first, Tier.PASSERBY)
    await until(lambda: opened.notices.kept[0].key == "fans.pinned")
    assert {row.tier for row in await people.fans.rows(first)} == {Tier.PASSERBY}
    undo(opened)
    await until(lambda: opened.notices.kept[0].key == "fans.undone")
    page.commands.suppress(page.chosen(), True)
    await until(lambda: opened.notices.kept[0].key == "fans.suppressed_done")
    assert all(row.is_suppressed for row in await people.fans.rows(first))


async def test_export_of_what_is_selected(
    page: FansPage, opened: Opened, until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shown(page, until)
    target = tmp_path / "名单.csv"

    async def chosen(*_args: object, **_options: object) -> Path:
        return target

    monkeypatch.setattr(dialogs, "save_file", chosen)
    page.select_ids(page.model.ids(0, 4))
    page.bulk.findChild(QPushButton, "bulk_export").click()
    await until(lambda: opened.notices.kept)
    lines = target.read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("名字,分层,手机")


async def test_a_fan_opens_with_the_keyboard_and_explains_itself(
    page: FansPage, people: PeopleShop, opened: Opened, until: Wait, qtbot: QtBot
) -> None:
    await shown(page, until)
    page.table.setFocus()
    page.table.selectRow(0)
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    first, second = page.model.ids(0, 2)
    await until(lambda: page.panel.fan_id == first and page.panel.isVisible())
    why = page.panel.head.why.text()
    assert why.startswith("真爱粉，因为最近")
    assert "会降为" in why
    assert page.panel.timeline.lines
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    await until(lambda: page.panel.fan_id == second)
    page.panel.setFocus()
    qtbot.keyClick(page.panel.notes.tag_line, Qt.Key.Key_Escape)
    assert page.panel.isHidden()
    assert opened.faults == []


async def test_who_is_known_by_a_list_only_shows_who_added_them(
    page: FansPage, people: PeopleShop, until: Wait
) -> None:
    def came(tx: Any) -> int:
        key = added_key("店长小周", tx.now_ms, "阿梨")
        fan = known_people.resolve(tx, [key], "阿梨", None, "import:x", tx.now_ms)
        assert fan is not None
        return fan.fan_id

    fan_id = await people.store.write(came, kind=None)
    page.show()
    page.open_with(fan_id=fan_id)
    await until(lambda: page.panel.fan_id == fan_id and page.panel.isVisible())
    texts = [label.text() for label in page.panel.head.findChildren(QLabel)]
    assert "员工 店长小周 添加" in texts
    assert not [text for text in texts if "|" in text]


async def test_what_is_changed_on_one_fan(
    page: FansPage, people: PeopleShop, opened: Opened, until: Wait
) -> None:
    await shown(page, until)
    everybody = await people.fans.rows(await people.fans.order(FanFilter()))
    fan = next(row for row in everybody if row.phone_masked)
    page.open_with(fan_id=fan.fan_id)
    await until(lambda: page.panel.isVisible())
    panel = page.panel
    assert panel.head.phone.text() == fan.phone_masked
    panel.head.reveal.click()
    await until(lambda: "*" not in panel.head.phone.text())
    await panel._open(fan.fan_id)
    assert "*" not in panel.head.phone.text()
    log = await people.backups.operations(limit=1)
    assert log[0].kind == "fan.reveal_phone"
    before = len(panel.timeline.lines)
    panel.notes.tag_line.set_text("送过样")
    panel.notes.tag_line.submitted.emit()
    await until(lambda: opened.notices.kept and opened.notices.kept[0].key == "fans.tag_added")
    panel.notes.note.setFocus()
    panel.notes.note.insert_at_cursor("爱吃硬梨")
    await until(lambda: opened.notices.kept[0].key == "fans.note_saved", timeout=2)
    assert (await people.fans.detail(fan.fan_id)).row.note == "爱吃硬梨"
    panel.record.begin(people.clock.now_ms())
    panel.record.kind.set_value(InteractionKind.REFERRAL)
    panel.record.save.click()
    await until(lambda: opened.notices.kept[0].key == "fans.recorded")
    assert (await people.fans.detail(fan.fan_id)).row.interactions == fan.interactions + 1
    page.refresh()
    await until(lambda: len(panel.timeline.lines) > before or before == 30)
    panel.notes.quiet.click()
    await until(lambda: opened.notices.kept[0].key == "fans.suppressed_done")
    undo(opened)
    await until(lambda: opened.notices.kept[0].key == "fans.undone")
    assert not (await people.fans.detail(fan.fan_id)).row.is_suppressed


async def test_hostile_names_stay_text(
    page: FansPage, people: PeopleShop, until: Wait, tmp_path: Path
) -> None:
    best = (await people.fans.order(FanFilter()))[0]
    hostile = HOSTILE.format(path=tmp_path / "red.png")
    await people.fans.rename(best, hostile[:90])
    await people.fans.set_note(best, hostile)
    await shown(page, until)
    page.open_with(fan_id=best)
    await until(lambda: page.panel.isVisible())
    assert page.panel.title.whole_text() == hostile[:90]
    assert red_pixels(page.grab().toImage()) == 0
    assert clipped_labels(page) == []


async def test_more_filters_a_kept_view_and_all_but_some(
    page: FansPage,
    people: PeopleShop,
    opened: Opened,
    until: Wait,
    qtbot: QtBot,
    shot: Callable[[QWidget, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await shown(page, until)
    page.findChild(QPushButton, "more_filters").click()
    await until(lambda: clipped_labels(page) == [])
    shot(page, "fans_more_zh")
    field = page.filters.more.fields["platform"]
    field.set_value("wecom")
    field.activated.emit(field.currentIndex())
    expected = await people.fans.count(FanFilter(platform="wecom"))
    await until(lambda: page.model.rowCount() == expected and page.result.text())
    await page.looks.keep("企微客人")
    page.filters.clear()
    await until(lambda: page.model.rowCount() == FANS and len(page.looks.menu_of_views().actions()) > 3)
    page.looks.menu_of_views().actions()[0].trigger()
    await until(lambda: page.model.rowCount() == expected)
    assert page.filters.wanted == FanFilter(platform="wecom")
    i18n.set_language("en")
    await until(lambda: page.result.text().startswith(str(expected)) and page.model.row_data(0) is not None)
    await until(lambda: clipped_labels(page) == [])
    shot(page, "fans_more_en")
    i18n.set_language("zh_CN")
    monkeypatch.setattr(chosen, "LISTED", 5)
    page.table.selectAll()
    page.table.selectionModel().select(page.model.index(2, 0), DESELECT)
    picked = page.chosen()
    assert picked.wanted == FanFilter(platform="wecom")
    assert picked.but == {page.model.key_of(2)}
    page.commands.tag(picked, "群发过")
    await until(lambda: opened.notices.kept and opened.notices.kept[0].key == "fans.tag_added")
    assert (await people.fans.tags_named("群发过")) != []
    await until(lambda: page.model.rowCount() == expected and page.chosen().but == picked.but)
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: opened.notices.kept[0].key == "fans.undone")
    assert opened.faults == []
