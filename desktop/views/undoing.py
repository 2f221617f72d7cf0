"""Done, with a way back: a notice whose button takes the last command of a kind back."""

from __future__ import annotations

from typing import Protocol

from desktop.qtkit.tasks import TaskScope
from desktop.services.backups import OperationRow
from desktop.views.widgets.notices import Notices


class OperationLog(Protocol):
    """What undoing needs of the service that keeps the log."""

    async def operations(self, *, limit: int = 100, offset: int = 0, kind: str = "") -> list[OperationRow]:
        """Commands, newest first."""
        ...

    async def undo(self, uid: str) -> OperationRow:
        """Take one command back."""
        ...


class Undo:
    """Offers to take back what was just done; runs in the scope of the page that did it."""

    def __init__(self, log: OperationLog, notices: Notices, scope: TaskScope) -> None:
        self._log = log
        self._notices = notices
        self._scope = scope

    async def offer(self, kind: str, key: str, /, **params: object) -> None:
        """Say `key`, with a button that undoes the newest operation of `kind`. Await right after it."""
        newest = await self._log.operations(limit=1, kind=kind)
        if not newest or not newest[0].can_undo:
            self._notices.info(key, **params)
            return
        uid = newest[0].uid
        self._notices.undoable(
            key, lambda: self._scope.spawn(self._take_back(uid), name=f"undo {uid}"), **params
        )

    async def _take_back(self, uid: str) -> None:
        await self._log.undo(uid)
        self._notices.info("fans.undone")
