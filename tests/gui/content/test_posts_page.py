"""Writing a post: kept within a second, counted while choosing, frozen when confirmed, taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QRadioButton, QWidget

from desktop.domain.audience import Audience
from desktop.domain.fans import Tier
from desktop.domain.posts import Channel, PostDraft
from desktop.qtkit import i18n
from desktop.services.official_account import OfficialAccountService
from desktop.services.segments import SegmentService
from desktop.views.post_editor import PostEditor
from desktop.views.posts_page import PostsPage
from desktop.views.widgets.phone_preview import Scene
from tests.gui.content.conftest import Floor, picture, walked
from tests.waiting import until

HOUR = 3_600_000
BODY = "天冷了，{昵称}，桂圆红枣茶今晚 8 点补货！\n粉丝群里先到先得，老粉每盒再减 30 元。\n回复“暖”字，给您留一盒～"


async def page_of(floor: Floor) -> PostsPage:
    world = floor.world
    return await floor.open(
        PostsPage(
            floor.context,
            world.posts,
            floor.fans,
            floor.accounts,
            world.outbox,
            SegmentService(world.store, floor.context.clock),
            OfficialAccountService(world.store, floor.context.clock, world.media),
        )
    )


async def writing(floor: Floor, uid: str | None = None) -> PostEditor:
    page = await page_of(floor)
    page.open_post(uid)
    await until(lambda: page.editor.is_loaded)
    await floor.quiet(page)
    return page.editor


def child(page: QWidget, kind: type, name: str):  # type: ignore[no-untyped-def]
    found = page.findChild(kind, name)
    assert found is not None, name
    return found


def everyone(editor: PostEditor) -> None:
    child(editor, QRadioButton, "everyone").click()


async def test_what_is_typed_is_kept_within_a_second(floor: Floor) -> None:
    editor = await writing(floor)
    field = editor.form.message.text
    field.setFocus()
    QTest.keyClicks(field, "new tea tonight")
    began = asyncio.get_running_loop().time()
    await until(lambda: "草稿已保存" in editor.head.subtitle.text(), timeout=1.5)
    assert asyncio.get_running_loop().time() - began < 1.0
    rows = await floor.world.posts.rows()
    assert [row.post.draft.body for row in rows] == ["new tea tonight"]
    QTest.keyClicks(field, "!")
    await until(lambda: not editor.autosave.is_dirty)
    await floor.quiet(editor)
    assert [row.post.draft.body for row in await floor.world.posts.rows()] == ["new tea tonight!"]


async def test_a_word_being_composed_is_neither_kept_nor_counted(floor: Floor) -> None:
    editor = await writing(floor)
    field = editor.form.message.text
    QTest.keyClicks(field, "tea ")
    before = editor.form.message.room.text()
    QApplication.sendEvent(field, QInputMethodEvent("jinwan", []))
    await asyncio.sleep(0.8)
    await floor.quiet(editor)
    assert [row.post.draft.body for row in await floor.world.posts.rows()] == ["tea "]
    assert editor.form.message.room.text() == before
    done = QInputMethodEvent()
    done.setCommitString("今晚")
    QApplication.sendEvent(field, done)
    await until(lambda: not editor.autosave.is_dirty)
    await floor.quiet(editor)
    assert [row.post.draft.body for row in await floor.world.posts.rows()] == ["tea 今晚"]


async def test_what_was_typed_last_survives_closing(floor: Floor) -> None:
    editor = await writing(floor)
    QTest.keyClicks(editor.form.message.text, "last words")
    await editor.scope.aclose()
    assert [row.post.draft.body for row in await floor.world.posts.rows()] == ["last words"]


async def test_the_audience_is_counted_while_choosing(floor: Floor) -> None:
    await floor.world.sql("INSERT INTO suppression (fan_id, channel, at, reason) VALUES (1, '', 0, '')")
    editor = await writing(floor)
    everyone(editor)
    reached = child(editor, QLabel, "reached")
    await until(lambda: reached.text() == "能收到 9 人（共 10 人）", what=reached.text())
    assert "勿扰名单 1 人" in child(editor, QLabel, "left_out").text()
    child(editor, QRadioButton, "some").click()
    child(editor, QPushButton, "tier_favorable").click()
    await until(lambda: "共 4 人" in reached.text(), what=reached.text())


async def test_a_placeholder_is_put_at_the_cursor_and_filled_on_the_phone(floor: Floor) -> None:
    editor = await writing(floor)
    everyone(editor)
    child(editor, QPushButton, "insert_昵称").click()
    QTest.keyClicks(editor.form.message.text, ", hello")
    await until(lambda: editor.side.phone.message.text == "林小满, hello")


async def test_a_problem_stands_at_its_field_once_touched(floor: Floor) -> None:
    editor = await writing(floor)
    rows = editor.form.form.rows
    assert rows["body"].problem.isHidden()
    editor.form.message.text.insert_at_cursor("茶" * 1400)
    await until(lambda: not rows["body"].problem.isHidden())
    assert "请删短" in rows["body"].problem.text()
    assert "超出约" in editor.form.message.room.text()


async def test_confirming_freezes_the_text_and_can_be_taken_back(floor: Floor) -> None:
    editor = await writing(floor)
    editor.form.message.text.insert_at_cursor("{昵称}，今晚到货")
    everyone(editor)
    await until(lambda: not editor.autosave.is_dirty)
    child(editor, QPushButton, "confirm").click()
    dialog = await floor.dialog(editor)
    assert child(dialog, QLabel, "frozen_text").text() == "林小满，今晚到货"
    child(dialog, QPushButton, "accept").click()
    await until(lambda: not editor.outcome.isHidden(), what="outcome")
    await floor.quiet(editor)
    assert len(await floor.world.outbox.rows()) == 10
    assert editor.form.isHidden()
    assert "秒可以撤回" in child(editor, QLabel, "countdown").text()
    notice = floor.opened.notices.kept[0]
    assert notice.on_action is not None
    notice.on_action()
    await until(lambda: not editor.form.isHidden(), what="form again")
    await floor.quiet(editor)
    assert {row.item.state.value for row in await floor.world.outbox.rows()} == {"cancelled"}


async def test_more_than_two_hundred_are_confirmed_by_their_number(floor: Floor) -> None:
    world = floor.world
    for n in range(100, 320):
        await world.sql(
            "INSERT INTO fan (id, uid, name, first_seen_at, created_at, updated_at) VALUES (?, ?, ?, 0, 0, 0)",
            n, f"u{n}", f"粉{n}",
        )  # fmt: skip
        await world.sql(
            "INSERT INTO identity (id, fan_id, platform, scope, external_id, account_id, origin,"
            " first_seen_at, updated_at) VALUES (?, ?, 'wecom', 'ww_test', ?, 1, 'test', 0, 0)",
            n, n, f"wm{n}",
        )  # fmt: skip
        await world.sql("INSERT INTO follow (identity_id, staff_id) VALUES (?, 1)", n)
    editor = await writing(floor)
    editor.form.message.text.insert_at_cursor("今晚到货")
    everyone(editor)
    await until(lambda: not editor.autosave.is_dirty)
    child(editor, QPushButton, "confirm").click()
    dialog = await floor.dialog(editor)
    accept = child(dialog, QPushButton, "accept")
    assert not accept.isEnabled()
    QTest.keyClicks(child(dialog, QLineEdit, "line"), "230")
    assert accept.isEnabled()
    dialog.reject()
    await floor.quiet(editor)
    assert await floor.world.outbox.rows() == []


async def test_pictures_are_added_moved_and_removed(floor: Floor, tmp_path: Path) -> None:
    editor = await writing(floor)
    files = [picture(tmp_path, f"{n}.png", c, "#222222") for n, c in enumerate(("#ff8844", "#44aa88"))]
    editor.keep_files(files)
    await until(lambda: len(editor.form.pictures.tiles) == 2)
    first = editor.form.pictures.media[0]
    QTest.keyClick(editor.form.pictures.tiles[0], Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert editor.form.pictures.media[1] == first
    QTest.keyClick(editor.form.pictures.tiles[1], Qt.Key.Key_Delete)
    assert [picture.file_name for picture in editor.form.pictures.media] == ["1.png"]


async def test_a_missed_post_gets_the_next_such_hour_with_one_click(floor: Floor) -> None:
    uid = await floor.world.post(scheduled_at=floor.clock.now_ms() + HOUR, grace_minutes=30)
    floor.clock.advance(3 * 3600)
    await floor.world.outbox.mark_missed()
    page = await page_of(floor)
    await floor.quiet(page)
    assert page.list.model.index(0, 1).data() == "错过了时间"
    page.list.table.action_clicked.emit(0, "act")
    await until(lambda: page.editor.is_loaded and page.shown is page.editor)
    await floor.quiet(page)
    post = await floor.world.posts.get(uid)
    assert post.state == "draft"
    assert post.draft.scheduled_at == floor.clock.now_ms() - 2 * HOUR + 24 * HOUR


async def test_deleting_can_be_undone(floor: Floor) -> None:
    await floor.world.posts.save_draft(PostDraft(title="草稿", body="还没写完"))
    page = await page_of(floor)
    await floor.quiet(page)
    page.list.table.selectRow(0)
    child(page, QPushButton, "delete").click()
    await until(lambda: page.list.model.rowCount() == 0)
    undo = floor.opened.notices.kept[0].on_action
    assert undo is not None
    undo()
    await until(lambda: page.list.model.rowCount() == 1)


async def test_looks_of_the_list(floor: Floor, shot: Callable[[QWidget, str], None]) -> None:
    world, now = floor.world, floor.clock.now_ms()
    page = await page_of(floor)
    await floor.quiet(page)
    await walked(floor, page, shot, "posts-empty")
    everyone_ = Audience(everyone=True)
    await world.post("夏天的第一箱杨梅到了，{昵称}，给您留了两斤。")
    await world.push()
    await world.posts.save_draft(
        PostDraft("端午礼盒预告", "端午礼盒下周开订，老粉先挑。", audience=everyone_)
    )
    await world.post("今晚直播间见", scheduled_at=now + 8 * HOUR)
    missed = PostDraft("早安问候", "早上好", audience=everyone_, scheduled_at=now + HOUR, grace_minutes=15)
    saved = await world.posts.save_draft(missed)
    await world.posts.confirm(saved.uid, 0)
    floor.clock.advance(2 * 3600)
    await world.outbox.mark_missed()
    await floor.quiet(page)
    await walked(floor, page, shot, "posts-list")


async def test_looks_of_the_editor(
    floor: Floor, tmp_path: Path, shot: Callable[[QWidget, str], None]
) -> None:
    world, now = floor.world, floor.clock.now_ms()
    sent = await world.post("夏天的第一箱杨梅到了，{昵称}，给您留了两斤。")
    await world.push()
    page = await page_of(floor)
    media = [
        await world.posts.keep_picture(picture(tmp_path, f"{n}.png", a, b))
        for n, (a, b) in enumerate((("#f59e6c", "#d64f4a"), ("#7db5a0", "#3f7d63"), ("#93a4ee", "#5a6ad0")))
    ]
    draft = PostDraft(
        "小雪进补 · 粉丝先享", BODY, tuple(media), Audience(everyone=True), scheduled_at=now + 30 * HOUR
    )
    uid = (await world.posts.save_draft(replace(draft, body=BODY + "\n手慢无，最后一批"))).uid
    page.open_post(uid)
    await until(lambda: page.editor.is_loaded)
    await floor.quiet(page)
    await walked(floor, page, shot, "posts-editor")
    page.editor.confirm_button.click()
    dialog = await floor.dialog(page)
    shot(dialog, "posts-confirm")
    dialog.reject()
    page.open_post(sent)
    await floor.quiet(page)
    await walked(floor, page, shot, "posts-sent")


async def test_a_post_for_moments_asks_for_tags_only(
    floor: Floor, tmp_path: Path, shot: Callable[[QWidget, str], None]
) -> None:
    editor = await writing(floor)
    child(editor, QRadioButton, "channel_moment").click()
    everyone(editor)
    editor.form.message.text.setPlainText("今晚八点，桂圆红枣茶补货，店里先到先得。")
    for at, colour in enumerate(("#a33", "#3a3", "#33a", "#aa3")):
        file = picture(tmp_path, f"{at}.png", colour, "#eee")
        editor.form.pictures.add(await floor.world.posts.keep_picture(file))
    await until(lambda: not editor.autosave.is_dirty)
    await until(lambda: "能看到" in editor.form.audience.reached.text())
    await floor.quiet(editor)
    assert not editor.form.audience.tiers[Tier.DEVOTED].isVisible()
    assert editor.side.phone.message.scene is Scene.MOMENT
    draft = (await floor.world.posts.rows())[0].post.draft
    assert (draft.channel, draft.audience.everyone) == (Channel.MOMENT, True)
    await walked(floor, editor, shot, "moment")
    i18n.set_language("zh_CN")
    child(editor, QRadioButton, "channel_mass_send").click()
    child(editor, QRadioButton, "some").click()
    await floor.quiet(editor)
    assert editor.form.audience.tiers[Tier.DEVOTED].isVisible()
    assert editor.side.phone.message.scene is Scene.CHAT


async def test_a_picture_post_shows_its_first_picture_and_asks_for_nobody(
    floor: Floor, tmp_path: Path, shot: Callable[[QWidget, str], None]
) -> None:
    editor = await writing(floor)
    child(editor, QRadioButton, "channel_picture_post").click()
    editor.form.message.text.setPlainText("今晚八点，桂圆红枣茶补货，店里先到先得。")
    for at in range(12):
        file = picture(tmp_path, f"{at}.png", f"#{at % 10}a{at % 7}", "#eee")
        editor.form.pictures.add(await floor.world.posts.keep_picture(file))
    await until(lambda: not editor.autosave.is_dirty)
    await floor.quiet(editor)
    assert not editor.form.audience.isVisible()
    await until(lambda: len(editor.side.phone.message.images) == 12)
    assert editor.side.phone.message.scene is Scene.PICTURE_POST
    await until(lambda: {one.code for one in editor.problems} == {"picture_post_account_missing"})
    draft = (await floor.world.posts.rows())[0].post.draft
    assert (draft.channel, len(draft.media)) == (Channel.PICTURE_POST, 12)
    await walked(floor, editor, shot, "picture-post")
    i18n.set_language("zh_CN")
