"""Platform tags and remarks on the fans' page: what waits, what is refused, and the list of tags."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.domain.customer_edits import CustomerNotes
from desktop.domain.fans import FanFilter
from desktop.domain.outbox import State
from desktop.qtkit.i18n import t
from desktop.services.customer_edits import CustomerEditService
from desktop.services.platform_edits import Standing
from desktop.services.platform_tags import PlatformTagService
from desktop.store import outbox as outbox_rows
from desktop.views.fans.platform_commands import FanPlatform
from desktop.views.fans.platform_dialogs import NotesDialog, TagDialog
from desktop.views.fans.tag_manager import NewTagDialog, TagManager
from desktop.views.fans_page import FansPage
from desktop.views.widgets.texts import PlainLabel
from tests.fakes import FakeClock
from tests.gui.conftest import Opened
from tests.gui.people.shop import PeopleShop

Until = Callable[..., Any]


@pytest.fixture
def services(people: PeopleShop, clock: FakeClock) -> FanPlatform:
    return FanPlatform(PlatformTagService(people.store, clock), CustomerEditService(people.store, clock))


@pytest.fixture
def page(
    opened: Opened, people: PeopleShop, services: FanPlatform, closing: Callable[[QWidget], QWidget]
) -> FansPage:
    made = FansPage(opened.context, people.fans, people.rankings, people.backups, services)
    closing(made)
    made.resize(1158, 716)
    return made


def press(widget: QWidget, name: str) -> None:
    button = widget.findChild(QPushButton, name)
    assert button is not None
    button.click()


def text(widget: QWidget, name: str) -> str:
    label = widget.findChild(PlainLabel, name)
    assert label is not None
    return label.whole_text()


async def friend(people: PeopleShop, services: FanPlatform) -> int:
    """A fan with one friendship, and platform tags to choose from, one of them carried."""

    def work(tx: Any) -> None:
        for n, name in enumerate(("爱喝茶", "老客", "团长")):
            tx.db.execute(
                "INSERT INTO tag (uid, account_id, external_id, group_external_id, group_name, name)"
                " VALUES (?, 1, ?, 'eg1', '口味', ?)",
                (tx.new_uid(), f"et{n}", name),
            )

    await people.store.write(work, kind=None)
    for fan_id in await people.fans.order(FanFilter()):
        sides = await services.edits.sides(fan_id)
        if len(sides) == 1:
            break

    def carry(tx: Any) -> None:
        tx.db.execute(
            "UPDATE follow SET tags = ?, remark = '王姐' WHERE identity_id IN"
            " (SELECT id FROM identity WHERE fan_id = ?)",
            (json.dumps(["et1"]), fan_id),
        )

    await people.store.write(carry, kind=None)
    return fan_id


async def opened_at(page: FansPage, fan_id: int, until: Until) -> None:
    page.show()
    await until(lambda: page.is_loaded)
    page.open_with(fan_id=fan_id)
    await until(lambda: not page.panel.isHidden() and page.panel.sides.isVisible())


async def test_a_tag_put_on_waits_and_can_be_taken_back(
    page: FansPage, until: Until, people: PeopleShop, services: FanPlatform, opened: Opened
) -> None:
    fan_id = await friend(people, services)
    await opened_at(page, fan_id, until)
    press(page.panel, "add_platform_tag")
    await until(lambda: page.findChild(TagDialog, "platform_tags_dialog"))
    dialog = page.findChild(TagDialog, "platform_tags_dialog")
    assert dialog is not None
    assert not dialog.accept_button.isEnabled()
    tag = await services.tags.named("爱喝茶")
    dialog.choice.tick(str(tag.tag_id))
    dialog.accept()
    await until(lambda: opened.notices.kept)
    page.panel.reload()
    name = f"platform_tag_{tag.tag_id}"
    await until(lambda: page.panel.findChild(QPushButton, name))
    (side,) = await services.edits.sides(fan_id)
    assert {one.name: one.change for one in side.tags} == {"爱喝茶": "add", "老客": ""}
    press(page.panel, name)
    await until(lambda: opened.notices.kept[0].key == "fans.side.taken_back")
    (side,) = await services.edits.sides(fan_id)
    assert [one.name for one in side.tags] == ["老客"]


async def test_a_remark_waits_beside_what_the_platform_has(
    page: FansPage, until: Until, people: PeopleShop, services: FanPlatform
) -> None:
    fan_id = await friend(people, services)
    await opened_at(page, fan_id, until)
    press(page.panel, "edit_notes_0")
    await until(lambda: page.findChild(NotesDialog, "notes_dialog"))
    dialog = page.findChild(NotesDialog, "notes_dialog")
    assert dialog is not None
    dialog.mobiles.setText("不是号码")
    dialog.accept()
    assert dialog.form.rows["mobiles"].problem.text()
    dialog.remark.setText("三楼王姐")
    dialog.mobiles.setText("13800001111，13900002222")
    dialog.accept()
    await until(lambda: not page.scope.is_running("fans.platform_notes"))
    page.panel.reload()
    await until(lambda: page.panel.findChild(PlainLabel, "mine_0"))
    assert "三楼王姐" in text(page.panel, "mine_0")
    assert "王姐" in text(page.panel, "notes_0")
    (side,) = await services.edits.sides(fan_id)
    assert side.mine == CustomerNotes("三楼王姐", side.notes.description, ("13800001111", "13900002222"))


async def test_a_refused_tag_says_why(
    page: FansPage, until: Until, people: PeopleShop, services: FanPlatform
) -> None:
    fan_id = await friend(people, services)
    tag = await services.tags.named("团长")
    done = await services.tags.mark([fan_id], tag.tag_id, hold_s=0)

    def refuse(tx: Any) -> None:
        item = outbox_rows.by_uid(tx.db.conn, done.items[0])
        outbox_rows.move(tx, item.id, State.QUEUED)
        outbox_rows.move(tx, item.id, State.REJECTED, reason={"code": "wecom_not_a_friend"})

    await people.store.write(refuse, kind=None)
    await opened_at(page, fan_id, until)
    (side,) = await services.edits.sides(fan_id)
    assert {one.name: one.change for one in side.tags} == {"老客": "", "团长": "refused"}
    said = [label.text() for label in page.panel.sides.findChildren(PlainLabel)]
    assert t("fans.side.tag_refused", tag="团长") in said


async def test_the_list_of_tags_makes_renames_and_deletes(
    page: FansPage, until: Until, people: PeopleShop, services: FanPlatform, shot: Callable[..., None]
) -> None:
    await friend(people, services)
    page.show()
    await until(lambda: page.is_loaded)
    press(page, "manage_tags")
    await until(lambda: page.findChild(TagManager, "tag_manager"))
    manager = page.findChild(TagManager, "tag_manager")
    assert manager is not None
    await until(lambda: manager.model.rowCount() >= 3)
    press(manager, "tags_new")
    await until(lambda: manager.findChild(NewTagDialog, "new_tag_dialog"))
    dialog = manager.findChild(NewTagDialog, "new_tag_dialog")
    assert dialog is not None
    dialog.name.setText("爱喝奶茶")
    dialog.where.setCurrentIndex(1)
    dialog.group.setText("口味")
    dialog.accept()
    await until(lambda: any(line.name == "爱喝奶茶" for line in manager.model.rows))
    line = next(line for line in manager.model.rows if line.name == "爱喝奶茶")
    assert (line.standing, line.can_mark) == (Standing.ADDING, False)
    manager.table.select_key(line.tag_id)
    shot(manager, "tag_manager_zh")
    press(manager, "tags_back")
    await until(lambda: all(line.name != "爱喝奶茶" for line in manager.model.rows))
    tag = await services.tags.named("老客")
    await services.tags.rename(tag.tag_id, "回头客", hold_s=0)
    assert (await services.tags.named("老客")).new_name == "回头客"
    await services.tags.delete(tag.tag_id, hold_s=0)
    deleting = await services.tags.named("老客")
    assert (deleting.standing, deleting.new_name) == (Standing.DELETING, "")
    manager.accept()


async def test_own_tags_change_at_once_and_can_be_undone(people: PeopleShop, services: FanPlatform) -> None:
    fan_ids = (await people.fans.order(FanFilter()))[:3]
    await people.fans.add_tag(fan_ids, "周三直播")
    (line,) = [one for one in await services.tags.lines() if one.name == "周三直播"]
    await services.tags.rename_own(line.tag_id, "周四直播")
    assert await services.tags.delete_own(line.tag_id) == 3
    newest = (await people.backups.operations(limit=1, kind="tag"))[0]
    await people.backups.undo(newest.uid)
    (line,) = [one for one in await services.tags.lines() if one.name == "周四直播"]
    assert line.fans == 3


async def test_the_drawer_looks_whole(
    page: FansPage,
    until: Until,
    people: PeopleShop,
    services: FanPlatform,
    everywhere: Callable[..., Any],
) -> None:
    fan_id = await friend(people, services)
    tea, chief = await services.tags.named("爱喝茶"), await services.tags.named("团长")
    await services.tags.mark([fan_id], tea.tag_id, hold_s=0)
    await services.tags.mark([fan_id], chief.tag_id)
    await services.edits.set_notes(fan_id, "", CustomerNotes("三楼王姐", "爱吃梨，周末来"), hold_s=0)
    await opened_at(page, fan_id, until)
    await everywhere(page, "fan_platform", lambda: page.panel.sides.isVisible())
