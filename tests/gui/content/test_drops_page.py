"""Planning a drop offline: problems at their field, confirming, a missed one anew, looking back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton, QWidget

from desktop.domain.drops import Claim
from desktop.qtkit.i18n import t
from desktop.services.claims import ClaimEntry
from desktop.views.drop_editor import DropEditor
from desktop.views.drops.kind_cards import KindCard
from desktop.views.drops_page import DropsPage
from tests.gui.content.conftest import Floor, walked
from tests.gui.content.test_posts_page import child
from tests.waiting import until

HOUR = 3_600_000


async def page_of(floor: Floor) -> DropsPage:
    world = floor.world
    page = DropsPage(floor.context, world.drops, world.claims, floor.groups, world.outbox, floor.fans)
    return await floor.open(page)


async def planning(floor: Floor, uid: str | None = None) -> DropEditor:
    page = await page_of(floor)
    page.open_drop(uid)
    await until(lambda: page.editor.is_loaded)
    await floor.quiet(page)
    return page.editor


def type_money(editor: DropEditor, name: str, text: str) -> None:
    field = editor.form.money[name]
    field.selectAll()
    QTest.keyClicks(field, text)


async def test_planning_shows_margin_and_problems_at_their_fields(floor: Floor) -> None:
    editor = await planning(floor)
    rows = editor.form.form.rows
    type_money(editor, "price", "19.90")
    type_money(editor, "cost", "12")
    margin = child(editor, QLabel, "margin")
    assert "¥7.90" in margin.text()
    assert "39.7%" in margin.text()
    type_money(editor, "normal_price", "15")
    await until(lambda: "还贵" in rows["price"].problem.text())
    type_money(editor, "normal_price", "abc")
    await until(lambda: "请输入金额" in rows["normal_price"].problem.text())
    assert rows["groups"].problem.isHidden()
    child(editor, QPushButton, "confirm").click()
    await until(lambda: not rows["groups"].problem.isHidden())
    assert await floor.world.outbox.rows() == []


async def test_a_plan_is_kept_while_typing_and_confirmed_offline(floor: Floor) -> None:
    editor = await planning(floor)
    QTest.keyClicks(editor.form.item, "cherries")
    await until(lambda: "草稿已保存" in editor.head.subtitle.text(), timeout=1.5)
    type_money(editor, "price", "19.9")
    type_money(editor, "normal_price", "39.9")
    editor.form.stock.setValue(20)
    child(editor, KindCard, "kind_tail_stock").click()
    child(editor, QCheckBox, "group_1").click()
    child(editor, QCheckBox, "group_2").click()
    assert "2 个群" in child(editor, QLabel, "chosen_groups").text()
    await until(lambda: "cherries" in editor.side.phone.message.text)
    await until(lambda: editor.side.phone.message.group == "吃货一群")
    child(editor, QPushButton, "confirm").click()
    dialog = await floor.dialog(editor)
    frozen = child(dialog, QLabel, "frozen_text").text()
    assert "19.9 元" in frozen
    child(dialog, QPushButton, "accept").click()
    await until(lambda: not editor.outcome.isHidden())
    await floor.quiet(editor)
    item = (await floor.world.outbox.rows())[0].item
    assert (await floor.world.outbox.detail(item.uid)).text == frozen
    assert (await floor.world.drops.rows())[0].drop.draft.kind == "tail_stock"


async def test_a_missed_drop_gets_the_next_such_hour_with_one_click(floor: Floor) -> None:
    uid = await floor.world.drop()
    floor.clock.advance(2 * 3600)
    await floor.world.outbox.mark_missed()
    page = await page_of(floor)
    await floor.quiet(page)
    assert page.list.model.index(0, 3).data() == "错过了时间"
    page.list.table.action_clicked.emit(0, "act")
    await until(lambda: page.editor.is_loaded and page.shown is page.editor)
    await floor.quiet(page)
    drop = await floor.world.drops.get(uid)
    assert drop.state == "draft"
    assert drop.draft.opens_at == floor.clock.now_ms() + 23 * HOUR
    assert not page.editor.form.isHidden()


async def claims_of(floor: Floor, uid: str) -> list[Claim]:
    return await floor.world.claims.of_drop(uid)


async def test_looking_back_counts_claims_and_says_what_is_unknown(floor: Floor) -> None:
    uid = await floor.world.drop(cost_cents=None)
    editor = await planning(floor, uid)
    cells = editor.result.figures.cells
    await until(lambda: cells["targets"].value.text() == "2")
    assert cells["claimed"].value.text() == "—"
    assert cells["claimed"].reason.text() == "还没有领取记录"
    who = child(editor, QLineEdit, "claim_who")
    who.setFocus()
    QTest.keyClicks(who, "Cici")
    QTest.keyClick(who, Qt.Key.Key_Return)
    await until(lambda: editor.findChild(QPushButton, "fan_3") is not None)
    child(editor, QPushButton, "fan_3").click()
    child(editor, QPushButton, "claim_save").click()
    await until(lambda: cells["claimed"].value.text() == "1")
    assert (await claims_of(floor, uid))[0].fan_id == 3
    await floor.quiet(editor)
    editor.result.table.action_clicked.emit(0, "redeem")
    await until(lambda: cells["sold"].value.text() == "1")
    assert cells["revenue_cents"].value.text() == "¥19.90"
    assert cells["margin_cents"].reason.text() == "没填成本"
    assert "核销件数" in cells["revenue_cents"].toolTip()
    undo = floor.opened.notices.kept[0].on_action
    assert undo is not None
    undo()
    await until(lambda: cells["sold"].value.text() == "0")
    editor.result.table.action_clicked.emit(0, "refund")
    await until(lambda: cells["left"].value.text() == "20")
    undo = floor.opened.notices.kept[0].on_action
    assert undo is not None
    undo()
    await until(lambda: cells["left"].value.text() == "19")


async def looked_back_on(floor: Floor) -> str:
    """A drop that reached its groups and was claimed four times; its uid."""
    world = floor.world
    uid = await world.drop(item="智利车厘子 2 斤装")
    await world.push()
    for fan, pieces, used in ((1, 2, True), (2, 1, True), (3, 1, False), (5, 2, True)):
        await world.claims.add(uid, ClaimEntry(str(fan), "", pieces, used))
    await world.sql("UPDATE delivery SET status = 'sent', sent_at = ?", floor.clock.now_ms())
    return uid


async def test_looks_of_the_list(floor: Floor, shot: Callable[[QWidget, str], None]) -> None:
    world, now = floor.world, floor.clock.now_ms()
    page = await page_of(floor)
    await floor.quiet(page)
    await walked(floor, page, shot, "drops-empty")
    await looked_back_on(floor)
    await world.drop(
        item="断码羊毛袜 3 双", kind="tail_stock", opens_at=now + 5 * HOUR, announce_at=now + 3 * HOUR
    )
    await world.drop(item="早餐吐司券", opens_at=now + HOUR // 2, announce_at=now + 60_000)
    await world.drops.save_draft(world.drop_draft(item="桂圆红枣茶 2 盒", opens_at=now + 30 * HOUR))
    floor.clock.advance(6600)
    await world.outbox.mark_missed()
    page.list.refresh()
    await floor.quiet(page)
    await walked(floor, page, shot, "drops-list")


async def test_looks_of_the_planner(floor: Floor, shot: Callable[[QWidget, str], None]) -> None:
    world, now = floor.world, floor.clock.now_ms()
    done = await looked_back_on(floor)
    draft = world.drop_draft(item="桂圆红枣茶 2 盒", kind="flash_link", opens_at=now + 30 * HOUR)
    draft = replace(draft, group_ids=(1, 2, 3), body=t("drops.first_text"))
    uid = (await world.drops.save_draft(draft)).uid
    page = await page_of(floor)
    page.open_drop(uid)
    await until(lambda: page.editor.is_loaded)
    await floor.quiet(page)
    await walked(floor, page, shot, "drops-editor")
    page.editor.confirm_button.click()
    dialog = await floor.dialog(page)
    shot(dialog, "drops-confirm")
    dialog.reject()
    page.open_drop(done)
    await floor.quiet(page)
    await walked(floor, page, shot, "drops-result")
