"""What the drawers of ways in have in common: where a thing stands, and the buttons that ask the page."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.qtkit.i18n import label
from desktop.services.platform_edits import Standing
from desktop.views.ways.columns import TONES, standing_text
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.chips import StateChip
from desktop.views.widgets.panels import SidePanel
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import PlainLabel

WIDTH = 420
DECIDED_IN_OUTBOX = (Standing.ASKS, Standing.CHECKING)


class EntryDrawer(SidePanel):
    """`edit_asked`, `delete_asked`, `back_asked` (take back what waits), `outbox_asked` ask the page.

    `name` ends the names of its widgets: way, welcome.
    """

    edit_asked = Signal()
    delete_asked = Signal()
    back_asked = Signal()
    outbox_asked = Signal()

    def __init__(self, host: QWidget, name: str) -> None:
        super().__init__(host, width=WIDTH)
        self.setObjectName(f"{name}_panel")
        self.chip = StateChip(parent=self)
        self.chip.setObjectName(f"{name}_standing")
        self.known = PlainLabel("", "secondary", wrap=True, parent=self)
        self.known.setObjectName(f"{name}_known")
        line = QHBoxLayout()
        line.addWidget(self.chip)
        line.addStretch(1)
        self.body.addLayout(line)
        self.body.addWidget(self.known)
        self._build_foot(name)

    def _build_foot(self, name: str) -> None:
        self.foot.setSpacing(8)
        self.back = changes(
            Button("ways.take_back", icon="undo-2", on_click=self.back_asked.emit, parent=self)
        )
        self.outbox = Button("ways.see_outbox", on_click=self.outbox_asked.emit, parent=self)
        self.delete = changes(
            Button("ways.delete", icon="trash-2", on_click=self.delete_asked.emit, parent=self)
        )
        self.edit = changes(
            Button("ways.edit", icon="pencil", kind="primary", on_click=self.edit_asked.emit, parent=self)
        )
        self.foot.addStretch(1)
        for button, button_name in (
            (self.back, "take_back"),
            (self.outbox, "see_outbox"),
            (self.delete, f"delete_{name}"),
            (self.edit, f"edit_{name}"),
        ):
            button.setObjectName(button_name)
            self.foot.addWidget(button)

    def show_standing(
        self, standing: Standing, reason: str, *, can_take_back: bool, is_listed: bool = False
    ) -> None:
        """Where it stands, and what may be done about it; `is_listed`: a pull finds what was made."""
        self.chip.show_state(label("standing", standing.value), TONES[standing])
        self.known.setText(standing_text(standing, reason, is_listed=is_listed))
        is_linked = standing is not Standing.UNLINKED
        self.edit.setVisible(is_linked)
        self.delete.setVisible(is_linked or not is_listed)
        self.back.setVisible(can_take_back and standing not in DECIDED_IN_OUTBOX)
        self.outbox.setVisible(standing in DECIDED_IN_OUTBOX)
