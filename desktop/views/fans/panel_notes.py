"""The middle of a fan's drawer: tags, the operator's note, and whether to leave the fan in peace."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.fans import FanDetail, FanTag
from desktop.qtkit import plain
from desktop.qtkit.i18n import label, t
from desktop.qtkit.theme import current
from desktop.views.widgets.buttons import Button, IconButton
from desktop.views.widgets.chips import Chip
from desktop.views.widgets.flow import FlowLayout
from desktop.views.widgets.inputs import ImeAwareLineEdit, ImeAwareTextEdit
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import PlainLabel, say

NOTE_HEIGHT = 64


class _TagMark(QWidget):
    """A tag with a cross, or without one when it belongs to a platform."""

    def __init__(self, tag: FanTag, panel: PanelNotes) -> None:
        super().__init__(panel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        name = plain.one_line(tag.name)
        chip = Chip(name, "neutral" if tag.is_platform else tag.colour or "primary", parent=self)
        row.addWidget(chip, 0, Qt.AlignmentFlag.AlignVCenter)
        if tag.is_platform:
            chip.setToolTip(t("fans.panel.tag_platform"))
            return
        drop = changes(IconButton("x", "kit.close", size=12, parent=self))
        drop.setStyleSheet("min-height: 16px; padding: 0;")
        drop.setFixedSize(20, 20)
        drop.setAccessibleName(t("fans.panel.tag_drop", tag=name))
        drop.setProperty("say_name", None)
        drop.setProperty("say_tip", None)
        drop.setToolTip(plain.tip(t("fans.panel.tag_drop", tag=name)))
        drop.setObjectName(f"drop_tag_{tag.tag_id}")
        drop.clicked.connect(lambda: panel.tag_dropped.emit(tag.tag_id, tag.name))
        row.addWidget(drop, 0, Qt.AlignmentFlag.AlignVCenter)


class PanelNotes(QWidget):
    """`tag_added(name)`, `tag_dropped(tag id, name)`, `note_settled(text)`, `quiet_set(on)`, `reach_asked()`,
    `record_asked()`, `erase_asked()`."""

    tag_added = Signal(str)
    tag_dropped = Signal(int, str)
    note_settled = Signal(str)
    quiet_set = Signal(bool)
    reach_asked = Signal()
    record_asked = Signal()
    erase_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(PlainLabel(kind="strong", key="fans.panel.tags", parent=self))
        self._tags_box = QWidget(self)
        self._flow = FlowLayout(self._tags_box)
        column.addWidget(self._tags_box)
        self.tag_line = changes(
            ImeAwareLineEdit(name="fans.panel.tag_hint", placeholder="fans.panel.tag_hint", parent=self)
        )
        self.tag_line.setObjectName("new_tag")
        self.tag_line.submitted.connect(self._add_tag)
        column.addWidget(self.tag_line)
        column.addSpacing(4)
        column.addWidget(PlainLabel(kind="strong", key="fans.panel.note", parent=self))
        self.note = changes(
            ImeAwareTextEdit(name="fans.panel.note", placeholder="fans.panel.note_hint", parent=self)
        )
        self.note.setObjectName("note")
        self.note.setFixedHeight(current().px(NOTE_HEIGHT))
        self.note.settled.connect(self.note_settled)
        column.addWidget(self.note)
        row = QHBoxLayout()
        self.quiet = changes(QCheckBox(self))
        self.quiet.setObjectName("quiet")
        say(self.quiet, "fans.panel.quiet")
        self.quiet.clicked.connect(self.quiet_set)
        self._marketing = PlainLabel("", "muted", parent=self)
        row.addWidget(self.quiet)
        row.addStretch(1)
        row.addWidget(self._marketing)
        column.addLayout(row)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addStretch(1)
        self.reach = Button("fans.reach.open", kind="link", on_click=self.reach_asked.emit, parent=self)
        self.reach.setObjectName("reach")
        self.record = changes(  # the log notes every export
            Button("personal.open", kind="link", on_click=self.record_asked.emit, parent=self)
        )
        self.record.setObjectName("personal_record")
        self.erase = changes(Button("erase.open", kind="link", on_click=self.erase_asked.emit, parent=self))
        self.erase.setObjectName("erase")
        row.addWidget(self.erase)
        row.addWidget(self.record)
        row.addWidget(self.reach)
        column.addLayout(row)
        self._marks: list[_TagMark] = []
        self.shows_platform = True  # until something else shows them

    def show_fan(self, detail: FanDetail, *, same: bool) -> None:
        """Show one fan; what is being typed stays when it is the `same` fan read again."""
        for mark in self._marks:
            self._flow.removeWidget(mark)
            mark.hide()
            mark.deleteLater()
        shown = [tag for tag in detail.row.tags if self.shows_platform or not tag.is_platform]
        self._marks = [_TagMark(tag, self) for tag in shown]
        for mark in self._marks:
            self._flow.addWidget(mark)
            mark.show()
        self._tags_box.setVisible(bool(self._marks))
        self._flow.invalidate()
        if not (same and self.note.hasFocus()):
            self.note.set_text(detail.row.note)
        if not same:
            self.tag_line.set_text("")
        self.quiet.setChecked(detail.row.is_suppressed)
        self._marketing.setText(t("fans.panel.marketing", state=label("marketing", detail.row.marketing)))

    def settle(self) -> None:
        """Tell an edit of the note now."""
        self.note.settle()

    def _add_tag(self) -> None:
        name = self.tag_line.text().strip()
        if name:
            self.tag_line.set_text("")
            self.tag_added.emit(name)
