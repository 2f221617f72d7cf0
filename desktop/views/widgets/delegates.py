"""How table cells are painted: one delegate for all kinds of columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.models.row_table import Column, ColumnTable, Kind
from desktop.qtkit import plain
from desktop.qtkit.theme import Theme, current
from desktop.views.widgets.chips import paint_tier, tier_width
from desktop.views.widgets.standing_still import stands_still

Index = QModelIndex | QPersistentModelIndex
PAD = 8
MARKS = {"super": "crown"}  # what stands for a badge where there is no room for its word
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
NUMERIC = frozenset({Kind.MONEY, Kind.COUNT, Kind.PERCENT})
TOKENS = {Kind.ACTION: "primary", Kind.WHEN: "text2", Kind.MOMENT: "text2", Kind.DAY: "text2"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell to paint: asked of the model directly, for the way through Qt costs more than painting."""

    table: ColumnTable
    column: Column
    row: Any

    def text(self) -> str:
        """What it says."""
        return self.table.text(self.row, self.column)

    def value(self) -> Any:
        """What it stands for."""
        return self.column.value(self.row)


class CellDelegate(QStyledItemDelegate):
    """Paints by the column's kind; `hovered_row` is kept by the table."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hovered_row = -1
        self._painters: dict[Kind, Callable[[QPainter, QRectF, Cell], None]] = {
            Kind.PERSON: self._person,
            Kind.TIER: self._tier,
            Kind.STATE: self._state,
            Kind.TAGS: self._tags,
            Kind.SCORE: self._score,
        }

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, line below, then the content."""
        theme, table = current(), index.model()
        assert isinstance(table, ColumnTable)
        box, state = QRectF(option.rect), option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, theme.color("primary_tint"))
        elif index.row() == self.hovered_row:
            painter.fillRect(box, theme.color("hover"))
        painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), theme.color("border"))
        row, column = table.row_data(index.row()), table.columns[index.column()]
        if row is None:
            text = str(index.data() or "")
            _write(painter, box.adjusted(PAD, 0, -PAD, 0), text, "text3", LEFT, theme)
        else:
            cell = Cell(table, column, row)
            paint = self._painters.get(column.kind)
            if paint is not None and cell.value() is not None:
                paint(painter, box, cell)
            else:
                self._text(painter, box, cell)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("primary"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1.5, -2), 4, 4)
        painter.restore()

    # -- kinds

    def _text(self, painter: QPainter, box: QRectF, cell: Cell) -> None:
        kind = cell.column.kind
        align = RIGHT if kind in NUMERIC else LEFT
        token = "text3" if stands_still(cell.column, cell.row) else TOKENS.get(kind, "text")
        _write(painter, box.adjusted(PAD, 0, -PAD, 0), cell.text(), token, align, current())

    def _person(self, painter: QPainter, box: QRectF, cell: Cell) -> None:
        theme, name = current(), cell.text()
        side = theme.px(26)
        paint_avatar(painter, name, box.left() + PAD + 2, box.center().y(), side)
        left = box.left() + PAD + side + 12
        badge = cell.column.badge(cell.row) if cell.column.badge else ""
        metrics, whole = theme.metrics(13), box.right() - left - PAD
        beside = whole - tier_width(badge) - 8 if badge else whole
        is_tight = metrics.horizontalAdvance(name) > beside  # then the name matters more than the word
        mark = theme.px(14) if badge in MARKS and is_tight else 0
        room = max(24.0, whole - mark - 8 if mark else beside)
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(room))
        painter.setFont(theme.font(13))
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(left, box.top(), room, box.height()), LEFT, shown)
        if mark:
            at = QPointF(left + metrics.horizontalAdvance(shown) + 8, box.center().y() - mark / 2)
            painter.drawPixmap(at, theme.pixmap(MARKS[badge], f"tier_{badge}", mark))
        elif badge:
            paint_tier(painter, badge, left + metrics.horizontalAdvance(shown) + 8, box.center().y())

    def _tier(self, painter: QPainter, box: QRectF, cell: Cell) -> None:
        paint_tier(painter, str(cell.value()), box.left() + PAD, box.center().y())

    def _state(self, painter: QPainter, box: QRectF, cell: Cell) -> None:
        tone = cell.column.tone(cell.row) if cell.column.tone else "neutral"
        paint_pill(painter, cell.text(), tone, box.adjusted(PAD, 0, -4, 0))

    def _tags(self, painter: QPainter, box: QRectF, cell: Cell) -> None:
        left = box.left() + PAD
        for name in cell.value():
            room = QRectF(left, box.top(), box.right() - left - 4, box.height())
            if room.width() < 30:
                break
            left += paint_pill(painter, plain.one_line(str(name)), "neutral", room) + 4

    def _score(self, painter: QPainter, box: QRectF, cell: Cell) -> None:
        theme, score = current(), float(cell.value())
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
        _write(painter, box.adjusted(0, 0, -12, 0), cell.text(), "text", RIGHT, theme)


def _write(
    painter: QPainter, box: QRectF, text: str, token: str, align: Qt.AlignmentFlag, theme: Theme
) -> None:
    tabular = align == RIGHT
    painter.setFont(theme.font(13, tabular=tabular))
    painter.setPen(theme.color(token))
    shown = theme.metrics(13, tabular=tabular).elidedText(
        text, Qt.TextElideMode.ElideRight, int(box.width())
    )
    painter.drawText(box, align, shown)


def paint_pill(painter: QPainter, text: str, tone: str, room: QRectF) -> float:
    """A word on its tint at the left of `room`; returns its width."""
    theme = current()
    font = theme.font(12)
    metrics = theme.metrics(12)
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
