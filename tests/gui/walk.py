"""Walks over a screen: what a screen reader cannot name, what does not fit its place, what paints red."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableView,
    QWidget,
)

from desktop.views.widgets.texts import PlainLabel

SLACK = 1
HOSTILE = '<img src="file:///{path}"><b>粗</b><a href="x">链接</a>'


def unnamed_focusables(root: QWidget) -> list[str]:
    """Widgets the keyboard can reach that say nothing to a screen reader."""
    found = []
    for widget in _shown(root):
        if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus or _is_inner(widget):
            continue
        spoken = QAccessible.queryAccessibleInterface(widget)
        if spoken is not None and not spoken.text(QAccessible.Text.Name).strip():
            found.append(_named(widget))
    return found


def clipped_labels(root: QWidget) -> list[str]:
    """Labels, buttons and table headings whose text needs more room than they have."""
    found = []
    for widget in _shown(root):
        if isinstance(widget, QLabel) and widget.text():
            found += _clipped_label(widget)
        elif isinstance(widget, QAbstractButton) and widget.text():
            if widget.sizeHint().width() > widget.width() + SLACK:
                found.append(f"{_named(widget)}: {widget.text()!r}")
        elif isinstance(widget, QTableView):
            found += _clipped_headings(widget)
    return found


def _clipped_label(label: QLabel) -> list[str]:
    if (
        isinstance(label, PlainLabel)
        and label.property("say_text") is None
        and label.whole_text() != label.text()
    ):
        return []  # data that was shortened on purpose, whole in the tool-tip
    if label.wordWrap():
        needed, room = label.heightForWidth(label.width()), label.height()
    else:
        needed, room = label.sizeHint().width(), label.width()
    cut = needed > room + SLACK or (label.text().endswith("…") and label.text() != _whole(label))
    return [f"{_named(label)}: {label.text()!r} needs {needed}, has {room}"] if cut else []


def _whole(label: QLabel) -> str:
    return label.whole_text() if isinstance(label, PlainLabel) else label.text()


def _clipped_headings(table: QTableView) -> list[str]:
    header = table.horizontalHeader()
    titles = []
    for at in range(header.count()):
        if table.isColumnHidden(at):
            continue
        title = str(table.model().headerData(at, Qt.Orientation.Horizontal))
        if header.fontMetrics().horizontalAdvance(title) + 12 > header.sectionSize(at):
            titles.append(f"{_named(table)}: heading {title!r} has {header.sectionSize(at)}")
    return titles


def red_pixels(image: QImage) -> int:
    """How many pixels are pure red: the colour of the picture that hostile texts try to load."""
    red = QColor(Qt.GlobalColor.red).rgb()
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    return sum(1 for y in range(plain.height()) for x in range(plain.width()) if plain.pixel(x, y) == red)


def _shown(root: QWidget) -> list[QWidget]:
    return [widget for widget in [root, *root.findChildren(QWidget)] if widget.isVisibleTo(root)]


def _is_inner(widget: QWidget) -> bool:
    """Parts of Qt's own composite widgets, spoken for by the whole."""
    parent = widget.parentWidget()
    if isinstance(widget, QHeaderView) or widget.objectName().startswith("qt_"):
        return True
    if isinstance(widget, QLineEdit) and isinstance(parent, QAbstractSpinBox | QComboBox):
        return True
    return isinstance(parent, QAbstractScrollArea) and parent.viewport() is widget


def _named(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName() or '(no object name)'}"
