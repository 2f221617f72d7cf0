"""What all charts share: colours, an empty state, hover, and a sentence for screen readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.qtkit.i18n import languages, t
from desktop.qtkit.theme import SERIES, current

Number = Callable[[float], str]


def plain_number(value: float) -> str:
    """1,234 or 12.5."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


@dataclass(frozen=True)
class Series:
    """One line or set of bars: a name already in the operator's language, and one value a label."""

    name: str
    values: Sequence[float | None]


class Chart(QWidget):
    """Base of all charts. `key` is the wording key of what it shows, for screen readers."""

    def __init__(self, key: str, *, number: Number = plain_number, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self.number = number
        self.labels: list[str] = []
        self.series: list[Series] = []
        self.hover: int | None = None
        self.setMinimumHeight(190)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        languages.changed.connect(self._describe)
        self._describe()

    def show_series(self, labels: Sequence[str], series: Sequence[Series]) -> None:
        """Show these values; empty or all-None means "no data yet"."""
        self.labels = list(labels)
        self.series = [one for one in series if any(value is not None for value in one.values)]
        self.hover = None
        self._describe()
        self.update()

    def table(self) -> list[list[str]]:
        """The same figures as rows of text, a heading first: the way round the picture."""
        rows = [["", *(one.name for one in self.series)]]
        for at, label in enumerate(self.labels):
            rows.append([label, *(self._said(one, at) for one in self.series)])
        return rows

    def _said(self, series: Series, at: int) -> str:
        value = series.values[at] if at < len(series.values) else None
        return "–" if value is None else self.number(value)

    def _describe(self) -> None:
        name = t(self._key)
        self.setAccessibleName(name)
        if not self.series:
            self.setAccessibleDescription(t("kit.chart_empty_reads", name=name))
            return
        values = [value for value in self.series[0].values if value is not None]
        said = {"low": min(values), "high": max(values), "last": values[-1]}
        self.setAccessibleDescription(
            t(
                "kit.chart_reads",
                name=self.series[0].name or name,
                points=len(values),
                **{word: self.number(value) for word, value in said.items()},
            )
        )

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the chart, or that there is nothing to paint yet."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(current().font(12, tabular=True))
        if self.series:
            self.paint_chart(painter)
        else:
            self._paint_empty(painter)
        painter.end()

    def paint_chart(self, painter: QPainter) -> None:
        """Paint the values."""
        raise AssertionError("a chart paints itself")

    def _paint_empty(self, painter: QPainter) -> None:
        theme = current()
        area = QRectF(self.rect()).adjusted(8, 8, -8, -8)
        painter.setPen(QPen(theme.color("border_strong"), 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(area, 8, 8)
        painter.setPen(theme.color("text3"))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, t("kit.no_data"))

    def token(self, at: int) -> str:
        """The colour token of the series at that place."""
        return SERIES[at % len(SERIES)]

    def paint_tip(self, painter: QPainter, at: int, anchor: QPointF) -> None:
        """The little card with all values of one label, beside `anchor` and inside the chart."""
        theme, metrics = current(), QFontMetrics(painter.font())
        rows = [(self.token(k), one.name, self._said(one, at)) for k, one in enumerate(self.series)]
        width = max([metrics.horizontalAdvance(name + value) + theme.px(62) for _, name, value in rows])
        width = max(width, metrics.horizontalAdvance(self.labels[at]) + 24, theme.px(130))
        line = theme.px(20)
        height = theme.px(32) + line * len(rows)
        left = anchor.x() - width - 12 if anchor.x() - width - 12 > 4 else anchor.x() + 12
        top = min(max(anchor.y() - height / 2, 4), self.height() - height - 4)
        box = QRectF(left, top, width, height)
        painter.setPen(QPen(theme.color("border_strong"), 1))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(box, 8, 8)
        painter.setPen(theme.color("text3"))
        painter.drawText(box.adjusted(12, 7, -12, 0), Qt.AlignmentFlag.AlignLeft, self.labels[at])
        for k, (token, name, value) in enumerate(rows):
            row = QRectF(box.left() + 12, box.top() + theme.px(27) + k * line, width - 24, line)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(token))
            painter.drawRoundedRect(QRectF(row.left(), row.center().y() - 4, 8, 8), 2, 2)
            painter.setPen(theme.color("text2"))
            painter.drawText(row.adjusted(14, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(theme.color("text"))
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, value)

    # -- hover

    def label_at(self, x: float, y: float) -> int | None:
        """Which label the pointer means."""
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the values under the pointer."""
        found = self.label_at(event.position().x(), event.position().y()) if self.series else None
        if found != self.hover:
            self.hover = found
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the values again."""
        self.hover = None
        self.update()
