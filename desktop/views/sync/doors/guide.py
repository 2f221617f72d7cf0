"""Where in a platform's console each thing is found, step by step."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.views.sync.doors.door import Door
from desktop.views.widgets.chips import Chip
from desktop.views.widgets.texts import PlainLabel


class Guide(QFrame):
    """The steps of one platform; `mark` points to the one that mends what is wrong."""

    def __init__(self, door: Door, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "inset")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(12)
        column.addWidget(PlainLabel(kind="strong", key=door.key("guide"), wrap=True, parent=self))
        self.marks: dict[str, Chip] = {}
        for number, step in enumerate(door.steps, 1):
            row = QHBoxLayout()
            row.setSpacing(10)
            mark = Chip(str(number), "primary", parent=self)
            mark.setObjectName(f"guide_{step}")
            self.marks[step] = mark
            words = QVBoxLayout()
            words.setSpacing(2)
            title = PlainLabel(kind="strong", key=door.key(f"guide_{step}"), wrap=True, parent=self)
            text = PlainLabel(kind="secondary", key=door.key(f"guide_{step}_text"), wrap=True, parent=self)
            words.addWidget(title)
            words.addWidget(text)
            row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
            row.addLayout(words, 1)
            column.addLayout(row)
        column.addStretch()

    def mark(self, wrong: str) -> None:
        """Point to the step that mends what is wrong; '' to none."""
        for step, chip in self.marks.items():
            chip.set_tone("bad" if step == wrong else "primary")
