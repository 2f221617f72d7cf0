"""In the demo shop: a drop is confirmed, taken back, sent by a sync, missed and moved, and claimed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from desktop.app.tour.clock import MovableClock
from desktop.composition.graph import GraphConfig
from desktop.domain.fans import FanFilter
from tests.gui.flows.conftest import Owner, Start, asked
from tests.waiting import until

HOUR_MS = 3_600_000
HOLD_S = 20


@pytest.fixture
def clock(config: GraphConfig) -> MovableClock:
    assert isinstance(config.clock, MovableClock)
    return config.clock


async def confirm(owner: Owner) -> None:
    """Press, and answer the last question; the number of people is typed where it is asked for."""
    await owner.quiet()
    page = owner.window.page.editor
    people = (await page.sending()).people
    page.confirm_button.click()
    await until(lambda: bool(asked()))
    line = asked()[-1].findChild(QLineEdit, "line")
    if line is not None:
        line.insert(str(people))
    await owner.answer()
    await until(lambda: not page.outcome.isHidden())
    await owner.quiet()


async def test_a_drop_is_taken_back_sent_and_looked_back_on(start: Start, clock: MovableClock) -> None:
    async with start() as owner:
        owner.press("door_demo")
        await until(lambda: owner.shell.session.is_demo and owner.has_window, timeout=40)
        uid = await drop_of_an_hour(owner, clock)
        owner.window.go("drops", uid=uid)
        await confirm(owner)
        owner.shell.notices.kept[0].on_action()  # the notice's own way back
        await until(lambda: not owner.window.page.editor.form.isHidden())
        assert (await owner.graph.drops.get(uid)).state == "draft"
        await confirm(owner)
        clock.advance(HOLD_S)
        owner.window.sync_asked.emit()
        await owner.answer("agree")  # what leaves this computer, looked at once
        await until(lambda: "done" in states(owner), timeout=20)
        await owner.quiet()
        await claim(owner, uid)


async def test_a_missed_drop_is_moved_with_one_click(start: Start, clock: MovableClock) -> None:
    async with start() as owner:
        owner.press("door_demo")
        await until(lambda: owner.shell.session.is_demo and owner.has_window, timeout=40)
        uid = await drop_of_an_hour(owner, clock)
        owner.window.go("drops", uid=uid)
        await confirm(owner)
        clock.advance(2 * 3600)
        await owner.graph.outbox.mark_missed()
        page = await owner.at("outbox")
        row = next(at for at, row in enumerate(page.model.rows) if row.item.state.value == "missed")
        page.table.action_clicked.emit(row, "act")
        await until(lambda: owner.window.current_key == "drops")
        await owner.quiet()
        drop = await owner.graph.drops.get(uid)
        assert drop.state == "draft"
        assert drop.draft.opens_at > clock.now_ms()
        assert owner.window.page.editor.uid == uid


async def drop_of_an_hour(owner: Owner, clock: MovableClock) -> str:
    """One of the demo's own plans, opening in an hour."""
    row = (await owner.graph.drops.rows())[0]
    opens = clock.now_ms() // 60_000 * 60_000 + HOUR_MS
    draft = replace(row.drop.draft, opens_at=opens, announce_at=None)
    return (await owner.graph.drops.save_draft(draft, row.drop.uid)).uid


async def claim(owner: Owner, uid: str) -> None:
    """Write down who claimed."""
    fan = (await owner.graph.fans.rows((await owner.graph.fans.order(FanFilter()))[:1]))[0]
    owner.window.go("drops", uid=uid)
    await owner.quiet()
    editor = owner.window.page.editor
    who = owner.find(QLineEdit, "claim_who", editor)
    who.setFocus()
    who.insert(fan.name)
    QTest.keyClick(who, Qt.Key.Key_Return)
    await owner.press_when_shown(f"fan_{fan.fan_id}", editor)
    owner.press("claim_save", editor)
    await until(lambda: editor.result.figures.cells["claimed"].value.text() == "1")


def states(owner: Owner) -> set[str]:
    page = owner.window.page
    data = page.editor.data
    return {item.row.item.state.value for item in data.outcome.items} if data and data.outcome else set()
