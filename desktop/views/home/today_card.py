"""Today's list: what asks for attention, why, and a button that leads to where it is dealt with."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.home import TodayItem, TodayKind
from desktop.qtkit import plain
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import has, label, t
from desktop.views.home.today_actions import ICONS
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.chips import Chip
from desktop.views.widgets.texts import IconLabel, PlainLabel, say

SHOWN = 4
UNTIMED = (TodayKind.LAPSED_BUYERS, TodayKind.BACKUP_OVERDUE)  # their titles say since when


def title_of(item: TodayItem) -> str:
    """What is to be done, in one line."""
    params = dict(item.params)
    if item.kind is TodayKind.BACKUP_OVERDUE and item.due_at is None:
        return t("today.backup_never")
    names = params.get("names")
    if isinstance(names, list | tuple):
        params["names"] = "、".join(map(str, names))
    if "title" in params and not str(params["title"]).strip():
        params["title"] = label("write_kind", str(params.get("write", "")))
    special = f"today.{item.kind}.{params.get('why')}"
    return plain.one_line(t(special if has(special) else f"today.{item.kind}", **params))


def note_of(item: TodayItem, formats: Formats) -> str:
    """When, and how much money it is about."""
    parts = []
    if item.due_at is not None and item.kind not in UNTIMED and item.params.get("why") != "stale":
        since = item.kind in (TodayKind.WAITING_STAFF, TodayKind.ACCOUNT, TodayKind.IMPORT_REJECTIONS)
        was_due = "home.answer_was_due" if item.kind is TodayKind.TALKS_WAITING else "home.was_due"
        key = "home.since" if since else (was_due if item.is_overdue else "home.due")
        parts.append(t(key, when=formats.relative(item.due_at)))
    if item.cents:
        key = "home.spent_before" if item.kind is TodayKind.LAPSED_BUYERS else "home.at_stake"
        parts.append(t(key, money=formats.money(item.cents, whole=True)))
    return " · ".join(parts)


class TodayRow(QWidget):
    """One thing to do."""

    def __init__(self, item: TodayItem, formats: Formats, card: TodayCard) -> None:
        super().__init__(card)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        icon, token = ICONS[item.kind]
        if item.is_overdue:
            token = "bad"
        words = QVBoxLayout()
        words.setSpacing(2)
        title = title_of(item)
        words.addWidget(PlainLabel(title, wrap=True, parent=self))
        note = note_of(item, formats)
        place = Qt.AlignmentFlag.AlignTop if note else Qt.AlignmentFlag.AlignVCenter
        row.addWidget(IconLabel(icon, token, 18, parent=self), 0, place)
        if note:
            words.addWidget(PlainLabel(note, "muted", wrap=True, parent=self))
        row.addLayout(words, 1)
        button = Button(f"today_action.{item.action}", on_click=lambda: card.chosen.emit(item), parent=self)
        button.setObjectName(f"today_{item.kind}")
        say(button, "home.todo", role="tip")
        button.setToolTip(plain.tip(title))
        button.setAccessibleDescription(title)
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)


class TodayCard(Card):
    """`chosen(item)` when a line's button is pressed."""

    chosen = Signal(object)

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__("home.todo", parent=parent)
        self.setObjectName("today_card")
        self._formats = formats
        self._items: Sequence[TodayItem] = ()
        self._open = False
        self._count = Chip("", "primary", parent=self)
        self.add_tool(self._count)
        self._list = QVBoxLayout()
        self._list.setSpacing(14)
        self.body.addLayout(self._list)
        self._clear = PlainLabel(kind="secondary", key="home.todo_clear", wrap=True, parent=self)
        self._clear_more = PlainLabel(kind="muted", key="home.todo_clear_more", wrap=True, parent=self)
        self.add(self._clear)
        self.add(self._clear_more)
        self._more = Button(text="", kind="link", on_click=self._toggle, parent=self)
        self.body.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)
        self.rows: list[TodayRow] = []

    def show_items(self, items: Sequence[TodayItem]) -> None:
        """Show these lines, most pressing first."""
        self._items = items
        for old in self.rows:
            self._list.removeWidget(old)
            old.hide()
            old.deleteLater()
        shown = items if self._open else items[:SHOWN]
        self.rows = [TodayRow(item, self._formats, self) for item in shown]
        for row in self.rows:
            self._list.addWidget(row)
        self._count.setText(str(len(items)))
        self._count.setVisible(bool(items))
        for line in (self._clear, self._clear_more):
            line.setVisible(not items)
        rest = len(items) - SHOWN
        self._more.setVisible(rest > 0)
        self._more.setText(t("home.less_todo") if self._open else t("home.more_todo", n=rest))

    def _toggle(self) -> None:
        self._open = not self._open
        self.show_items(self._items)
