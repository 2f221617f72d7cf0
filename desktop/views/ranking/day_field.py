"""A day with a calendar, none after today."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDateEdit, QWidget

from desktop.qtkit.theme import current
from desktop.views.widgets.fields import HEIGHT
from desktop.views.widgets.texts import say


class DayField(QDateEdit):
    """`picked(date)` follows the operator's choice only."""

    picked = Signal(object)

    def __init__(self, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDisplayFormat("yyyy-MM-dd")
        self.setCalendarPopup(True)
        self.setFixedHeight(current().px(HEIGHT))
        self.setMinimumWidth(current().px(128))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        say(self, name, role="name")
        say(self, name, role="tip")
        self.dateChanged.connect(lambda day: self.picked.emit(day.toPython()))

    def show_day(self, day: date, last: date) -> None:
        """Show a day without telling it as a choice; `last` is the latest that can be chosen."""
        self.blockSignals(True)
        self.setMaximumDate(QDate(last.year, last.month, last.day))
        self.setDate(QDate(day.year, day.month, day.day))
        self.blockSignals(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the page; it never changes a day by accident."""
        event.ignore()
