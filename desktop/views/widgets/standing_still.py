"""Controls that change the shop, marked where they are made: they stand still where it is only looked at."""

from __future__ import annotations

from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QAction, QCursor, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QToolTip,
    QWidget,
)

from desktop.models.row_table import Column
from desktop.qtkit import plain
from desktop.qtkit.i18n import t
from desktop.views.widgets.texts import say

MARK = "changes_shop"
WHY = "shell.look_only"
CONTROLS = (QAbstractButton, QAbstractSpinBox, QComboBox)
TEXTS = (QLineEdit, QTextEdit, QPlainTextEdit)
SHOWN = frozenset({QEvent.Type.Show, QEvent.Type.EnabledChange, QEvent.Type.ReadOnlyChange})
GIVEN = frozenset({QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop})
Marked = TypeVar("Marked", bound=QObject)
_at_work: set[StandingStill] = set()


def changes(thing: Marked) -> Marked:
    """Mark a control, a menu's action, a shortcut, or everything inside a widget as changing the shop."""
    thing.setProperty(MARK, True)
    return thing


def stands_still(column: Column, row: Any) -> bool:
    """Whether the step a table's cell offers cannot be taken, because the shop is only looked at."""
    return bool(_at_work) and row is not None and column.changes(row)


def is_refused(column: Column, row: Any, table: QWidget) -> bool:
    """As `stands_still`, and says why where the step was asked for."""
    if not stands_still(column, row):
        return False
    QToolTip.showText(QCursor.pos(), plain.tip(t(WHY)), table)
    return True


class StandingStill(QObject):
    """Until `end`, whatever is marked refuses to be used and says why; one for each window that only looks.

    Buttons and choices are disabled, texts can be read and copied, shortcuts and dropped files are ignored.
    """

    def __init__(self) -> None:
        super().__init__()
        _at_work.add(self)
        _application().installEventFilter(self)

    def end(self) -> None:
        """The shop is let go of. What was disabled goes with its window."""
        _at_work.discard(self)
        _application().removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Catch what is marked when it is shown, when someone enables it, and when it is used by key."""
        kind = event.type()
        if kind in SHOWN and isinstance(watched, QWidget):
            self._still(watched)
        elif kind in GIVEN and _is_marked(watched):
            event.ignore()
            return True
        elif kind == QEvent.Type.Shortcut and isinstance(watched, QShortcut):
            return _is_marked(watched)
        return False

    def _still(self, widget: QWidget) -> None:
        if isinstance(widget, QMenu):
            for action in widget.actions():
                _still_action(action)
        elif isinstance(widget, TEXTS):
            if not widget.isReadOnly() and _is_marked(widget):
                widget.setReadOnly(True)
                say(widget, WHY, role="tip")
        elif isinstance(widget, CONTROLS) and widget.isEnabled() and _is_marked(widget):
            widget.setEnabled(False)
            say(widget, WHY, role="tip")


def _application() -> QCoreApplication:
    application = QCoreApplication.instance()
    assert application is not None
    return application


def _still_action(action: QAction) -> None:
    if action.property(MARK):
        action.setEnabled(False)


def _is_marked(thing: QObject) -> bool:
    """Itself, or one of the widgets it stands in."""
    at: QObject | None = thing
    while at is not None:
        if at.property(MARK):
            return True
        at = at.parent()
    return False
