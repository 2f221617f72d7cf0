"""Notices: short messages in a corner, one a subject, counted when they repeat, some with an undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.clock import Clock
from desktop.domain.errors import AppError
from desktop.qtkit.i18n import has, t
from desktop.views.widgets.buttons import Button, IconButton
from desktop.views.widgets.texts import IconLabel, PlainLabel

SHOWN_MS = 5_000
UNDO_MS = 8_000
KEPT = 50
LOOKS = {
    "info": ("circle-check", "good"),
    "warn": ("triangle-alert", "warn"),
    "error": ("circle-alert", "bad"),
}


@dataclass(frozen=True)
class Notice:
    """One message. `key` is its subject: a second one of the same subject replaces it and counts up."""

    key: str
    level: str
    text: str
    at_ms: int
    count: int = 1
    action: str = ""
    on_action: Callable[[], object] | None = None
    shown_ms: int = UNDO_MS  # with an action; without one it is shorter

    @property
    def worded(self) -> str:
        """The text with how often it came."""
        return self.text if self.count == 1 else t("kit.notice_again", text=self.text, n=self.count)


def error_text(error: AppError) -> str:
    """One known error in the operator's language: cause, what happened to the data, next step."""
    key = f"error.{error.code}"
    params: dict[str, object] = {"detail": "", **error.params}
    return t(key, **params) if has(key) else t("error.unexpected", **{**params, "detail": error.code})


class Notices(QObject):
    """What the operator was told. Errors stay until dismissed; the rest leaves the corner by itself."""

    posted = Signal(object)  # Notice
    changed = Signal()

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.kept: list[Notice] = []
        self.unread = 0

    def info(self, key: str, **params: object) -> None:
        """Say that something was done."""
        self._post("info", key, t(key, **params))

    def warn(self, key: str, **params: object) -> None:
        """Say that something wants a look."""
        self._post("warn", key, t(key, **params))

    def error(self, key: str, **params: object) -> None:
        """Say that something failed, by a wording key."""
        self._post("error", key, t(key, **params))

    def failed(self, error: AppError) -> None:
        """Say a known error in its own words."""
        self._post("error", f"error.{error.code}", error_text(error))

    def undoable(self, key: str, undo: Callable[[], object], **params: object) -> None:
        """Say that something was done, with a button that takes it back."""
        self._post("info", key, t(key, **params), "kit.undo", undo)

    def held(self, shown_ms: int, key: str, undo: Callable[[], object], **params: object) -> None:
        """As undoable, shown for as long as taking back works."""
        self._post("info", key, t(key, **params), "kit.undo", undo, shown_ms)

    def offer(self, level: str, key: str, text: str, action: str, on_action: Callable[[], object]) -> None:
        """Any message with a button; `text` is already worded, `action` a wording key."""
        self._post(level, key, text, action, on_action)

    def clear(self) -> None:
        """Forget all of them."""
        self.kept.clear()
        self.read()

    def read(self) -> None:
        """They have been seen."""
        self.unread = 0
        self.changed.emit()

    def _post(
        self,
        level: str,
        key: str,
        text: str,
        action: str = "",
        on_action: Callable[[], object] | None = None,
        shown_ms: int = UNDO_MS,
    ) -> None:
        notice = Notice(key, level, text, self._clock.now_ms(), 1, action, on_action, shown_ms)
        before = next((old for old in self.kept if old.key == key and old.level == level), None)
        if before is not None:
            self.kept.remove(before)
            if level != "info":
                notice = replace(notice, count=before.count + 1)
        self.kept.insert(0, notice)
        del self.kept[KEPT:]
        self.unread += 1
        self.posted.emit(notice)
        self.changed.emit()


class Toast(QFrame):
    """One notice in the corner."""

    closed = Signal(object)

    def __init__(self, notice: Notice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = notice
        self.setProperty("surface", "toast")
        self.setFixedWidth(380)
        icon, token = LOOKS[notice.level]
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 6, 8)
        row.setSpacing(10)
        row.addWidget(IconLabel(icon, token, 18, parent=self))
        self.text = PlainLabel(notice.worded, wrap=True, parent=self)
        row.addWidget(self.text, 1)
        if notice.action:
            button = Button(notice.action, kind="link", on_click=self._act, parent=self)
            button.setObjectName("action")
            row.addWidget(button)
        close = IconButton("x", "kit.close", size=16, on_click=self.dismiss, parent=self)
        close.setFixedSize(24, 24)
        row.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        self._resume()

    def dismiss(self) -> None:
        """Leave the corner."""
        self._timer.stop()
        self.hide()
        self.closed.emit(self)

    def _act(self) -> None:
        action = self.notice.on_action
        self.dismiss()
        if action is not None:
            action()

    def _resume(self) -> None:
        if self.notice.level != "error":
            self._timer.start(self.notice.shown_ms if self.notice.action else SHOWN_MS)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay while the pointer rests on it."""
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Count down again."""
        if self.isVisible():
            self._resume()


class ToastStack(QWidget):
    """The corner where notices show, at most four; sits over the window it is given."""

    LIMIT = 4

    def __init__(self, notices: Notices, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.toasts: list[Toast] = []
        window.installEventFilter(self)
        notices.posted.connect(self.show_notice)
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        """Show one, in place of an older one of its subject."""
        for old in [toast for toast in self.toasts if toast.notice.key == notice.key]:
            old.dismiss()
        for old in self.toasts[: max(0, len(self.toasts) - self.LIMIT + 1)]:
            old.dismiss()
        toast = Toast(notice, self)
        toast.closed.connect(self._drop)
        self.toasts.append(toast)
        self._column.addWidget(toast)
        toast.show()
        self._place()

    def clear(self) -> None:
        """Take all away."""
        for toast in list(self.toasts):
            toast.dismiss()

    def _drop(self, toast: Toast) -> None:
        if toast in self.toasts:
            self.toasts.remove(toast)
            self._column.removeWidget(toast)
            toast.deleteLater()
        self._place()

    def _place(self) -> None:
        self.setVisible(bool(self.toasts))
        self.adjustSize()
        self.move(self._window.width() - self.width() - 24, self._window.height() - self.height() - 24)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep to the corner when the window is resized."""
        if event.type() == QEvent.Type.Resize and self.toasts:
            self._place()
        return False
