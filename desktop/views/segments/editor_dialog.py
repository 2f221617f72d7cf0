"""Making or changing an audience: its name, its rule, and who that is while it is being written."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop.domain.errors import AppError, InvalidInputError
from desktop.domain.segments import rules
from desktop.domain.segments.rules import Rule
from desktop.domain.segments.saved import MOST_NAME, SegmentCount, SegmentDraft
from desktop.qtkit import plain
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.services.segments import Names, SegmentService
from desktop.views.composing.phrases import joined
from desktop.views.segments.group_box import GroupBox
from desktop.views.segments.words import left_out_text, rule_text
from desktop.views.widgets.fields import FormRow
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.notices import error_text
from desktop.views.widgets.texts import PlainLabel

COUNT_WAIT_MS = 200
NAMED = 8
SIZE = (820, 620)


class SegmentDialog(MessageDialog):
    """`draft()` is what stands in it. It closes only after `saved_uid` is set: the name may be taken."""

    def __init__(
        self,
        parent: QWidget,
        draft: SegmentDraft,
        names: Names,
        service: SegmentService,
        scope: TaskScope,
        *,
        uid: str | None,
        title: str = "",
    ) -> None:
        title = title or t("segments.edit_title" if uid else "segments.new_title")
        super().__init__(parent, title, "", accept=t("segments.save"))
        self.setObjectName("segment_dialog")
        self._names, self._service, self._scope = names, service, scope
        self._uid, self._note = uid, draft.note
        self.saved_uid = ""
        self.resize(*(current().px(side) for side in SIZE))
        self.accept_button.setDefault(False)  # Enter in a field must not save
        self.accept_button.setAutoDefault(False)
        self.cancel_button.setAutoDefault(False)
        self.name = ImeAwareLineEdit(draft.name, parent=self)
        self.name.setObjectName("segment_name")
        self.name.setMaxLength(MOST_NAME)
        self.name.textChanged.connect(self._judge)
        self.name_row = FormRow("segments.field_name", self.name, parent=self)
        self.body.insertWidget(2, self.name_row)
        self.root = GroupBox(names, parent=self)
        self.root.show_rule(draft.rule)
        self.root.changed.connect(self._on_edit)
        self.body.insertWidget(3, self._scrolled(), 1)
        self.body.insertWidget(4, self._told())
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(COUNT_WAIT_MS)
        self._wait.timeout.connect(self._ask)
        self._on_edit()
        self._ask()
        self.name.setFocus()

    def _scrolled(self) -> QScrollArea:
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setProperty("canvas", "panel")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 8, 0)
        column.addWidget(self.root)
        column.addStretch(1)
        scroll.setWidget(inner)
        return scroll

    def _told(self) -> QFrame:
        box = QFrame(self)
        box.setProperty("surface", "inset")
        column = QVBoxLayout(box)
        column.setContentsMargins(16, 10, 16, 12)
        column.setSpacing(4)
        self.total = PlainLabel("", "title", parent=box)
        self.sentence = PlainLabel("", wrap=True, parent=box)
        self.sample = PlainLabel("", "secondary", wrap=True, parent=box)
        self.left_out = PlainLabel("", "muted", wrap=True, parent=box)
        self.reason = PlainLabel("", "problem", wrap=True, parent=box)
        for name, label in (
            ("count", self.total),
            ("sentence", self.sentence),
            ("sample", self.sample),
            ("left_out", self.left_out),
            ("reason", self.reason),
        ):
            label.setObjectName(f"segment_{name}")
            column.addWidget(label)
        return box

    # -- value

    def rule(self) -> Rule:
        """What stands in the builder."""
        return self.root.rule()

    def draft(self) -> SegmentDraft:
        """Name and rule; the note stays."""
        return SegmentDraft(self.name.text(), self.rule(), self._note)

    def problem(self) -> str:
        """Why it cannot be saved yet; empty when it can."""
        if missing := self.root.missing():
            return t("segments.reason_conditions", n=missing)
        try:
            rules.parsed(rules.as_json(self.rule()))
        except InvalidInputError:
            return t("segments.reason_large")
        return "" if self.name.text().strip() else t("segments.reason_name")

    def accept(self) -> None:
        """Save; close when that worked, else say why it did not."""
        if not self.problem():
            self._scope.spawn(self._save(), name="segments.save", replace=False)

    async def _save(self) -> None:
        self.accept_button.setEnabled(False)
        try:
            self.saved_uid = await self.keep()
        except AppError as error:
            self._judge()
            self.show_problem(error_text(error))
            return
        super().accept()

    async def keep(self) -> str:
        """Save what stands in it; the uid."""
        return await self._service.save(self.draft(), self._uid)

    def show_problem(self, text: str) -> None:
        """Say why it was not saved."""
        self.name_row.show_problem(text)

    # -- counting

    def _on_edit(self) -> None:
        self._judge()
        self.sentence.setText(rule_text(self.rule(), self._names))
        self._wait.start()

    def _judge(self) -> None:
        problem = self.problem()
        self.name_row.show_problem("")
        self.accept_button.setEnabled(not problem)
        self.accept_button.setToolTip(plain.tip(problem))
        self.reason.setText(problem)
        self.reason.setVisible(bool(problem))

    def _ask(self) -> None:
        self._wait.stop()
        if self.root.missing():
            self._show(None)
        else:
            self._scope.spawn(self._count(self.rule()), name="segments.count")

    async def _count(self, rule: Rule) -> None:
        count = await self._service.count(rule)
        if isValid(self) and rule == self.rule():
            self._show(count)

    def _show(self, count: SegmentCount | None) -> None:
        self.total.setText(
            t("segments.count", n=f"{count.total:,}") if count else t("segments.not_counted")
        )
        self.sample.setVisible(bool(count and count.sample))
        self.left_out.setVisible(bool(count and count.total))
        if count is not None:
            names = joined(plain.one_line(name) for name in count.sample[:NAMED])
            self.sample.setText(t("segments.sample", names=names))
            self.left_out.setText(t("segments.left_out", reasons=left_out_text(count)))
