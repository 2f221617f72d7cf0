"""Which groups get a drop: a searchable list with a box and the number of members for each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.domain.groups import GroupRow
from desktop.qtkit import plain
from desktop.qtkit.i18n import languages, t
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.inputs import SearchBox
from desktop.views.widgets.texts import PlainLabel

SEARCHED_FROM = 8  # fewer groups need no search
HIGHEST = 168


class GroupField(QWidget):
    """`edited()` follows the operator; `value()` are local group ids in the order shown."""

    edited = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._groups: Sequence[GroupRow] = ()
        self._chosen: set[int] = set()
        self.boxes: dict[int, QCheckBox] = {}
        self.chosen = PlainLabel("", "strong", parent=self)
        self.chosen.setObjectName("chosen_groups")
        self.search = SearchBox("drops.search_groups", self)
        self.search.searched.connect(lambda _text: self._filter())
        self.all_button = Button("drops.all_groups", kind="link", on_click=self._choose_all, parent=self)
        self.all_button.setObjectName("all_groups")
        self._none = PlainLabel(kind="muted", key="drops.no_groups", wrap=True, parent=self)
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(12, 6, 12, 6)
        self._column.setSpacing(2)
        self._build()
        languages.changed.connect(self._say_again)

    def _build(self) -> None:
        self.head = QWidget(self)
        head = QHBoxLayout(self.head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(8)
        head.addWidget(self.chosen)
        head.addWidget(self.all_button)
        self._frame = QFrame(self)
        self._frame.setProperty("surface", "inset")
        inner = QVBoxLayout(self._frame)
        inner.setContentsMargins(1, 1, 1, 1)
        scroll = QScrollArea(self._frame)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setStyleSheet("QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }")
        scroll.setWidget(self._list)
        inner.addWidget(scroll)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.search)
        column.addWidget(self._frame)
        column.addWidget(self._none)

    def set_groups(self, groups: Sequence[GroupRow]) -> None:
        """The groups there are."""
        if [g.group_id for g in groups] == list(self.boxes) and groups == self._groups:
            return
        self._groups = groups
        for box in self.boxes.values():
            box.hide()
            box.deleteLater()
        self.boxes = {}
        for group in groups:
            box = QCheckBox(self._list)
            box.setObjectName(f"group_{group.group_id}")
            box.setChecked(group.group_id in self._chosen)
            box.toggled.connect(lambda on, key=group.group_id: self._toggle(key, on))
            self.boxes[group.group_id] = box
            self._column.addWidget(box)
        self._frame.setVisible(bool(groups))
        self._none.setVisible(not groups)
        self.search.setVisible(len(groups) >= SEARCHED_FROM)
        self.all_button.setVisible(len(groups) > 1)
        self._frame.setFixedHeight(min(len(groups) * 30 + 18, HIGHEST))
        self._say_again()
        self._filter()

    def value(self) -> tuple[int, ...]:
        """The chosen groups; chosen ones that are gone stay until taken out."""
        shown = [group.group_id for group in self._groups if group.group_id in self._chosen]
        return (*shown, *sorted(self._chosen.difference(shown)))

    def set_value(self, chosen: Sequence[int]) -> None:
        """Show a choice, without telling it."""
        self._chosen = set(chosen)
        for key, box in self.boxes.items():
            box.blockSignals(True)
            box.setChecked(key in self._chosen)
            box.blockSignals(False)
        self._count()

    def chosen_rows(self) -> list[GroupRow]:
        """What is known of the chosen groups."""
        return [group for group in self._groups if group.group_id in self._chosen]

    def _toggle(self, key: int, on: bool) -> None:
        if on:
            self._chosen.add(key)
        else:
            self._chosen.discard(key)
        self._count()
        self.edited.emit()

    def _choose_all(self) -> None:
        everything = {group.group_id for group in self._groups}
        self.set_value(sorted(set() if everything <= self._chosen else everything))
        self.edited.emit()

    def _filter(self) -> None:
        wanted = self.search.text().strip().casefold()
        for group in self._groups:
            self.boxes[group.group_id].setVisible(wanted in group.name.casefold())

    def _count(self) -> None:
        rows = self.chosen_rows()
        members = sum(row.fans + row.unknown_members for row in rows)
        text = t("drops.chosen_groups", n=len(self._chosen), members=f"{members:,}") if self._chosen else ""
        self.chosen.setText(text)

    def _say_again(self) -> None:
        for group in self._groups:
            name = plain.one_line(group.name or group.external_id).replace("&", "&&")
            members = f"{group.fans + group.unknown_members:,}"
            self.boxes[group.group_id].setText(t("drops.group_line", name=name, n=members))
        self._count()
