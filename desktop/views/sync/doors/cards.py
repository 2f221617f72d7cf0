"""The platforms as cards to choose from, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from desktop.qtkit.i18n import label, t
from desktop.qtkit.theme import current
from desktop.views.sync.doors.door import Door
from desktop.views.widgets.choice_card import ChoiceCard

PAD, SIDE = 12, 18


class DoorCard(ChoiceCard):
    """One platform: icon and name; the tool-tip says what comes from there."""

    def __init__(self, door: Door, parent: QWidget) -> None:
        super().__init__(f"door_{door.platform}", parent)
        self.door = door
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.say(label("sync_platform", door.platform), t(door.key("about")))

    def sizeHint(self) -> QSize:
        """Room for an icon and the name."""
        theme = current()
        words = QFontMetrics(theme.font(13, strong=True)).horizontalAdvance(self.accessibleName())
        return QSize(theme.px(PAD * 2 + SIDE + 8) + words + 4, theme.px(36))

    def paint_content(self, painter: QPainter) -> None:
        """Icon and name."""
        theme = current()
        pad, side = theme.px(PAD), theme.px(SIDE)
        icon = theme.pixmap(self.door.icon, "primary" if self.isChecked() else "text2", side)
        painter.drawPixmap(pad, (self.height() - side) // 2, icon)
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font(13, strong=True))
        words = self.rect().adjusted(pad + side + theme.px(8), 0, -4, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.accessibleName())


class DoorCards(QWidget):
    """`chosen(platform)` follows the owner's choice."""

    chosen = Signal(str)

    def __init__(self, doors: Sequence[Door], parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._group = QButtonGroup(self)
        self.cards = {door.platform: DoorCard(door, self) for door in doors}
        for platform, card in self.cards.items():
            row.addWidget(card)
            self._group.addButton(card)
            card.clicked.connect(lambda _=False, chosen=platform: self.chosen.emit(chosen))

    def set_value(self, platform: str) -> None:
        """Choose a platform, without telling it."""
        self.cards[platform].setChecked(True)
