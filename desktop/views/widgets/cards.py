"""Cards and the figures on them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.qtkit.theme import current
from desktop.views.widgets import scales
from desktop.views.widgets.chips import Chip
from desktop.views.widgets.texts import PlainLabel, say


class Card(QFrame):
    """A card with a thin border. `title` is a wording key; widgets go to `body`, buttons to `add_tool`."""

    def __init__(self, title: str = "", *, margin: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(margin, margin - 2, margin, margin)
        self.body.setSpacing(12)
        self._head: QHBoxLayout | None = None
        self.title = PlainLabel("", "title", parent=self)
        self.title.hide()
        if title:
            self.set_title(title)

    def set_title(self, key: str) -> None:
        """Name the card by a wording key."""
        say(self.title, key)
        self.title.show()
        self._heading()

    def add_tool(self, widget: QWidget) -> None:
        """Put a widget at the right end of the title line."""
        self._heading().addWidget(widget)

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Put a widget below what is there."""
        self.body.addWidget(widget, stretch)

    def _heading(self) -> QHBoxLayout:
        if self._head is None:
            self._head = QHBoxLayout()
            self._head.setSpacing(8)
            self._head.addWidget(self.title)
            self._head.addStretch()
            self.body.insertLayout(0, self._head)
        return self._head


def smooth_path(points: Sequence[scales.Point]) -> QPainterPath:
    """The monotone curve through `points`."""
    path = QPainterPath()
    if not points:
        return path
    path.moveTo(*points[0])
    for first, second, end in scales.controls(points):
        path.cubicTo(QPointF(*first), QPointF(*second), QPointF(*end))
    return path


class Spark(QWidget):
    """A tiny line without axes beside a figure; nothing is painted below two values."""

    def __init__(
        self, values: Sequence[float] = (), series: str = "c1", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._values = list(values)
        self._series = series
        self.setFixedSize(84, 30)

    def set_values(self, values: Sequence[float], series: str | None = None) -> None:
        """Show other values."""
        self._values = list(values)
        self._series = series or self._series
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line over its pale area."""
        if len(self._values) < 2:
            return
        theme = current()
        low, high = min(self._values), max(self._values)
        last = len(self._values) - 1
        points = [
            (2 + (self.width() - 4) * at / last, scales.place(value, low, high, self.height() - 4, 4))
            for at, value in enumerate(self._values)
        ]
        line = smooth_path(points)
        area = QPainterPath(line)
        area.lineTo(points[-1][0], self.height())
        area.lineTo(points[0][0], self.height())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(area, theme.color(self._series, 34))
        painter.setPen(QPen(theme.color(self._series), 1.6))
        painter.drawPath(line)
        painter.end()


class KpiTile(Card):
    """One figure: its name (a wording key), value, change and a small line. `clicked` opens its list."""

    clicked = Signal()

    def __init__(self, title: str, *, series: str = "c1", parent: QWidget | None = None) -> None:
        super().__init__(margin=16, parent=parent)
        self.body.setContentsMargins(16, 12, 16, 12)
        self.body.setSpacing(4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.name = PlainLabel(kind="muted", key=title, parent=self)
        self.value = PlainLabel("–", "kpi", parent=self)
        self.spark = Spark(series=series, parent=self)
        self.delta = Chip("", "neutral", parent=self)
        self.note = PlainLabel("", "muted", elide=True, parent=self)
        middle, foot = QHBoxLayout(), QHBoxLayout()
        middle.addWidget(self.value, 1)
        middle.addWidget(self.spark, 0, Qt.AlignmentFlag.AlignVCenter)
        foot.setSpacing(8)
        foot.addWidget(self.delta)
        foot.addWidget(self.note, 1)
        self.body.addWidget(self.name)
        self.body.addLayout(middle)
        self.body.addLayout(foot)
        self.delta.hide()

    def show_figure(
        self,
        value: str,
        *,
        note: str = "",
        delta: str = "",
        rising: bool | None = None,
        tone: str = "neutral",
        values: Sequence[float] = (),
    ) -> None:
        """`delta` is the change as text without sign; `rising` puts an arrow before it, `tone` judges."""
        self.value.setText(value)
        self.note.setText(note)
        arrow = "" if rising is None else ("↑ " if rising else "↓ ")
        self.delta.setText(arrow + delta)
        self.delta.set_tone(tone)
        self.delta.setVisible(bool(delta))
        self.spark.setVisible(len(values) > 1)
        self.spark.set_values(values)
        self.setAccessibleName(f"{self.name.text()}: {value} {arrow}{delta} {note}".strip())

    def set_clickable(self) -> None:
        """Let the tile be clicked, or opened with Enter, to see the list behind the figure."""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setProperty("clickable", "true")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a clickable tile."""
        super().mouseReleaseEvent(event)
        if self.focusPolicy() != Qt.FocusPolicy.NoFocus and self.rect().contains(
            event.position().toPoint()
        ):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter or blank on a clickable tile."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
            return
        super().keyPressEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Room for a figure of seven digits."""
        return QSize(200, super().minimumSizeHint().height())
