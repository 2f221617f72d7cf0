"""Writing one claim down: find the fan or type a name, pieces, used already or not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.fans import FanRow
from desktop.qtkit import plain
from desktop.qtkit.i18n import label, languages, t
from desktop.qtkit.tasks import TaskScope
from desktop.services.claims import ClaimEntry
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.fields import CountField
from desktop.views.widgets.flow import FlowLayout
from desktop.views.widgets.inputs import SearchBox
from desktop.views.widgets.texts import PlainLabel, say

FOUND_SHOWN = 6

FindFans = Callable[[str], Awaitable[Sequence[FanRow]]]


class ClaimForm(QFrame):
    """`entered(ClaimEntry)` when the operator is done; `scope` runs the search."""

    entered = Signal(object)

    def __init__(self, find_fans: FindFans, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("surface", "inset")
        self._find_fans = find_fans
        self._fan: FanRow | None = None
        self.scope: TaskScope | None = None
        self.search = SearchBox("drops.claim_who", self)
        self.search.setObjectName("claim_who")
        self.search.searched.connect(self._on_search)
        self.quantity = CountField(name="drops.claim_pieces", low=1, high=10_000, parent=self)
        self.quantity.setObjectName("claim_pieces")
        self.quantity.setFixedWidth(84)
        self.used = QCheckBox(self)
        self.used.setObjectName("claim_used")
        say(self.used, "drops.claim_used")
        self.save = Button("drops.claim_save", on_click=self._enter, parent=self)
        self.save.setObjectName("claim_save")
        self.note = PlainLabel("", "muted", wrap=True, parent=self)
        self._found = FlowLayout()
        self._buttons: list[Button] = []
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(PlainLabel(kind="muted", key="drops.claim_pieces", parent=self))
        line.addWidget(self.quantity)
        line.addSpacing(8)
        line.addWidget(self.used)
        line.addStretch()
        line.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addLayout(self._found)
        column.addWidget(self.note)
        column.addLayout(line)
        languages.changed.connect(self._say_who)
        self._say_who()

    def _on_search(self, text: str) -> None:
        if self._fan is not None and text != self._fan.name:
            self._fan = None
        self._say_who()
        if self._fan is None and self.scope is not None:
            self.scope.spawn(self._find(text.strip()), name="find fans")

    async def _find(self, text: str) -> None:
        found = await self._find_fans(text) if text else ()
        self._show_found(found[:FOUND_SHOWN])

    def _show_found(self, found: Sequence[FanRow]) -> None:
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = []
        for fan in found:
            name = plain.one_line(fan.name)[:16]
            text = f"{name} · {label('tier', fan.tier.value)}"
            button = Button(text=text, compact=True, parent=self, on_click=partial(self._choose, fan))
            button.setObjectName(f"fan_{fan.fan_id}")
            self._found.addWidget(button)
            self._buttons.append(button)

    def _choose(self, fan: FanRow) -> None:
        self._fan = fan
        self.search.set_text(fan.name)
        self._show_found(())
        self._say_who()

    def _say_who(self) -> None:
        if self._fan is not None:
            self.note.setText(t("drops.claim_known", name=plain.one_line(self._fan.name)))
        else:
            self.note.setText(t("drops.claim_unknown"))

    def _enter(self) -> None:
        name = self.search.text().strip()
        fan = str(self._fan.fan_id) if self._fan is not None else ""
        self.entered.emit(ClaimEntry(fan, name, self.quantity.value(), self.used.isChecked()))

    def clear(self) -> None:
        """Ready for the next one."""
        self._fan = None
        self.search.set_text("")
        self.quantity.setValue(1)
        self._show_found(())
        self._say_who()
