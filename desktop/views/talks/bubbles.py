"""The messages of one talk as bubbles: plain text, painted, so that hundreds of them stay quick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QListView, QMenu, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.domain.talks import FAILS_WITHIN_MS, MINUTE_MS, Direction, TalkMessage
from desktop.models.row_list import RowListModel
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.views.talks.words import event_text, foot_words, message_text, when_words
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import say

Index = QModelIndex | QPersistentModelIndex
WRAP = int(Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere)
GAP_MS = 5 * MINUTE_MS  # after so long a pause the time is said again
EDGE, PAD, SPACE = 16, 10, 10
SHARE = 0.72  # of the width, at most, for one bubble
GROUNDS = {Direction.IN: "sunken", Direction.STAFF: "neutral_tint", Direction.OUT: "primary_tint"}


@dataclass(frozen=True)
class Bubble:
    """One message as it is painted: the time above it where a pause was long, its words, the line below."""

    message: TalkMessage
    when: str
    words: str
    foot: str
    foot_token: str

    @property
    def is_event(self) -> bool:
        """Told by the platform, in the middle."""
        return self.message.direction is Direction.EVENT


def bubbles(messages: Sequence[TalkMessage], formats: Formats) -> list[Bubble]:
    """Messages, oldest first, as they are painted."""
    now, before, made = formats.clock.now_ms(), 0, []
    for message in messages:
        when = when_words(message.at, formats) if message.at - before > GAP_MS else ""
        before = message.at
        is_event = message.direction is Direction.EVENT
        words = event_text(message) if is_event else message_text(message.kind, message.text)
        foot, token = foot_words(message, now, FAILS_WITHIN_MS)
        made.append(Bubble(message, when, words, foot, token))
    return made


class MessageList(QListView):
    """The bubbles. Stays at the newest unless the operator scrolled up; Ctrl+C copies the one pointed at.

    `recall_asked(outbox uid)` comes from a message's menu, where the platform takes messages back.
    """

    recall_asked = Signal(str)

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messages")
        say(self, "talks.messages", role="name")
        self._formats = formats
        self.rows: RowListModel[Bubble] = RowListModel(_spoken)
        self.rows.setParent(self)
        self.setModel(self.rows)
        self.setItemDelegate(BubbleDelegate(self))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self._uid, self._platform = "", ""

    def show_messages(self, uid: str, platform: str, messages: Sequence[TalkMessage]) -> None:
        """Show a talk; another one, or new words while at the end, scroll to the end."""
        self._platform = platform
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 4
        place = bar.maximum() - bar.value()
        self.rows.set_rows(bubbles(messages, self._formats))
        if at_end or uid != self._uid:
            self.scrollToBottom()
        else:  # older ones came in above: what was looked at stays where it was
            self.doItemsLayout()
            bar.setValue(bar.maximum() - place)
        self._uid = uid

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew, staying at the end."""
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 4
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
        if at_end:
            self.scrollToBottom()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies."""
        bubble = self.rows.row(self.currentIndex().row())
        if event.matches(QKeySequence.StandardKey.Copy) and bubble is not None:
            _copy(bubble)
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the message pointed at; by the keyboard, with the one that has the focus."""
        is_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if is_mouse else self.currentIndex()
        bubble = self.rows.row(index.row())
        if bubble is not None and not bubble.is_event:
            where = (
                event.globalPos()
                if is_mouse
                else self.viewport().mapToGlobal(self.visualRect(index).center())
            )
            self.menu_of(bubble).popup(where)

    def menu_of(self, bubble: Bubble) -> QMenu:
        """Copy, and take back what is ours where that can be."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(t("talks.copy"), lambda: _copy(bubble))
        if bubble.message.can_recall(self._platform):
            uid = bubble.message.item_uid
            changes(menu.addAction(t("talks.recall"), lambda: self.recall_asked.emit(uid)))
        return menu


class BubbleDelegate(QStyledItemDelegate):
    """Paints one message: the customer's at the left, the shop's at the right, events in the middle."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as the words need at this width."""
        bubble = _bubble(index)
        theme, width = current(), self._view.viewport().width()
        line = theme.metrics(12).height()
        height = SPACE + (line + 8 if bubble.when else 0)
        if bubble.is_event:
            return QSize(width, height + line + 4)
        height += self._words(bubble, width).height() + 2 * PAD
        if bubble.foot:
            height += theme.metrics(12).boundingRect(_room(width), WRAP, bubble.foot).height() + 4
        return QSize(width, height)

    def _words(self, bubble: Bubble, width: int) -> QRect:
        most = int(width * SHARE) - 2 * PAD
        return current().metrics(13).boundingRect(QRect(0, 0, max(40, most), 100_000), WRAP, bubble.words)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The time, the bubble, the line below."""
        bubble, theme = _bubble(index), current()
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = box.top() + SPACE / 2
        line = theme.metrics(12).height()
        middle = Qt.AlignmentFlag.AlignCenter
        painter.setFont(theme.font(12))
        painter.setPen(theme.color("text3"))
        if bubble.when:
            painter.drawText(QRectF(box.left(), top, box.width(), line), middle, bubble.when)
            top += line + 8
        if bubble.is_event:
            painter.drawText(
                QRectF(box.left() + EDGE, top, box.width() - 2 * EDGE, line), middle, bubble.words
            )
        else:
            has_focus = bool(option.state & QStyle.StateFlag.State_HasFocus)
            self._paint_bubble(painter, bubble, box, top, has_focus)
        painter.restore()

    def _paint_bubble(
        self, painter: QPainter, bubble: Bubble, box: QRectF, top: float, has_focus: bool
    ) -> None:
        theme, words = current(), self._words(bubble, int(box.width()))
        is_ours = bubble.message.direction is not Direction.IN
        size = QSize(words.width() + 2 * PAD, words.height() + 2 * PAD)
        left = box.right() - EDGE - size.width() if is_ours else box.left() + EDGE
        frame = QRectF(left, top, size.width(), size.height())
        failed = bubble.foot_token == "bad"
        painter.setPen(
            QPen(theme.color("primary" if has_focus else "bad"))
            if has_focus or failed
            else Qt.PenStyle.NoPen
        )
        painter.setBrush(theme.color(GROUNDS[bubble.message.direction]))
        painter.drawRoundedRect(frame, 10, 10)
        painter.setFont(theme.font(13))
        painter.setPen(theme.color("text3" if bubble.message.is_recalled else "text"))
        painter.drawText(frame.adjusted(PAD, PAD, -PAD + 1, -PAD + 1).toRect(), WRAP, bubble.words)
        if bubble.foot:
            side = Qt.AlignmentFlag.AlignRight if is_ours else Qt.AlignmentFlag.AlignLeft
            below = QRectF(box.left() + EDGE, frame.bottom() + 4, box.width() - 2 * EDGE, box.height())
            painter.setFont(theme.font(12))
            painter.setPen(theme.color(bubble.foot_token))
            painter.drawText(below.toRect(), WRAP | int(side), bubble.foot)


def _copy(bubble: Bubble) -> None:
    QGuiApplication.clipboard().setText(bubble.message.text or bubble.words)


def _room(width: int) -> QRect:
    return QRect(0, 0, max(40, width - 2 * EDGE), 100_000)


def _bubble(index: Index) -> Bubble:
    model = index.model()
    assert isinstance(model, RowListModel)
    row = model.row(index.row())
    assert isinstance(row, Bubble)
    return row


def _spoken(bubble: Bubble) -> str:
    return " ".join(filter(None, (bubble.when, bubble.words, bubble.foot)))
