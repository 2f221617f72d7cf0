"""Lines of a fan's drawer one below the other, with a button for more."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.qtkit.i18n import t
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.texts import PlainLabel

PAGE = 30


class Lines(QWidget):
    """Lines one below the other, with a button for more."""

    more_asked = Signal()

    def __init__(self, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.lines: list[QWidget] = []
        self._empty = PlainLabel(kind="muted", key=empty, parent=self)
        self.more = Button(text="", kind="link", on_click=self.more_asked.emit, parent=self)
        self.more.hide()
        self.column.addWidget(self._empty)
        self.column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addStretch(1)

    def clear(self) -> None:
        """No lines."""
        for line in self.lines:
            self.column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.lines = []

    def put(self, widgets: Sequence[QWidget], *, has_more: bool) -> None:
        """Add lines below those before."""
        for widget in widgets:
            self.column.insertWidget(len(self.lines), widget)
            self.lines.append(widget)
        self._empty.setVisible(not self.lines)
        self.more.setText(t("fans.panel.more", n=PAGE))
        self.more.setVisible(has_more)
