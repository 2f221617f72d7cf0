"""A figure with its name below a line: the small twin of a KPI tile, for use inside a card."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.views.widgets.texts import PlainLabel


class Figures(QWidget):
    """Named values side by side; names are wording keys, values come already worded."""

    def __init__(self, names: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        self.values: dict[str, PlainLabel] = {}
        for name, key in names.items():
            column = QVBoxLayout()
            column.setSpacing(0)
            column.addWidget(PlainLabel(kind="muted", key=key, parent=self))
            value = PlainLabel("–", "h2", parent=self)
            value.setObjectName(f"figure_{name}")
            column.addWidget(value)
            row.addLayout(column, 1)
            self.values[name] = value

    def show_values(self, **values: str) -> None:
        """Show the values by name."""
        for name, text in values.items():
            self.values[name].setText(text)
