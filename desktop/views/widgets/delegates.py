"""How table cells are painted: one delegate for all kinds of columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.models.row_table import Kind, Role
from desktop.qtkit import plain
from desktop.qtkit.theme import Theme, current
from desktop.views.widgets.chips import paint_tier

Index = QModelIndex | QPersistentModelIndex
PAD = 8
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CellDelegate(QStyledItemDelegate):
    """Paints by the column's kind; `hovered_row` is kept by the table."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hovered_row = -1
        self._painters: dict[Kind, Callable[[QPainter, QRectF, Index], None]] = {
            Kind.PERSON: self._person,
            Kind.TIER: self._tier,
            Kind.STATE: self._state,
            Kind.TAGS: self._tags,
            Kind.SCORE: self._score,
        }

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, line below, then the content."""
        theme = current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, theme.color("primary_tint"))
        elif index.row() == self.hovered_row:
            painter.fillRect(box, theme.color("hover"))
        painter.setPen(QPen(theme.color("border"), 1))
        base = int(box.bottom()) - 0.5
        painter.drawLine(QPointF(box.left(), base), QPointF(box.right(), base))
        kind = index.data(Role.KIND)
        paint = self._painters.get(kind)
        if paint is not None and index.data(Role.VALUE) is not None:
            paint(painter, box, index)
        else:
            self._text(painter, box, index, kind)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("primary"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1.5, -2), 4, 4)
        painter.restore()

    # -- kinds

    def _text(self, painter: QPainter, box: QRectF, index: Index, kind: Kind | None) -> None:
        theme = current()
        numeric = kind in (Kind.MONEY, Kind.COUNT, Kind.PERCENT)
        token = {Kind.ACTION: "primary", Kind.WHEN: "text2", Kind.MOMENT: "text2", Kind.DAY: "text2"}.get(
            kind or Kind.TEXT, "text"
        )
        text = str(index.data() or "")
        _write(painter, box.adjusted(PAD, 0, -PAD, 0), text, token, RIGHT if numeric else LEFT, theme)

    def _person(self, painter: QPainter, box: QRectF, index: Index) -> None:
        theme, name = current(), str(index.data() or "")
        side = theme.px(26)
        paint_avatar(painter, name, box.left() + PAD + 2, box.center().y(), side)
        left = box.left() + PAD + side + 12
        badge = str(index.data(Role.BADGE) or "")
        room = box.right() - left - PAD
        metrics = QFontMetrics(theme.font(13))
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(room))
        painter.setFont(theme.font(13))
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(left, box.top(), room, box.height()), LEFT, shown)
        if badge:
            paint_tier(painter, badge, left + metrics.horizontalAdvance(shown) + 8, box.center().y())

    def _tier(self, painter: QPainter, box: QRectF, index: Index) -> None:
        paint_tier(painter, str(index.data(Role.VALUE)), box.left() + PAD, box.center().y())

    def _state(self, painter: QPainter, box: QRectF, index: Index) -> None:
        paint_pill(
            painter, str(index.data() or ""), str(index.data(Role.TONE)), box.adjusted(PAD, 0, -4, 0)
        )

    def _tags(self, painter: QPainter, box: QRectF, index: Index) -> None:
        names: Sequence[object] = index.data(Role.VALUE) or ()
        left = box.left() + PAD
        for name in names:
            room = QRectF(left, box.top(), box.right() - left - 4, box.height())
            if room.width() < 30:
                break
            left += paint_pill(painter, plain.one_line(str(name)), "neutral", room) + 4

    def _score(self, painter: QPainter, box: QRectF, index: Index) -> None:
        theme, score = current(), float(index.data(Role.VALUE))
        text_room = theme.px(44)
        bar = QRectF(
            box.left() + PAD, box.center().y() - 3, max(16.0, box.width() - PAD - text_room - 4), 6
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("sunken"))
        painter.drawRoundedRect(bar, 3, 3)
        painter.setBrush(theme.color("c1"))
        filled = bar.width() * min(100.0, max(0.0, score)) / 100
        if filled > 0:
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(6.0, filled), 6), 3, 3)
        _write(painter, box.adjusted(0, 0, -12, 0), str(index.data()), "text", RIGHT, theme)


def _write(
    painter: QPainter, box: QRectF, text: str, token: str, align: Qt.AlignmentFlag, theme: Theme
) -> None:
    font = theme.font(13, tabular=bool(align & Qt.AlignmentFlag.AlignRight))
    painter.setFont(font)
    painter.setPen(theme.color(token))
    shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.drawText(box, align, shown)


def paint_pill(painter: QPainter, text: str, tone: str, room: QRectF) -> float:
    """A word on its tint at the left of `room`; returns its width."""
    theme = current()
    font = theme.font(12)
    metrics = QFontMetrics(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()) - theme.px(16))
    width, height = metrics.horizontalAdvance(shown) + theme.px(16), theme.px(20)
    pill = QRectF(room.left(), room.center().y() - height / 2, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(f"{tone}_tint"))
    painter.drawRoundedRect(pill, height / 2, height / 2)
    painter.setFont(font)
    painter.setPen(theme.color(tone))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, shown)
    return float(width)


def paint_avatar(painter: QPainter, name: str, left: float, middle: float, side: int) -> None:
    """A round picture made of a name: its first sign on a quiet colour of its own."""
    theme = current()
    hue = sum(map(ord, name)) * 37 % 360
    ground = QColor.fromHsl(hue, 90, 70 if theme.is_dark else 208)
    ink = QColor.fromHsl(hue, 120, 210 if theme.is_dark else 68)
    circle = QRectF(left, middle - side / 2, side, side)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawEllipse(circle)
    painter.setPen(ink)
    painter.setFont(theme.font(side * 100 / theme.text_scale * 0.46))
    painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, plain.initial(name))
