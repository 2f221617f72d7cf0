"""The outbox on screen: unknown first, decided by the operator, moved, taken back; everything in the drawer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from desktop.domain.entry_ways import JOIN
from desktop.domain.errors import RejectedError, UnclearReplyError
from desktop.views.outbox_page import OutboxPage
from tests.gui.content.conftest import Floor, walked
from tests.gui.content.test_posts_page import child
from tests.unit.outbox.test_attesting import Desk
from tests.waiting import until

HOUR = 3_600_000


async def page_of(floor: Floor) -> OutboxPage:
    page = await floor.open(OutboxPage(floor.context, floor.world.outbox))
    await floor.quiet(page)
    return page


async def unknown_post(floor: Floor, body: str = "今晚到货") -> str:
    """An item whose answer got lost; its uid."""
    uid = await floor.world.post(body)
    floor.world.adapter.script = [("error", UnclearReplyError("reply_lost"), False)]
    await floor.world.push()
    rows = await floor.world.outbox.rows()
    return next(row.item.uid for row in rows if row.item.summary["entity_uid"] == uid)


async def states(floor: Floor) -> list[str]:
    return await floor.world.states()


async def test_unknown_ones_stand_first_and_say_so(floor: Floor) -> None:
    await unknown_post(floor)
    await floor.world.post("第二条", scheduled_at=floor.clock.now_ms() + HOUR)
    page = await page_of(floor)
    assert page.model.index(0, 3).data() == "结果待查"
    assert not page.unknown.isHidden()
    page.unknown.button.click()
    await until(lambda: page.model.rowCount() == 1)


async def test_the_drawer_shows_the_frozen_text_recipients_and_tries(floor: Floor) -> None:
    uid = await unknown_post(floor, "夏天的杨梅到了")
    page = await page_of(floor)
    page.open_item(uid)
    await until(lambda: not page.panel.isHidden())
    assert child(page.panel, QLabel, "frozen_text").text() == "夏天的杨梅到了"
    assert page.panel.model.rowCount() == 10
    assert "可能已执行" in child(page.panel, QLabel, "known").text()
    assert page.findChild(QPushButton, "do_sent") is not None


async def test_deciding_asks_first_and_explains(floor: Floor) -> None:
    uid = await unknown_post(floor)
    page = await page_of(floor)
    page.open_item(uid)
    await until(lambda: page.findChild(QPushButton, "do_not_sent") is not None)
    child(page, QPushButton, "do_not_sent").click()
    dialog = await floor.dialog(page)
    assert any("收到两遍" in label.text() for label in dialog.findChildren(QLabel))
    dialog.reject()
    await floor.quiet(page)
    assert await states(floor) == ["unknown"]
    child(page, QPushButton, "do_sent").click()
    child(await floor.dialog(page), QPushButton, "accept").click()
    await floor.quiet(page)
    assert await states(floor) == ["done"]
    await until(lambda: "tester" in child(page, QLabel, "proof").text())


async def test_a_change_is_called_done_and_its_id_may_be_given(
    floor: Floor, shot: Callable[[QWidget, str], None]
) -> None:
    desk = Desk(floor.world)
    _, uid = await desk.join_way()
    page = await page_of(floor)
    page.open_item(uid)
    await until(lambda: page.findChild(QPushButton, "do_did") is not None)
    assert page.findChild(QPushButton, "do_sent") is None
    assert child(page, QPushButton, "do_did").text() == "做好了"
    await walked(floor, page, shot, "outbox-unclear-change")
    child(page, QPushButton, "do_did").click()
    dialog = await floor.dialog(page)
    shot(dialog, "outbox-attest-change")
    child(dialog, QLineEdit, "line").setText("cfg-77")
    child(dialog, QPushButton, "accept").click()
    await floor.quiet(page)
    assert await states(floor) == ["done"]
    assert (await desk.ways.rows(JOIN))[0].external_id == "cfg-77"
    await until(lambda: "确认已经做好" in child(page, QLabel, "proof").text())


async def test_a_missed_post_gets_a_new_time_with_the_same_text(floor: Floor) -> None:
    await floor.world.post(scheduled_at=floor.clock.now_ms() + HOUR, grace_minutes=30)
    floor.clock.advance(2 * 3600)
    await floor.world.outbox.mark_missed()
    page = await page_of(floor)
    page.table.action_clicked.emit(0, "act")
    child(await floor.dialog(page), QPushButton, "accept").click()
    await until(lambda: page.model.rowCount() == 2)
    await floor.quiet(page)
    assert await states(floor) == ["missed", "confirmed"]
    texts = {(await floor.world.outbox.detail(row.item.uid)).text for row in page.model.rows}
    assert texts == {"今晚到货"}


async def test_a_missed_drop_is_moved_where_it_was_planned(floor: Floor) -> None:
    uid = await floor.world.drop()
    floor.clock.advance(2 * 3600)
    await floor.world.outbox.mark_missed()
    page = await page_of(floor)
    page.table.action_clicked.emit(0, "act")
    assert floor.opened.went == [("drops", {"move": uid})]


async def test_waiting_is_taken_back_held_is_released_refused_is_sent_again(floor: Floor) -> None:
    world = floor.world
    await world.post("一", scheduled_at=floor.clock.now_ms() + HOUR)
    page = await page_of(floor)
    page._do("cancel", page.model.row_data(0).item)
    await until(lambda: page.model.row_data(0).item.state.value == "cancelled")
    await world.post("二", scheduled_at=floor.clock.now_ms() + HOUR)
    await world.outbox.hold_all("restored")
    await until(lambda: page.model.row_data(0).item.state.value == "held")
    page.table.action_clicked.emit(0, "act")
    child(await floor.dialog(page), QPushButton, "accept").click()
    await until(lambda: page.model.row_data(0).item.state.value == "queued")
    await world.post("三")
    world.adapter.script = [("error", RejectedError("wecom_nobody_reachable"), False)]
    await world.push()
    await until(lambda: page.model.row_data(0).item.state.value == "rejected")
    page.table.action_clicked.emit(0, "act")
    await until(lambda: page.model.rowCount() == 4)
    await floor.quiet(page)


async def test_looks(floor: Floor, shot: Callable[[QWidget, str], None]) -> None:
    world, now = floor.world, floor.clock.now_ms()
    page = await page_of(floor)
    await walked(floor, page, shot, "outbox-empty")
    await world.post("夏天的第一箱杨梅到了")
    await world.push()
    await world.post("早上好", scheduled_at=now + HOUR // 4, grace_minutes=15)
    floor.clock.advance(3600)
    await world.outbox.mark_missed()
    await world.post("三")
    world.adapter.script = [("error", RejectedError("wecom_nobody_reachable"), False)]
    await world.push()
    uid = await unknown_post(floor, "端午礼盒预告：端午礼盒下周开订，老粉先挑，前 20 位送手编香包。")
    await world.post("今晚直播间见", scheduled_at=now + 8 * HOUR)
    await world.drop(item="断码羊毛袜 3 双", opens_at=now + 5 * HOUR, announce_at=now + 3 * HOUR)
    await floor.quiet(page)
    await walked(floor, page, shot, "outbox-list")
    page.open_item(uid)
    await until(lambda: not page.panel.isHidden())
    await walked(floor, page, shot, "outbox-detail")
    child(page, QPushButton, "do_not_sent").click()
    dialog = await floor.dialog(page)
    shot(dialog, "outbox-attest")
    dialog.reject()
