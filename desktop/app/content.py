"""The content of the window over one open shop: built from its services, ended with all its tasks."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import PySide6
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget

import desktop
from desktop.app import screens
from desktop.composition.graph import Graph
from desktop.composition.versions import has_safe_sqlite, sqlite_version
from desktop.domain.changes import ChangeSet, Topic
from desktop.domain.fans import FanFilter
from desktop.domain.shop import Shop
from desktop.models.found import Entry, find
from desktop.qtkit.change_bridge import ChangeBridge
from desktop.qtkit.dialogs import answer
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.views import purge_card, settings_dialog, shop_card, welcome_page
from desktop.views.exchange import Exchange, ProgressLine
from desktop.views.main_window import DEMO, MainWindow
from desktop.views.page import PageContext
from desktop.views.screens import Screen
from desktop.views.sync import first_send_dialog, settings_card
from desktop.views.sync.timer import RoundTimer
from desktop.views.top_bar import ShopEntry
from desktop.views.widgets.notices import Notices
from desktop.views.window_actions import WindowActions

REAL = "real"
FOUND_OTHERS = 4
LONGEST_TITLE = 40
FOUND_FANS = 6
Fault = Callable[[BaseException], None]


class ContentHost(QStackedWidget):
    """The welcome screen until there is a shop, then the shop's window."""

    def __init__(self, on_fault: Fault) -> None:
        super().__init__()
        self.scope = TaskScope(on_fault)

    def show_only(self, view: welcome_page.WelcomePage | MainWindow) -> None:
        """Show `view` and let go of what was there."""
        for at in reversed(range(self.count())):
            before = self.widget(at)
            assert before is not None
            self.removeWidget(before)
            before.hide()
            before.deleteLater()
        self.addWidget(view)
        view.windowTitleChanged.connect(self._name_frame)
        self._name_frame()

    def _name_frame(self) -> None:
        view = self.currentWidget()
        if self.window() is not self and view is not None:
            self.window().setWindowTitle(view.windowTitle() or t("app.name"))

    def showEvent(self, event: QShowEvent) -> None:
        """Name the frame this is now shown in."""
        super().showEvent(event)
        self._name_frame()


class Content:
    """One shop's pages. `widget` goes into the frame."""

    def __init__(self, graph: Graph, notices: Notices, actions: WindowActions, on_fault: Fault) -> None:
        self.widget = ContentHost(on_fault)
        self.window: MainWindow | None = None
        self._graph = graph
        self._notices = notices
        self._actions = actions
        self._on_fault = on_fault
        self._welcome: welcome_page.WelcomePage | None = None
        self._bridge = ChangeBridge(graph.store.feed)
        self._bridge.changed.connect(self._on_changed)
        context = self._context(Formats(graph.config.clock))
        self._exchange = Exchange(graph.sync, context, before=self._show_first_sends)
        scope = self.widget.scope
        self._timer = RoundTimer(self._exchange, graph.accounts, graph.shop, graph.config.clock, scope)
        if graph.store.is_read_only:
            self._timer.stop()

    def show_welcome(self) -> None:
        """Ask for the shop's name, and where to start."""
        context = self._context(Formats(self._graph.config.clock))
        known = {screen.key for screen in self._screens()}
        doors: list[str] = [key for key in ("import", "sync") if key in known] or ["home"]
        self._welcome = welcome_page.WelcomePage(
            context,
            self._graph.shop,
            doors=doors,
            on_created=self.show_shop,
            on_demo=self._actions.try_demo,
        )
        self.widget.show_only(self._welcome)

    def show_shop(self, shop: Shop, first: str = "") -> None:
        """Show the shop's pages, `first` in front when there is such a page."""
        context = self._context(Formats(self._graph.config.clock, shop.timezone))
        parts = self._parts()
        window = MainWindow(
            context, self._actions, self._screens(), screens.commands(parts), self._find_fans
        )
        _name_shop(window, shop)
        if self._graph.store.is_read_only:
            window.show_read_only(self._graph.config.data_dir)
        window.sync_asked.connect(self._exchange.start)
        window.settings_asked.connect(partial(self._open_settings, context))
        ProgressLine(self._exchange, window.navigation, context)
        self.window, self._welcome = window, None
        self.widget.show_only(window)
        keys = [screen.key for screen in window.screens]
        if keys:
            window.go(first if first in keys else keys[0], **({"connect": True} if first == "sync" else {}))
            window.refresh_badges()

    def _on_changed(self, changed: ChangeSet) -> None:
        if Topic.SHOP in changed.topics and self.window is not None:
            self.widget.scope.spawn(self._rename(self.window), name="shop name")

    async def _rename(self, window: MainWindow) -> None:
        _name_shop(window, await self._graph.shop.get())

    def open_files(self, files: Sequence[Path]) -> None:
        """Bring in files that a second start was given, where the pages can."""
        if self.window is not None:
            self.window.open_files(files)

    async def aclose(self) -> None:
        """End every page's tasks and wait for them; nothing of the shop is read or written afterwards."""
        self._bridge.close()
        self._bridge.deleteLater()
        self._timer.stop()
        self._exchange.cancel()
        await self._exchange.scope.aclose()
        await self.widget.scope.aclose()
        if self._welcome is not None:
            await self._welcome.scope.aclose()
        if self.window is not None:
            await self.window.aclose()

    async def _show_first_sends(self, account_ids: Sequence[int] | None) -> None:
        """Once for each account, before anything leaves through it: what leaves, and where to."""
        for first in await self._graph.first_send.unseen(account_ids):
            if await answer(first_send_dialog.FirstSendDialog(first, self.widget.window())):
                await self._graph.first_send.agree(first.account.id)
                self._notices.info("first_send.agreed")

    def _parts(self) -> screens.Parts:
        return screens.Parts(self._graph, self._exchange, self._actions)

    def _screens(self) -> list[Screen]:
        return screens.screens(self._parts())

    def _context(self, formats: Formats) -> PageContext:
        return PageContext(
            bridge=self._bridge,
            notices=self._notices,
            theme=current(),
            formats=formats,
            clock=self._graph.config.clock,
            go=self._go,
            on_fault=self._on_fault,
        )

    def _go(self, key: str, **arguments: object) -> None:
        if self.window is not None:
            self.window.go(key, **arguments)

    async def _find_fans(self, typed: str) -> list[Entry]:
        """Fans, posts and groups that a text means; named for what is asked most."""
        ids = await self._graph.fans.first_ids(FanFilter(search=typed), limit=FOUND_FANS)
        found = [
            Entry(row.name, "user-round", t("shell.fan_hint"), partial(self._go, "fans", fan_id=row.fan_id))
            for row in await self._graph.fans.rows(ids)
        ]
        for row in await self._graph.posts.rows(typed, limit=FOUND_OTHERS):
            title = row.post.draft.title or row.post.draft.body[:LONGEST_TITLE]
            go = partial(self._go, "posts", uid=row.post.uid)
            found.append(Entry(title, "send", t("shell.post_hint"), go))
        groups = [
            Entry(
                group.name,
                "users-round",
                t("shell.group_hint"),
                partial(self._go, "groups", group_id=group.group_id),
            )
            for group in await self._graph.groups.groups()
        ]
        return found + find(groups, typed, FOUND_OTHERS)

    def _open_settings(self, context: PageContext) -> None:
        about = settings_dialog.About(
            version=desktop.__version__,
            qt=PySide6.__version__,
            python=platform.python_version(),
            sqlite=sqlite_version(),
            is_sqlite_safe=has_safe_sqlite(),
            data_dir=self._graph.config.data_dir,
        )
        scope = self.widget.scope
        settings_dialog.SettingsDialog(
            context,
            self._actions,
            self._graph.backups,
            about,
            scope,
            self.widget.window(),
            more=lambda dialog: (
                shop_card.ShopCard(self._graph.shop, scope, dialog),
                settings_card.ExchangeSettings(self._graph.shop, scope, dialog),
                purge_card.PurgeCard(self._graph.purges, context, scope, dialog),
            ),
        ).open()


def _name_shop(window: MainWindow, shop: Shop) -> None:
    """Say which shop is open, and which one is behind a demo shop."""
    own = ShopEntry(REAL, t("shell.my_shop"), False)
    here = ShopEntry(DEMO if shop.is_demo else REAL, shop.name, shop.is_demo)
    window.show_shops([own, here] if shop.is_demo else [here], here.key)


async def build(graph: Graph, notices: Notices, actions: WindowActions, on_fault: Fault) -> Content:
    """Everything that shows this shop."""
    content = Content(graph, notices, actions, on_fault)
    shop = await graph.shop.find()
    if shop is None:
        content.show_welcome()
    else:
        content.show_shop(shop)
    return content
