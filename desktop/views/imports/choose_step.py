"""First step: drop or choose a file; below, what was brought in before and how to take it back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.domain.imports import ImportBatch
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.views.widgets.cards import Card
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.states import EmptyState, Placeholder
from desktop.views.widgets.table import DataTable


class DropArea(Card):
    """Takes files by drag and drop, or asks for one. `chosen(list of paths)`, `asked()`."""

    chosen = Signal(object)
    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAcceptDrops(True)
        self.place = Placeholder(
            "file-up",
            "imports.drop_title",
            "imports.drop_text",
            action="imports.choose",
            on_action=self.asked.emit,
            token="primary",
            parent=self,
        )
        self.place.button.setObjectName("choose_file")
        self.add(self.place)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take local files only."""
        if _files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell which files."""
        files = _files(event)
        if files:
            event.acceptProposedAction()
            self.chosen.emit(files)


def _files(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


class ChooseStep(QWidget):
    """`undo_asked(batch)` for a batch of the list."""

    undo_asked = Signal(object)

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("step_choose")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        self.area = changes(DropArea(self))
        column.addWidget(self.area)
        self.history = Card("imports.history", parent=self)
        self.rows = RowTableModel(history_columns(), formats, key=lambda batch: batch.uid)
        self.table = DataTable(self.rows, name="imports.history", parent=self)
        self.table.setObjectName("import_history")
        self.table.action_clicked.connect(self._on_action)
        self.empty = EmptyState("imports.history_empty", icon="history", parent=self)
        self.history.add(self.table, 1)
        self.history.add(self.empty)
        column.addWidget(self.history, 1)

    def show_batches(self, batches: Sequence[ImportBatch]) -> None:
        """The latest imports, newest first."""
        self.rows.set_rows(batches)
        self.table.setVisible(bool(batches))
        self.empty.setVisible(not batches)

    def _on_action(self, row: int, key: str) -> None:
        batch = self.rows.row_data(row)
        if key == "undo" and batch.undone_at is None:
            self.undo_asked.emit(batch)


def history_columns() -> list[Column]:
    """What is told of an import."""
    return [
        Column("file", "imports.column_file", lambda b: b.file_name, width=240, stretch=True),
        Column(
            "source",
            "imports.column_source",
            lambda b: b.source,
            width=130,
            display=lambda b: t(f"import_source.{b.source}"),
        ),
        Column("at", "imports.column_at", lambda b: b.at, Kind.WHEN, width=120),
        Column("new", "imports.new", lambda b: b.counts.get("new", 0), Kind.COUNT, width=84),
        Column("changed", "imports.changed", lambda b: b.counts.get("changed", 0), Kind.COUNT, width=84),
        Column("rejected", "imports.rejected", lambda b: b.counts.get("rejected", 0), Kind.COUNT, width=96),
        Column(
            "state",
            "imports.column_state",
            lambda b: "undone" if b.undone_at else "done",
            Kind.STATE,
            width=100,
            display=lambda b: t("imports.state_undone" if b.undone_at else "imports.state_done"),
            tone=lambda b: "neutral" if b.undone_at else "good",
        ),
        Column(
            "undo",
            "imports.column_undo",
            lambda b: b.uid,
            Kind.ACTION,
            width=90,
            sortable=False,
            display=lambda b: "" if b.undone_at else t("kit.undo"),
            changes=lambda _batch: True,
        ),
    ]
