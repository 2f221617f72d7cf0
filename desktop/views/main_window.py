"""The window: navigation, top bar, one page at a time, palette, notices, shortcuts, dropped files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain.changes import ChangeSet
from desktop.models.found import Entry
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.views.command_palette import CommandPalette, FindFans, shortcut_hint
from desktop.views.navigation import Navigation
from desktop.views.notice_panel import NoticePanel
from desktop.views.page import Page, PageContext
from desktop.views.screens import Command, Screen
from desktop.views.shortcuts_dialog import ShortcutsDialog
from desktop.views.top_bar import ShopEntry, TopBar
from desktop.views.widgets.standing_still import WHY, StandingStill, changes
from desktop.views.widgets.states import Banner
from desktop.views.widgets.texts import say
from desktop.views.window_actions import WindowActions

MIN_WIDTH, MIN_HEIGHT = 1180, 720
IMPORT_KEY = "import"
DEMO = "demo"


class MainWindow(QWidget):
    """One open shop: fills the window's frame. Pages are built when first opened."""

    settings_asked = Signal()
    sync_asked = Signal()
    page_opened = Signal(str)

    def __init__(
        self,
        context: PageContext,
        actions: WindowActions,
        screens: Sequence[Screen],
        commands: Sequence[Command] = (),
        find_fans: FindFans | None = None,
    ) -> None:
        super().__init__()
        self.context = context
        self.screens = list(screens)
        self.commands = list(commands)
        self.pages: dict[str, Page] = {}
        self.current_key = ""
        self._actions = actions
        self._shop_name = ""
        self._still: StandingStill | None = None
        self.scope = TaskScope(context.on_fault)
        self.setMinimumSize(MIN_WIDTH, MIN_HEIGHT)
        self.setAcceptDrops(True)
        self._build_ui(find_fans)
        self._bind_shortcuts()
        self._connect()
        self._name_window()

    def _build_ui(self, find_fans: FindFans | None) -> None:
        self.setProperty("canvas", "true")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.navigation = Navigation(self.screens, self)
        row.addWidget(self.navigation)
        column = QVBoxLayout()
        column.setSpacing(0)
        self.top_bar = TopBar(self)
        self.stack = QStackedWidget(self)
        column.addWidget(self.top_bar)
        self._banner_place = QVBoxLayout()
        self._banner_place.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._banner_place)
        self.read_only = Banner("warn", parent=self)
        self.read_only.setObjectName("read_only")
        self.read_only.hide()
        column.addWidget(self.stack, 1)
        row.addLayout(column, 1)
        self.notice_panel = NoticePanel(self.stack, self.context)
        self.palette_box = CommandPalette(self, self.scope, self._entries, find_fans)

    def _connect(self) -> None:
        self.navigation.chosen.connect(self.go)
        self.navigation.settings_asked.connect(self.settings_asked)
        self.top_bar.palette_asked.connect(self.palette_box.open_palette)
        self.top_bar.theme_toggled.connect(self.toggle_theme)
        self.top_bar.language_chosen.connect(lambda name: self._actions.prefer(language=name))
        self.top_bar.shop_chosen.connect(self._on_shop_chosen)
        self.top_bar.demo_erase_asked.connect(self._ask_erase)
        self.top_bar.notices_asked.connect(self.notice_panel.toggle)
        self.context.notices.changed.connect(self._show_unread)
        self.context.bridge.changed.connect(self._on_changed)
        self.destroyed.connect(self.scope.cancel_all)

    # -- pages

    def go(self, key: str, **arguments: Any) -> None:
        """Open a page, and hand it `arguments`. Raises KeyError for a page that does not exist."""
        screen = next((screen for screen in self.screens if screen.key == key), None)
        if screen is None:
            raise KeyError(key)
        leaving = self.pages.get(self.current_key)
        if leaving is not None and key != self.current_key and not leaving.may_leave():
            self.navigation.mark(self.current_key)
            return
        is_again = key == self.current_key
        page = self.pages.get(key)
        if page is None:
            page = screen.build(self.context)
            page.setObjectName(f"page_{key}")
            say(page, screen.title, role="name")
            self.pages[key] = page
            self.stack.addWidget(page)
        self.current_key = key
        self.navigation.mark(key)
        self.notice_panel.close_panel()
        self.stack.setCurrentWidget(page)
        if arguments or is_again:  # chosen again: back to where the page begins
            page.open_with(**arguments)
        page.setFocus()
        self._name_window()
        self.page_opened.emit(key)

    def has(self, key: str) -> bool:
        """Whether there is such a page."""
        return any(screen.key == key for screen in self.screens)

    @property
    def page(self) -> Page | None:
        """The page now open."""
        return self.pages.get(self.current_key)

    def show_read_only(self, folder: Path) -> None:
        """From now on every page stands below a line that says why nothing can be changed, and nothing can be."""
        self._still = StandingStill()
        self._banner_place.setContentsMargins(20, 12, 20, 0)
        self._banner_place.addWidget(self.read_only)
        say(self.read_only.text, "shell.read_only", path=str(folder))
        self.read_only.show()

    def show_shops(self, shops: Sequence[ShopEntry], current_key: str) -> None:
        """Which shops there are, and which one is open."""
        self.top_bar.show_shops(shops, current_key)
        shop = next((shop for shop in shops if shop.key == current_key), None)
        self._shop_name = shop.name if shop else ""
        self.navigation.demo.setVisible(shop is not None and shop.is_demo)
        self._name_window()

    def _name_window(self) -> None:
        parts = [t("shell.brand")]
        if self._shop_name:
            parts.insert(0, self._shop_name)
        if not self.navigation.demo.isHidden():
            parts.insert(0, f"[{t('shell.demo')}]")
        self.setWindowTitle(" ".join(parts))

    def _on_shop_chosen(self, key: str) -> None:
        if key == DEMO and not self._actions.is_demo:
            self._actions.try_demo()
        elif key != DEMO and self._actions.is_demo:
            self._actions.leave_demo()

    def _ask_erase(self) -> None:
        self.scope.spawn(self._erase_demo(), name="erase demo", replace=False)

    async def _erase_demo(self) -> None:
        title, text = t("shell.demo_erase_title"), t("shell.demo_erase_text")
        if await dialogs.confirm(self, title, text, accept=t("shell.demo_erase"), danger=True):
            self._actions.erase_demo()

    def toggle_theme(self) -> None:
        """From light to dark and back, kept for the next start."""
        self._actions.prefer(theme="light" if self.context.theme.is_dark else "dark")

    # -- badges

    def refresh_badges(self) -> None:
        """Count again everything that has a badge."""
        for screen in self.screens:
            if screen.badge is not None:
                self.scope.spawn(self._count(screen), name=f"badge {screen.key}")

    async def _count(self, screen: Screen) -> None:
        assert screen.badge is not None
        self.navigation.buttons[screen.key].set_badge(await screen.badge())

    def _on_changed(self, changes: ChangeSet) -> None:
        for screen in self.screens:
            if screen.badge is not None and changes.topics & screen.badge_topics:
                self.scope.spawn(self._count(screen), name=f"badge {screen.key}")

    def _show_unread(self) -> None:
        self.top_bar.set_unread(self.context.notices.unread)

    # -- palette and shortcuts

    def _entries(self) -> list[Entry]:
        pages = [
            Entry(
                t(screen.title), screen.icon, shortcut_hint(self._number(at)), partial(self.go, screen.key)
            )
            for at, screen in enumerate(self.screens)
        ]
        return pages + [self._entry(one) for one in self.all_commands()]

    def _entry(self, one: Command) -> Entry:
        if self._still is not None and one.changes:
            return Entry(t(one.title), one.icon, t(WHY), partial(self.context.notices.warn, WHY))
        return Entry(t(one.title), one.icon, shortcut_hint(one.shortcut), one.run)

    def all_commands(self) -> list[Command]:
        """The window's own commands and those it was given."""
        own = [
            Command("sync", "refresh-cw", "shell.command_sync", self.sync_asked.emit, "F5", changes=True),
            Command("theme", "sun-moon", "shell.theme_toggle", self.toggle_theme),
            Command("settings", "settings", "shell.settings", self.settings_asked.emit, "Ctrl+,"),
            Command("help", "keyboard", "shell.shortcuts", self.show_shortcuts, "Ctrl+/"),
            Command("quit", "log-out", "shell.quit", self._actions.quit, "Ctrl+Q"),
        ]
        return [*self.commands, *own]

    @staticmethod
    def _number(at: int) -> str:
        return f"Ctrl+{at + 1}" if at < 9 else ""

    def _bind_shortcuts(self) -> None:
        for command in self.all_commands():
            if command.shortcut:
                shortcut = self._bind(command.shortcut, command.run)
                if command.changes:
                    changes(shortcut)
        changes(self._bind("Ctrl+N", lambda: self.page.create_new() if self.page else None))
        bound = {"Ctrl+K": self.palette_box.open_palette}
        bound["Ctrl+F"] = lambda: self.page.focus_filter() if self.page else None
        for at, screen in enumerate(self.screens[:9]):
            bound[self._number(at)] = partial(self.go, screen.key)
        for keys, run in bound.items():
            self._bind(keys, run)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.activated.connect(self._on_escape)

    def _bind(self, keys: str, run: Callable[[], object]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.activated.connect(partial(_call, run))
        return shortcut

    def _on_escape(self) -> None:
        self.palette_box.close_palette()
        self.notice_panel.close_panel()

    def show_shortcuts(self) -> None:
        """List every shortcut."""
        rows = [(self._number(at), t(screen.title)) for at, screen in enumerate(self.screens[:9])]
        rows += [("Ctrl+K", t("shell.palette")), ("Ctrl+N", t("shell.new")), ("Ctrl+F", t("shell.filter"))]
        rows += [(one.shortcut, t(one.title)) for one in self.all_commands() if one.shortcut]
        rows.append(("Esc", t("shell.escape")))
        ShortcutsDialog(rows, self).open()

    # -- files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files when there is a page for them."""
        if self.has(IMPORT_KEY) and self._still is None and _files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the files to the import page."""
        event.acceptProposedAction()
        self.open_files(_files(event))

    def open_files(self, files: Sequence[Path]) -> None:
        """Bring these files in: opens the import page with them."""
        if files and self._still is not None:
            self.context.notices.warn(WHY)
        elif files and self.has(IMPORT_KEY):
            self.go(IMPORT_KEY, files=list(files))

    # -- the rest

    async def aclose(self) -> None:
        """End everything that runs for this shop, and wait for it."""
        if self._still is not None:
            self._still.end()
        pages = self.stack.findChildren(
            Page
        )  # also those that a page hosts, which save what was typed last
        scopes = [self.scope, *(page.scope for page in pages)]
        await asyncio.gather(*(scope.aclose() for scope in scopes))

    def showEvent(self, event: QShowEvent) -> None:
        """Keep Qt from giving the first button the keyboard, and with it the ring."""
        super().showEvent(event)
        (self.page or self).setFocus()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and hasattr(self, "navigation"):
            self._name_window()


def _call(run: Any) -> None:
    run()


def _files(event: QDropEvent) -> list[Path]:
    """Files of this computer that are being dropped."""
    found = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [file for file in found if file.is_file()]
