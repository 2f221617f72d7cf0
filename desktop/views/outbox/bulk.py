"""What can be done with several outbox items at once. Items nobody knows about are never part of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.domain.outbox import CANCELLABLE, State
from desktop.qtkit.i18n import t
from desktop.services.outbox import OutboxRow
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.panels import BulkBar
from desktop.views.widgets.standing_still import changes

STEPS = {"cancel": "undo-2", "release": "play", "retry": "rotate-cw"}


def bulk_steps(row: OutboxRow) -> frozenset[str]:
    """What may be done with this one among others."""
    item = row.item
    steps = set()
    if item.state in CANCELLABLE:
        steps.add("cancel")
    if item.state is State.HELD:
        steps.add("release")
    if item.state is State.REJECTED and not item.replaced_by:
        steps.add("retry")
    return frozenset(steps)


class OutboxBulk(BulkBar):
    """`wanted(step)`: cancel, release or retry. Shown from two selected rows on."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("outbox_bulk")
        self.buttons: dict[str, Button] = {}
        for step, icon in STEPS.items():
            button = changes(Button(f"outbox.do_{step}", icon=icon, compact=True, parent=self))
            button.clicked.connect(partial(self._want, step))
            button.setObjectName(f"bulk_{step}")
            self.buttons[step] = button
            self.add_action(button)

    def _want(self, step: str, _checked: bool = False) -> None:
        self.wanted.emit(step)

    def show_selected(self, rows: Sequence[OutboxRow]) -> None:
        """Offer what fits at least one of these, each with how many it fits."""
        self.set_count(len(rows) if len(rows) > 1 else 0)
        for step, button in self.buttons.items():
            fits = sum(step in bulk_steps(row) for row in rows)
            button.setVisible(fits > 0)
            button.setText(t("outbox.bulk_button", what=t(f"outbox.do_{step}"), n=fits))
