"""How a post goes out: the channels there are, one of them chosen."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from desktop.domain.posts import Channel
from desktop.views.posts.faces.table import FACES
from desktop.views.widgets.flow import FlowLayout
from desktop.views.widgets.texts import PlainLabel, say


class ChannelField(QWidget):
    """`edited()` follows the operator; `value()` is what is chosen."""

    edited = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        line = FlowLayout(gap=16)
        self.choices: dict[Channel, QRadioButton] = {}
        for channel in Channel:
            button = QRadioButton(self)
            button.setObjectName(f"channel_{channel.value}")
            say(button, f"composing.channel_{channel.value}")
            self._group.addButton(button)
            self.choices[channel] = button
            line.addWidget(button)
        self.hint = PlainLabel("", "muted", wrap=True, parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(line)
        column.addWidget(self.hint)
        self.set_value(Channel.MASS_SEND)
        self._group.buttonToggled.connect(self._on_toggled)

    def value(self) -> Channel:
        """The way chosen."""
        return next(channel for channel, button in self.choices.items() if button.isChecked())

    def set_value(self, channel: Channel) -> None:
        """Show a choice, without telling it as an edit."""
        self._group.blockSignals(True)
        self.choices[channel].setChecked(True)
        self._group.blockSignals(False)
        self._show_hint()

    def _on_toggled(self, _button: object, is_on: bool) -> None:
        if is_on:
            self._show_hint()
            self.edited.emit()

    def _show_hint(self) -> None:
        key = FACES[self.value()].hint
        if key:
            say(self.hint, key)
        self.hint.setVisible(bool(key))
