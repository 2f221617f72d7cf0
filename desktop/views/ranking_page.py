"""Who carries the shop: super users by spend, KOCs by score, each place opened down to its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QWidget

from desktop.domain.changes import Topic
from desktop.domain.rankings import Board
from desktop.models.row_table import Column, RowTableModel
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import t
from desktop.services.fans import FanService
from desktop.services.rankings import BoardRow, KocBoard, RankingService, SuperBoard
from desktop.views.fans.columns import export_headers
from desktop.views.page import Page, PageContext
from desktop.views.ranking.columns import koc_columns, super_columns
from desktop.views.ranking.day_field import DayField
from desktop.views.ranking.explain_panel import ExplainPanel
from desktop.views.ranking.super_tiles import SuperTiles
from desktop.views.ranking.weights_dialog import WeightsDialog
from desktop.views.undoing import OperationLog, Undo
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.states import EmptyState
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel, say

BOARDS = (Board.SUPER, Board.KOC)
TOP = 500


@dataclass(frozen=True)
class RankingData:
    """Both boards as of one day."""

    best: SuperBoard
    koc: KocBoard


class RankingPage(Page):
    """`open_with(board="koc", fan_id=3)` shows a board and opens a place."""

    topics = frozenset({Topic.ORDER, Topic.INTERACTION, Topic.FAN, Topic.RANKING, Topic.IMPORT, Topic.SHOP})
    scrolls = False

    def __init__(
        self,
        context: PageContext,
        rankings: RankingService,
        fans: FanService,
        log: OperationLog,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, parent)
        self._rankings = rankings
        self._fans = fans
        self._undo = Undo(log, context.notices, self.scope)
        self._as_of: date | None = None
        say(self, "rank.title", role="name")
        self.head.set_title("rank.title")
        self._build_head()
        self._build_tabs()
        self.tiles = SuperTiles(context.formats, self)
        self.note = PlainLabel("", "muted", wrap=True, parent=self)
        self.note.hide()
        self.body.addWidget(self.tiles)
        self.body.addWidget(self.note)
        self.models: list[RowTableModel] = []
        self.tables: list[DataTable] = []
        self._build_boards()
        self.panel = ExplainPanel(self, context.formats)
        self.panel.fan_asked.connect(lambda fan_id: context.go("fans", fan_id=fan_id))
        self.panel.closed.connect(lambda: self.tables[self.board_at].setFocus())

    # -- building

    def _build_head(self) -> None:
        self.day = DayField(name="rank.year_until", parent=self)
        self.day.setObjectName("as_of")
        self.day.picked.connect(self._on_day)
        self.weights_button = changes(
            Button("rank.edit_weights", icon="sliders-horizontal", on_click=self.edit_weights, parent=self)
        )
        self.weights_button.setObjectName("weights")
        self.export_button = changes(
            Button("rank.export", icon="download", on_click=self._export, parent=self)
        )
        say(self.export_button, "rank.export_tip", role="tip")
        self.head.add(PlainLabel(kind="muted", key="rank.year_until", parent=self))
        self.head.add(self.day)
        self.head.add(self.weights_button)
        self.head.add(self.export_button)

    def _build_tabs(self) -> None:
        self.tabs = QTabBar(self)
        self.tabs.setObjectName("boards")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        say(self.tabs, "rank.tabs", role="name")
        for _board in BOARDS:
            self.tabs.addTab("")
        self.tabs.currentChanged.connect(self._on_tab)
        row = QHBoxLayout()
        row.addWidget(self.tabs)
        row.addStretch(1)
        self.body.setSpacing(12)
        self.body.addLayout(row)

    def _build_boards(self) -> None:
        self._cards = QStackedWidget(self)
        columns = (super_columns(self.context.formats, lambda: self.data.best), koc_columns())
        for board, each in zip(BOARDS, columns, strict=True):
            self._cards.addWidget(self._board(board, each))
        for board in BOARDS:
            self._cards.addWidget(
                EmptyState(
                    f"rank.empty_title_{board}",
                    f"rank.empty_{board}",
                    icon="crown",
                    action="rank.import",
                    on_action=lambda: self.context.go("import"),
                    parent=self,
                )
            )
        self.body.addWidget(self._cards, 1)

    def _board(self, board: Board, columns: Sequence[Column]) -> Card:
        model = RowTableModel(columns, self.context.formats, key=lambda row: row.fan_id)
        table = DataTable(model, name=f"rank.board.{board}", parent=self)
        table.setObjectName(f"board_{board}")
        model.setParent(table)
        table.row_activated.connect(self._explain_row)
        table.clicked.connect(lambda index: self._explain_row(index.row()))
        table.row_pointed.connect(self._on_pointed)
        self.models.append(model)
        self.tables.append(table)
        card = Card(margin=12, parent=self)
        card.body.setContentsMargins(8, 4, 8, 4)
        card.add(table)
        return card

    # -- reading

    async def load(self) -> RankingData:
        """Both boards."""
        return RankingData(*await self._rankings.boards(self._as_of, top=TOP))

    def populate(self, data: RankingData) -> None:
        """Show both boards."""
        for at, board in enumerate(BOARDS):
            self.tabs.setTabText(at, t(f"rank.board.{board}"))
        window, formats = data.best.window, self.context.formats
        today = formats.to_local(self.context.clock.now_ms()).date()
        self.day.show_day(data.best.as_of, today)
        self.head.show_subtitle(
            t("rank.window", first=formats.day(window.from_ms), last=formats.day(window.to_ms - 1))
        )
        self.tiles.show_board(data.best)
        self.note.setText(t("rank.ranked", n=data.koc.ranked))
        self.models[0].set_rows(data.best.rows)
        self.models[1].set_rows(data.koc.rows)
        self._show_board(self.board_at)

    def retranslate(self) -> None:
        """The drawer's texts."""
        if not self.panel.isHidden():
            self.panel.show_texts()

    @property
    def board_at(self) -> int:
        """Which board is shown: 0 super users, 1 KOC."""
        return self.tabs.currentIndex()

    def _show_board(self, at: int) -> None:
        is_empty = not self.models[at].rows
        self._cards.setCurrentIndex(at + (len(BOARDS) if is_empty else 0))
        self.tiles.setVisible(at == 0 and not is_empty)
        self.note.setVisible(at == 1 and not is_empty)
        self.weights_button.setVisible(at == 1)
        self.export_button.setEnabled(not is_empty)

    def _on_tab(self, at: int) -> None:
        self.panel.close_panel()
        if self.is_loaded:
            self._show_board(at)

    # -- choosing

    def open_with(self, **arguments: Any) -> None:
        """A board, and perhaps one place on it."""
        if "board" in arguments:
            self.tabs.setCurrentIndex(BOARDS.index(Board(arguments["board"])))
        if "fan_id" in arguments:
            self._explain(int(arguments["fan_id"]))

    def _on_day(self, day: object) -> None:
        if isinstance(day, date):
            self._as_of = day
            self.panel.close_panel()
            self.refresh()

    def _on_pointed(self, row: int) -> None:
        if not self.panel.isHidden() and self.tables[self.board_at].hasFocus():
            self._explain_row(row)

    def _explain_row(self, row: int) -> None:
        rows: list[BoardRow] = self.models[self.board_at].rows
        if 0 <= row < len(rows):
            self._explain(rows[row].fan_id)

    def _explain(self, fan_id: int) -> None:
        board = BOARDS[self.board_at]
        self.scope.spawn(self._open_place(fan_id, board), name="ranking.explain")

    async def _open_place(self, fan_id: int, board: Board) -> None:
        found = await self._rankings.explain(fan_id, board, as_of=self._as_of)
        self.panel.show_explanation(found, await self._rankings.weights())

    # -- acting

    def edit_weights(self) -> None:
        """Ask for other weights, showing who would move."""
        self.scope.spawn(self._edit_weights(), name="ranking.weights")

    async def _edit_weights(self) -> None:
        defaults = await self._rankings.default_weights()
        weights = await self._rankings.weights()
        dialog = WeightsDialog(self, self._rankings, self.scope, weights, defaults)
        wanted: dict[str, Any] = {}
        dialog.accepted.connect(lambda: wanted.update(dialog.weights()))
        if not await dialogs.answer(dialog) or wanted == weights:
            return
        is_default = wanted == defaults
        await self._rankings.set_weights(None if is_default else wanted)
        await self._undo.offer("setting.set", "rank.weights_reset" if is_default else "rank.weights_saved")
        self.refresh()

    def _export(self) -> None:
        ids = [row.fan_id for row in self.models[self.board_at].rows]
        self.scope.spawn(self._export_to(ids), name="ranking.export")

    async def _export_to(self, fan_ids: list[int]) -> None:
        target = await dialogs.save_file(
            self,
            t("fans.export_title"),
            [t("fans.export_xlsx"), t("fans.export_csv")],
            name=t("rank.export_name") + ".xlsx",
            suffix="xlsx",
        )
        if target is not None:
            written = await self._fans.export(fan_ids, target, headers=export_headers())
            self.context.notices.info("fans.exported", n=written, file=target.name)
