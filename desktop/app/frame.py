"""The window's frame: one content at a time, and a close button that asks before anything ends."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from desktop.qtkit.i18n import languages, t
from desktop.views.widgets.states import LoadingState
from desktop.views.widgets.texts import say

SIZE = QSize(1280, 800)
LEAST = QSize(1180, 720)


class Frame(QMainWindow):
    """Closing it calls `on_close` and leaves it open; it goes for good by `finish`."""

    def __init__(self, on_close: Callable[[], None]) -> None:
        super().__init__()
        self._on_close = on_close
        self._may_close = False
        self._is_saving = False
        self.setObjectName("frame")
        self.setMinimumSize(LEAST)
        self.resize(SIZE)
        self.setWindowTitle(t("app.name"))
        languages.changed.connect(self._name)
        self.content: QWidget | None = None
        self._stack = QStackedWidget(self)
        self._waiting = LoadingState(self._stack)
        self._stack.addWidget(self._waiting)
        self.setCentralWidget(self._stack)

    def show_content(self, widget: QWidget) -> None:
        """Show `widget` instead of the former content, which is deleted."""
        former, self.content = self.content, widget
        widget.windowTitleChanged.connect(self._name)
        self._name()
        self._stack.addWidget(widget)
        self._stack.setCurrentWidget(widget)
        if former is not None:
            self._stack.removeWidget(former)
            former.hide()
            former.deleteLater()

    def _name(self) -> None:
        """Bear the content's name, or that of the window within it, or the program's."""
        within = [] if self.content is None else [self.content, *self.content.findChildren(QMainWindow)]
        own = next((widget.windowTitle() for widget in within if widget.windowTitle()), "")
        self.setWindowTitle(t("app.saving") if self._is_saving else own or t("app.name"))

    def show_waiting(self, key: str) -> None:
        """One sentence while something is under way; the content stays behind it."""
        say(self._waiting.title, key)
        self._stack.setCurrentWidget(self._waiting)

    def show_again(self) -> None:
        """Back from waiting to the content."""
        if self.content is not None:
            self._stack.setCurrentWidget(self.content)

    def show_saving(self) -> None:
        """From now on nothing can be done any more."""
        self._is_saving = True
        self._name()
        self.setEnabled(False)

    def finish(self) -> None:
        """Close for good."""
        self._may_close = True
        self.close()
        self.deleteLater()

    def come_forward(self) -> None:
        """Show it above other windows, also from the task bar."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask first; while saving, do nothing."""
        if self._may_close:
            event.accept()
            return
        event.ignore()
        if not self._is_saving:
            self._on_close()

    def geometry_text(self) -> str:
        """Where and how large it is, to be given to `place` at the next start."""
        return base64.b64encode(self.saveGeometry().data()).decode("ascii")

    def place(self, text: str) -> None:
        """Put it where it was, unless that screen is gone; then in the middle."""
        try:
            raw = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if raw and self.restoreGeometry(QByteArray(raw)):
            return
        screen = QGuiApplication.primaryScreen()
        if screen is not None:
            room = screen.availableGeometry()
            self.resize(self.size().boundedTo(room.size()))
            self.move(room.center() - self.rect().center())
