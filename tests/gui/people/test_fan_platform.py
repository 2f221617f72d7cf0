"""Platform tags and remarks on the fans' page: what waits, what is refused, and the list of tags."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.domain.customer_edits import CustomerNotes
from desktop.domain.fans import FanFilter
from desktop.domain.outbox import State
from desktop.domain.segments.conditions import Orders
from desktop.domain.segments.rules import AllOf
from desktop.qtkit import i18n, plain
from desktop.qtkit.i18n import t
from desktop.services.accounts import AccountService
from desktop.services.customer_edits import CustomerEditService
from desktop.services.orders import OrderService
from desktop.services.own_tags import OwnTagService
from desktop.services.platform_edits import Standing
from desktop.services.platform_tags import PlatformTagService
from desktop.services.secrets import MemorySecretStore
from desktop.services.segments import SegmentService
from desktop.store.sends import outbox as outbox_rows
from desktop.views.fans.list_dialog import ListDialog
from desktop.views.fans.order_list import NoteDialog
from desktop.views.fans.platform_dialogs import NotesDialog, TagDialog
from desktop.views.fans.services import FanPlatform
from desktop.views.fans.tag_dialogs import LookDialog, NewTagDialog, OtherTagDialog, TagRuleDialog
from desktop.views.fans.tag_manager import TagManager
from desktop.views.fans_page import FansPage
from desktop.views.widgets.texts import PlainLabel
from tests.fakes import FakeClock
from tests.gui.conftest import Opened
from tests.gui.people.shop import PeopleShop
from tests.gui.walk import clipped_labels

Until = Callable[..., Any]


@pytest.fixture
def services(people: PeopleShop, clock: FakeClock) -> FanPlatform:
    tags = PlatformTagService(people.store, clock)
    accounts = AccountService(people.store, clock, {}, MemorySecretStore())
    return FanPlatform(
        tags,
        CustomerEditService(people.store, clock),
        OwnTagService(people.store, clock, tags),
        SegmentService(people.store, clock),
        OrderService(people.store, clock, accounts),
    )


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


async def test_selected_fans_go_on_a_list_and_the_list_filters_the_page(
    page: FansPage,
    until: Until,
    people: PeopleShop,
    services: FanPlatform,
    opened: Opened,
    shot: Callable[..., None],
) -> None:
    page.show()
    await until(lambda: page.is_loaded and page.filters.more.fields["segment"].count())
    chosen = (await people.fans.order(FanFilter()))[:3]
    page.select_ids(chosen)
    await until(lambda: page.line.buttons["audience"].isVisible())
    for language in ("en", "zh_CN"):
        i18n.set_language(language)
        page.resize(1158, 716)
        await until(lambda: clipped_labels(page.line) == [])
        shot(page, f"fans_selected_{language}_1366")
    page.line.buttons["audience"].click()
    await until(lambda: page.findChild(ListDialog, "list_dialog"))
    dialog = page.findChild(ListDialog, "list_dialog")
    assert dialog is not None
    assert not dialog.accept_button.isEnabled()
    dialog.name.setText("春茶名单")
    shot(dialog, "list_dialog_zh")
    dialog.accept()
    await until(lambda: opened.notices.kept and opened.notices.kept[0].key == "fans.audience_added")
    (made,) = await services.segments.lists()
    assert (made.draft.name, made.is_by_hand) == ("春茶名单", True)
    assert await services.segments.members(made.uid) == sorted(chosen)
    page.populate(await page.load())
    field = page.filters.more.fields["segment"]
    await until(lambda: field.count() == 2)
    page.filters.more_button.click()
    field.set_value(made.uid)
    field.chosen.emit(made.uid)
    await until(lambda: page.model.rowCount() == 3)
    assert page.filters.wanted.segment == made.uid
    await until(lambda: page.model.row_data(0) is not None)
    assert page.minimumSizeHint().width() <= 1158  # what a small screen has room for
    shot(page, "fans_audience_zh_1366")
    kept = page.look()
    page.filters.clear()
    await until(lambda: page.model.rowCount() > 3)
    page.show_look(kept)
    await until(lambda: page.model.rowCount() == 3)


async def test_own_tags_are_dressed_ruled_merged_and_looked_over(
    page: FansPage,
    until: Until,
    people: PeopleShop,
    services: FanPlatform,
    opened: Opened,
    shot: Callable[..., None],
) -> None:
    fan_ids = (await people.fans.order(FanFilter()))[:5]
    await people.fans.add_tag(fan_ids, "周三直播")
    await people.fans.add_tag(fan_ids[:4], "周末直播")
    await services.tags.add_own("没人用")
    page.show()
    await until(lambda: page.is_loaded)
    press(page, "manage_tags")
    await until(lambda: page.findChild(TagManager, "tag_manager"))
    manager = page.findChild(TagManager, "tag_manager")
    assert manager is not None

    async def choose(name: str) -> None:
        await until(lambda: any(line.name == name for line in manager.model.rows))
        manager.table.select_key(next(line.tag_id for line in manager.model.rows if line.name == name))

    async def asked(kind: type, name: str) -> Any:
        await until(lambda: manager.findChild(kind, name))
        return manager.findChild(kind, name)

    def why(name: str) -> str:
        button = manager.findChild(QPushButton, f"tags_{name}")
        assert button is not None
        assert button.isEnabled() is not bool(button.toolTip())
        return str(button.toolTip())

    assert [why(name) for name in ("rename", "dress", "merge")] == [plain.tip(t("tags.why_choose"))] * 3
    await choose("没人用")
    assert [why(name) for name in ("rename", "merge")] == ["", ""]
    assert why("unrule") == plain.tip(t("tags.why_unruled"))
    press(manager, "tags_dress")
    look = await asked(LookDialog, "tag_look")
    look.group.setText("直播")
    look.colour.setCurrentIndex(2)
    shot(look, "tag_look_zh")
    look.accept()
    await until(lambda: any(line.colour == "good" for line in manager.model.rows))
    await choose("没人用")
    press(manager, "tags_rule")
    rule = await asked(TagRuleDialog, "tag_rule")
    rule.root.show_rule(AllOf((Orders(least=1),)))
    rule.root.changed.emit()
    await until(lambda: rule.accept_button.isEnabled())
    shot(rule, "tag_rule_zh")
    rule.accept()
    await until(lambda: any(line.has_rule and line.fans for line in manager.model.rows))
    assert opened.notices.kept[0].key == "tags.ruled"
    shot(manager, "tag_manager_own_zh")
    assert why("merge") == plain.tip(t("tags.why_ruled"))
    assert why("unrule") == ""
    manager.show_choice.set_value("pairs")
    manager.show_choice.chosen.emit("pairs")
    await until(lambda: "%" in manager.told.text())
    assert {line.name for line in manager.model.rows} >= {"周三直播", "周末直播"}
    assert "没人用" not in {line.name for line in manager.model.rows}
    shot(manager, "tag_manager_pairs_zh")
    await choose("周末直播")
    press(manager, "tags_merge")
    merge = await asked(OtherTagDialog, "tag_merge")
    assert merge.other.currentText() == "周三直播"
    merge.accept()
    await until(lambda: opened.notices.kept[0].key == "tags.merged")
    (line,) = [one for one in await services.tags.lines() if one.name == "周三直播"]
    assert line.fans == 5
    assert "周末直播" not in [one.name for one in await services.tags.lines()]
    kept = opened.notices.kept[0]
    assert kept.on_action is not None
    kept.on_action()
    await until(lambda: opened.notices.kept[0].key == "fans.undone")
    (line,) = [one for one in await services.tags.lines() if one.name == "周末直播"]
    assert line.fans == 4
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


async def shop_order(people: PeopleShop, services: FanPlatform) -> tuple[int, int]:
    """(fan, order) of a connected Douyin shop, with a receiver that was revealed before."""
    receiver = {"name": "王小满", "phone": "13800001234", "address": "浙江省杭州市西湖区某路 1 号"}

    def work(tx: Any) -> tuple[int, int]:
        tx.db.execute(
            "INSERT INTO account (uid, platform, name, base_url, external_id, created_at)"
            " VALUES ('dd', 'doudian', '小满抖店', 'https://openapi-fxg.jinritemai.com', '7', 1)"
        )
        fan_id = tx.db.execute("SELECT min(id) FROM fan WHERE removed_at IS NULL").fetchone()[0]
        order_id = tx.db.execute(
            'INSERT INTO "order" (platform, scope, order_no, fan_id, status, paid_cents, paid_at, origin,'
            " receiver, extra, seen_at, updated_at) VALUES"
            " ('doudian', '', '6920001', ?, 'paid', 8800, ?, 'sync:dd', ?, ?, ?, ?)",
            (
                fan_id,
                tx.now_ms,
                json.dumps(receiver),
                json.dumps({"seller_note": "老客", "seller_star": 1}),
                tx.now_ms,
                tx.now_ms,
            ),
        ).lastrowid
        return int(fan_id), int(order_id)

    return await people.store.write(work, kind=None)


async def test_a_shops_order_is_noted_on_and_its_receiver_shown_only_when_asked(
    page: FansPage,
    people: PeopleShop,
    services: FanPlatform,
    until: Until,
    shot: Callable[[QWidget, str], None],
) -> None:
    fan_id, order_id = await shop_order(people, services)
    page.show()
    page.open_with(fan_id=fan_id)
    await until(lambda: page.panel.isVisible() and page.panel.orders.lines)
    page.panel.tab_bar.setCurrentIndex(1)
    shot(page, "fan_order_masked")
    masked = text(page.panel.orders, "receiver")
    assert "王**" in masked
    assert "138****1234" in masked
    assert "某路" not in masked
    press(page.panel.orders, "reveal_receiver")
    await until(lambda: "13800001234" in text(page.panel.orders, "receiver"))
    await page.panel._open(
        fan_id
    )  # as after any change: what was asked for stays until somebody else is shown
    assert "13800001234" in text(page.panel.orders, "receiver")
    written = await people.store.read(
        lambda conn: conn.execute("SELECT payload FROM operation WHERE kind = 'order.reveal'").fetchall()
    )
    assert [json.loads(row[0])["order"] for row in written] == ["6920001"]
    press(page.panel.orders, "write_note")
    await until(lambda: page.findChild(NoteDialog) is not None)
    dialog = page.findChild(NoteDialog)
    assert dialog is not None
    assert dialog.note() == ("老客", 1)
    dialog.words.set_text("加急 今天发")
    dialog.star.set_value(5)
    dialog._follow()
    shot(dialog, "fan_order_note")
    press(dialog, "accept")
    wanted = "SELECT state, payload FROM outbox WHERE kind = 'doudian.order.remark'"
    found: list[Any] = []

    async def queued() -> bool:
        found[:] = await people.store.read(lambda conn: conn.execute(wanted).fetchall())
        return bool(found)

    while not await queued():
        await asyncio.sleep(0.01)
    assert json.loads(found[0][1])["body"] == {"order": "6920001", "remark": "加急 今天发", "star": 5}
    fan = await people.fans.detail(fan_id)
    (order,) = [one for one in fan.recent_orders if one.order_id == order_id]
    assert order.note_pending
    assert order.note == "老客"  # until the shop has it
