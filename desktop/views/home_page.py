"""The first page of the day: what to do, how the shop goes, and who carries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.changes import Topic
from desktop.domain.home import TodayItem, TodayKind
from desktop.qtkit.i18n import t
from desktop.services.backups import BackupService
from desktop.services.home import HomeService, HomeSnapshot
from desktop.services.rankings import RankingService
from desktop.services.shop import ShopService
from desktop.views.home.activity_card import RANGES, ActivityCard
from desktop.views.home.board_card import SHOWN, BoardCard
from desktop.views.home.start_card import StartCard
from desktop.views.home.tiles import KpiRow
from desktop.views.home.today_actions import target_of
from desktop.views.home.today_card import TodayCard
from desktop.views.page import Page, PageContext
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import say

HELLOS = ((5, "night"), (11, "morning"), (13, "noon"), (18, "afternoon"), (23, "evening"), (24, "night"))
KPI_PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "fans_total": ("fans", {}),
    "active_fans": ("fans", {"sort": "last_touch"}),
    "sales": ("ranking", {"board": "super"}),
    "repurchase": ("fans", {"is_buyer": True, "sort": "orders"}),
}
STARTS: dict[str, tuple[str, dict[str, Any]]] = {
    "import": ("import", {}),
    "connect": ("sync", {"connect": True}),
    "write": ("posts", {"new": True}),
}


@dataclass(frozen=True)
class HomeData:
    """All that the page shows at once; both boards follow."""

    shop_name: str
    snapshot: HomeSnapshot

    @property
    def is_new_shop(self) -> bool:
        """Neither fans nor anything they did."""
        values = {kpi.key: kpi.value for kpi in self.snapshot.kpis}
        return not values["fans_total"] and values["active_fans"] is None


class HomePage(Page):
    """`navigate(page key, arguments)` tells where a click leads; `context.go` is asked to go there."""

    navigate = Signal(str, object)
    topics = frozenset(
        {
            Topic.SHOP, Topic.FAN, Topic.ORDER, Topic.INTERACTION, Topic.TIER, Topic.DROP, Topic.OUTBOX,
            Topic.ACCOUNT, Topic.IMPORT, Topic.SYNC, Topic.RANKING,
        }
    )  # fmt: skip

    def __init__(
        self,
        context: PageContext,
        home: HomeService,
        rankings: RankingService,
        shop: ShopService,
        backups: BackupService,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, parent)
        self._home = home
        self._rankings = rankings
        self._shop = shop
        self._backups = backups
        self._days = RANGES[1]
        self._is_ranked = False
        say(self, "home.title", role="name")
        self.navigate.connect(lambda key, arguments: context.go(key, **arguments))
        self.head.add(
            changes(Button("home.import", icon="file-up", on_click=lambda: self._go("import"), parent=self))
        )
        self.write_button = changes(
            Button("home.write", kind="primary", icon="plus", on_click=self.create_new, parent=self)
        )
        self.head.add(self.write_button)
        self._build()

    def _build(self) -> None:
        formats = self.context.formats
        self.start = StartCard(self)
        self.start.begun.connect(lambda step: self._go(STARTS[step][0], **STARTS[step][1]))
        self.kpis = KpiRow(formats, self)
        self.kpis.opened.connect(lambda key: self._go(KPI_PAGES[key][0], **KPI_PAGES[key][1]))
        self.activity = ActivityCard(formats, self)
        self.activity.range_chosen.connect(self._on_range)
        self.today = TodayCard(formats, self)
        self.today.chosen.connect(self._on_today)
        self.board = BoardCard(formats, self)
        self.board.fan_opened.connect(lambda fan_id: self._go("fans", fan_id=fan_id))
        self.board.board_opened.connect(lambda board: self._go("ranking", board=board))
        middle = QHBoxLayout()
        middle.setSpacing(16)
        left = QVBoxLayout()
        left.addWidget(self.start)
        left.addWidget(self.activity, 1)
        middle.addLayout(left, 7)
        middle.addWidget(self.today, 3)
        self.today.setMinimumWidth(330)
        self.body.addWidget(self.kpis)
        self.body.addLayout(middle)
        self.body.addWidget(self.board)
        self.body.addStretch(1)

    async def load(self) -> HomeData:
        """The figures and the list."""
        shop = await self._shop.find()
        return HomeData(shop.name if shop else "", await self._home.snapshot(days=self._days, top=0))

    def populate(self, data: HomeData) -> None:
        """Show them; a shop without data sees how to begin in place of chart and boards."""
        self._greet(data.shop_name)
        is_new = data.is_new_shop
        self.activity.setVisible(not is_new)
        self.board.setVisible(not is_new and self._is_ranked)
        self.start.setVisible(is_new)
        self.write_button.setVisible(not is_new)
        self.kpis.show_kpis(data.snapshot.kpis)
        self.activity.show_range(self._days)
        self.activity.show_activity(data.snapshot.activity)
        self.today.show_items(data.snapshot.today)
        if is_new:
            self.scope.cancel("home.boards")
        else:
            self.scope.spawn(self._rank(), name="home.boards")

    async def _rank(self) -> None:
        """Both boards: everybody is looked at, which takes seconds where there are a hundred thousand."""
        self.board.show_boards(*await self._rankings.boards(top=SHOWN))
        self._is_ranked = True
        self.board.show()

    def open_with(self, **arguments: Any) -> None:
        """Nothing can be asked of this page."""

    def create_new(self) -> None:
        """Write a post."""
        self._go("posts", new=True)

    def _greet(self, name: str) -> None:
        now = self.context.clock.now_ms()
        hour = self.context.formats.to_local(now).hour
        hello = next(word for until, word in HELLOS if hour < until)
        self.head.show_title(t(f"home.hello_{hello}", name=name))
        self.head.show_subtitle(self.context.formats.day_words(now))

    def _go(self, key: str, **arguments: Any) -> None:
        self.navigate.emit(key, arguments)

    def _on_range(self, days: int) -> None:
        self._days = days
        self.refresh()

    def _on_today(self, item: TodayItem) -> None:
        if item.kind is TodayKind.BACKUP_OVERDUE:
            self.scope.spawn(self._back_up(), name="home.backup", replace=False)
            return
        key, arguments = target_of(item)
        self._go(key, **arguments)

    async def _back_up(self) -> None:
        made = await self._backups.daily()
        if made is not None:
            self.context.notices.info("home.backed_up", file=made.path.name)
        self.refresh()
