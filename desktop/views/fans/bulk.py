"""The line above the directory: tiers, what to do with those selected, or how far that has come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QStackedWidget, QWidget

from desktop.qtkit import plain
from desktop.qtkit.i18n import t
from desktop.services.fans import Steps, TagRow
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.panels import BulkBar
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import PlainLabel

TIERS, SELECTED, RUNNING = range(3)
HEIGHT = 40
Acts = tuple[tuple[str, str, Callable[[], object]], ...]


class _Relay(QObject):
    """Progress from the thread that works to the window's own."""

    told = Signal(int, int)


class BulkLine(QStackedWidget):
    """Nothing jumps when rows are selected: the three share one place."""

    def __init__(self, tiers: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = BulkBar(self)
        self.buttons: dict[str, Button] = {}
        self._count = 0
        self._steps: Steps | None = None
        self.addWidget(tiers)
        self.addWidget(_held(self, self.bar))
        self.words = PlainLabel("", "strong", parent=self)
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.stop = Button("kit.cancel", compact=True, on_click=self._stop, parent=self)
        self.stop.setObjectName("bulk_stop")
        self.addWidget(_held(self, self.words, self.progress, self.stop))
        self.setFixedHeight(HEIGHT)

    def add_actions(self, acts: Acts) -> None:
        """Buttons by wording key, icon and what they do; the key's last word names them."""
        for key, icon, act in acts:
            button = changes(Button(key, icon=icon, compact=True, on_click=act, parent=self.bar))
            name = key.rpartition(".")[2]
            button.setObjectName(f"bulk_{name}")
            self.buttons[name] = button
            self.bar.add_action(button)

    def menu(self, button: str) -> QMenu:
        """An empty menu that opens below a button once it is filled."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        below = self.buttons[button]
        QTimer.singleShot(0, menu, lambda: menu.popup(below.mapToGlobal(below.rect().bottomLeft())))
        return menu

    def set_count(self, count: int) -> None:
        """How many rows are selected."""
        self._count = count
        self.bar.set_count(count)
        self.bar.setVisible(count > 1)
        if self._steps is None:
            self.setCurrentIndex(SELECTED if count > 1 else TIERS)

    def steps(self) -> Steps:
        """For one command: shows how far it is, with a button that stops it. Then call `done`."""
        relay = _Relay(self)
        relay.told.connect(self._show)
        self._steps = Steps(relay.told.emit)
        return self._steps

    def done(self) -> None:
        """The command ended."""
        self._steps = None
        self.stop.setEnabled(True)
        self.set_count(self._count)

    def _show(self, done: int, total: int) -> None:
        if self._steps is None or total <= 2 * 2_000:  # over before it could be read
            return
        self.words.setText(t("kit.progress", done=f"{done:,}", total=f"{total:,}"))
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.setCurrentIndex(RUNNING)

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        if self._steps is not None:
            self._steps.stop()


def fill_contact_menu(menu: QMenu, suppress: Callable[[bool], object]) -> None:
    """Leave people in peace, or no longer."""
    menu.addAction(t("fans.action.suppress"), partial(suppress, True))
    menu.addAction(t("fans.action.unsuppress"), partial(suppress, False))


def fill_untag_menu(menu: QMenu, tags: Sequence[TagRow], untag: Callable[[int, str], object]) -> None:
    """The shop's own tags that somebody carries."""
    own = [tag for tag in tags if not tag.is_platform and tag.fans]
    for tag in own:
        name = plain.one_line(tag.name)
        menu.addAction(name.replace("&", "&&"), partial(untag, tag.tag_id, name))
    if not own:
        menu.addAction(t("fans.untag_none")).setEnabled(False)


def _held(parent: QWidget, *widgets: QWidget) -> QWidget:
    holder = QWidget(parent)
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(12)
    for widget in widgets:
        row.addWidget(widget, 1 if isinstance(widget, QProgressBar) else 0)
    if len(widgets) == 1:
        row.setStretch(0, 1)
    return holder
