"""A round under way: every account's streams with counted bars, rate and time left, and a way to stop."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar, QWidget

from desktop.domain.sync_reports import SyncProgress
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.views.sync.words import stream_name
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.texts import IconLabel, PlainLabel, restyle, say

SHOWS_RATE_FROM = 1.0  # a second; slower rates say nothing anyone can use


class StreamLine:
    """The widgets of one stream in the grid."""

    def __init__(self, grid: QGridLayout, row: int, owner: QWidget) -> None:
        self.name = PlainLabel("", parent=owner)
        self.bar = QProgressBar(owner)
        self.bar.setTextVisible(False)
        self.bar.setObjectName("stream_bar")
        self.count = PlainLabel("", "secondary", parent=owner)
        self.count.setObjectName("stream_count")
        self.note = PlainLabel("", "muted", parent=owner)
        self.note.setObjectName("stream_note")
        self.last: SyncProgress | None = None
        for column, widget in enumerate((self.name, self.bar, self.count, self.note)):
            grid.addWidget(widget, row, column, Qt.AlignmentFlag.AlignVCenter)

    def show_progress(self, progress: SyncProgress, formats: Formats) -> None:
        """Say how far the stream is."""
        self.last = progress
        name = stream_name(progress.stream)
        done, total = progress.done, progress.total
        self.name.setText(name)
        self.bar.setAccessibleName(f"{progress.account.get('name', '')} {name}".strip())
        self.bar.setRange(0, max(total or 1, 1))
        self.bar.setValue(min(done, total) if total else 0)
        is_whole = total is not None and done >= total
        if self.bar.property("tone") != ("good" if is_whole else None):
            restyle(self.bar, tone="good" if is_whole else None)
        if total is None:
            self.count.setText(t("sync_page.read_so_far", n=formats.count(done)))
        else:
            self.count.setText(t("kit.progress", done=formats.count(done), total=formats.count(total)))
        self.note.setText(self._note(progress, is_whole, formats))

    @staticmethod
    def _note(progress: SyncProgress, is_whole: bool, formats: Formats) -> str:
        if is_whole:
            return t("sync_page.stream_done")
        parts = []
        if progress.rate_per_s >= SHOWS_RATE_FROM:
            parts.append(t("sync_page.rate", n=formats.count(progress.rate_per_s)))
        if progress.eta_s is not None:
            parts.append(t("sync_page.left", time=formats.duration(progress.eta_s)))
        return " · ".join(parts)


class ProgressPanel(Card):
    """Shown while a round runs. `stop_asked` when the operator wants it to end."""

    stop_asked = Signal()

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._formats = formats
        head = QHBoxLayout()
        head.setSpacing(8)
        self.what = PlainLabel(kind="title", key="sync_page.running", parent=self)
        self.hint = PlainLabel(kind="muted", key="sync_page.running_hint", parent=self)
        self.stop = Button("sync_page.stop", icon="circle-x", on_click=self._stop, parent=self)
        self.stop.setObjectName("stop")
        head.addWidget(IconLabel("refresh-cw", "primary", 18, parent=self))
        head.addWidget(self.what)
        head.addWidget(self.hint, 1)
        head.addWidget(self.stop)
        self.body.addLayout(head)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(16)
        self.grid.setVerticalSpacing(10)
        self.grid.setColumnStretch(1, 1)
        self.grid.setColumnMinimumWidth(3, 170)
        self.body.addLayout(self.grid)
        self.lines: dict[tuple[str, str], StreamLine] = {}
        self._headings: dict[str, PlainLabel] = {}
        self.hide()

    def begin(self) -> None:
        """A round starts: nothing is known yet."""
        self._clear()
        say(self.what, "sync_page.running")
        self.stop.setEnabled(True)
        self.show()

    def show_progress(self, progress: SyncProgress) -> None:
        """One account's stream went on."""
        uid = progress.account.get("uid", "")
        if uid not in self._headings:
            heading = PlainLabel(progress.account.get("name", ""), "strong", elide=True, parent=self)
            self.grid.addWidget(heading, self.grid.rowCount(), 0, 1, 4)
            self._headings[uid] = heading
        key = (uid, progress.stream)
        if key not in self.lines:
            self.lines[key] = StreamLine(self.grid, self.grid.rowCount(), self)
        self.lines[key].show_progress(progress, self._formats)

    def retranslate(self) -> None:
        """Say every line again."""
        for line in self.lines.values():
            if line.last is not None:
                line.show_progress(line.last, self._formats)

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        say(self.what, "sync_page.stopping")
        self.stop_asked.emit()

    def _clear(self) -> None:
        for line in self.lines.values():
            for widget in (line.name, line.bar, line.count, line.note):
                self._drop(widget)
        for heading in self._headings.values():
            self._drop(heading)
        self.lines, self._headings = {}, {}

    def _drop(self, widget: QWidget) -> None:
        self.grid.removeWidget(widget)
        widget.hide()
        widget.deleteLater()
