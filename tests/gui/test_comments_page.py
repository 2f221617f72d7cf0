"""The comments page: what was said comes newest first, answers leave through the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.qtkit.i18n import set_language, t
from desktop.services.article_comments import ArticleCommentService
from desktop.services.comments import CommentService
from desktop.services.public_accounts import PublicAccountService
from desktop.store.database import Store
from desktop.store.posts.media import MediaFolder
from desktop.views.comments.opening_dialog import OpeningDialog
from desktop.views.comments_page import CommentsPage
from tests.fakes import FakeClock
from tests.gui.conftest import Opened
from tests.gui.walk import HOSTILE, clipped_labels, unnamed_focusables

LOOKS = [("zh_CN", "light"), ("zh_CN", "dark"), ("en", "light"), ("en", "dark")]
SAID = ("好吃，已经回购三次了", "请问怎么买？", HOSTILE.format(path="x.png"), "包裹破了，能补发吗")


def fill(clock: FakeClock) -> Callable[[Any], None]:
    def work(tx: Any) -> None:
        tx.db.execute(
            "INSERT INTO account (id, uid, platform, name, base_url, external_id, created_at)"
            " VALUES (1, 'a', 'wechat', '小满', 'https://api.weixin.qq.com', 'wx1', 1)"
        )
        for id_, send_id in ((1, "2455891298"), (2, None)):
            tx.db.execute(
                "INSERT INTO article (id, account_id, external_id, send_id, title, published_at)"
                " VALUES (?, 1, ?, ?, '中秋礼盒怎么选', 1)",
                (id_, f"art{id_}", send_id),
            )
        for at, text in enumerate(SAID):
            tx.db.execute(
                "INSERT INTO article_comment (id, article_id, external_id, at, text, reply, is_elected)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (at + 1, 2 if at == 3 else 1, str(at + 1), clock.now_ms() - at * 3_600_000, text,
                 "谢谢您一直支持" if at == 1 else "", at == 0),
            )  # fmt: skip

    return work


@pytest.fixture
def open_page(
    opened: Opened, shop: Store, clock: FakeClock, tmp_path: Path, runner: asyncio.Runner
) -> Iterator[Callable[[], CommentsPage]]:
    runner.run(shop.write(fill(clock), kind="test.act"))
    pages: list[CommentsPage] = []

    def open_it() -> CommentsPage:
        media = MediaFolder(tmp_path)
        articles = ArticleCommentService(shop, clock)
        service = CommentService(articles, PublicAccountService(shop, clock, media))
        made = CommentsPage(opened.context, service)
        made.resize(1158, 716)
        made.show()
        pages.append(made)
        return made

    yield open_it
    for made in pages:
        runner.run(made.scope.aclose())
        made.hide()
        made.deleteLater()
    assert opened.faults == []


def press(root: QWidget, name: str) -> None:
    button = root.findChild(QPushButton, name)
    assert button is not None
    assert button.isEnabled()
    button.click()


async def test_an_answer_is_queued_once(
    open_page: Callable[[], CommentsPage], shop: Store, until: Any
) -> None:
    page = open_page()
    await until(lambda: page.model.rowCount() == 4)
    page._open_row(0)
    page.panel.field.setPlainText("谢谢支持")
    press(page.panel, "answer")
    count = "SELECT count(*) FROM outbox WHERE kind = 'wechat.comment.reply' AND entity_id = 1"
    for _ in range(200):
        found = await shop.read(lambda conn: conn.execute(count).fetchone()[0])
        if found:
            break
        await asyncio.sleep(0.01)
    assert found == 1
    page.refresh()
    await until(lambda: page.data and page.data.rows[0].pending)
    assert not page.panel.send.isVisible()
    assert not page.panel.elect.isEnabled()


async def test_what_was_answered_or_cannot_be_has_no_field(
    open_page: Callable[[], CommentsPage], until: Any
) -> None:
    page = open_page()
    await until(lambda: page.model.rowCount() == 4)
    page._open_row(1)
    assert page.panel.answer.whole_text() == "谢谢您一直支持"
    assert not page.panel.field.isVisible()
    page._open_row(3)
    assert page.panel.hint.whole_text() == t("comments.by_hand_wechat")
    assert not page.panel.send.isVisible()
    assert not page.panel.delete.isEnabled()


async def test_only_open_ones_can_be_asked_for(open_page: Callable[[], CommentsPage], until: Any) -> None:
    page = open_page()
    await until(lambda: page.model.rowCount() == 4)
    page.which.set_value("open")
    page._show_rows()
    assert page.model.rowCount() == 3
    page._on_search("包裹")
    assert page.model.rowCount() == 1
    page.filters.clear()
    page._on_cleared()
    assert page.model.rowCount() == 4


async def test_an_article_is_closed_to_comments_and_an_answer_taken_back(
    open_page: Callable[[], CommentsPage], shop: Store, until: Any, shot: Any
) -> None:
    page = open_page()
    await until(lambda: page.model.rowCount() == 4)
    press(page, "opening")
    await until(lambda: page.findChild(OpeningDialog))
    dialog = page.findChild(OpeningDialog)
    assert dialog is not None
    assert dialog.which.count() == 1  # the other has no number at WeChat
    assert dialog.known.whole_text() == t("comments.opening_unknown")
    assert clipped_labels(dialog) == []
    shot(dialog, "comments_opening")
    dialog.want.set_value(False)
    dialog.accept()
    told = "SELECT kind, json_extract(payload, '$.body.is_open') FROM outbox ORDER BY id"

    async def queued() -> list[tuple[Any, ...]]:
        return await shop.read(lambda conn: [tuple(row) for row in conn.execute(told)])

    await until(lambda: page.context.notices.kept, what="queued")
    assert await queued() == [("wechat.comments.open", 0)]
    page.refresh()
    await until(lambda: page.data and page.data.openings[0].asked)
    assert page.data.openings[0].asked.is_open is False
    page._open_row(1)
    press(page.panel, "unsay")
    await until(lambda: not page.scope.is_running("unsay"), what="queued")
    assert (await queued())[1][0] == "wechat.comment.reply.delete"


def fill_videos(tx: Any) -> None:
    tx.db.execute(
        "INSERT INTO account (id, uid, platform, name, base_url, external_id, created_at)"
        " VALUES (2, 'd', 'douyin', '小满抖音', 'https://open.douyin.com', 'aw1', 1)"
    )
    tx.db.execute(
        "INSERT INTO video (id, account_id, external_id, title, created_at) VALUES (1, 2, '@v', '仓库一日', 1)"
    )
    tx.db.execute(
        "INSERT INTO video_comment (id, uid, video_id, external_id, name, text, at)"
        " VALUES (1, 'vc1', 1, '@c1', '石榴', '链接在哪', ?)",
        (tx.now_ms + 1_000,),
    )


async def test_douyin_comments_stand_beside_and_offer_what_douyin_has(
    open_page: Callable[[], CommentsPage], opened: Opened, shop: Store, until: Any, shot: Any
) -> None:
    await shop.write(fill_videos, kind="test.act")
    page = open_page()
    await until(lambda: page.model.rowCount() == 5)
    page._open_row(0)
    assert page.panel.comment is not None
    assert page.panel.comment.id == "douyin:vc1"
    assert not page.panel.delete.isVisible()
    assert page.panel.elect.text() == t("comments.pin")
    page.panel.field.setPlainText("主页橱窗里有")
    shot(page, "comments_douyin")
    press(page.panel, "answer")
    await until(lambda: [notice.key for notice in opened.notices.kept] == ["comments.queued"])
    page.refresh()
    await until(lambda: page.data and page.data.rows[0].pending)
    assert not page.panel.send.isVisible()
    assert page.panel.elect.isEnabled()  # pinning is another thing
    undo = opened.notices.kept[0].on_action
    assert undo is not None
    undo()
    await until(lambda: opened.notices.kept[0].key == "comments.taken_back")
    state = await shop.read(lambda conn: conn.execute("SELECT state FROM outbox").fetchone()[0])
    assert state == "cancelled"


@pytest.mark.parametrize(("language", "look"), LOOKS)
async def test_nothing_is_clipped_or_unnamed(
    open_page: Callable[[], CommentsPage],
    opened: Opened,
    until: Any,
    shot: Callable[[QWidget, str], None],
    language: str,
    look: str,
) -> None:
    opened.context.theme.set_choice(look)
    set_language(language)
    page = open_page()
    await until(lambda: page.model.rowCount() == 4)
    page._open_row(0)
    for _ in range(5):
        await asyncio.sleep(0.01)
    assert clipped_labels(page) == []
    assert unnamed_focusables(page) == []
    shot(page, f"comments_{language}_{look}")
