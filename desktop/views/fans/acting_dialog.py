"""A dialog that acts while it stays open, and says in itself what went wrong."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop.domain.errors import AppError
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.views.widgets.notices import error_text
from desktop.views.widgets.texts import PlainLabel


class ActingDialog(MessageDialog):
    """Closed by its one button. `problem` is placed by whoever lays the dialog out; `name` is of the tasks."""

    def __init__(self, parent: QWidget, title: str, text: str, scope: TaskScope, name: str) -> None:
        super().__init__(parent, title, text, accept=t("kit.close"))
        self.cancel_button.hide()
        self._scope, self._name = scope, name
        self.problem = PlainLabel("", "problem", wrap=True, parent=self)
        self.problem.hide()

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Act, and say in the dialog what went wrong."""
        self._scope.spawn(self._guarded(work), name=self._name, replace=False)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        problem = ""
        try:
            await work
        except AppError as error:  # said where the operator looks, not behind the dialog
            problem = error_text(error)
        if isValid(self):
            self.problem.setText(problem)
            self.problem.setVisible(bool(problem))
