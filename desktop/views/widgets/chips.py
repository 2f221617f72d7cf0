"""Small marks: chips, tiers, states and counts. A colour never stands without its word."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.models.row_table import tier_text
from desktop.qtkit.i18n import languages
from desktop.qtkit.theme import current
from desktop.views.widgets.texts import PlainLabel, restyle


class Chip(PlainLabel):
    """A word on a tint. Tones: neutral, good, bad, warn, info, deal, primary; kbd for a key."""

    def __init__(
        self, text: str = "", tone: str = "neutral", *, key: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, key=key, parent=parent)
        self.setProperty("chip", tone)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)

    def set_tone(self, tone: str) -> None:
        """Change the colour; the word must change with it."""
        restyle(self, chip=tone)


class StateChip(Chip):
    """The state of a thing, set together with its tone."""

    def show_state(self, text: str, tone: str) -> None:
        """Show `text` on the tint of `tone`."""
        self.setText(text)
        self.set_tone(tone)


class Badge(Chip):
    """A count that asks for attention; hidden at zero."""

    def __init__(self, count: int = 0, parent: QWidget | None = None) -> None:
        super().__init__("", "badge", parent=parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.set_count(count)

    def set_count(self, count: int) -> None:
        """Show a count, at most 99+."""
        self.setText("99+" if count > 99 else str(count))
        self.setVisible(count > 0)


def tier_width(tier: str) -> int:
    """How wide the chip of a tier is painted."""
    theme = current()
    text = theme.metrics(12).horizontalAdvance(tier_text(tier))
    return text + theme.px(16) + (theme.px(15) if tier == "super" else 0)


def paint_tier(painter: QPainter, tier: str, x: float, middle: float) -> float:
    """Paint a tier's chip with its left edge at `x`; returns its width."""
    theme = current()
    token = f"tier_{tier}" if tier else "neutral"
    width, height = tier_width(tier), theme.px(20)
    box = QRectF(x, middle - height / 2, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(f"{token}_tint"))
    painter.drawRoundedRect(box, height / 2, height / 2)
    painter.setFont(theme.font(12))
    painter.setPen(theme.color(token))
    left = theme.px(8)
    if tier == "super":
        side = theme.px(12)
        painter.drawPixmap(
            int(x) + theme.px(7), round(middle - side / 2), theme.pixmap("crown", token, side)
        )
        left = theme.px(23)
    painter.drawText(box.adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, tier_text(tier))
    return width


class TierChip(QWidget):
    """The tier of a fan: prospect, passerby, favorable, devoted; super, member and koc stand beside it."""

    def __init__(self, tier: str = "prospect", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tier = tier
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        current().changed.connect(self._renew)
        languages.changed.connect(self._renew)
        self._renew()

    def set_tier(self, tier: str) -> None:
        """Show another tier."""
        self._tier = tier
        self._renew()

    def _renew(self) -> None:
        self.setAccessibleName(tier_text(self._tier))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the word."""
        return QSize(tier_width(self._tier), current().px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the chip."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_tier(painter, self._tier, 0, self.height() / 2)
        painter.end()
