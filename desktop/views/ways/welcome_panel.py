"""A welcome's drawer: what newcomers read, its picture, and what of it waits for the platform."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.qtkit.i18n import label, t
from desktop.qtkit.theme import current
from desktop.services.platform_edits import Standing
from desktop.services.welcomes import WelcomeRow
from desktop.views.ways.columns import TONES, standing_text
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.chips import StateChip
from desktop.views.widgets.panels import SidePanel, heading
from desktop.views.widgets.texts import PlainLabel

WIDTH = 420
PICTURE_WIDTH = 200


class WelcomePanel(SidePanel):
    """`edit_asked`, `delete_asked`, `back_asked` (take back what waits), `outbox_asked` ask the page."""

    edit_asked = Signal()
    delete_asked = Signal()
    back_asked = Signal()
    outbox_asked = Signal()

    def __init__(self, host: QWidget, path_of: Callable[[str], Path]) -> None:
        super().__init__(host, width=WIDTH)
        self.setObjectName("welcome_panel")
        self._path_of = path_of
        self.row: WelcomeRow | None = None
        self.chip = StateChip(parent=self)
        self.chip.setObjectName("welcome_standing")
        self.known = PlainLabel("", "secondary", wrap=True, parent=self)
        self.how = PlainLabel("", "muted", wrap=True, key="ways.welcome_how", parent=self)
        line = QHBoxLayout()
        line.addWidget(self.chip)
        line.addStretch(1)
        self.body.addLayout(line)
        self.body.addWidget(self.known)
        self.text, self.picture, frame = self._said("welcome_now")
        self.body.addWidget(frame)
        self.waiting_title = heading("ways.waiting_title", self)
        self.body.addWidget(self.waiting_title)
        self.waiting, self._waiting_picture, self._waiting_box = self._said("welcome_waiting")
        self.body.addWidget(self._waiting_box)
        self.body.addWidget(self.how)
        self.body.addStretch(1)
        self._build_foot()

    def _said(self, name: str) -> tuple[PlainLabel, PlainLabel, QFrame]:
        frame = QFrame(self)
        frame.setProperty("surface", "inset")
        column = QVBoxLayout(frame)
        column.setContentsMargins(14, 12, 14, 12)
        text = PlainLabel("", wrap=True, parent=frame)
        text.setObjectName(name)
        picture = PlainLabel(parent=frame)
        column.addWidget(text)
        column.addWidget(picture, 0, Qt.AlignmentFlag.AlignLeft)
        return text, picture, frame

    def _build_foot(self) -> None:
        self.foot.setSpacing(8)
        self.back = Button("ways.take_back", icon="undo-2", on_click=self.back_asked.emit, parent=self)
        self.outbox = Button("ways.see_outbox", on_click=self.outbox_asked.emit, parent=self)
        self.delete = Button("ways.delete", icon="trash-2", on_click=self.delete_asked.emit, parent=self)
        self.edit = Button(
            "ways.edit", icon="pencil", kind="primary", on_click=self.edit_asked.emit, parent=self
        )
        self.foot.addStretch(1)
        for button, name in (
            (self.back, "take_back"),
            (self.outbox, "see_outbox"),
            (self.delete, "delete_welcome"),
            (self.edit, "edit_welcome"),
        ):
            button.setObjectName(name)
            self.foot.addWidget(button)

    def show_welcome(self, row: WelcomeRow) -> None:
        """Show a welcome."""
        self.row = row
        self.chip.show_state(label("standing", row.standing.value), TONES[row.standing])
        self.known.setText(standing_text(row.standing, row.reason))
        self.text.setText(row.draft.text)
        self._show_picture(self.picture, row.draft.media[0].sha256 if row.draft.media else "")
        for widget in (self.waiting_title, self._waiting_box):
            widget.setVisible(row.waiting is not None)
        if row.waiting is not None:
            self.waiting.setText(row.waiting.text)
            media = row.waiting.media
            self._show_picture(self._waiting_picture, media[0].sha256 if media else "")
        self.back.setVisible(bool(row.items) and row.standing not in (Standing.ASKS, Standing.CHECKING))
        self.outbox.setVisible(row.standing in (Standing.ASKS, Standing.CHECKING))
        self.open_panel(t("ways.welcome"))

    def _show_picture(self, place: PlainLabel, sha256: str) -> None:
        picture = QPixmap(str(self._path_of(sha256))) if sha256 else QPixmap()
        place.setVisible(not picture.isNull())
        if not picture.isNull():
            width = current().px(PICTURE_WIDTH)
            place.setPixmap(picture.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation))
