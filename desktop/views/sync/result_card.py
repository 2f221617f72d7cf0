"""What the last round of one account did: a line for each stream, and all it has to say in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.accounts import Account, StreamHealth
from desktop.domain.sync_reports import COUNTS, StreamReport, SyncRun, Verdict
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import label, t
from desktop.views.sync.words import VERDICT_TONES, notes_of, stream_name, stream_verdict
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.chips import StateChip
from desktop.views.widgets.progress import Check, CheckList
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import IconLabel, PlainLabel, say


def _columns(last_good: Callable[[str], int | None]) -> list[Column]:
    def count(name: str) -> Column:
        width = 114 if name == "requested" else 84
        return Column(
            name, f"sync_count.{name}", lambda row: getattr(row, name), Kind.COUNT, width, sortable=False
        )

    first = Column(
        "stream",
        "sync_page.stream",
        lambda row: row.stream,
        stretch=True,
        sortable=False,
        display=lambda row: stream_name(row.stream),
    )
    last = Column(
        "verdict",
        "sync_page.outcome",
        lambda row: row.stream,
        Kind.STATE,
        124,
        sortable=False,
        display=lambda row: stream_verdict(row)[0],
        tone=lambda row: stream_verdict(row)[1],
    )
    good = Column(
        "last_good",
        "sync_page.last_good",
        lambda row: last_good(row.stream),
        Kind.WHEN,
        116,
        sortable=False,
    )
    return [first, *map(count, COUNTS), last, good]


class HeldBox(QFrame):
    """Much was missing at the platform: nothing was removed here until the owner agrees."""

    accepted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("banner", "warn")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        text = PlainLabel(key="sync_page.held", wrap=True, parent=self)
        self.button = changes(Button("sync_page.held_accept", on_click=self.accepted.emit, parent=self))
        self.button.setObjectName("accept_removals")
        row.addWidget(IconLabel("triangle-alert", "warn", 18, parent=self))
        row.addWidget(text, 1)
        row.addWidget(self.button)


class ResultCard(Card):
    """`removals_accepted` when the owner agrees to what was held back."""

    removals_accepted = Signal()

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._formats = formats
        head = QHBoxLayout()
        head.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.heading = PlainLabel("", "title", elide=True, parent=self)
        self.when = PlainLabel("", "muted", parent=self)
        self.when.setObjectName("result_when")
        words.addWidget(self.heading)
        words.addWidget(self.when)
        self.verdict = StateChip(parent=self)
        self.verdict.setObjectName("result_verdict")
        self.fold = Button("sync_page.show_streams", kind="link", on_click=self._turn, parent=self)
        self.fold.setObjectName("result_fold")
        head.addLayout(words, 1)
        head.addWidget(self.fold)
        head.addWidget(self.verdict)
        self.body.addLayout(head)
        self.held = HeldBox(self)
        self.held.accepted.connect(self.removals_accepted)
        self.add(self.held)
        self._is_open: bool | None = None  # as the owner last chose; None: as the round asks
        self._last_good: dict[str, int | None] = {}
        self.model = RowTableModel(_columns(self._last_good.get), formats, key=lambda row: row.stream)
        self.table = DataTable(self.model, name="sync_page.result", parent=self)
        self.table.setObjectName("result_table")
        self.table.horizontalHeader().setSectionsClickable(False)
        self.add(self.table)
        self.notes = CheckList(self)
        self.add(self.notes)
        self.remarks = PlainLabel("", "muted", wrap=True, parent=self)
        self.add(self.remarks)

    def show_run(
        self,
        account: Account,
        run: SyncRun,
        streams: Sequence[StreamHealth] = (),
        *,
        is_one_of_many: bool = False,
    ) -> None:
        """Show one finished round, and when each stream last went through.

        Among results of several accounts one that wants no look shows its sums only, until it is opened.
        """
        self._last_good.clear()
        self._last_good.update({stream.stream: stream.last_success_at for stream in streams})
        self.heading.setText(t("sync_page.result_of", account=account.name))
        self.when.setText(f"{when_text(run, self._formats)} · {sums_text(run, self._formats)}")
        verdict = run.verdict
        self.verdict.show_state(label("sync_verdict", verdict.value), VERDICT_TONES[verdict])
        self.held.setVisible(run.has_held_removals)
        rows: list[StreamReport] = list(run.streams)
        self.model.set_rows(rows)
        self.table.fit_height()
        self.fold.setVisible(bool(rows) and is_one_of_many)
        is_quiet = is_one_of_many and verdict is Verdict.OK
        self._show_streams(not is_quiet if self._is_open is None else self._is_open)
        said = notes_of(run, but="removals_held")
        checks = [Check(level, text) for level, text in said if level != "pass"]
        self.notes.show_checks(checks)
        self.notes.setVisible(bool(checks))
        remarks = [text for level, text in said if level == "pass"]
        self.remarks.setText("\n".join(remarks))
        self.remarks.setVisible(bool(remarks))

    def _turn(self) -> None:
        self._is_open = self.table.isHidden()
        self._show_streams(self._is_open)

    def _show_streams(self, is_open: bool) -> None:
        self.table.setVisible(is_open and self.model.rowCount() > 0)
        say(self.fold, "sync_page.hide_streams" if is_open else "sync_page.show_streams")

    def set_busy(self, is_busy: bool) -> None:
        """While a round runs nothing can be agreed to."""
        self.held.button.setEnabled(not is_busy)


def sums_text(run: SyncRun, formats: Formats) -> str:
    """What came in over all streams."""
    sums = {
        count: formats.count(sum(getattr(stream, count) for stream in run.streams))
        for count in ("received", "new", "changed")
    }
    return t("sync_page.sums", **sums)


def when_text(run: SyncRun, formats: Formats) -> str:
    """When a round ended and how long it took."""
    if run.ended_at is None:
        return formats.moment(run.started_at)
    when, took_s = formats.relative(run.ended_at), (run.ended_at - run.started_at) / 1000
    return when if took_s < 1 else t("sync_page.when_took", when=when, took=formats.duration(took_s))
