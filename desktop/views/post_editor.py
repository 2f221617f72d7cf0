"""Writing one post: form, phone and checks side by side; once confirmed, what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.content import blocking
from desktop.domain.posts import Channel, PostDraft, window_of
from desktop.domain.recipients import AudienceCount
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import label, t
from desktop.services.accounts import AccountService
from desktop.services.fans import FanService
from desktop.services.official_account import AccountReach, Ahead, OfficialAccountService
from desktop.services.outbox import OutboxService
from desktop.services.platform_edits import Queued
from desktop.services.posts import PostRow, PostService
from desktop.services.segments import SegmentService
from desktop.views.composing.confirming import Sending, confirm_sending, next_same_time
from desktop.views.composing.editor import HOLD_MS, Composer, Words
from desktop.views.page import PageContext
from desktop.views.posts.audience_field import audience_words
from desktop.views.posts.composer import PostForm
from desktop.views.posts.faces.face import Face, Shown
from desktop.views.posts.faces.table import FACES
from desktop.views.posts.list import where_words
from desktop.views.posts.schedule_field import grace_words
from desktop.views.posts.versions_bar import VersionsBar

AHEAD = frozenset({"title", "article", "digest", "author", "source_url", "cover", "account"})


@dataclass(frozen=True)
class Choices:
    """Tags with their names, accounts, saved audiences by uid; versions of this post, official accounts, and what
    was done with this post before it goes out."""

    tags: Sequence[tuple[int, str]]
    accounts: Sequence[Account]
    segments: dict[str, str]
    versions: Sequence[PostRow]
    reaches: Sequence[AccountReach]
    ahead: Sequence[Ahead]


class PostEditor(Composer):
    """Opened with `write(uid)`; `on_back` shows the list again."""

    topics = frozenset(
        {Topic.POST, Topic.OUTBOX, Topic.TAG, Topic.ACCOUNT, Topic.SHOP, Topic.SEGMENT, Topic.ARTICLE}
    )
    words = Words("post", "posts.write", "posts.look", "posts.duplicate", "posts.recipients")
    form: PostForm

    def __init__(
        self,
        context: PageContext,
        posts: PostService,
        fans: FanService,
        accounts: AccountService,
        outbox: OutboxService,
        segments: SegmentService,
        official: OfficialAccountService,
        on_back: Callable[[], object],
    ) -> None:
        self._posts, self._fans, self._accounts = posts, fans, accounts
        self._segments, self._official = segments, official
        self._saved: dict[str, str] = {}
        self._count: AudienceCount | None = None
        self._tags: dict[int, str] = {}
        self._reaches: Sequence[AccountReach] = ()
        self._known_accounts: Sequence[Account] = ()
        super().__init__(context, posts, outbox, on_back)
        self.versions = VersionsBar(self)
        self.versions.opened.connect(self.write)
        self.versions.all_asked.connect(
            lambda: self.scope.spawn(self._confirm_versions(), name="confirm versions")
        )
        self.versions.wanted.connect(
            lambda account, channel: self.scope.spawn(self._open_version(account, channel), name="version")
        )
        self.left.insertWidget(0, self.versions)

    @property
    def wanted_fields(self) -> frozenset[str]:  # type: ignore[override]
        """What must be right before it may go out, by channel."""
        return self.face.wanted

    def make_form(self) -> PostForm:
        """Title, text, pictures, audience, time, account; or the fields of an article."""
        form = PostForm(self.context.formats, self._posts.picture_path, self)
        article = form.article
        article.body.wanted.connect(lambda: self.scope.spawn(self._choose(), name="choose picture"))
        article.cover.wanted.connect(lambda: self.scope.spawn(self._choose_cover(), name="choose cover"))
        article.cover.files_given.connect(
            lambda files: self.scope.spawn(self._keep_cover(files), name="keep cover")
        )
        article.ahead.box_asked.connect(lambda: self.scope.spawn(self._to_box(), name="to box"))
        article.ahead.preview_asked.connect(lambda: self.scope.spawn(self._preview(), name="preview"))
        return form

    def empty_draft(self) -> PostDraft:
        """Nothing yet."""
        return PostDraft()

    async def choices(self) -> Choices:
        """Tags, accounts, saved audiences, and what belongs to this post."""
        tags = [(tag.tag_id, tag.name) for tag in await self._fans.tags()]
        accounts = [health.account for health in await self._accounts.list()]
        return Choices(
            tags,
            accounts,
            await self._segments.titles(),
            await self._posts.versions(self.uid) if self.uid else (),
            await self._official.reaches(),
            await self._official.ahead(self.uid) if self.uid else (),
        )

    def show_choices(self, choices: Choices) -> None:
        """Offer them."""
        self._tags = dict(choices.tags)
        self._saved, self._reaches = choices.segments, choices.reaches
        self.form.audience.set_tags(choices.tags)
        self.form.audience.set_segments(choices.segments)
        self.form.set_accounts(choices.accounts)
        self._known_accounts = choices.accounts
        self.versions.show_versions(choices.versions, self.uid or "", choices.accounts)
        self.form.article.ahead.show_known(
            [
                t(
                    f"article.ahead_{one.kind.rpartition('.')[2]}",
                    state=label("outbox_state", one.state.value),
                )
                for one in choices.ahead
            ]
        )

    @property
    def face(self) -> Face:
        """How the chosen channel is written and looked at."""
        return self.form.face

    async def view(self, draft: PostDraft) -> None:
        """The phone, and how many get it."""
        face = FACES[draft.channel]
        face.show_phone(self.side, await self._shown(draft))
        self._count = None
        if not (face.counts_audience and draft.audience.is_empty):
            self._count = await self._counted(draft, self.uid)
        self.form.audience.show_count(self._count)
        self.form.article.way.show_reach(self._reach_of(draft))

    async def _shown(self, draft: PostDraft) -> Shown:
        formats, at = self.context.formats, draft.scheduled_at or self.context.clock.now_ms()
        return Shown(
            draft,
            await self._posts.preview(draft),
            self.form.account_name(),
            formats.time(at),
            formats.day(at),
            self._posts.picture_path,
        )

    def _reach_of(self, draft: PostDraft) -> AccountReach | None:
        """The official account it goes out through: the named one, or the only one."""
        named = [one for one in self._reaches if one.account_uid == draft.account_uid]
        return next(iter(named), self._reaches[0] if len(self._reaches) == 1 else None)

    def passed(self, draft: PostDraft, wrong: set[str]) -> list[str]:
        """What is in order."""
        lines = FACES[draft.channel].passed(draft, wrong, self._count)
        if not {"scheduled_at", "grace_minutes"} & wrong:
            lines.append(t("composing.pass_time", when=self._when(draft)))
        if "account" not in wrong:
            lines.append(t("composing.pass_account"))
        return lines

    def _when(self, draft: PostDraft) -> str:
        if draft.scheduled_at is None:
            return t("composing.next_sync")
        return self.context.formats.moment(draft.scheduled_at)

    async def sending(self) -> Sending:
        """To whom, how many, when, and the text as the first of them gets it."""
        draft, count, face = self.form.draft(), self._count or AudienceCount(), self.face
        shown = await self._shown(draft)
        channel = t(f"composing.channel_{draft.channel.value}")
        if shown.account:
            channel = f"{channel} · {shown.account}"
        audience = audience_words(draft.audience, self._tags, self._saved)
        lines = [
            (t("composing.channel"), channel),
            *face.facts(draft, count, audience, shown.preview),
            (t("composing.when"), self._when(draft)),
        ]
        if window_of(draft, 0)[1] is not None:
            lines.append((t("composing.grace"), grace_words(draft.grace_minutes)))
        if draft.media:
            lines.append((t("composing.pictures"), t("composing.picture_count", n=len(draft.media))))
        if face.text_for(shown.preview):
            lines.append((t("composing.text_for"), face.text_for(shown.preview)))
        return Sending(
            t("posts.confirm_title"), lines, face.text(shown), self.warnings(), face.reached(count)
        )

    # -- several accounts

    def _on_saved(self) -> None:
        super()._on_saved()
        self.scope.spawn(self._show_versions(), name="versions")

    async def _show_versions(self) -> None:
        if self.uid is not None:
            rows = await self._posts.versions(self.uid)
            self.versions.show_versions(rows, self.uid, self._known_accounts)

    async def _open_version(self, account_uid: str, channel: str) -> None:
        self.autosave.touch()
        await self.autosave.settle()
        if self.uid is not None:
            other = await self._posts.add_version(self.uid, account_uid, Channel(channel))
            self.write(other.uid)

    async def _confirm_versions(self) -> None:
        """All drafts among the versions at once: one question, one way back; the first that is wrong is opened."""
        self.autosave.touch()
        await self.autosave.settle()
        await self._show_versions()
        rows = self.versions.drafts()
        for row in rows:
            found = blocking(await self._posts.check(row.post.draft, row.post.uid))
            if found:
                self.context.notices.warn("composing.mend_first", n=len(found))
                self.write(row.post.uid)
                return
        counts = [await self._counted(row.post.draft, row.post.uid) for row in rows]
        lines = [
            (where_words(row), self._whom(row, count) + " · " + self._when(row.post.draft))
            for row, count in zip(rows, counts, strict=True)
        ]
        text = self.face.text(await self._shown(self.form.draft()))
        people = sum(FACES[row.post.draft.channel].reached(c) for row, c in zip(rows, counts, strict=True))
        if rows and await confirm_sending(
            self, Sending(t("posts.version_all_title"), lines, text, (), people)
        ):
            uids = [row.post.uid for row in rows]
            await self._posts.confirm_all(uids)
            self.show_again()
            stop = lambda: self.scope.spawn(self._stop_versions(uids), name="stop versions")  # noqa: E731
            self.context.notices.held(HOLD_MS, "posts.version_all_confirmed", stop, n=len(uids))

    async def _counted(self, draft: PostDraft, uid: str | None) -> AudienceCount:
        return await self._posts.audience_count(
            draft.audience,
            draft.account_uid,
            scheduled_at=draft.scheduled_at,
            uid=uid,
            channel=draft.channel,
            article=draft.article,
        )

    def _whom(self, row: PostRow, count: AudienceCount) -> str:
        face = FACES[row.post.draft.channel]
        reached = face.reached(count)
        return t("composing.people", n=f"{reached:,}") if reached else t("composing.anybody")

    async def _stop_versions(self, uids: Sequence[str]) -> None:
        for uid in uids:
            await self._posts.cancel(uid)
        self.show_again()
        self.context.notices.info("posts.version_all_stopped")

    # -- ahead of going out

    async def _choose_cover(self) -> None:
        filters = [t("composing.picture_files") + " (*.jpg *.jpeg *.png)"]
        file = await dialogs.choose_file(self, t("article.cover_choose"), filters)
        if file is not None:
            await self._keep_cover([file])

    async def _keep_cover(self, files: Sequence[Path]) -> None:
        if files:
            self.form.article.cover.add(await self._posts.keep_picture(files[0]))

    async def _to_box(self) -> None:
        await self._send_ahead("article.queued_box", self._official.put_into_box)

    async def _preview(self) -> None:
        title, text = t("article.preview_title"), t("article.preview_text")
        wxname = await dialogs.ask_text(self, title, text, accept=t("article.preview_accept"))
        if wxname:
            await self._send_ahead(
                "article.queued_preview", lambda uid: self._official.preview_post(uid, wxname), name=wxname
            )

    async def _send_ahead(self, key: str, send: Callable[[str], Awaitable[Queued]], **said: object) -> None:
        self.touched |= AHEAD
        self.autosave.touch()
        await self.autosave.settle()
        await self.look_now()
        stopping = [problem for problem in blocking(self.problems) if problem.field in AHEAD]
        if stopping or self.uid is None:
            self.context.notices.warn("composing.mend_first", n=len(stopping))
            return
        queued = await send(self.uid)

        def take_back() -> None:
            self.scope.spawn(self._take_back(queued.items), name="take back")

        self.context.notices.held(HOLD_MS, key, take_back, **said)
        self.refresh()

    async def _take_back(self, uids: Sequence[str]) -> None:
        await self.outbox.cancel_many(uids)
        self.context.notices.info("article.taken_back")

    def show_extra(self, row: PostRow | None, is_draft: bool) -> None:
        """How far a moment or a publication got, as the last sync told."""
        counts = None if row is None or is_draft else row.moment
        words = ""
        if counts is not None:
            words = t(
                "composing.moment_counts",
                reached=f"{counts.customers_reached:,}",
                likes=f"{counts.likes:,}",
                comments=f"{counts.comments:,}",
            )
        if row is not None and row.publishing is not None and not is_draft:
            words = t(f"article.standing_{row.publishing.value}")
        self.outcome.show_extra(words)

    async def move_on(self, uid: str) -> None:
        """The next such hour; without a time it stays with the next sync."""
        post = await self._posts.get(uid)
        moment = post.draft.scheduled_at
        if moment is not None:
            moment = next_same_time(moment, self.context.clock.now_ms())
        await self._posts.reschedule(uid, moment)

    def goes_at(self, draft: PostDraft) -> int | None:
        """The scheduled time."""
        return draft.scheduled_at
