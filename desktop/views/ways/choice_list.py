"""Several of many, by ticks: staff or groups, with a line to find them by."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from desktop.qtkit import plain
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.services.entry_ways import Choice
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.texts import say

FEW = 8  # up to so many nobody needs to search
ROW = 34
MOST_ROWS, LEAST_ROWS = 5, 2
ID = Qt.ItemDataRole.UserRole


class ChoiceList(QWidget):
    """`changed()` when a tick is set or taken away."""

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.line = ImeAwareLineEdit(name="kit.search", placeholder="kit.search", parent=self)
        self.line.textChanged.connect(self._filter)
        self.list = QListWidget(self)
        self.list.setObjectName("choices")
        self.list.setProperty("role", "choices")
        self.list.itemChanged.connect(lambda _item: self.changed.emit())
        say(self.list, name, role="name")
        self.setFocusProxy(self.list)
        column.addWidget(self.line)
        column.addWidget(self.list)

    def set_choices(self, choices: Sequence[Choice], chosen: Collection[str]) -> None:
        """Show these, the chosen ones ticked and first."""
        self.list.blockSignals(True)
        self.list.clear()
        for one in sorted(choices, key=lambda one: one.external_id not in chosen):
            item = QListWidgetItem(plain.one_line(one.name) or t("groups.unnamed"))
            item.setData(ID, one.external_id)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            on = one.external_id in chosen
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.blockSignals(False)
        rows = min(max(self.list.count(), LEAST_ROWS), MOST_ROWS)
        self.list.setFixedHeight(current().px(rows * ROW) + 2)
        self.line.setVisible(self.list.count() > FEW)

    def chosen(self) -> tuple[str, ...]:
        """The ids of those ticked."""
        items = [self.list.item(at) for at in range(self.list.count())]
        return tuple(str(item.data(ID)) for item in items if item.checkState() == Qt.CheckState.Checked)

    def tick(self, external_id: str, on: bool = True) -> None:
        """Set or take away one tick."""
        for at in range(self.list.count()):
            if self.list.item(at).data(ID) == external_id:
                state = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
                self.list.item(at).setCheckState(state)

    def _filter(self, text: str) -> None:
        wanted = text.strip().casefold()
        for at in range(self.list.count()):
            item = self.list.item(at)
            item.setHidden(wanted not in item.text().casefold())
