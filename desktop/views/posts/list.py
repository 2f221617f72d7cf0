"""All posts: drafts, what is on its way, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QStackedWidget

from desktop.domain.changes import Topic
from desktop.domain.progress import Progress
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit.i18n import label, t
from desktop.services.fans import FanService
from desktop.services.posts import PostRow, PostService
from desktop.views.composing.confirming import next_same_time
from desktop.views.composing.outcome import progress_tone
from desktop.views.page import Page, PageContext
from desktop.views.posts.audience_field import audience_words
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.panels import BulkBar, FilterBar
from desktop.views.widgets.states import EmptyState, NoMatchState
from desktop.views.widgets.table import DataTable

SHOWN = 1000
GROUPS: dict[str, frozenset[Progress]] = {
    "draft": frozenset({Progress.DRAFT}),
    "waiting": frozenset(
        {
            Progress.HOLDING,
            Progress.SCHEDULED,
            Progress.WAITING_SYNC,
            Progress.SENDING,
            Progress.HELD,
            Progress.UNKNOWN,
            Progress.WAITING_STAFF,
        }
    ),
    "sent": frozenset({Progress.SENT, Progress.PARTLY_SENT}),
    "trouble": frozenset({Progress.MISSED, Progress.REJECTED, Progress.UNKNOWN, Progress.HELD}),
    "cancelled": frozenset({Progress.CANCELLED}),
}


@dataclass(frozen=True)
class Listed:
    """Rows and the names of tags."""

    rows: Sequence[PostRow]
    tags: dict[int, str]


class PostList(Page):
    """`on_open(uid)` opens one, None a new one."""

    topics = frozenset({Topic.POST, Topic.OUTBOX, Topic.TAG})
    scrolls = False

    def __init__(
        self,
        context: PageContext,
        posts: PostService,
        fans: FanService,
        on_open: Callable[[str | None], object],
    ) -> None:
        super().__init__(context)
        self._posts, self._fans, self._open = posts, fans, on_open
        self._search = ""
        self._tags: dict[int, str] = {}
        self.head.set_title("posts.title")
        self.new_button = Button("posts.new", kind="primary", icon="plus", on_click=self.create_new)
        self.new_button.setObjectName("new")
        self.head.add(self.new_button)
        self._build_filters()
        self._build_table()

    def _build_filters(self) -> None:
        self.filters = FilterBar("posts.search", self)
        self.state = Choice(name="composing.filter_state", parent=self)
        self.state.setObjectName("state")
        self.filters.add_filter(self.state)
        self.filters.searched.connect(self._on_search)
        self.filters.cleared.connect(self._on_cleared)
        self.state.chosen.connect(lambda _value: self._show_rows())
        self._say_states()

    def _say_states(self) -> None:
        names: dict[object, str] = {"": t("composing.state_all")}
        names |= {key: t(f"composing.state_{key}") for key in GROUPS}
        self.state.set_options(names)

    def _build_table(self) -> None:
        self.bulk = BulkBar(self)
        self.bulk.add_action(Button("posts.duplicate", icon="copy", compact=True, on_click=self._duplicate))
        delete = Button("composing.delete", icon="trash-2", compact=True, on_click=self._delete)
        delete.setObjectName("delete")
        self.bulk.add_action(delete)
        self.model = RowTableModel(self._columns(), self.context.formats, key=lambda row: row.post.uid)
        self.table = DataTable(self.model, name="posts.title", parent=self)
        self.model.setParent(self.table)
        self.table.setObjectName("posts")
        self.table.row_activated.connect(self._activate)
        self.table.action_clicked.connect(lambda row, _key: self._act(row))
        self.table.selection_counted.connect(self.bulk.set_count)
        self.bulk.cleared.connect(self.table.clearSelection)
        self.empty = EmptyState(
            "posts.empty",
            "posts.empty_more",
            icon="newspaper",
            action="posts.new",
            on_action=self.create_new,
        )
        self.no_match = NoMatchState(self.filters.clear)
        self.stack = QStackedWidget(self)
        for widget in (self.table, self.empty, self.no_match):
            self.stack.addWidget(widget)
        card = Card(parent=self)
        card.add(self.filters)
        card.add(self.bulk)
        card.add(self.stack, 1)
        self.body.addWidget(card, 1)

    def _columns(self) -> list[Column]:
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
                "audience", "composing.audience", lambda row: row.post.uid, width=170, sortable=False,
                display=lambda row: audience_words(row.post.draft.audience, self._tags),
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
            Column("act", "composing.column_next", _step, Kind.ACTION, width=104, sortable=False),
        ]  # fmt: skip

    # -- data

    async def load(self) -> Listed:
        """Posts and tag names."""
        rows = await self._posts.rows(self._search, limit=SHOWN)
        return Listed(rows, {tag.tag_id: tag.name for tag in await self._fans.tags()})

    def populate(self, data: Listed) -> None:
        """Show the rows that pass the filter."""
        self._tags = data.tags
        self._show_rows()
        drafts = sum(row.progress is Progress.DRAFT for row in data.rows)
        waiting = sum(row.progress in GROUPS["waiting"] for row in data.rows)
        self.head.show_subtitle(
            t("posts.subtitle", n=len(data.rows), drafts=drafts, waiting=waiting) if data.rows else ""
        )

    def retranslate(self) -> None:
        """States in the other language."""
        self._say_states()

    def _show_rows(self) -> None:
        if self.data is None:
            return
        wanted = GROUPS.get(str(self.state.value() or ""))
        rows = [row for row in self.data.rows if wanted is None or row.progress in wanted]
        self.model.set_rows(rows)
        filtered = bool(self._search or wanted)
        self.filters.set_active(filtered)
        shown = self.table if rows else self.no_match if filtered else self.empty
        self.stack.setCurrentWidget(shown)
        for widget in (self.new_button, self.filters):  # the empty page has its own way to begin
            widget.setVisible(shown is not self.empty)

    def _when(self, row: PostRow) -> str:
        moment = row.post.draft.scheduled_at or row.post.confirmed_at
        return t("composing.next_sync") if moment is None else self.context.formats.moment(moment)

    # -- doing

    def _on_search(self, text: str) -> None:
        self._search = text
        self.refresh()

    def _on_cleared(self) -> None:
        self._search = ""
        self.state.set_value("")
        self.refresh()

    def create_new(self) -> None:
        """A new post."""
        self._open(None)

    def focus_filter(self) -> None:
        """Ctrl+F."""
        self.filters.search.setFocus()

    def _activate(self, row: int) -> None:
        self._open(self.model.row_data(row).post.uid)

    def _act(self, row: int) -> None:
        found: PostRow = self.model.row_data(row)
        if found.progress is Progress.MISSED:
            self.scope.spawn(self._reschedule(found), name="reschedule")
        else:
            self._open(found.post.uid)

    async def _reschedule(self, row: PostRow) -> None:
        moment = row.post.draft.scheduled_at
        if moment is not None:
            moment = next_same_time(moment, self.context.clock.now_ms())
        await self._posts.reschedule(row.post.uid, moment)
        self.context.notices.info("composing.rescheduled")
        self._open(row.post.uid)

    def _chosen(self) -> list[str]:
        return [str(key) for key in self.table.selected_keys()]

    def _duplicate(self) -> None:
        chosen = self._chosen()
        if chosen:
            self.scope.spawn(self._copy(chosen), name="duplicate")

    async def _copy(self, uids: Sequence[str]) -> None:
        for uid in uids:
            await self._posts.duplicate(uid)
        self.context.notices.info("composing.duplicated")

    def _delete(self) -> None:
        chosen = self._chosen()
        if chosen:
            self.scope.spawn(self._remove(chosen), name="delete")

    async def _remove(self, uids: Sequence[str]) -> None:
        removed: list[str] = []
        try:
            for uid in uids:
                await self._posts.delete(uid)
                removed.append(uid)
        finally:
            if removed:
                self.context.notices.undoable(
                    "posts.deleted", lambda: self.scope.spawn(self._restore(removed), name="restore"),
                    n=len(removed),
                )  # fmt: skip

    async def _restore(self, uids: Sequence[str]) -> None:
        for uid in uids:
            await self._posts.restore(uid)
        self.context.notices.info("composing.restored", n=len(uids))


def _name(row: PostRow) -> str:
    draft = row.post.draft
    first = next((line for line in draft.body.splitlines() if line.strip()), "")
    return draft.title.strip() or first or t("composing.untitled")


def _reached(row: PostRow) -> str:
    if row.progress is Progress.DRAFT or not row.deliveries.total:
        return "–"
    return f"{row.deliveries.sent:,} / {row.deliveries.total:,}"


def _step(row: PostRow) -> str:
    if row.progress is Progress.DRAFT:
        return t("composing.go_on")
    if row.progress is Progress.MISSED:
        return t("composing.move")
    return t("composing.look")
