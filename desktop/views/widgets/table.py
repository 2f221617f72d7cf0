"""The one table of the product: painted cells, columns to choose, copying; sorting is left to the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from desktop.models.row_table import ColumnTable, Kind, Role
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.delegates import CellDelegate
from desktop.views.widgets.standing_still import is_refused
from desktop.views.widgets.texts import say

Flag = QItemSelectionModel.SelectionFlag
ROW = 38
COMPACT_ROW = 32
COPY_LIMIT = 100_000
KEPT_SELECTION = 1_000  # rows; of a larger selection only all is kept when the rows come anew


class DataTable(QTableView):
    """Shows a RowTableModel or WindowedTableModel. `name` is a wording key for screen readers.

    `row_activated(row)` comes on double click and Enter, `row_pointed(row)` when the current row
    changes, `action_clicked(row, column key)` on an ACTION cell, `selection_counted(n)` with the
    number of selected rows.
    """

    row_activated = Signal(int)
    row_pointed = Signal(int)
    action_clicked = Signal(int, str)
    selection_counted = Signal(int)

    def __init__(self, table: ColumnTable, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self._delegate = CellDelegate(self)
        self.is_compact = False
        self._sorted: tuple[str, Qt.SortOrder] | None = None
        self._selected_keys: list[object] = []
        self._were_all = False
        self._all_up_to = 0
        self._top_key: object | None = None
        self._current_key: object | None = None
        self._copier: Callable[[list[range]], None] | None = None
        self.setModel(table)
        self.setItemDelegate(self._delegate)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setCornerButtonEnabled(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.activated.connect(lambda index: self.row_activated.emit(index.row()))
        self.clicked.connect(self._on_clicked)
        self.setMinimumHeight(200)
        say(self, name, role="name")
        self._build_headers()
        self.reset_columns()
        table.modelAboutToBeReset.connect(self._remember_selection)
        table.modelReset.connect(self._restore_selection)
        current().changed.connect(self._fit_rows)
        self.selectionModel().selectionChanged.connect(self._on_selection)
        self.selectionModel().currentRowChanged.connect(
            lambda now, _before: self.row_pointed.emit(now.row())
        )

    def _build_headers(self) -> None:
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._fit_rows()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setSectionsClickable(True)
        header.setMinimumSectionSize(56)
        header.setSortIndicatorShown(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._open_header_menu)
        header.sectionClicked.connect(self._on_header_clicked)

    def _fit_rows(self) -> None:
        rows = self.verticalHeader()
        rows.setMinimumSectionSize(20)
        rows.setDefaultSectionSize(current().px(COMPACT_ROW if self.is_compact else ROW))
        self.viewport().update()

    # -- columns

    def reset_columns(self) -> None:
        """Widths and visibility as the columns were declared."""
        header = self.horizontalHeader()
        scale = current().text_scale / 100
        for at, column in enumerate(self._table.columns):
            mode = QHeaderView.ResizeMode.Stretch if column.stretch else QHeaderView.ResizeMode.Interactive
            header.setSectionResizeMode(at, mode)
            header.moveSection(header.visualIndex(at), at)
            self.setColumnWidth(at, round(column.width * scale))
            self.setColumnHidden(at, not column.shown)

    def layout_state(self) -> dict[str, object]:
        """Order, widths and hidden columns by key, to keep for the next start."""
        header = self.horizontalHeader()
        columns = self._table.columns
        return {
            "order": [columns[header.logicalIndex(at)].key for at in range(len(columns))],
            "widths": {column.key: self.columnWidth(at) for at, column in enumerate(columns)},
            "hidden": [column.key for at, column in enumerate(columns) if self.isColumnHidden(at)],
            "compact": self.is_compact,
        }

    def restore_layout(self, state: dict[str, object]) -> None:
        """Bring back what `layout_state` gave; unknown columns are left out."""
        self.set_compact(state.get("compact") is True)
        places = {column.key: at for at, column in enumerate(self._table.columns)}
        header = self.horizontalHeader()
        order, widths, hidden = state.get("order"), state.get("widths"), state.get("hidden")
        if isinstance(order, list):
            for at, key in enumerate([key for key in order if key in places]):
                header.moveSection(header.visualIndex(places[key]), at)
        if isinstance(widths, dict):
            for key, width in widths.items():
                if key in places and isinstance(width, int) and width > 0:
                    self.setColumnWidth(places[key], width)
        if isinstance(hidden, list):
            for key, at in places.items():
                self.setColumnHidden(at, key in hidden)

    def columns_button(self) -> Button:
        """A button that opens the list of columns; put it into the card's title line."""
        button = Button("kit.columns", icon="columns-3", parent=self)
        say(button, "kit.columns_tip", role="tip")
        button.clicked.connect(
            lambda: self._column_menu().popup(button.mapToGlobal(QPoint(0, button.height() + 2)))
        )
        return button

    def _column_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for at, column in enumerate(self._table.columns):
            action = menu.addAction(t(column.title))
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(at))
            action.setEnabled(at != 0)
            action.toggled.connect(partial(self._show_column, at))
        menu.addSeparator()
        dense = menu.addAction(t("kit.compact_rows"))
        dense.setCheckable(True)
        dense.setChecked(self.is_compact)
        dense.toggled.connect(self.set_compact)
        menu.addAction(t("kit.columns_reset"), self.reset_columns)
        return menu

    def set_compact(self, compact: bool) -> None:
        """More rows on the screen, or more room in each."""
        self.is_compact = compact
        self._fit_rows()

    def _show_column(self, at: int, shown: bool) -> None:
        self.setColumnHidden(at, not shown)

    # -- sorting

    def show_sorted(self, key: str, order: Qt.SortOrder) -> None:
        """Show by which column the rows come sorted."""
        for column in self._table.columns:
            if column.key == key:
                self._sorted = (key, order)
                self._table.set_sorted(key, order)

    def _on_header_clicked(self, at: int) -> None:
        column = self._table.columns[at]
        if not column.sortable:
            return
        falling = column.kind in (Kind.MONEY, Kind.COUNT, Kind.PERCENT, Kind.SCORE, Kind.WHEN, Kind.MOMENT)
        order = Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder
        if self._sorted == (column.key, order):
            order = Qt.SortOrder(1 - order.value)
        self._sort(at, order)

    def _sort(self, at: int, order: Qt.SortOrder) -> None:
        self.show_sorted(self._table.columns[at].key, order)
        self._table.sort(at, order)

    def _open_header_menu(self, where: QPoint) -> None:
        at = self.horizontalHeader().logicalIndexAt(where)
        menu = self._column_menu()
        if at >= 0 and self._table.columns[at].sortable:
            first = menu.actions()[0]
            for key, order in (
                ("kit.sort_up", Qt.SortOrder.AscendingOrder),
                ("kit.sort_down", Qt.SortOrder.DescendingOrder),
            ):
                action = menu.addAction(t(key), partial(self._sort, at, order))
                menu.insertAction(first, action)
            menu.insertSeparator(first)
        menu.popup(self.horizontalHeader().mapToGlobal(where))

    # -- selection

    def selectAll(self) -> None:
        """Every row, also those that are still to come of an order that is being read."""
        super().selectAll()
        self._all_up_to = self._table.rowCount()

    def rowsInserted(self, parent: QModelIndex | QPersistentModelIndex, first: int, last: int) -> None:
        """Rows came at the end: all are still all."""
        super().rowsInserted(parent, first, last)
        if self._all_up_to == first and self.selected_spans() == [range(first)]:
            self.selectAll()

    def selected_spans(self) -> list[range]:
        """Runs of selected rows, from the top: a million rows are one run."""
        spans = self.selectionModel().selection().toList()
        rows = sorted((span.top(), span.bottom() + 1) for span in spans)
        found: list[range] = []
        for first, last in rows:  # cells of one row may be spans of their own
            if found and first <= found[-1].stop:
                found[-1] = range(found[-1].start, max(found[-1].stop, last))
            else:
                found.append(range(first, last))
        return found

    def selected_rows(self) -> list[int]:
        """Rows selected, from the top."""
        return [row for span in self.selected_spans() for row in span]

    def selected_keys(self) -> list[object]:
        """Their keys."""
        return [self._table.key_of(row) for row in self.selected_rows()]

    def select_rows(self, spans: Iterable[range]) -> None:
        """Select exactly these rows."""
        last = len(self._table.columns) - 1
        chosen = QItemSelection()
        for span in spans:
            chosen.select(self._table.index(span.start, 0), self._table.index(span.stop - 1, last))
        self.selectionModel().select(chosen, Flag.ClearAndSelect)

    def select_key(self, key: object) -> None:
        """Make the row with that key the current one, whatever keys are held (`selectRow` heeds them)."""
        row = self._table.row_of(key) if hasattr(self._table, "row_of") else None
        if row is not None:
            self.selectionModel().setCurrentIndex(
                self._table.index(row, 0), Flag.ClearAndSelect | Flag.Rows
            )
            self.scrollTo(self.currentIndex())

    def _remember_selection(self) -> None:
        spans = self.selected_spans()
        self._were_all = spans == [range(self._table.rowCount())] and len(spans[0]) > KEPT_SELECTION
        keys = (self._table.key_of(row) for span in spans for row in span)
        self._selected_keys = [] if self._were_all else list(islice(keys, KEPT_SELECTION))
        top = self.verticalScrollBar().value()
        keeps = getattr(self._table, "keeps_place", False) and top < self._table.rowCount()
        self._top_key = self._table.key_of(top) if keeps else None
        at = self.currentIndex()
        self._current_key = self._table.key_of(at.row()) if keeps and at.isValid() else None

    def _restore_selection(self) -> None:
        keys, self._selected_keys = self._selected_keys, []
        row_of = getattr(self._table, "row_of", None)
        if row_of is None:
            return
        if self._top_key is not None:
            self._stay(row_of(self._top_key), row_of(self._current_key))
        if self._were_all and getattr(self._table, "keeps_place", True) and self._table.rowCount():
            self.select_rows([range(self._table.rowCount())])
            return
        rows = [row for key in keys if (row := row_of(key)) is not None]
        for row in rows:
            self.selectionModel().select(self._table.index(row, 0), Flag.Select | Flag.Rows)
        if (keys or self._were_all) and not rows:
            self.selection_counted.emit(0)

    def _stay(self, top: int | None, at: int | None) -> None:
        """The same row at the top as before the rows came anew, and the keyboard where it was."""
        if at is not None:
            self.selectionModel().setCurrentIndex(self._table.index(at, 0), Flag.NoUpdate)
        if top is not None:
            self.updateGeometries()  # the bar's range, which otherwise follows later
            self.verticalScrollBar().setValue(top)

    def _on_selection(self) -> None:
        self.selection_counted.emit(sum(map(len, self.selected_spans())))

    def _on_clicked(self, index) -> None:  # type: ignore[no-untyped-def]
        column, row = self._table.columns[index.column()], self._table.row_data(index.row())
        if column.kind is Kind.ACTION and not is_refused(column, row, self):
            self.action_clicked.emit(index.row(), column.key)

    # -- copying

    def copy_text(self, given: Iterable[Any] | None = None) -> str:
        """The selected rows (or those given) with a heading, cells parted by tabs, as spreadsheets paste them."""
        shown = [at for at in range(len(self._table.columns)) if not self.isColumnHidden(at)]
        shown.sort(key=self.horizontalHeader().visualIndex)
        columns = [self._table.columns[at] for at in shown]
        lines = ["\t".join(t(column.title) for column in columns)]
        chosen = (row for span in self.selected_spans() for row in span)
        rows = map(self._table.row_data, islice(chosen, COPY_LIMIT)) if given is None else iter(given)
        for row in rows:
            lines.append("\t".join("" if row is None else self._table.text(row, each) for each in columns))
        return "\n".join(lines)

    def copy_by(self, copier: Callable[[list[range]], None]) -> None:
        """Leave copying to somebody who reads the rows first: not all of a window's are here."""
        self._copier = copier

    def copy_selection(self) -> None:
        """Put the selected rows on the clipboard."""
        if self._copier is not None:
            self._copier(self.selected_spans())
        else:
            QGuiApplication.clipboard().setText(self.copy_text())

    def _open_menu(self, where: QPoint) -> None:
        index = self.indexAt(where)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if index.isValid():
            text = str(index.data() or "")
            menu.addAction(t("kit.copy_cell"), lambda: QGuiApplication.clipboard().setText(text))
        copy = menu.addAction(t("kit.copy_rows"), self.copy_selection)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setEnabled(self.selectionModel().hasSelection())
        menu.addAction(t("kit.select_all"), self.selectAll)
        menu.popup(self.viewport().mapToGlobal(where))

    # -- events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies rows; Enter activates the current one."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            index = self.currentIndex()
            if index.data(Role.KIND) == Kind.ACTION:
                self._on_clicked(index)
            else:
                self.row_activated.emit(index.row())
            return
        super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the row under the pointer."""
        super().mouseMoveEvent(event)
        self._hover((index := self.indexAt(event.position().toPoint())).row())
        action = index.isValid() and index.data(Role.KIND) == Kind.ACTION
        shape = Qt.CursorShape.PointingHandCursor if action else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def leaveEvent(self, event: QEvent) -> None:
        """No row is lit any more."""
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self._delegate.hovered_row:
            self._delegate.hovered_row = row
            self.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._table.retranslate()

    def fit_height(self, rows: int | None = None) -> None:
        """Be as high as that many rows (all by default), for a table inside a page that scrolls."""
        count = self._table.rowCount() if rows is None else rows
        header = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(header + count * current().px(ROW) + 2 * self.frameWidth() + 2)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
