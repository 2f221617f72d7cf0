"""A table of rows for views: columns as data, one reset per refresh, sorting left to the service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from desktop.qtkit import plain
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class Kind(StrEnum):
    """How a column is painted, aligned and turned into text. The value it takes is in brackets."""

    TEXT = "text"  # str
    PERSON = "person"  # str: a name, with a round initial
    TIER = "tier"  # str: prospect, passerby, favorable, devoted, super, member, koc
    STATE = "state"  # str shown in a pill; give `tone` and mostly `display`
    TAGS = "tags"  # sequence of str
    MONEY = "money"  # int cents
    COUNT = "count"  # number
    PERCENT = "percent"  # ratio
    SCORE = "score"  # 0 to 100, with a bar
    WHEN = "when"  # UTC ms, as relative time
    MOMENT = "moment"  # UTC ms, as date and time
    DAY = "day"  # UTC ms or date
    ACTION = "action"  # str that reads like a link; the view emits `activated`


class Role(IntEnum):
    """What the delegate asks beyond Qt's own roles."""

    VALUE = Qt.ItemDataRole.UserRole + 1
    KEY = Qt.ItemDataRole.UserRole + 2
    KIND = Qt.ItemDataRole.UserRole + 3
    TONE = Qt.ItemDataRole.UserRole + 4
    BADGE = Qt.ItemDataRole.UserRole + 5


RIGHT = frozenset({Kind.MONEY, Kind.COUNT, Kind.PERCENT})


@dataclass(frozen=True)
class Column:
    """One column. `title` is a wording key; `value` takes a row and returns what `kind` wants.

    `key` names the column for sorting and saved widths. `display`, `tone`, `tooltip` and `badge`
    (a second small chip beside a name: a tier key) take the row. `changes` says of an ACTION cell
    whether its step changes the shop.
    """

    key: str
    title: str
    value: Callable[[Any], Any]
    kind: Kind = Kind.TEXT
    width: int = 120
    stretch: bool = False
    sortable: bool = True
    shown: bool = True
    display: Callable[[Any], str] | None = None
    tone: Callable[[Any], str] | None = None
    tooltip: Callable[[Any], str] | None = None
    badge: Callable[[Any], str] | None = None
    changes: Callable[[Any], bool] = lambda _row: False


class ColumnTable(QAbstractTableModel):
    """What both table models share: how a row becomes cells. Subclasses say which rows there are."""

    sort_requested = Signal(str, object)  # column key, Qt.SortOrder

    def __init__(self, columns: Sequence[Column], formats: Formats) -> None:
        super().__init__()
        self.columns = list(columns)
        self.formats = formats
        self._sorted: tuple[str, Qt.SortOrder] | None = None

    # -- for subclasses

    def row_data(self, row: int) -> Any | None:
        """The row object, or None while it is not here yet."""
        raise IndexError(row)

    def key_of(self, row: int) -> Any:
        """What identifies the row across refreshes."""
        raise IndexError(row)

    # -- Qt

    def columnCount(self, parent: Index = ROOT) -> int:
        """Columns at the top level."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles in the present language."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return t(column.title) + self._arrow(column.key)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column.kind)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, value and hints for painting one cell."""
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == Role.KIND:
            return column.kind
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column.kind)
        row = self.row_data(index.row())
        if row is None:
            return t("kit.row_loading") if _is_text(role) and index.column() == 0 else None
        return self._cell(row, column, index, role)

    def _cell(self, row: Any, column: Column, index: Index, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.text(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return plain.tip(column.tooltip(row)) if column.tooltip else None
            case Qt.ItemDataRole.AccessibleTextRole:
                return self.spoken(row) if index.column() == 0 else self._named(row, column)
            case Role.VALUE:
                return column.value(row)
            case Role.KEY:
                return self.key_of(index.row())
            case Role.TONE:
                return column.tone(row) if column.tone else "neutral"
            case Role.BADGE:
                return column.badge(row) if column.badge else ""
        return None

    def set_sorted(self, key: str, order: Qt.SortOrder) -> None:
        """Say in the headings how the rows come sorted."""
        self._sorted = (key, order)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def _arrow(self, key: str) -> str:
        if self._sorted is None or self._sorted[0] != key:
            return ""
        return " ↑" if self._sorted[1] == Qt.SortOrder.AscendingOrder else " ↓"

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Only asks: the page reads again in that order."""
        if 0 <= column < len(self.columns):
            self.sort_requested.emit(self.columns[column].key, order)

    # -- text

    def text(self, row: Any, column: Column) -> str:
        """What the cell says, on one line."""
        if column.display is not None:
            return plain.one_line(column.display(row))
        value, formats = column.value(row), self.formats
        if value is None:
            return "–"
        match column.kind:
            case Kind.MONEY:
                return formats.money(value)
            case Kind.COUNT:
                return formats.count(value)
            case Kind.PERCENT:
                return formats.percent(value)
            case Kind.SCORE:
                return f"{value:.0f}"
            case Kind.WHEN:
                return formats.relative(value)
            case Kind.MOMENT:
                return formats.moment(value)
            case Kind.DAY:
                return formats.day(value)
            case Kind.TIER:
                return tier_text(value)
            case Kind.TAGS:
                return plain.one_line("  ".join(map(str, value)))
        return plain.one_line(str(value))

    def spoken(self, row: Any) -> str:
        """The whole row in one sentence, for a screen reader."""
        return ", ".join(self._named(row, column) for column in self.columns if column.shown)

    def _named(self, row: Any, column: Column) -> str:
        return f"{t(column.title)}: {self.text(row, column)}"

    def retranslate(self) -> None:
        """Tell the views that every text may read differently now."""
        if self.columns:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        if self.rowCount():
            last = self.index(self.rowCount() - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)


def tier_text(tier: str) -> str:
    """The name of a tier, of the super users, or of the KOC mark."""
    if tier in ("super", "koc"):
        return t("kit.super_user" if tier == "super" else "kit.koc")
    return label("tier", tier)


class RowTableModel(ColumnTable):
    """Up to some fifty thousand rows, given whole. `key` identifies a row across refreshes."""

    def __init__(
        self, columns: Sequence[Column], formats: Formats, key: Callable[[Any], Any] | None = None
    ) -> None:
        super().__init__(columns, formats)
        self._rows: list[Any] = []
        self._key = key

    def rowCount(self, parent: Index = ROOT) -> int:
        """Rows at the top level."""
        return 0 if parent.isValid() else len(self._rows)

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show these rows; one reset."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def row_data(self, row: int) -> Any:
        """The row object."""
        return self._rows[row]

    def row_at(self, index: Index) -> Any:
        """The row object behind an index."""
        return self._rows[index.row()]

    def key_of(self, row: int) -> Any:
        """The row's key, or its position when no key was given."""
        return self._key(self._rows[row]) if self._key else row

    def row_of(self, key: Any) -> int | None:
        """Where the row with that key stands now."""
        return next((at for at in range(len(self._rows)) if self.key_of(at) == key), None)

    @property
    def rows(self) -> list[Any]:
        """The rows shown, in order."""
        return self._rows


def _alignment(kind: Kind) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if kind in RIGHT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _is_text(role: int) -> bool:
    return role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
