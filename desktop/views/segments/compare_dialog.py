"""Comparing audiences: which, a picture, and the same numbers as a table to copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop.domain.segments.saved import MOST_OVERLAPPED
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.services.entry_ways import Choice
from desktop.services.segments import SegmentService
from desktop.views.segments.overlap_chart import OverlapChart, ordered, region_text
from desktop.views.ways.choice_list import ChoiceList
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel

SIZE = (940, 600)


class CompareDialog(MessageDialog):
    """Opened with those ticked that somebody came from; two to five make a picture."""

    def __init__(
        self,
        parent: QWidget,
        titles: Mapping[str, str],
        chosen: Sequence[str],
        service: SegmentService,
        scope: TaskScope,
        formats: Formats,
    ) -> None:
        super().__init__(parent, t("segments.compare_title"), "", accept=t("kit.close"))
        self.setObjectName("compare_dialog")
        self.cancel_button.hide()
        self._service, self._scope = service, scope
        self.resize(*(current().px(side) for side in SIZE))
        self.which = ChoiceList("segments.compare_which", self)
        self.which.setObjectName("compare_which")
        self.which.set_choices([Choice(0, uid, name) for uid, name in titles.items()], chosen)
        self.which.changed.connect(self._ask)
        self.hint = PlainLabel("", "muted", wrap=True, parent=self)
        self.hint.setText(t("segments.compare_hint", most=MOST_OVERLAPPED))
        self.chart = OverlapChart()
        self.model = RowTableModel(
            [
                Column(
                    "region", "segments.column_region", lambda row: row[0], stretch=True, sortable=False
                ),
                Column("n", "segments.column_size", lambda row: row[1], Kind.COUNT, 80, sortable=False),
            ],
            formats,
        )
        self.table = DataTable(self.model, name="segments.compare_title", parent=self)
        self.table.setObjectName("compare_table")
        self.model.setParent(self.table)
        self.copy = Button("segments.copy_numbers", icon="copy", compact=True, parent=self)
        self.copy.setObjectName("copy_numbers")
        self.copy.clicked.connect(self._copy)
        self._lay_out()
        self._ask()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(10)
        left.addWidget(self.which)
        left.addWidget(self.hint)
        left.addWidget(self.table, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.copy)
        foot.addStretch(1)
        left.addLayout(foot)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.chart)
        whole = QHBoxLayout()
        whole.setSpacing(20)
        whole.addLayout(left, 2)
        whole.addWidget(scroll, 3)
        self.body.insertLayout(2, whole, 1)

    def numbers(self) -> str:
        """The table as text with tabs."""
        return "\n".join(f"{text}\t{number}" for text, number in self.model.rows)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.numbers())

    def _ask(self) -> None:
        keys = self.which.chosen()
        if 2 <= len(keys) <= MOST_OVERLAPPED:
            self._scope.spawn(self._compare(keys), name="segments.compare")
        else:
            self.chart.show_overlap(None)
            self.model.set_rows([])
            self.copy.setEnabled(False)

    async def _compare(self, keys: Sequence[str]) -> None:
        overlap = await self._service.overlap(keys)
        if not isValid(self) or self.which.chosen() != tuple(keys):
            return
        self.chart.show_overlap(overlap)
        self.model.set_rows([(region_text(overlap, places), n) for places, n in ordered(overlap)])
        self.copy.setEnabled(bool(overlap.regions))
