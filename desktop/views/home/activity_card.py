"""Active fans and sales day by day: one chart with two scales, or the same as a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.domain.home import Activity
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.views.widgets import scales
from desktop.views.widgets.buttons import IconButton
from desktop.views.widgets.cards import Card
from desktop.views.widgets.charts import Legend, LineChart, Series
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.table import DataTable

RANGES = (14, 30, 90)
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ActivityChart(LineChart):
    """Active fans against the scale at the left, sales in yuan against the one at the right."""

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__("home.activity_title", parent=parent)
        self._formats = formats
        self._cents: tuple[int, ...] = ()
        self._left: list[float] = [0.0, 1.0]
        self._right: list[float] = [0.0, 1.0]

    def show_activity(self, activity: Activity) -> None:
        """Show the days; all zero means that there is nothing to show yet."""
        if not any(activity.active_fans) and not any(activity.sales_cents):
            self.show_series([], [])
            return
        self._cents = activity.sales_cents
        self._left = scales.axis_ticks(0, max(activity.active_fans), 4)
        parts = len(self._left) - 1
        step = scales.nice_step(max(self._cents) / 100, parts)
        self._right = [step * at for at in range(parts + 1)]
        factor = self._left[-1] / self._right[-1] / 100
        self.show_series(
            [f"{day:%m-%d}" for day in activity.days],
            [
                Series(t("home.active_fans"), activity.active_fans),
                Series(t("home.sales"), [max(0, cents) * factor for cents in self._cents]),
            ],
        )

    def ticks(self) -> list[float]:
        """The values on the left axis."""
        return self._left

    def area(self) -> QRectF:
        """Where values are painted: between the two axes."""
        metrics = QFontMetrics(current().font(12, tabular=True))
        room = max(metrics.horizontalAdvance(self._yuan(tick)) for tick in self._right) + 12
        return super().area().adjusted(0, 0, 14 - room, 0)

    def paint_axes(self, painter: QPainter) -> None:
        """Both axes."""
        super().paint_axes(painter)
        area = self.area()
        painter.setPen(current().color("text3"))
        for left, right in zip(self._left, self._right, strict=True):
            y = self.y_of(left)
            painter.drawText(
                QRectF(area.right() + 8, y - 10, self.width() - area.right() - 8, 20),
                LEFT,
                self._yuan(right),
            )

    def _yuan(self, yuan: float) -> str:
        return "¥" + self._formats.count(yuan, short=True)

    def _said(self, series: Series, at: int) -> str:
        if len(self.series) > 1 and series is self.series[1]:
            return self._formats.money(self._cents[at], whole=True)
        return super()._said(series, at)


@dataclass(frozen=True)
class _Day:
    day: date
    new_fans: int
    active_fans: int
    orders: int
    sales_cents: int


_COLUMNS = [
    Column("day", "home.day", lambda row: row.day, Kind.DAY, stretch=True, sortable=False),
    Column("new", "home.new_fans", lambda row: row.new_fans, Kind.COUNT, width=100, sortable=False),
    Column("active", "home.active_fans", lambda row: row.active_fans, Kind.COUNT, 110, sortable=False),
    Column("orders", "home.orders", lambda row: row.orders, Kind.COUNT, width=90, sortable=False),
    Column("sales", "home.sales", lambda row: row.sales_cents, Kind.MONEY, width=130, sortable=False),
]


class ActivityCard(Card):
    """`range_chosen(days)` when another stretch of days is wanted."""

    range_chosen = Signal(int)

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__("home.activity_title", parent=parent)
        self.setObjectName("activity_card")
        self._legend = Legend(self)
        self.add_tool(self._legend)
        self.range = Choice(name="home.range", parent=self)
        self.range.setObjectName("activity_range")
        self.range.chosen.connect(self._on_range)
        self.add_tool(self.range)
        self._stack = QStackedWidget(self)
        self._switch = IconButton("table-2", "home.show_table", checkable=True, parent=self)
        self._switch.toggled.connect(self._show_table)
        self.add_tool(self._switch)
        self.chart = ActivityChart(formats, self)
        self.chart.setMinimumHeight(current().px(190))
        self._days = RowTableModel(_COLUMNS, formats, key=lambda row: row.day)
        self._table = DataTable(self._days, name="home.activity_title", parent=self)
        self._days.setParent(self._table)
        self._stack.addWidget(self.chart)
        self._stack.addWidget(self._table)
        self.add(self._stack, 1)
        self.show_range(RANGES[1])

    def _show_table(self, on: bool) -> None:
        self._stack.setCurrentIndex(int(on))

    def show_range(self, days: int) -> None:
        """Name the choices in the present language, `days` chosen."""
        self.range.set_options({each: t("home.range_days", days=each) for each in RANGES})
        self.range.set_value(days)

    def show_activity(self, activity: Activity) -> None:
        """Show the days, oldest first."""
        self.chart.show_activity(activity)
        self._legend.show_names([one.name for one in self.chart.series])
        rows = zip(
            activity.days,
            activity.new_fans,
            activity.active_fans,
            activity.orders,
            activity.sales_cents,
            strict=True,
        )
        self._days.set_rows([_Day(*row) for row in rows][::-1])

    def _on_range(self, days: object) -> None:
        if isinstance(days, int):
            self.range_chosen.emit(days)
