"""The account matrix: every account of the shop side by side, with the one next step of each."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.domain.account_matrix import MatrixRow, Step
from desktop.domain.changes import Topic
from desktop.models.row_table import RowTableModel
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import t
from desktop.services.account_matrix import AccountMatrixService
from desktop.views.matrix.columns import cells, matrix_columns, order_of, why
from desktop.views.page import Page, PageContext
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.states import EmptyState
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel, say


class MatrixPage(Page):
    """Enter or a click on the last column goes where the next step is done."""

    topics = frozenset(
        {Topic.ACCOUNT, Topic.SYNC, Topic.FAN, Topic.GROUP, Topic.OUTBOX, Topic.ARTICLE, Topic.STATISTIC}
    )
    scrolls = False

    def __init__(
        self, context: PageContext, matrix: AccountMatrixService, parent: QWidget | None = None
    ) -> None:
        super().__init__(context, parent)
        self._matrix = matrix
        self._order = ("step", False)
        say(self, "matrix.title", role="name")
        self.head.set_title("matrix.title")
        self.export_button = Button(
            "matrix.export",
            icon="download",
            on_click=lambda: self.scope.spawn(self._export(), name="export"),
            parent=self,
        )
        self.export_button.setObjectName("export_matrix")
        connect = Button(
            "matrix.connect", icon="plus", kind="primary", on_click=self.create_new, parent=self
        )
        connect.setObjectName("connect_account")
        self.head.add(self.export_button)
        self.head.add(connect)
        self._build()

    def _build(self) -> None:
        self.model = RowTableModel(
            matrix_columns(self.context.formats), self.context.formats, key=lambda row: row.account.uid
        )
        self.table = DataTable(self.model, name="matrix.title", parent=self)
        self.table.setObjectName("matrix_table")
        self.model.setParent(self.table)
        self.model.sort_requested.connect(self._on_sort)
        self.table.show_sorted(self._order[0], Qt.SortOrder.AscendingOrder)
        self.table.row_activated.connect(self._act)
        self.table.action_clicked.connect(lambda row, _key: self._act(row))
        self.table.row_pointed.connect(self._say_why)
        self.why = PlainLabel("", "secondary", wrap=True, parent=self)
        self.why.setObjectName("matrix_why")
        card = Card(margin=12, parent=self)
        card.body.setContentsMargins(8, 4, 8, 4)
        card.add(self.table, 1)
        self._cards = QStackedWidget(self)
        self._cards.addWidget(card)
        self._cards.addWidget(
            EmptyState(
                "matrix.empty_title",
                "matrix.empty",
                icon="layers",
                action="matrix.connect",
                on_action=self.create_new,
                parent=self,
            )
        )
        self.body.addWidget(self._cards, 1)
        self.body.addWidget(self.why)

    async def load(self) -> list[MatrixRow]:
        """Every account."""
        return await self._matrix.rows()

    def populate(self, data: list[MatrixRow]) -> None:
        """Show them, those with something to do first."""
        todo = sum(row.step is not Step.NONE for row in data)
        platforms = len({row.account.platform for row in data})
        said = t("matrix.subtitle", n=len(data), platforms=platforms, todo=todo)
        self.head.show_subtitle(said if data else "")
        self.export_button.setVisible(bool(data))
        self.why.setVisible(bool(data))
        self._cards.setCurrentIndex(0 if data else 1)
        self._show_rows()

    def create_new(self) -> None:
        """Connect one more account."""
        self.context.go("sync", connect=True)

    def _show_rows(self) -> None:
        key, is_falling = self._order
        rows: list[MatrixRow] = list(self.data or ())
        rows.sort(key=order_of(key, self.context.clock.now_ms()), reverse=is_falling)
        self.model.set_rows(rows)
        self._say_why(max(0, self.table.currentIndex().row()))

    def _on_sort(self, key: str, order: Qt.SortOrder) -> None:
        self._order = (key, order == Qt.SortOrder.DescendingOrder)
        self._show_rows()

    def _say_why(self, row: int) -> None:
        """What the account's next step is for."""
        if 0 <= row < len(self.model.rows):
            found: MatrixRow = self.model.rows[row]
            self.why.setText(
                t("matrix.why_of", account=found.account.name, why=why(found)) if found else ""
            )

    def _act(self, row: int) -> None:
        if 0 <= row < len(self.model.rows):
            found: MatrixRow = self.model.rows[row]
            self.context.go("sync", account=found.account.id, step=found.step)

    async def _export(self) -> None:
        filters = [t("fans.export_xlsx"), t("fans.export_csv")]
        name = t("matrix.title") + ".xlsx"
        target = await dialogs.save_file(self, t("matrix.export"), filters, name=name, suffix="xlsx")
        if target is not None:
            headers = {column.key: t(column.title) for column in self.model.columns}
            table = [cells(row, self.context.formats) for row in self.model.rows]
            written = await self._matrix.export(target, headers, table)
            self.context.notices.info("matrix.exported", n=written, file=target.name)
