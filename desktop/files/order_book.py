"""Rows of orders on their way to records: those of one order are put together, or refused together.

Rows of one order mostly stand beside each other, and files are long: an order is closed when many others came
after it, and its row and cells are let go. Where the file comes back to a closed order, whoever reads is asked
to read that order's rows again, so that what is found never depends on where rows stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from desktop.domain.imports import OrderLine, OrderRecord
from desktop.files.order_rows import OrderRow, OrderShape, numbered
from desktop.files.tables import RowError, Table

OPEN_AT_MOST = 2_000
Place = tuple[str, str]  # scope and number of an order
Refuse = Callable[[Table, int, Sequence[str], RowError], None]


class OrderBook:
    """The orders of one file, in the order in which each was first met.

    `goods` are lines from a sheet of their own, by order number; `refuse` is told of rows that cannot come in.
    """

    def __init__(self, shape: OrderShape, goods: Mapping[str, Sequence[OrderLine]], refuse: Refuse) -> None:
        self._shape = shape
        self._goods = goods
        self._refuse = refuse
        self._slots: dict[Place, int] = {}
        self._records: list[OrderRecord | None] = []
        self._open: dict[Place, list[tuple[Table, OrderRow]]] = {}
        self._left: dict[Place, list[tuple[Table, OrderRow]]] = {}  # open to the end
        self._told: dict[Place, set[tuple[str, ...]]] = {}  # cells, only of orders with several rows
        self._spoilt: dict[Place, int] = {}
        self._late: set[Place] = set()
        self.repeated = 0
        self.goods_unsplit = 0
        self.unknown_words: Counter[str] = Counter()

    @property
    def records(self) -> list[OrderRecord]:
        """What came out so far."""
        return [record for record in self._records if record is not None]

    def add(self, table: Table, row: OrderRow) -> None:
        """A row that could be read."""
        row.sheet = table.name
        place = (row.scope, row.order_no)
        group = self._open.get(place)
        if group is None and self._left:
            group = self._left.get(place)
        if group is None:
            if place in self._slots:
                self._late.add(place)
                return
            self._slots[place] = len(self._records)
            self._records.append(None)
            self._open[place] = [(table, row)]
            if len(self._open) > OPEN_AT_MOST:
                self._close_oldest()
            return
        if group:
            told = self._told.setdefault(place, {tuple(group[0][1].cells)})
            cells = tuple(row.cells)
            if cells in told:
                self.repeated += 1
                self._leave(place, group)
                return
            told.add(cells)
        group.append((table, row))

    def spoil(self, place: Place, line: int) -> None:
        """A row of this order was refused: none of its rows come in."""
        self._spoilt.setdefault(place, line)

    def finish(self) -> Collection[Place]:
        """Close every order. Those that are returned must be read again after `reopen`."""
        for groups in (self._left, self._open):
            for place, group in groups.items():
                self._close(place, group)
        closed = self._slots.keys() - self._open.keys() - self._left.keys()
        self._late |= closed & self._spoilt.keys()
        self._open, self._left, self._told = {}, {}, {}
        return self._late

    def reopen(self) -> None:
        """Begin anew with the orders that `finish` named; `add` their rows, all of them, and `finish` again."""
        for place in self._late:
            self._records[self._slots[place]] = None
            self._left[place] = []
        self._late = set()

    def _leave(self, place: Place, group: list[tuple[Table, OrderRow]]) -> None:
        self._open.pop(place, None)
        self._left[place] = group

    def _close_oldest(self) -> None:
        """Close half of the open orders, the oldest ones; leave those open about which anything is to be told."""
        for place in list(islice(self._open, OPEN_AT_MOST // 2)):
            group = self._open.pop(place)
            rows = [row for _, row in group]
            if self._goods or place in self._spoilt or any(map(_is_noted, rows)):
                self._left[place] = group
                continue
            try:
                self._records[self._slots[place]] = self._shape.combine(rows)
            except RowError:
                self._left[place] = group
            else:
                self._told.pop(place, None)

    def _close(self, place: Place, group: list[tuple[Table, OrderRow]]) -> None:
        """Put the rows of one order together, or refuse all of them: never half an order."""
        rows = [row for _, row in group]
        try:
            if place in self._spoilt:
                raise RowError("other_row_refused", order=rows[0].order_no, row=self._spoilt[place])
            record = self._shape.combine(rows)
        except RowError as error:
            for table, row in group:
                self._refuse(table, row.line, row.cells, error)
            return
        goods = self._goods.get(record.order_no)
        if goods:
            record = replace(record, lines=tuple(numbered(goods)))
        for row in rows:
            self.unknown_words.update(row.status.unknown)
        self.goods_unsplit += "goods_unsplit" in record.extra
        self._records[self._slots[place]] = record


def _is_noted(row: OrderRow) -> bool:
    """Whether something about the row is counted when its order is closed."""
    return bool(row.status.unknown) or "goods_unsplit" in row.extra
