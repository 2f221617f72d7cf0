"""What staff have of a fan at the platform: tags and notes there, and what of both waits for a sync."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.customer_edits import CustomerNotes
from desktop.qtkit import plain
from desktop.qtkit.i18n import languages, t
from desktop.services.customer_edits import PlatformSide, SideTag
from desktop.views.ways.columns import said_list
from desktop.views.widgets.buttons import Button, IconButton
from desktop.views.widgets.chips import Chip
from desktop.views.widgets.flow import FlowLayout
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import PlainLabel
from desktop.wording.sentences import reason_text

TONES = {"": "neutral", "add": "primary", "remove": "warn", "refused": "bad"}


class _PlatformTag(QWidget):
    """A platform's tag: as it is, on its way, or refused; the cross takes it off, or takes it back."""

    def __init__(self, tag: SideTag, box: PlatformSideBox) -> None:
        super().__init__(box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        name = plain.one_line(tag.name)
        said = t(f"fans.side.tag_{tag.change}", tag=name) if tag.change else name
        chip = Chip(said, TONES[tag.change], parent=self)
        if tag.change == "refused":
            reason = reason_text(languages.wording, tag.reason)
            chip.setToolTip(plain.tip(t("fans.side.refused", reason=reason)))
        row.addWidget(chip, 0, Qt.AlignmentFlag.AlignVCenter)
        if tag.change == "refused" or (tag.change and not tag.items):
            return
        key = "fans.side.tag_back" if tag.change else "fans.panel.tag_drop"
        drop = changes(IconButton("undo-2" if tag.change else "x", "kit.close", size=12, parent=self))
        drop.setStyleSheet("min-height: 16px; padding: 0;")
        drop.setFixedSize(20, 20)
        drop.setProperty("say_name", None)
        drop.setProperty("say_tip", None)
        drop.setAccessibleName(t(key, tag=name))
        drop.setToolTip(plain.tip(t(key, tag=name)))
        drop.setObjectName(f"platform_tag_{tag.tag_id}")
        if tag.change:
            drop.clicked.connect(lambda: box.back_asked.emit(tag.items))
        else:
            drop.clicked.connect(lambda: box.tag_dropped.emit(tag.tag_id, tag.name))
        row.addWidget(drop, 0, Qt.AlignmentFlag.AlignVCenter)


class PlatformSideBox(QWidget):
    """`tags_asked()`, `tag_dropped(tag id, name)`, `notes_asked(PlatformSide)`, `back_asked(item uids)`."""

    tags_asked = Signal()
    tag_dropped = Signal(int, str)
    notes_asked = Signal(object)
    back_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._shown: list[QWidget] = []

    def show_sides(self, sides: Sequence[PlatformSide]) -> None:
        """Show every staff member's side; nothing for who is nobody's contact."""
        for old in self._shown:
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._shown = [self._side(side, at) for at, side in enumerate(sides)]
        for widget in self._shown:
            self._column.addWidget(widget)
        self.setVisible(bool(sides))

    def _side(self, side: PlatformSide, at: int) -> QWidget:
        box = QWidget(self)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QHBoxLayout()
        key = "fans.side.title" if side.staff_name else "fans.side.title_follower"
        title = t(key, account=side.account_name, staff=side.staff_name)
        head.addWidget(PlainLabel(title, "strong", elide=True, parent=box), 1)
        if at == 0:
            add = changes(
                Button("fans.side.add_tag", kind="link", on_click=self.tags_asked.emit, parent=box)
            )
            add.setObjectName("add_platform_tag")
            head.addWidget(add)
        edit = changes(Button("fans.side.edit_notes", kind="link", parent=box))
        edit.setObjectName(f"edit_notes_{at}")
        edit.clicked.connect(lambda: self.notes_asked.emit(side))
        head.addWidget(edit)
        column.addLayout(head)
        column.addWidget(self._tags(side, box))
        now = "fans.side.notes_now" if side.mine is not None else "fans.side.notes"
        notes = PlainLabel(t(now, notes=notes_text(side.notes)), "secondary", wrap=True, parent=box)
        notes.setObjectName(f"notes_{at}")
        column.addWidget(notes)
        if side.mine is not None:
            column.addLayout(self._mine(side, side.mine, at, box))
        if side.refused is not None:
            reason = reason_text(languages.wording, side.reason)
            said = t("fans.side.notes_refused", notes=notes_text(side.refused), reason=reason)
            column.addWidget(PlainLabel(said, "problem", wrap=True, parent=box))
        return box

    def _tags(self, side: PlatformSide, parent: QWidget) -> QWidget:
        holder = QWidget(parent)
        flow = FlowLayout(holder)
        for tag in side.tags:
            flow.addWidget(_PlatformTag(tag, self))
        if not side.tags:
            flow.addWidget(PlainLabel(t("fans.side.no_tags"), "muted", parent=holder))
        return holder

    def _mine(self, side: PlatformSide, mine: CustomerNotes, at: int, box: QWidget) -> QHBoxLayout:
        """What the operator wrote and what waits; both are kept, and one may be let go."""
        key = "fans.side.notes_both" if side.changed_there else "fans.side.notes_mine"
        row = QHBoxLayout()
        said = PlainLabel(t(key, notes=notes_text(mine)), wrap=True, parent=box)
        said.setObjectName(f"mine_{at}")
        row.addWidget(said, 1)
        if side.can_take_back:
            back = changes(Button("fans.side.take_back", icon="undo-2", compact=True, parent=box))
            back.setObjectName(f"take_back_{at}")
            back.clicked.connect(lambda: self.back_asked.emit((side.mine_uid,)))
            row.addWidget(back, 0, Qt.AlignmentFlag.AlignTop)
        return row


def notes_text(notes: CustomerNotes) -> str:
    """Remark, description and numbers in one line."""
    parts = [notes.remark, notes.description, said_list(notes.mobiles)]
    return " · ".join(plain.one_line(part) for part in parts if part) or t("fans.side.none")
