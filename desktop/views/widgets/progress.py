"""Work under way and what was found: progress from counted work, and lists of checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop.qtkit.i18n import t
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.texts import IconLabel, PlainLabel, restyle, say


class ProgressCard(Card):
    """One piece of work: its name, how far it is, and a button that stops it."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        head = QHBoxLayout()
        self.name = PlainLabel("", "strong", elide=True, parent=self)
        self.cancel_button = Button("kit.cancel", compact=True, on_click=self._cancel, parent=self)
        head.addWidget(self.name, 1)
        head.addWidget(self.cancel_button)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.note = PlainLabel("", "muted", parent=self)
        self.body.setSpacing(8)
        self.body.addLayout(head)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.note)

    def show_progress(self, name: str, done: int, total: int | None, *, note: str = "") -> None:
        """`total` None: not known yet, only the count is shown. Texts are already worded."""
        self.name.setText(name)
        self.bar.setAccessibleName(name)
        self.bar.setRange(0, total or 100)
        self.bar.setValue(done if total else 0)
        self.bar.setVisible(total is not None)
        counted = f"{done:,}" if total is None else t("kit.progress", done=f"{done:,}", total=f"{total:,}")
        self.note.setText(" · ".join(part for part in (counted, note) if part))
        self.cancel_button.setEnabled(True)

    def show_result(self, text: str, *, good: bool = True) -> None:
        """It ended."""
        restyle(self.bar, tone="good" if good else "bad")
        self.note.setText(text)
        self.cancel_button.hide()

    def _cancel(self) -> None:
        self.cancel_button.setEnabled(False)
        self.cancelled.emit()


@dataclass(frozen=True)
class Check:
    """One line of a check list: "pass", "warn" or "bad", and its text already worded."""

    level: str
    text: str
    action: str = ""  # wording key of a button; the list tells `acted(index)`


class CheckList(QWidget):
    """What was checked, each line with its mark; the level is said in words to screen readers."""

    acted = Signal(int)
    _LOOKS = {
        "pass": ("circle-check", "good"),
        "warn": ("triangle-alert", "warn"),
        "bad": ("circle-x", "bad"),
    }

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.lines: list[QWidget] = []

    def show_checks(self, checks: Sequence[Check]) -> None:
        """Show these lines in place of those before."""
        for line in self.lines:
            line.hide()
            line.deleteLater()
        self.lines = [self._line(at, check) for at, check in enumerate(checks)]
        for line in self.lines:
            self._column.addWidget(line)

    def _line(self, at: int, check: Check) -> QWidget:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        icon, token = self._LOOKS[check.level]
        level = t(f"kit.check_{check.level}")
        row.addWidget(IconLabel(icon, token, 16, name=level, parent=line))
        text = PlainLabel(check.text, wrap=True, parent=line)
        text.setAccessibleName(f"{level}: {check.text}")
        row.addWidget(text, 1)
        if check.action:
            button = Button(kind="link", on_click=lambda: self.acted.emit(at), parent=line)
            say(button, check.action)
            row.addWidget(button)
        return line
