"""The top of a fan's drawer: tier with its explanation, figures, identities, phone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop.domain.fans import FanDetail, FanIdentity, Tier
from desktop.domain.identity import ADDED, added_by
from desktop.domain.tiers import TierDecision
from desktop.qtkit import plain
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, languages, t
from desktop.qtkit.theme import current
from desktop.views.fans.columns import platform_name
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.chips import Chip, TierChip
from desktop.views.widgets.delegates import paint_avatar
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import PlainLabel
from desktop.wording.tiers import TierWords

SHOWN_IDENTITIES = 4
PIN_DAYS = (None, 30, 90, 180, 365)


class Avatar(QWidget):
    """The round picture of a name."""

    def __init__(self, side: int = 40, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self.setFixedSize(current().px(side), current().px(side))

    def show_name(self, name: str) -> None:
        """Show the picture of another name."""
        self._name = name
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_avatar(painter, self._name, 0, self.height() / 2, self.height())
        painter.end()


class PanelHead(QWidget):
    """`pin_asked(Tier | None, days | None)` and `phone_asked()` ask the page; it answers through `show_phone`."""

    pin_asked = Signal(object, object)
    phone_asked = Signal()

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(self._tier_line())
        self.why = PlainLabel("", "secondary", wrap=True, parent=self)
        self.why.setObjectName("tier_why")
        column.addWidget(self.why)
        column.addWidget(self._figures())
        column.addLayout(self._phone_line())
        self._identities = QVBoxLayout()
        self._identities.setSpacing(4)
        column.addWidget(PlainLabel(kind="strong", key="fans.panel.identities", parent=self))
        column.addLayout(self._identities)
        self._lines: list[QWidget] = []

    # -- building

    def _tier_line(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.avatar = Avatar(36, self)
        self.tier = TierChip(parent=self)
        self.super_chip = TierChip("super", parent=self)
        self._pinned = Chip(tone="info", key="fans.panel.pinned", parent=self)
        self.pin_button = changes(Button("fans.action.pin", icon="pin", compact=True, parent=self))
        self.pin_button.setObjectName("pin")
        self.pin_button.clicked.connect(self._open_pin_menu)
        row.addWidget(self.avatar)
        row.addWidget(self.tier)
        row.addWidget(self.super_chip)
        row.addWidget(self._pinned)
        row.addStretch(1)
        row.addWidget(self.pin_button)
        return row

    def _figures(self) -> QFrame:
        frame = QFrame(self)
        frame.setProperty("surface", "inset")
        grid = QGridLayout(frame)
        grid.setContentsMargins(14, 10, 14, 10)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        self._values: dict[str, PlainLabel] = {}
        keys = ("fans.panel.spend", "fans.panel.orders_n", "fans.panel.average_order", "fans.panel.last")
        for at, key in enumerate(keys):
            grid.addWidget(PlainLabel(kind="muted", key=key, parent=frame), 0, at)
            value = PlainLabel("", "strong", parent=frame)
            self._values[key.rpartition(".")[2]] = value
            grid.addWidget(value, 1, at)
        return frame

    def _phone_line(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(PlainLabel(kind="strong", key="fans.panel.phone", parent=self))
        self.phone = PlainLabel("", parent=self, selectable=True)
        self.phone.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.phone.setObjectName("phone")
        self._masked = ""
        self._whole: tuple[str, str] | None = None  # masked, and as it was shown when asked for
        row.addWidget(self.phone)
        self.reveal = changes(
            Button("fans.action.reveal_phone", kind="link", on_click=self.phone_asked.emit, parent=self)
        )
        self.reveal.setObjectName("reveal_phone")
        row.addWidget(self.reveal)
        row.addStretch(1)
        return row

    # -- showing

    def show_fan(
        self, detail: FanDetail, decision: TierDecision, *, is_super: bool, same: bool = False
    ) -> None:
        """Show one fan; a number shown whole stays so while it is the `same` one, read again."""
        row, formats = detail.row, self._formats
        self.avatar.show_name(row.name)
        self.tier.set_tier(row.tier)
        self.super_chip.setVisible(is_super)
        self._pinned.setVisible(row.is_pinned)
        self.why.setText(TierWords(languages.wording).sentence(decision, detail.tier_before))
        self._values["spend"].setText(formats.money(row.spend_cents))
        self._values["orders_n"].setText(formats.count(row.orders))
        self._values["average_order"].setText(formats.money(detail.average_order_cents))
        self._values["last"].setText(formats.day(row.last_order_at))
        if not (same and self._whole and self._whole[0] == row.phone_masked):
            self._whole = None
        self._masked = row.phone_masked
        self.phone.setText(self._whole[1] if self._whole else row.phone_masked or t("fans.panel.no_phone"))
        self.reveal.setVisible(bool(row.phone_masked) and self._whole is None)
        self.reveal.setToolTip(t("fans.panel.reveal_logged"))
        self._show_identities(row.identities)

    def show_phone(self, phone: str) -> None:
        """Show the whole number."""
        self._whole = (self._masked, phone)
        self.phone.setText(phone)
        self.reveal.hide()

    def _show_identities(self, identities: tuple[FanIdentity, ...]) -> None:
        for old in self._lines:
            self._identities.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._lines = []
        for identity in identities[:SHOWN_IDENTITIES]:
            self._lines.append(self._identity(identity))
            told = card_text(identity, self._formats)
            if told:
                self._lines.append(PlainLabel(told, "secondary", wrap=True, parent=self))
        rest = len(identities) - SHOWN_IDENTITIES
        if rest > 0:
            self._lines.append(PlainLabel(t("fans.panel.more_identities", n=rest), "muted", parent=self))
        for line in self._lines:
            self._identities.addWidget(line)

    def _identity(self, identity: FanIdentity) -> QWidget:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        tone = "neutral" if identity.left else "info"
        row.addWidget(Chip(platform_name(identity.platform), tone, parent=line))
        row.addWidget(PlainLabel(id_text(identity), elide=True, parent=line), 1)
        words = [origin_text(identity.origin)]
        if identity.left:
            words.append(t("fans.panel.left"))
        row.addWidget(PlainLabel(" · ".join(words), "muted", parent=line))
        line.setToolTip(t("fans.panel.since", day=self._formats.day(identity.first_seen_at)))
        return line

    def _open_pin_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_pin_menu(menu, self.pin_asked.emit)
        menu.popup(self.pin_button.mapToGlobal(self.pin_button.rect().bottomLeft()))


def fill_pin_menu(menu: QMenu, choose: Callable[[Tier | None, int | None], object]) -> None:
    """The tiers to pin to and for how many days (None: for good), and letting the rules decide again."""
    for tier in reversed(Tier):
        spans = menu.addMenu(label("tier", tier))
        for days in PIN_DAYS:
            name = t("fans.pin_for_good") if days is None else t("fans.pin_days", n=days)
            spans.addAction(name, partial(choose, tier, days))
    menu.addSeparator()
    menu.addAction(t("fans.action.unpin"), partial(choose, None, None))


def id_text(identity: FanIdentity) -> str:
    """The platform's id; of a customer list that has none, who added the person. Phones stand elsewhere."""
    if identity.platform == "phone":
        return ""
    if identity.scope == ADDED:
        return t("fans.panel.added_by", staff=plain.one_line(added_by(identity.external_id)))
    return identity.external_id


def card_text(identity: FanIdentity, formats: Formats) -> str:
    """What a membership says, and how somebody came; '' where nothing was told."""
    shown: dict[str, Callable[[Any], str]] = {
        "level": str, "paid_level": str, "birthday": str, "points": formats.count, "growth": formats.count,
        "balance_cents": formats.money, "member_since": formats.day, "valid_until": formats.day,
    }  # fmt: skip
    card: Mapping[str, Any] = identity.card
    words = [
        t(f"fans.card.{name}", value=plain.one_line(show(card[name])))
        for name, show in shown.items()
        if card.get(name) not in (None, "")
    ]
    if identity.channel:
        words.append(t("fans.card.channel", value=plain.one_line(identity.channel)))
    return " · ".join(words)


def origin_text(origin: str) -> str:
    """Where a row came from, in words."""
    word = origin.partition(":")[0]
    return t(f"fans.panel.origin_{word if word in ('import', 'sync', 'operator') else 'other'}")
