"""Handing an audience over as a file: in whose form, what for, who was left out, and what left before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop.domain.errors import AppError
from desktop.domain.handover import MOST_PURPOSE, PRESETS, Handover, Preset
from desktop.domain.segments.saved import Segment
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit import dialogs, plain
from desktop.qtkit.dialogs import MessageDialog
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.qtkit.theme import current
from desktop.services.segments import SegmentService
from desktop.views.composing.phrases import joined
from desktop.views.widgets.fields import Choice, Form
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.notices import error_text
from desktop.views.widgets.panels import heading
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel

SIZE = (760, 600)


class HandoverDialog(MessageDialog):
    """Stays open after a list is written, to say who is not in it."""

    def __init__(
        self,
        parent: QWidget,
        segment: Segment,
        earlier: Sequence[Handover],
        service: SegmentService,
        scope: TaskScope,
        formats: Formats,
    ) -> None:
        title = t("segments.hand_over_title", name=plain.one_line(segment.draft.name))
        super().__init__(parent, title, t("segments.hand_over_about"), accept=t("segments.write_file"))
        self.setObjectName("handover_dialog")
        self._segment, self._service, self._scope = segment, service, scope
        self.cancel_button.setText(t("kit.close"))
        self.resize(*(current().px(side) for side in SIZE))
        self.form = Form(self)
        self.preset = Choice(name="segments.field_preset", parent=self)
        self.preset.setObjectName("preset")
        self.preset.set_options({name: t(f"segments.preset_{name}") for name in PRESETS})
        self.preset.chosen.connect(lambda _value: self._judge())
        self.purpose = ImeAwareLineEdit(placeholder="segments.purpose_hint", parent=self)
        self.purpose.setObjectName("purpose")
        self.purpose.setMaxLength(MOST_PURPOSE)
        self.purpose.textChanged.connect(self._judge)
        self.form.add_row("preset", "segments.field_preset", self.preset)
        self.form.add_row("purpose", "segments.field_purpose", self.purpose)
        self.outcome = PlainLabel("", wrap=True, selectable=True, parent=self)
        self.outcome.setObjectName("handover_result")
        self.outcome.hide()
        self.model = RowTableModel(_columns(), formats, key=lambda row: row.uid)
        self.table = DataTable(self.model, name="segments.earlier", parent=self)
        self.table.setObjectName("handovers")
        self.model.setParent(self.table)
        self.model.set_rows(list(earlier))
        self.body.insertWidget(2, self.form)
        self.body.insertWidget(3, self.outcome)
        self.body.insertWidget(4, heading("segments.earlier", self))
        self.body.insertWidget(5, self.table, 1)
        self._judge()
        self.purpose.setFocus()

    def form_chosen(self) -> Preset:
        """The taker's form."""
        return PRESETS[str(self.preset.value())]

    def accept(self) -> None:
        """Ask for a file and write it; the dialog stays."""
        if self.accept_button.isEnabled():
            self._scope.spawn(self._hand_over(), name="segments.hand_over", replace=False)

    def _judge(self) -> None:
        least, used = self.form_chosen().least_purpose, len(" ".join(self.purpose.text().split()))
        short = used < least
        self.form.show_problems(
            {"purpose": t("segments.purpose_short", least=least, n=used) if short else ""}
        )
        self.accept_button.setEnabled(not short)

    async def _hand_over(self) -> None:
        suffix = self.form_chosen().suffix
        target = await dialogs.save_file(
            self,
            t("segments.write_file"),
            [f"*{suffix}"],
            name=_file_name(self._segment.draft.name, suffix),
            suffix=suffix,
        )
        if target is not None and isValid(self):
            await self.write(target)

    async def write(self, target: Path) -> None:
        """Write the list there and say what became of everybody."""
        self.accept_button.setEnabled(False)
        try:
            done = await self._service.hand_over(
                self._segment.uid, str(self.preset.value()), self.purpose.text(), target
            )
            said = handed_text(done)
        except AppError as error:
            said = error_text(error)
        earlier = await self._service.handovers()
        if isValid(self):
            self.outcome.setText(said)
            self.outcome.show()
            self.model.set_rows(list(earlier))
            self._judge()


def handed_text(done: Handover) -> str:
    """How many are in a list, and who is not and why."""
    lines = [t("segments.handed", n=f"{done.rows:,}", file=done.file_name)]
    if done.left_out:
        lines.append(t("segments.handed_without", reasons=left_text(done)))
    if done.preset == "wechat_pay":
        lines.append(t("segments.file_digest", digest=done.file_sha256))
    return "\n".join(lines)


def left_text(done: Handover) -> str:
    """Who is not in a list, by reason."""
    return joined(t(f"segments.without_{reason}", n=f"{n:,}") for reason, n in done.left_out.items())


def _columns() -> list[Column]:
    return [
        Column("at", "segments.column_at", lambda row: row.at, Kind.MOMENT, 130, sortable=False),
        Column("name", "segments.column_name", lambda row: row.segment_name, width=130, sortable=False),
        Column(
            "preset",
            "segments.field_preset",
            lambda row: t(f"segments.preset_{row.preset}"),
            width=150,
            sortable=False,
        ),
        Column("rows", "segments.column_rows", lambda row: row.rows, Kind.COUNT, 70, sortable=False),
        Column(
            "purpose",
            "segments.field_purpose",
            lambda row: row.purpose,
            width=140,
            stretch=True,
            sortable=False,
            tooltip=lambda row: f"{row.purpose}\n{row.file_name}\n{left_text(row)}",
        ),
    ]


def _file_name(name: str, suffix: str) -> str:
    tidy = "".join(ch if ch.isalnum() else "-" for ch in name).strip("-")
    return f"{tidy or 'list'}{suffix}"
