"""Last step: what came of it, with one click to take it back and one to mend the refused rows."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.services.imports import ImportResult
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.texts import IconLabel, PlainLabel

FIGURES = ("new", "changed", "same", "rejected", "new_fans")


class ResultStep(QWidget):
    """`undo_asked()`, `save_asked()`, `again_asked()`, `fans_asked()`."""

    undo_asked = Signal()
    save_asked = Signal()
    again_asked = Signal()
    fans_asked = Signal()

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("step_result")
        self._formats = formats
        self._result: ImportResult | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        card = Card(parent=self)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(IconLabel("circle-check", "good", 24, parent=self))
        self.title = PlainLabel("", "h2", elide=True, parent=self)
        head.addWidget(self.title, 1)
        card.body.addLayout(head)
        figures = QHBoxLayout()
        figures.setSpacing(32)
        self.figures: dict[str, PlainLabel] = {}
        for name in FIGURES:
            figures.addLayout(self._figure(name))
        figures.addStretch()
        card.body.addLayout(figures)
        self.note = PlainLabel("", "secondary", wrap=True, parent=self)
        card.add(self.note)
        card.body.addLayout(self._buttons())
        column.addWidget(card)
        column.addStretch(1)

    def _figure(self, name: str) -> QVBoxLayout:
        place = QVBoxLayout()
        place.setSpacing(2)
        self.figures[name] = PlainLabel("", "kpi", parent=self)
        self.figures[name].setObjectName(f"figure_{name}")
        place.addWidget(PlainLabel(kind="muted", key=f"imports.{name}", parent=self))
        place.addWidget(self.figures[name])
        return place

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.undo_button = Button("imports.undo", icon="undo-2", on_click=self.undo_asked.emit, parent=self)
        self.undo_button.setObjectName("undo_import")
        self.save_button = Button(
            "imports.save_rejected", icon="file-down", on_click=self.save_asked.emit, parent=self
        )
        row.addWidget(self.undo_button)
        row.addWidget(self.save_button)
        row.addStretch()
        row.addWidget(Button("imports.see_fans", on_click=self.fans_asked.emit, parent=self))
        self.again_button = Button(
            "imports.again", kind="primary", on_click=self.again_asked.emit, parent=self
        )
        self.again_button.setObjectName("import_again")
        row.addWidget(self.again_button)
        return row

    def show_result(self, result: ImportResult) -> None:
        """Show the figures of a batch that stands."""
        self._result = result
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything again."""
        result = self._result
        if result is None:
            return
        self.title.setText(t("imports.done", file=result.file_name))
        for name, label in self.figures.items():
            label.setText(self._formats.count(result.counts.get(name, 0)))
        nothing = not result.counts.get("new") and not result.counts.get("changed")
        self.note.setText(t("imports.done_nothing") if nothing else t("imports.done_undo"))
        self.undo_button.setVisible(not nothing)
        self.save_button.setVisible(bool(result.rejections))
