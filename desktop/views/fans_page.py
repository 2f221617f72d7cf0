"""The directory of fans: find people, look at one, and do something with many."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from desktop.domain.changes import Topic
from desktop.domain.fans import FanChoice, FanFilter, FanRow, FanSort
from desktop.domain.groups import GroupRow
from desktop.models.windowed_table import PAGE_ROWS, WindowedTableModel
from desktop.qtkit.i18n import t
from desktop.services.fans import FanService
from desktop.services.matching import MatchingService
from desktop.services.rankings import RankingService
from desktop.views.fans.asked import Facts, FansData, Look, counted_text, wish
from desktop.views.fans.bulk import BulkLine, fill_contact_menu, fill_untag_menu
from desktop.views.fans.chosen import choice_of
from desktop.views.fans.columns import SORTS, fan_columns
from desktop.views.fans.commands import FanCommands
from desktop.views.fans.filters import FanFilters
from desktop.views.fans.match_commands import MatchCommands
from desktop.views.fans.panel import FanPanel
from desktop.views.fans.panel_head import fill_pin_menu
from desktop.views.fans.platform_commands import PlatformCommands
from desktop.views.fans.rights_commands import FanRights, RightsCommands
from desktop.views.fans.saved_looks import PAGE, SavedLooks, filter_of, kept_filter, sort_of
from desktop.views.fans.services import FanPlatform
from desktop.views.page import Page, PageContext
from desktop.views.undoing import OperationLog, Undo
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.states import EmptyState, NoMatchState
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel, say

RISING = (FanSort.NAME, FanSort.SOURCE, FanSort.PHONE, FanSort.NOTE)
TABLE, EMPTY, NO_MATCH = range(3)
COPIED = 20_000  # rows a clipboard is given


async def _no_groups() -> Sequence[GroupRow]:
    return ()


class FansPage(Page):
    """`open_with` takes fan_id, fan_ids, group_id with name, tier, tag, sort, is_buyer, or search."""

    topics = frozenset(
        {Topic.FAN, Topic.TAG, Topic.TIER, Topic.ORDER, Topic.INTERACTION, Topic.IMPORT, Topic.SEGMENT}
    )
    scrolls = False

    def __init__(
        self,
        context: PageContext,
        fans: FanService,
        rankings: RankingService,
        log: OperationLog,
        platform: FanPlatform | None = None,
        groups: Callable[[], Awaitable[Sequence[GroupRow]]] = _no_groups,
        rights: FanRights | None = None,
        matching: MatchingService | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, parent)
        self._fans = fans
        self._rankings = rankings
        self._groups = groups
        self._facts: Facts | None = None
        self._sort, self._falling = FanSort.SPEND, True
        self._super_ids: frozenset[int] = frozenset()
        self._shown: Look | None = None
        say(self, "fans.title", role="name")
        self._undo = undo = Undo(log, context.notices, self.scope)
        self.commands = FanCommands(fans, undo, context.notices, self.scope, self)
        self.platform = PlatformCommands(platform, context, self.scope, self, undo) if platform else None
        self.rights = None if rights is None else RightsCommands(rights, context, undo, self.scope, self)
        self.matching = MatchCommands(matching, fans, context, undo, self.scope, self) if matching else None
        self._build_head()
        self._build_filters()
        self._build_table()
        self.panel = FanPanel(
            self, context, fans, self.commands, self.scope, self.platform, self.rights, self.matching
        )
        self.panel.closed.connect(self.table.setFocus)
        back = changes(QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self.table))
        back.setContext(Qt.ShortcutContext.WidgetShortcut)
        back.activated.connect(self._take_back)

    # -- building

    def _build_head(self) -> None:
        self.head.set_title("fans.title")
        if self.platform is not None:
            manage = Button("fans.manage_tags", icon="tags", on_click=self.platform.manage, parent=self)
            manage.setObjectName("manage_tags")
            self.head.add(manage)
        if self.matching is not None:
            pairs = Button("match.open", icon="git-merge", on_click=self.matching.open, parent=self)
            pairs.setObjectName("match_open")
            say(pairs, "match.open_tip", role="tip")
            self.head.add(pairs)
        export = changes(Button("fans.export_all", icon="download", on_click=self._export, parent=self))
        export.setObjectName("export")
        say(export, "fans.export_tip", role="tip")
        self.head.add(export)
        self.head.add(
            changes(
                Button(
                    "fans.import",
                    icon="file-up",
                    kind="primary",
                    on_click=lambda: self.context.go("import"),
                    parent=self,
                )
            )
        )

    def _build_filters(self) -> None:
        self.filters = FanFilters(self.context.clock, self)
        self.filters.changed.connect(self.refresh)
        self.filters.sort_chosen.connect(self._on_sort_chosen)
        self.result = PlainLabel("", "muted", parent=self)
        self.result.setObjectName("result_count")
        self.select_all = Button(
            "fans.select_all", kind="link", on_click=lambda: self.table.selectAll(), parent=self
        )
        self.filters.add_to_line(self.result)
        self.filters.add_to_line(self.select_all)
        self.line = BulkLine(self.filters.tiers, self)
        self.commands.line = self.line
        self.line.add_actions(
            (
                ("fans.action.tag", "tag", lambda: self.commands.ask_tag(self.chosen(), self._selected())),
                ("fans.action.untag", "eraser", self._open_untag_menu),
                ("fans.action.platform_tag", "tags", self._ask_platform_tags),
                ("fans.action.audience", "target", self._ask_audience),
                ("fans.action.pin", "pin", self._open_pin_menu),
                ("fans.action.contact", "ban", self._open_contact_menu),
                ("fans.action.merge", "git-merge", self._ask_merge),
                ("fans.action.export", "download", lambda: self.commands.export(self.chosen())),
            )
        )
        self.bulk = self.line.bar
        for name in ("platform_tag", "audience"):
            self.line.buttons[name].setVisible(self.platform is not None)
        self.line.buttons["merge"].setVisible(self.matching is not None)
        self.bulk.cleared.connect(lambda: self.table.clearSelection())
        self.body.addWidget(self.filters)
        self.body.addWidget(self.line)
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
        self.table.selection_counted.connect(self.line.set_count)
        self.table.copy_by(lambda spans: self.scope.spawn(self._copy(spans), name="fans.copy"))
        self.looks = SavedLooks(self._fans, self._undo, self.scope, self.look, self.show_look, self)
        self.filters.bar.add_tool(self.looks)
        self.filters.bar.add_tool(self.table.columns_button())
        card = Card(margin=12, parent=self)
        card.body.setContentsMargins(8, 4, 8, 4)
        card.add(self.table)
        self._cards = QStackedWidget(self)
        self._cards.addWidget(card)
        self._cards.addWidget(
            changes(
                EmptyState(
                    "fans.empty_title",
                    "fans.empty",
                    icon="users-round",
                    action="fans.import",
                    on_action=lambda: self.context.go("import"),
                    parent=self,
                )
            )
        )
        self._cards.addWidget(NoMatchState(self.filters.clear, self))
        self.body.addWidget(self._cards, 1)

    # -- reading

    async def load(self) -> FansData:
        """The first rows of an order that is not on the screen; the rest follows when they stand."""
        look = (self.filters.wanted, self._sort, self._falling)
        if look == self._shown:
            return FansData(look, None)
        wanted, sort, falling = look
        return FansData(
            look, await self._fans.first_rows(wanted, sort, descending=falling, limit=PAGE_ROWS)
        )

    def populate(self, data: FansData) -> None:
        """Show them; the others come as they are looked at."""
        if data.first is not None and data.look != self._shown:
            self._shown, self._facts = data.look, None
            self.model.set_order([row.fan_id for row in data.first], data.first)
            self.table.scrollToTop()
            self._show_card(len(data.first))
        self._say_facts()
        self.scope.spawn(self._complete(data.look), name="fans.whole")
        self.panel.reload()

    async def _complete(self, look: Look) -> None:
        """Everybody in this order, and what the filters say of themselves."""
        wanted, sort, falling = look
        ids = await self._fans.all_ids(wanted, sort, descending=falling)
        if look != self._shown:
            return
        self.model.complete(ids)
        self._show_card(len(ids))
        self.looks.show_views(await self._fans.views(PAGE))
        titles = {} if self.platform is None else await self.platform.services.segments.titles()
        facts = Facts(await self._fans.tier_counts(), await self._fans.tags(), await self._groups(), titles)
        if look == self._shown:
            self._facts = facts
            self._say_facts()
        self._super_ids = self.panel.super_ids = await self._rankings.super_users()  # the slowest, last
        self.table.viewport().update()

    def _say_facts(self) -> None:
        """How many there are of what, once that is known."""
        if self._facts is None:
            return
        found, total = self.model.rowCount(), sum(self._facts.counts.values())
        self.head.show_subtitle(t("fans.count", n=counted_text(total)))
        counted = t("fans.count_filtered", n=counted_text(found), total=counted_text(total))
        is_part = self._shown is not None and self._shown[0] != FanFilter()
        self.result.setText(counted if is_part else "")
        self.select_all.setVisible(found > 1)
        self.filters.show_choices(
            self._facts.counts, self._facts.tags, self._facts.groups, self._facts.segments, self._sort
        )

    def _show_card(self, count: int) -> None:
        self._cards.setCurrentIndex(TABLE if count else (NO_MATCH if self.filters.is_active else EMPTY))

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
        wanted, text = wish(arguments)
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

    def _choose_sort(self, sort: FanSort, falling: bool | None = None) -> None:
        self._sort, self._falling = sort, sort not in RISING if falling is None else falling
        order = Qt.SortOrder.DescendingOrder if self._falling else Qt.SortOrder.AscendingOrder
        for key, each in SORTS.items():
            if each is sort:
                self.table.show_sorted(key, order)

    # -- selecting

    def chosen(self) -> FanChoice:
        """Fans selected, read or not."""
        wanted = self._shown[0] if self._shown is not None else FanFilter()
        return choice_of(self.model, self.table.selected_spans(), wanted)

    def _selected(self) -> int:
        return sum(map(len, self.table.selected_spans()))

    def selected_ids(self) -> list[int]:
        """Fans selected, in the order shown."""
        return [
            one for span in self.table.selected_spans() for one in self.model.ids(span.start, span.stop)
        ]

    def select_ids(self, fan_ids: Sequence[int]) -> None:
        """Select exactly these fans."""
        rows = (self.model.row_of(fan_id) for fan_id in fan_ids)
        self.table.select_rows(range(row, row + 1) for row in rows if row is not None)

    async def _copy(self, spans: Sequence[range]) -> None:
        """Rows as a spreadsheet takes them, read first."""
        count = sum(map(len, spans))
        ids = [one for span in spans for one in self.model.ids(span.start, span.stop)][:COPIED]
        rows: list[FanRow] = []
        for start in range(0, len(ids), PAGE_ROWS):
            rows += await self._fans.rows(ids[start : start + PAGE_ROWS])
        QApplication.clipboard().setText(self.table.copy_text(rows))
        key = "fans.copied" if count <= COPIED else "fans.copied_first"
        self.context.notices.info(key, n=counted_text(len(rows)), total=counted_text(count))

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
        self.commands.export(FanChoice(wanted=self.filters.wanted))

    def _take_back(self) -> None:
        """Ctrl+Z: what the newest notice offers to undo."""
        kept = self.context.notices.kept
        if kept and kept[0].on_action is not None:
            kept[0].on_action()

    def _ask_platform_tags(self) -> None:
        if self.platform is not None:
            self.platform.ask_tags(self.selected_ids())

    def _ask_merge(self) -> None:
        if self.matching is not None:
            self.matching.merge(self.selected_ids() if self._selected() == 2 else ())

    def _ask_audience(self) -> None:
        if self.platform is not None:
            self.commands.ask_audience(self.chosen(), self._selected(), self.platform.services.segments)

    def _open_pin_menu(self) -> None:
        fill_pin_menu(self.line.menu("pin"), partial(self.commands.pin, self.chosen()))

    def _open_contact_menu(self) -> None:
        fill_contact_menu(self.line.menu("contact"), partial(self.commands.suppress, self.chosen()))

    def _open_untag_menu(self) -> None:
        tags = self._facts.tags if self._facts else ()
        fill_untag_menu(self.line.menu("untag"), tags, partial(self.commands.untag, self.chosen()))

    # -- looks

    def look(self) -> dict[str, Any]:
        """Filters, order and columns as they are, to keep under a name."""
        now = self.context.clock.now_ms()
        return {
            "filter": kept_filter(self.filters.wanted, now),
            "sort": self._sort.value,
            "falling": self._falling,
            "columns": self.table.layout_state(),
        }

    def show_look(self, state: Mapping[str, Any]) -> None:
        """Filters, order and columns as they were kept."""
        self._choose_sort(*sort_of(state))
        self.table.restore_layout(dict(state.get("columns", {})))
        wanted = filter_of(state.get("filter", {}), self.context.clock.now_ms())
        self.filters.show_only(None, wanted, "", quietly=True)
        self.refresh()
