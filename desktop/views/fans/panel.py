"""A fan's drawer: who it is, why this tier, what to remember, what happened."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from desktop.domain.fans import FanDetail, InteractionKind, TimelineEntry
from desktop.domain.tiers import TierDecision
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.services.customer_edits import PlatformSide
from desktop.services.fans import FanService
from desktop.services.matching import Merge
from desktop.views.fans.commands import FanCommands
from desktop.views.fans.lines import PAGE
from desktop.views.fans.match_commands import MatchCommands
from desktop.views.fans.merged_box import MergedBox
from desktop.views.fans.order_list import OrderList
from desktop.views.fans.panel_head import PanelHead
from desktop.views.fans.panel_history import RecordForm, TimelineList
from desktop.views.fans.panel_notes import PanelNotes
from desktop.views.fans.platform_commands import PlatformCommands
from desktop.views.fans.platform_side import PlatformSideBox
from desktop.views.fans.rights_commands import RightsCommands
from desktop.views.page import PageContext
from desktop.views.widgets.panels import SidePanel
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import say

WIDTH = 440
TABS = ("fans.panel.timeline", "fans.panel.orders", "fans.panel.record")


@dataclass(frozen=True)
class PanelData:
    """One fan as the drawer shows it."""

    detail: FanDetail
    decision: TierDecision
    entries: list[TimelineEntry]
    sides: list[PlatformSide]
    merges: list[Merge]


class FanPanel(SidePanel):
    """`open_fan` shows a fan; `reload` reads it again. `closed` as every drawer."""

    shown = Signal(int)

    def __init__(
        self,
        host: QWidget,
        context: PageContext,
        fans: FanService,
        commands: FanCommands,
        scope: TaskScope,
        platform: PlatformCommands | None = None,
        rights: RightsCommands | None = None,
        matching: MatchCommands | None = None,
    ) -> None:
        super().__init__(host, width=WIDTH)
        self.setObjectName("fan_panel")
        self._context = context
        self._fans = fans
        self._commands = commands
        self._scope = scope
        self._platform = platform
        self._rights = rights
        self._matching = matching
        self.fan_id = 0
        self.super_ids: frozenset[int] = frozenset()
        self._data: PanelData | None = None
        self._note = ""
        self.head = PanelHead(context.formats, self)
        self.notes = PanelNotes(self)
        self.notes.shows_platform = platform is None
        self.notes.reach.setVisible(rights is not None)
        self.notes.record.setVisible(rights is not None)
        self.notes.erase.setVisible(rights is not None)
        self.sides = PlatformSideBox(self)
        self.sides.setObjectName("platform_sides")
        self.sides.hide()
        self.merged = MergedBox(context.formats, self)
        self.timeline = TimelineList(context.formats, self)
        self.orders = OrderList(context.formats, self)
        self.record = changes(RecordForm(context.formats.zone, self))
        self.body.addWidget(self.head)
        self.body.addWidget(self.notes)
        self.body.addWidget(self.sides)
        self.body.addWidget(self.merged)
        self.body.addLayout(self._tabs())
        self._connect()

    def _tabs(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(12)
        self.tab_bar = QTabBar(self)
        self.tab_bar.setObjectName("fan_tabs")
        self.tab_bar.setDrawBase(False)
        self.tab_bar.setExpanding(False)
        say(self.tab_bar, "fans.panel.tabs", role="name")
        self._pages = QStackedWidget(self)
        self._tabs_shown: tuple[QWidget, ...] = (self.timeline, self.orders, self.record)
        for widget in self._tabs_shown:
            self.tab_bar.addTab("")
            self._pages.addWidget(widget)
        self.tab_bar.currentChanged.connect(self._show_tab)
        column.addWidget(self.tab_bar)
        column.addWidget(self._pages, 1)
        return column

    def _connect(self) -> None:
        commands = self._commands
        self.head.pin_asked.connect(lambda tier, days: commands.pin([self.fan_id], tier, days))
        self.head.phone_asked.connect(
            lambda: self._scope.spawn(self._reveal(self.fan_id), name="fans.reveal")
        )
        self.notes.tag_added.connect(lambda name: commands.tag([self.fan_id], name))
        self.notes.tag_dropped.connect(lambda tag_id, name: commands.untag([self.fan_id], tag_id, name))
        self.notes.note_settled.connect(self._save_note)
        self.notes.quiet_set.connect(lambda on: commands.suppress([self.fan_id], on))
        self.timeline.more_asked.connect(
            lambda: self._scope.spawn(self._more(self.fan_id), name="fans.more")
        )
        self.record.recorded.connect(self._record)
        self.closed.connect(self.notes.settle)
        self.notes.reach_asked.connect(self._ask_reach)
        self.notes.record_asked.connect(self._export_record)
        self.notes.erase_asked.connect(self._ask_erase)
        if self._matching is not None:
            self.merged.part_asked.connect(self._matching.part)
        platform = self._platform
        if platform is not None:
            self.sides.tags_asked.connect(lambda: platform.ask_tags([self.fan_id], can_remove=False))
            self.sides.tag_dropped.connect(lambda tag_id, _name: platform.drop_tag(self.fan_id, tag_id))
            self.sides.notes_asked.connect(lambda side: platform.ask_notes(self.fan_id, side))
            self.sides.back_asked.connect(platform.take_back)
            self.orders.note_asked.connect(platform.ask_order_note)
            self.orders.receiver_asked.connect(
                lambda order_id: platform.ask_receiver(order_id, self.orders.show_receiver)
            )

    # -- opening

    def open_fan(self, fan_id: int) -> None:
        """Show a fan, after what was typed about the one before is kept."""
        self.notes.settle()
        self._scope.spawn(self._open(fan_id), name="fans.panel")

    def reload(self) -> None:
        """Read the fan again while the drawer is open."""
        if not self.isHidden() and self.fan_id:
            self._scope.spawn(self._open(self.fan_id), name="fans.panel")

    async def _open(self, fan_id: int) -> None:
        data = PanelData(
            await self._fans.detail(fan_id),
            await self._fans.explain_tier(fan_id),
            await self._fans.timeline(fan_id, limit=PAGE),
            await self._platform.services.edits.sides(fan_id) if self._platform else [],
            await self._matching.service.merges(fan_id) if self._matching else [],
        )
        self._show(fan_id, data)

    def _show(self, fan_id: int, data: PanelData) -> None:
        same = fan_id == self.fan_id and not self.isHidden()
        self.fan_id = fan_id
        self._data = data
        self._note = data.detail.row.note
        self.show_texts(same=same)
        if not same:
            self.tab_bar.setCurrentIndex(0)
            self.record.begin(self._context.clock.now_ms())
            self._scroll.verticalScrollBar().setValue(0)
        self.open_panel(data.detail.row.name)
        self.shown.emit(fan_id)

    def show_texts(self, *, same: bool = True) -> None:
        """Show what was read, in the present language."""
        if self._data is None:
            return
        detail = self._data.detail
        for at, key in enumerate(TABS):
            self.tab_bar.setTabText(at, t(key))
        self.record.name_kinds()
        is_super = self.fan_id in self.super_ids
        self.head.show_fan(detail, self._data.decision, is_super=is_super, same=same)
        self.notes.show_fan(detail, same=same)
        self.sides.show_sides(self._data.sides)
        self.merged.show_merges(self._data.merges)
        self.timeline.clear()
        self.timeline.add_entries(self._data.entries)
        self.orders.show_orders(detail.recent_orders, same=same)
        self._show_tab(self.tab_bar.currentIndex())

    # -- acting

    def _show_tab(self, at: int) -> None:
        for place in range(len(self._tabs_shown)):  # the drawer is as high as the tab that is shown
            page = self._tabs_shown[place]
            policy = page.sizePolicy()
            kind = policy.Policy.Preferred if place == at else policy.Policy.Ignored
            page.setSizePolicy(policy.Policy.Preferred, kind)
        self._pages.setCurrentIndex(at)
        self._pages.adjustSize()

    async def _reveal(self, fan_id: int) -> None:
        phone = await self._fans.reveal_phone(fan_id)
        if fan_id == self.fan_id:
            self.head.show_phone(phone)

    async def _more(self, fan_id: int) -> None:
        found = await self._fans.timeline(fan_id, limit=PAGE, offset=len(self.timeline.lines))
        if fan_id == self.fan_id and self._data is not None:
            self._data.entries.extend(found)
            self.timeline.add_entries(found)

    def _ask_reach(self) -> None:
        if self._rights is not None and self._data is not None:
            self._rights.ask_reach(self.fan_id, self._data.detail.row.name)

    def _export_record(self) -> None:
        if self._rights is not None:
            self._rights.export(self.fan_id)

    def _ask_erase(self) -> None:
        if self._rights is not None and self._data is not None:
            self._rights.ask_erase(self.fan_id, self._data.detail.row.name, self._forget)

    def _forget(self) -> None:
        """Show nobody, whatever is still being read of them."""
        self._scope.cancel("fans.panel")
        self.close_panel()
        self.fan_id, self._data = 0, None

    def _save_note(self, text: str) -> None:
        if text != self._note:
            self._note = text
            self._commands.save_note(self.fan_id, text)

    def _record(self, kind: InteractionKind, at: int, count: int, note: str) -> None:
        self._commands.record(self.fan_id, kind, at, count, note)
        self.record.begin(self._context.clock.now_ms())
