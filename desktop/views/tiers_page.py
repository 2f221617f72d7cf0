"""How close fans are to the shop: the rules with what a change would do, and the tiers day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QTabBar, QWidget

from desktop.domain.changes import Topic
from desktop.domain.errors import CancelledByOperatorError
from desktop.domain.fans import Tier
from desktop.domain.tier_moves import TierDay, TierMatrix
from desktop.domain.tiers import TierRules
from desktop.qtkit.i18n import t
from desktop.services.tiers import TierService
from desktop.views.fans.bulk import BulkLine
from desktop.views.page import Page, PageContext
from desktop.views.tiers.flow import FlowView
from desktop.views.tiers.matrix import MatrixView
from desktop.views.tiers.rules_editor import RulesEditor
from desktop.views.undoing import OperationLog, Undo
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import PlainLabel, say

TABS = ("tiers.tab_rules", "tiers.tab_flow")
DAYS = 30
WAIT_MS = 300
MATRIX_WIDTH = 400


@dataclass(frozen=True)
class TiersData:
    """The rules in force and the last days."""

    rules: TierRules
    days: Sequence[TierDay]


class TiersPage(Page):
    """What is being written stays until it is saved or given up, also while another page is looked at."""

    topics = frozenset({Topic.TIER, Topic.FAN, Topic.SHOP, Topic.IMPORT})
    scrolls = False

    def __init__(
        self, context: PageContext, tiers: TierService, log: OperationLog, parent: QWidget | None = None
    ) -> None:
        super().__init__(context, parent)
        self._tiers = tiers
        self._undo = Undo(log, context.notices, self.scope)
        self._rules: TierRules | None = None
        self._matrix: TierMatrix | None = None
        say(self, "tiers.title", role="name")
        self.head.set_title("tiers.title")
        self._build_head()
        self.tabs = QTabBar(self)
        self.tabs.setObjectName("tier_tabs")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        say(self.tabs, "tiers.title", role="name")
        for key in TABS:
            self.tabs.addTab(t(key))
        self.tabs.currentChanged.connect(self._on_tab)
        line = QHBoxLayout()
        line.addWidget(self.tabs)
        line.addStretch(1)
        self.body.setSpacing(12)
        self.body.addLayout(line)
        self.flow = FlowView(context.formats, self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self._build_rules())
        self.stack.addWidget(self.flow)
        self.body.addWidget(self.stack, 1)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._ask)

    def _build_head(self) -> None:
        self.shipped = Button("tiers.shipped", icon="rotate-ccw", on_click=self._put_shipped, parent=self)
        self.shipped.setObjectName("shipped_rules")
        self.drop = Button("tiers.give_up", icon="undo-2", on_click=self._give_up, parent=self)
        self.drop.setObjectName("give_up")
        self.save = changes(
            Button("tiers.save", icon="check", kind="primary", on_click=self._save, parent=self)
        )
        self.save.setObjectName("save_rules")
        for button in (self.shipped, self.drop, self.save):
            self.head.add(button)

    def _build_rules(self) -> QWidget:
        whole = QWidget(self)
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        self.editor = RulesEditor()
        self.editor.setProperty("canvas", "true")
        self.editor.changed.connect(self._on_edit)
        scroll = QScrollArea(whole)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.editor)
        row.addWidget(scroll, 1)
        card = Card("tiers.moves", parent=whole)
        card.setFixedWidth(MATRIX_WIDTH)
        self.told = PlainLabel("", "secondary", wrap=True, parent=card)
        self.told.setObjectName("moves_told")
        self.matrix = MatrixView(card)
        self.matrix.cell_asked.connect(self._open_cell)
        self.line = BulkLine(QWidget(), card)
        self.line.hide()
        card.add(self.told)
        card.add(self.matrix)
        card.add(PlainLabel(kind="muted", key="tiers.moves_hint", wrap=True, parent=card))
        card.add(self.line)
        card.body.addStretch(1)
        row.addWidget(card, 0, Qt.AlignmentFlag.AlignTop)
        return whole

    # -- reading

    async def load(self) -> TiersData:
        """The rules and the days."""
        return TiersData(await self._tiers.rules(), await self._tiers.flow(DAYS))

    def populate(self, data: TiersData) -> None:
        """Show them; what is being written stays as it is."""
        is_edited = self._rules is not None and self.editor.rules() != self._rules
        self._rules = data.rules
        if not is_edited:
            self.editor.show_rules(data.rules)
        self.flow.show_days(data.days)
        self._judge()
        self._ask()

    def retranslate(self) -> None:
        """The tabs."""
        for at, key in enumerate(TABS):
            self.tabs.setTabText(at, t(key))

    def _on_tab(self, at: int) -> None:
        self.stack.setCurrentIndex(at)
        self._judge()

    # -- writing

    def _on_edit(self) -> None:
        self._judge()
        self._wait.start()

    def _judge(self) -> None:
        """What can be done with what stands in the form."""
        rules = self.editor.rules()
        is_edited = self._rules is not None and rules != self._rules
        on_rules = self.tabs.currentIndex() == 0
        self.save.setVisible(on_rules)
        self.save.setEnabled(is_edited and rules is not None)
        self.drop.setVisible(on_rules and is_edited)
        self.shipped.setVisible(on_rules)
        self.shipped.setEnabled(rules != self._tiers.shipped_rules())

    def _ask(self) -> None:
        self._wait.stop()
        rules = self.editor.rules()
        if rules is None:
            self._matrix = None
            self.matrix.show_matrix(None)
            self.told.setText(t("tiers.incomplete"))
        else:
            self.scope.spawn(self._preview(rules), name="tiers.preview")

    async def _preview(self, rules: TierRules) -> None:
        matrix = await self._tiers.preview(rules)
        if rules != self.editor.rules():
            return
        self._matrix = matrix
        self.matrix.show_matrix(matrix)
        key = "tiers.unchanged" if rules == self._rules else "tiers.would_move"
        if rules != self._rules and not matrix.moved:
            key = "tiers.nobody_moves"
        self.told.setText(t(key, n=f"{matrix.moved:,}"))

    def _open_cell(self, before: Tier, after: Tier) -> None:
        if self._matrix is not None:
            self.context.go("fans", fan_ids=self._matrix.fans(before, after))

    def _put_shipped(self) -> None:
        self.editor.show_rules(self._tiers.shipped_rules())
        self._on_edit()

    def _give_up(self) -> None:
        if self._rules is not None:
            self.editor.show_rules(self._rules)
            self._on_edit()

    def _save(self) -> None:
        rules = self.editor.rules()
        if rules is not None:
            self.scope.spawn(self._keep(rules), name="tiers.save", replace=False)

    async def _keep(self, rules: TierRules) -> None:
        self.save.setEnabled(False)
        self.line.show()
        try:
            moved = await self._tiers.save(rules, steps=self.line.steps())
        except CancelledByOperatorError:
            self.context.notices.info("fans.stopped")
        else:
            await self._undo.offer("tier.rules", "tiers.saved", n=f"{moved:,}")
        finally:
            self.line.done()
            self.line.hide()
            self._judge()
        self.refresh()
