"""The days: how one tier opened, who came, who left, how it closed; as a line and as a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.fans import Tier
from desktop.domain.tier_moves import TierDay
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t
from desktop.views.composing.phrases import joined
from desktop.views.widgets.cards import Card
from desktop.views.widgets.charts import LineChart, Series
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel


class FlowView(QWidget):
    """One tier at a time, chosen above."""

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._days: Sequence[TierDay] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        head = QHBoxLayout()
        self.tier = Choice(name="tiers.flow_tier", parent=self)
        self.tier.setObjectName("flow_tier")
        self.tier.chosen.connect(lambda _tier: self._show())
        head.addWidget(self.tier)
        head.addWidget(PlainLabel(kind="muted", key="tiers.flow_adds_up", parent=self), 1)
        column.addLayout(head)
        whole = QHBoxLayout()
        whole.setSpacing(12)
        chart = Card("tiers.flow_size", parent=self)
        self.chart = LineChart("tiers.flow_size", parent=self)
        chart.add(self.chart, 1)
        self.model = RowTableModel(self._columns(), formats, key=lambda day: day.day)
        self.table = DataTable(self.model, name="tiers.flow", parent=self)
        self.table.setObjectName("flow_table")
        self.model.setParent(self.table)
        table = Card(margin=12, parent=self)
        table.body.setContentsMargins(8, 4, 8, 4)
        table.add(self.table)
        whole.addWidget(table, 3)
        whole.addWidget(chart, 2)
        column.addLayout(whole, 1)
        self.tier.set_options({tier.value: label("tier", tier) for tier in reversed(Tier)})

    def _columns(self) -> list[Column]:
        def count(key: str, value: object) -> Column:
            return Column(key, f"tiers.flow_{key}", value, Kind.COUNT, 84, sortable=False)  # type: ignore[arg-type]

        return [
            Column("day", "tiers.flow_day", lambda day: day.day, Kind.DAY, 108, sortable=False),
            count("opening", lambda day: day.opening[self._tier()]),
            count("came", lambda day: day.came(self._tier())),
            count("left", lambda day: day.left(self._tier())),
            count("closing", lambda day: day.closing[self._tier()]),
            Column(
                "moves",
                "tiers.flow_moves",
                self._moves,
                width=200,
                stretch=True,
                sortable=False,
                tooltip=self._moves,
            ),
        ]

    def show_days(self, days: Sequence[TierDay]) -> None:
        """Show these days, in the present language."""
        self._days = days
        self.tier.set_options({tier.value: label("tier", tier) for tier in reversed(Tier)})
        self._show()

    def _tier(self) -> Tier:
        return Tier(str(self.tier.value()))

    def _show(self) -> None:
        tier = self._tier()
        self.model.set_rows(list(reversed(self._days)))
        sizes = [float(day.closing[tier]) for day in self._days]
        self.chart.show_series(
            [f"{day.day:%m-%d}" for day in self._days], [Series(label("tier", tier), sizes)]
        )

    def _moves(self, day: TierDay) -> str:
        """Where from and where to, in words."""
        mine = self._tier()
        said = [
            t(
                "tiers.flow_from" if after is mine else "tiers.flow_to",
                tier=_named(before, after, mine),
                n=f"{n:,}",
            )
            for (before, after), n in day.moves.items()
            if mine in (before, after)
        ]
        return joined(said)


def _named(before: Tier | None, after: Tier | None, mine: Tier) -> str:
    other = before if after is mine else after
    if other is not None:
        return label("tier", other)
    return t("tiers.flow_new" if after is mine else "tiers.flow_gone")
