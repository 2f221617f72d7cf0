"""Writing an article of an official account, and one post for several accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QRadioButton, QWidget

from desktop.domain.articles import Way, parts_of
from desktop.domain.content import MediaRef
from desktop.domain.outbox_items import OutboxItem
from desktop.domain.posts import Channel
from desktop.domain.write_kinds import wechat as kinds
from desktop.qtkit import dialogs
from desktop.qtkit.dialogs import MessageDialog
from desktop.store.sends import outbox
from desktop.views.post_editor import PostEditor
from tests.gui.content.conftest import Floor, picture, walked
from tests.gui.content.test_posts_page import child, writing
from tests.waiting import until

TEXT = (
    "## 为什么是桂圆\n天冷的时候，一杯**热茶**比什么都强。\n[图片 1]\n"
    "今年新到的桂圆来自莆田，肉厚、核小，配新疆红枣一起煮。\n## 怎么煮\n水开后小火 20 分钟就好。"
)


@pytest.fixture
def official(floor: Floor, runner: Any) -> Floor:
    """The shop with an official account, two tags there and thirty followers."""

    async def made() -> None:
        sql = floor.world.sql
        await sql(
            "INSERT INTO account (id, uid, platform, name, base_url, external_id, state, created_at)"
            " VALUES (7, 'oa', 'wechat', '小满公众号', 'http://127.0.0.1:1', 'wx1', 'connected', 0)"
        )
        for n, name in ((101, "老客"), (102, "新客")):
            await sql("INSERT INTO tag (id, uid, name, account_id, external_id) VALUES (?, ?, ?, 7, ?)",
                      n, f"t{n}", name, str(n))  # fmt: skip
        for n in range(901, 931):
            await sql("INSERT INTO fan (id, uid, name, first_seen_at, created_at, updated_at)"
                      " VALUES (?, ?, ?, 0, 0, 0)", n, f"f{n}", f"粉{n}")  # fmt: skip
            await sql("INSERT INTO identity (id, fan_id, platform, scope, external_id, account_id, origin,"
                      " first_seen_at, updated_at) VALUES (?, ?, 'wechat', 'wx1', ?, 7, 'test', 0, 0)",
                      n, n, f"o{n}")  # fmt: skip
            await sql("INSERT INTO follower (identity_id, account_id, tags) VALUES (?, 7, ?)",
                      n, '["101"]' if n <= 912 else "[]")  # fmt: skip

    runner.run(made())
    return floor


async def article(floor: Floor, tmp_path: Path) -> PostEditor:
    """An article as far as it goes before it is confirmed."""
    editor = await writing(floor)
    child(editor, QRadioButton, "channel_article").click()
    QTest.keyClicks(child(editor, QLineEdit, "title"), "Warm tea for cold days")
    kept = await floor.world.posts.keep_picture(picture(tmp_path, "tea.png", "#f5c16c", "#c2410c"))
    fields = editor.form.article
    fields.cover.add(kept)
    fields.body.set_value(TEXT, (kept,))
    fields.edited.emit("article")
    await settled(floor, editor)
    return editor


async def settled(floor: Floor, editor: PostEditor) -> None:
    editor.autosave.flush()
    await until(lambda: not editor.autosave.is_dirty, what="kept")
    await floor.quiet(editor)


async def items_of(floor: Floor) -> list[OutboxItem]:
    uids = [uid for (uid,) in await floor.world.query("SELECT uid FROM outbox ORDER BY id")]
    return [
        await floor.world.store.read(lambda conn, uid=uid: outbox.by_uid(conn, uid, with_payload=True))
        for uid in uids
    ]


def cover_of(editor: PostEditor) -> MediaRef | None:
    return editor.form.draft().article.cover


async def test_headings_bold_words_and_pictures_are_written_at_a_click(
    official: Floor, tmp_path: Path
) -> None:
    editor = await writing(official)
    child(editor, QRadioButton, "channel_article").click()
    body = editor.form.article.body
    body.text.setFocus()
    child(editor, QPushButton, "article_heading").click()
    QTest.keyClicks(body.text, "How to")
    QTest.keyClick(body.text, Qt.Key.Key_Return)
    QTest.keyClicks(body.text, "first ")
    child(editor, QPushButton, "article_bold").click()
    QTest.keyClicks(body.text, "*hot*")
    kept = await official.world.posts.keep_picture(picture(tmp_path, "a.png", "#f5c16c", "#c2410c"))
    editor.form.add_picture(kept)
    QTest.keyClicks(body.text, "[1] end")
    assert body.value() == "## How to\nfirst **\\*hot\\***\n[图片 1]\n\\[1] end"
    assert body.media == (kept,)
    body.text.undo()
    assert "end" not in body.value()
    body.text.redo()
    await settled(official, editor)
    draft = (await official.world.posts.rows())[0].post.draft
    assert (draft.channel, draft.body, draft.media) == (Channel.ARTICLE, body.value(), (kept,))


async def test_a_format_alone_is_a_change_that_is_kept(official: Floor, tmp_path: Path) -> None:
    editor = await article(official, tmp_path)
    text = editor.form.article.body.text
    cursor = QTextCursor(text.document())
    cursor.movePosition(QTextCursor.MoveOperation.End)
    cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
    text.setTextCursor(cursor)
    child(editor, QPushButton, "article_bold").click()
    assert editor.autosave.is_dirty
    await settled(official, editor)
    assert editor.uid is not None
    body = (await official.world.posts.get(editor.uid)).draft.body
    assert body.endswith("**水开后小火 20 分钟就好。**")
    assert [kind for kind, _ in parts_of(body)] == [kind for kind, _ in parts_of(TEXT)]


async def test_an_article_goes_out_as_a_draft_and_a_send_to_a_tag(
    official: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = await article(official, tmp_path)
    child(editor, QRadioButton, "way_mass_send").click()
    await settled(official, editor)
    tag = child(editor, QComboBox, "article_tag")
    assert [tag.itemText(at) for at in range(tag.count())] == [
        "全部关注者（30 人）",
        "新客（0 人）",
        "老客（12 人）",
    ]
    tag.setCurrentIndex(2)
    tag.activated.emit(2)
    await settled(official, editor)
    assert "还剩约 4 次" in child(editor, QLabel, "article_reach").text()
    editor.confirm_button.click()
    dialog = await official.dialog(editor)
    assert "12 人" in [label.text() for label in dialog.findChildren(QLabel)]
    child(dialog, QPushButton, "accept").click()
    await until(lambda: editor.outcome.isVisible(), what="outcome")
    await official.quiet(editor)
    items = await items_of(official)
    assert [(item.kind, item.entity) for item in items] == [
        (kinds.DRAFT_ADD, "post"),
        (kinds.MASS_SEND, "post"),
    ]
    assert items[1].predecessor == items[0].uid
    assert items[1].write.body["tag"] == "101"
    editor._stop()
    await until(lambda: editor.form.isVisible(), what="a draft again")
    assert editor.form.draft().article.way is Way.MASS_SEND
    assert cover_of(editor) is not None


async def test_a_preview_goes_by_way_of_the_box_and_the_post_stays_a_draft(
    official: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = await article(official, tmp_path)

    async def named(*_args: object, **_more: object) -> str:
        return "xiaoman88"

    monkeypatch.setattr(dialogs, "ask_text", named)
    child(editor, QPushButton, "article_preview").click()
    known = child(editor, QLabel, "article_known")
    await until(lambda: "预览" in known.text(), what="the step is told")
    await official.quiet(editor)
    items = await items_of(official)
    assert [item.kind for item in items] == [kinds.DRAFT_ADD, kinds.PREVIEW]
    assert items[1].predecessor == items[0].uid
    assert editor.form.isVisible()


async def test_one_post_has_a_version_for_each_account(official: Floor, tmp_path: Path) -> None:
    editor = await article(official, tmp_path)
    first = editor.uid
    assert child(editor, QPushButton, "add_version").isVisible()
    menu = editor.versions.menu()
    actions: list[QAction] = menu.actions()
    assert [action.text() for action in actions] == ["群发给客户 · 小店", "发到员工的朋友圈 · 小店"]
    actions[0].trigger()
    await until(lambda: editor.uid != first and editor.form.draft().channel is Channel.MASS_SEND)
    await official.quiet(editor)
    assert "热茶比什么都强" in editor.form.message.value()
    assert len(editor.form.pictures.media) == 1
    QTest.keyClicks(editor.form.message.text, "only here ")
    await settled(official, editor)
    assert first is not None
    assert "only here" not in (await official.world.posts.get(first)).draft.body
    tabs = [one for one in editor.versions._tabs if one.isVisible()]
    assert len(tabs) == 2
    child(editor, QPushButton, f"version_{first}").click()
    await until(lambda: editor.uid == first and editor.form.draft().channel is Channel.ARTICLE)
    await official.quiet(editor)
    assert editor.form.article.body.value() == TEXT


async def test_all_versions_are_sent_with_one_question_and_taken_back_with_one_press(
    official: Floor, tmp_path: Path
) -> None:
    editor = await article(official, tmp_path)
    posts, first = official.world.posts, editor.uid or ""
    assert not child(editor, QPushButton, "send_all_versions").isVisible()
    other = await posts.add_version(first, "account-uid", Channel.MASS_SEND)
    editor.refresh()
    await until(lambda: child(editor, QPushButton, "send_all_versions").isVisible())
    child(editor, QPushButton, "send_all_versions").click()
    await until(lambda: editor.uid == other.uid)  # to whom it goes is not chosen yet: that one is opened
    await official.quiet(editor)
    child(editor, QRadioButton, "everyone").click()
    await settled(official, editor)
    child(editor, QPushButton, "send_all_versions").click()
    await until(lambda: editor.findChild(MessageDialog, "confirm_sending") is not None)
    dialog = child(editor, MessageDialog, "confirm_sending")
    dialog.accept_button.click()
    while [(await posts.get(uid)).state for uid in (first, other.uid)] != ["confirmed"] * 2:
        await asyncio.sleep(0.01)
    undo = official.opened.notices.kept[0].on_action
    assert undo is not None
    undo()
    while [(await posts.get(uid)).state for uid in (first, other.uid)] != ["draft"] * 2:
        await asyncio.sleep(0.01)


async def test_looks_of_the_article(
    official: Floor, tmp_path: Path, shot: Callable[[QWidget, str], None]
) -> None:
    editor = await article(official, tmp_path)
    child(editor, QRadioButton, "way_mass_send").click()
    await settled(official, editor)
    await official.world.posts.add_version(editor.uid or "", "account-uid", Channel.MASS_SEND)
    editor.refresh()
    await official.quiet(editor)
    await walked(official, editor, shot, "article")
    editor.resize(1158, 1300)
    await official.quiet(editor)
    shot(editor, "article-whole")
