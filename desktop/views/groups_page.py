"""Fan groups: which there are, what each is for, and who is in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.domain.changes import Topic
from desktop.domain.groups import GROUP_KINDS, GroupRow
from desktop.domain.outbox import HOLD_S
from desktop.domain.public_accounts import GroupPicture, RequestRow
from desktop.models.row_table import RowTableModel
from desktop.qtkit.dialogs import answer
from desktop.qtkit.i18n import t
from desktop.services.groups import GroupService
from desktop.services.platform_edits import Queued
from desktop.services.public_accounts import PublicAccountService
from desktop.services.statistics import StatisticsService
from desktop.views.groups.columns import group_columns, group_name, kind_name
from desktop.views.groups.new_group import NewGroupDialog
from desktop.views.groups.panel import GroupPanel
from desktop.views.groups.requests_panel import RequestsPanel
from desktop.views.groups.texts_box import SayDialog
from desktop.views.page import Page, PageContext
from desktop.views.undoing import OperationLog, Undo
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.panels import FilterBar
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.states import Banner, EmptyState, NoMatchState
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import say

ANY = "any"
ORDERS: dict[str, Callable[[GroupRow], Any]] = {
    "name": group_name,
    "kind": lambda row: row.kind or "",
    "owner": lambda row: row.owner_name,
    "fans": lambda row: row.fans,
    "staff": lambda row: row.staff,
    "joined_7": lambda row: row.joined_7_days,
    "joined_30": lambda row: row.joined_30_days,
    "buyers": lambda row: row.buyers,
    "spend": lambda row: row.spend_cents,
    "last": lambda row: row.last_message_at or 0,
}


@dataclass(frozen=True)
class GroupsView:
    """What the page shows."""

    rows: list[GroupRow]
    requests: Sequence[RequestRow]
    pictures: Sequence[GroupPicture]


class GroupsPage(Page):
    """`open_with(group_id=...)` opens a group's drawer."""

    topics = frozenset(
        {Topic.GROUP, Topic.FAN, Topic.ORDER, Topic.INTERACTION, Topic.STATISTIC, Topic.SYNC, Topic.OUTBOX}
    )
    scrolls = False

    def __init__(
        self,
        context: PageContext,
        groups: GroupService,
        log: OperationLog,
        statistics: StatisticsService | None = None,
        public: PublicAccountService | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, parent)
        self._groups = groups
        self._public = public
        self._undo = Undo(log, context.notices, self.scope)
        self._order = ("fans", True)
        self._search = ""
        say(self, "groups.title", role="name")
        self.head.set_title("groups.title")
        self.head.add(
            changes(
                Button(
                    "groups.sync",
                    icon="refresh-cw",
                    kind="primary",
                    on_click=lambda: context.go("sync"),
                    parent=self,
                )
            )
        )
        self.new_group = changes(
            Button("new_group.button", icon="message-square-plus", on_click=self._on_new_group, parent=self)
        )
        self.new_group.setObjectName("new_group")
        self.new_group.hide()
        self.head.add(self.new_group)
        self._build()
        self.panel = GroupPanel(self, context, groups, self.scope, statistics, public)
        self.panel.kind_chosen.connect(
            lambda group_id, kind: self.scope.spawn(self._set_kind(group_id, kind), name="groups.kind")
        )
        self.panel.fans_asked.connect(
            lambda group_id, name: context.go("fans", group_id=group_id, name=name)
        )
        self.panel.fan_asked.connect(lambda fan_id: context.go("fans", fan_id=fan_id))
        self.panel.closed.connect(self.table.setFocus)
        self.panel.say_asked.connect(
            lambda group_id, what, name: self.scope.spawn(
                self._say(group_id, what, name), name="groups.say", replace=False
            )
        )
        self.panel.recall_asked.connect(
            lambda uid: self.scope.spawn(self._recall(uid), name=f"groups.recall {uid}")
        )
        self.requests = RequestsPanel(self, context.formats)
        self.requests.accepted.connect(
            lambda uids: self.scope.spawn(self._accept(uids), name=f"groups.accept {uids[:1]}")
        )
        self.requests.fan_asked.connect(lambda fan_id: context.go("fans", fan_id=fan_id))
        self.requests.closed.connect(self.table.setFocus)

    def _build(self) -> None:
        self.filters = FilterBar("groups.search", parent=self)
        self.filters.searched.connect(self._on_search)
        self.filters.cleared.connect(self._clear)
        self.kind = Choice(name="groups.column.kind", parent=self)
        self.kind.chosen.connect(lambda _kind: self._show_rows())
        self.filters.add_filter(self.kind)
        self.model = RowTableModel(
            group_columns(self.context.formats), self.context.formats, key=lambda row: row.group_id
        )
        self.table = DataTable(self.model, name="groups.title", parent=self)
        self.table.setObjectName("groups_table")
        self.model.setParent(self.table)
        self.model.sort_requested.connect(self._on_sort)
        self.table.show_sorted("fans", Qt.SortOrder.DescendingOrder)
        self.table.row_activated.connect(self._open_row)
        self.table.row_pointed.connect(self._on_pointed)
        self.table.clicked.connect(lambda index: self._open_row(index.row()))
        self.filters.add_tool(self.table.columns_button())
        card = Card(margin=12, parent=self)
        card.body.setContentsMargins(8, 4, 8, 4)
        card.add(self.table)
        self._cards = QStackedWidget(self)
        self._cards.addWidget(card)
        self._cards.addWidget(
            EmptyState(
                "groups.empty_title",
                "groups.empty",
                icon="messages-square",
                action="groups.connect",
                on_action=lambda: self.context.go("sync"),
                parent=self,
            )
        )
        self._cards.addWidget(NoMatchState(self.filters.clear, self))
        self.waiting = Banner("info", parent=self)
        self.waiting.text.setObjectName("requests_waiting")
        self.waiting.set_action("join_requests.see", self._see_requests)
        self.waiting.button.setObjectName("see_requests")
        self.waiting.hide()
        self.body.addWidget(self.waiting)
        self.body.addWidget(self.filters)
        self.body.addWidget(self._cards, 1)

    # -- reading

    async def load(self) -> GroupsView:
        """Every group, and who waits to join one."""
        if self._public is None:
            return GroupsView(await self._groups.groups(), (), ())
        pictures = await self._public.group_pictures()
        return GroupsView(await self._groups.groups(), await self._public.requests(), pictures)

    def populate(self, view: GroupsView) -> None:
        """Show those that pass the filters."""
        data = view.rows
        self._show_waiting(view.requests)
        self.new_group.setVisible(bool(view.pictures))
        fans = self.context.formats.count(sum(row.fans for row in data))
        self.head.show_subtitle(t("groups.subtitle", n=len(data), fans=fans) if data else "")
        self.kind.set_options(
            {
                ANY: t("groups.all_kinds"),
                "": kind_name(None),
                **{kind: kind_name(kind) for kind in GROUP_KINDS},
            }
        )
        self._show_rows()
        self.panel.reload()

    def retranslate(self) -> None:
        """The drawer's texts."""
        if not self.panel.isHidden():
            self.panel.show_texts()

    def _show_rows(self) -> None:
        rows: list[GroupRow] = self.data.rows if self.data else []
        kind, wanted = self.kind.value(), self._search.casefold()
        key, falling = self._order
        shown = [
            row
            for row in rows
            if (kind in (ANY, None) or (row.kind or "") == kind)
            and wanted in f"{group_name(row)}\n{row.owner_name}".casefold()
        ]
        shown.sort(key=ORDERS[key], reverse=falling)
        self.model.set_rows(shown)
        self.filters.set_active(len(shown) != len(rows))
        self._cards.setCurrentIndex(0 if shown else (2 if rows else 1))

    def _show_waiting(self, requests: Sequence[RequestRow]) -> None:
        self.waiting.setVisible(bool(requests))
        self.waiting.text.setText(t("join_requests.waiting", n=len(requests)))
        if not self.requests.isHidden():
            self.requests.show_requests(requests)

    # -- acting

    def open_with(self, **arguments: Any) -> None:
        """A group's drawer."""
        if "group_id" in arguments:
            self.panel.open_group(int(arguments["group_id"]))

    def focus_filter(self) -> None:
        """Ctrl+F."""
        self.filters.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_search(self, text: str) -> None:
        self._search = text.strip()
        self._show_rows()

    def _clear(self) -> None:
        self._search = ""
        self.kind.set_value(ANY)
        self._show_rows()

    def _on_sort(self, key: str, order: Qt.SortOrder) -> None:
        self._order = (key, order == Qt.SortOrder.DescendingOrder)
        self._show_rows()

    def _open_row(self, row: int) -> None:
        if 0 <= row < self.model.rowCount():
            self.panel.open_group(self.model.key_of(row))

    def _on_pointed(self, row: int) -> None:
        if not self.panel.isHidden() and self.table.hasFocus():
            self._open_row(row)

    async def _set_kind(self, group_id: int, kind: str | None) -> None:
        await self._groups.set_kind(group_id, kind)
        await self._undo.offer("group.set_kind", "groups.kind_set", kind=kind_name(kind))

    def _see_requests(self) -> None:
        if self.data is not None and self.data.requests:
            self.panel.close_panel()
            self.requests.show_requests(self.data.requests)
            self.requests.open_panel(t("join_requests.title"))

    async def _accept(self, uids: Sequence[str]) -> None:
        if self._public is not None:
            self._queued("join_requests.queued", await self._public.accept(uids))

    async def _say(self, group_id: int, what: str, name: str) -> None:
        dialog = SayDialog(self, what, name)
        if self._public is None or not await answer(dialog):
            return
        self._queued("group_texts.queued", await self._public.say_in_group(group_id, what, dialog.words()))

    def _on_new_group(self) -> None:
        if self._public is not None and self.data is not None:
            self.scope.spawn(self._create(self._public, self.data.pictures), name="groups.new")

    async def _create(self, public: PublicAccountService, pictures: Sequence[GroupPicture]) -> None:
        dialog = NewGroupDialog(self, pictures)
        if await answer(dialog):
            like = dialog.picture()
            queued = await public.create_group(like.account_id, *dialog.words(), like.picture)
            self._queued("new_group.queued", queued)

    async def _recall(self, uid: str) -> None:
        if self._public is not None:
            self._queued("group_texts.queued", await self._public.recall(uid))

    def _queued(self, key: str, queued: Queued) -> None:
        """Say that it waits for the next sync, with the way back while it lasts."""
        self.context.notices.held(
            int(HOLD_S * 1000),
            key,
            lambda: self.scope.spawn(self._take_back(queued.items), name="groups.back"),
            n=len(queued.items),
        )
        self.refresh()

    async def _take_back(self, items: Sequence[str]) -> None:
        if self._public is not None:
            await self._public.take_back(items)
            self.context.notices.info("comments.taken_back")
            self.refresh()
