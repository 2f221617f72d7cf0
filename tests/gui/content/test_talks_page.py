"""The talks page: who waits stands first, a reply is queued and can be taken back, drafts are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from desktop.domain.accounts import Account
from desktop.domain.talks import (
    HOUR_MS,
    MINUTE_MS,
    Answerer,
    DeskRecord,
    Direction,
    PersonRecord,
    TalkPage,
    TalkRecord,
    TalkState,
)
from desktop.qtkit import dialogs
from desktop.services.talks import TalkService
from desktop.store.accounts import accounts
from desktop.store.pulled import platform_talks
from desktop.views.exchange import Exchange
from desktop.views.talks.words import event_text
from desktop.views.talks_page import TalksPage
from tests.gui.content.conftest import Floor, walked
from tests.gui.content.test_posts_page import child
from tests.gui.sync_bench import ScriptedEngine
from tests.waiting import until

CORP_DESK = "wkdesk1"


class Scene:
    """Talks at one desk, told as a platform would."""

    def __init__(self, floor: Floor) -> None:
        self.floor, self.clock = floor, floor.clock
        self.service = TalkService(floor.world.store, floor.clock, floor.world.media)
        self.engine = ScriptedEngine(floor.world.store, floor.clock)
        self.exchange = Exchange(self.engine, floor.context)
        self._told = 0

    async def desk(self) -> None:
        def work(tx: Any) -> None:
            account: Account = accounts.listing(tx.db.conn)[0]
            platform_talks.ingest_desks(tx, account, [DeskRecord(CORP_DESK, "好吃研究所客服")])

        await self.floor.world.store.write(work, kind="test")

    async def says(
        self,
        who: int,
        text: str,
        minutes_ago: float = 0,
        *,
        direction: Direction = Direction.IN,
        kind: str = "text",
        facts: dict[str, Any] | None = None,
        state: Answerer = Answerer.NEW,
    ) -> None:
        at = self.clock.now_ms() - int(minutes_ago * MINUTE_MS)
        self._told += 1
        staff = "staff1" if direction is not Direction.IN else ""
        record = TalkRecord(f"m{self._told}", f"wm{who}", at, direction, kind, text, facts or {}, staff)

        def work(tx: Any) -> None:
            account: Account = accounts.listing(tx.db.conn)[0]
            desk = platform_talks.own_desks(tx.db.conn, account.id)[0]
            name = tx.db.execute("SELECT name FROM fan WHERE id = ?", (who,)).fetchone()
            people = {f"wm{who}": PersonRecord(f"wm{who}", name[0] if name else "路过的客户")}
            platform_talks.ingest_page(tx, account, desk, TalkPage((record,), "c", False), people)
            (talk_id,) = tx.db.execute(
                "SELECT id FROM conversation WHERE external_id = ?", (f"wm{who}",)
            ).fetchone()
            platform_talks.set_state(tx, talk_id, TalkState(state, "staff1" if state == "staff" else ""))

        await self.floor.world.store.write(work, kind="test")

    async def douyin(
        self, minutes_ago: float, *, opened_s_ago: float | None = None, replies: int = 0
    ) -> None:
        """A fan's message by Douyin, so many answers to it, and perhaps an opening of the chat page."""
        now = self.clock.now_ms()
        at = now - int(minutes_ago * MINUTE_MS)
        records = [TalkRecord("d0", "dy1", at, Direction.IN, "text", "茶具套装还有吗", {})]
        records += [
            TalkRecord(f"d{n}", "dy1", at + n, Direction.OUT, "text", "有的", {})
            for n in range(1, replies + 1)
        ]
        if opened_s_ago is not None:
            opened = now - int(opened_s_ago * 1000)
            records.append(TalkRecord("e1", "dy1", opened, Direction.EVENT, "im_enter_direct_msg", "", {}))

        def work(tx: Any) -> None:
            tx.db.execute(
                "INSERT INTO account (id, uid, platform, name, base_url, external_id, created_at)"
                " VALUES (77, 'dy', 'douyin', '好吃研究所', 'http://127.0.0.1', 'dyshop', 1)"
            )
            account = accounts.get(tx.db.conn, 77)
            platform_talks.ingest_desks(tx, account, [DeskRecord("dyshop", "好吃研究所")])
            desk = platform_talks.own_desks(tx.db.conn, 77)[0]
            people = {"dy1": PersonRecord("dy1", "爱喝茶的小舟")}
            platform_talks.ingest_page(tx, account, desk, TalkPage(tuple(records), "c", False), people)
            tx.db.execute("UPDATE conversation SET thread_id = 't1' WHERE external_id = 'dy1'")

        await self.floor.world.store.write(work, kind="test")

    async def page(self) -> TalksPage:
        page = await self.floor.open(TalksPage(self.floor.context, self.service, self.exchange))
        await self.floor.quiet(page)
        return page

    async def items(self) -> list[tuple[Any, ...]]:
        return await self.floor.world.query("SELECT state, summary ->> 'text' FROM outbox ORDER BY id")


async def staged(floor: Floor) -> Scene:
    """Seven talks: waiting, pressing, late, answered, with staff, ended, and a stranger."""
    scene = Scene(floor)
    await scene.desk()
    await scene.says(5, "你们周末发货吗", 60 * 26)
    await scene.says(5, "发的", 60 * 25, direction=Direction.STAFF)
    await scene.says(4, "上次的肉脯很好吃", 60 * 5)
    await scene.says(4, "谢谢支持！", 60 * 4.5, direction=Direction.STAFF, state=Answerer.STAFF)
    await scene.says(3, "", 27, kind="image", facts={"media_id": "x"})
    await scene.says(3, "这个少发了一袋，帮我看下", 26)
    await scene.says(2, "坚果礼盒还有货吗", 95)
    await scene.says(1, "在吗", 12)
    await scene.says(1, "低糖的是哪几款呀？我妈妈血糖高，想给她买一点解馋的，最好是独立小包装", 11)
    await scene.says(6, "有新口味吗", 60 * 50, state=Answerer.ENDED)
    return scene


async def test_who_waits_longest_stands_first(floor: Floor) -> None:
    scene = await staged(floor)
    page = await scene.page()
    names = [page.list.rows.row(at).name for at in range(page.list.rows.rowCount())]  # type: ignore[union-attr]
    assert names[:3] == ["阿柚的厨房", "宝妈Cici", "林小满"]
    assert "3 位在等回复" in page.head.subtitle.text()
    assert page.open_talk.name.text() == "阿柚的厨房"
    assert "超时 1 小时" in str(page.list.rows.index(0).data())
    assert child(page, QLabel, "wait").text() == "超时 1 小时"


async def test_a_reply_by_keyboard_is_queued_and_taken_back(floor: Floor) -> None:
    scene = await staged(floor)
    page = await scene.page()
    field = page.open_talk.composer.field
    field.setFocus()
    QTest.keyClicks(field, "in stock")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(field, "yes")
    QTest.keyClick(field, Qt.Key.Key_Return)
    await until(lambda: page.open_talk.messages.rows.rowCount() == 2)
    assert await scene.items() == [("confirmed", "in stock\nyes")]
    assert field.toPlainText() == ""
    assert "3 位" not in page.head.subtitle.text()
    assert floor.opened.notices.kept[0].on_action is not None
    floor.opened.notices.kept[0].on_action()
    await until(lambda: field.toPlainText() == "in stock\nyes")
    assert [state for state, _ in await scene.items()] == ["cancelled"]
    await floor.quiet(page)
    assert "3 位" in page.head.subtitle.text()


async def test_after_the_hold_messages_are_exchanged(floor: Floor) -> None:
    scene = await staged(floor)
    page = await scene.page()
    page.open_talk.composer.set_text("有的")
    child(page, QPushButton, "send").click()
    await until(lambda: page._leaving.isActive())
    page._leaving.setInterval(1)
    page._leaving.start()
    await until(lambda: bool(scene.engine.asked))
    assert scene.engine.talks_only == [True]


async def test_each_talk_keeps_its_own_draft(floor: Floor) -> None:
    scene = await staged(floor)
    page = await scene.page()
    field = page.open_talk.composer.field
    field.setFocus()
    QTest.keyClicks(field, "half a ")
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    await until(lambda: page.open_talk.name.text() == "宝妈Cici")
    assert field.toPlainText() == ""
    await page.autosave.settle()
    QTest.keyClick(page.list, Qt.Key.Key_Up)
    await until(lambda: page.open_talk.name.text() == "阿柚的厨房")
    assert field.toPlainText() == "half a "
    drafts = await floor.world.query("SELECT draft FROM conversation WHERE draft <> ''")
    assert drafts == [("half a ",)]
    later = await scene.page()
    assert later.open_talk.composer.text() == "half a "


async def test_with_staff_the_field_is_closed_and_says_why(floor: Floor) -> None:
    scene = await staged(floor)
    page = await scene.page()
    page.search._search()
    row = page.list.rows.find(lambda row: row.name == "周周爱喝茶")
    page.list.setCurrentIndex(page.list.rows.index(row))
    await until(lambda: page.open_talk.name.text() == "周周爱喝茶")
    assert child(page, QLabel, "room").text() == "已转人工，请在手机上回"
    assert not child(page, QPushButton, "send").isEnabled()
    assert page.open_talk.composer.field.isReadOnly()
    assert "人工接待" in child(page, QLabel, "answered_by").text()


async def test_a_failed_reply_says_why_and_is_said_again(floor: Floor) -> None:
    scene = await staged(floor)
    page = await scene.page()
    uid = page.open_talk.thread_shown.row.uid  # type: ignore[union-attr]
    queued = await scene.service.reply(uid, "有货的", hold_s=0)
    await floor.world.sql("UPDATE outbox SET state = 'done' WHERE uid = ?", queued.uid)
    key = queued.uid.replace("-", "")
    await scene.says(
        2, "", direction=Direction.EVENT, kind="msg_send_fail", facts={"fail_msgid": key, "fail_type": 10}
    )
    await until(lambda: page.open_talk.trouble.isVisible())
    assert "客户拒收" in page.open_talk.trouble.text.text()
    child(page, QPushButton, "again").click()
    await until(lambda: not page.open_talk.trouble.isVisible())
    assert [text for _, text in await scene.items()] == ["有货的", "有货的"]


async def test_searching_and_reading(floor: Floor) -> None:
    scene = await staged(floor)
    page = await scene.page()
    unread = "SELECT count(*) FROM conversation WHERE read_at IS NULL"
    await until(lambda: page.list.rows.row(0).unread == 0)  # type: ignore[union-attr]
    assert await floor.world.query(unread) == [(5,)]
    page.search.setText("肉脯")
    page.search._search()
    await until(lambda: page.list.rows.rowCount() == 1)
    page.search.setText("没有这句")
    page.search._search()
    await until(lambda: page.no_match.isVisible())
    page.no_match.button.click()
    page.search._search()
    await until(lambda: page.list.rows.rowCount() == 6)


async def test_before_anything_is_there_it_explains_itself(floor: Floor) -> None:
    scene = Scene(floor)
    page = await scene.page()
    assert page.unconnected.isVisible()
    page.unconnected.button.click()
    assert floor.opened.went == [("sync", {})]
    await scene.desk()
    await until(lambda: page.nobody.isVisible())


async def test_long_talks_show_the_last_part_first(floor: Floor) -> None:
    scene = Scene(floor)
    await scene.desk()
    for n in range(205):
        await scene.says(1, f"第 {n} 句", 300 - n)
    page = await scene.page()
    assert page.open_talk.messages.rows.rowCount() == 200
    child(page, QPushButton, "older").click()
    await until(lambda: page.open_talk.messages.rows.rowCount() == 205)
    assert page.open_talk.older.isHidden()


async def test_hostile_words_stay_words(floor: Floor) -> None:
    scene = Scene(floor)
    await scene.desk()
    await scene.says(1, '<img src="file:///etc/x"><b>粗</b>\u202e{0.__class__}', 3)
    await scene.says(1, "", 2, kind="hologram<b>", facts={"x": "<i>"})
    page = await scene.page()
    words = [str(page.open_talk.messages.rows.index(at).data()) for at in range(2)]
    assert "<b>粗</b>" in words[0]
    assert "hologram<b>" in words[1]


async def test_nothing_is_clipped_or_unnamed(floor: Floor, shot: Callable[[QWidget, str], None]) -> None:
    scene = await staged(floor)
    page = await scene.page()
    page._open((await scene.service.inbox("低糖")).rows[0].uid)
    await until(lambda: page.open_talk.name.text() == "林小满")
    uid = page._uid
    queued = await scene.service.reply(
        uid, "您好！低糖的有三款：巴旦木、腰果和每日坚果，都是独立小包装。", hold_s=0
    )
    await floor.world.sql("UPDATE outbox SET state = 'done' WHERE uid = ?", queued.uid)
    await scene.service.reply(uid, "我给您留两盒？")
    await floor.quiet(page)
    page.open_talk.composer.set_text("今天下单明")
    await walked(floor, page, shot, "talks")


async def test_time_goes_by(floor: Floor) -> None:
    scene = await staged(floor)
    page = await scene.page()
    assert "剩 46 小时" in child(page, QLabel, "room").text()
    floor.clock.advance(3 * HOUR_MS / 1000)
    page._on_tick()
    assert "剩 43 小时" in child(page, QLabel, "room").text()


async def test_a_talk_by_douyin_is_held_by_the_rules_of_douyin(floor: Floor, shot: Any) -> None:
    scene = Scene(floor)
    await scene.douyin(60)
    page = await scene.page()
    room = child(page, QLabel, "room")
    assert page.open_talk.desk.text() == "抖音私信：好吃研究所"
    assert "还能回 6 条，剩 23 小时" in room.text()
    composer = page.open_talk.composer
    composer.field.insert_at_cursor("好" * 1000)  # 3000 bytes: too long for the other platform
    assert "23 小时" in room.text()
    assert composer.send.isEnabled()
    composer.field.insert_at_cursor("好好")
    assert "要少 2 个字" in room.text()
    assert not composer.send.isEnabled()
    composer.set_text("")
    await walked(floor, page, shot, "talks-douyin")


async def test_after_a_day_only_who_opens_the_chat_by_douyin_can_be_answered(floor: Floor) -> None:
    scene = Scene(floor)
    await scene.douyin(60 * 25)
    page = await scene.page()
    assert "超过 24 小时" in child(page, QLabel, "room").text()
    assert not page.open_talk.composer.send.isEnabled()


async def test_an_answer_by_douyin_that_is_out_is_taken_back_from_its_menu(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(floor)
    await scene.douyin(60)
    page = await scene.page()
    queued = await scene.service.reply(page.data.thread.row.uid, "发错了", hold_s=0)

    def out(tx: Any) -> None:
        tx.db.execute(
            "UPDATE outbox SET state = 'done', platform_id = '@sent1', proof = '{}' WHERE uid = ?",
            (queued.uid,),
        )

    messages = page.open_talk.messages

    def offered() -> list[str]:
        bubble = messages.rows.row(messages.rows.rowCount() - 1)
        assert bubble is not None
        return [action.text() for action in messages.menu_of(bubble).actions()]

    await until(lambda: messages.rows.rowCount() == 2, what="the reply")
    assert offered() == ["复制"]  # it has not gone out
    await floor.world.store.write(out, kind="test")
    page.refresh()
    await until(lambda: len(offered()) == 2, what="it is out")
    asked: list[str] = []

    async def yes(_parent: QWidget, title: str, _text: str, **_more: Any) -> bool:
        asked.append(title)
        return True

    monkeypatch.setattr(dialogs, "confirm", yes)
    messages.recall_asked.emit(queued.uid)
    await until(lambda: len(offered()) == 1, what="it is being taken back")
    bubble = messages.rows.row(1)
    assert bubble is not None
    assert bubble.foot == "正在撤回"
    assert asked == ["撤回这条消息？"]


async def test_seconds_are_counted_while_the_chat_by_douyin_stands_open(floor: Floor) -> None:
    scene = Scene(floor)
    await scene.douyin(60 * 25, opened_s_ago=10)
    page = await scene.page()
    assert "还能发 3 条，剩 20 秒" in child(page, QLabel, "room").text()
    assert event_text(page.data.thread.messages[-1]) == "客户点开了私信"
