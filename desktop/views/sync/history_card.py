"""The last rounds of every account, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from desktop.domain.sync_reports import SyncRun
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label
from desktop.views.sync.words import VERDICT_TONES, notes_of
from desktop.views.widgets.cards import Card
from desktop.views.widgets.table import DataTable

SHOWN = 8


@dataclass(frozen=True)
class PastRun:
    """A round with the name of its account."""

    account: str
    run: SyncRun


def _note(past: PastRun) -> str:
    said = notes_of(past.run)
    return said[0][1] if said and said[0][0] != "pass" else ""


def _columns() -> list[Column]:
    def count(name: str) -> Column:
        return Column(
            name, f"sync_count.{name}", lambda row: row.run.total(name), Kind.COUNT, 70, sortable=False
        )

    return [
        Column("when", "sync_page.when", lambda row: row.run.started_at, Kind.MOMENT, 136, sortable=False),
        Column("account", "sync_page.account", lambda row: row.account, width=130, sortable=False),
        Column(
            "verdict",
            "sync_page.outcome",
            lambda row: row.run.verdict.value,
            Kind.STATE,
            134,
            sortable=False,
            display=lambda row: label("sync_verdict", row.run.verdict.value),
            tone=lambda row: VERDICT_TONES[row.run.verdict],
        ),
        *map(count, ("received", "new", "changed", "removed")),
        Column("note", "sync_page.note", _note, stretch=True, sortable=False, tooltip=_note),
    ]


class HistoryCard(Card):
    """What happened lately, one line a round."""

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__("sync_page.history", parent=parent)
        self.model = RowTableModel(_columns(), formats, key=lambda row: row.run.id)
        self.table = DataTable(self.model, name="sync_page.history", parent=self)
        self.table.setObjectName("history_table")
        self.table.horizontalHeader().setSectionsClickable(False)
        self.add(self.table)

    def show_runs(self, runs: list[PastRun]) -> None:
        """Show these rounds, the newest of all accounts first."""
        newest = sorted(runs, key=lambda past: past.run.id, reverse=True)[:SHOWN]
        self.model.set_rows(newest)
        self.table.fit_height()
        self.setVisible(bool(newest))
