"""All posts: drafts, what is on its way, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop.domain.changes import Topic
from desktop.domain.progress import Progress
from desktop.models.row_table import Column, Kind
from desktop.qtkit import plain
from desktop.qtkit.i18n import label, t
from desktop.services.fans import FanService
from desktop.services.posts import PostRow, PostService
from desktop.services.segments import SegmentService
from desktop.views.composing.confirming import next_same_time
from desktop.views.composing.content_list import GROUPS, SHOWN, ContentList, ListWords
from desktop.views.composing.outcome import progress_tone
from desktop.views.page import PageContext
from desktop.views.posts.audience_field import audience_words


@dataclass(frozen=True)
class Listed:
    """Rows and the names of tags and saved audiences."""

    rows: Sequence[PostRow]
    tags: dict[int, str]
    segments: dict[str, str]


class PostList(ContentList):
    """All posts."""

    topics = frozenset({Topic.POST, Topic.OUTBOX, Topic.TAG, Topic.SEGMENT})
    words = ListWords(
        name="posts",
        icon="newspaper",
        title="posts.title",
        new="posts.new",
        search="posts.search",
        duplicate="posts.duplicate",
        deleted="posts.deleted",
        empty="posts.empty",
        empty_more="posts.empty_more",
    )

    def __init__(
        self,
        context: PageContext,
        posts: PostService,
        fans: FanService,
        segments: SegmentService,
        on_open: Callable[[str | None], object],
    ) -> None:
        super().__init__(context, posts, on_open)
        self._posts, self._fans, self._segments = posts, fans, segments
        self._tags: dict[int, str] = {}
        self._saved: dict[str, str] = {}
        self.build()

    def uid_of(self, row: PostRow) -> str:
        """Whose row it is."""
        return row.post.uid

    def columns(self) -> list[Column]:
        """Title, state, whom, when, and what to do next."""
        return [
            Column(
                "title", "posts.column_title", _name, width=240, stretch=True, sortable=False,
                tooltip=lambda row: row.post.draft.body[:300],
            ),
            Column(
                "state", "composing.column_state", lambda row: row.progress.value, Kind.STATE, width=176,
                sortable=False, display=lambda row: label("progress", row.progress.value),
                tone=lambda row: progress_tone(row.progress),
            ),
            Column(
                "channel", "posts.column_channel", lambda row: row.post.uid, width=150, sortable=False,
                display=where_words,
            ),
            Column(
                "audience", "composing.audience", lambda row: row.post.uid, width=170, sortable=False,
                display=lambda row: audience_words(row.post.draft.audience, self._tags, self._saved),
            ),
            Column(
                "when", "composing.schedule", lambda row: row.post.uid, width=140, sortable=False,
                display=self._when,
            ),
            Column(
                "reached", "composing.column_reached", lambda row: row.deliveries.sent, Kind.COUNT, width=96,
                sortable=False, display=_reached,
            ),
            Column(
                "changed", "composing.column_changed", lambda row: row.post.updated_at, Kind.WHEN, width=110,
                sortable=False,
            ),
            Column("act", "composing.column_next", _step, Kind.ACTION, width=104, sortable=False, changes=_moves),
        ]  # fmt: skip

    # -- data

    async def load(self) -> Listed:
        """Posts, tag names and audience names."""
        rows = await self._posts.rows(self._search, limit=SHOWN)
        tags = {tag.tag_id: tag.name for tag in await self._fans.tags()}
        return Listed(rows, tags, await self._segments.titles())

    def populate(self, data: Listed) -> None:
        """Show the rows that pass the filter."""
        self._tags, self._saved = data.tags, data.segments
        self.show_rows(data.rows)
        drafts = sum(row.progress is Progress.DRAFT for row in data.rows)
        waiting = sum(row.progress in GROUPS["waiting"] for row in data.rows)
        self.head.show_subtitle(
            t("posts.subtitle", n=len(data.rows), drafts=drafts, waiting=waiting) if data.rows else ""
        )

    def _when(self, row: PostRow) -> str:
        moment = row.post.draft.scheduled_at or row.post.confirmed_at
        return t("composing.next_sync") if moment is None else self.context.formats.moment(moment)

    # -- doing

    def _act(self, row: PostRow) -> None:
        if row.progress is Progress.MISSED:
            self.scope.spawn(self._reschedule(row), name="reschedule")
        else:
            self._open(row.post.uid)

    async def _reschedule(self, row: PostRow) -> None:
        moment = row.post.draft.scheduled_at
        if moment is not None:
            moment = next_same_time(moment, self.context.clock.now_ms())
        await self._posts.reschedule(row.post.uid, moment)
        self.context.notices.info("composing.rescheduled")
        self._open(row.post.uid)


def _name(row: PostRow) -> str:
    draft = row.post.draft
    first = next((line for line in draft.body.splitlines() if line.strip()), "")
    return draft.title.strip() or first or t("composing.untitled")


def where_words(row: PostRow) -> str:
    """The channel and the account it goes out through."""
    channel = t(f"composing.channel_{row.post.draft.channel.value}")
    return f"{channel} · {plain.one_line(row.account_name)}" if row.account_name else channel


def _reached(row: PostRow) -> str:
    if row.progress is Progress.DRAFT or not row.deliveries.total:
        return "–"
    return f"{row.deliveries.sent:,} / {row.deliveries.total:,}"


def _moves(row: PostRow) -> bool:
    return row.progress is Progress.MISSED


def _step(row: PostRow) -> str:
    if row.progress is Progress.DRAFT:
        return t("composing.go_on")
    if row.progress is Progress.MISSED:
        return t("composing.move")
    return t("composing.look")
