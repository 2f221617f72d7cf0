"""Writing one post: form, phone and checks side by side; once confirmed, what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.posts import Channel, PostDraft, window_of
from desktop.domain.recipients import AudienceCount
from desktop.qtkit.i18n import t
from desktop.services.accounts import AccountService
from desktop.services.fans import FanService
from desktop.services.outbox import OutboxService
from desktop.services.posts import PostRow, PostService
from desktop.services.segments import SegmentService
from desktop.views.composing.confirming import Sending, next_same_time
from desktop.views.composing.editor import Composer, Words
from desktop.views.page import PageContext
from desktop.views.posts.audience_field import audience_words
from desktop.views.posts.composer import PostForm
from desktop.views.posts.schedule_field import grace_words
from desktop.views.widgets.phone_preview import Message


@dataclass(frozen=True)
class Choices:
    """Tags with their names, accounts, and saved audiences by uid."""

    tags: Sequence[tuple[int, str]]
    accounts: Sequence[Account]
    segments: dict[str, str]


class PostEditor(Composer):
    """Opened with `write(uid)`; `on_back` shows the list again."""

    topics = frozenset({Topic.POST, Topic.OUTBOX, Topic.TAG, Topic.ACCOUNT, Topic.SHOP, Topic.SEGMENT})
    words = Words("post", "posts.write", "posts.look", "posts.duplicate", "posts.recipients")
    wanted_fields = frozenset({"body", "media", "audience", "scheduled_at", "account"})
    form: PostForm

    def __init__(
        self,
        context: PageContext,
        posts: PostService,
        fans: FanService,
        accounts: AccountService,
        outbox: OutboxService,
        segments: SegmentService,
        on_back: Callable[[], object],
    ) -> None:
        self._posts, self._fans, self._accounts = posts, fans, accounts
        self._segments = segments
        self._saved: dict[str, str] = {}
        self._count: AudienceCount | None = None
        self._tags: dict[int, str] = {}
        super().__init__(context, posts, outbox, on_back)

    def make_form(self) -> PostForm:
        """Title, text, pictures, audience, time, account."""
        return PostForm(self.context.formats, self._posts.picture_path, self)

    def empty_draft(self) -> PostDraft:
        """Nothing yet."""
        return PostDraft()

    async def choices(self) -> Choices:
        """Tags, accounts and saved audiences."""
        tags = [(tag.tag_id, tag.name) for tag in await self._fans.tags()]
        accounts = [health.account for health in await self._accounts.list()]
        return Choices(tags, accounts, await self._segments.titles())

    def show_choices(self, choices: Choices) -> None:
        """Offer tags, accounts and saved audiences."""
        self._tags = dict(choices.tags)
        self._saved = choices.segments
        self.form.audience.set_tags(choices.tags)
        self.form.audience.set_segments(choices.segments)
        self.form.set_accounts(choices.accounts)

    async def view(self, draft: PostDraft) -> None:
        """The first fan's phone, and how many get it."""
        preview = await self._posts.preview(draft)
        who = t("composing.seen_by", name=preview.fan_name) if preview.fan_name else ""
        images = tuple(self._posts.picture_path(picture.sha256) for picture in preview.media)
        is_moment = draft.channel is Channel.MOMENT
        hour = self.context.formats.time(draft.scheduled_at or self.context.clock.now_ms())
        message = Message(t("composing.you"), preview.text, images, clock=hour, is_moment=is_moment)
        self.side.show_message(message, "" if is_moment else who)
        self._count = None
        if not draft.audience.is_empty:
            self._count = await self._posts.audience_count(
                draft.audience,
                draft.account_uid,
                scheduled_at=draft.scheduled_at,
                uid=self.uid,
                channel=draft.channel,
            )
        self.form.audience.show_count(self._count)

    def passed(self, draft: PostDraft, wrong: set[str]) -> list[str]:
        """What is in order."""
        lines, is_moment = [], draft.channel is Channel.MOMENT
        if "body" not in wrong:
            lines.append(t("composing.pass_body"))
        if draft.media and "media" not in wrong:
            lines.append(t("composing.pass_media", n=len(draft.media)))
        if "audience" not in wrong and self._count is not None:
            reached = self._count.total - self._count.unreachable if is_moment else self._count.reachable
            key = "composing.pass_moment" if is_moment else "composing.pass_audience"
            lines.append(t(key, n=f"{reached:,}"))
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
        draft, count = self.form.draft(), self._count or AudienceCount()
        preview = await self._posts.preview(draft)
        is_moment = draft.channel is Channel.MOMENT
        reached = count.total - count.unreachable if is_moment else count.reachable
        lines = [
            (t("composing.channel"), t(f"composing.channel_{draft.channel.value}")),
            (t("composing.to"), audience_words(draft.audience, self._tags, self._saved)),
            (t("composing.how_many"), t("composing.people", n=f"{reached:,}")),
            (t("composing.when"), self._when(draft)),
        ]
        if window_of(draft, 0)[1] is not None:
            lines.append((t("composing.grace"), grace_words(draft.grace_minutes)))
        if draft.media:
            lines.append((t("composing.pictures"), t("composing.picture_count", n=len(draft.media))))
        if preview.fan_name and not is_moment:
            lines.append((t("composing.text_for"), preview.fan_name))
        return Sending(t("posts.confirm_title"), lines, preview.text, self.warnings(), reached)

    def show_extra(self, row: PostRow | None, is_draft: bool) -> None:
        """How far a moment got, as the last sync told."""
        counts = None if row is None or is_draft else row.moment
        words = ""
        if counts is not None:
            words = t(
                "composing.moment_counts",
                reached=f"{counts.customers_reached:,}",
                likes=f"{counts.likes:,}",
                comments=f"{counts.comments:,}",
            )
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
