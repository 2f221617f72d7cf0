"""The last question before something goes out: exactly what, to how many, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.qtkit import dialogs
from desktop.qtkit.i18n import t
from desktop.views.widgets.fields import DateTimeField
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.texts import IconLabel, PlainLabel

MANY = 200  # from here on the number is typed
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Sending:
    """What is asked about: lines of (name, value) already worded, the text as it leaves, warnings."""

    title: str
    lines: Sequence[tuple[str, str]]
    text: str
    warnings: Sequence[str] = ()
    people: int = 0
    accept: str = ""


async def confirm_sending(parent: QWidget, sending: Sending) -> bool:
    """Ask. More than 200 recipients are confirmed by typing their number."""
    accept = sending.accept or t("composing.confirm_accept")
    dialog = dialogs.MessageDialog(parent, sending.title, "", accept=accept)
    dialog.setObjectName("confirm_sending")
    dialog.setMinimumWidth(520)
    at = 2
    for widget in (_facts(dialog, sending.lines), _message(dialog, sending.text)):
        dialog.body.insertWidget(at, widget)
        at += 1
    for warning in sending.warnings:
        dialog.body.insertWidget(at, _warning(dialog, warning))
        at += 1
    if sending.people > MANY:
        wanted = str(sending.people)
        ask = PlainLabel(t("composing.type_number", n=wanted), "secondary", wrap=True, parent=dialog)
        line = ImeAwareLineEdit(name="composing.type_number_name", parent=dialog)
        line.setObjectName("line")
        dialog.body.insertWidget(at, ask)
        dialog.body.insertWidget(at + 1, line)
        dialog.accept_button.setEnabled(False)
        line.textChanged.connect(lambda typed: dialog.accept_button.setEnabled(typed.strip() == wanted))
        line.setFocus()
    return await dialogs.answer(dialog)


def _facts(parent: QWidget, lines: Sequence[tuple[str, str]]) -> QWidget:
    box = QWidget(parent)
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    for row, (name, value) in enumerate(lines):
        label = PlainLabel(name, "muted", parent=box)
        grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(PlainLabel(value, wrap=True, parent=box), row, 1)
    return box


def _message(parent: QWidget, text: str) -> QWidget:
    frame = QFrame(parent)
    frame.setProperty("surface", "inset")
    whole = QVBoxLayout(frame)
    whole.setContentsMargins(4, 4, 4, 4)
    scroll = QScrollArea(frame)
    scroll.setWidgetResizable(True)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setMinimumHeight(120)
    scroll.setMaximumHeight(220)
    label = PlainLabel(text, wrap=True, parent=scroll)
    label.setObjectName("frozen_text")
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    label.setContentsMargins(8, 8, 8, 8)
    scroll.setWidget(label)
    scroll.setStyleSheet("QScrollArea, QScrollArea > QWidget > QLabel { background: transparent; }")
    scroll.viewport().setAutoFillBackground(False)
    whole.addWidget(scroll)
    return frame


def _warning(parent: QWidget, text: str) -> QWidget:
    line = QWidget(parent)
    grid = QGridLayout(line)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(8)
    grid.setColumnStretch(1, 1)
    grid.addWidget(IconLabel("triangle-alert", "warn", 16, parent=line), 0, 0, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(PlainLabel(text, "secondary", wrap=True, parent=line), 0, 1)
    return line


async def ask_moment(parent: QWidget, title: str, text: str, zone: str, first: int) -> int | None:
    """A moment (UTC ms), beginning with `first`; None when the operator turns away."""
    dialog = dialogs.MessageDialog(parent, title, text, accept=t("composing.use_time"))
    field = DateTimeField(zone, parent=dialog)
    field.setObjectName("moment")
    field.set_ms(first)
    dialog.body.insertWidget(2, field)
    return field.ms() if await dialogs.answer(dialog) else None


def next_same_time(moment: int, now: int) -> int:
    """The next day on which the same time of day is still ahead by a quarter of an hour at least."""
    days = max(0, -(-(now + 900_000 - moment) // DAY_MS))
    return moment + days * DAY_MS
