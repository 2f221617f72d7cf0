"""The page of ways in: making, changing and deleting codes and welcomes, and what waits for the platform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from desktop.domain.entry_ways import CONTACT, JOIN
from desktop.domain.welcomes import WelcomeDraft
from desktop.qtkit.i18n import t
from desktop.services.entry_ways import EntryWayService
from desktop.services.platform_edits import Standing
from desktop.services.welcomes import WelcomeService
from desktop.store.groups import entry_ways
from desktop.store.posts.media import MediaFolder
from desktop.views.ways.way_dialog import WayDialog
from desktop.views.ways.welcome_dialog import WelcomeDialog
from desktop.views.ways_page import WaysPage
from tests.fakes import FakeClock
from tests.gui.conftest import Opened
from tests.gui.people.shop import PeopleShop

Until = Callable[..., Any]
LINK = "https://work.weixin.qq.com/ca/cawcde1234567890ab"
PICTURE = "https://wework.qpic.cn/wwpic/0123456789abcdef0123/0"


@pytest.fixture
def services(people: PeopleShop, tmp_path: Any, clock: FakeClock) -> tuple[EntryWayService, WelcomeService]:
    return EntryWayService(people.store, clock), WelcomeService(
        people.store, clock, MediaFolder(tmp_path / "media")
    )


@pytest.fixture
def page(
    opened: Opened,
    services: tuple[EntryWayService, WelcomeService],
    closing: Callable[[QWidget], QWidget],
) -> WaysPage:
    made = WaysPage(opened.context, *services)
    closing(made)
    made.resize(1158, 716)
    return made


def press(widget: QWidget, name: str) -> None:
    button = widget.findChild(QPushButton, name)
    assert button is not None
    button.click()


async def shown(page: WaysPage, until: Until) -> None:
    page.show()
    await until(lambda: page.is_loaded)


async def made_at_platform(people: PeopleShop, qr_url: str, came: int = 0) -> None:
    """The newest way is made at the platform, and some customers came through it."""

    def work(tx: Any) -> None:
        way = entry_ways.rows(tx.db.conn, CONTACT)[0]
        entry_ways.created(tx, way.id, "config-1", way.state, qr_url)
        tx.db.execute("UPDATE outbox SET state = 'done', settled_at = ?", (tx.now_ms,))
        first = "SELECT identity_id FROM follow WHERE removed_at IS NULL LIMIT ?"
        tx.db.execute(f"UPDATE follow SET state = ? WHERE identity_id IN ({first})", (way.state, came))

    await people.store.write(work, kind=None)


async def make_way(page: WaysPage, until: Until, name: str = "门店易拉宝") -> None:
    page.create_new()
    await until(lambda: page.findChild(WayDialog, "way_dialog"))
    dialog = page.findChild(WayDialog, "way_dialog")
    assert dialog is not None
    dialog.accept()
    assert dialog.form.rows["name"].problem.text()
    dialog.name.setText(name)
    staff = dialog.who.list.item(0)
    dialog.who.tick(staff.data(0x0100))
    dialog.accept()
    await until(lambda: page.models[CONTACT].rowCount() == 1 and not page.panel.isHidden())


async def test_a_code_is_made_before_any_sync_and_taken_back(
    page: WaysPage, until: Until, opened: Opened
) -> None:
    await shown(page, until)
    assert page._cards[CONTACT].currentIndex() == 1
    await make_way(page, until)
    assert page.panel.row is not None
    assert page.panel.row.standing is Standing.ADDING
    assert page.panel.code.words.text() == t("ways.code_later")
    press(page.panel, "take_back")
    await until(lambda: page.models[CONTACT].rowCount() == 0)
    assert page.panel.isHidden()
    assert opened.faults == []


async def test_a_link_is_drawn_as_a_code_and_a_picture_is_only_named(
    page: WaysPage, until: Until, people: PeopleShop
) -> None:
    await shown(page, until)
    await make_way(page, until)
    await made_at_platform(people, LINK, came=7)
    page.refresh()
    await until(lambda: page.panel.row is not None and page.panel.row.standing is Standing.READY)
    code = page.panel.findChild(QLabel, "code")
    assert code is not None
    assert not code.isHidden()
    assert code.pixmap().width() > 100
    assert page.panel.row is not None
    assert page.panel.row.came == 7
    await made_at_platform(people, PICTURE, came=7)
    page.refresh()
    await until(lambda: page.panel.row is not None and page.panel.row.qr_url == PICTURE)
    assert code.isHidden()
    assert page.panel.code.words.text() == t("ways.code_elsewhere")


async def test_a_change_waits_beside_what_stands(page: WaysPage, until: Until, people: PeopleShop) -> None:
    await shown(page, until)
    await make_way(page, until)
    await made_at_platform(people, LINK)
    page.refresh()
    await until(lambda: page.panel.row is not None and page.panel.row.standing is Standing.READY)
    press(page.panel, "edit_way")
    await until(lambda: page.findChild(WayDialog, "way_dialog"))
    dialog = page.findChild(WayDialog, "way_dialog")
    assert dialog is not None
    dialog.name.setText("包裹卡")
    dialog.accept()
    await until(lambda: page.panel.row is not None and page.panel.row.standing is Standing.CHANGING)
    assert "门店易拉宝" in page.panel.waiting.text()
    assert "包裹卡" in page.panel.waiting.text()
    assert page.panel.row is not None
    assert page.panel.row.draft.name == "门店易拉宝"


async def test_a_group_code_needs_a_group(page: WaysPage, until: Until) -> None:
    await shown(page, until)
    page.open_with(part=JOIN)
    page.create_new()
    await until(lambda: page.findChild(WayDialog, "way_dialog"))
    dialog = page.findChild(WayDialog, "way_dialog")
    assert dialog is not None
    dialog.name.setText("社群海报")
    dialog.accept()
    assert dialog.form.rows["who"].problem.text()
    dialog.who.tick(dialog.who.chosen()[0] if dialog.who.chosen() else dialog.who.list.item(0).data(0x0100))
    dialog.base_name.setText("尝鲜群")
    dialog.accept()
    await until(lambda: page.models[JOIN].rowCount() == 1)
    assert page.data.ways[JOIN][0].draft.base_name == "尝鲜群"


async def test_a_welcome_counts_bytes_and_takes_the_newcomers_name(page: WaysPage, until: Until) -> None:
    await shown(page, until)
    page.open_with(part="welcome")
    page.create_new()
    await until(lambda: page.findChild(WelcomeDialog, "welcome_dialog"))
    dialog = page.findChild(WelcomeDialog, "welcome_dialog")
    assert dialog is not None
    dialog.text.setPlainText("字" * 1001)
    dialog.accept()
    assert dialog.form.rows["text"].problem.text()
    dialog.text.setPlainText("")
    dialog.text.insertPlainText("欢迎 ")
    press(dialog, "insert_name")
    assert dialog.draft() == WelcomeDraft("欢迎 {昵称}")
    dialog.accept()
    await until(lambda: not page.welcome_panel.isHidden())
    assert page.welcome_panel.text.text() == "欢迎 {昵称}"


@pytest.mark.parametrize("part", ["contact", "join", "welcome"])
async def test_every_part_looks_whole_when_empty(
    page: WaysPage, everywhere: Callable[..., Any], part: str
) -> None:
    page.open_with(part=part)
    await everywhere(page, f"ways_empty_{part}", lambda: True, sizes=((1366, 768),))


async def test_the_page_looks_whole_with_codes(
    page: WaysPage,
    until: Until,
    people: PeopleShop,
    everywhere: Callable[..., Any],
    shot: Callable[[QWidget, str], None],
) -> None:
    await shown(page, until)
    await make_way(page, until)
    await made_at_platform(people, LINK, came=38)
    for name in ("包裹卡 2026 秋", "老客回访", "直播间口播"):
        page._close_panels()
        await page._ways.add(
            entry_ways.EntryWayDraft(
                CONTACT, name, staff=tuple(c.external_id for c in page.data.choices.staff[:2])
            ),
            hold_s=0,
        )
    page.refresh()
    await until(lambda: page.models[CONTACT].rowCount() == 4)
    page.create_new()
    await until(lambda: page.findChild(WayDialog, "way_dialog"))
    dialog = page.findChild(WayDialog, "way_dialog")
    assert dialog is not None
    shot(dialog, "ways_dialog_zh")
    dialog.reject()
    page.open_with(uid=page.data.ways[CONTACT][-1].uid)
    await everywhere(page, "ways_list", lambda: not page.panel.isHidden())
