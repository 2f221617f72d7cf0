"""The five kinds of drop as cards to choose from, each with a sentence on what it is."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from desktop.domain.drops import KINDS, DropKind
from desktop.qtkit.i18n import languages, t
from desktop.qtkit.theme import current
from desktop.views.widgets.choice_card import ChoiceCard

ICONS = {
    "coupon": "ticket-percent",
    "flash_link": "zap",
    "tail_stock": "package-open",
    "red_packet": "wallet",
    "lucky_bag": "gift",
}
assert set(ICONS) == set(get_args(DropKind))


class KindCard(ChoiceCard):
    """One kind: icon, name, a short line."""

    def __init__(self, kind: DropKind, parent: QWidget) -> None:
        super().__init__(f"kind_{kind}", parent)
        self.kind = kind
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.retranslate()

    def retranslate(self) -> None:
        """Say the name again."""
        self.say(t(f"drop_kind.{self.kind}"), t(f"drops.kind_{self.kind}"))

    def sizeHint(self) -> QSize:
        """Room for an icon and two lines."""
        return QSize(current().px(120), current().px(60))

    def paint_content(self, painter: QPainter) -> None:
        """Icon, name, line."""
        theme = current()
        pad, side = theme.px(10), theme.px(18)
        tint = "primary" if self.isChecked() else "deal"
        painter.drawPixmap(pad, pad, theme.pixmap(ICONS[self.kind], tint, side))
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font(13, strong=True))
        first = self.rect().adjusted(pad + side + theme.px(6), pad, -4, 0)
        first.setHeight(side)
        _write(painter, first, t(f"drop_kind.{self.kind}"))
        painter.setPen(theme.color("text3"))
        painter.setFont(theme.font(12))
        rest = self.rect().adjusted(pad, pad + side + theme.px(4), -6, 0)
        rest.setHeight(side)
        _write(painter, rest, t(f"drops.kind_{self.kind}"))


class KindCards(QWidget):
    """`edited()` follows the operator's choice."""

    edited = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._group = QButtonGroup(self)
        self.cards = {kind: KindCard(kind, self) for kind in KINDS}
        for card in self.cards.values():
            row.addWidget(card, 1)
            self._group.addButton(card)
            card.clicked.connect(self.edited)
        self.cards[KINDS[0]].setChecked(True)
        languages.changed.connect(self._say_again)

    def value(self) -> DropKind:
        """The chosen kind."""
        return next(kind for kind, card in self.cards.items() if card.isChecked())

    def set_value(self, kind: DropKind) -> None:
        """Choose a kind, without telling it."""
        self.cards[kind].setChecked(True)

    def _say_again(self) -> None:
        for card in self.cards.values():
            card.retranslate()


def _write(painter: QPainter, box: QRect, text: str) -> None:
    """One line; what does not fit is whole in the tool-tip."""
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)
