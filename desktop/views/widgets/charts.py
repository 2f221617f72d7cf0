"""Line, bar and funnel charts painted by hand: themed, readable, with nothing but Qt."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QLinearGradient, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.qtkit.i18n import t
from desktop.qtkit.theme import SERIES, current
from desktop.views.widgets import scales
from desktop.views.widgets.cards import smooth_path
from desktop.views.widgets.chart_base import Chart, Number, Series, plain_number
from desktop.views.widgets.texts import PlainLabel

__all__ = ["BarChart", "FunnelChart", "Legend", "LineChart", "Series"]

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class _AxisChart(Chart):
    """A chart with a value axis at the left and labels below."""

    def __init__(
        self,
        key: str,
        *,
        number: Number = plain_number,
        goal: float | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(key, number=number, parent=parent)
        self.goal = goal

    def set_goal(self, goal: float | None) -> None:
        """A dashed line at that value."""
        self.goal = goal
        self.update()

    def ticks(self) -> list[float]:
        """The values on the axis."""
        values = [value for one in self.series for value in one.values if value is not None]
        return scales.axis_ticks(min(values), max([*values, self.goal or 0]))

    def area(self) -> QRectF:
        """Where values are painted."""
        theme = current()
        metrics = QFontMetrics(theme.font(12, tabular=True))
        left = max(metrics.horizontalAdvance(self.number(tick)) for tick in self.ticks()) + 12
        return QRectF(self.rect()).adjusted(max(left, theme.px(34)), 10, -14, -theme.px(26))

    def y_of(self, value: float) -> float:
        """Where a value stands."""
        ticks, area = self.ticks(), self.area()
        return scales.place(value, ticks[0], ticks[-1], area.bottom(), area.top())

    def x_of(self, at: int) -> float:
        """Where a label stands."""
        raise AssertionError("a chart places its labels")

    def label_at(self, x: float, y: float) -> int | None:
        """The label closest to the pointer while it is over the values."""
        if not self.area().adjusted(-8, 0, 8, 0).contains(x, y):
            return None
        return scales.nearest(x, [self.x_of(at) for at in range(len(self.labels))])

    def paint_axes(self, painter: QPainter) -> None:
        """Grid, axis values, labels and the goal."""
        theme, area = current(), self.area()
        for tick in self.ticks():
            y = round(self.y_of(tick)) + 0.5
            painter.setPen(QPen(theme.color("grid"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.color("text3"))
            painter.drawText(QRectF(0, y - 10, area.left() - 8, 20), RIGHT, self.number(tick))
        metrics = QFontMetrics(painter.font())
        widest = max((metrics.horizontalAdvance(label) for label in self.labels), default=0) + 16
        for at in range(0, len(self.labels), scales.label_stride(len(self.labels), area.width(), widest)):
            left = min(max(self.x_of(at) - widest / 2, 0), self.width() - widest)
            box = QRectF(left, area.bottom() + 5, widest, theme.px(20))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.labels[at])
        if self.goal is not None:
            y = self.y_of(self.goal)
            painter.setPen(QPen(theme.color("text3"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            text = t("kit.goal", value=self.number(self.goal))
            painter.drawText(QRectF(area.left() + 6, y - theme.px(19), 240, theme.px(18)), LEFT, text)


class LineChart(_AxisChart):
    """Values over time as smooth lines that never leave the range between two points. A None is a gap."""

    def x_of(self, at: int) -> float:
        """Labels stand evenly from edge to edge."""
        area = self.area()
        return scales.place(at, 0, max(1, len(self.labels) - 1), area.left(), area.right())

    def paint_chart(self, painter: QPainter) -> None:
        """Lines over a pale area below the first, then the values under the pointer."""
        self.paint_axes(painter)
        for at in reversed(range(len(self.series))):
            for run in self._runs(self.series[at]):
                self._paint_run(painter, run, self.token(at), filled=at == 0)
        if self.hover is not None:
            self._paint_hover(painter, self.hover)

    def _runs(self, series: Series) -> list[list[scales.Point]]:
        runs: list[list[scales.Point]] = [[]]
        for at, value in enumerate(series.values[: len(self.labels)]):
            if value is None:
                runs.append([])
            else:
                runs[-1].append((self.x_of(at), self.y_of(value)))
        return [run for run in runs if run]

    def _paint_run(
        self, painter: QPainter, points: list[scales.Point], token: str, *, filled: bool
    ) -> None:
        theme, area = current(), self.area()
        if len(points) == 1:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(token))
            painter.drawEllipse(QPointF(*points[0]), 3, 3)
            return
        line = smooth_path(points)
        if filled:
            below = QPainterPath(line)
            below.lineTo(points[-1][0], area.bottom())
            below.lineTo(points[0][0], area.bottom())
            shade = QLinearGradient(0, area.top(), 0, area.bottom())
            shade.setColorAt(0, theme.color(token, 52))
            shade.setColorAt(1, theme.color(token, 0))
            painter.fillPath(below, shade)
        pen = QPen(theme.color(token), 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(line)

    def _paint_hover(self, painter: QPainter, at: int) -> None:
        theme, area, x = current(), self.area(), self.x_of(at)
        painter.setPen(QPen(theme.color("border_strong"), 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        for k, one in enumerate(self.series):
            value = one.values[at] if at < len(one.values) else None
            if value is not None:
                painter.setPen(QPen(theme.color("surface"), 2))
                painter.setBrush(theme.color(self.token(k)))
                painter.drawEllipse(QPointF(x, self.y_of(value)), 4.5, 4.5)
        self.paint_tip(painter, at, QPointF(x, area.center().y()))


class BarChart(_AxisChart):
    """Values side by side, one group of bars a label."""

    def x_of(self, at: int) -> float:
        """Labels stand in the middle of their slot."""
        area = self.area()
        return area.left() + area.width() * (at + 0.5) / max(1, len(self.labels))

    def paint_chart(self, painter: QPainter) -> None:
        """Bars with rounded tops, then the values under the pointer."""
        self.paint_axes(painter)
        theme, area = current(), self.area()
        slot = area.width() / max(1, len(self.labels))
        width = min(theme.px(28), slot * 0.64 / len(self.series))
        zero = self.y_of(0)
        for k, one in enumerate(self.series):
            for at, value in enumerate(one.values[: len(self.labels)]):
                if value is None:
                    continue
                left = self.x_of(at) + (k - len(self.series) / 2) * width
                top, bottom = sorted((self.y_of(value), zero))
                faded = self.hover is not None and self.hover != at
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color(self.token(k), 120 if faded else 255))
                radius = min(3.0, (bottom - top) / 2)
                painter.drawRoundedRect(QRectF(left + 1, top, width - 2, bottom - top), radius, radius)
        if self.hover is not None:
            self.paint_tip(painter, self.hover, QPointF(self.x_of(self.hover), area.center().y()))


class FunnelChart(Chart):
    """Steps from many to few, each with its count and its share of the step before."""

    def show_steps(self, labels: list[str], values: list[float]) -> None:
        """Show the steps, the widest first."""
        self.setMinimumHeight(current().px(34) * max(3, len(labels)) + 8)
        self.show_series(labels, [Series("", values)] if any(values) else [])

    def paint_chart(self, painter: QPainter) -> None:
        """One bar a step, centred left, with count and share beside it."""
        theme, metrics = current(), QFontMetrics(painter.font())
        values = [value or 0 for value in self.series[0].values]
        ratios = scales.funnel_ratios(values)
        names = max(metrics.horizontalAdvance(label) for label in self.labels) + 16
        counts = max(metrics.horizontalAdvance(self.number(value)) for value in values) + theme.px(74)
        row = (self.height() - 8) / len(values)
        room = max(40.0, self.width() - names - counts)
        for at, value in enumerate(values):
            middle = 4 + row * (at + 0.5)
            bar = QRectF(names, middle - min(row * 0.34, 12), room, min(row * 0.68, 24))
            painter.setPen(theme.color("text2"))
            painter.drawText(QRectF(0, middle - 12, names - 12, 24), LEFT, self.labels[at])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("sunken"))
            painter.drawRoundedRect(bar, 4, 4)
            painter.setBrush(theme.color("c1", 255 - min(150, 36 * at)))
            painter.drawRoundedRect(
                QRectF(bar.left(), bar.top(), max(3.0, room * value / max(values)), bar.height()), 4, 4
            )
            painter.setPen(theme.color("text"))
            left = bar.right() + 10
            text = self.number(value)
            painter.drawText(QRectF(left, middle - 12, counts, 24), LEFT, text)
            share = ratios[at]
            if share is not None:
                painter.setPen(theme.color("text3"))
                gap = metrics.horizontalAdvance(text) + 8
                painter.drawText(QRectF(left + gap, middle - 12, counts, 24), LEFT, f"{share * 100:.1f}%")


class Legend(QWidget):
    """The names of a chart's series beside their colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(14)

    def show_names(self, names: list[str]) -> None:
        """Show these names, in the order of the series."""
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for at, name in enumerate(names):
            self._row.addWidget(_LegendEntry(name, SERIES[at % len(SERIES)], self))


class _LegendEntry(PlainLabel):
    """One name with its square."""

    def __init__(self, name: str, token: str, parent: QWidget) -> None:
        super().__init__(name, "muted", parent=parent)
        self._token = token
        self.setContentsMargins(14, 0, 0, 0)

    def paintEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        """Paint the square, then the name."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current().color(self._token))
        painter.drawRoundedRect(QRectF(0, self.height() / 2 - 4.5, 9, 9), 2, 2)
        painter.end()
