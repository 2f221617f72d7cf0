"""Text inputs that know Chinese typing: nothing is saved, counted, searched or sent mid-word."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QFocusEvent, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QTextEdit, QWidget

from desktop.qtkit import plain
from desktop.qtkit.i18n import languages, t
from desktop.qtkit.theme import current
from desktop.views.widgets.texts import PlainLabel, restyle, say

SEARCH_WAIT_MS = 200
AUTOSAVE_WAIT_MS = 800
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Settling:
    """What a field still has to tell: a change waits until typing rests, and never leaves mid-word."""

    def __init__(self, field: QWidget, tell: Callable[[], None]) -> None:
        self.is_composing = False
        self._tell = tell
        self._waits = False
        self._timer = QTimer(field)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AUTOSAVE_WAIT_MS)
        self._timer.timeout.connect(self.settle)

    def changed(self) -> None:
        """There is something to tell; the wait begins anew."""
        self._waits = True
        self._timer.start()

    def forget(self) -> None:
        """There is nothing to tell any more."""
        self._timer.stop()
        self._waits = False

    def settle(self) -> None:
        """Tell what waits now, unless a word is unfinished."""
        self._timer.stop()
        if self._waits and not self.is_composing:
            self._waits = False
            self._tell()


class ImeAwareTextEdit(QTextEdit):
    """Several lines of plain text.

    `edited(text)` comes with every finished change, `settled(text)` 800 ms after the last one or when
    the field is left, `submitted()` on Ctrl+Enter. None of them comes while a word is being composed.
    """

    edited = Signal(str)
    settled = Signal(str)
    submitted = Signal()

    def __init__(self, *, name: str = "", placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self._told = ""
        self._settling = _Settling(self, lambda: self.settled.emit(self._told))
        self.textChanged.connect(self._tell)
        if name:
            say(self, name, role="name")
        if placeholder:
            say(self, placeholder, role="placeholder")

    @property
    def is_composing(self) -> bool:
        """Whether an input method has an unfinished word in the field."""
        return self._settling.is_composing

    def set_text(self, text: str) -> None:
        """Show a text from outside, without telling it as an edit."""
        self._told = text
        self._settling.forget()
        self.setPlainText(text)

    def value(self) -> str:
        """The text as it is told."""
        return self.toPlainText()

    def insert_at_cursor(self, text: str) -> None:
        """Put a text where the cursor stands, such as a placeholder name."""
        self.textCursor().insertText(text)
        self.setFocus()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Take note whether a word is unfinished; Qt tells textChanged for unfinished ones too."""
        self._settling.is_composing = bool(event.preeditString())
        super().inputMethodEvent(event)
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter submits, unless the key belongs to the input method."""
        if event.key() in _ENTER and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if not self.is_composing:
                self.submitted.emit()
            event.accept()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving the field settles it."""
        super().focusOutEvent(event)
        self._settling.is_composing = False
        self._tell()
        self.settle()

    def settle(self) -> None:
        """Tell the last change now, when there is one."""
        self._settling.settle()

    def _tell(self) -> None:
        text = self._told if self.is_composing else self.value()
        if text == self._told:
            return
        self._told = text
        self._settling.changed()
        self.edited.emit(text)


class ImeAwareLineEdit(QLineEdit):
    """One line of text. `edited`, `settled` and `submitted` (Enter) as in ImeAwareTextEdit."""

    edited = Signal(str)
    settled = Signal(str)
    submitted = Signal()

    def __init__(
        self, text: str = "", *, name: str = "", placeholder: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self._settling = _Settling(self, lambda: self.settled.emit(self.text()))
        self.textEdited.connect(self._tell)
        if name:
            say(self, name, role="name")
        if placeholder:
            say(self, placeholder, role="placeholder")

    @property
    def is_composing(self) -> bool:
        """Whether an input method has an unfinished word in the field."""
        return self._settling.is_composing

    def set_text(self, text: str) -> None:
        """Show a text from outside, without telling it as an edit."""
        self._settling.forget()
        self.setText(text)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Take note whether a word is unfinished."""
        self._settling.is_composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter submits, unless the key belongs to the input method."""
        if event.key() in _ENTER:
            if not self.is_composing:
                self.settle()
                self.submitted.emit()
            event.accept()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving the field settles it."""
        super().focusOutEvent(event)
        self._settling.is_composing = False
        self.settle()

    def settle(self) -> None:
        """Tell the last change now, when there is one."""
        self._settling.settle()

    def _tell(self, text: str) -> None:
        self._settling.changed()
        self.edited.emit(text)


class SearchBox(ImeAwareLineEdit):
    """`searched(text)` 200 ms after the last finished change; Esc empties it."""

    searched = Signal(str)

    def __init__(self, placeholder: str = "kit.search", parent: QWidget | None = None) -> None:
        super().__init__(name=placeholder, placeholder=placeholder, parent=parent)
        self.setProperty("role", "search")
        self.setMinimumWidth(200)
        self._icon = QAction(self)
        self.addAction(self._icon, QLineEdit.ActionPosition.LeadingPosition)
        self._last = ""
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(SEARCH_WAIT_MS)
        self._wait.timeout.connect(self._search)
        self.textChanged.connect(lambda: self._wait.start())
        self.submitted.connect(self._search)
        current().changed.connect(self._paint_icon)
        self._paint_icon()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc empties the box first; an empty box leaves the key to others."""
        if event.key() == Qt.Key.Key_Escape and self.text() and not self.is_composing:
            self.clear()
            event.accept()
            return
        super().keyPressEvent(event)

    def _search(self) -> None:
        self._wait.stop()
        if self.text() != self._last and not self.is_composing:
            self._last = self.text()
            self.searched.emit(self._last)

    def _paint_icon(self) -> None:
        self._icon.setIcon(current().icon("search", "text3", size=16))


class Counter(PlainLabel):
    """How long a text is, as a person counts; red when over the soft limit. Nothing is ever cut."""

    def __init__(
        self,
        field: ImeAwareTextEdit | ImeAwareLineEdit,
        limit: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", "muted", parent=parent)
        self._limit = limit
        self._text = field.toPlainText() if isinstance(field, ImeAwareTextEdit) else field.text()
        field.edited.connect(self.count)
        languages.changed.connect(self._count_again)
        self.count(self._text)

    @property
    def is_over(self) -> bool:
        """Whether the text is longer than the limit."""
        return self._limit is not None and plain.length(self._text) > self._limit

    def _count_again(self) -> None:
        self.count(self._text)

    def count(self, text: str) -> None:
        """Count another text."""
        self._text = text
        used = plain.length(text)
        if self._limit is None:
            self.setText(t("kit.counter_open", n=used))
            return
        self.setText(t("kit.counter", n=used, limit=self._limit))
        kind = "problem" if self.is_over else "muted"
        if self.property("type") != kind:
            restyle(self, type=kind)
