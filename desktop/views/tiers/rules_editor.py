"""The rules as a form: for each tier the ways into it, each way some measures that must all hold."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.fans import InteractionKind, Tier
from desktop.domain.tiers import (
    MOST_CONDITIONS,
    MOST_MEASURES,
    RULED,
    Condition,
    Measure,
    TierRules,
)
from desktop.qtkit.i18n import label
from desktop.views.segments.pieces import Picked
from desktop.views.tiers.measure_row import START, MeasureRow
from desktop.views.widgets.buttons import Button, IconButton
from desktop.views.widgets.cards import Card
from desktop.views.widgets.chips import TierChip
from desktop.views.widgets.texts import PlainLabel, say


class ConditionBox(QFrame):
    """One way into a tier. `changed()` follows the operator, `removed()` asks to let it go."""

    changed = Signal()
    removed = Signal()

    def __init__(self, condition: Condition, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("condition")
        self.setProperty("surface", "inset")
        self.rows: list[MeasureRow] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        column.addLayout(self._rows)
        foot = QHBoxLayout()
        self.add = Button("tiers.add_measure", icon="plus", kind="link", compact=True, parent=self)
        self.add.setObjectName("add_measure")
        self.add.clicked.connect(lambda: self._put(START, told=True))
        away = IconButton("trash-2", "tiers.remove_way", size=16, on_click=self.removed.emit, parent=self)
        away.setObjectName("remove_way")
        foot.addWidget(self.add)
        foot.addStretch(1)
        foot.addWidget(away)
        column.addLayout(foot)
        for measure in condition:
            self._put(measure)

    def condition(self) -> Condition | None:
        """Its measures; None while one is not filled in."""
        found = [row.measure() for row in self.rows]
        whole = tuple(measure for measure in found if measure is not None)
        return whole if whole and len(whole) == len(found) else None

    def _put(self, measure: Measure, *, told: bool = False) -> None:
        row = MeasureRow(measure, self)
        row.changed.connect(self.changed)
        row.removed.connect(lambda: self._drop(row))
        self.rows.append(row)
        self._rows.addWidget(row)
        row.show()
        self._fit()
        if told:
            self.changed.emit()

    def _drop(self, row: MeasureRow) -> None:
        self.rows.remove(row)
        self._rows.removeWidget(row)
        row.hide()
        row.deleteLater()
        if self.rows:
            self._fit()
            self.changed.emit()
        else:
            self.removed.emit()

    def _fit(self) -> None:
        self.add.setVisible(len(self.rows) < MOST_MEASURES)


class TierCard(Card):
    """The ways into one tier, any of which is enough."""

    changed = Signal()

    def __init__(self, tier: Tier, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName(f"rules_{tier}")
        self.tier = tier
        self.boxes: list[ConditionBox] = []
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(TierChip(tier.value, parent=self))
        head.addWidget(PlainLabel(kind="secondary", key=f"tiers.any_way_{tier.value}", parent=self), 1)
        self.body.addLayout(head)
        self._boxes = QVBoxLayout()
        self._boxes.setSpacing(10)
        self.body.addLayout(self._boxes)
        foot = QHBoxLayout()
        self.add_way = Button("tiers.add_way", icon="plus", compact=True, parent=self)
        self.add_way.setObjectName("add_way")
        self.add_way.clicked.connect(lambda: self._put((START,), told=True))
        foot.addWidget(self.add_way)
        foot.addStretch(1)
        self.connected = QCheckBox(self)
        self.connected.setObjectName("connected_only")
        say(self.connected, "tiers.connected_only")
        self.connected.setVisible(tier is not Tier.PASSERBY)
        self.connected.toggled.connect(self.changed)
        foot.addWidget(self.connected)
        self.body.addLayout(foot)

    def show_rules(self, rules: TierRules) -> None:
        """Show the ways, without telling it as an edit."""
        for box in list(self.boxes):
            self._take(box)
        for condition in rules.of(self.tier):
            self._put(condition)
        self.connected.blockSignals(True)
        self.connected.setChecked(self.tier in rules.connected_only)
        self.connected.blockSignals(False)

    def conditions(self) -> tuple[Condition, ...] | None:
        """The ways; None while one is not filled in."""
        found = [box.condition() for box in self.boxes]
        whole = tuple(condition for condition in found if condition is not None)
        return whole if len(whole) == len(found) else None

    def _put(self, condition: Condition, *, told: bool = False) -> None:
        box = ConditionBox(condition, self)
        box.changed.connect(self.changed)
        box.removed.connect(lambda: self._drop(box))
        self.boxes.append(box)
        self._boxes.addWidget(box)
        box.show()
        self.add_way.setEnabled(len(self.boxes) < MOST_CONDITIONS)
        if told:
            self.changed.emit()

    def _drop(self, box: ConditionBox) -> None:
        self._take(box)
        self.changed.emit()

    def _take(self, box: ConditionBox) -> None:
        self.boxes.remove(box)
        self._boxes.removeWidget(box)
        box.hide()
        box.deleteLater()
        self.add_way.setEnabled(True)


class RulesEditor(QWidget):
    """`changed()` follows the operator; `rules()` is what stands in the form."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(12)
        self.cards = {tier: TierCard(tier, self) for tier in RULED}
        for card in self.cards.values():
            card.changed.connect(self.changed)
            column.addWidget(card)
        line = QHBoxLayout()
        line.addWidget(PlainLabel(kind="secondary", key="tiers.kinds", parent=self))
        names = {kind.value: label("interaction", kind.value) for kind in InteractionKind}
        self.kinds = Picked("interaction_kinds", names, "tiers.no_kinds", self)
        self.kinds.changed.connect(self.changed)
        line.addWidget(self.kinds)
        line.addStretch(1)
        column.addLayout(line)
        column.addStretch(1)

    def show_rules(self, rules: TierRules) -> None:
        """Show rules, without telling it as an edit."""
        for card in self.cards.values():
            card.show_rules(rules)
        self.kinds.fill({"interaction_kinds": [k for k in InteractionKind if k in rules.interaction_kinds]})

    def rules(self) -> TierRules | None:
        """What is filled in; None while something is missing."""
        found = {tier: card.conditions() for tier, card in self.cards.items()}
        devoted, favorable, passerby = (found[tier] for tier in RULED)
        if devoted is None or favorable is None or passerby is None:
            return None
        return TierRules(
            favorable=favorable,
            devoted=devoted,
            interaction_kinds=frozenset(self.kinds.chosen),
            passerby=passerby,
            connected_only=frozenset(
                tier for tier, card in self.cards.items() if card.connected.isChecked()
            ),
        )
