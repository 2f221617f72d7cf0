"""The list of talks: who it is, the last words, how long somebody waits. Painted, so that long lists stay quick."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.domain.talks import TalkRow
from desktop.models.row_list import RowListModel
from desktop.qtkit import plain
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.views.talks.words import last_line, left_words, when_words
from desktop.views.widgets.delegates import paint_avatar, paint_pill
from desktop.views.widgets.texts import say

Index = QModelIndex | QPersistentModelIndex
HEIGHT = 64
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class TalkList(QListView):
    """`chosen(uid)` when another talk is pointed at, `entered()` on Enter."""

    chosen = Signal(str)
    entered = Signal()

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("talk_list")
        say(self, "talks.title", role="name")
        self.rows: RowListModel[TalkRow] = RowListModel(lambda row: spoken(row, formats))
        self.rows.setParent(self)
        self.setModel(self.rows)
        self.setItemDelegate(TalkDelegate(formats, self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QListView.Shape.NoFrame)
        self._showing = False

    def show_rows(self, rows: tuple[TalkRow, ...], uid: str) -> None:
        """Show these talks with one of them marked; tells nobody."""
        self._showing = True
        self.rows.set_rows(rows)
        at = self.rows.find(lambda row: row.uid == uid)
        if at >= 0:
            self.setCurrentIndex(self.rows.index(at))
        else:
            self.clearSelection()
        self._showing = False

    def currentChanged(self, now: Index, before: Index) -> None:
        """Tell which talk is pointed at."""
        super().currentChanged(now, before)
        row = self.rows.row(now.row())
        if row is not None and not self._showing:
            self.chosen.emit(row.uid)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on to the answer."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
            return
        super().keyPressEvent(event)


class TalkDelegate(QStyledItemDelegate):
    """Paints one talk on two lines."""

    def __init__(self, formats: Formats, parent: QListView) -> None:
        super().__init__(parent)
        self._formats = formats

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All rows are equally high."""
        return QSize(120, current().px(HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, picture, name and time, words and mark."""
        model = index.model()
        assert isinstance(model, RowListModel)
        row: TalkRow | None = model.row(index.row())
        if row is None:
            return
        theme, box = current(), QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, theme.color("primary_tint"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, theme.color("hover"))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("primary"), 1))
            painter.drawRoundedRect(box.adjusted(1.5, 1.5, -1.5, -1.5), 6, 6)
        side = theme.px(36)
        paint_avatar(painter, row.name or "?", box.left() + 12, box.center().y(), side)
        if row.unread:
            self._dot(painter, row.unread, box.left() + 12 + side, box.center().y() - side / 2)
        room = box.adjusted(12 + side + 12, 10, -12, -10)
        half = room.height() / 2
        self._first_line(painter, row, QRectF(room.left(), room.top(), room.width(), half))
        self._second_line(painter, row, QRectF(room.left(), room.top() + half, room.width(), half))
        painter.restore()

    def _first_line(self, painter: QPainter, row: TalkRow, room: QRectF) -> None:
        theme = current()
        when = when_words(row.last_at, self._formats)
        width = theme.metrics(12).horizontalAdvance(when)
        painter.setFont(theme.font(12))
        painter.setPen(theme.color("text3"))
        painter.drawText(room, RIGHT, when)
        name = plain.one_line(row.name) or t("talks.nameless")
        strong = bool(row.unread)
        space = int(room.width() - width - 8)
        shown = theme.metrics(13, strong=strong).elidedText(name, Qt.TextElideMode.ElideRight, space)
        painter.setFont(theme.font(13, strong=strong))
        painter.setPen(theme.color("text"))
        painter.drawText(room, LEFT, shown)

    def _second_line(self, painter: QPainter, row: TalkRow, room: QRectF) -> None:
        theme, taken = current(), 0.0
        mark = None
        if row.waiting_since is not None:
            mark = left_words(row.waiting_since, self._formats.clock.now_ms())
        elif row.pending:
            mark = t("talks.pending_mark"), "neutral"
        if mark is not None:
            taken = theme.metrics(12).horizontalAdvance(mark[0]) + theme.px(16) + 1.0
            spot = QRectF(room.right() - taken, room.top(), taken, room.height())
            paint_pill(painter, mark[0], mark[1], spot)
        space = int(room.width() - taken - (8 if taken else 0))
        words = theme.metrics(12).elidedText(last_line(row), Qt.TextElideMode.ElideRight, space)
        painter.setFont(theme.font(12))
        painter.setPen(theme.color("text2"))
        painter.drawText(room, LEFT, words)

    def _dot(self, painter: QPainter, count: int, right: float, top: float) -> None:
        theme = current()
        text = "99+" if count > 99 else str(count)
        height = theme.px(16)
        width = max(height, theme.metrics(12).horizontalAdvance(text) + theme.px(8))
        spot = QRectF(right - width + 6, top - 4, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("badge"))
        painter.drawRoundedRect(spot, height / 2, height / 2)
        painter.setPen(theme.color("on_badge"))
        painter.setFont(theme.font(12))
        painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, text)


def spoken(row: TalkRow, formats: Formats) -> str:
    """One talk for a screen reader."""
    parts = [row.name or t("talks.nameless"), last_line(row), when_words(row.last_at, formats)]
    if row.waiting_since is not None:
        parts.insert(1, left_words(row.waiting_since, formats.clock.now_ms())[0])
    if row.unread:
        parts.insert(1, t("talks.unread", n=row.unread))
    return "，".join(parts)
