"""The directory of fans: find people, look at one, and do something with many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QStackedWidget, QWidget

from desktop.domain.changes import Topic
from desktop.domain.fans import FanFilter, FanSort, Tier
from desktop.models.windowed_table import WindowedTableModel
from desktop.qtkit.i18n import t
from desktop.services.fans import FanService, TagRow
from desktop.services.rankings import RankingService
from desktop.views.fans.columns import SORTS, fan_columns
from desktop.views.fans.commands import FanCommands
from desktop.views.fans.filters import FanFilters
from desktop.views.fans.panel import FanPanel
from desktop.views.fans.panel_head import fill_pin_menu
from desktop.views.fans.platform_commands import FanPlatform, PlatformCommands
from desktop.views.page import Page, PageContext
from desktop.views.undoing import OperationLog, Undo
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.panels import BulkBar
from desktop.views.widgets.states import EmptyState, NoMatchState
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel, say

RISING = (FanSort.NAME,)
TABLE, EMPTY, NO_MATCH = range(3)


@dataclass(frozen=True)
class FansData:
    """Which fans, in order, and what the filters say."""

    ids: list[int]
    total: int
    counts: dict[Tier, int]
    tags: list[TagRow]
    super_ids: frozenset[int]


class FansPage(Page):
    """`open_with` takes fan_id, fan_ids, group_id with name, tier, tag, sort, is_buyer, or search."""

    topics = frozenset({Topic.FAN, Topic.TAG, Topic.TIER, Topic.ORDER, Topic.INTERACTION, Topic.IMPORT})
    scrolls = False

    def __init__(
        self,
        context: PageContext,
        fans: FanService,
        rankings: RankingService,
        log: OperationLog,
        platform: FanPlatform | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, parent)
        self._fans = fans
        self._rankings = rankings
        self._sort, self._falling = FanSort.SPEND, True
        self._super_ids: frozenset[int] = frozenset()
        say(self, "fans.title", role="name")
        undo = Undo(log, context.notices, self.scope)
        self.commands = FanCommands(fans, undo, context.notices, self.scope, self)
        self.platform = None if platform is None else PlatformCommands(platform, context, self.scope, self)
        self._build_head()
        self._build_filters()
        self._build_table()
        self.panel = FanPanel(self, context, fans, self.commands, self.scope, self.platform)
        self.panel.closed.connect(self.table.setFocus)

    # -- building

    def _build_head(self) -> None:
        self.head.set_title("fans.title")
        if self.platform is not None:
            manage = Button("fans.manage_tags", icon="tags", on_click=self.platform.manage, parent=self)
            manage.setObjectName("manage_tags")
            self.head.add(manage)
        export = Button("fans.export_all", icon="download", on_click=self._export, parent=self)
        export.setObjectName("export")
        say(export, "fans.export_tip", role="tip")
        self.head.add(export)
        self.head.add(
            Button(
                "fans.import",
                icon="file-up",
                kind="primary",
                on_click=lambda: self.context.go("import"),
                parent=self,
            )
        )

    def _build_filters(self) -> None:
        self.filters = FanFilters(self)
        self.filters.changed.connect(self.refresh)
        self.filters.sort_chosen.connect(self._on_sort_chosen)
        self.result = PlainLabel("", "muted", parent=self)
        self.result.setObjectName("result_count")
        self.select_all = Button(
            "fans.select_all", kind="link", on_click=lambda: self.table.selectAll(), parent=self
        )
        self.filters.add_to_line(self.result)
        self.filters.add_to_line(self.select_all)
        self.bulk = BulkBar(self)
        self._bulk_buttons: dict[str, Button] = {}
        for key, icon, act in (
            ("fans.action.tag", "tag", lambda: self.commands.ask_tag(self.selected_ids())),
            ("fans.action.platform_tag", "tags", self._ask_platform_tags),
            ("fans.action.pin", "pin", self._open_pin_menu),
            ("fans.action.suppress", "ban", lambda: self.commands.suppress(self.selected_ids(), True)),
            ("fans.action.export", "download", lambda: self.commands.export(self.selected_ids())),
        ):
            button = Button(key, icon=icon, compact=True, on_click=act, parent=self.bulk)
            name = key.rpartition(".")[2]
            button.setObjectName(f"bulk_{name}")
            self._bulk_buttons[name] = button
            self.bulk.add_action(button)
        self._bulk_buttons["platform_tag"].setVisible(self.platform is not None)
        self.bulk.cleared.connect(lambda: self.table.clearSelection())
        self._line = QStackedWidget(self)  # tiers, or what to do with those selected: nothing jumps
        self._line.addWidget(self.filters.tiers)
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.bulk)
        self._line.addWidget(holder)
        self._line.setFixedHeight(40)
        self.body.addWidget(self.filters)
        self.body.addWidget(self._line)
        self.body.setSpacing(12)

    def _build_table(self) -> None:
        columns = fan_columns(lambda fan_id: fan_id in self._super_ids)
        self.model = WindowedTableModel(columns, self.context.formats)
        self.table = DataTable(self.model, name="fans.title", parent=self)
        self.table.setObjectName("fans_table")
        self.model.setParent(self.table)
        self.model.page_needed.connect(self._on_page_needed)
        self.model.sort_requested.connect(self._on_sort)
        self.table.show_sorted("spend", Qt.SortOrder.DescendingOrder)
        self.table.row_activated.connect(self._open_row)
        self.table.row_pointed.connect(self._on_pointed)
        self.table.clicked.connect(self._on_clicked)
        self.table.selection_counted.connect(self._on_selection)
        self.filters.bar.add_tool(self.table.columns_button())
        card = Card(margin=12, parent=self)
        card.body.setContentsMargins(8, 4, 8, 4)
        card.add(self.table)
        self._cards = QStackedWidget(self)
        self._cards.addWidget(card)
        self._cards.addWidget(
            EmptyState(
                "fans.empty_title",
                "fans.empty",
                icon="users-round",
                action="fans.import",
                on_action=lambda: self.context.go("import"),
                parent=self,
            )
        )
        self._cards.addWidget(NoMatchState(self.filters.clear, self))
        self.body.addWidget(self._cards, 1)

    # -- reading

    async def load(self) -> FansData:
        """Who passes the filters, in order, with the counts of the filters."""
        wanted, only = self.filters.wanted, self.filters.only
        ids = await self._fans.order(wanted, self._sort, descending=self._falling)
        if only is not None:
            ids = [fan_id for fan_id in ids if fan_id in only]
        counts = await self._fans.tier_counts()
        return FansData(
            ids,
            sum(counts.values()),
            counts,
            await self._fans.tags(),
            await self._rankings.super_users(),
        )

    def populate(self, data: FansData) -> None:
        """Show them; rows come as they are looked at."""
        self._super_ids = self.panel.super_ids = data.super_ids
        self.head.show_subtitle(t("fans.count", n=_count(data.total)))
        self.filters.show_choices(data.counts, data.tags, self._sort)
        counted = t("fans.count_filtered", n=_count(len(data.ids)), total=_count(data.total))
        self.result.setText(counted if self.filters.is_active else "")
        self.select_all.setVisible(len(data.ids) > 1)
        if list(self.model.all_ids()) == data.ids:
            self.model.reload()
        else:
            self.model.set_order(data.ids)
        self._cards.setCurrentIndex(TABLE if data.ids else (NO_MATCH if self.filters.is_active else EMPTY))
        self.panel.reload()

    def retranslate(self) -> None:
        """The drawer's texts."""
        if not self.panel.isHidden():
            self.panel.show_texts()

    def _on_page_needed(self, first: int, last: int) -> None:
        self.scope.spawn(self._read(first, last, self.model.generation), name=f"rows {first}")

    async def _read(self, first: int, last: int, generation: int) -> None:
        rows = await self._fans.rows(self.model.ids(first, last))
        if generation == self.model.generation:
            self.model.put_rows(first, rows)

    # -- choosing

    def open_with(self, **arguments: Any) -> None:
        """Show one fan, a list of fans, or those of a filter."""
        if "sort" in arguments:
            self._choose_sort(FanSort(arguments["sort"]))
        if "fan_id" in arguments:
            self.panel.open_fan(int(arguments["fan_id"]))
            return
        ids: Sequence[int] | None = arguments.get("fan_ids")
        wanted, text = _wish(arguments)
        if ids is not None:
            text = t("fans.only_list", n=len(ids))
        self.filters.show_only(ids, wanted, text)

    def focus_filter(self) -> None:
        """Ctrl+F."""
        self.filters.bar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filters.bar.search.selectAll()

    def _on_sort(self, key: str, order: Qt.SortOrder) -> None:
        if key in SORTS:
            self._sort, self._falling = SORTS[key], order == Qt.SortOrder.DescendingOrder
            self.refresh()

    def _on_sort_chosen(self, value: object) -> None:
        self._choose_sort(FanSort(str(value)))  # Qt keeps a text's value, not its type
        self.refresh()

    def _choose_sort(self, sort: FanSort) -> None:
        self._sort, self._falling = sort, sort not in RISING
        order = Qt.SortOrder.DescendingOrder if self._falling else Qt.SortOrder.AscendingOrder
        for key, each in SORTS.items():
            if each is sort:
                self.table.show_sorted(key, order)

    # -- selecting

    def selected_ids(self) -> list[int]:
        """Fans selected, read or not, in the order shown."""
        spans = self.table.selectionModel().selection().toList()
        rows = sorted((span.top(), span.bottom() + 1) for span in spans)
        found = [fan_id for first, last in rows for fan_id in self.model.ids(first, last)]
        return list(dict.fromkeys(found))

    def select_ids(self, fan_ids: Sequence[int]) -> None:
        """Select exactly these fans."""
        last = len(self.model.columns) - 1
        chosen = QItemSelection()
        for fan_id in fan_ids:
            row = self.model.row_of(fan_id)
            if row is not None:
                chosen.select(self.model.index(row, 0), self.model.index(row, last))
        self.table.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _on_selection(self, count: int) -> None:
        self.bulk.set_count(count)
        self.bulk.setVisible(count > 1)
        self._line.setCurrentIndex(1 if count > 1 else 0)

    def _on_clicked(self, index: Any) -> None:
        held = QApplication.keyboardModifiers()
        if held == Qt.KeyboardModifier.NoModifier:
            self._open_row(index.row())

    def _on_pointed(self, row: int) -> None:
        if not self.panel.isHidden() and row >= 0 and self.table.hasFocus():
            self._open_row(row)

    def _open_row(self, row: int) -> None:
        if 0 <= row < self.model.rowCount():
            self.panel.open_fan(self.model.key_of(row))

    # -- acting

    def _export(self) -> None:
        self.commands.export(list(self.model.all_ids()))

    def _ask_platform_tags(self) -> None:
        if self.platform is not None:
            self.platform.ask_tags(self.selected_ids())

    def _open_pin_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        ids = self.selected_ids()
        fill_pin_menu(menu, partial(self.commands.pin, ids))
        button = self._bulk_buttons["pin"]
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))


def _wish(arguments: dict[str, Any]) -> tuple[FanFilter, str]:
    """The filter another page asks for, and how it is named where the page has no control for it."""
    group_id = arguments.get("group_id")
    tier, tag = arguments.get("tier"), arguments.get("tag")
    wanted = FanFilter(
        search=str(arguments.get("search", "")),
        tiers=(Tier(tier),) if tier else (),
        tags=(int(tag),) if tag else (),
        group_id=int(group_id) if group_id else None,
        is_buyer=arguments.get("is_buyer"),
    )
    if group_id:
        return wanted, t("fans.only_group", name=arguments.get("name", ""))
    return wanted, t("fans.only_buyers") if wanted.is_buyer else ""


def _count(number: int) -> object:
    return number if number < 1_000 else f"{number:,}"
