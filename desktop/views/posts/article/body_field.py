"""The text of an article: headings, bold words and pictures at a click, undo, and how long it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QKeySequence, QShortcut, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.articles import MAX_CONTENT, plain_text
from desktop.domain.content import MediaRef
from desktop.qtkit import plain
from desktop.qtkit.i18n import languages, t
from desktop.qtkit.theme import current
from desktop.views.composing.message_field import MessageEdit
from desktop.views.posts.article.document import (
    Look,
    block_format,
    fill,
    insert_picture,
    letter_format,
    read,
)
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.texts import PlainLabel, restyle

HEIGHT = 340
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ArticleEdit(MessageEdit):
    """The page itself. `value()` is its text with marks, `media` its pictures in reading order."""

    def __init__(self, path_of: Callable[[str], Path], parent: QWidget) -> None:
        super().__init__(name="article.body", placeholder="article.body_hint", parent=parent)
        self._path_of = path_of
        self._known: dict[str, MediaRef] = {}
        self.media: tuple[MediaRef, ...] = ()

    def sizeHint(self) -> QSize:
        """Room for a page; the style sheet's own least height is that of a line."""
        return QSize(super().sizeHint().width(), current().px(HEIGHT))

    @property
    def look(self) -> Look:
        """Sizes as the window's text is scaled; the colour is the window's own."""
        theme = current()
        return Look(theme.px(14), theme.px(17), theme.px(360))

    def value(self) -> str:
        """The text as it is kept; a word being composed is not part of it."""
        text, self.media = read(self.document(), self._known)
        return text

    def set_value(self, text: str, media: tuple[MediaRef, ...]) -> None:
        """Show an article from outside, without telling it as an edit; what was typed before cannot be undone."""
        self._known = {picture.sha256: picture for picture in media}
        self.blockSignals(True)
        self.document().setUndoRedoEnabled(False)
        self.clear()
        fill(QTextCursor(self.document()), text, media, self._path_of, self.look)
        self.document().setUndoRedoEnabled(True)
        self.blockSignals(False)
        self._told = self.value()
        self._unsettled = False

    def add_picture(self, picture: MediaRef) -> None:
        """Put a picture on a line of its own below the cursor's."""
        self._known[picture.sha256] = picture
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        if cursor.block().length() > 1:
            cursor.insertBlock(block_format(self.look), letter_format(self.look))
        insert_picture(cursor, picture, self._path_of, self.look)
        cursor.insertBlock(block_format(self.look), letter_format(self.look))
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.setFocus()

    @property
    def is_heading(self) -> bool:
        """Whether the cursor stands in a heading."""
        return self.textCursor().blockFormat().headingLevel() > 0

    @property
    def is_bold(self) -> bool:
        """Whether what is typed next is bold."""
        return not self.is_heading and self.fontWeight() >= QFont.Weight.DemiBold.value

    def toggle_heading(self) -> None:
        """Make the lines that are marked headings, or paragraphs again."""
        wants = not self.is_heading
        marked, cursor = self.textCursor(), self.textCursor()
        cursor.beginEditBlock()
        cursor.setPosition(marked.selectionStart())
        cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
        cursor.setPosition(marked.selectionEnd(), QTextCursor.MoveMode.KeepAnchor)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.setBlockFormat(block_format(self.look, is_heading=wants))
        form = letter_format(self.look, is_heading=wants)
        cursor.setBlockCharFormat(form)
        cursor.mergeCharFormat(form)
        cursor.endEditBlock()
        self.setCurrentCharFormat(form)
        self.setFocus()

    def toggle_bold(self) -> None:
        """Make the words that are marked bold, or plain again; without any, what is typed next."""
        if self.is_heading:
            return
        form = QTextCharFormat()
        form.setFontWeight(QFont.Weight.Normal if self.is_bold else QFont.Weight.DemiBold)
        self.mergeCurrentCharFormat(form)
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """After a heading a paragraph begins."""
        was_heading = self.is_heading and event.key() in ENTER
        super().keyPressEvent(event)
        if was_heading and self.is_heading and self.textCursor().block().length() == 1:
            self.toggle_heading()


class ArticleBody(QWidget):
    """The page with its tools. `edited()` follows every finished change, `wanted()` asks for a picture file."""

    edited = Signal()
    wanted = Signal()

    def __init__(self, path_of: Callable[[str], Path], parent: QWidget) -> None:
        super().__init__(parent)
        self.text = ArticleEdit(path_of, self)
        self.text.setObjectName("article_body")
        self.room = PlainLabel("", "muted", parent=self)
        self.room.setObjectName("article_room")
        self.heading = self._tool("heading", "type", self.text.toggle_heading)
        self.bold = self._tool("bold", "bold", self.text.toggle_bold)
        self.picture = self._tool("picture", "image-plus", self.wanted.emit)
        self.undo = self._tool("undo", "undo-2", self.text.undo)
        self.redo = self._tool("redo", "redo-2", self.text.redo)
        self.heading.setCheckable(True)
        self.bold.setCheckable(True)
        tools = QHBoxLayout()
        tools.setSpacing(6)
        for button in (self.heading, self.bold, self.picture, self.undo, self.redo):
            tools.addWidget(button)
        tools.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(tools)
        column.addWidget(self.text, 1)
        QShortcut(QKeySequence.StandardKey.Bold, self.text, self.text.toggle_bold).setContext(
            Qt.ShortcutContext.WidgetShortcut
        )
        self.text.edited.connect(self._on_edited)
        self.text.cursorPositionChanged.connect(self._follow)
        self.text.currentCharFormatChanged.connect(lambda _form: self._follow())
        self.text.document().undoAvailable.connect(self.undo.setEnabled)
        self.text.document().redoAvailable.connect(self.redo.setEnabled)
        self.undo.setEnabled(False)
        self.redo.setEnabled(False)
        languages.changed.connect(self._count)
        self._count()

    def value(self) -> str:
        """The text with its marks."""
        return self.text.value()

    @property
    def media(self) -> tuple[MediaRef, ...]:
        """The pictures in reading order, as `value()` found them."""
        return self.text.media

    def set_value(self, text: str, media: tuple[MediaRef, ...]) -> None:
        """Show an article from outside."""
        self.text.set_value(text, media)
        self._count()
        self._follow()

    def _tool(self, name: str, icon: str, act: Callable[[], object]) -> Button:
        button = Button(f"article.{name}", icon=icon, compact=True, on_click=act, parent=self)
        button.setObjectName(f"article_{name}")
        return button

    def _on_edited(self) -> None:
        self._count()
        self.edited.emit()

    def _follow(self) -> None:
        self.heading.setChecked(self.text.is_heading)
        self.bold.setChecked(self.text.is_bold)
        self.bold.setEnabled(not self.text.is_heading)

    def _count(self) -> None:
        letters = plain.length(plain_text(self.value()).replace("\n", ""))
        self.room.setText(t("article.letters", n=f"{letters:,}", pictures=len(self.media)))
        restyle(self.room, type="problem" if letters >= MAX_CONTENT else "muted")
