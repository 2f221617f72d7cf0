"""One thing that went out, in a drawer: its text, who and when, how far it got, and what proves it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.sent_history import Sent
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t
from desktop.views.sent.words import made, proof, reached, state, title
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.chips import StateChip
from desktop.views.widgets.panels import SidePanel, heading
from desktop.views.widgets.texts import PlainLabel, say

WIDTH = 440
PART = 16
MAY_BREAK = "\u200b"
FACTS = (
    "when", "made", "who", "account", "reached", "staff", "proof", "platform_id", "bytes", "sha256",
)  # fmt: skip


def breakable(text: str) -> str:
    """A long id or hash that may go on in the next line."""
    return MAY_BREAK.join(text[at : at + PART] for at in range(0, len(text), PART))


class SentPanel(SidePanel):
    """`item_asked(uid)`: the outbox item behind it is wanted."""

    item_asked = Signal(str)

    def __init__(self, host: QWidget, formats: Formats) -> None:
        super().__init__(host, width=WIDTH)
        self.setObjectName("sent_panel")
        self._formats = formats
        self._sent: Sent | None = None
        head = QHBoxLayout()
        self.kind = PlainLabel("", "strong", parent=self)
        self.chip = StateChip(parent=self)
        head.addWidget(self.kind)
        head.addStretch()
        head.addWidget(self.chip)
        self.body.addLayout(head)
        frame = QFrame(self)
        frame.setProperty("surface", "inset")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(12, 10, 12, 10)
        self.text = PlainLabel("", wrap=True, selectable=True, parent=frame)
        self.text.setObjectName("sent_text")
        inside.addWidget(self.text)
        self._frame = frame
        self.body.addWidget(frame)
        self.body.addWidget(heading("sent.facts", self))
        self.body.addWidget(self._build_facts())
        self.body.addStretch()
        self.copy = Button("sent.copy", icon="copy", on_click=self._copy, parent=self)
        self.copy.setObjectName("copy")
        self.open = Button("sent.open_item", icon="arrow-right", on_click=self._ask_item, parent=self)
        self.open.setObjectName("open_item")
        self.foot.setSpacing(8)
        self.foot.addStretch()
        self.foot.addWidget(self.copy)
        self.foot.addWidget(self.open)

    def _build_facts(self) -> QWidget:
        box = QWidget(self)
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        self.facts: dict[str, PlainLabel] = {}
        for row, name in enumerate(FACTS):
            named = PlainLabel(kind="muted", key=f"sent.column.{name}", parent=box)
            grid.addWidget(named, row, 0, Qt.AlignmentFlag.AlignTop)
            value = PlainLabel("", wrap=True, selectable=True, parent=box)
            value.setObjectName(f"fact_{name}")
            self.facts[name] = value
            grid.addWidget(value, row, 1)
        return box

    def show_sent(self, sent: Sent) -> None:
        """Show one thing that went out."""
        self._sent = sent
        formats = self._formats
        self.kind.setText(label("write_kind", sent.kind))
        self.chip.show_state(*state(sent))
        self.text.setText(sent.text or sent.title)
        self._frame.setVisible(bool(sent.text or sent.title))
        staff = "—"
        if sent.staff_asked is not None:
            staff = t("sent.staff_confirmed", n=sent.staff_confirmed or 0, of=sent.staff_asked)
        values = {
            "when": formats.moment(sent.at, seconds=True),
            "made": made(sent),
            "who": sent.who or t("sent.nobody"),
            "account": sent.account_name,
            "reached": reached(sent, formats)
            + (t("sent.not_reached", n=formats.count(sent.failed)) if sent.failed else ""),
            "staff": staff,
            "proof": proof(sent),
            "platform_id": breakable(sent.platform_id) or "—",
            "bytes": "—" if sent.bytes is None else formats.count(sent.bytes),
            "sha256": breakable(sent.sha256) or "—",
        }
        for name, text in values.items():
            self.facts[name].setText(text)
        self.open.setVisible(sent.is_ours)
        say(self.copy, "sent.copy")
        self.open_panel(title(sent))

    def _copy(self) -> None:
        if self._sent is None:
            return
        lines = [self.kind.text(), self.text.text()]
        lines += [f"{t(f'sent.column.{name}')}: {value.text()}" for name, value in self.facts.items()]
        text = "\n".join(line for line in lines if line)
        QGuiApplication.clipboard().setText(text.replace(MAY_BREAK, ""))
        say(self.copy, "sent.copied")

    def _ask_item(self) -> None:
        if self._sent is not None:
            self.item_asked.emit(self._sent.key)
