"""What each staff member did in the last 30 days, as the platform counts it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit.formats import Formats
from desktop.services.statistics import StaffFigures
from desktop.views.widgets.cards import Card
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel

ROWS = 8


def _columns() -> list[Column]:
    def count(name: str) -> Column:
        return Column(
            name, f"staff_figures.{name}", lambda row: getattr(row, name), Kind.COUNT, 110, sortable=False
        )

    return [
        Column("name", "staff_figures.name", lambda row: row.name, Kind.PERSON, 150, True, sortable=False),
        *map(count, ("added", "lost", "chats", "messages")),
        Column(
            "replied", "staff_figures.replied",
            lambda row: None if row.replied_permille is None else row.replied_permille / 1000,
            Kind.PERCENT, 110, sortable=False,
        ),
        Column(
            "first_reply", "staff_figures.first_reply", lambda row: row.first_reply_minutes, Kind.COUNT, 130,
            sortable=False,
        ),
    ]  # fmt: skip


class StaffCard(Card):
    """One line a person; hidden while nothing is known."""

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__("staff_figures.title", parent=parent)
        self.model = RowTableModel(
            _columns(), formats, key=lambda row: (row.account_id, row.staff_external_id)
        )
        self.table = DataTable(self.model, name="staff_figures.title", parent=self)
        self.table.setObjectName("staff_table")
        self.model.setParent(self.table)
        self.table.horizontalHeader().setSectionsClickable(False)
        self.add(self.table)
        self.add(PlainLabel(kind="hint", key="staff_figures.hint", wrap=True, parent=self))
        self.hide()

    def show_staff(self, rows: Sequence[StaffFigures]) -> None:
        """Show these people."""
        self.model.set_rows(rows)
        self.table.fit_height(min(len(rows), ROWS))
        self.setVisible(bool(rows))
