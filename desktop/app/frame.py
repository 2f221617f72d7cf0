"""The window's frame: one content at a time, and a close button that asks before anything ends."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QMainWindow, QWidget

from desktop.qtkit.i18n import t
from desktop.views.widgets.states import Placeholder
from desktop.views.widgets.texts import say

SIZE = QSize(1280, 800)
LEAST = QSize(1024, 640)


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
        say(self, "app.name", role="title")

    def show_content(self, widget: QWidget) -> None:
        """Show `widget` instead of what was there, which is deleted."""
        before = self.centralWidget()
        self.setCentralWidget(widget)  # deletes the former
        if before is not None and before is not widget:
            before.hide()

    def show_waiting(self, key: str) -> None:
        """One sentence while something is under way."""
        self.show_content(Placeholder("loader-circle", key, parent=self))

    def show_saving(self) -> None:
        """From now on nothing can be done any more."""
        self._is_saving = True
        self.setWindowTitle(t("app.saving"))
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
