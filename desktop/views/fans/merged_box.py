"""In a fan's drawer: who else they were found to be, with a way to part them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.qtkit import plain
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.services.matching import Merge
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import PlainLabel
from desktop.wording.matching import proof_text


class MergedBox(QWidget):
    """`part_asked(merge)`. Hidden for who was never merged."""

    part_asked = Signal(object)

    def __init__(self, formats: Formats, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("merged_box")
        self._formats = formats
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(PlainLabel(kind="strong", key="match.box", parent=self))
        self._lines: list[QWidget] = []
        self.hide()

    def show_merges(self, merges: Sequence[Merge]) -> None:
        """One line a merge."""
        for line in self._lines:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [self._line(merge) for merge in merges]
        for line in self._lines:
            self._column.addWidget(line)
        self.setVisible(bool(merges))

    def _line(self, merge: Merge) -> QWidget:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        text = t(
            "match.box_line",
            other=plain.one_line(merge.merged_name),
            day=self._formats.day(merge.at),
            why=proof_text(t, merge.proof),
        )
        row.addWidget(PlainLabel(text, "secondary", wrap=True, parent=line), 1)
        button = changes(
            Button("match.part", kind="link", on_click=partial(self.part_asked.emit, merge), parent=line)
        )
        button.setObjectName(f"part_{merge.merged_id}")
        row.addWidget(button)
        return line
