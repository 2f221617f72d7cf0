"""What waits in the outbox, what nobody knows about, what was missed: each a way into the outbox."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.qtkit.formats import Formats
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.texts import IconLabel, PlainLabel, restyle

# What a line counts, its icon, and its tone once there is something to count.
LINES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "unknown": (("unknown",), "circle-question-mark", "bad"),
    "waiting": (("confirmed", "queued", "in_flight"), "clock", "primary"),
    "held": (("held",), "pause", "warn"),
    "rejected": (("rejected",), "circle-x", "bad"),
    "missed": (("missed",), "timer-off", "warn"),
}
ONLY_WHEN_SOME = frozenset({"held", "rejected"})


class OutboxLine(QWidget):
    """One kind of item with its count; the button opens the list."""

    def __init__(self, name: str, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.icon = IconLabel(icon, parent=self)
        self.name = PlainLabel(key=f"sync_page.outbox_{name}", parent=self)
        self.count = PlainLabel("–", "strong", parent=self)
        self.count.setObjectName(f"outbox_{name}")
        self.open_button = Button("sync_page.look", kind="link", parent=self)
        self.open_button.setObjectName(f"open_{name}")
        row.addWidget(self.icon)
        row.addWidget(self.name)
        row.addStretch()
        row.addWidget(self.count)
        row.addWidget(self.open_button)

    def show_count(self, count: int, text: str, tone: str) -> None:
        """Show how many there are; quiet at none."""
        self.count.setText(text)
        restyle(self.count, tone=tone if count else None)
        self.icon.set_icon(self._icon_name, tone if count else "text3")
        self.open_button.setVisible(bool(count))
        self.open_button.setAccessibleName(f"{self.name.text()}: {self.open_button.text()}")


class OutboxCard(Card):
    """`opened(state)`: which items the operator wants to see; "" for all."""

    opened = Signal(str)

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__("sync_page.outbox", parent=parent)
        self._formats = formats
        self.lines: dict[str, OutboxLine] = {}
        for name, (states, icon, _tone) in LINES.items():
            line = OutboxLine(name, icon, self)
            wish = states[0] if len(states) == 1 else ""
            line.open_button.clicked.connect(lambda _checked=False, wish=wish: self.opened.emit(wish))
            self.lines[name] = line
            self.add(line)
        self.hint = PlainLabel(kind="hint", key="sync_page.outbox_hint", wrap=True, parent=self)
        self.add(self.hint)
        self.all_button = Button(
            "sync_page.outbox_open", icon="send", on_click=lambda: self.opened.emit(""), parent=self
        )
        self.all_button.setObjectName("open_outbox")
        self.body.addStretch()
        self.add(self.all_button)

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Show items by state."""
        for name, (states, _icon, tone) in LINES.items():
            count = sum(counts.get(state, 0) for state in states)
            self.lines[name].show_count(count, self._formats.count(count), tone)
            if name in ONLY_WHEN_SOME:
                self.lines[name].setVisible(count > 0)
