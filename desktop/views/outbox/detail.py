"""Everything about one outward action in a drawer: the frozen text, recipients, tries, and the proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.outbox import State
from desktop.domain.outbox_items import Attempt, OutboxItem
from desktop.models.row_table import RowTableModel
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import languages, t
from desktop.services.attesting import is_message
from desktop.services.follow_ups import FollowUp
from desktop.services.outbox import OutboxDetail
from desktop.views.composing.outcome import known_recipients, recipient_columns
from desktop.views.outbox.steps import LOOKS, STEPS, first_step, shown_state, steps_of, title_of
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.chips import StateChip
from desktop.views.widgets.panels import SidePanel, heading
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel
from desktop.wording.sentences import known_text, next_text, reason_text

WIDTH = 460
ROWS_AT_ONCE = 6
OUTCOMES = {"N": "good", "U": "warn", "D": "info", None: "neutral"}


class DetailPanel(SidePanel):
    """`on_step(step, item)` is called for the buttons at the foot."""

    def __init__(
        self, host: QWidget, formats: Formats, on_step: Callable[[str, OutboxItem], object]
    ) -> None:
        super().__init__(host, width=WIDTH)
        self.setObjectName("detail")
        self._formats = formats
        self._on_step = on_step
        self._buttons: list[Button] = []
        self._attempts: list[QWidget] = []
        self._build()

    def _build(self) -> None:
        head = QHBoxLayout()
        self.chip = StateChip(parent=self)
        self.when = PlainLabel("", "muted", parent=self)
        head.addWidget(self.chip)
        head.addStretch()
        head.addWidget(self.when)
        self.body.addLayout(head)
        self.known = PlainLabel("", "strong", wrap=True, parent=self)
        self.known.setObjectName("known")
        self.next = PlainLabel("", "secondary", wrap=True, parent=self)
        self.body.addWidget(self.known)
        self.follow = PlainLabel("", "secondary", wrap=True, parent=self)
        self.follow.setObjectName("follow_up")
        self.body.addWidget(self.next)
        self.body.addWidget(self.follow)
        self.text_title = heading("outbox.text", self)
        self.body.addWidget(self.text_title)
        self.frame = frame = QFrame(self)
        frame.setProperty("surface", "inset")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(12, 10, 12, 10)
        self.text = PlainLabel("", wrap=True, selectable=True, parent=frame)
        self.text.setObjectName("frozen_text")
        self.text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside.addWidget(self.text)
        self.seal = PlainLabel("", "hint", wrap=True, parent=self)
        self.body.addWidget(frame)
        self.body.addWidget(self.seal)
        self.recipients_title = heading("outbox.recipients", self)
        self.body.addWidget(self.recipients_title)
        columns = [column for column in recipient_columns() if column.key != "sent_at"]
        self.model = RowTableModel(columns, self._formats)
        self.table = DataTable(self.model, name="outbox.recipients", parent=self)
        self.table.setObjectName("item_recipients")
        self.model.setParent(self.table)
        self.body.addWidget(self.table)
        self.body.addWidget(heading("outbox.tries", self))
        self._tries = QVBoxLayout()
        self._tries.setSpacing(8)
        self.body.addLayout(self._tries)
        self.body.addWidget(heading("outbox.proof", self))
        self.proof = PlainLabel("", "secondary", wrap=True, parent=self)
        self.proof.setObjectName("proof")
        self.body.addWidget(self.proof)
        self.body.addStretch()
        self.foot.setSpacing(8)
        self.foot.addStretch()

    def show_detail(self, detail: OutboxDetail) -> None:
        """Show one item."""
        item, formats = detail.row.item, self._formats
        wording, zone = languages.wording, formats.zone
        self.chip.show_state(*shown_state(detail.row))
        self.when.setText(
            t("outbox.confirmed_by", who=item.confirmed_by, when=formats.moment(item.confirmed_at))
        )
        self.known.setText(known_text(wording, detail.row.known, zone))
        self.next.setText(t("composing.next", text=next_text(wording, detail.row.next_step, zone)))
        self.text.setText(detail.text)
        for widget in (self.text_title, self.frame):
            widget.setVisible(bool(detail.text))
        pictures = int(item.summary.get("pictures", 0) or 0)
        seal = t("outbox.seal", seal=item.payload_sha256[:12])
        with_pictures = t("outbox.pictures", n=pictures) + " · " if pictures else ""
        self.seal.setText(with_pictures + seal)
        recipients = known_recipients(detail)
        self.model.set_rows(recipients)
        for widget in (self.recipients_title, self.table):
            widget.setVisible(bool(recipients))
        self.table.fit_height(min(max(len(recipients), 1), ROWS_AT_ONCE))
        if len(recipients) > ROWS_AT_ONCE:
            self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._show_tries(detail.attempts)
        self.proof.setText(self._proof(item))
        self._show_follow_up(detail.follow_up)
        self._show_buttons(detail)
        self.open_panel(title_of(item))

    def _show_tries(self, attempts: Sequence[Attempt]) -> None:
        for widget in self._attempts:
            widget.hide()
            widget.deleteLater()
        self._attempts = [self._attempt(attempt) for attempt in attempts]
        if not attempts:
            self._attempts = [PlainLabel(t("outbox.no_tries"), "muted", wrap=True, parent=self)]
        for widget in self._attempts:
            self._tries.addWidget(widget)

    def _attempt(self, attempt: Attempt) -> QWidget:
        box = QWidget(self)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        line = QHBoxLayout()
        line.addWidget(
            PlainLabel(
                t("outbox.try", n=attempt.n, when=self._formats.moment(attempt.started_at, seconds=True)),
                parent=box,
            )
        )
        line.addStretch()
        chip = StateChip(parent=box)
        chip.show_state(
            t(f"outbox.outcome_{attempt.outcome or 'open'}"), OUTCOMES.get(attempt.outcome, "neutral")
        )
        line.addWidget(chip)
        column.addLayout(line)
        reason = (
            ""
            if attempt.code in (None, "", "ok", "accepted", "attested")
            else reason_text(languages.wording, attempt.code)
        )
        if reason:
            column.addWidget(PlainLabel(reason, "muted", wrap=True, parent=box))
        return box

    def _proof(self, item: OutboxItem) -> str:
        proof = item.proof
        if not proof:
            return t("outbox.proof_none")
        if proof.get("by") == "operator":
            word = "sent" if proof.get("was_sent") else "not"
            if not is_message(item.kind):
                word = "did" if proof.get("was_sent") else "did_not"
            when = proof.get("at")
            return t(
                f"outbox.proof_operator_{word}",
                who=str(proof.get("operator", "")),
                when=self._formats.moment(when if isinstance(when, int) else None),
            )
        return t("outbox.proof_platform", id=item.platform_id or "—")

    def _show_follow_up(self, follow: FollowUp | None) -> None:
        """How many reminders are left, that the rest was stopped, or why a moment cannot be stopped yet."""
        if follow is not None:
            self.follow.setText(t(f"outbox.follow_{follow.standing}", n=follow.reminders_left))
        self.follow.setVisible(follow is not None)

    def _show_buttons(self, detail: OutboxDetail) -> None:
        item = detail.row.item
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = []
        steps = steps_of(item, detail.follow_up)
        if first_step(detail.row) == "sync" and "sync" not in steps:
            steps = ("sync", *steps)  # its time has come: only a round is missing
        for at, step in enumerate(steps):
            is_next = at == 0 and (item.state is not State.UNKNOWN or first_step(detail.row) == step)
            kind = "primary" if is_next else ""
            button = Button(f"outbox.do_{step}", icon=STEPS[step], kind=kind, parent=self)
            if step not in LOOKS:
                changes(button)
            button.setObjectName(f"do_{step}")
            button.clicked.connect(lambda _checked=False, step=step: self._on_step(step, item))
            self.foot.addWidget(button)
            self._buttons.append(button)
