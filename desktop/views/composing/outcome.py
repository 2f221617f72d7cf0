"""What became of something confirmed: where it stands, figures, what is known, and each recipient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.domain.outbox import State
from desktop.domain.outbox_items import Delivery, DeliveryCounts
from desktop.domain.progress import Progress
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, languages, t
from desktop.qtkit.theme import current
from desktop.services.outbox import OutboxDetail, OutboxService
from desktop.views.widgets.cards import Card
from desktop.views.widgets.chips import StateChip
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel
from desktop.wording.sentences import known_text, next_text

UNDECIDED = (State.UNKNOWN, State.IN_FLIGHT)
DETAILED = 20  # items whose recipients are read
PROGRESS_TONES = {
    Progress.DRAFT: "neutral",
    Progress.HOLDING: "warn",
    Progress.SCHEDULED: "primary",
    Progress.WAITING_SYNC: "primary",
    Progress.SENDING: "info",
    Progress.UNKNOWN: "bad",
    Progress.HELD: "warn",
    Progress.WAITING_STAFF: "info",
    Progress.SENT: "good",
    Progress.PARTLY_SENT: "warn",
    Progress.MISSED: "bad",
    Progress.REJECTED: "bad",
    Progress.CANCELLED: "neutral",
}
DELIVERY_TONES = {
    "sent": "good",
    "waiting_staff": "info",
    "planned": "neutral",
    "unknown": "warn",
}
SHARES = (("sent", "good"), ("waiting", "info"), ("unknown", "warn"), ("failed", "bad"))


def progress_tone(progress: Progress) -> str:
    """The colour of a progress word."""
    return PROGRESS_TONES[progress]


def delivery_tone(delivery: Delivery) -> str:
    """The colour of a recipient's status."""
    return DELIVERY_TONES.get(delivery.status, "bad")


@dataclass(frozen=True)
class Outcome:
    """Items of the last round with their recipients."""

    items: Sequence[OutboxDetail]

    @property
    def hold_until(self) -> int:
        """Until when withdrawing brings the draft back (UTC ms)."""
        return max((detail.row.item.hold_until for detail in self.items), default=0)

    @property
    def recipients(self) -> list[Delivery]:
        """All recipients that were read."""
        return [delivery for detail in self.items for delivery in known_recipients(detail)]

    def counted(self, counts: DeliveryCounts) -> DeliveryCounts:
        """The counts, with those of unknown items among the unknown rather than the waiting."""
        open_ones = sum(d.row.deliveries.planned for d in self.items if d.row.item.state in UNDECIDED)
        return replace(counts, planned=counts.planned - open_ones, unknown=counts.unknown + open_ones)


def known_recipients(detail: OutboxDetail) -> list[Delivery]:
    """The recipients; of an item whose outcome is open, "not sent yet" would claim too much."""
    if detail.row.item.state not in UNDECIDED:
        return list(detail.recipients)
    return [replace(d, status="unknown") if d.status == "planned" else d for d in detail.recipients]


async def outcome_of(outbox: OutboxService, entity: str, entity_id: int) -> Outcome:
    """Read the items of a post or drop that still count."""
    rows = await outbox.of_entity(entity, entity_id)
    living = [r for r in rows if not (r.item.replaced_by or r.item.state == "cancelled")] or rows
    return Outcome([await outbox.detail(row.item.uid) for row in living[:DETAILED]])


class ShareBar(QWidget):
    """One bar parted by what became of the recipients."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parts: list[tuple[int, str]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_parts(self, parts: Sequence[tuple[int, str]]) -> None:
        """Counts with their tones."""
        self._parts = [part for part in parts if part[0]]
        self.update()

    def sizeHint(self) -> QSize:
        """A flat line."""
        return QSize(200, 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Parts side by side with a gap of two."""
        theme, total = current(), sum(count for count, _ in self._parts)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("sunken"))
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        left = 0.0
        for count, tone in self._parts:
            width = self.width() * count / total
            painter.setBrush(theme.color(tone))
            painter.drawRoundedRect(QRectF(left, 0, max(width - 2, 4), self.height()), 4, 4)
            left += width
        painter.end()


class CountRow(QWidget):
    """Figures side by side: a number over its name."""

    def __init__(self, names: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(24)
        self.values: dict[str, PlainLabel] = {}
        for name in names:
            column = QVBoxLayout()
            column.setSpacing(0)
            self.values[name] = PlainLabel("0", "h2", parent=self)
            self.values[name].setObjectName(f"count_{name}")
            column.addWidget(self.values[name])
            column.addWidget(PlainLabel(kind="muted", key=f"composing.count_{name}", parent=self))
            row.addLayout(column)
        row.addStretch()


class OutcomeCard(Card):
    """Where a confirmed post or drop stands. `held_over()` comes when withdrawing is over."""

    held_over = Signal()

    def __init__(self, formats: Formats, parent: QWidget) -> None:
        super().__init__("composing.outcome", parent=parent)
        self.setObjectName("outcome")
        self._formats = formats
        self._hold_until = 0
        self.chip = StateChip(parent=self)
        self.add_tool(self.chip)
        self.counts = CountRow([name for name, _ in SHARES], self)
        self.bar = ShareBar(self)
        self.known = PlainLabel("", wrap=True, parent=self)
        self.known.setObjectName("known")
        self.next = PlainLabel("", "muted", wrap=True, parent=self)
        self.extra = PlainLabel("", "strong", wrap=True, parent=self)
        self.extra.setObjectName("extra")
        self.extra.hide()
        self.countdown = PlainLabel("", "strong", wrap=True, parent=self)
        self.countdown.setObjectName("countdown")
        for widget in (self.counts, self.bar, self.countdown, self.extra, self.known, self.next):
            self.add(widget)
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._count_down)

    def show_outcome(self, progress: Progress, counts: DeliveryCounts, outcome: Outcome) -> None:
        """Figures, sentences, and the countdown while it can be withdrawn."""
        self.chip.show_state(label("progress", progress.value), progress_tone(progress))
        counts = outcome.counted(counts)
        for name, _ in SHARES:
            self.counts.values[name].setText(self._formats.count(getattr(counts, name)))
        self.bar.show_parts([(getattr(counts, name), tone) for name, tone in SHARES])
        said = dict.fromkeys(
            known_text(languages.wording, detail.row.known, self._formats.zone) for detail in outcome.items
        )
        lines = list(said)[:4]
        if len(outcome.items) > 1:
            lines.insert(0, t("composing.tasks", n=len(outcome.items)))
        self.known.setText("\n".join(lines))
        steps = dict.fromkeys(
            next_text(languages.wording, detail.row.next_step, self._formats.zone)
            for detail in outcome.items
        )
        self.next.setText(t("composing.next", text=" ".join(list(steps)[:2])) if steps else "")
        self._hold_until = outcome.hold_until if progress is Progress.HOLDING else 0
        self.countdown.setVisible(bool(self._hold_until))
        if self._hold_until:
            self._count_down()
            self._tick.start()
        else:
            self._tick.stop()

    def show_extra(self, words: str) -> None:
        """One more line of what is known, already worded; '' for none."""
        self.extra.setText(words)
        self.extra.setVisible(bool(words))

    def stop(self) -> None:
        """Count down no more."""
        self._tick.stop()

    def _count_down(self) -> None:
        left = (self._hold_until - self._formats.clock.now_ms()) / 1000
        if left > 0:
            self.countdown.setText(t("composing.can_withdraw", n=max(1, round(left))))
            return
        self._tick.stop()
        self.countdown.hide()
        self.held_over.emit()


class RecipientsCard(Card):
    """Who gets it, and what became of each."""

    def __init__(self, title: str, formats: Formats, parent: QWidget) -> None:
        super().__init__(title, parent=parent)
        self.model = RowTableModel(recipient_columns(), formats)
        self.table = DataTable(self.model, name=title, parent=self)
        self.table.setObjectName("recipients")
        self.model.setParent(self.table)
        self.note = PlainLabel("", "muted", wrap=True, parent=self)
        self.add(self.table)
        self.add(self.note)

    def show_recipients(self, recipients: Sequence[Delivery], total: int) -> None:
        """The recipients read, and how many there are."""
        self.model.set_rows(recipients)
        self.table.fit_height(min(max(len(recipients), 1), 12))
        if len(recipients) > 12:
            self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        more = total - len(recipients)
        self.note.setText(t("composing.more_recipients", n=f"{more:,}") if more > 0 else "")
        self.note.setVisible(more > 0)


def recipient_columns() -> list[Column]:
    """Name, status and moment of one recipient."""
    return [
        Column(
            "name", "composing.column_name", lambda d: d.name or d.target_external_id, Kind.PERSON,
            width=200, stretch=True, sortable=False,
        ),
        Column(
            "status", "composing.column_status", lambda d: d.status, Kind.STATE, width=190, sortable=False,
            display=lambda d: label("delivery_status", d.status), tone=delivery_tone,
        ),
        Column("sent_at", "composing.column_sent", lambda d: d.sent_at, Kind.MOMENT, width=150, sortable=False),
    ]  # fmt: skip
