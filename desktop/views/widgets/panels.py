"""The drawer for details, the bar of filters above a table, and the bar for what is selected."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.qtkit.i18n import t
from desktop.views.widgets.buttons import Button, IconButton
from desktop.views.widgets.inputs import SearchBox
from desktop.views.widgets.texts import PlainLabel, say


class SidePanel(QFrame):
    """A drawer at the right edge of `host`, over its content. Esc or the cross closes it."""

    closed = Signal()

    def __init__(self, host: QWidget, *, width: int = 400) -> None:
        super().__init__(host)
        self.setProperty("surface", "panel")
        self._host = host
        self._width = width
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(20, 14, 12, 6)
        self.title = PlainLabel("", "title", elide=True, parent=self)
        self.close_button = IconButton("x", "kit.close_panel", on_click=self.close_panel, parent=self)
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        whole.addLayout(head)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner.setProperty("canvas", "panel")
        self.body = QVBoxLayout(inner)
        self.body.setContentsMargins(20, 6, 20, 20)
        self.body.setSpacing(12)
        self._scroll.setWidget(inner)
        self._scroll.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        self._scroll.setStyleSheet(
            "QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }"
        )
        whole.addWidget(self._scroll, 1)
        self.foot = QHBoxLayout()
        self.foot.setContentsMargins(20, 10, 20, 14)
        whole.addLayout(self.foot)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.close_panel)
        host.installEventFilter(self)
        self.hide()

    def open_panel(self, title: str) -> None:
        """Show the drawer under a title that is data."""
        self.title.setText(title)
        self.setAccessibleName(title)
        self._place()
        self.show()
        self.raise_()

    def close_panel(self) -> None:
        """Put the drawer away."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def _place(self) -> None:
        width = min(self._width, self._host.width())
        self.setGeometry(self._host.width() - width, 0, width, self._host.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep to the edge."""
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return False


class FilterBar(QWidget):
    """A search box and whatever filters a page adds, with one button that clears them all."""

    searched = Signal(str)
    cleared = Signal()

    def __init__(self, placeholder: str = "kit.search", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self.search = SearchBox(placeholder, parent=self)
        self.search.setMaximumWidth(320)
        self.search.searched.connect(self.searched)
        self._row.addWidget(self.search, 2)
        self.clear_button = Button("kit.filters_clear", kind="link", on_click=self.clear, parent=self)
        self.clear_button.hide()
        self._row.addWidget(self.clear_button)
        self._row.addStretch(1)

    def add_filter(self, widget: QWidget) -> None:
        """A filter, after the ones before it."""
        self._row.insertWidget(self._row.count() - 2, widget)

    def add_tool(self, widget: QWidget) -> None:
        """A button at the far end."""
        self._row.addWidget(widget)

    def set_active(self, active: bool) -> None:
        """Whether any filter is set: shows the button that clears them."""
        self.clear_button.setVisible(active)

    def clear(self) -> None:
        """Empty the search and tell the page to drop its filters."""
        self.search.clear()
        self.set_active(False)
        self.cleared.emit()


class BulkBar(QFrame):
    """What can be done with the selected rows; hidden while nothing is selected."""

    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "bulk")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 4, 6, 4)
        self._row.setSpacing(8)
        self.text = PlainLabel("", "strong", parent=self)
        self._row.addWidget(self.text)
        self._row.addStretch()
        self._row.addWidget(IconButton("x", "kit.clear_selection", on_click=self.cleared.emit, parent=self))
        self._count = 0
        self.hide()

    def add_action(self, button: Button) -> None:
        """A button, after the ones before it."""
        self._row.insertWidget(self._row.count() - 2, button)

    def set_count(self, count: int) -> None:
        """How many rows are selected."""
        self._count = count
        self.text.setText(t("kit.selected", n=f"{count:,}"))
        self.setVisible(count > 0)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.text.setText(t("kit.selected", n=f"{self._count:,}"))


def heading(key: str, parent: QWidget | None = None) -> PlainLabel:
    """A small heading inside a drawer or card."""
    label = PlainLabel("", "strong", parent=parent)
    say(label, key)
    return label
