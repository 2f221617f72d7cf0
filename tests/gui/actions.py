"""A window's actions that only remember what they were asked."""

from __future__ import annotations

from typing import Any

from desktop.app.config import AppSettings
from desktop.qtkit import i18n, theme
from desktop.views.window_actions import WindowActions


class Asked:
    """`actions` for a page; `log` tells what was asked; preferences are applied like the window does."""

    def __init__(self, *, is_demo: bool = False) -> None:
        self.log: list[Any] = []
        self.settings = AppSettings()
        self.actions = WindowActions(
            try_demo=lambda: self.log.append("try"),
            leave_demo=lambda: self.log.append("leave"),
            erase_demo=lambda: self.log.append("erase"),
            preferences=lambda: self.settings,
            prefer=self.prefer,
            quit=lambda: self.log.append("quit"),
            is_demo=is_demo,
        )

    def prefer(self, **changes: Any) -> None:
        self.log.append(changes)
        self.settings = self.settings.with_(**changes)
        if "language" in changes:
            i18n.set_language(self.settings.language)
        if "theme" in changes:
            theme.current().set_choice(self.settings.theme)
        if "text_scale" in changes:
            theme.current().set_text_scale(self.settings.text_scale)
