"""The inner states of the pages: editors with a draft, opened drawers, dialogs, the first screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog

from desktop.app.tour.story import Stage
from desktop.composition.demo import SAMPLES
from desktop.domain.audience import Audience
from desktop.domain.fans import FanFilter, FanSort, Tier
from desktop.domain.posts import PostDraft
from desktop.views.import_wizard import ImportPage
from desktop.views.main_window import MainWindow
from desktop.views.page import Page
from desktop.views.sync.doors.table import DOORS
from desktop.views.widgets.panels import SidePanel

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
PREVIEWED = "门店订单.csv"
SEARCHED = "f"
READING = ("refresh", "switch", "look", "work", "fans.panel", "groups.panel", "ranking.explain")


@dataclass(frozen=True)
class Scene:
    """`enter` brings the window into the state; `leave` takes away what would stand before the next."""

    name: str
    enter: Callable[[MainWindow], None]
    leave: Callable[[MainWindow], None] = lambda _main: None


@dataclass(frozen=True)
class Shown:
    """What the scenes open, found in or added to the toured shop."""

    post_draft: str
    post_sent: str
    drop_draft: str
    drop_sent: str
    fan_id: int
    group_id: int
    outbox_uid: str
    way_coded: str
    way_edited: str
    welcome: str
    file: Path


async def prepare(stage: Stage) -> Shown:
    """Two drafts for the editors, and whom and what the drawers open on."""
    graph = stage.graph
    now = stage.clock.now_ms()
    post = PostDraft(
        title=stage.words("tour.post_title"),
        body=stage.words("tour.scene_post_body"),
        audience=Audience(tiers=(Tier.PASSERBY, Tier.FAVORABLE, Tier.DEVOTED)),
        scheduled_at=(now + 5 * HOUR_MS) // HOUR_MS * HOUR_MS,
    )
    drop = (await graph.drops.get(stage.drop_uid)).draft
    groups = [group.group_id for group in await graph.groups.groups()]
    drop = replace(drop, opens_at=(now + 26 * HOUR_MS) // HOUR_MS * HOUR_MS, announce_at=None)
    buyers = await graph.fans.order(FanFilter(), FanSort.SPEND)
    friends = await graph.fans.order(FanFilter(tiers=(Tier.DEVOTED,)), FanSort.SPEND)
    waiting = await graph.outbox.rows()
    return Shown(
        post_draft=(await graph.posts.save_draft(post)).uid,
        post_sent=stage.post_uid,
        drop_draft=(await graph.drops.save_draft(drop)).uid,
        drop_sent=stage.drop_uid,
        fan_id=(friends or buyers)[0],
        group_id=groups[0],
        outbox_uid=waiting[-1].item.uid,
        way_coded=stage.way_uids[0],
        way_edited=stage.way_uids[1],
        welcome=stage.welcome_uid,
        file=await asyncio.to_thread(_newer_file, stage.folder),
    )


def _newer_file(folder: Path) -> Path:
    """A later export of a sample: some orders are known, some have changed, some are new, two are wrong."""
    head, *lines = (SAMPLES / PREVIEWED).read_text(encoding="gb18030").splitlines()
    rows = lines[-42:]
    for at in range(6):
        rows[at] = rows[at].replace(".", "9.", 1)
    rows += [row.replace("XM", "XN", 1) for row in rows[8:26]]
    target = folder / PREVIEWED
    target.write_text("\r\n".join([head, *rows]), encoding="gb18030")
    return target


def scenes(shown: Shown) -> list[Scene]:
    """Every state, in the order of the navigation. The main ones come first in their page."""

    def opened(key: str, **arguments: object) -> Callable[[MainWindow], None]:
        return lambda main: main.go(key, **arguments)

    def listed(key: str) -> Callable[[MainWindow], None]:
        return lambda main: main.go(key, shows="list")  # arguments a page does not know lead to its list

    return [
        Scene("post-editor", opened("posts", uid=shown.post_draft), listed("posts")),
        Scene("post-result", opened("posts", uid=shown.post_sent), listed("posts")),
        Scene("drop-editor", opened("drops", uid=shown.drop_draft), listed("drops")),
        Scene("drop-result", opened("drops", uid=shown.drop_sent), listed("drops")),
        Scene("outbox-item", opened("outbox", uid=shown.outbox_uid), close_panels),
        Scene("ways-code", opened("ways", uid=shown.way_coded), close_panels),
        Scene("ways-waiting", opened("ways", uid=shown.way_edited), close_panels),
        Scene("ways-welcome", opened("ways", uid=shown.welcome), close_panels),
        Scene("fan-drawer", opened("fans", fan_id=shown.fan_id), close_panels),
        Scene("group-drawer", opened("groups", group_id=shown.group_id), close_panels),
        Scene("koc", opened("ranking", board="koc")),
        Scene("koc-place", opened("ranking", board="koc", fan_id=shown.fan_id), close_panels),
        *(
            Scene(f"connect-{platform}", opened("sync", connect=platform), close_dialogs)
            for platform in DOORS
        ),
        Scene("import-file", opened("import", files=[shown.file])),
        Scene("import-preview", _preview, lambda main: main.go("import")),
        Scene("palette", _palette, lambda main: main.palette_box.close_palette()),
        Scene("settings", _settings, close_dialogs),
        Scene("shortcuts", lambda main: main.show_shortcuts(), close_dialogs),
    ]


def close_panels(main: MainWindow) -> None:
    """Put away every drawer of the open page."""
    for panel in main.stack.findChildren(SidePanel):
        panel.close_panel()


def close_dialogs(main: MainWindow) -> None:
    """Turn away from what is being asked."""
    for dialog in open_dialogs():
        dialog.reject()


def open_dialogs() -> list[QDialog]:
    """The questions that stand before the window."""
    widgets = QApplication.topLevelWidgets()
    return [widget for widget in widgets if isinstance(widget, QDialog) and widget.isVisible()]


def is_settled(main: MainWindow) -> bool:
    """Whether every page that is looked at has shown its data and has nothing of it under way."""
    pages = [page for page in main.stack.findChildren(Page) if page.isVisible()]
    return all(page.is_loaded and not any(map(page.scope.is_running, READING)) for page in pages)


def _preview(main: MainWindow) -> None:
    page = main.page
    if isinstance(page, ImportPage):
        page.mapping.preview_asked.emit()


def _palette(main: MainWindow) -> None:
    main.go("home")
    main.palette_box.open_palette()
    main.palette_box.line.insert(SEARCHED)
    main.palette_box.line.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _settings(main: MainWindow) -> None:
    main.settings_asked.emit()
