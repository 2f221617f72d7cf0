"""What a fan bought, as cards; the seller's note and the receiver where the order's shop is connected."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.fans import FanOrder
from desktop.domain.live_orders import REMARK_SIGNS, STARS
from desktop.qtkit import plain
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t
from desktop.views.fans.columns import platform_name
from desktop.views.fans.lines import Lines
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.chips import Chip
from desktop.views.widgets.fields import Choice, Form
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.texts import PlainLabel

ORDER_TONES = {"done": "good", "closed": "neutral", "unpaid": "warn", "unknown": "warn"}


class NoteDialog(MessageDialog):
    """The seller's own note of an order and its star; `note()` after accepting."""

    def __init__(self, parent: QWidget, order: FanOrder) -> None:
        title = t("order_note.title", order=order.order_no)
        super().__init__(parent, title, t("order_note.text"), accept=t("order_note.queue"))
        self.setObjectName("order_note_dialog")
        self.setMinimumWidth(440)
        form = Form(self)
        self.words = ImeAwareLineEdit(order.note, parent=self)
        self.words.setObjectName("order_note")
        self.words.edited.connect(lambda _text: self._follow())
        form.add_row("note", "order_note.note", self.words)
        self.counter = PlainLabel("", "muted", parent=self)
        form.body.addWidget(self.counter)
        self.star = Choice(name="order_note.star", parent=self)
        self.star.setObjectName("order_star")
        self.star.set_options({star: label("order_star", str(star)) for star in STARS})
        self.star.set_value(order.star)
        form.add_row("star", "order_note.star", self.star)
        self.body.insertWidget(2, form)
        self._follow()
        self.words.setFocus()

    def note(self) -> tuple[str, int]:
        """Words and star."""
        return self.words.text().strip(), int(str(self.star.value() or 0))

    def _follow(self) -> None:
        count = len(self.words.text().strip())
        self.counter.setText(t("group_texts.size", n=count, limit=REMARK_SIGNS))
        self.accept_button.setEnabled(0 < count <= REMARK_SIGNS)


class OrderList(Lines):
    """`note_asked(order)` and `receiver_asked(order id)` come from orders whose shop is connected."""

    note_asked = Signal(object)  # FanOrder
    receiver_asked = Signal(int)

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__("fans.panel.no_orders", parent)
        self._formats = formats
        self._receivers: dict[int, PlainLabel] = {}
        self._told: dict[int, Sequence[str]] = {}

    def show_orders(self, orders: Sequence[FanOrder], *, same: bool = False) -> None:
        """Show these orders; receivers are masked again, unless they are the `same` person's, read again."""
        self.clear()
        if not same:
            self._told = {}
        self._receivers = {}
        self.put([self._card(order) for order in orders], has_more=False)

    def show_receiver(self, order_id: int, receiver: Sequence[str]) -> None:
        """A receiver in plain text, until another person's orders are shown."""
        if order_id in self._receivers:
            self._told[order_id] = receiver
            self._receivers[order_id].setText(receiver_text(receiver))

    def _card(self, order: FanOrder) -> QFrame:
        frame = QFrame(self)
        frame.setProperty("surface", "inset")
        column = QVBoxLayout(frame)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        top, foot = QHBoxLayout(), QHBoxLayout()
        top.addWidget(PlainLabel(self._formats.money(order.paid_cents), "strong", parent=frame))
        status = label("fans.order_status", order.status)
        top.addWidget(Chip(status, ORDER_TONES.get(order.status, "info"), parent=frame))
        if order.refund_cents:
            money = self._formats.money(order.refund_cents)
            top.addWidget(Chip(t("fans.panel.refund", money=money), "bad", parent=frame))
        top.addStretch(1)
        top.addWidget(PlainLabel(self._formats.moment(order.at), "muted", parent=frame))
        items = "\n".join(plain.one_line(item) for item in order.items) or t("fans.panel.no_items")
        foot.addWidget(PlainLabel(platform_name(order.platform), "muted", parent=frame))
        foot.addWidget(PlainLabel(order.order_no, "muted", elide=True, parent=frame), 1)
        column.addLayout(top)
        column.addWidget(PlainLabel(items, wrap=True, parent=frame))
        if order.note or order.star:
            star = label("order_star", str(order.star))
            told = t("order_note.shown", note=order.note or "–", star=star)
            column.addWidget(PlainLabel(told, "secondary", wrap=True, parent=frame))
        if order.is_reachable:
            self._add_shop_side(order, frame, column)
        column.addLayout(foot)
        return frame

    def _add_shop_side(self, order: FanOrder, frame: QFrame, column: QVBoxLayout) -> None:
        receiver = PlainLabel(
            receiver_text(self._told.get(order.order_id, order.receiver)),
            "secondary",
            wrap=True,
            selectable=True,
            parent=frame,
        )
        receiver.setObjectName("receiver")
        self._receivers[order.order_id] = receiver
        column.addWidget(receiver)
        row = QHBoxLayout()
        row.setSpacing(12)
        reveal = Button(
            "order_note.reveal",
            kind="link",
            icon="eye",
            on_click=partial(self.receiver_asked.emit, order.order_id),
            parent=frame,
        )
        reveal.setObjectName("reveal_receiver")
        note = Button(
            "order_note.write",
            kind="link",
            icon="pencil",
            on_click=partial(self.note_asked.emit, order),
            parent=frame,
        )
        note.setObjectName("write_note")
        note.setEnabled(not order.note_refused)
        row.addWidget(reveal)
        row.addWidget(note)
        if order.note_pending:
            row.addWidget(Chip("", "info", key="order_note.pending", parent=frame))
        row.addStretch(1)
        column.addLayout(row)
        if order.note_refused:
            column.addWidget(PlainLabel(kind="hint", key="order_note.by_hand", wrap=True, parent=frame))


def receiver_text(receiver: Sequence[str]) -> str:
    """Name, phone and address in one line."""
    told = " · ".join(plain.one_line(part) for part in receiver if part)
    return t("order_note.receiver", who=told) if told else t("order_note.no_receiver")
