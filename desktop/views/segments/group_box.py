"""A group in the rule builder: all, any or none of its conditions and of the groups inside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.segments.conditions import Condition
from desktop.domain.segments.rules import AllOf, AnyOf, Not, Rule
from desktop.qtkit.i18n import t
from desktop.services.segments import Names
from desktop.views.segments.condition_row import ConditionRow
from desktop.views.widgets.buttons import Button, IconButton
from desktop.views.widgets.fields import Choice

JOINS = ("all", "any", "none")
MOST_LEVELS = 3  # a rule may nest six deep, and "none of" takes two of them


class GroupBox(QFrame):
    """`changed()` follows the operator, `removed()` asks the group around it to let it go."""

    changed = Signal()
    removed = Signal()

    def __init__(self, names: Names, *, level: int = 1, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("group")
        self.setProperty("surface", "inset" if level > 1 else None)
        self._names, self._level = names, level
        self.parts: list[GroupBox | ConditionRow] = []
        column = QVBoxLayout(self)
        margin = 12 if level > 1 else 0
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(10)
        column.addLayout(self._head())
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        column.addLayout(self._rows)
        column.addLayout(self._foot())

    def _head(self) -> QHBoxLayout:
        self.join = Choice(name="segments.join", parent=self)
        self.join.setObjectName("join")
        self.join.set_options({join: t(f"segments.join_{join}") for join in JOINS})
        self.join.chosen.connect(lambda _value: self.changed.emit())
        head = QHBoxLayout()
        head.addWidget(self.join)
        head.addStretch(1)
        if self._level > 1:
            away = IconButton(
                "x", "segments.remove_group", size=16, on_click=self.removed.emit, parent=self
            )
            away.setObjectName("remove_group")
            head.addWidget(away)
        return head

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        add = Button("segments.add_condition", icon="plus", compact=True, parent=self)
        add.setObjectName("add_condition")
        add.clicked.connect(self._add_condition)
        foot.addWidget(add)
        if self._level < MOST_LEVELS:
            more = Button("segments.add_group", icon="list-plus", compact=True, parent=self)
            more.setObjectName("add_group")
            more.clicked.connect(self._add_group)
            foot.addWidget(more)
        foot.addStretch(1)
        return foot

    # -- value

    def rule(self) -> Rule:
        """What is filled in; an empty group where a condition is not."""
        parts = tuple(
            part.rule() if isinstance(part, GroupBox) else part.condition() or AllOf()
            for part in self.parts
        )
        join = self.join.value()
        if join == "none":
            return Not(parts[0] if len(parts) == 1 else AnyOf(parts))
        return AllOf(parts) if join == "all" else AnyOf(parts)

    def show_rule(self, rule: Rule) -> None:
        """Show a rule, without telling it as an edit."""
        join, parts = _opened(rule)
        self.join.set_value(join)
        for part in list(self.parts):
            self._drop(part)
        for each in parts:
            if isinstance(each, Condition):
                row = ConditionRow(self._names, self)
                row.show_condition(each)
                self._put(row)
            else:
                box = GroupBox(self._names, level=self._level + 1, parent=self)
                box.show_rule(each)
                self._put(box)

    def missing(self) -> int:
        """How many conditions are not filled in; an empty group is one."""
        if not self.parts:
            return 1
        return sum(
            part.missing() if isinstance(part, GroupBox) else part.condition() is None
            for part in self.parts
        )

    # -- changes

    def _add_condition(self) -> None:
        row = ConditionRow(self._names, self)
        self._put(row)
        row.kind.setFocus()
        self.changed.emit()

    def _add_group(self) -> None:
        box = GroupBox(self._names, level=self._level + 1, parent=self)
        box.join.set_value("any")
        box._put(ConditionRow(self._names, box))
        self._put(box)
        box.join.setFocus()
        self.changed.emit()

    def _put(self, part: GroupBox | ConditionRow) -> None:
        part.changed.connect(self.changed)
        part.removed.connect(lambda: self._remove(part))
        self.parts.append(part)
        self._rows.addWidget(part)
        part.show()

    def _remove(self, part: GroupBox | ConditionRow) -> None:
        self._drop(part)
        self.changed.emit()

    def _drop(self, part: GroupBox | ConditionRow) -> None:
        self.parts.remove(part)
        self._rows.removeWidget(part)
        part.hide()
        part.deleteLater()


def _opened(rule: Rule) -> tuple[str, Sequence[Rule]]:
    """How a rule is joined, and its parts; one condition alone is a group of one."""
    if isinstance(rule, AllOf):
        return "all", rule.parts
    if isinstance(rule, AnyOf):
        return "any", rule.parts
    if isinstance(rule, Not):
        return "none", rule.part.parts if isinstance(rule.part, AnyOf) else (rule.part,)
    return "all", (rule,)
