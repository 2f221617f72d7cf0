"""A card to choose with the mouse or the keyboard, one of several side by side."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop.qtkit import plain
from desktop.qtkit.theme import current


class ChoiceCard(QAbstractButton):
    """A ground that shows what is chosen, touched or in focus; `paint_content` draws the rest."""

    def __init__(self, object_name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setObjectName(object_name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def say(self, name: str, about: str) -> None:
        """What it is called, and one sentence on it."""
        self.setAccessibleName(name)
        self.setAccessibleDescription(about)
        self.setToolTip(plain.tip(f"{name}: {about}"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground, then the content."""
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        painter.setBrush(
            theme.color("primary_tint" if chosen else "hover" if self.underMouse() else "surface")
        )
        is_ringed = chosen or self.hasFocus()
        painter.setPen(
            QPen(theme.color("primary" if is_ringed else "border_strong"), 2 if is_ringed else 1)
        )
        painter.drawRoundedRect(self.rect().toRectF().adjusted(1, 1, -1, -1), 8, 8)
        self.paint_content(painter)
        painter.end()

    def paint_content(self, painter: QPainter) -> None:
        """Icon and words; a bare card has none."""
