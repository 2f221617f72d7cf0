"""One measure of a tier's rule: at least so much of something, in the last days, on these channels."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from desktop.domain.fans import PLATFORMS
from desktop.domain.tiers import MEASURES, Measure
from desktop.qtkit.i18n import label, t
from desktop.qtkit.theme import current
from desktop.views.segments.pieces import Days, OneOf, Picked, Piece
from desktop.views.widgets.buttons import IconButton
from desktop.views.widgets.fields import HEIGHT, CountField, MoneyField
from desktop.views.widgets.flow import FlowLayout

START = Measure("orders", 1, 180)


class Least(Piece):
    """How much of it at least: a count, or an amount of money."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.word("tiers.at_least")
        self.count = CountField(name="tiers.at_least", low=1, high=99_999, parent=self)
        self.count.setObjectName("at_least")
        self.count.valueChanged.connect(lambda _value: self.changed.emit())
        self.money = MoneyField(name="tiers.at_least", parent=self)
        self.money.setObjectName("at_least_money")
        self.money.setFixedSize(current().px(96), current().px(HEIGHT))
        self.money.textChanged.connect(self.changed)
        self.row.addWidget(self.count)
        self.row.addWidget(self.money)
        self._units = {what: self.word(f"tiers.unit_{what}") for what in MEASURES}
        self.show_what(START.what)

    def show_what(self, what: str) -> None:
        """Ask for a count or for money."""
        self.count.setVisible(what != "spend_cents")
        self.money.setVisible(what == "spend_cents")
        for each, unit in self._units.items():
            unit.setVisible(each == what)

    def amount(self, what: str) -> int | None:
        """What stands in it; None while the money makes no sense."""
        return self.money.cents() or None if what == "spend_cents" else self.count.value()

    def show_amount(self, what: str, amount: int) -> None:
        """Show an amount, without telling it as an edit."""
        for field in (self.count, self.money):
            field.blockSignals(True)
        if what == "spend_cents":
            self.money.set_cents(amount)
        else:
            self.count.setValue(amount)
        for field in (self.count, self.money):
            field.blockSignals(False)


class MeasureRow(QFrame):
    """`changed()` follows the operator, `removed()` asks the condition around it to let it go."""

    changed = Signal()
    removed = Signal()

    def __init__(self, measure: Measure, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("measure")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        fields = QWidget(self)
        fields.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        flow = FlowLayout(fields, gap=8)
        self.days = Days(may_be_ever=False, parent=fields)
        self.what = OneOf(
            "what", {what: t(f"tiers.what_{what}") for what in MEASURES}, "tiers.what", fields
        )
        self.least = Least(fields)
        names = {each: label("platform", each) for each in PLATFORMS}
        self.channels = Picked("channels", names, "tiers.any_channel", fields)
        for piece in (self.days, self.what, self.least, self.channels):
            flow.addWidget(piece)
            piece.changed.connect(self._on_piece)
        self.remove_button = IconButton(
            "x", "tiers.remove_measure", size=16, on_click=self.removed.emit, parent=self
        )
        self.remove_button.setObjectName("remove_measure")
        row.addWidget(fields, 1)
        row.addWidget(self.remove_button)
        self._show(measure)

    def measure(self) -> Measure | None:
        """What is asked; None while something is missing."""
        what = str(self.what.read()["what"])
        amount = self.least.amount(what)
        if amount is None:
            return None
        return Measure(what, amount, self.days.read()["days"], tuple(self.channels.chosen))

    def _show(self, measure: Measure) -> None:
        told: dict[str, Any] = measure.as_json()
        for piece in (self.days, self.what, self.channels):
            piece.fill(told)
        self.least.show_what(measure.what)
        self.least.show_amount(measure.what, measure.at_least)

    def _on_piece(self) -> None:
        self.least.show_what(str(self.what.read()["what"]))
        self.changed.emit()
