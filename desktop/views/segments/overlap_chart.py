"""How audiences lie over each other as a picture: circles for two or three, bars with dots for more."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.domain.segments.saved import Overlap
from desktop.qtkit import plain
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import SERIES, current
from desktop.views.composing.phrases import joined
from desktop.views.segments.overlap_shapes import anchors, circles, fitted
from desktop.views.widgets.texts import say

MOST_CIRCLES = 3
ROW, DOT = 26, 18
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def region_text(overlap: Overlap, places: tuple[int, ...]) -> str:
    """Who is in a region: in these, and in no other of those compared."""
    names = joined(plain.one_line(overlap.names[at]) for at in places)
    if len(places) == len(overlap.names):
        return t("segments.region_all")
    return t("segments.region_only" if len(places) == 1 else "segments.region_both", names=names)


def ordered(overlap: Overlap) -> list[tuple[tuple[int, ...], int]]:
    """Regions that hold somebody, the largest first."""
    return sorted(overlap.regions.items(), key=lambda item: (-item[1], item[0]))


class OverlapChart(QWidget):
    """Shown by `show_overlap`; the table beside it says the same in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("overlap_chart")
        self.overlap: Overlap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(current().px(360), current().px(300))
        say(self, "segments.picture", role="name")

    def show_overlap(self, overlap: Overlap | None) -> None:
        """Show how they lie; None asks to choose."""
        self.overlap = overlap
        said = (
            ""
            if overlap is None
            else joined(f"{region_text(overlap, p)} {n:,}" for p, n in ordered(overlap))
        )
        self.setAccessibleDescription(said)
        theme = current()
        rows = 0 if overlap is None or len(overlap.names) <= MOST_CIRCLES else len(overlap.regions)
        names = len(overlap.names) if overlap is not None else 0
        self.setMinimumHeight(max(theme.px(300), theme.px(ROW) * (rows + names + 1) if rows else 0))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Circles, bars, or what to do first."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(current().font(12, tabular=True))
        if self.overlap is None:
            self._say(painter, t("segments.choose_to_compare"))
        elif not self.overlap.regions:
            self._say(painter, t("segments.all_empty"))
        elif len(self.overlap.names) <= MOST_CIRCLES:
            self._paint_circles(painter, self.overlap)
        else:
            self._paint_bars(painter, self.overlap)
        painter.end()

    def _say(self, painter: QPainter, text: str) -> None:
        painter.setPen(current().color("text3"))
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_names(self, painter: QPainter, overlap: Overlap) -> float:
        """Each audience with its colour and size, one below the other; how high that is."""
        theme = current()
        line = theme.px(ROW - 4)
        for at, (name, size) in enumerate(zip(overlap.names, overlap.sizes, strict=True)):
            box = QRectF(4, at * line, self.width() - 8, line)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(SERIES[at]))
            painter.drawRoundedRect(QRectF(box.left(), box.center().y() - 5, 10, 10), 3, 3)
            painter.setPen(theme.color("text"))
            text = f"{plain.one_line(name)}   {size:,}"
            shown = theme.metrics(12, tabular=True).elidedText(
                text, Qt.TextElideMode.ElideMiddle, int(box.width()) - 20
            )
            painter.drawText(box.adjusted(18, 0, 0, 0), LEFT, shown)
        return float(line * len(overlap.names) + 10)

    def _paint_circles(self, painter: QPainter, overlap: Overlap) -> None:
        theme = current()
        top = self._paint_names(painter, overlap)
        found = fitted(circles(overlap), self.width() - 24, self.height() - top - 16)
        painter.translate(12, top + 8)
        for at, (x, y, r) in enumerate(found):
            painter.setPen(QPen(theme.color(SERIES[at]), 2))
            painter.setBrush(theme.color(SERIES[at], 46))
            painter.drawEllipse(QPointF(x, y), r, r)
        painter.setFont(theme.font(13, tabular=True))
        metrics = theme.metrics(13, tabular=True)
        for places, (x, y, room) in anchors(found).items():
            text = f"{overlap.regions.get(places, 0):,}"
            width = metrics.horizontalAdvance(text) + 8
            if room * 2 < theme.px(12):
                continue  # too thin to be read; the table has it
            box = QRectF(x - width / 2, y - 10, width, 20)
            painter.setPen(theme.color("text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_bars(self, painter: QPainter, overlap: Overlap) -> None:
        theme = current()
        top = self._paint_names(painter, overlap)
        step, dot = theme.px(ROW), theme.px(DOT)
        bars = 12 + dot * len(overlap.names) + 8
        rows = ordered(overlap)
        number = theme.metrics(12, tabular=True).horizontalAdvance(f"{rows[0][1]:,}") + 14
        for row, (places, count) in enumerate(rows):
            middle = top + step * (row + 0.5)
            dots = [QPointF(12 + dot * (at + 0.5), middle) for at in range(len(overlap.names))]
            painter.setPen(QPen(theme.color("text3"), 2))
            painter.drawLine(dots[places[0]], dots[places[-1]])
            painter.setPen(Qt.PenStyle.NoPen)
            for at, spot in enumerate(dots):
                painter.setBrush(theme.color(SERIES[at] if at in places else "border"))
                painter.drawEllipse(spot, 5.5, 5.5)
            width = max(3.0, (self.width() - bars - number) * count / rows[0][1])
            painter.setBrush(theme.color("c1"))
            painter.drawRoundedRect(QRectF(bars, middle - 7, width, 14), 3, 3)
            painter.setPen(theme.color("text"))
            painter.drawText(QRectF(bars + width + 8, middle - 10, number, 20), LEFT, f"{count:,}")
