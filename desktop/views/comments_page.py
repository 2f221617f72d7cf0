"""Comments below articles and posts: who said what, answered from here."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget

from desktop.domain.changes import Topic
from desktop.domain.outbox import HOLD_S
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit.dialogs import answer, confirm
from desktop.qtkit.i18n import label, t
from desktop.services.article_comments import Opening
from desktop.services.comments import WECHAT, CommentLine, CommentService
from desktop.services.platform_edits import Queued
from desktop.views.comments.opening_dialog import OpeningDialog
from desktop.views.comments.panel import CommentPanel, writer
from desktop.views.page import Page, PageContext
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.panels import FilterBar
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.states import Banner, EmptyState, NoMatchState
from desktop.views.widgets.table import DataTable

OPEN, ALL = "open", "all"


@dataclass(frozen=True)
class CommentsView:
    """What the page shows, why the platform shows no comments, if so, and what can be opened to them."""

    rows: Sequence[CommentLine]
    refused: str
    openings: Sequence[Opening] = ()


def state_of(row: CommentLine) -> tuple[str, str]:
    """(word, tone) of a comment."""
    if row.pending:
        return t("comments.state_pending"), "info"
    if row.reply:
        return t("comments.state_answered"), "good"
    if row.is_up:
        return t("comments.state_elected" if row.platform == WECHAT else "comments.state_pinned"), "info"
    return t("comments.state_open"), "warn"


class CommentsPage(Page):
    """Key "comments"."""

    topics = frozenset({Topic.ARTICLE, Topic.OUTBOX, Topic.FAN, Topic.STATISTIC})
    scrolls = False

    def __init__(self, context: PageContext, comments: CommentService) -> None:
        super().__init__(context)
        self.setObjectName("comments_page")
        self._comments = comments
        self._search = ""
        self.head.set_title("comments.title")
        self.opening = changes(
            Button("comments.opening", icon="message-square-text", on_click=self._on_opening, parent=self)
        )
        self.opening.setObjectName("opening")
        self.opening.hide()
        self.head.add(self.opening)
        self.refused = Banner("warn", parent=self)
        self.refused.hide()
        self.body.addWidget(self.refused)
        self._build_filters()
        self._build_table()
        self.panel = CommentPanel(self, context.formats)
        self.panel.answered.connect(self._answer)
        self.panel.lifted.connect(self._lift)
        self.panel.deleted.connect(self._delete)
        self.panel.unsaid.connect(self._unsay)
        self.panel.closed.connect(self.table.setFocus)

    def _build_filters(self) -> None:
        self.filters = FilterBar("comments.search", self)
        self.which = Choice(name="comments.column.state", parent=self)
        self.which.setObjectName("which")
        self.which.chosen.connect(lambda _value: self._show_rows())
        self.filters.add_filter(self.which)
        self.filters.searched.connect(self._on_search)
        self.filters.cleared.connect(self._on_cleared)

    def _build_table(self) -> None:
        columns = [
            Column("when", "comments.column.when", lambda row: row.at, Kind.MOMENT, 136, sortable=False),
            Column("who", "comments.column.who", writer, width=130, sortable=False),
            Column("text", "comments.column.text", lambda row: row.text, width=280, stretch=True,
                   sortable=False, tooltip=lambda row: row.text),
            Column("article", "comments.column.article",
                   lambda row: row.article or t("comments.untitled"), width=200, sortable=False),
            Column("platform", "comments.column.platform",
                   lambda row: label("sync_platform", row.platform), width=90, sortable=False),
            Column("state", "comments.column.state", lambda row: state_of(row)[0], Kind.STATE, 120,
                   sortable=False, tone=lambda row: state_of(row)[1]),
        ]  # fmt: skip
        self.model = RowTableModel(columns, self.context.formats, key=lambda row: row.id)
        self.table = DataTable(self.model, name="comments.title", parent=self)
        self.model.setParent(self.table)
        self.table.setObjectName("comments")
        self.table.row_activated.connect(self._open_row)
        self.table.clicked.connect(lambda index: self._open_row(index.row()))
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(
            EmptyState(
                "comments.empty",
                "comments.empty_more",
                icon="message-square-text",
                action="sync_page.connect",
                on_action=lambda: self.context.go("sync", connect="wechat"),
            )
        )
        self.stack.addWidget(NoMatchState(self.filters.clear))
        card = Card(parent=self)
        card.add(self.filters)
        card.add(self.stack, 1)
        self.body.addWidget(card, 1)

    # -- reading

    async def load(self) -> CommentsView:
        """The newest comments."""
        rows, refused = await self._comments.comments(), await self._comments.refused()
        return CommentsView(rows, refused, await self._comments.articles.openings())

    def populate(self, data: CommentsView) -> None:
        """Show them."""
        self.which.set_options({ALL: t("comments.all"), OPEN: t("comments.only_open")})
        self.opening.setVisible(bool(data.openings) and not data.refused)
        self.refused.setVisible(bool(data.refused))
        if data.refused:
            self.refused.show_text(t("comments.refused"))
        waiting = sum(not row.reply for row in data.rows)
        n, open_ = (self.context.formats.count(number) for number in (len(data.rows), waiting))
        self.head.show_subtitle(t("comments.subtitle", n=n, open=open_) if data.rows else "")
        self._show_rows()
        shown = self.panel.comment
        now = next((row for row in data.rows if shown and row.id == shown.id), None)
        if now is not None and not self.panel.isHidden():
            self.panel.show_comment(now)
        elif now is None:
            self.panel.close_panel()

    def focus_filter(self) -> None:
        """Ctrl+F."""
        self.filters.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_rows(self) -> None:
        rows = self.data.rows if self.data else ()
        wanted, only_open = self._search.casefold(), self.which.value() == OPEN
        shown = [
            row
            for row in rows
            if not (only_open and row.reply)
            and wanted in f"{row.text}\n{row.article}\n{row.name}".casefold()
        ]
        self.model.set_rows(shown)
        self.filters.set_active(bool(wanted) or only_open)
        self.stack.setCurrentIndex(0 if shown else 2 if rows else 1)

    def _on_search(self, text: str) -> None:
        self._search = text.strip()
        self._show_rows()

    def _on_cleared(self) -> None:
        self._search = ""
        self.which.set_value(ALL)
        self._show_rows()

    # -- acting

    def _open_row(self, row: int) -> None:
        key = self.model.key_of(row) if 0 <= row < self.model.rowCount() else None
        found = next((one for one in self.data.rows if one.id == key), None) if self.data else None
        if found is not None:
            self.panel.show_comment(found)

    def _answer(self, comment: str, text: str) -> None:
        self.scope.spawn(self._queue(self._comments.reply(comment, text)), name="answer")

    def _lift(self, comment: str, is_up: bool) -> None:
        self.scope.spawn(self._queue(self._comments.lift(comment, is_up)), name="lift")

    async def _queue(self, doing: Awaitable[Queued]) -> None:
        """Say that it waits for the next sync, with the way back while it lasts."""
        items = (await doing).items
        self.context.notices.held(
            int(HOLD_S * 1000),
            "comments.queued",
            lambda: self.scope.spawn(self._take_back(items), name="comments.back"),
        )

    async def _take_back(self, items: Sequence[str]) -> None:
        await self._comments.take_back(items)
        self.context.notices.info("comments.taken_back")

    def _unsay(self, comment: str) -> None:
        self.scope.spawn(self._queue(self._comments.take_answer_back(comment)), name="unsay")

    def _on_opening(self) -> None:
        if self.data is not None and self.data.openings:
            self.scope.spawn(self._open_or_close(self.data.openings), name="opening")

    async def _open_or_close(self, openings: Sequence[Opening]) -> None:
        dialog = OpeningDialog(self, openings, self.context.formats)
        if await answer(dialog):
            asked = self._comments.articles.open_or_close(dialog.article(), dialog.is_open())
            await self._queue(asked)

    def _delete(self, comment: str) -> None:
        self.scope.spawn(self._do_delete(comment), name="delete")

    async def _do_delete(self, comment: str) -> None:
        if await confirm(
            self,
            t("comments.delete_title"),
            t("comments.delete_text"),
            accept=t("comments.delete"),
            danger=True,
        ):
            await self._queue(self._comments.delete(comment))
