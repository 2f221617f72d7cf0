"""Third step: what would become new, change, stay or be refused, and why, before anything is written."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.imports import FieldChange, Rejection
from desktop.models.row_table import Column, Kind, RowTableModel
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import has, t
from desktop.services.imports import ImportPlan, PlanRow
from desktop.views.imports.mapping_step import field_text
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.states import Banner
from desktop.views.widgets.table import DataTable
from desktop.views.widgets.texts import PlainLabel
from desktop.wording.imports import rejection_text

KINDS = ("new", "changed", "kept", "same", "rejected")
TONES = {"new": "good", "changed": "info", "same": "neutral", "kept": "warn", "rejected": "bad"}
MONEY = frozenset({"paid_cents", "refund_cents"})
READ = frozenset({"title", "name", "cents", "at"})  # columns of what was read of a row
TIMES = frozenset({"created_at", "paid_at", "finished_at", "followed_at", "at"})


class PreviewStep(QWidget):
    """`commit_asked()`, `back_asked()`."""

    commit_asked = Signal()
    back_asked = Signal()

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("step_preview")
        self._formats = formats
        self._plan: ImportPlan | None = None
        self._kind = "new"
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.warning = Banner("warn", parent=self)
        self.warning.hide()
        column.addWidget(self.warning)
        card = Card("imports.preview_title", parent=self)
        filters = QHBoxLayout()
        filters.setSpacing(4)
        self.filters: dict[str, Button] = {}
        for kind in KINDS:
            button = Button(kind="ghost", on_click=partial(self._show_kind, kind), parent=self)
            button.setCheckable(True)
            button.setObjectName(f"show_{kind}")
            self.filters[kind] = button
            filters.addWidget(button)
        filters.addStretch()
        card.body.addLayout(filters)
        self.rows = RowTableModel(self._columns(), formats)
        self.table = DataTable(self.rows, name="imports.preview_title", parent=self)
        self.table.setObjectName("import_preview")
        card.add(self.table, 1)
        self.more = PlainLabel("", "hint", parent=self)
        card.add(self.more)
        column.addWidget(card, 1)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(Button("imports.back", on_click=self.back_asked.emit, parent=self))
        self.save_button = Button("imports.save_rejected", icon="file-down", parent=self)
        self.save_button.setObjectName("save_rejected")
        row.addWidget(self.save_button)
        row.addStretch()
        self.go_button = Button(kind="primary", on_click=self.commit_asked.emit, parent=self)
        self.go_button.setObjectName("commit")
        row.addWidget(self.go_button)
        return row

    def _columns(self) -> list[Column]:
        return [
            Column("row", "imports.column_row", lambda r: r.row, Kind.COUNT, width=70, sortable=False),
            Column(
                "kind",
                "imports.column_kind",
                lambda r: r.kind,
                Kind.STATE,
                width=90,
                sortable=False,
                display=lambda r: t(f"imports.{r.kind}"),
                tone=lambda r: TONES[r.kind],
            ),
            Column("title", "imports.column_title", lambda r: r.title, width=190, sortable=False),
            Column("name", "imports.column_name", lambda r: r.name, width=130, sortable=False),
            Column(
                "cents", "imports.column_cents", lambda r: r.cents, Kind.MONEY, width=100, sortable=False
            ),
            Column("at", "imports.column_when", lambda r: r.at, Kind.MOMENT, width=140, sortable=False),
            Column(
                "detail",
                "imports.column_detail",
                lambda r: r.detail,
                width=320,
                stretch=True,
                sortable=False,
                display=self._detail,
                tooltip=self._detail,
            ),
        ]

    def show_plan(self, plan: ImportPlan) -> None:
        """Show the comparison, what needs attention first."""
        self._plan = plan
        self._kind = next(
            (kind for kind in ("rejected", "changed", "new", "kept") if plan.counts.get(kind)), "same"
        )
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything again."""
        plan = self._plan
        if plan is None:
            return
        for kind, button in self.filters.items():
            button.setText(f"{t(f'imports.{kind}')} {self._formats.count(_number(plan, kind))}")
            button.setChecked(kind == self._kind)
        effective = plan.counts.get("new", 0) + plan.counts.get("changed", 0)
        self.go_button.setText(
            t("imports.commit", n=effective) if effective else t("imports.commit_nothing")
        )
        self.save_button.setVisible(bool(plan.rejections))
        notes = attention(plan)
        self.warning.setVisible(bool(notes))
        if notes:
            self.warning.show_text(" ".join(notes))
        self._show_kind(self._kind)

    def _show_kind(self, kind: str) -> None:
        plan = self._plan
        if plan is None:
            return
        self._kind = kind
        for name, button in self.filters.items():
            button.setChecked(name == kind)
        rows = [row for row in plan.shown if row.kind == kind]
        for at, column in enumerate(self.rows.columns):
            if column.key in READ:  # a refused row has none of it: the reason gets the room
                self.table.setColumnHidden(at, kind == "rejected")
        self.rows.set_rows(rows)
        whole = _number(plan, kind) - (plan.counts.get("repeated", 0) if kind == "same" else 0)
        self.more.setVisible(whole > len(rows))
        self.more.setText(t("imports.shown_of", shown=self._formats.count(len(rows)), n=whole))

    def _detail(self, row: PlanRow) -> str:
        if row.rejection is not None:
            return f"{reason(row.rejection)} · {row.detail}"
        key = "imports.left" if row.kind == "kept" else "imports.change"
        told = " · ".join(self._change(key, change) for change in row.changes)
        return told or (t("imports.kept_hint") if row.kind == "kept" else row.detail)

    def _change(self, key: str, change: FieldChange) -> str:
        name = field_text(change.name)
        if change.before is None and change.after is None:
            return name
        return t(key, name=name, before=self._value(change.name, change.before),
                 after=self._value(change.name, change.after))  # fmt: skip

    def _value(self, name: str, value: object) -> str:
        if isinstance(value, int) and name in MONEY:
            return self._formats.money(value)
        if isinstance(value, int) and name in TIMES:
            return self._formats.moment(value)
        for prefix in (f"import_status.{value}", f"import_refund.{value}", f"import_consent.{value}"):
            if name in ("status", "refund_status", "marketing") and has(prefix):
                return t(prefix)
        return "–" if value in (None, "") else str(value)


def _number(plan: ImportPlan, kind: str) -> int:
    """How many are of a kind; `same` counts the kept ones too, which stand apart here."""
    return plan.counts.get(kind, 0) - (plan.counts.get("kept", 0) if kind == "same" else 0)


def reason(rejection: Rejection) -> str:
    """Why a row was refused, in the present language."""
    return rejection_text(t, rejection)


def attention(plan: ImportPlan) -> list[str]:
    """What the owner should know before going on."""
    notes = []
    if plan.counts.get("without_fan"):
        notes.append(t("imports.note_without_fan", n=plan.counts["without_fan"]))
    if plan.counts.get("erased"):
        notes.append(t("imports.note_erased", n=plan.counts["erased"]))
    if plan.unknown_words:
        words = "、".join(list(plan.unknown_words)[:5])
        notes.append(t("imports.note_unknown_words", words=words))
    if plan.counts.get("kept"):
        notes.append(t("imports.note_kept", n=plan.counts["kept"]))
    if plan.notes.get("goods_unsplit"):
        notes.append(t("imports.note_unsplit", n=plan.notes["goods_unsplit"]))
    return notes
