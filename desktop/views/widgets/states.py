"""What stands where data would: reading, nothing yet, no match, an error with a way on; and banners."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.views.widgets.buttons import Button, IconButton
from desktop.views.widgets.texts import Action, IconLabel, PlainLabel, say


class Placeholder(QWidget):
    """An icon, one sentence, perhaps one more, and at most one button; centred."""

    def __init__(
        self,
        icon: str,
        title: str,
        text: str = "",
        *,
        action: str = "",
        on_action: Action | None = None,
        token: str = "text3",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 32, 24, 32)
        column.setSpacing(8)
        column.addStretch()
        self.icon = IconLabel(icon, token, 32, parent=self)
        self.title = PlainLabel(kind="title", wrap=True, parent=self)
        self.text = PlainLabel(kind="secondary", wrap=True, parent=self)
        self.text.setMaximumWidth(460)
        self.button = Button(kind="primary", on_click=on_action, parent=self)
        column.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignHCenter)
        for line in (self.title, self.text):
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(line, 8)
            row.addStretch(1)
            column.addLayout(row)
        column.addSpacing(6)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        say(self.title, title)
        if text:
            say(self.text, text)
        if action:
            say(self.button, action)
        self.text.setVisible(bool(text))
        self.button.setVisible(bool(action))

    def set_text(self, text: str) -> None:
        """A second sentence that is data or already worded."""
        self.text.setProperty("say_text", None)
        self.text.setText(text)
        self.text.setVisible(bool(text))


class EmptyState(Placeholder):
    """Nothing here yet: wording keys for one sentence, one more, and the button that begins."""

    def __init__(
        self,
        title: str = "kit.empty_title",
        text: str = "",
        *,
        icon: str = "inbox",
        action: str = "",
        on_action: Action | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(icon, title, text, action=action, on_action=on_action, parent=parent)


class NoMatchState(Placeholder):
    """There is data, but the filter leaves none of it."""

    def __init__(self, on_clear: Action, parent: QWidget | None = None) -> None:
        super().__init__(
            "search-x", "kit.no_match_title", action="kit.filters_clear", on_action=on_clear, parent=parent
        )
        self.button.setProperty("kind", "")


class ErrorState(Placeholder):
    """Reading failed: what happened, and try again."""

    def __init__(self, on_retry: Action, parent: QWidget | None = None) -> None:
        super().__init__(
            "circle-alert",
            "kit.error_title",
            action="kit.retry",
            on_action=on_retry,
            token="bad",
            parent=parent,
        )
        self.button.setProperty("kind", "")
        self.button.setObjectName("retry")


class LoadingState(Placeholder):
    """Reading is under way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("loader-circle", "kit.loading", parent=parent)
        self.title.setProperty("type", "secondary")


class Banner(QFrame):
    """A line across the page that stays until it no longer holds. Tones: info, good, warn, bad."""

    _ICONS = {"info": "info", "good": "circle-check", "warn": "triangle-alert", "bad": "circle-alert"}

    def __init__(
        self, tone: str = "info", *, dismissable: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("banner", tone)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        self.icon = IconLabel(self._ICONS[tone], tone, 18, parent=self)
        self.text = PlainLabel(wrap=True, parent=self)
        self.button = Button(compact=True, parent=self)
        self.button.hide()
        self.close_button = IconButton("x", "kit.dismiss", size=16, on_click=self.hide, parent=self)
        self.close_button.setVisible(dismissable)
        row.addWidget(self.icon)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)
        row.addWidget(self.close_button)

    def show_text(self, text: str) -> None:
        """Show the banner with a text already worded."""
        self.text.setText(text)
        self.show()

    def set_action(self, key: str, on_click: Action) -> None:
        """One button at the end of the line."""
        say(self.button, key)
        self.button.clicked.connect(lambda: on_click())
        self.button.show()
