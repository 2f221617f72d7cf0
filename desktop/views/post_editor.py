"""Writing one post: form, phone and checks side by side; once confirmed, what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.content import Problem, Severity, blocking
from desktop.domain.errors import AppError
from desktop.domain.posts import PostDraft, window_of
from desktop.domain.progress import Progress
from desktop.domain.recipients import AudienceCount
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import t
from desktop.services.accounts import AccountService
from desktop.services.fans import FanService
from desktop.services.outbox import OutboxService
from desktop.services.posts import PostPreview, PostRow, PostService
from desktop.views.composing.area import SavingScope
from desktop.views.composing.autosave import Autosave, saved_words
from desktop.views.composing.checks import CheckCard, by_field, problem_words
from desktop.views.composing.confirming import Sending, confirm_sending, next_same_time
from desktop.views.composing.outcome import Outcome, OutcomeCard, RecipientsCard, outcome_of
from desktop.views.composing.phone_side import PhoneSide
from desktop.views.page import Page, PageContext
from desktop.views.posts.audience_field import audience_words
from desktop.views.posts.composer import PostForm
from desktop.views.posts.schedule_field import grace_words
from desktop.views.widgets.buttons import Button, IconButton
from desktop.views.widgets.phone_preview import Message

CHECK_WAIT_MS = 150
STOPPABLE = (Progress.HOLDING, Progress.SCHEDULED, Progress.WAITING_SYNC, Progress.HELD)
WRITABLE_AGAIN = (Progress.MISSED, Progress.REJECTED, Progress.CANCELLED)


@dataclass(frozen=True)
class Loaded:
    """What the editor shows: the post (None: a new one), its outcome, and what can be chosen."""

    uid: str | None
    row: PostRow | None
    outcome: Outcome | None
    tags: Sequence[tuple[int, str]]
    accounts: Sequence[Account]


class PostEditor(Page):
    """Opened with `write(uid)`; `on_back` shows the list again."""

    topics = frozenset({Topic.POST, Topic.OUTBOX, Topic.TAG, Topic.ACCOUNT, Topic.SHOP})

    def __init__(
        self,
        context: PageContext,
        posts: PostService,
        fans: FanService,
        accounts: AccountService,
        outbox: OutboxService,
        on_back: Callable[[], object],
    ) -> None:
        super().__init__(context)
        self._posts, self._fans, self._accounts, self._outbox = posts, fans, accounts, outbox
        self._uid: str | None = None
        self._is_fresh = True
        self._saved_at: int | None = None
        self._touched: set[str] = set()
        self._problems: Sequence[Problem] = ()
        self._count: AudienceCount | None = None
        self.autosave = Autosave(self._save, self)
        self.scope = SavingScope(self._on_error, self._end)
        self.destroyed.connect(self.scope.cancel_all)
        self.autosave.scope = self.scope
        self.autosave.saved.connect(self._show_saved)
        self.autosave.failed.connect(self._show_unsaved)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(CHECK_WAIT_MS)
        self._soon.timeout.connect(self._look)
        self._build_head(on_back)
        self._build_body()

    def _build_head(self, on_back: Callable[[], object]) -> None:
        self.head.set_title("posts.write")
        back = IconButton("arrow-left", "composing.back", on_click=on_back, parent=self)
        back.setObjectName("back")
        self.head.add(back)
        self.copy_button = Button("posts.duplicate", icon="copy", on_click=self._copy, parent=self)
        self.stop_button = Button("composing.withdraw", icon="undo-2", on_click=self._stop, parent=self)
        self.again_button = Button(
            "composing.write_again", icon="pencil", on_click=self._again, parent=self
        )
        self.confirm_button = Button("composing.confirm", kind="primary", icon="send", parent=self)
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
        self.form = PostForm(formats, self._posts.picture_path, self)
        self.form.edited.connect(self._on_edited)
        self.form.message.text.picture_pasted.connect(self._paste)
        self.form.message.text.files_given.connect(self._keep)
        self.form.message.text.submitted.connect(self.confirm_button.click)
        self.form.pictures.files_given.connect(self._keep)
        self.form.pictures.wanted.connect(
            lambda: self.scope.spawn(self._choose_picture(), name="choose picture")
        )
        self.checks = CheckCard(self)
        self.outcome = OutcomeCard(formats, self)
        self.outcome.held_over.connect(self.refresh)
        self.recipients = RecipientsCard("posts.recipients", formats, self)
        self.side = PhoneSide(self)
        left = QVBoxLayout()
        left.setSpacing(16)
        for card in (self.form, self.outcome, self.recipients, self.checks):
            left.addWidget(card)
        left.addStretch()
        columns = QHBoxLayout()
        columns.setSpacing(24)
        columns.addLayout(left, 1)
        columns.addWidget(self.side, 0, Qt.AlignmentFlag.AlignTop)
        whole = QWidget(self)
        columns.setContentsMargins(0, 0, 0, 0)
        whole.setLayout(columns)
        self.body.addWidget(whole, 1)

    # -- opening

    def write(self, uid: str | None) -> None:
        """Show a post, or an empty one that is kept with the first change."""
        self.autosave.flush()
        self.scope.spawn(self._switch(uid), name="switch")

    async def _switch(self, uid: str | None) -> None:
        await self.autosave.settle()
        self.autosave.forget()
        self._uid, self._is_fresh = uid, True
        self._touched = set()
        self.refresh()

    async def load(self) -> Loaded:
        """The post, its outcome, tags and accounts."""
        uid = self._uid
        row = await self._posts.row(uid) if uid else None
        outcome = None
        if row is not None and row.post.state != "draft":
            outcome = await outcome_of(self._outbox, "post", row.post.id)
        tags = [(tag.tag_id, tag.name) for tag in await self._fans.tags()]
        accounts = [health.account for health in await self._accounts.list()]
        return Loaded(uid, row, outcome, tags, accounts)

    def populate(self, data: Loaded) -> None:
        """Form or outcome."""
        if self._is_fresh and data.uid != self._uid:
            return  # another one was opened while this one was read
        row = data.row
        is_draft = row is None or row.post.state == "draft"
        self.form.audience.set_tags(data.tags)
        if self._is_fresh or not is_draft:
            self._is_fresh = False
            self.form.set_draft(row.post.draft if row else PostDraft())
            self._saved_at = row.post.updated_at if row else None
        self.form.set_accounts(data.accounts)
        self._show_parts(row, is_draft)
        self._say_saved()
        if row is not None and data.outcome is not None:
            self._show_outcome(row, data.outcome)
        self._look()

    def _show_parts(self, row: PostRow | None, is_draft: bool) -> None:
        self.head.set_title("posts.write" if is_draft else "posts.look")
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

    def _show_outcome(self, row: PostRow, outcome: Outcome) -> None:
        post = row.post
        formats = self.context.formats
        confirmed = t("composing.confirmed_at", when=formats.moment(post.confirmed_at))
        if post.draft.scheduled_at is not None:
            confirmed += " " + t("composing.goes_at", at=formats.moment(post.draft.scheduled_at))
        self.head.show_subtitle(confirmed)
        self.outcome.show_outcome(row.progress, row.deliveries, outcome)
        self.recipients.show_recipients(outcome.recipients, row.deliveries.total)

    # -- keeping

    def _on_edited(self, field: str) -> None:
        self._touched.add(field)
        self.autosave.touch()
        self._soon.start()

    async def _save(self) -> None:
        post = await self._posts.save_draft(self.form.draft(), self._uid, origin=self)
        self._uid = post.uid

    def _show_saved(self) -> None:
        self._saved_at = self.context.clock.now_ms()
        self._say_saved()

    def _show_unsaved(self, error: AppError) -> None:
        self.head.show_subtitle(t("composing.unsaved"))
        self.context.notices.failed(error)

    def _say_saved(self) -> None:
        text = saved_words(self.context.formats, self._saved_at)
        self.head.show_subtitle(text)

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

    def _look(self) -> None:
        self.scope.spawn(self._refresh_view(), name="look")

    async def _refresh_view(self) -> None:
        draft = self.form.draft()
        self._show_phone(await self._posts.preview(draft))
        if self.form.isHidden():
            return
        count = None
        if not draft.audience.is_empty:
            count = await self._posts.audience_count(
                draft.audience, draft.account_uid, scheduled_at=draft.scheduled_at, uid=self._uid
            )
        self._count = count
        self.form.audience.show_count(count)
        self._problems = await self._posts.check(draft, self._uid)
        self._show_checks(draft)

    def _show_phone(self, preview: PostPreview) -> None:
        who = t("composing.seen_by", name=preview.fan_name) if preview.fan_name else ""
        images = tuple(self._posts.picture_path(picture.sha256) for picture in preview.media)
        self.side.show_message(Message(t("composing.you"), preview.text, images), who)

    def _show_checks(self, draft: PostDraft) -> None:
        problems = self._problems
        self.form.form.show_problems(by_field(problems, self._touched))
        wrong = {problem.field for problem in problems}
        passed = []
        if "body" not in wrong:
            passed.append(t("composing.pass_body"))
        if draft.media and "media" not in wrong:
            passed.append(t("composing.pass_media", n=len(draft.media)))
        if "audience" not in wrong and self._count is not None:
            passed.append(t("composing.pass_audience", n=f"{self._count.reachable:,}"))
        if not {"scheduled_at", "grace_minutes"} & wrong:
            passed.append(t("composing.pass_time", when=self._when(draft)))
        if "account" not in wrong:
            passed.append(t("composing.pass_account"))
        self.checks.show_checks(problems, passed)

    def _when(self, draft: PostDraft) -> str:
        if draft.scheduled_at is None:
            return t("composing.next_sync")
        return self.context.formats.moment(draft.scheduled_at)

    # -- pictures

    def _keep(self, files: Sequence[Path]) -> None:
        self.scope.spawn(self._keep_files(list(files)), name="keep pictures")

    async def _keep_files(self, files: Sequence[Path]) -> None:
        for file in files:
            self.form.pictures.add(await self._posts.keep_picture(file))

    def _paste(self, content: bytes) -> None:
        self.scope.spawn(self._keep_pasted(content), name="keep pasted")

    async def _keep_pasted(self, content: bytes) -> None:
        name = t("composing.pasted_name")
        self.form.pictures.add(await self._posts.keep_picture_bytes(content, name))

    async def _choose_picture(self) -> None:
        filters = [t("composing.picture_files") + " (*.jpg *.jpeg *.png)"]
        await self._keep_files(await dialogs.choose_files(self, t("composing.picture_choose"), filters))

    # -- confirming

    async def _confirm(self) -> None:
        self._touched |= {"body", "media", "audience", "scheduled_at", "account"}
        if self._uid is None:
            self.autosave.touch()
        await self.autosave.settle()
        await self._refresh_view()
        if blocking(self._problems) or self._uid is None:
            self.context.notices.warn("composing.mend_first", n=len(blocking(self._problems)))
            return
        if await confirm_sending(self, await self._sending()):
            confirmed = await self._posts.confirm(self._uid)
            self._is_fresh = True
            self.refresh()
            self.context.notices.undoable("composing.confirmed", self._stop, n=f"{confirmed.recipients:,}")

    async def _sending(self) -> Sending:
        draft, count = self.form.draft(), self._count or AudienceCount()
        preview = await self._posts.preview(draft)
        names = dict(self.data.tags)
        lines = [
            (t("composing.to"), audience_words(draft.audience, names)),
            (t("composing.how_many"), t("composing.people", n=f"{count.reachable:,}")),
            (t("composing.when"), self._when(draft)),
        ]
        if window_of(draft, 0)[1] is not None:
            lines.append((t("composing.grace"), grace_words(draft.grace_minutes)))
        if draft.media:
            lines.append((t("composing.pictures"), t("composing.picture_count", n=len(draft.media))))
        if preview.fan_name:
            lines.append((t("composing.text_for"), preview.fan_name))
        warnings = [problem_words(p) for p in self._problems if p.severity is Severity.WARNING]
        return Sending(t("posts.confirm_title"), lines, preview.text, warnings, count.reachable)

    def _stop(self) -> None:
        self.scope.spawn(self._withdraw(), name="withdraw")

    async def _withdraw(self) -> None:
        if self._uid is None:
            return
        done = await self._posts.cancel(self._uid)
        self._is_fresh = True
        self.refresh()
        key = "composing.withdrawn" if done.is_draft_again else "composing.stopped"
        self.context.notices.info(key, n=done.cancelled)

    def _again(self) -> None:
        self.scope.spawn(self._write_again(), name="again")

    async def _write_again(self) -> None:
        """A missed post gets the next such hour; the operator looks at it and confirms anew."""
        if self._uid is None:
            return
        post = await self._posts.get(self._uid)
        moment = post.draft.scheduled_at
        if moment is not None:
            moment = next_same_time(moment, self.context.clock.now_ms())
        await self._posts.reschedule(self._uid, moment)
        self._is_fresh = True
        self.refresh()
        self.context.notices.info("composing.rescheduled")

    def _copy(self) -> None:
        self.scope.spawn(self._duplicate(), name="copy")

    async def _duplicate(self) -> None:
        if self._uid is not None:
            post = await self._posts.duplicate(self._uid)
            self.context.notices.info("composing.duplicated")
            self.write(post.uid)
