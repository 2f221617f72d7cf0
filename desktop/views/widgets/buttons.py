"""Buttons of the product: one primary a page, quiet ones beside it, ringed for the keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.qtkit.theme import current
from desktop.views.widgets.texts import Action, say

_ICON_TOKENS = {"primary": "on_primary", "danger": "bad", "link": "primary"}


class Button(QPushButton):
    """A button. `kind`: "" (bordered), primary, danger, ghost (no border), link.

    `key` is a wording key, followed through language changes; `text` is for data.
    """

    def __init__(
        self,
        key: str = "",
        *,
        text: str = "",
        icon: str = "",
        kind: str = "",
        compact: bool = False,
        on_click: Action | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self._kind = kind
        if kind:
            self.setProperty("kind", kind)
        if compact:
            self.setProperty("compact", "true")
        if key:
            say(self, key)
        if icon:
            self.set_icon(icon)
        if on_click is not None:
            self.clicked.connect(lambda: on_click())

    def set_icon(self, icon: str, token: str | None = None) -> None:
        """Show an icon before the text."""
        current().bind_icon(self, icon, token or _ICON_TOKENS.get(self._kind, "text2"), size=16)


def allow(button: QPushButton, but: str = "") -> None:
    """Let a button be used, or grey it with the reason `but` (a wording key) as its tip."""
    button.setProperty("say_tip", None)
    button.setToolTip("")
    button.setEnabled(not but)  # where the shop is only looked at, enabling greys it again with that reason
    if but:
        say(button, but, role="tip")


class IconButton(QPushButton):
    """A button with only an icon; `name` is a wording key, said by screen readers and as the tool-tip."""

    def __init__(
        self,
        icon: str,
        name: str,
        *,
        size: int = 18,
        checkable: bool = False,
        on_click: Action | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._size = size
        self.setProperty("kind", "ghost")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self.setCheckable(checkable)
        self.setFixedSize(34, 32)
        self.set_icon(icon)
        self.set_name(name)
        if on_click is not None:
            self.clicked.connect(lambda: on_click())

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        current().bind_icon(self, icon, "text2", "primary" if self.isCheckable() else "", self._size)

    def set_name(self, key: str) -> None:
        """Say another name."""
        say(self, key, role="name")
        say(self, key, role="tip")
