"""The bar at the top: which shop, search and commands, language, light or dark, notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QWidget

from desktop.qtkit import plain
from desktop.qtkit.i18n import language, t
from desktop.qtkit.theme import current
from desktop.views.widgets.buttons import Button, IconButton
from desktop.views.widgets.chips import Badge, Chip
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import say

LANGUAGE_NAMES = {"zh_CN": "简体中文", "en": "English"}


@dataclass(frozen=True)
class ShopEntry:
    """A shop the operator can switch to; `key` goes back to whoever opens it."""

    key: str
    name: str
    is_demo: bool


class TopBar(QFrame):
    """Tells what was asked for; decides nothing."""

    shop_chosen = Signal(str)
    demo_erase_asked = Signal()
    palette_asked = Signal()
    theme_toggled = Signal()
    language_chosen = Signal(str)
    notices_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "topbar")
        self.setFixedHeight(current().px(52))
        self._shops: list[ShopEntry] = []
        self._shop = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(8)
        self.shop_button = Button(kind="ghost", icon="store", parent=self)
        self.shop_button.setObjectName("shop")
        self.shop_button.setMaximumWidth(260)
        self.shop_button.clicked.connect(lambda: self._pop(self._shop_menu(), self.shop_button))
        self.search_button = self._search()
        self.language_button = IconButton("languages", "shell.language", parent=self)
        self.language_button.clicked.connect(lambda: self._pop(self._language_menu(), self.language_button))
        self.theme_button = IconButton("moon", "shell.theme_toggle", parent=self)
        self.theme_button.clicked.connect(self.theme_toggled)
        self.bell = IconButton("bell", "kit.notices", parent=self)
        self.bell.clicked.connect(self.notices_asked)
        self.unread = Badge(parent=self.bell)
        self.unread.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row.addWidget(self.shop_button)
        row.addSpacing(8)
        row.addWidget(self.search_button, 100)
        row.addStretch(1)
        for button in (self.language_button, self.theme_button, self.bell):
            row.addWidget(button)
        current().changed.connect(self._follow_theme)
        self._follow_theme()

    def _search(self) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName("search")
        button.setProperty("kind", "search")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setMinimumWidth(300)
        say(button, "shell.search")
        current().bind_icon(button, "search", "text3", size=16)
        inner = QHBoxLayout(button)
        inner.setContentsMargins(0, 0, 8, 0)
        inner.addStretch()
        inner.addWidget(Chip("Ctrl K", "kbd", parent=button))
        button.clicked.connect(self.palette_asked)
        return button

    # -- shops

    def show_shops(self, shops: Sequence[ShopEntry], current_key: str) -> None:
        """The shops to switch between, and which one is open."""
        self._shops = list(shops)
        self._shop = current_key
        name = next((shop.name for shop in shops if shop.key == current_key), "")
        shown = self.fontMetrics().elidedText(plain.one_line(name), Qt.TextElideMode.ElideRight, 200)
        self.shop_button.setText(shown.replace("&", "&&"))
        self.shop_button.set_icon("store")
        self.shop_button.setAccessibleName(f"{t('shell.shop')}: {name}")

    def _shop_menu(self) -> QMenu:
        menu = QMenu(self)
        for shop in self._shops:
            name = plain.one_line(shop.name)[:40].replace("&", "&&")
            text = t("shell.shop_demo_named", name=name) if shop.is_demo else name
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(shop.key == self._shop)
            action.triggered.connect(lambda _on=False, key=shop.key: self.shop_chosen.emit(key))
        if not any(shop.is_demo for shop in self._shops):
            changes(menu.addAction(t("shell.demo_try"), lambda: self.shop_chosen.emit("demo")))
        elif any(shop.is_demo and shop.key == self._shop for shop in self._shops):
            menu.addSeparator()
            changes(menu.addAction(t("shell.demo_erase"), self.demo_erase_asked.emit))
        return menu

    # -- the rest

    def _language_menu(self) -> QMenu:
        menu = QMenu(self)
        for key, name in LANGUAGE_NAMES.items():
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(key == language())
            action.triggered.connect(lambda _on=False, key=key: self.language_chosen.emit(key))
        return menu

    def _pop(self, menu: QMenu, below: QWidget) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(below.mapToGlobal(QPoint(0, below.height() + 4)))

    def _follow_theme(self) -> None:
        self.setFixedHeight(current().px(52))
        self.search_button.setMaximumWidth(current().px(460))
        self.theme_button.set_icon("sun" if current().is_dark else "moon")

    def set_unread(self, count: int) -> None:
        """How many notices have not been looked at."""
        self.unread.set_count(count)
        self.unread.adjustSize()
        self.unread.move(self.bell.width() - self.unread.width(), 0)
