"""Labels that show foreign text as it is, and texts bound to a wording key that follow the language."""

from __future__ import annotations

import json
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QSizePolicy, QWidget

from desktop.qtkit import plain
from desktop.qtkit.i18n import languages, t
from desktop.qtkit.theme import current

_SETTERS: dict[str, str] = {
    "text": "setText",
    "title": "setWindowTitle",
    "tip": "setToolTip",
    "placeholder": "setPlaceholderText",
    "name": "setAccessibleName",
}


def say(widget: QWidget, key: str, *, role: str = "text", **params: object) -> None:
    """Set a text from the wording, and again whenever the language changes.

    `role` is text, title, tip, placeholder or name (what a screen reader says).
    Params must be plain values that read the same in every language.
    """
    widget.setProperty(f"say_{role}", json.dumps([key, params]))
    _speak(widget, role)


def _speak(widget: QWidget, role: str) -> None:
    bound = widget.property(f"say_{role}")
    if bound:
        key, params = json.loads(str(bound))
        text = t(key, **params)
        getattr(widget, _SETTERS[role])(plain.tip(text) if role == "tip" else text)


def _speak_all() -> None:
    for widget in QApplication.allWidgets():
        for role in _SETTERS:
            _speak(widget, role)


languages.changed.connect(_speak_all)


class PlainLabel(QLabel):
    """A label that never reads its text as HTML. `kind` is a text style of the style sheet.

    Kinds: h2, title, strong, kpi, muted, secondary, problem, hint, link. With `elide`, a text too
    long for its place ends in an ellipsis and is whole in the tool-tip.
    """

    def __init__(
        self,
        text: str = "",
        kind: str = "",
        *,
        key: str = "",
        wrap: bool = False,
        elide: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self._whole = ""
        self._elide = elide
        if kind:
            self.setProperty("type", kind)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if not wrap:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            self.setMinimumWidth(40)
        if key:
            say(self, key)
        else:
            self.setText(text)

    def setText(self, text: str) -> None:
        """Show `text`, letter by letter."""
        self._whole = text
        self._fit()

    def whole_text(self) -> str:
        """The text before shortening."""
        return self._whole

    def _fit(self) -> None:
        if not self._elide:
            super().setText(self._whole)
            return
        line = plain.one_line(self._whole)
        shown = self.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, max(self.width(), 40))
        super().setText(shown)
        self.setToolTip(plain.tip(self._whole) if shown != line else "")

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        """Shorten for the new width."""
        super().resizeEvent(event)
        if self._elide:
            self._fit()


class IconLabel(QLabel):
    """A small picture beside a text; says nothing to a screen reader unless named."""

    def __init__(
        self,
        icon: str,
        token: str = "text3",
        size: int = 16,
        *,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setFixedSize(size, size)
        self.setAccessibleName(name)
        self.set_icon(icon, token, size)

    def set_icon(self, icon: str, token: str = "text3", size: int = 16) -> None:
        """Show another icon or colour."""
        current().bind_icon(self, icon, token, size=size)


def restyle(widget: QWidget, **properties: object) -> None:
    """Set style properties and let the style sheet look again."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)


Action = Callable[[], object]
