"""The base of both editors: keeps what is typed, checks it, confirms it, shows what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, SignalInstance
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.domain.content import Problem, Severity, blocking
from desktop.domain.errors import AppError
from desktop.domain.outbox import HOLD_S
from desktop.domain.progress import Progress
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import t
from desktop.services.outbox import OutboxService
from desktop.views.composing.area import SavingScope
from desktop.views.composing.autosave import Autosave, saved_words
from desktop.views.composing.checks import CheckCard, by_field, problem_words
from desktop.views.composing.confirming import Sending, confirm_sending
from desktop.views.composing.draft_form import DraftForm
from desktop.views.composing.outcome import Outcome, OutcomeCard, RecipientsCard, outcome_of
from desktop.views.composing.phone_side import PhoneSide
from desktop.views.page import Page, PageContext
from desktop.views.widgets.buttons import Button, IconButton
from desktop.views.widgets.standing_still import changes

CHECK_WAIT_MS = 150
HOLD_MS = round(HOLD_S * 1000)
STOPPABLE = (Progress.HOLDING, Progress.SCHEDULED, Progress.WAITING_SYNC, Progress.HELD)
WRITABLE_AGAIN = (Progress.MISSED, Progress.REJECTED, Progress.CANCELLED)


@dataclass(frozen=True)
class Loaded:
    """What the editor shows: the row (None: a new draft), its outcome, and what can be chosen."""

    uid: str | None
    row: Any
    outcome: Outcome | None
    choices: Any


@dataclass(frozen=True)
class Words:
    """Wording keys that differ between posts and drops, and the outbox's name of the thing."""

    entity: str
    write: str
    look: str
    duplicate: str
    recipients: str


class Composer(Page):
    """Opened with `write(uid)`. Subclasses give `make_form`, `view`, `sending`, `again`, `choices`."""

    words: Words
    wanted_fields: frozenset[str] = frozenset()

    def __init__(
        self, context: PageContext, service: Any, outbox: OutboxService, on_back: Callable[[], object]
    ) -> None:
        super().__init__(context)
        self.service = service  # PostService or DropService: same names, each with its own drafts
        self.outbox = outbox
        self.uid: str | None = None
        self._is_fresh = True
        self._saved_at: int | None = None
        self.touched: set[str] = set()
        self.problems: Sequence[Problem] = ()
        self.autosave = Autosave(self._save, self)
        self.scope = SavingScope(self._on_error, self._end)
        self.destroyed.connect(self.scope.cancel_all)
        self.autosave.scope = self.scope
        self.autosave.saved.connect(self._on_saved)
        self.autosave.failed.connect(self._on_unsaved)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(CHECK_WAIT_MS)
        self._soon.timeout.connect(self.look)
        self._build_head(on_back)
        self._build_body()

    # -- for subclasses

    def make_form(self) -> DraftForm:
        """The card with the fields."""
        return DraftForm()

    def empty_draft(self) -> Any:
        """What a new one begins with."""
        return None

    async def choices(self) -> Any:
        """What can be chosen: groups, tags, accounts."""
        return None

    def show_choices(self, choices: Any) -> None:
        """Offer it."""

    async def view(self, draft: Any) -> None:
        """Show the phone, and counts beside fields."""

    def passed(self, draft: Any, wrong: set[str]) -> list[str]:
        """What is in order, in words; `wrong` are fields with problems."""
        return []

    async def sending(self) -> Sending:
        """What the last question says."""
        return Sending("", (), "")

    async def move_on(self, uid: str) -> None:
        """Give what was missed a new time, as a draft."""

    def goes_at(self, draft: Any) -> int | None:
        """When it goes out (UTC ms)."""
        return None

    def show_extra(self, row: Any, is_draft: bool) -> None:
        """Show further parts that depend on the state."""

    # -- building

    def _build_head(self, on_back: Callable[[], object]) -> None:
        self.head.set_title(self.words.write)
        back = IconButton("arrow-left", "composing.back", on_click=on_back, parent=self)
        back.setObjectName("back")
        self.head.lead(back)
        self.copy_button = changes(
            Button(self.words.duplicate, icon="copy", on_click=self._copy, parent=self)
        )
        self.stop_button = changes(
            Button("composing.withdraw", icon="undo-2", on_click=self._stop, parent=self)
        )
        self.again_button = changes(
            Button("composing.write_again", icon="pencil", on_click=self._again, parent=self)
        )
        self.confirm_button = changes(Button("composing.confirm", kind="primary", icon="send", parent=self))
        self.confirm_button.clicked.connect(lambda: self.scope.spawn(self._confirm(), name="confirm"))
        for name, button in (
            ("copy", self.copy_button),
            ("stop", self.stop_button),
            ("again", self.again_button),
            ("confirm", self.confirm_button),
        ):
            button.setObjectName(name)
            self.head.add(button)

    def _build_body(self) -> None:
        formats = self.context.formats
        self.form = changes(self.make_form())
        edited: SignalInstance = self.form.edited
        edited.connect(self._on_edited)
        for text in self.form.texts():
            text.picture_pasted.connect(self._paste)
            text.files_given.connect(self.keep_files)
            text.submitted.connect(self.confirm_button.click)
        self.form.pictures.files_given.connect(self.keep_files)
        self.form.pictures.wanted.connect(lambda: self.scope.spawn(self._choose(), name="choose picture"))
        self.checks = CheckCard(self)
        self.outcome = OutcomeCard(formats, self)
        self.outcome.held_over.connect(self.refresh)
        self.recipients = RecipientsCard(self.words.recipients, formats, self)
        self.side = PhoneSide(self)
        self.left = QVBoxLayout()
        self.left.setSpacing(16)
        for card in (self.form, self.outcome, self.recipients, self.checks):
            self.left.addWidget(card)
        self.left.addStretch()
        whole = QWidget(self)
        columns = QHBoxLayout(whole)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(24)
        columns.addLayout(self.left, 1)
        columns.addWidget(self.side, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(whole, 1)

    # -- opening

    def write(self, uid: str | None) -> None:
        """Show one, or an empty one that is kept with the first change."""
        self.scope.spawn(self._switch(uid), name="switch")

    async def _switch(self, uid: str | None) -> None:
        await self.autosave.settle()
        self.uid, self._is_fresh = uid, True
        self.touched = set()
        self.refresh()

    async def load(self) -> Loaded:
        """The row, its outcome, and what can be chosen."""
        uid = self.uid
        row = await self.service.row(uid) if uid else None
        outcome = None
        if row is not None and self.thing(row).state != "draft":
            outcome = await outcome_of(self.outbox, self.words.entity, self.thing(row).id)
        return Loaded(uid, row, outcome, await self.choices())

    def thing(self, row: Any) -> Any:
        """The post or drop of a row."""
        return getattr(row, self.words.entity)

    def populate(self, data: Loaded) -> None:
        """Form or outcome."""
        if self._is_fresh and data.uid != self.uid:
            return  # another one was opened while this one was read
        row = data.row
        is_draft = row is None or self.thing(row).state == "draft"
        self.show_choices(data.choices)
        if self._is_fresh or not is_draft:
            self._is_fresh = False
            self.form.set_draft(self.thing(row).draft if row else self.empty_draft())
            self._saved_at = self.thing(row).updated_at if row else None
        self._show_parts(row, is_draft)
        self._say_saved()
        if row is not None and data.outcome is not None:
            self._show_outcome(row, data.outcome)
        self.show_extra(row, is_draft)
        self.look()

    def _show_parts(self, row: Any, is_draft: bool) -> None:
        self.head.set_title(self.words.write if is_draft else self.words.look)
        progress = row.progress if row else Progress.DRAFT
        for widget in (self.form, self.checks, self.confirm_button):
            widget.setVisible(is_draft)
        for card in (self.outcome, self.recipients):
            card.setVisible(not is_draft)
        self.copy_button.setVisible(not is_draft)
        self.stop_button.setVisible(progress in STOPPABLE)
        self.again_button.setVisible(progress in WRITABLE_AGAIN)
        if is_draft:
            self.outcome.stop()

    def _show_outcome(self, row: Any, outcome: Outcome) -> None:
        thing, formats = self.thing(row), self.context.formats
        confirmed = t("composing.confirmed_at", when=formats.moment(thing.confirmed_at))
        moment = self.goes_at(thing.draft)
        if moment is not None:
            confirmed += " " + t("composing.goes_at", at=formats.moment(moment))
        self.head.show_subtitle(confirmed)
        self.outcome.show_outcome(row.progress, row.deliveries, outcome)
        self.recipients.show_recipients(outcome.recipients, row.deliveries.total)

    # -- keeping

    def _on_edited(self, field: str) -> None:
        self.touched.add(field)
        self.autosave.touch()
        self._soon.start()

    async def _save(self) -> None:
        saved = await self.service.save_draft(self.form.draft(), self.uid, origin=self)
        self.uid = saved.uid

    def _on_saved(self) -> None:
        self._saved_at = self.context.clock.now_ms()
        self._say_saved()

    def _on_unsaved(self, error: AppError) -> None:
        self.head.show_subtitle(t("composing.unsaved"))
        self.context.notices.failed(error)

    def _say_saved(self) -> None:
        self.head.show_subtitle(saved_words(self.context.formats, self._saved_at))

    async def _end(self) -> None:
        try:
            await self.autosave.settle()
        except AppError as error:
            self.context.notices.failed(error)

    def may_leave(self) -> bool:
        """Leaving keeps what was typed."""
        self.autosave.flush()
        return True

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep what was typed when another page comes to the front."""
        super().hideEvent(event)
        self.autosave.flush()

    # -- looking

    def look(self) -> None:
        """Show phone and checks anew."""
        self.scope.spawn(self.look_now(), name="look")

    async def look_now(self) -> None:
        """As look, waited for."""
        draft = self.form.draft()
        await self.view(draft)
        if self.form.isHidden():
            return
        self.problems = await self.service.check(draft, self.uid)
        self.form.form.show_problems(by_field(self.problems, self.touched))
        wrong = {problem.field for problem in self.problems}
        self.checks.show_checks(self.problems, self.passed(draft, wrong))

    def warnings(self) -> list[str]:
        """Warnings in words, for the last question."""
        return [problem_words(p) for p in self.problems if p.severity is Severity.WARNING]

    # -- pictures

    def keep_files(self, files: Sequence[Path]) -> None:
        """Keep picture files and show them."""
        self.scope.spawn(self._keep(list(files)), name="keep pictures")

    async def _keep(self, files: Sequence[Path]) -> None:
        for file in files:
            self.form.add_picture(await self.service.keep_picture(file))

    def _paste(self, content: bytes) -> None:
        self.scope.spawn(self._keep_pasted(content), name="keep pasted")

    async def _keep_pasted(self, content: bytes) -> None:
        name = t("composing.pasted_name")
        self.form.add_picture(await self.service.keep_picture_bytes(content, name))

    async def _choose(self) -> None:
        filters = [t("composing.picture_files") + " (*.jpg *.jpeg *.png)"]
        await self._keep(await dialogs.choose_files(self, t("composing.picture_choose"), filters))

    # -- confirming

    async def _confirm(self) -> None:
        self.touched |= self.wanted_fields
        self.autosave.touch()  # what the form shows is what is confirmed, defaults included
        await self.autosave.settle()
        await self.look_now()
        stopping = len(blocking(self.problems))
        if stopping or self.uid is None:
            self.context.notices.warn("composing.mend_first", n=stopping)
        elif await confirm_sending(self, await self.sending()):
            confirmed = await self.service.confirm(self.uid)
            self.show_again()
            self.context.notices.held(
                HOLD_MS, "composing.confirmed", self._stop, n=f"{confirmed.recipients:,}"
            )

    def show_again(self) -> None:
        """Read and show everything anew, fields too, from the top: there the next step is."""
        self._is_fresh = True
        if isinstance(self.content, QScrollArea):
            self.content.verticalScrollBar().setValue(0)
        self.refresh()

    def _stop(self) -> None:
        self.scope.spawn(self._withdraw(), name="withdraw")

    async def _withdraw(self) -> None:
        if self.uid is not None:
            done = await self.service.cancel(self.uid)
            self.show_again()
            key = "composing.withdrawn" if done.is_draft_again else "composing.stopped"
            self.context.notices.info(key, n=done.cancelled)

    def _again(self) -> None:
        self.scope.spawn(self._write_again(), name="again")

    async def _write_again(self) -> None:
        if self.uid is not None:
            await self.move_on(self.uid)
            self.show_again()
            self.context.notices.info("composing.rescheduled")

    def _copy(self) -> None:
        self.scope.spawn(self._duplicate(), name="copy")

    async def _duplicate(self) -> None:
        if self.uid is not None:
            copy = await self.service.duplicate(self.uid)
            self.context.notices.info("composing.duplicated")
            self.write(copy.uid)
