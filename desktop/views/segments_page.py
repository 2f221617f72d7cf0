"""Saved audiences: the list with its changes, and a drawer to edit, freeze, compare and hand over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.domain.changes import Topic
from desktop.domain.segments.conditions import ConsentIs
from desktop.domain.segments.rules import AllOf
from desktop.domain.segments.saved import SegmentCount, SegmentDraft, SegmentLine
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import t
from desktop.services.segments import Names, SegmentService
from desktop.views.page import Page, PageContext
from desktop.views.segments.compare_dialog import CompareDialog
from desktop.views.segments.editor_dialog import SegmentDialog
from desktop.views.segments.handover_dialog import HandoverDialog
from desktop.views.segments.panel import SegmentPanel
from desktop.views.segments.words import EXAMPLES, change_text, segment_text
from desktop.views.undoing import OperationLog, Undo
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.states import EmptyState
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel, say

FIRST = AllOf((ConsentIs(("agreed",)),))  # what a new audience begins with


@dataclass(frozen=True)
class SegmentsData:
    """The list, what ids are called, and how the one shown splits."""

    lines: Sequence[SegmentLine]
    names: Names
    count: SegmentCount | None = None


class SegmentsPage(Page):
    """`open_with(uid=...)` opens one audience."""

    topics = frozenset(
        {
            Topic.SEGMENT,
            Topic.FAN,
            Topic.TAG,
            Topic.GROUP,
            Topic.ORDER,
            Topic.INTERACTION,
            Topic.TIER,
            Topic.OUTBOX,
            Topic.IMPORT,
        }
    )
    scrolls = False

    def __init__(
        self,
        context: PageContext,
        segments: SegmentService,
        log: OperationLog,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, parent)
        self._segments = segments
        self._undo = Undo(log, context.notices, self.scope)
        self._shown = ""
        self._names = Names({}, {})
        say(self, "segments.title", role="name")
        self.head.set_title("segments.title")
        self.compare_button = Button("segments.compare", icon="layers", on_click=self._compare, parent=self)
        self.compare_button.setObjectName("compare_segments")
        self.new_button = changes(
            Button("segments.new", icon="plus", kind="primary", on_click=self.create_new, parent=self)
        )
        self.new_button.setObjectName("new_segment")
        self.head.add(self.compare_button)
        self.head.add(self.new_button)
        self.model = RowTableModel(self._columns(), context.formats, key=lambda line: line.segment.uid)
        self.table = DataTable(self.model, name="segments.title", parent=self)
        self.table.setObjectName("segments_table")
        self.model.setParent(self.table)
        self.table.row_activated.connect(self._open_row)
        self.table.clicked.connect(lambda index: self._open_row(index.row()))
        self.table.row_pointed.connect(self._on_pointed)
        card = Card(margin=12, parent=self)
        card.body.setContentsMargins(8, 4, 8, 4)
        card.add(self.table)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(card)
        self.stack.addWidget(self._build_empty())
        self.body.addWidget(self.stack, 1)
        self.panel = SegmentPanel(self, context.formats)
        self.panel.edit_asked.connect(lambda: self._on_line(self._edit))
        self.panel.freeze_asked.connect(lambda: self._on_line(self._freeze))
        self.panel.hand_over_asked.connect(lambda: self._on_line(self._hand_over))
        self.panel.remove_asked.connect(lambda: self._on_line(self._remove))
        self.panel.compare_asked.connect(self._compare)
        self.panel.closed.connect(self._on_closed)

    def _columns(self) -> list[Column]:
        return [
            Column(
                "name",
                "segments.column_name",
                lambda line: line.segment.draft.name,
                width=200,
                sortable=False,
            ),
            Column("size", "segments.column_size", lambda line: line.size, Kind.COUNT, 80, sortable=False),
            Column("change", "segments.column_change", change_text, width=92, sortable=False),
            Column(
                "state",
                "segments.column_state",
                lambda line: "frozen" if line.segment.is_frozen else "live",
                Kind.STATE,
                width=110,
                sortable=False,
                display=lambda line: t(
                    "segments.state_frozen" if line.segment.is_frozen else "segments.state_live"
                ),
                tone=lambda line: "info" if line.segment.is_frozen else "good",
            ),
            Column(
                "rule",
                "segments.column_rule",
                self._rule_of,
                width=360,
                stretch=True,
                sortable=False,
                tooltip=self._rule_of,
            ),
        ]

    def _rule_of(self, line: SegmentLine) -> str:
        return segment_text(line.segment, self._names)

    def _build_empty(self) -> QWidget:
        whole = QWidget(self)
        column = QVBoxLayout(whole)
        empty = changes(
            EmptyState(
                "segments.empty",
                "segments.empty_more",
                icon="target",
                action="segments.new",
                on_action=self.create_new,
                parent=whole,
            )
        )
        column.addStretch(1)
        column.addWidget(empty)
        title = PlainLabel("", "muted", key="segments.examples", parent=whole)
        column.addWidget(title, 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addStretch(1)
        for name in EXAMPLES:
            button = changes(
                Button(
                    f"segments.example_{name}",
                    icon="plus",
                    on_click=partial(self._take_example, name),
                    parent=whole,
                )
            )
            button.setObjectName(f"example_{name}")
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(2)
        return whole

    # -- reading

    async def load(self) -> SegmentsData:
        """The list, and the split of the audience in the drawer."""
        lines = await self._segments.lines()
        there = any(line.segment.uid == self._shown for line in lines)
        count = await self._segments.count_of(self._shown) if there else None
        return SegmentsData(lines, await self._segments.names(), count)

    def populate(self, data: SegmentsData) -> None:
        """Show the list; an open drawer follows."""
        self._names = data.names
        self.model.set_rows(list(data.lines))
        self.stack.setCurrentIndex(0 if data.lines else 1)
        self.compare_button.setVisible(len(data.lines) > 1)
        self.new_button.setVisible(bool(data.lines))
        self.head.show_subtitle(t("segments.subtitle", n=len(data.lines)) if data.lines else "")
        line = next((line for line in data.lines if line.segment.uid == self._shown), None)
        if line is not None:
            self.panel.show_line(line, data.names, data.count)
        else:
            self._shown = ""
            self.panel.hide()

    # -- choosing

    def open_with(self, **arguments: Any) -> None:
        """One audience."""
        if arguments.get("uid"):
            self._shown = str(arguments["uid"])
            self.refresh()

    def create_new(self) -> None:
        """Ctrl+N."""
        self.scope.spawn(self._write(SegmentDraft(rule=FIRST), None), name="segments.new")

    def focus_filter(self) -> None:
        """Ctrl+F: the list itself."""
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _open_row(self, row: int) -> None:
        if not 0 <= row < self.model.rowCount():
            return
        line = self.model.row_data(row)
        if line.segment.uid != self._shown or self.panel.isHidden():
            self._shown = line.segment.uid
            self.panel.show_line(line, self._names, None)
            self.refresh()

    def _on_pointed(self, row: int) -> None:
        if not self.panel.isHidden() and self.table.hasFocus():
            self._open_row(row)

    def _on_closed(self) -> None:
        self._shown = ""
        self.table.setFocus()

    def _on_line(self, work: Any) -> None:
        if self.panel.line is not None and not self.panel.isHidden():
            self.scope.spawn(work(self.panel.line), name="segments.act")

    # -- doing

    def _take_example(self, name: str) -> None:
        draft = SegmentDraft(t(f"segments.example_{name}"), EXAMPLES[name])
        self.scope.spawn(self._keep(draft), name="segments.example", replace=False)

    async def _keep(self, draft: SegmentDraft) -> None:
        self._shown = await self._segments.save(draft)
        self.context.notices.info("segments.saved")
        self.refresh()

    async def _write(self, draft: SegmentDraft, uid: str | None) -> None:
        names = await self._segments.names()
        dialog = SegmentDialog(self, draft, names, self._segments, self.scope, uid=uid)
        if await dialogs.answer(dialog):
            self._shown = dialog.saved_uid
            await self._undo.offer("segment.save", "segments.saved")
            self.refresh()

    async def _edit(self, line: SegmentLine) -> None:
        await self._write(line.segment.draft, line.segment.uid)

    async def _freeze(self, line: SegmentLine) -> None:
        if line.segment.is_frozen:
            title, text = t("segments.thaw_title"), t("segments.thaw_text")
            if not await dialogs.confirm(self, title, text, accept=t("segments.thaw")):
                return
            await self._segments.thaw(line.segment.uid)
            self.context.notices.info("segments.thawed")
        else:
            await self._segments.freeze(line.segment.uid)
            await self._undo.offer("segment.freeze", "segments.froze")
        self.refresh()

    async def _remove(self, line: SegmentLine) -> None:
        await self._segments.remove(line.segment.uid)
        await self._undo.offer("segment.remove", "segments.removed")
        self.refresh()

    async def _hand_over(self, line: SegmentLine) -> None:
        earlier = await self._segments.handovers()
        await dialogs.answer(
            HandoverDialog(self, line.segment, earlier, self._segments, self.scope, self.context.formats)
        )

    def _compare(self) -> None:
        self.scope.spawn(self._open_compare(), name="segments.compare_open")

    async def _open_compare(self) -> None:
        titles = await self._segments.titles()
        chosen = [str(key) for key in self.table.selected_keys()] or [self._shown]
        others = [uid for uid in titles if uid not in chosen]
        if len(chosen) < 2:
            chosen = [*(uid for uid in chosen if uid in titles), *others][:2]
        dialog = CompareDialog(self, titles, chosen, self._segments, self.scope, self.context.formats)
        await dialogs.answer(dialog)
