"""Messages and talking members a day in the groups of one owner, as the platform counts them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.services.statistics import TalkDay
from desktop.views.widgets.charts import Legend, LineChart, Series
from desktop.views.widgets.panels import heading
from desktop.views.widgets.texts import PlainLabel

HEIGHT = 150


class TalkChart(QWidget):
    """Hidden while nothing is known."""

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(heading("groups.talk.title", self))
        head.addStretch(1)
        self.legend = Legend(self)
        head.addWidget(self.legend)
        column.addLayout(head)
        self.chart = LineChart("groups.talk.title", parent=self)
        self.chart.setObjectName("talk_chart")
        self.chart.setFixedHeight(current().px(HEIGHT))
        column.addWidget(self.chart)
        column.addWidget(PlainLabel(kind="hint", key="groups.talk.hint", wrap=True, parent=self))
        self.hide()

    def show_days(self, days: Sequence[TalkDay]) -> None:
        """Show these days, oldest first."""
        has_talk = any(day.messages or day.talking for day in days)
        self.setVisible(has_talk)
        if not has_talk:
            return
        series = [
            Series(t("groups.talk.messages"), [day.messages for day in days]),
            Series(t("groups.talk.members"), [day.talking for day in days]),
        ]
        self.chart.show_series([f"{day.day:%m-%d}" for day in days], series)
        self.legend.show_names([one.name for one in series])
