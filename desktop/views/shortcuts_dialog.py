"""The list of keyboard shortcuts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from desktop.qtkit.i18n import t
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.chips import Chip
from desktop.views.widgets.texts import PlainLabel


class ShortcutsDialog(QDialog):
    """Keys at the left, what they do at the right; goes when closed."""

    def __init__(self, rows: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(t("shell.shortcuts"))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(14)
        column.addWidget(PlainLabel(t("shell.shortcuts"), "title", parent=self))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        half = (len(rows) + 1) // 2
        for at, (keys, text) in enumerate(rows):
            side, line = divmod(at, half)
            grid.addWidget(Chip(keys, "kbd", parent=self), line, side * 3)
            grid.addWidget(PlainLabel(text, parent=self), line, side * 3 + 1)
        grid.setColumnMinimumWidth(2, 24)
        column.addLayout(grid)
        close = Button("kit.close", on_click=self.accept, parent=self)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
