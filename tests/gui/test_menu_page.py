"""The menu of an official account: changed where it stands, undone, and put into the outbox as a whole."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget

from desktop.domain.account_menu import Entry, buttons_of, check, entries_of
from desktop.qtkit.i18n import set_language
from desktop.services.account_menu import AccountMenuService
from desktop.store.database import Store
from desktop.views.menu_page import MenuPage
from tests.fakes import FakeClock
from tests.gui.conftest import Opened
from tests.gui.walk import clipped_labels, unnamed_focusables
from tests.waiting import until

MENU: list[dict[str, Any]] = [
    {"name": "逛小店", "type": "view", "url": "https://shop.example/"},
    {
        "name": "会员",
        "sub_button": [
            {"name": "签到", "type": "click", "key": "SIGN"},
            {"name": "客服", "type": "text", "value": "在的"},
        ],
    },
]


def fill(tx: Any) -> None:
    tx.db.execute(
        "INSERT INTO account (id, uid, platform, name, base_url, external_id, state, created_at)"
        " VALUES (1, 'a', 'wechat', '小满公众号', 'http://127.0.0.1:1', 'wx1', 'connected', 1)"
    )
    tx.db.execute(
        "INSERT INTO account_menu (account_id, buttons, read_at) VALUES (1, ?, 1)", (json.dumps(MENU),)
    )


@pytest.fixture
def page(opened: Opened, shop: Store, clock: FakeClock, runner: asyncio.Runner) -> Iterator[MenuPage]:
    runner.run(shop.write(fill, kind="test.act"))
    made = MenuPage(opened.context, AccountMenuService(shop, clock))
    made.resize(1158, 716)
    yield made
    runner.run(made.scope.aclose())
    made.hide()
    made.deleteLater()


async def press(page: MenuPage, name: str) -> None:
    def found() -> list[QPushButton]:
        return [one for one in page.findChildren(QPushButton, name) if one.isVisible()]

    await until(lambda: bool(found()), what=name)  # a new widget is shown with the loop's next turn
    found()[0].click()


def line(page: MenuPage, name: str, text: str) -> None:
    field = page.findChild(QLineEdit, name)
    assert field is not None
    field.clear()
    QTest.keyClicks(field, text)


async def written(shop: Store) -> list[tuple[str, str, Any]]:
    rows = await shop.read(lambda conn: conn.execute("SELECT kind, state, payload FROM outbox").fetchall())
    return [(row[0], row[1], json.loads(row[2])["body"]) for row in rows]


async def test_a_menu_is_changed_undone_and_published_as_a_whole(page: MenuPage, shop: Store) -> None:
    page.show()  # reading needs the loop that runs now
    await until(lambda: page.is_loaded, what="read")
    await press(page, "menu_1_1")
    kind = page.findChild(QComboBox, "menu_kind")
    assert kind is not None
    assert "照原样保留" in kind.currentText()
    await press(page, "menu_remove")
    await press(page, "menu_undo")
    assert buttons_of(page.entries) == MENU
    await press(page, "menu_1_1")
    await press(page, "menu_remove")
    await press(page, "menu_add")
    line(page, "menu_name", "Hello")
    await press(page, "menu_publish")
    await asyncio.sleep(0)
    assert await written(shop) == []  # the new button has no address yet
    line(page, "menu_url", "https://x.example/a")
    await press(page, "menu_publish")
    told = page.findChild(QLabel, "menu_told")
    assert told is not None
    await until(lambda: "下次同步" in told.text(), what="it waits")
    hello = {"name": "Hello", "type": "view", "url": "https://x.example/a"}
    kept = {"name": "会员", "sub_button": [MENU[1]["sub_button"][0]]}
    assert await written(shop) == [("wechat.menu.set", "confirmed", {"buttons": [MENU[0], kept, hello]})]


async def test_a_button_opens_a_published_article_chosen_by_its_title(
    page: MenuPage, shop: Store, shot: Callable[[QWidget, str], None]
) -> None:
    def publish(tx: Any) -> None:
        for id_, external_id, place in (("1", "art-1", 1), ("2", "art-1", 2), ("3", None, 1)):
            tx.db.execute(
                "INSERT INTO article (id, account_id, external_id, send_id, place, title, published_at)"
                " VALUES (?, 1, ?, ?, ?, '中秋礼盒怎么选', ?)",
                (id_, external_id, f"9{id_}", place, tx.now_ms),
            )

    await shop.write(publish, kind="test.act")
    page.show()
    await until(lambda: page.is_loaded, what="read")
    await press(page, "menu_add")
    line(page, "menu_name", "Moon")
    page.kind.set_value("article_id")
    page.kind.chosen.emit("article_id")
    assert page.article.isVisible()
    assert [page.article.itemData(at) for at in range(page.article.count())] == ["", "art-1"]
    page.article.set_value("art-1")
    page.article.chosen.emit("art-1")
    assert buttons_of(page.entries)[-1] == {"name": "Moon", "type": "article_id", "article_id": "art-1"}
    assert page.article.count() == 1
    assert "中秋礼盒怎么选" in page.article.currentText()
    assert clipped_labels(page) == []
    shot(page, "menu-article")
    await press(page, "menu_undo")
    assert page.entries[-1].fact("article_id") == ""


def test_what_the_platform_would_refuse() -> None:
    assert [one.code for one in check(())] == ["menu_empty"]
    assert entries_of(buttons_of(entries_of(MENU))) == entries_of(MENU)
    wrong = [(one.code, one.field) for one in check(entries_of(MENU))]
    assert wrong == [("menu_console_kind", "1.1")]
    long = Entry("六个汉字名称", "view", {"url": "ftp://x"})
    assert [one.code for one in check([long] * 4)] == ["menu_many"] + ["menu_name", "menu_url"] * 4


async def test_looks_of_the_menu(
    page: MenuPage, opened: Opened, shot: Callable[[QWidget, str], None]
) -> None:
    page.show()  # reading needs the loop that runs now
    await until(lambda: page.is_loaded, what="read")
    complaints = []
    for look in ("light", "dark"):
        opened.context.theme.set_choice(look)
        for language in ("zh_CN", "en"):
            set_language(language)
            for size in ((1158, 716), (1232, 848)):
                page.resize(*size)
                await press(page, "menu_0_-1")
                await until(lambda: page.form_card.isVisible(), what="form")
                shot(page, f"menu-{language}-{look}-{size[0]}")
                complaints += clipped_labels(page) + unnamed_focusables(page)
    opened.context.theme.set_choice("light")
    set_language("zh_CN")
    assert complaints == []
