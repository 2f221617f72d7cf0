"""A list of posts or of drops: search, filter by state, copy, put away with a way back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QStackedWidget

from desktop.domain.progress import Progress
from desktop.models.row_table import Column, RowTableModel
from desktop.qtkit.i18n import t
from desktop.services.content import ContentService
from desktop.views.page import Page, PageContext
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.panels import BulkBar, FilterBar
from desktop.views.widgets.standing_still import changes
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
class ListWords:
    """Wording keys that differ, the icon of the empty page, and the name of the table."""

    name: str
    icon: str
    title: str
    new: str
    search: str
    duplicate: str
    deleted: str
    empty: str
    empty_more: str


class ContentList(Page):
    """`on_open(uid)` opens one, None a new one. Subclasses call `build` and, with rows, `show_rows`."""

    words: ListWords
    scrolls = False

    def __init__(
        self,
        context: PageContext,
        service: ContentService[Any, Any, Any],
        on_open: Callable[[str | None], object],
    ) -> None:
        super().__init__(context)
        self.service, self._open = service, on_open
        self._search = ""
        self._rows: Sequence[Any] | None = None
        self.head.set_title(self.words.title)
        self.new_button = changes(
            Button(self.words.new, kind="primary", icon="plus", on_click=self.create_new)
        )
        self.new_button.setObjectName("new")
        self.head.add(self.new_button)

    @abstractmethod
    def columns(self) -> list[Column]:
        """What the table shows of a row."""

    @abstractmethod
    def uid_of(self, row: Any) -> str:
        """Whose row it is."""

    @abstractmethod
    def _act(self, row: Any) -> None:
        """The step the row offers."""

    def arranged(self, rows: list[Any]) -> list[Any]:
        """Rows in the order shown; as they were read unless a list knows better."""
        return rows

    def build(self) -> None:
        """Filters and table, below what the page already has."""
        self._build_filters()
        self._build_table()

    def _build_filters(self) -> None:
        self.filters = FilterBar(self.words.search, self)
        self.state = Choice(name="composing.filter_state", parent=self)
        self.state.setObjectName("state")
        self.filters.add_filter(self.state)
        self.filters.searched.connect(self._on_search)
        self.filters.cleared.connect(self._on_cleared)
        self.state.chosen.connect(lambda _value: self._show_rows())
        self.retranslate()

    def _build_table(self) -> None:
        self.bulk = BulkBar(self)
        self.bulk.add_action(
            changes(Button(self.words.duplicate, icon="copy", compact=True, on_click=self._duplicate))
        )
        delete = changes(Button("composing.delete", icon="trash-2", compact=True, on_click=self._delete))
        delete.setObjectName("delete")
        self.bulk.add_action(delete)
        self.model = RowTableModel(self.columns(), self.context.formats, key=self.uid_of)
        self.table = DataTable(self.model, name=self.words.title, parent=self)
        self.model.setParent(self.table)
        self.table.setObjectName(self.words.name)
        self.table.row_activated.connect(lambda row: self._open(self.uid_of(self.model.row_data(row))))
        self.table.action_clicked.connect(lambda row, _key: self._act(self.model.row_data(row)))
        self.table.selection_counted.connect(self.bulk.set_count)
        self.bulk.cleared.connect(self.table.clearSelection)
        self.empty = changes(
            EmptyState(
                self.words.empty,
                self.words.empty_more,
                icon=self.words.icon,
                action=self.words.new,
                on_action=self.create_new,
            )
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

    # -- data

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Show those of these rows that pass the filter."""
        self._rows = rows
        self._show_rows()

    def retranslate(self) -> None:
        """States in the other language."""
        names: dict[object, str] = {"": t("composing.state_all")}
        names |= {key: t(f"composing.state_{key}") for key in GROUPS}
        self.state.set_options(names)

    def _show_rows(self) -> None:
        if self._rows is None:
            return
        wanted = GROUPS.get(str(self.state.value() or ""))
        rows = [row for row in self._rows if wanted is None or row.progress in wanted]
        self.model.set_rows(self.arranged(rows))
        filtered = bool(self._search or wanted)
        self.filters.set_active(filtered)
        shown = self.table if rows else self.no_match if filtered else self.empty
        self.stack.setCurrentWidget(shown)
        for widget in (self.new_button, self.filters):  # the empty page has its own way to begin
            widget.setVisible(shown is not self.empty)

    # -- doing

    def _on_search(self, text: str) -> None:
        self._search = text
        self.refresh()

    def _on_cleared(self) -> None:
        self._search = ""
        self.state.set_value("")
        self.refresh()

    def create_new(self) -> None:
        """A new one."""
        self._open(None)

    def focus_filter(self) -> None:
        """Ctrl+F."""
        self.filters.search.setFocus()

    def _chosen(self) -> list[str]:
        return [str(key) for key in self.table.selected_keys()]

    def _duplicate(self) -> None:
        chosen = self._chosen()
        if chosen:
            self.scope.spawn(self._copy(chosen), name="duplicate")

    async def _copy(self, uids: Sequence[str]) -> None:
        for uid in uids:
            await self.service.duplicate(uid)
        self.context.notices.info("composing.duplicated")

    def _delete(self) -> None:
        chosen = self._chosen()
        if chosen:
            self.scope.spawn(self._remove(chosen), name="delete")

    async def _remove(self, uids: Sequence[str]) -> None:
        removed: list[str] = []
        try:
            for uid in uids:
                await self.service.delete(uid)
                removed.append(uid)
        finally:
            if removed:
                self.context.notices.undoable(
                    self.words.deleted, lambda: self.scope.spawn(self._restore(removed), name="restore"),
                    n=len(removed),
                )  # fmt: skip

    async def _restore(self, uids: Sequence[str]) -> None:
        for uid in uids:
            await self.service.restore(uid)
        self.context.notices.info("composing.restored", n=len(uids))
