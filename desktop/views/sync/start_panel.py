"""What stands on the sync centre before the first account: one sentence, one button, and a second door."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.states import EmptyState


class StartPanel(Card):
    """`connect_asked` and `files_asked`."""

    connect_asked = Signal()
    files_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.empty = changes(
            EmptyState(
                "sync_page.empty",
                "sync_page.empty_text",
                icon="plug",
                action="sync_page.connect",
                on_action=self.connect_asked.emit,
                parent=self,
            )
        )
        self.empty.button.setObjectName("connect_first")
        self.files = changes(
            Button("sync_page.files_too", kind="link", on_click=self.files_asked.emit, parent=self)
        )
        self.files.setObjectName("use_files")
        column = self.empty.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertWidget(column.count() - 1, self.files, 0, Qt.AlignmentFlag.AlignHCenter)
        self.setMinimumHeight(360)
        self.add(self.empty, 1)
