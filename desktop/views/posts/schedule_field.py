"""When a post goes out: with the next sync, or at a time, and how late it may still go."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from desktop.domain.posts import DEFAULT_GRACE_MINUTES
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import languages, t
from desktop.views.widgets.fields import Choice, DateTimeField
from desktop.views.widgets.texts import PlainLabel, say

GRACES = (0, 15, 30, 60, 120, 360, 1440)
HOUR_MS = 3_600_000


class ScheduleField(QWidget):
    """`edited()` follows the operator. Without a time the post goes out with the next sync."""

    edited = Signal()

    def __init__(self, formats: Formats, parent: QWidget) -> None:
        super().__init__(parent)
        self._formats = formats
        self.next_sync = QRadioButton(self)
        self.next_sync.setObjectName("next_sync")
        self.at_time = QRadioButton(self)
        self.at_time.setObjectName("at_time")
        say(self.next_sync, "composing.next_sync")
        say(self.at_time, "composing.at_time")
        group = QButtonGroup(self)
        group.addButton(self.next_sync)
        group.addButton(self.at_time)
        self.next_sync.setChecked(True)
        self.moment = DateTimeField(formats.zone, name="composing.moment", parent=self)
        self.moment.setObjectName("moment")
        self.grace = Choice(name="composing.grace", parent=self)
        self.grace.setObjectName("grace")
        self.latest = PlainLabel(kind="muted", key="composing.grace", parent=self)
        self._build()
        self.at_time.toggled.connect(self._on_choice)
        self.moment.edited.connect(self.edited)
        self.grace.chosen.connect(lambda _value: self.edited.emit())
        languages.changed.connect(self._say_graces)
        self._say_graces()
        self._show()

    def _build(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(20)
        first.addWidget(self.next_sync)
        first.addWidget(self.at_time)
        first.addStretch()
        self._timed = QWidget(self)
        rows = QVBoxLayout(self._timed)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        rows.addWidget(self.moment)
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addWidget(self.latest)
        second.addWidget(self.grace)
        second.addStretch()
        rows.addLayout(second)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(first)
        column.addWidget(self._timed)

    def scheduled_at(self) -> int | None:
        """The chosen moment (UTC ms), or None for the next sync."""
        return self.moment.ms() if self.at_time.isChecked() else None

    def grace_minutes(self) -> int:
        """How late it may go, in minutes."""
        value = self.grace.value()
        return value if isinstance(value, int) else DEFAULT_GRACE_MINUTES

    def set_value(self, scheduled_at: int | None, grace_minutes: int) -> None:
        """Show a schedule, without telling it as an edit."""
        self.blockSignals(True)
        (self.next_sync if scheduled_at is None else self.at_time).setChecked(True)
        now = self._formats.clock.now_ms()
        self.moment.set_ms(scheduled_at if scheduled_at is not None else now - now % HOUR_MS + 2 * HOUR_MS)
        self._say_graces(grace_minutes)
        self._show()
        self.blockSignals(False)

    def _on_choice(self) -> None:
        self._show()
        self.edited.emit()

    def _show(self) -> None:
        self._timed.setVisible(self.at_time.isChecked())

    def _say_graces(self, wanted: int | None = None) -> None:
        chosen = self.grace_minutes() if wanted is None else wanted
        minutes = sorted({*GRACES, chosen})
        self.grace.set_options({m: grace_words(m) for m in minutes})
        self.grace.set_value(chosen)


def grace_words(minutes: int) -> str:
    """How late, in words."""
    if minutes == 0:
        return t("composing.grace_none")
    if minutes % 60:
        return t("composing.grace_minutes", n=minutes)
    return t("composing.grace_hours", n=minutes // 60)
