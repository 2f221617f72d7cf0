"""The lower part of a fan's drawer: what happened, and recording what was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.domain.fans import InteractionKind, TimelineEntry
from desktop.qtkit import plain
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import has, label, t
from desktop.views.fans.lines import PAGE, Lines
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.fields import Choice, CountField, DateTimeField, Form
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.texts import PlainLabel


def event_text(entry: TimelineEntry) -> str:
    """What happened, in words."""
    params = dict(entry.params)
    if entry.kind in ("tier", "tier_first"):
        params.update({key: label("tier", params[key]) for key in ("from", "to") if params.get(key)})
    if entry.kind == "delivery":
        params["status"] = label("fans.delivery", params.get("status"))
    if entry.kind.startswith("group_") and not params.get("group"):
        params["group"] = t("groups.unnamed")
    if entry.kind in ("consent", "quiet"):
        params["channel"] = t(f"fans.reach.channel_{params['channel'] or 'everywhere'}")
    if entry.kind == "consent":
        params["purpose"] = label("consent_purpose", params["purpose"])
        params["said"] = label("consent_said", params["said"])
    key = f"timeline.{entry.kind}"
    return plain.one_line(t(key, **params)) if has(key) else entry.kind


class TimelineList(Lines):
    """What happened, newest first."""

    def __init__(self, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__("fans.panel.no_events", parent)
        self._formats = formats

    def add_entries(self, entries: Sequence[TimelineEntry]) -> None:
        """One more page."""
        self.put([self._line(entry) for entry in entries], has_more=len(entries) == PAGE)

    def _line(self, entry: TimelineEntry) -> QWidget:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        when = PlainLabel(self._formats.moment(entry.at), "muted", parent=line)
        row.addWidget(when, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(PlainLabel(event_text(entry), wrap=True, parent=line), 1)
        if entry.cents is not None:
            money = PlainLabel(self._formats.money(entry.cents), "strong", parent=line)
            row.addWidget(money, 0, Qt.AlignmentFlag.AlignTop)
        return line


class RecordForm(Form):
    """`recorded(kind, UTC ms, count, note)` when the operator writes down what a fan did."""

    recorded = Signal(object, object, int, str)

    def __init__(self, zone: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = Choice(name="fans.record.kind", parent=self)
        self.kind.setObjectName("record_kind")
        self.count = CountField(name="fans.record.n", low=1, high=9_999, parent=self)
        self.at = DateTimeField(zone, name="fans.record.at", parent=self)
        self.words = ImeAwareLineEdit(name="fans.record.note", parent=self)
        self.words.setObjectName("record_note")
        self.add_rows(("kind", "fans.record.kind", self.kind), ("count", "fans.record.n", self.count))
        self.add_row("at", "fans.record.at", self.at)
        self.add_row("words", "fans.record.note", self.words)
        self.save = Button("fans.record.save", kind="primary", on_click=self._record, parent=self)
        self.save.setObjectName("record_save")
        self.body.addWidget(self.save, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)

    def begin(self, now_ms: int) -> None:
        """An empty form, as of now."""
        self.name_kinds()
        self.kind.set_value(InteractionKind.GROUP_MESSAGE)
        self.count.setValue(1)
        self.at.set_ms(now_ms)
        self.words.set_text("")

    def name_kinds(self) -> None:
        """Name the choices in the present language."""
        options: Mapping[object, str] = {kind: label("interaction", kind) for kind in InteractionKind}
        self.kind.set_options(options)

    def _record(self) -> None:
        kind = InteractionKind(str(self.kind.value()))  # Qt keeps a text's value, not its type
        self.recorded.emit(kind, self.at.ms(), self.count.value(), self.words.text().strip())
