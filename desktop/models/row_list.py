"""A plain list of rows for painted lists: one reset a refresh, each row also told as one line of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class RowListModel(QAbstractListModel, Generic[Row]):
    """`describe` gives the line that screen readers and searches by typing get."""

    def __init__(self, describe: Callable[[Row], str]) -> None:
        super().__init__()
        self._describe = describe
        self._rows: Sequence[Row] = ()

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these, where they differ from what is shown."""
        if list(rows) == list(self._rows):
            return
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def row(self, at: int) -> Row | None:
        """One row; None outside."""
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def find(self, is_it: Callable[[Row], bool]) -> int:
        """Where the first such row stands; -1 when there is none."""
        return next((at for at, row in enumerate(self._rows) if is_it(row)), -1)

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The line of a row."""
        spoken = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
        row = self.row(index.row())
        return self._describe(row) if role in spoken and row is not None else None
