"""Ctrl+K: pages, commands and fans by any part of their name, by pinyin or by initials."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.models.found import Entry, find
from desktop.qtkit import plain
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.texts import PlainLabel, say

FindFans = Callable[[str], Awaitable[Sequence[Entry]]]
WAIT_MS = 120
SHOWN = 10
LEAVING = (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.TabFocusReason)
HINT = Qt.ItemDataRole.UserRole + 1


class CommandPalette(QFrame):
    """Sits over the window it is given. `entries()` is asked on each opening."""

    def __init__(
        self,
        window: QWidget,
        scope: TaskScope,
        entries: Callable[[], list[Entry]],
        find_fans: FindFans | None = None,
    ) -> None:
        super().__init__(window)
        self.setProperty("surface", "palette")
        self._window = window
        self._scope = scope
        self._entries = entries
        self._find_fans = find_fans
        self._known: list[Entry] = []
        self._shown: list[Entry] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(6)
        self.line = ImeAwareLineEdit(name="shell.search", placeholder="shell.search", parent=self)
        self.line.setProperty("role", "palette")
        self.line.installEventFilter(self)
        self.line.edited.connect(self._on_edited)
        self.line.submitted.connect(self._run_current)
        self.list = QListWidget(self)
        self.list.setProperty("role", "palette")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setIconSize(QSize(22, 16))
        self.list.setItemDelegate(_EntryDelegate(self.list))
        say(self.list, "shell.found", role="name")
        self.list.itemClicked.connect(lambda: self._run_current())
        self.none = PlainLabel(kind="muted", key="shell.found_none", parent=self)
        column.addWidget(self.line)
        column.addWidget(self.list)
        column.addWidget(self.none)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._ask_fans)
        window.installEventFilter(self)
        self.hide()

    def open_palette(self) -> None:
        """Show it, empty, with the keyboard in it."""
        self._known = self._entries()
        self.line.set_text("")
        self._show([*find(self._known, "")])
        self._place()
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_palette(self) -> None:
        """Put it away and stop what it was looking for."""
        self._wait.stop()
        self._scope.cancel("palette")
        if not self.isHidden():
            self.hide()
            self._window.setFocus()

    def _on_edited(self, typed: str) -> None:
        self._show(find(self._known, typed))
        if self._find_fans is not None and typed.strip():
            self._wait.start()

    def _ask_fans(self) -> None:
        self._scope.spawn(self._add_fans(self.line.text()), name="palette")

    async def _add_fans(self, typed: str) -> None:
        assert self._find_fans is not None
        fans = await self._find_fans(typed)
        if self.isVisible() and typed == self.line.text():
            self._show([*find(self._known, typed), *fans])

    def _show(self, entries: list[Entry]) -> None:
        self._shown = entries
        self.list.clear()
        for entry in entries:
            name = plain.one_line(entry.title)
            item = QListWidgetItem(current().icon(entry.icon, size=16, gap=6), name)
            item.setData(HINT, entry.hint)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{name}, {entry.hint}")
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setVisible(bool(entries))
        self.none.setVisible(not entries)
        self._place()

    def _run_current(self) -> None:
        at = self.list.currentRow()
        if 0 <= at < len(self._shown):
            entry = self._shown[at]
            self.close_palette()
            entry.run()

    def _place(self) -> None:
        theme = current()
        width = min(theme.px(560), self._window.width() - 48)
        rows = min(max(1, len(self._shown)), SHOWN)
        height = theme.px(44) + 34 + rows * theme.px(34)
        self.setGeometry((self._window.width() - width) // 2, theme.px(72), width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows choose and Esc closes, unless a word is being composed; the window's size is followed."""
        if watched is self._window:
            if event.type() == QEvent.Type.Resize and not self.isHidden():
                self._place()
            return False
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and not self.line.is_composing
        ):
            return self._on_key(Qt.Key(event.key()))
        left = isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut
        if left and isinstance(event, QFocusEvent) and event.reason() in LEAVING:
            self.close_palette()
        return False

    def _on_key(self, key: Qt.Key) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if key == Qt.Key.Key_Escape:
            self.close_palette()
            return True
        if key in steps and self._shown:
            self.list.setCurrentRow((self.list.currentRow() + steps[key]) % len(self._shown))
            return True
        return False

    def worded(self) -> list[str]:
        """The titles shown, in order."""
        return [entry.title for entry in self._shown]


class _EntryDelegate(QStyledItemDelegate):
    """An entry with its shortcut at the right end."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Qt's own item, then the hint."""
        super().paint(painter, option, index)
        painter.setPen(current().color("text3"))
        painter.setFont(current().font(12))
        room = option.rect.adjusted(0, 0, -14, 0)
        painter.drawText(
            room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, index.data(HINT) or ""
        )


def shortcut_hint(shortcut: str) -> str:
    """A shortcut as it stands beside a command."""
    return t("shell.shortcut", keys=shortcut) if shortcut else ""
