"""An audience's drawer: its rule in words, how many, its last days, whom a send would not reach."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.domain.segments.saved import SegmentCount, SegmentLine
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.services.segments import Names
from desktop.views.segments.words import change_text, left_out_text, segment_text
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.charts import LineChart, Series
from desktop.views.widgets.chips import StateChip
from desktop.views.widgets.panels import SidePanel, heading
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import PlainLabel, say

WIDTH = 420
DAYS = 30


class SegmentPanel(SidePanel):
    """Shown by `show_line`; its signals ask the page."""

    edit_asked = Signal()
    freeze_asked = Signal()
    compare_asked = Signal()
    hand_over_asked = Signal()
    remove_asked = Signal()

    def __init__(self, host: QWidget, formats: Formats) -> None:
        super().__init__(host, width=WIDTH)
        self.setObjectName("segment_panel")
        self._formats = formats
        self.line: SegmentLine | None = None
        self._build_head()
        self.body.addWidget(heading("segments.last_days", self))
        self.chart = LineChart("segments.last_days", parent=self)
        self.chart.setObjectName("segment_chart")
        self.chart.setFixedHeight(current().px(170))
        self.body.addWidget(self.chart)
        self.few_days = PlainLabel("", "muted", key="segments.few_days", wrap=True, parent=self)
        self.body.addWidget(self.few_days)
        self.body.addWidget(heading("segments.not_reached", self))
        self.left_out = PlainLabel("", "secondary", wrap=True, parent=self)
        self.left_out.setObjectName("segment_left_out")
        self.body.addWidget(self.left_out)
        self.body.addStretch(1)
        self._build_foot()

    def _build_head(self) -> None:
        self.total = PlainLabel("", "kpi", parent=self)
        self.total.setObjectName("segment_size")
        self.change = PlainLabel("", "muted", parent=self)
        self.chip = StateChip(parent=self)
        self.chip.setObjectName("segment_state")
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.total)
        row.addWidget(self.change)
        row.addStretch(1)
        row.addWidget(self.chip)
        self.body.addLayout(row)
        self.sentence = PlainLabel("", wrap=True, selectable=True, parent=self)
        self.sentence.setObjectName("segment_rule")
        self.body.addWidget(self.sentence)
        self.frozen = PlainLabel("", "muted", wrap=True, parent=self)
        self.body.addWidget(self.frozen)
        tools = QHBoxLayout()
        tools.setSpacing(8)
        self.freeze = changes(
            Button(icon="lock", compact=True, on_click=self.freeze_asked.emit, parent=self)
        )
        self.compare = Button(
            "segments.compare", icon="layers", compact=True, on_click=self.compare_asked.emit, parent=self
        )
        for button, name in ((self.freeze, "freeze_segment"), (self.compare, "compare_segment")):
            button.setObjectName(name)
            tools.addWidget(button)
        tools.addStretch(1)
        self.body.addLayout(tools)

    def _build_foot(self) -> None:
        self.foot.setSpacing(8)
        self.foot.addStretch(1)
        for name, icon, kind, signal in (
            ("remove", "trash-2", "", self.remove_asked),
            ("hand_over", "file-down", "", self.hand_over_asked),
            ("edit", "pencil", "primary", self.edit_asked),
        ):
            button = changes(
                Button(f"segments.{name}", icon=icon, kind=kind, on_click=signal.emit, parent=self)
            )
            button.setObjectName(f"{name}_segment")
            self.foot.addWidget(button)
        self.edit = button  # the last: a list by hand has no rule to edit

    def show_line(self, line: SegmentLine, names: Names, count: SegmentCount | None) -> None:
        """Show an audience; `count` is None until it is counted."""
        self.line = line
        segment = line.segment
        self.total.setText(t("segments.people", n=self._formats.count(line.size)))
        change = change_text(line)
        self.change.setText(t("segments.today", change=change) if change != "–" else "")
        is_frozen = segment.is_frozen
        state = "frozen" if is_frozen else "live"
        self.chip.show_state(t(f"segments.state_{state}"), "info" if is_frozen else "good")
        self.sentence.setText(segment_text(segment, names))
        self.freeze.setHidden(segment.is_by_hand)
        self.edit.setHidden(segment.is_by_hand)
        self.frozen.setText(t("segments.frozen_at", when=self._formats.moment(segment.frozen_at)))
        self.frozen.setVisible(is_frozen)
        say(self.freeze, "segments.thaw" if is_frozen else "segments.freeze")
        self.freeze.set_icon("lock-open" if is_frozen else "lock")
        days = line.days[-DAYS:]
        self.chart.show_series(
            [day.day[5:] for day in days],
            [Series(t("segments.column_size"), [float(day.size) for day in days])],
        )
        self.chart.setVisible(len(days) > 1)
        self.few_days.setVisible(len(days) <= 1)
        self.left_out.setText(t("segments.counting") if count is None else left_out_text(count))
        self.open_panel(segment.draft.name)
