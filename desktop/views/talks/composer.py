"""The field to answer in: Enter sends as chat programs do, Shift+Enter begins a line, drafts are kept."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.talks import WECOM, signs_over
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.views.composing.message_field import MessageEdit
from desktop.views.widgets.buttons import Button, IconButton
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import PlainLabel, restyle

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
HEIGHT = 76


class ReplyEdit(MessageEdit):
    """`submitted` on Enter and Ctrl+Enter; Shift+Enter is a new line. Never in the middle of a word."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter sends, unless the key belongs to the input method."""
        if event.key() in ENTER and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            if not self.is_composing:
                self.submitted.emit()
            event.accept()
            return
        super().keyPressEvent(event)


class Composer(QWidget):
    """`sent(text)`, `picture_chosen()`, `picture_given(Path)`, `typed(text)` after each finished change."""

    sent = Signal(str)
    typed = Signal(str)
    picture_asked = Signal()
    picture_given = Signal(object)  # Path
    picture_pasted = Signal(bytes)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = changes(ReplyEdit(name="talks.reply", placeholder="talks.reply_hint", parent=self))
        self.field.setObjectName("reply")
        self.field.setFixedHeight(current().px(HEIGHT))
        self.room = PlainLabel("", "muted", wrap=True, parent=self)
        self.room.setObjectName("room")
        self.picture = changes(IconButton("image-plus", "talks.add_picture", parent=self))
        self.picture.setObjectName("add_picture")
        self.picture.clicked.connect(lambda: self.picture_asked.emit())
        self.send = changes(Button("talks.send", kind="primary", icon="send", parent=self))
        self.send.setObjectName("send")
        self.send.clicked.connect(self._submit)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.picture)
        foot.addWidget(self.room, 1)
        foot.addWidget(self.send)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addLayout(foot)
        self._room_text = ""
        self._open = True
        self._platform = WECOM
        self.field.submitted.connect(self._submit)
        self.field.edited.connect(self._on_edited)
        self.field.picture_pasted.connect(self.picture_pasted)
        self.field.files_given.connect(self._on_files)

    def text(self) -> str:
        """What is typed."""
        return self.field.toPlainText()

    def set_text(self, text: str) -> None:
        """Show a draft."""
        self.field.set_text(text)
        self.field.moveCursor(self.field.textCursor().MoveOperation.End)
        self._show_room()

    def show_room(self, text: str, is_open: bool, platform: str) -> None:
        """What the platform of the talk allows, and whether anything may be sent at all."""
        self._room_text, self._open, self._platform = text, is_open, platform
        self._show_room()

    def _show_room(self) -> None:
        over = signs_over(self.text(), self._platform)
        self.room.setText(t("talks.over", n=over) if over else self._room_text)
        restyle(self.room, type="problem" if over else "muted")
        self.field.setReadOnly(not self._open)
        self.picture.setEnabled(self._open)
        self.send.setEnabled(self._open and not over and bool(self.text().strip()))

    def _on_edited(self, text: str) -> None:
        self._show_room()
        self.typed.emit(text)

    def _on_files(self, files: list[Path]) -> None:
        for file in files if self._open else []:
            self.picture_given.emit(file)

    def _submit(self) -> None:
        if self.send.isEnabled():
            self.sent.emit(self.text())
