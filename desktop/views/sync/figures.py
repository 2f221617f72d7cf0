"""A figure with its name below a line: the small twin of a KPI tile, for use inside a card."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.views.widgets.texts import PlainLabel, say


class Figures(QWidget):
    """Named values side by side; names are wording keys, values come already worded."""

    def __init__(self, names: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        self.values: dict[str, PlainLabel] = {}
        self._names: dict[str, PlainLabel] = {}
        self._boxes: dict[str, QWidget] = {}
        for name, key in names.items():
            box = QWidget(self)
            column = QVBoxLayout(box)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            self._names[name] = PlainLabel(kind="muted", key=key, parent=box)
            column.addWidget(self._names[name])
            value = PlainLabel("–", "h2", parent=box)
            value.setObjectName(f"figure_{name}")
            column.addWidget(value)
            row.addWidget(box, 1)
            self._boxes[name] = box
            self.values[name] = value

    def show_only(self, names: Mapping[str, str]) -> None:
        """Show these figures under these wording keys, and no other."""
        for name, box in self._boxes.items():
            box.setVisible(name in names)
            if name in names:
                say(self._names[name], names[name])

    def show_values(self, **values: str) -> None:
        """Show the values by name."""
        for name, text in values.items():
            self.values[name].setText(text)
