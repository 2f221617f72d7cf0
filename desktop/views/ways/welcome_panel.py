"""A welcome's drawer: what newcomers read, its picture, and what of it waits for the platform."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.services.welcomes import WelcomeRow
from desktop.views.ways.drawer import EntryDrawer
from desktop.views.widgets.panels import heading
from desktop.views.widgets.texts import PlainLabel

PICTURE_WIDTH = 200


class WelcomePanel(EntryDrawer):
    """A welcome, shown by `show_welcome`."""

    def __init__(self, host: QWidget, path_of: Callable[[str], Path]) -> None:
        super().__init__(host, "welcome")
        self._path_of = path_of
        self.row: WelcomeRow | None = None
        self.how = PlainLabel("", "muted", wrap=True, key="ways.welcome_how", parent=self)
        self.text, self.picture, frame = self._said("welcome_now")
        self.body.addWidget(frame)
        self.waiting_title = heading("ways.waiting_title", self)
        self.body.addWidget(self.waiting_title)
        self.waiting, self._waiting_picture, self._waiting_box = self._said("welcome_waiting")
        self.body.addWidget(self._waiting_box)
        self.body.addWidget(self.how)
        self.body.addStretch(1)

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

    def show_welcome(self, row: WelcomeRow) -> None:
        """Show a welcome."""
        self.row = row
        self.show_standing(row.standing, row.reason, can_take_back=bool(row.items))
        self.text.setText(row.draft.text)
        self._show_picture(self.picture, row.draft.media[0].sha256 if row.draft.media else "")
        for widget in (self.waiting_title, self._waiting_box):
            widget.setVisible(row.waiting is not None)
        if row.waiting is not None:
            self.waiting.setText(row.waiting.text)
            media = row.waiting.media
            self._show_picture(self._waiting_picture, media[0].sha256 if media else "")
        self.open_panel(t("ways.welcome"))

    def _show_picture(self, place: PlainLabel, sha256: str) -> None:
        picture = QPixmap(str(self._path_of(sha256))) if sha256 else QPixmap()
        place.setVisible(not picture.isNull())
        if not picture.isNull():
            width = current().px(PICTURE_WIDTH)
            place.setPixmap(picture.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation))
