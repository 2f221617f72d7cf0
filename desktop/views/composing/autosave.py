"""Keeps what is typed: within a second of the first unsaved change, when asked, and before the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.domain.errors import AppError
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope

WAIT_MS = 600


def saved_words(formats: Formats, saved_at: int | None) -> str:
    """When the draft was kept: the time of day, with the date when that was not today."""
    if saved_at is None:
        return t("composing.not_saved_yet")
    moment = formats.moment(saved_at, seconds=True)
    is_today = formats.day(saved_at) == formats.day(formats.clock.now_ms())
    return t("composing.saved_at", time=moment[-8:] if is_today else moment)


class Autosave(QObject):
    """`save` writes the present content; it never runs twice at once.

    `saved()` comes after each write. A write that failed is tried again with the next change, or when
    asked; `failed(error)` tells of it.
    """

    saved = Signal()
    failed = Signal(object)

    def __init__(self, save: Callable[[], Awaitable[None]], parent: QObject) -> None:
        super().__init__(parent)
        self._save = save
        self._dirty = False
        self._lock = asyncio.Lock()
        self.scope: TaskScope | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self.flush)

    @property
    def is_dirty(self) -> bool:
        """Whether something is not kept yet."""
        return self._dirty

    def touch(self) -> None:
        """Something changed. Further changes do not put the save off."""
        self._dirty = True
        if not self._timer.isActive():
            self._timer.start()

    def forget(self) -> None:
        """What is unsaved is of no more interest: another content is shown."""
        self._timer.stop()
        self._dirty = False

    def flush(self) -> None:
        """Save now, in the background."""
        self._timer.stop()
        if self._dirty and self.scope is not None:
            self.scope.spawn(self._background(), name="autosave", replace=False)

    async def settle(self) -> None:
        """Save now and wait for it. Raises AppError when it could not be saved."""
        self._timer.stop()
        async with self._lock:
            while self._dirty:
                self._dirty = False
                try:
                    await self._save()
                except BaseException:
                    self._dirty = True
                    raise
                self.saved.emit()

    async def _background(self) -> None:
        try:
            await self.settle()
        except AppError as error:
            self.failed.emit(error)
