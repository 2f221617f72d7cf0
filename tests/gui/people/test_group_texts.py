"""Douyin's groups on the groups page: who waits to join, what the group is told, taken back while it waits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.domain.public_accounts import GroupPicture
from desktop.domain.write_kinds.douyin import GROUP_WELCOME
from desktop.qtkit.i18n import set_language, t
from desktop.services.backups import BackupService
from desktop.services.groups import GroupService
from desktop.services.public_accounts import PublicAccountService
from desktop.store.accounts import abilities
from desktop.store.database import Store
from desktop.views.groups.new_group import NewGroupDialog
from desktop.views.groups.texts_box import SayDialog
from desktop.views.groups_page import GroupsPage
from tests.fakes import FakeClock
from tests.gui.conftest import Opened
from tests.gui.walk import HOSTILE, clipped_labels, unnamed_focusables

LOOKS = [("zh_CN", "light"), ("zh_CN", "dark"), ("en", "light"), ("en", "dark")]
Until = Callable[..., Any]
NAMES = ("林晓", HOSTILE.format(path="x.png"), "")


@pytest.fixture
def page(
    opened: Opened,
    shop: Store,
    clock: FakeClock,
    tmp_path: Any,
    runner: asyncio.Runner,
    closing: Callable[[QWidget], QWidget],
) -> GroupsPage:
    def fill(tx: Any) -> None:
        tx.db.execute(
            "INSERT INTO account (id, uid, platform, name, base_url, external_id, created_at)"
            " VALUES (1, 'a', 'douyin', '小满', 'https://open.douyin.com', 'aw1', 1)"
        )
        tx.db.execute(
            "INSERT INTO fan_group (id, uid, account_id, external_id, name, member_count,"
            " updated_at) VALUES (1, 'g', 1, '@g1', '小满吃货群', 86, 1)"
        )
        for n, name in enumerate(NAMES):
            tx.db.execute(
                "INSERT INTO join_request (uid, account_id, external_id, group_external_id, name, asked_at)"
                " VALUES (?, 1, ?, '@g1', ?, ?)",
                (f"r{n}", f"@a{n}", name, clock.now_ms() - 3_600_000 * (9 - n)),
            )

    runner.run(shop.write(fill, kind="test.act"))
    public = PublicAccountService(shop, clock)
    made = GroupsPage(
        opened.context, GroupService(shop, clock), BackupService(shop, clock, tmp_path), public=public
    )
    closing(made)
    made.resize(1158, 716)
    return made


def press(root: QWidget, name: str) -> None:
    button = root.findChild(QPushButton, name)
    assert button is not None
    assert button.isEnabled()
    button.click()


async def states(shop: Store, kind: str) -> list[str]:
    rows = await shop.read(
        lambda conn: conn.execute("SELECT state FROM outbox WHERE kind = ? ORDER BY id", (kind,)).fetchall()
    )
    return [row[0] for row in rows]


async def comes(shop: Store, kind: str, wanted: list[str]) -> None:
    while await states(shop, kind) != wanted:
        await asyncio.sleep(0.01)


async def test_people_who_wait_are_accepted_one_by_one_and_together(
    page: GroupsPage, opened: Opened, shop: Store, until: Until
) -> None:
    page.show()
    await until(lambda: page.waiting.isVisible())
    assert page.waiting.text.whole_text() == t("join_requests.waiting", n=3)
    press(page, "see_requests")
    assert page.requests.isVisible()
    press(page.requests, "accept_request")
    await comes(shop, "douyin.join.accept", ["confirmed"])
    page.refresh()
    buttons = page.requests.findChildren
    await until(lambda: len([b for b in buttons(QPushButton, "accept_request") if b.isVisible()]) == 2)
    press(page.requests, "accept_all")
    await comes(shop, "douyin.join.accept", ["confirmed"] * 3)
    await until(lambda: opened.notices.kept[0].text == t("join_requests.queued", n=2))
    undo = opened.notices.kept[0].on_action
    assert undo is not None
    undo()
    await comes(shop, "douyin.join.accept", ["confirmed", "cancelled", "cancelled"])


async def test_a_group_is_told_something_and_shows_it(page: GroupsPage, shop: Store, until: Until) -> None:
    page.show()
    await until(lambda: page.is_loaded)
    page.open_with(group_id=1)
    await until(lambda: page.panel.texts.isVisible())
    assert page.panel.counted.isVisible()
    assert not page.panel.table.isVisible()
    press(page.panel, "say_message")
    await until(lambda: page.findChild(SayDialog) is not None)
    dialog = page.findChild(SayDialog)
    assert dialog is not None
    assert not dialog.accept_button.isEnabled()
    dialog.field.set_text("今晚八点开播")
    dialog._follow()
    press(dialog, "accept")
    await comes(shop, "douyin.group.message", ["confirmed"])
    page.panel.reload()
    await until(lambda: len(page.panel.texts._lines) == 1)
    assert page.panel.findChild(QPushButton, "recall") is None  # it has not gone out


async def test_a_new_group_takes_the_picture_of_another(
    page: GroupsPage, shop: Store, until: Until
) -> None:
    await shop.write(lambda tx: tx.db.execute("UPDATE fan_group SET picture = 'uri-1'"), kind=None)
    page.show()
    await until(lambda: page.new_group.isVisible())
    press(page, "new_group")
    await until(lambda: page.findChild(NewGroupDialog) is not None)
    dialog = page.findChild(NewGroupDialog)
    assert dialog is not None
    dialog.name_field.set_text("新品群")
    dialog._follow()
    assert not dialog.accept_button.isEnabled()  # what it is about is missing
    dialog.description.set_text("第一时间上新")
    dialog._follow()
    press(dialog, "accept")
    await comes(shop, "douyin.group.create", ["confirmed"])
    (payload,) = await shop.read(lambda conn: conn.execute("SELECT payload FROM outbox").fetchall())
    assert json.loads(payload[0])["body"] == {
        "name": "新品群",
        "text": "第一时间上新",
        "avatar": "uri-1",
        "there": [],
    }


async def test_what_the_platform_closed_is_done_by_hand(
    page: GroupsPage, shop: Store, until: Until
) -> None:
    await shop.write(
        lambda tx: abilities.note_refused(tx, 1, GROUP_WELCOME, "douyin_not_open", {}), kind=None
    )
    page.show()
    await until(lambda: page.is_loaded)
    page.open_with(group_id=1)
    await until(lambda: page.panel.texts.isVisible())
    assert not page.panel.texts.buttons["welcome"].isEnabled()
    assert page.panel.texts.buttons["message"].isEnabled()
    assert page.panel.texts.hint.whole_text() == t("group_texts.by_hand")


@pytest.mark.parametrize(("language", "look"), LOOKS)
async def test_nothing_is_clipped_or_unnamed(
    page: GroupsPage,
    opened: Opened,
    until: Until,
    shot: Callable[[QWidget, str], None],
    language: str,
    look: str,
) -> None:
    opened.context.theme.set_choice(look)
    set_language(language)
    page.show()
    await until(lambda: page.waiting.isVisible())
    press(page, "see_requests")
    for _ in range(5):
        await asyncio.sleep(0.01)
    assert clipped_labels(page) == []
    assert unnamed_focusables(page) == []
    shot(page, f"requests_{language}_{look}")
    page.requests.close_panel()
    page.open_with(group_id=1)
    await until(lambda: page.panel.texts.isVisible())
    for _ in range(5):
        await asyncio.sleep(0.01)
    assert clipped_labels(page) == []
    assert unnamed_focusables(page) == []
    shot(page, f"group_texts_{language}_{look}")
    dialog = SayDialog(page, "announcement", "小满吃货群")
    dialog.show()
    assert clipped_labels(dialog) == []
    shot(dialog, f"say_{language}_{look}")
    dialog.close()
    dialog.deleteLater()
    new = NewGroupDialog(page, [GroupPicture(1, 1, "小满吃货群", "uri-1")])
    new.show()
    assert clipped_labels(new) == []
    assert unnamed_focusables(new) == []
    shot(new, f"new_group_{language}_{look}")
    new.close()
    new.deleteLater()
