"""The page that stands in the window when the shop cannot be opened: why, and what to do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.errors import AppError, StoreCorruptError
from desktop.qtkit.i18n import languages, t
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.notices import error_text
from desktop.views.widgets.texts import IconLabel, PlainLabel


class ProblemPage(QWidget):
    """`on_restore` is None where no backup can be put back; its text names `backup_day`."""

    def __init__(
        self,
        error: AppError,
        *,
        on_retry: Callable[[], None],
        on_close: Callable[[], None],
        on_restore: Callable[[], None] | None = None,
        backup_day: str = "",
    ) -> None:
        super().__init__()
        self.error = error
        self._backup_day = backup_day
        column = QVBoxLayout(self)
        column.setContentsMargins(48, 48, 48, 48)
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(
            IconLabel("circle-alert", "bad", 36, parent=self), 0, Qt.AlignmentFlag.AlignHCenter
        )
        self.title = PlainLabel(kind="h2", key="app.cannot_open", wrap=True, parent=self)
        self.text = PlainLabel(kind="secondary", wrap=True, selectable=True, parent=self)
        self.text.setObjectName("problem")
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        self.close_button = Button("app.quit", on_click=on_close, parent=self)
        self.retry_button = Button("kit.retry", kind="primary", on_click=on_retry, parent=self)
        row.addWidget(self.close_button)
        if on_restore is not None:
            self.restore_button = Button("app.restore_newest", on_click=on_restore, parent=self)
            self.restore_button.setObjectName("restore")
            row.addWidget(self.restore_button)
        row.addWidget(self.retry_button)
        row.addStretch()
        column.addSpacing(8)
        column.addLayout(row)
        column.addStretch(3)
        self._has_backup = on_restore is not None
        languages.changed.connect(self._say)
        self._say()

    def _say(self) -> None:
        text = error_text(self.error)
        if self._has_backup:
            text += "\n" + t("app.backup_found", day=self._backup_day)
        elif isinstance(self.error, StoreCorruptError):
            text += "\n" + t("app.backup_none")
        self.text.setText(text)
