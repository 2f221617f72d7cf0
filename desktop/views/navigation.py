"""The rail at the left: pages in groups with their counts, the exchange under way, and settings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.qtkit.theme import current
from desktop.views.screens import Screen
from desktop.views.widgets.chips import Badge, Chip
from desktop.views.widgets.texts import PlainLabel, restyle, say

WIDTH = 208
ROOMY = 840  # in a lower window the rows stand closer, so that every page can be seen without scrolling


class NavButton(QPushButton):
    """One page of the rail."""

    def __init__(self, icon: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "nav")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setCheckable(True)
        say(self, title)
        current().bind_icon(self, icon, "text3", "primary", 18)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.addStretch()
        self.badge = Badge(parent=self)
        row.addWidget(self.badge)

    def set_badge(self, count: int) -> None:
        """Show a count, said to screen readers with the name."""
        self.badge.set_count(count)
        self.setAccessibleDescription(str(count) if count else "")


class Navigation(QFrame):
    """`chosen(key)` when a page is wanted."""

    chosen = Signal(str)
    settings_asked = Signal()
    sync_asked = Signal()

    def __init__(self, screens: Sequence[Screen], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "nav")
        self.setFixedWidth(current().px(WIDTH))
        self.buttons: dict[str, NavButton] = {}
        self._is_dense = False
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 14, 12, 12)
        column.setSpacing(2)
        column.addLayout(self._brand())
        column.addSpacing(8)
        column.addWidget(self._pages(screens), 1)
        self._progress_text = PlainLabel("", "muted", elide=True, parent=self)
        self._progress = QProgressBar(self)
        self._progress.setTextVisible(False)
        say(self._progress, "shell.sync_progress", role="name")
        column.addWidget(self._progress_text)
        column.addSpacing(4)
        column.addWidget(self._progress)
        column.addSpacing(6)
        self.hide_progress()
        settings = NavButton("settings", "shell.settings", self)
        settings.setObjectName("settings")
        settings.setCheckable(False)
        settings.clicked.connect(self.settings_asked)
        column.addWidget(settings)
        current().changed.connect(self._fit)

    def _fit(self) -> None:
        self.setFixedWidth(current().px(WIDTH))
        self._space_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Closer rows in a low window."""
        super().resizeEvent(event)
        self._space_out()

    def _space_out(self) -> None:
        is_dense = self.height() < current().px(ROOMY)
        if is_dense == self._is_dense:
            return
        self._is_dense = is_dense
        for button in self.buttons.values():
            restyle(button, dense="true" if is_dense else None)

    def _brand(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        logo = PlainLabel("粉", "logo", parent=self)
        logo.setFixedSize(28, 28)
        logo.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row.addWidget(logo)
        row.addWidget(PlainLabel(kind="brand", key="shell.brand", parent=self))
        row.addStretch()
        self.demo = Chip(tone="warn", key="shell.demo", parent=self)
        say(self.demo, "shell.demo_tip", role="tip")
        self.demo.hide()
        row.addWidget(self.demo)
        return row

    def _pages(self, screens: Sequence[Screen]) -> QScrollArea:
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setProperty("canvas", "nav")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for group, members in groupby(screens, key=lambda screen: screen.group):
            if group:
                column.addWidget(PlainLabel(kind="navgroup", key=group, parent=inner))
            for screen in members:
                button = NavButton(screen.icon, screen.title, inner)
                button.setObjectName(f"nav_{screen.key}")
                button.clicked.connect(lambda _checked=False, key=screen.key: self.chosen.emit(key))
                self.buttons[screen.key] = button
                column.addWidget(button)
        column.addStretch()
        scroll.setWidget(inner)
        self._scroll = scroll
        return scroll

    def mark(self, key: str) -> None:
        """Show which page is open."""
        for name, button in self.buttons.items():
            button.setChecked(name == key)
        if key in self.buttons:
            self._scroll.ensureWidgetVisible(self.buttons[key])

    def show_progress(self, text: str, done: int, total: int | None) -> None:
        """The exchange under way, its text already worded; `total` None: only the text."""
        self._progress_text.setText(text)
        self._progress_text.show()
        self._progress.setVisible(total is not None)
        self._progress.setRange(0, max(1, total or 1))
        self._progress.setValue(done)

    def hide_progress(self) -> None:
        """Nothing is under way."""
        self._progress_text.hide()
        self._progress.hide()
