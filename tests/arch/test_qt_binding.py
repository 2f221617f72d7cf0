"""The installed Qt binding keeps its books, and SQLite is one that keeps its promises.

PySide6 6.12.0 on Python 3.11 gives back one reference too many to None, True and False whenever Qt
calls into Python, until the interpreter aborts (docs/adr/0004-pyside6-below-6.12.md).
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable

import pytest

from desktop.store import engine

ROUNDS = 300
TOLERATED = 20  # other references to None come and go meanwhile; a leak moves by hundreds


def drift(action: Callable[[], object]) -> list[int]:
    """By how much the reference counts of None, True and False move over many rounds."""
    for _ in range(10):
        action()
    before = [sys.getrefcount(thing) for thing in (None, True, False)]
    for _ in range(ROUNDS):
        action()
    after = [sys.getrefcount(thing) for thing in (None, True, False)]
    return [now - then for now, then in zip(after, before, strict=True)]


@pytest.fixture
def actions(qtbot) -> dict[str, Callable[[], object]]:
    """Ways in which Qt calls Python: painting, a model's cells, an event filter, a signal, events."""
    from PySide6.QtCore import (
        QAbstractTableModel,
        QCoreApplication,
        QEvent,
        QModelIndex,
        QObject,
        Qt,
        Signal,
    )
    from PySide6.QtWidgets import QApplication, QTableView, QWidget

    class Painted(QWidget):
        told = Signal(int)

        def paintEvent(self, event) -> None:
            pass

    class Filter(QObject):
        def eventFilter(self, watched, event) -> bool:
            return False

    class Cells(QAbstractTableModel):
        def rowCount(self, parent=QModelIndex()) -> int:  # noqa: B008
            return 5

        def columnCount(self, parent=QModelIndex()) -> int:  # noqa: B008
            return 3

        def data(self, index, role=Qt.ItemDataRole.DisplayRole) -> object:
            return "粉" if role == Qt.ItemDataRole.DisplayRole else None

    widget, view = Painted(), QTableView()
    model, watcher = Cells(view), Filter(widget)
    view.setModel(model)
    widget.told.connect(lambda number: None)
    for window in (widget, view):
        qtbot.addWidget(window)
        window.resize(200, 200)
        window.show()
    QApplication.processEvents()

    def filtered() -> None:
        widget.installEventFilter(watcher)
        QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.User))
        widget.removeEventFilter(watcher)

    return {
        "paint": widget.repaint,
        "cells": lambda: view.viewport().repaint(),
        "filter": filtered,
        "signal": lambda: widget.told.emit(1),
        "events": QApplication.processEvents,
    }


@pytest.mark.parametrize("name", ["paint", "cells", "filter", "signal", "events"])
def test_calls_from_qt_leave_reference_counts_alone(actions, name: str) -> None:
    moved = drift(actions[name])
    assert all(abs(by) <= TOLERATED for by in moved), (
        f"None, True, False moved by {moved} in {ROUNDS} rounds"
    )


def test_sqlite_is_safe_where_we_carry_our_own() -> None:
    carried = importlib.util.find_spec("pysqlite3") is not None
    assert engine.has_wal_reset_fix() or not carried, f"SQLite {engine.version()} may lose a commit"
