"""Second step: what the file is, which kind to read it as, how to treat what is known, and the columns."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.domain.imports import MODES
from desktop.qtkit.i18n import has, t
from desktop.services.imports import FileInspection, ImportService, TableInspection
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.chips import Chip
from desktop.views.widgets.fields import Choice, FormRow
from desktop.views.widgets.texts import PlainLabel, say

GENERIC = (
    "generic_orders", "generic_fans", "generic_leads", "generic_members", "generic_interactions", "generic_claims",
    "generic_group_members", "generic_group_messages",
)  # fmt: skip
UNUSED = ""


class MappingStep(QWidget):
    """`preview_asked()` when the owner is satisfied, `back_asked()` for another file."""

    preview_asked = Signal()
    back_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("step_mapping")
        self._table: TableInspection | None = None
        self._inspection: FileInspection | None = None
        self._choices: dict[str, Choice] = {}
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner.setProperty("canvas", "true")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self._what_card())
        self.columns_card = Card("imports.columns", parent=self)
        self.columns_card.add(PlainLabel(kind="hint", key="imports.columns_hint", wrap=True, parent=self))
        self._grid_place = QVBoxLayout()
        self.columns_card.body.addLayout(self._grid_place)
        self._grid: QWidget | None = None
        column.addWidget(self.columns_card)
        column.addStretch(1)
        scroll.setWidget(inner)
        whole.addWidget(scroll, 1)
        whole.addLayout(self._buttons())

    def _what_card(self) -> Card:
        card = Card(parent=self)
        head = QHBoxLayout()
        self.file_name = PlainLabel("", "title", elide=True, parent=self)
        self.kind = Chip(tone="info", parent=self)
        head.addWidget(self.file_name, 1)
        head.addWidget(self.kind)
        card.body.addLayout(head)
        self.because = PlainLabel("", "secondary", wrap=True, parent=self)
        self.facts = PlainLabel("", "muted", wrap=True, parent=self)
        card.add(self.because)
        card.add(self.facts)
        row = QHBoxLayout()
        row.setSpacing(16)
        self.source = Choice(name="imports.source", parent=self)
        self.source.setObjectName("import_source")
        self.source.chosen.connect(lambda _: self._show_columns(suggested=True))
        self.mode = Choice(name="imports.mode", parent=self)
        self.mode.setObjectName("import_mode")
        self.mode.chosen.connect(lambda _: self._say_mode())
        self.source_row = FormRow("imports.source", self.source, parent=self)
        self.mode_row = FormRow("imports.mode", self.mode, hint="imports.mode_hint_update", parent=self)
        row.addWidget(self.source_row)
        self.mode_row.setMinimumWidth(420)
        row.addWidget(self.mode_row)
        row.addStretch(1)
        card.body.addLayout(row)
        return card

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(Button("imports.other_file", on_click=self.back_asked.emit, parent=self))
        self.missing = PlainLabel("", "problem", wrap=True, parent=self)
        row.addWidget(self.missing, 1)
        self.go_button = Button("imports.preview", kind="primary", on_click=self._go, parent=self)
        self.go_button.setObjectName("preview")
        row.addWidget(self.go_button)
        return row

    def show_file(self, inspection: FileInspection) -> None:
        """Start with what the file seems to be."""
        self._inspection = inspection
        known = [table for table in inspection.tables if table.is_read]
        self._table = known[0] if known else max(inspection.tables, key=lambda one: one.rows, default=None)
        self.retranslate()
        source = self._table.source if self._table and self._table.is_read else GENERIC[0]
        self.source.set_value(source)
        self.mode.set_value("update")
        self._say_mode()
        self._show_columns(suggested=not (self._table and self._table.is_read))

    def chosen_source(self) -> str:
        """The kind to read the file as."""
        return str(self.source.value() or GENERIC[0])

    def chosen_mode(self) -> str:
        """add, update or fill."""
        return str(self.mode.value() or "update")

    def chosen_mapping(self) -> dict[str, str] | None:
        """Field -> header for general tables; None where the platform's layout is known."""
        if self.chosen_source() not in GENERIC:
            return None
        return {field: str(choice.value() or UNUSED) for field, choice in self._choices.items()}

    def retranslate(self) -> None:
        """Say everything again that depends on the file."""
        self.source.set_options({one: t(f"import_source.{one}") for one in ImportService.sources()})
        self.mode.set_options({one: t(f"imports.mode_{one}") for one in MODES})
        inspection, table = self._inspection, self._table
        if inspection is None:
            return
        self.file_name.setText(inspection.file_name)
        if table is None:
            self.kind.setText(t("imports.kind_unknown"))
            return
        name = table.name_of_kind or (t(f"import_source.{table.source}") if table.source else "")
        self.kind.setText(name or t("imports.kind_unknown"))
        self.because.setText(self._rule(table, name))
        facts = [t("imports.facts_rows", n=table.rows)]
        if inspection.encoding:
            facts.append(t("imports.facts_encoding", encoding=inspection.encoding.upper()))
        if len(inspection.tables) > 1:
            facts.append(t("imports.facts_sheet", name=table.name, n=len(inspection.tables)))
        self.facts.setText(" · ".join(facts))
        self._say_missing()

    def _rule(self, table: TableInspection, name: str) -> str:
        if table.is_remembered:
            return t("imports.because_remembered")
        if not table.source:
            return t("imports.because_nothing")
        if not table.is_read:
            return t("imports.because_not_read", kind=name)
        return t("imports.because", columns="、".join(table.because[:8]))

    def _say_mode(self) -> None:
        say(self.mode_row.hint, f"imports.mode_hint_{self.chosen_mode()}")

    def _show_columns(self, *, suggested: bool) -> None:
        """Rebuild the grid of fields for the chosen kind."""
        if self._grid is not None:
            self._grid.hide()
            self._grid.deleteLater()
        self._grid = QWidget(self.columns_card)
        self._choices = {}
        is_generic = self.chosen_source() in GENERIC
        self.columns_card.setVisible(is_generic)
        self._grid_place.addWidget(self._grid)
        table = self._table
        if is_generic and table is not None:
            mapping = table.mapping
            if suggested or self.chosen_source() != table.source:
                mapping = ImportService.suggest(table.headers, self.chosen_source())
            self._fill_grid(table, mapping)
        self._say_missing()

    def _fill_grid(self, table: TableInspection, mapping: Mapping[str, str]) -> None:
        grid = QGridLayout(self._grid)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        options: dict[object, str] = {UNUSED: t("imports.column_unused")}
        options.update({header: header for header in table.headers})
        for line, (field, required) in enumerate(ImportService.fields(self.chosen_source())):
            key = f"import_field.{field}"
            name = PlainLabel(kind="strong" if required else "secondary", key=key, parent=self._grid)
            choice = Choice(name=key, parent=self._grid)
            choice.setObjectName(f"field_{field}")
            choice.set_options(options)
            choice.set_value(mapping.get(field, UNUSED))
            sample = PlainLabel("", "muted", elide=True, parent=self._grid)
            choice.chosen.connect(lambda _, c=choice, s=sample: self._on_column(c, s))
            self._choices[field] = choice
            name.setBuddy(choice)
            grid.addWidget(name, line, 0)
            grid.addWidget(choice, line, 1)
            grid.addWidget(sample, line, 2)
            self._show_sample(choice, sample)
        grid.setColumnStretch(2, 1)

    def _on_column(self, choice: Choice, sample: PlainLabel) -> None:
        self._show_sample(choice, sample)
        self._say_missing()

    def _show_sample(self, choice: Choice, sample: PlainLabel) -> None:
        table, header = self._table, choice.value()
        if table is None or not header:
            sample.setText("")
            return
        place = table.positions.get(str(header), -1)
        seen = [row[place].strip() for row in table.preview if 0 <= place < len(row) and row[place].strip()]
        sample.setText(t("imports.column_sample", text=seen[0]) if seen else t("imports.column_empty"))

    def missing_fields(self) -> list[str]:
        """Required fields that no column fills yet."""
        mapping = self.chosen_mapping()
        if mapping is None:
            return []
        needs = ImportService.required(self.chosen_source())
        return [need for need in needs if not any(mapping.get(one) for one in need.split("|"))]

    def _say_missing(self) -> None:
        names = [
            " / ".join(t(f"import_field.{one}") for one in need.split("|"))
            for need in self.missing_fields()
        ]
        self.missing.setText(t("imports.missing", columns="、".join(names)) if names else "")
        self.go_button.setEnabled(not names and self._table is not None)

    def _go(self) -> None:
        self.preview_asked.emit()


def field_text(name: str) -> str:
    """The name of a field or column as the owner knows it."""
    key = f"import_field.{name}"
    return t(key) if has(key) else name
