"""The best buyers and the best advocates on the home page, with what to do next for each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QStackedWidget, QWidget

from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.services.rankings import BoardRow, KocBoard, SuperBoard
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel

SHOWN = 6
NEAR = 0.6  # from this share of the line on, somebody is close to being a super user


class BoardCard(Card):
    """`fan_opened(fan_id)` for a row, `board_opened(board)` for the whole board."""

    fan_opened = Signal(int)
    board_opened = Signal(str)

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__("home.board_title", parent=parent)
        self.setObjectName("board_card")
        self._formats = formats
        self._total = 0
        self._line = 0
        self._switches = QButtonGroup(self)
        for at, board in enumerate(("super", "koc")):
            button = Button(f"rank.board.{board}", compact=True, parent=self)
            button.setObjectName(f"home_board_{board}")
            button.setCheckable(True)
            button.setChecked(at == 0)
            self._switches.addButton(button, at)
            self.add_tool(button)
        self._switches.idClicked.connect(self._show_board)
        self.add_tool(Button("home.board_all", kind="link", on_click=self._open_board, parent=self))
        self._stack = QStackedWidget(self)
        self._models: list[RowTableModel] = []
        self._tables: list[DataTable] = []
        for columns in (self._super_columns(), self._koc_columns()):
            self._add_table(columns)
        self._empty = PlainLabel("", "secondary", wrap=True, parent=self)
        self.add(self._stack)
        self.add(self._empty)

    def show_boards(self, best: SuperBoard, koc: KocBoard) -> None:
        """Show both boards' first rows."""
        self._total, self._line = best.total_cents, best.threshold_cents
        for model, table, rows in zip(
            self._models, self._tables, (best.rows[:SHOWN], koc.rows[:SHOWN]), strict=True
        ):
            model.set_rows(rows)
            table.setMinimumHeight(0)
            table.fit_height()
        self._show_board(self._switches.checkedId())

    # -- building

    def _add_table(self, columns: Sequence[Column]) -> None:
        model = RowTableModel(columns, self._formats, key=lambda row: row.fan_id)
        table = DataTable(model, name="home.board_title", parent=self)
        model.setParent(table)
        table.setSelectionMode(DataTable.SelectionMode.SingleSelection)
        table.row_activated.connect(lambda row, model=model: self._open(model, row))
        table.clicked.connect(lambda index, model=model: self._open(model, index.row()))
        self._models.append(model)
        self._tables.append(table)
        self._stack.addWidget(table)

    def _super_columns(self) -> list[Column]:
        return [
            _name_column(),
            Column("tier", "fans.column.tier", lambda row: row.tier, Kind.TIER, 124, sortable=False),
            Column("orders", "rank.column.orders", lambda row: row.orders, Kind.COUNT, 90, sortable=False),
            Column(
                "spend", "rank.column.spend", lambda row: row.spend_cents, Kind.MONEY, 130, sortable=False
            ),
            Column(
                "share",
                "home.share",
                self._bar,
                Kind.SCORE,
                width=190,
                sortable=False,
                display=lambda row: self._formats.percent(self._share(row)),
            ),
            Column("next", "home.look", self._next, Kind.ACTION, width=150, sortable=False),
        ]

    def _koc_columns(self) -> list[Column]:
        return [
            _name_column(),
            Column("tier", "fans.column.tier", lambda row: row.tier, Kind.TIER, 124, sortable=False),
            Column("orders", "rank.column.orders", lambda row: row.orders, Kind.COUNT, 90, sortable=False),
            Column(
                "spend", "rank.column.spend", lambda row: row.spend_cents, Kind.MONEY, 130, sortable=False
            ),
            Column("score", "rank.column.score", lambda row: row.score, Kind.SCORE, 190, sortable=False),
            Column(
                "next",
                "home.look",
                lambda row: t("home.look_koc" if row.rank <= 3 else "home.look_fan"),
                Kind.ACTION,
                width=150,
                sortable=False,
            ),
        ]

    def _share(self, row: BoardRow) -> float:
        return row.spend_cents / self._total if self._total else 0.0

    def _bar(self, row: BoardRow) -> float:
        first = self._models[0].rows[0].spend_cents
        return 100.0 * row.spend_cents / first if first > 0 else 0.0

    def _next(self, row: BoardRow) -> str:
        if row.is_super:
            return t("home.look_super")
        return t("home.look_near" if row.spend_cents >= self._line * NEAR else "home.look_fan")

    # -- acting

    def _show_board(self, at: int) -> None:
        self._stack.setCurrentIndex(at)
        is_empty = not self._models[at].rows
        self._stack.setVisible(not is_empty)
        self._stack.setFixedHeight(self._tables[at].height())
        self._empty.setVisible(is_empty)
        self._empty.setText(t("home.board_empty_koc" if at else "home.board_empty_super"))

    def _open(self, model: RowTableModel, row: int) -> None:
        self.fan_opened.emit(model.rows[row].fan_id)

    def _open_board(self) -> None:
        self.board_opened.emit("koc" if self._switches.checkedId() else "super")


def _name_column() -> Column:
    return Column(
        "name",
        "rank.column.name",
        lambda row: row.name,
        Kind.PERSON,
        stretch=True,
        sortable=False,
        badge=lambda row: "super" if row.is_super else "",
    )
