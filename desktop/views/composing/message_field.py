"""The text of a message: placeholders at a click, pasted pictures, and how much room is left."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, Qt, Signal
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.mass_send import MAX_TEXT_BYTES
from desktop.qtkit import plain
from desktop.qtkit.i18n import languages, t
from desktop.qtkit.theme import current
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.flow import FlowLayout
from desktop.views.widgets.inputs import ImeAwareTextEdit
from desktop.views.widgets.texts import PlainLabel, restyle

CHARACTER_BYTES = 3  # a Chinese character in UTF-8


class MessageEdit(ImeAwareTextEdit):
    """Plain text; pictures that are pasted or dropped go to whoever keeps pictures."""

    picture_pasted = Signal(bytes)
    files_given = Signal(object)  # list[Path]

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Pictures are welcome beside text."""
        return source.hasImage() or bool(local_files(source)) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Text goes in at the cursor; a picture is handed on."""
        files = local_files(source)
        if files:
            self.files_given.emit(files)
        elif source.hasImage() and not source.hasText():
            content = png_of(source.imageData())
            if content:
                self.picture_pasted.emit(content)
        else:
            super().insertFromMimeData(source)

    def dropEvent(self, event: QDropEvent) -> None:
        """A dropped file is a picture to keep, not a path to type."""
        files = local_files(event.mimeData())
        if files:
            self.files_given.emit(files)
            event.acceptProposedAction()
            return
        super().dropEvent(event)


class MessageField(QWidget):
    """The message with its row of placeholder buttons. `edited()` follows every finished change."""

    edited = Signal()

    def __init__(self, placeholders: Sequence[str], *, name: str, hint: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.text = MessageEdit(name=name, placeholder=hint, parent=self)
        self.text.setObjectName("body")
        self.text.setFixedHeight(current().px(144))
        self.room = PlainLabel("", "muted", parent=self)
        self.room.setObjectName("room")
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(
            PlainLabel(kind="muted", key="composing.insert", parent=self), 0, Qt.AlignmentFlag.AlignTop
        )
        tools = FlowLayout()
        self._buttons = {word: self._button(word) for word in placeholders}
        for button in self._buttons.values():
            tools.addWidget(button)
        line.addLayout(tools, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(line)
        column.addWidget(self.text, 1)
        self.text.edited.connect(self._on_edited)
        languages.changed.connect(self._count)
        self._count()

    def offer(self, placeholders: Sequence[str]) -> None:
        """Offer only these of its placeholders."""
        for word, button in self._buttons.items():
            button.setVisible(word in placeholders)

    def _button(self, word: str) -> Button:
        braced = "{" + word + "}"
        button = Button(
            text=word, compact=True, on_click=lambda: self.text.insert_at_cursor(braced), parent=self
        )
        button.setObjectName(f"insert_{word}")
        button.setAccessibleName(braced)
        button.setToolTip(plain.tip(braced))
        return button

    def value(self) -> str:
        """The finished text; a word being composed is not part of it."""
        return self.text.toPlainText()

    def set_value(self, text: str) -> None:
        """Show a text from outside."""
        self.text.set_text(text)
        self._count()

    def _on_edited(self) -> None:
        self._count()
        self.edited.emit()

    def _count(self) -> None:
        text = self.value()
        used = len(text.encode("utf-8", "surrogatepass"))
        letters = plain.length(text)
        left = (MAX_TEXT_BYTES - used) // CHARACTER_BYTES
        if left < 0:
            self.room.setText(t("composing.room_over", n=f"{letters:,}", over=f"{-left:,}"))
        else:
            self.room.setText(t("composing.room", n=f"{letters:,}", left=f"{left:,}"))
        self.room.setToolTip(
            plain.tip(t("composing.room_tip", used=f"{used:,}", limit=f"{MAX_TEXT_BYTES:,}"))
        )
        restyle(self.room, type="problem" if left < 0 else "muted")


def local_files(source: QMimeData) -> list[Path]:
    """Files of this computer among what was dropped or pasted."""
    return [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]


def png_of(image: object) -> bytes:
    """A pasted picture as PNG; empty when it is none."""
    if not isinstance(image, QImage) or image.isNull():
        return b""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(content.data())
