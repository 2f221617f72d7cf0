"""Who waits to be let into a group: let in from here, refused in the platform's own app."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.public_accounts import RequestRow
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.chips import Chip
from desktop.views.widgets.panels import SidePanel
from desktop.views.widgets.texts import PlainLabel

WIDTH = 440


class RequestsPanel(SidePanel):
    """`accepted(uids)` is what the owner wants; `fan_asked(fan id)` opens a person."""

    accepted = Signal(object)  # list[str]
    fan_asked = Signal(int)

    def __init__(self, host: QWidget, formats: Formats) -> None:
        super().__init__(host, width=WIDTH)
        self.setObjectName("requests_panel")
        self._formats = formats
        self._rows: Sequence[RequestRow] = ()
        self._lines: list[QWidget] = []
        self.hint = PlainLabel(kind="hint", key="join_requests.by_hand", wrap=True, parent=self)
        self.body.addWidget(self.hint)
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self.body.addLayout(self._list)
        self.body.addStretch(1)
        self.all = Button(
            "join_requests.accept_all", kind="primary", icon="check-check", on_click=self._all, parent=self
        )
        self.all.setObjectName("accept_all")
        self.foot.addStretch()
        self.foot.addWidget(self.all)

    def show_requests(self, rows: Sequence[RequestRow]) -> None:
        """Show who waits, longest first."""
        self._rows = rows
        for line in self._lines:
            self._list.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [self._line(row) for row in rows]
        for line in self._lines:
            self._list.addWidget(line)
        self.all.setEnabled(bool(self._open()))
        if not rows:
            self.close_panel()

    def _open(self) -> list[str]:
        return [row.uid for row in self._rows if not row.is_deciding]

    def _all(self) -> None:
        self.accepted.emit(self._open())

    def _line(self, row: RequestRow) -> QFrame:
        frame = QFrame(self)
        frame.setProperty("surface", "inset")
        line = QHBoxLayout(frame)
        line.setContentsMargins(12, 8, 12, 8)
        words = QVBoxLayout()
        words.setSpacing(2)
        name = row.name or t("join_requests.nameless")
        words.addWidget(PlainLabel(name, "strong", elide=True, parent=frame))
        group = row.group_name or t("groups.unnamed")
        asked = t("join_requests.asked", group=group, when=self._formats.relative(row.asked_at))
        words.addWidget(PlainLabel(asked, "muted", elide=True, parent=frame))
        line.addLayout(words, 1)
        if row.fan_id is not None:
            fan_id = row.fan_id
            line.addWidget(
                Button(
                    "join_requests.fan",
                    kind="link",
                    on_click=lambda: self.fan_asked.emit(fan_id),
                    parent=frame,
                )
            )
        if row.is_deciding:
            line.addWidget(Chip("", "info", key="join_requests.deciding", parent=frame))
            return frame
        button = Button(
            "join_requests.accept",
            compact=True,
            on_click=lambda: self.accepted.emit([row.uid]),
            parent=frame,
        )
        button.setObjectName("accept_request")
        line.addWidget(button)
        return frame
