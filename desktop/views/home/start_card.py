"""What a shop without any data sees first: three ways to begin."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import IconLabel, PlainLabel

STEPS = (("import", "file-up"), ("connect", "plug"), ("write", "pencil-line"))


class StartCard(Card):
    """`begun(step)`: import, connect or write."""

    begun = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("home.start_title", margin=20, parent=parent)
        self.setObjectName("start_card")
        self.add(PlainLabel(kind="secondary", key="home.start_text", wrap=True, parent=self))
        row = QHBoxLayout()
        row.setSpacing(16)
        for at, (step, icon) in enumerate(STEPS):
            row.addWidget(self._step(step, icon, is_first=at == 0), 1)
        self.body.addLayout(row)

    def _step(self, step: str, icon: str, *, is_first: bool) -> QFrame:
        frame = QFrame(self)
        frame.setProperty("surface", "inset")
        column = QVBoxLayout(frame)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(IconLabel(icon, "primary", 24, parent=frame))
        column.addWidget(PlainLabel(kind="title", key=f"home.start_{step}", parent=frame))
        column.addWidget(
            PlainLabel(kind="secondary", key=f"home.start_{step}_text", wrap=True, parent=frame)
        )
        column.addStretch()
        button = changes(
            Button(
                f"home.start_{step}_go",
                kind="primary" if is_first else "",
                on_click=lambda: self.begun.emit(step),
                parent=frame,
            )
        )
        button.setObjectName(f"start_{step}")
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return frame
