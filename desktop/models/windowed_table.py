"""A table over an ordered list of ids; rows come page by page as they are looked at: a million scroll."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QTimer, Signal

from desktop.models.row_table import ROOT, Column, ColumnTable, Index
from desktop.qtkit.formats import Formats

PAGE_ROWS = 200
KEPT_PAGES = 40


class WindowedTableModel(ColumnTable):
    """Only ids are held for all rows. `page_needed(first, last)` asks the page to read rows [first, last).

    The answer goes to `put_rows(first, rows)`. An answer for an order that has been replaced
    meanwhile must not be put: compare `generation` before and after reading.

    An order comes in two steps: `set_order` with its beginning, `complete` with all of it. `complete`
    is also for the same people after a change: rows read before stand until they are read again, and
    `keeps_place` tells the view to stay where it is.
    """

    page_needed = Signal(int, int)

    def __init__(self, columns: Sequence[Column], formats: Formats) -> None:
        super().__init__(columns, formats)
        self.generation = 0
        self.keeps_place = False
        self._ids: array[int] = array("i")
        self._known: dict[int, Any] = {}  # rows by id, to show until they are read again
        self._pages: OrderedDict[int, list[Any]] = OrderedDict()
        self._asked: set[int] = set()
        self._wanted: set[int] = set()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._ask)

    def rowCount(self, parent: Index = ROOT) -> int:
        """All rows, read or not."""
        return 0 if parent.isValid() else len(self._ids)

    def set_order(self, ids: Iterable[int], first: Sequence[Any] = ()) -> None:
        """Show the rows of these ids, in this order, of which the `first` were read with it."""
        self.beginResetModel()
        self._ids = ids if isinstance(ids, array) else array("i", ids)
        self._known = {}
        self._forget()
        for start in range(0, len(first), PAGE_ROWS):
            self._pages[start // PAGE_ROWS] = list(first[start : start + PAGE_ROWS])
        self.endResetModel()

    def complete(self, ids: array[int]) -> None:
        """All ids of the order begun, or the order as it is after a change."""
        shown = len(self._ids)
        if ids == self._ids:
            self.reload()
        elif shown < len(ids) and ids[:shown] == self._ids:
            self.beginInsertRows(ROOT, shown, len(ids) - 1)
            self._ids = ids
            self._pages = OrderedDict(
                (page, rows) for page, rows in self._pages.items() if len(rows) == PAGE_ROWS
            )
            self.endInsertRows()
        else:
            self._remember_rows()
            self.keeps_place = True
            self.beginResetModel()
            self._ids = ids
            self._forget()
            self.endResetModel()
            self.keeps_place = False

    def _forget(self) -> None:
        self.generation += 1
        self._pages.clear()
        self._asked.clear()
        self._wanted.clear()

    def _remember_rows(self) -> None:
        """Keep what was read, by id, in place of nothing while it is read again."""
        for page, rows in self._pages.items():
            first = page * PAGE_ROWS
            self._known.update(zip(self._ids[first : first + len(rows)], rows, strict=True))

    def put_rows(self, first: int, rows: Sequence[Any]) -> None:
        """Rows read for [first, first + len(rows)); `first` is a multiple of PAGE_ROWS as asked for."""
        if not rows:
            return
        for offset in range(0, len(rows), PAGE_ROWS):
            page = (first + offset) // PAGE_ROWS
            self._pages[page] = list(rows[offset : offset + PAGE_ROWS])
            self._pages.move_to_end(page)
            self._asked.discard(page)
        if len(self._known) > KEPT_PAGES * PAGE_ROWS:
            self._known = {}
        while len(self._pages) > KEPT_PAGES:
            self._pages.popitem(last=False)
        last = min(first + len(rows), len(self._ids)) - 1
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))

    def reload(self) -> None:
        """Read the rows again that are being looked at; the order stays."""
        self._remember_rows()
        self._forget()
        if self._ids:
            last = self.index(len(self._ids) - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def row_data(self, row: int) -> Any | None:
        """The row object, or None, in which case it is asked for."""
        page, offset = divmod(row, PAGE_ROWS)
        rows = self._pages.get(page)
        if rows is not None:
            return rows[offset] if offset < len(rows) else None
        if page not in self._asked:
            self._wanted.add(page)
            if not self._soon.isActive():
                self._soon.start(0)
        return self._known.get(self._ids[row])

    def row_at(self, index: Index) -> Any | None:
        """The row object behind an index, or None while it is not here yet."""
        return self.row_data(index.row())

    def key_of(self, row: int) -> int:
        """The id of the row."""
        return self._ids[row]

    def row_of(self, key: Any) -> int | None:
        """Where an id stands now."""
        try:
            return self._ids.index(key)
        except (ValueError, TypeError):
            return None

    def ids(self, first: int, last: int) -> list[int]:
        """The ids of rows [first, last), to read them by."""
        return list(self._ids[first:last])

    def all_ids(self) -> array[int]:
        """All ids in order; not to be changed."""
        return self._ids

    def _ask(self) -> None:
        """Ask for the pages wanted in this turn of the loop, neighbours together."""
        wanted, self._wanted = sorted(self._wanted), set()
        self._asked.update(wanted)
        runs: list[list[int]] = []
        for page in wanted:
            if runs and page == runs[-1][-1] + 1:
                runs[-1].append(page)
            else:
                runs.append([page])
        for run in runs:
            self.page_needed.emit(run[0] * PAGE_ROWS, min((run[-1] + 1) * PAGE_ROWS, len(self._ids)))
