"""Everything that went out on screen, several outbox items at once, and what leaves shown before it does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from desktop.domain.errors import RejectedError, UnclearReplyError
from desktop.qtkit import dialogs, i18n
from desktop.services.first_send import FirstSendService
from desktop.services.sent_history import SentHistoryService
from desktop.views.outbox_page import OutboxPage
from desktop.views.sent_page import SentPage
from desktop.views.sync.first_send_dialog import FirstSendDialog
from tests.gui.content.conftest import Floor, walked
from tests.gui.content.test_posts_page import child
from tests.gui.walk import clipped_labels, unnamed_focusables
from tests.waiting import until

HOUR = 3_600_000
REFUSED = RejectedError("wecom_request_refused", platform_code=40058)
ELSEWHERE = (
    "INSERT INTO mass_send_record (account_id, external_id, chat_type, creator, text, created_at, staff_asked,"
    " staff_confirmed, targets_sent, targets_failed) VALUES (1, ?, 'single', 'staff1', ?, ?, 2, 1, 12, 3)"
)


async def sent_page(floor: Floor) -> SentPage:
    floor.world.store.operator = "小满"
    await floor.world.post("夏天的杨梅到了，今天下单明天发")
    await floor.world.push()
    await floor.world.sql(ELSEWHERE, "msg-elsewhere", "别处发的：周末团购提醒", floor.clock.now_ms() - HOUR)
    page = await floor.open(SentPage(floor.context, SentHistoryService(floor.world.store)))
    await floor.quiet(page)
    return page


async def test_ours_and_others_stand_side_by_side_and_can_be_told_apart(floor: Floor) -> None:
    page = await sent_page(floor)
    made = [page.model.index(row, 3).data() for row in range(page.model.rowCount())]
    assert made == ["本机", "别处"]
    page.made.set_value("elsewhere")
    page.made.chosen.emit("elsewhere")
    await until(lambda: page.model.rowCount() == 1)
    page.filters.clear()
    await until(lambda: page.model.rowCount() == 2)
    page.filters.searched.emit("杨梅")
    await until(lambda: page.model.rowCount() == 1)


async def test_the_drawer_tells_everything_and_copies_it(floor: Floor) -> None:
    page = await sent_page(floor)
    page._open_row(0)
    sha256 = page.model.rows[0].sha256
    assert child(page.panel, QLabel, "fact_sha256").text().replace("\u200b", "") == sha256
    assert child(page.panel, QLabel, "fact_who").text() == "小满"
    assert child(page.panel, QLabel, "fact_proof").text() == "平台当场确认"
    child(page.panel, QPushButton, "copy").click()
    copied = QApplication.clipboard().text()
    assert sha256 in copied
    assert "夏天的杨梅到了" in copied
    child(page.panel, QPushButton, "open_item").click()
    assert floor.opened.went[-1] == ("outbox", {"uid": page.model.rows[0].key})
    page._open_row(1)
    assert child(page.panel, QPushButton, "open_item").isHidden()
    assert child(page.panel, QLabel, "fact_reached").text() == "12 人，未送达 3"


async def test_it_is_saved_as_a_file(floor: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = await sent_page(floor)
    target = tmp_path / "all.csv"

    async def named(*_words: object, **_more: object) -> Path:
        return target

    monkeypatch.setattr(dialogs, "save_file", named)
    page.export_button.click()
    await until(target.exists)
    lines = target.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("时间,内容种类,从哪里发,谁发的")
    assert len(lines) == 3
    assert "群发给客户,别处" in lines[2]


async def test_looks(floor: Floor, shot: Callable[[QWidget, str], None]) -> None:
    page = await sent_page(floor)
    await walked(floor, page, shot, "sent")
    page._open_row(0)
    await walked(floor, page, shot, "sent-drawer")


async def several(floor: Floor) -> OutboxPage:
    """One that nobody knows about, two refused, one that waits."""
    await floor.world.post("一", hold_s=0)
    floor.world.adapter.script = [("error", UnclearReplyError("reply_lost"), False)]
    await floor.world.push()
    await floor.world.sql("UPDATE delivery SET target_external_id = target_external_id || 'x'")
    for body in ("二", "三"):
        await floor.world.post(body)
        floor.world.adapter.script = [("error", REFUSED, False)]
        await floor.world.push()
        await floor.world.sql("UPDATE delivery SET target_external_id = target_external_id || 'y'")
    await floor.world.post("四", scheduled_at=floor.clock.now_ms() + HOUR)
    page = await floor.open(OutboxPage(floor.context, floor.world.outbox))
    await floor.quiet(page)
    return page


def select_all(page: OutboxPage) -> None:
    page.table.selectionModel().clear()
    for row in range(page.model.rowCount()):
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        page.table.selectionModel().select(page.model.index(row, 0), flags)


async def test_bulk_steps_touch_only_what_they_fit_and_never_the_unknown(floor: Floor) -> None:
    page = await several(floor)
    assert sorted(await floor.world.states()) == ["confirmed", "rejected", "rejected", "unknown"]
    select_all(page)
    assert {step: button.isHidden() for step, button in page.bulk.buttons.items()} == {
        "cancel": False, "release": True, "retry": False,
    }  # fmt: skip
    assert "（2）" in page.bulk.buttons["retry"].text()
    page.bulk.buttons["retry"].click()
    dialog = await floor.dialog(page)
    child(dialog, QPushButton, "accept").click()
    await floor.quiet(page)
    states = sorted(await floor.world.states())
    assert states == ["confirmed", "confirmed", "confirmed", "rejected", "rejected", "unknown"]
    select_all(page)
    assert "（3）" in page.bulk.buttons["cancel"].text()
    assert page.bulk.buttons["retry"].isHidden()  # those were sent again already
    page.bulk.buttons["cancel"].click()
    dialog = await floor.dialog(page)
    child(dialog, QPushButton, "accept").click()
    await floor.quiet(page)
    states = sorted(await floor.world.states())
    assert states == ["cancelled", "cancelled", "cancelled", "rejected", "rejected", "unknown"]


async def test_one_selected_row_offers_no_bulk_steps(floor: Floor) -> None:
    page = await several(floor)
    page.table.selectRow(0)
    assert page.bulk.isHidden()


async def test_what_leaves_is_shown_field_by_field(
    floor: Floor, shot: Callable[[QWidget, str], None]
) -> None:
    await floor.world.post("夏天的杨梅到了，<b>今天</b>下单明天发")
    await floor.world.drop()
    service = FirstSendService(floor.world.store, floor.clock)
    first = await service.preview(1)
    theme = floor.context.theme
    for language in ("zh_CN", "en"):
        for look in ("light", "dark"):
            theme.set_choice(look)
            i18n.set_language(language)
            dialog = FirstSendDialog(first)
            dialog.show()
            assert child(dialog, QLabel, "first_send_host").text() == "127.0.0.1"
            said = "\n".join(label.text() for label in dialog.findChildren(QLabel))
            assert "<b>今天</b>" in said
            assert clipped_labels(dialog) == []
            assert unnamed_focusables(dialog) == []
            shot(dialog, f"first_send_{language}_{look}")
            dialog.close()
            dialog.deleteLater()
    i18n.set_language("zh_CN")
    theme.set_choice("light")
