"""The outbox's drawer of a mass send that staff have not confirmed: remind them, stop the rest."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from desktop.domain.audience import Audience
from desktop.domain.posts import Channel, PostDraft
from desktop.domain.write_kinds.wecom import MASS_SEND_CANCEL, MASS_SEND_REMIND, MOMENT, MOMENT_CANCEL
from desktop.store.posts import moments
from desktop.views.outbox_page import OutboxPage
from tests.gui.content.conftest import Floor, walked
from tests.gui.content.test_posts_page import child
from tests.waiting import until


async def opened(floor: Floor) -> tuple[OutboxPage, str]:
    await floor.world.post("今晚到货")
    await floor.world.push()
    (row,) = await floor.world.outbox.rows()
    page = await floor.open(OutboxPage(floor.context, floor.world.outbox))
    page.open_item(row.item.uid)
    await until(lambda: not page.panel.isHidden())
    return page, row.item.uid


async def kinds(floor: Floor) -> list[str]:
    return [row.item.kind for row in await floor.world.outbox.rows()]


async def test_reminding_staff(floor: Floor, shot: Callable[[QWidget, str], None]) -> None:
    page, uid = await opened(floor)
    assert "还能提醒员工 3 次" in child(page.panel, QLabel, "follow_up").text()
    await walked(floor, page, shot, "follow-up")
    child(page.panel, QPushButton, "do_remind").click()
    await until(lambda: page._uid != uid)
    assert MASS_SEND_REMIND in await kinds(floor)
    page.open_item(uid)
    await until(lambda: "2 次" in child(page.panel, QLabel, "follow_up").text())


async def test_stopping_asks_first(floor: Floor) -> None:
    page, uid = await opened(floor)
    child(page.panel, QPushButton, "do_stop").click()
    (await floor.dialog(page)).accept()
    await until(lambda: page._uid != uid)
    assert MASS_SEND_CANCEL in await kinds(floor)
    page.open_item(uid)
    await until(lambda: "已叫停" in child(page.panel, QLabel, "follow_up").text())


async def test_stopping_a_moment(floor: Floor, shot: Callable[[QWidget, str], None]) -> None:
    """Offered when the job has become a moment, in words of its own, with time to take it back."""
    floor.world.adapter.kinds = frozenset({MOMENT})  # type: ignore[misc]
    everyone = Audience(everyone=True)
    draft = PostDraft(title="上新", body="今晚八点上新", audience=everyone, channel=Channel.MOMENT)
    await floor.world.posts.confirm((await floor.world.posts.save_draft(draft)).uid, hold_s=0)
    await floor.world.push()
    (row,) = await floor.world.outbox.rows()
    page = await floor.open(OutboxPage(floor.context, floor.world.outbox))
    page.open_item(row.item.uid)
    await until(lambda: "还在生成" in child(page.panel, QLabel, "follow_up").text())
    assert page.panel.findChild(QPushButton, "do_stop") is None
    await floor.world.store.write(lambda tx: moments.link(tx, 1, "mom1", row.item.id), kind=None)
    await until(lambda: "可以叫停" in child(page.panel, QLabel, "follow_up").text())
    assert page.panel.findChild(QPushButton, "do_remind") is None
    await walked(floor, page, shot, "stop-moment")
    child(page.panel, QPushButton, "do_stop").click()
    dialog = await floor.dialog(page)
    assert "不再发表" in " ".join(label.text() for label in dialog.findChildren(QLabel))
    dialog.accept()
    await until(lambda: page._uid != row.item.uid)
    stop = (await floor.world.outbox.rows())[0].item
    assert (stop.kind, stop.hold_until > floor.clock.now_ms()) == (MOMENT_CANCEL, True)
    page.open_item(row.item.uid)
    await until(lambda: "已叫停" in child(page.panel, QLabel, "follow_up").text())
