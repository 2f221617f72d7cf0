"""Form fields: a name, the field, what is wrong with it; money and moments in the shop's terms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDate, QDateTime, QSize, Qt, QTime, Signal
from PySide6.QtGui import QFocusEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QDateTimeEdit, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from desktop.domain.clock import at_ms, local
from desktop.qtkit import plain
from desktop.qtkit.theme import current
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.texts import PlainLabel, restyle, say

HEIGHT = 32
_MONEY = re.compile(r"^-?\d{1,11}(\.\d{1,2})?$")


def parse_money(text: str) -> int | None:
    """Yuan as people type it, in cents; None for an empty text. Raises ValueError for what is no amount."""
    cleaned = re.sub(r"[\s,¥元]", "", plain.half_width(text).replace("。", "."))
    if not cleaned:
        return None
    if not _MONEY.match(cleaned):
        raise ValueError(text)
    return int(Decimal(cleaned) * 100)


class MoneyField(ImeAwareLineEdit):
    """An amount in yuan. `cents()` is None while empty or unclear; `problem_key()` says which.

    Full-width digits, commas and ¥ are understood; leaving the field tidies the text.
    """

    def __init__(self, *, name: str, allow_negative: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(name=name, parent=parent)
        self._allow_negative = allow_negative
        self.setFixedHeight(current().px(HEIGHT))
        self.setMaximumWidth(180)
        self.setPlaceholderText("0.00")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def cents(self) -> int | None:
        """The amount, or None."""
        try:
            cents = parse_money(self.text())
        except ValueError:
            return None
        return None if cents is not None and cents < 0 and not self._allow_negative else cents

    def set_cents(self, cents: int | None) -> None:
        """Show an amount."""
        self.set_text("" if cents is None else f"{Decimal(cents) / 100:.2f}")

    def problem_key(self) -> str | None:
        """What is wrong with the text, as a wording key; None when nothing is."""
        try:
            cents = parse_money(self.text())
        except ValueError:
            return "kit.money_unclear"
        if cents is not None and cents < 0 and not self._allow_negative:
            return "kit.money_negative"
        return None

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tidy what was typed."""
        super().focusOutEvent(event)
        cents = self.cents()
        if cents is not None:
            self.setText(f"{Decimal(cents) / 100:.2f}")


class DateTimeField(QDateTimeEdit):
    """A minute in the shop's time zone, with a calendar. `edited()` follows the operator's changes."""

    edited = Signal()

    def __init__(self, zone: str, *, name: str = "kit.pick_date", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.setCalendarPopup(True)
        self.setFixedHeight(current().px(HEIGHT))
        self.setMinimumWidth(current().px(170))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().setObjectName("date_text")
        say(self, name, role="name")
        self.dateTimeChanged.connect(self.edited)

    def ms(self) -> int:
        """UTC milliseconds of the minute shown."""
        day, time = self.date(), self.time()
        zone = ZoneInfo(self._zone)
        return at_ms(datetime(day.year(), day.month(), day.day(), time.hour(), time.minute(), tzinfo=zone))

    def set_ms(self, ms: int) -> None:
        """Show a moment, without telling it as an edit."""
        moment = local(ms, self._zone)
        self.blockSignals(True)
        self.setDateTime(
            QDateTime(QDate(moment.year, moment.month, moment.day), QTime(moment.hour, moment.minute))
        )
        self.blockSignals(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the page; it never changes a date by accident."""
        event.ignore()


class CountField(QSpinBox):
    """A whole number of things."""

    def __init__(
        self, *, name: str, low: int = 0, high: int = 9_999_999, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setRange(low, high)
        self.setGroupSeparatorShown(True)
        self.lineEdit().setTextMargins(8, 0, 0, 0)
        self.setFixedHeight(current().px(HEIGHT))
        self.setMaximumWidth(180)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        say(self, name, role="name")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the page."""
        event.ignore()


class Choice(QComboBox):
    """One of several values, each with its name. `chosen(value)` follows the operator's choice only."""

    chosen = Signal(object)

    def __init__(self, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(current().px(HEIGHT))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        say(self, name, role="name")
        self.activated.connect(lambda: self.chosen.emit(self.value()))

    def set_options(self, options: Mapping[object, str]) -> None:
        """Values and their names; the chosen value stays when it is still there."""
        value = self.value()
        self.clear()
        for option, text in options.items():
            self.addItem(plain.one_line(text), option)
        self.set_value(value)

    def value(self) -> object:
        """The chosen value."""
        return self.currentData()

    def set_value(self, value: object) -> None:
        """Choose a value, without telling it."""
        for at in range(self.count()):
            if self.itemData(at) == value:
                self.setCurrentIndex(at)
                return

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the page."""
        event.ignore()


class FormRow(QWidget):
    """A name above a field, a hint or what is wrong below it."""

    def __init__(
        self,
        title: str,
        field: QWidget,
        *,
        hint: str = "",
        tool: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QHBoxLayout()
        self.title = PlainLabel(kind="secondary", key=title, parent=self)
        self.title.setBuddy(field)
        head.addWidget(self.title)
        head.addStretch()
        if tool is not None:
            head.addWidget(tool)
        self.field = field
        self.hint = PlainLabel("", "hint", wrap=True, parent=self)
        self.problem = PlainLabel("", "problem", wrap=True, parent=self)
        column.addLayout(head)
        column.addWidget(field, 1)
        column.addWidget(self.hint)
        column.addWidget(self.problem)
        column.addStretch()
        if hint:
            say(self.hint, hint)
        self.hint.setVisible(bool(hint))
        self.problem.hide()
        if not field.accessibleName():
            say(field, title, role="name")

    def show_problem(self, text: str) -> None:
        """Say what is wrong, already worded; an empty text takes it away."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.field.setAccessibleDescription(text)
        restyle(self.field, problem="true" if text else None)


class Form(QWidget):
    """Rows one below the other, found again by name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(14)
        self.rows: dict[str, FormRow] = {}

    def add_row(
        self, name: str, title: str, field: QWidget, *, hint: str = "", tool: QWidget | None = None
    ) -> FormRow:
        """A row; `name` is how problems find it, `title` and `hint` are wording keys."""
        row = FormRow(title, field, hint=hint, tool=tool, parent=self)
        self.rows[name] = row
        self.body.addWidget(row)
        return row

    def add_rows(self, *rows: tuple[str, str, QWidget]) -> None:
        """Several (name, title, field) side by side."""
        line = QHBoxLayout()
        line.setSpacing(16)
        for name, title, field in rows:
            row = FormRow(title, field, parent=self)
            self.rows[name] = row
            line.addWidget(row, 1, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(line)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """What is wrong, by row; rows not named are fine."""
        for name, row in self.rows.items():
            row.show_problem(problems.get(name, ""))

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for a drawer."""
        return QSize(220, super().minimumSizeHint().height())
