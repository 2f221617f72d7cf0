"""One condition in the rule builder: what it asks, and the fields that belong to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from desktop.domain.errors import InvalidInputError
from desktop.domain.fans import InteractionKind, Tier
from desktop.domain.segments import conditions as kinds
from desktop.domain.segments import reading
from desktop.domain.segments.conditions import Condition
from desktop.qtkit.i18n import label, t
from desktop.services.segments import Names
from desktop.views.segments.pieces import Days, Line, OneOf, Picked, Piece, Span, Toggles
from desktop.views.widgets.buttons import IconButton
from desktop.views.widgets.fields import Choice
from desktop.views.widgets.flow import FlowLayout

KINDS = (
    "tier", "tags", "groups", "platforms", "consent", "suppressed", "phone", "orders", "spend",
    "bought", "interactions", "reached", "said", "source", "origin", "date",
)  # fmt: skip
YES_NO = ("suppressed", "phone")
START: Mapping[str, Mapping[str, Any]] = {
    "consent": {"consents": ["agreed"]},
    "orders": {"least": 1, "days": 90},
    "reached": {"least": 1, "days": 30},
    "interactions": {"least": 1, "days": 30},
    "bought": {"least": 1},
    "said": {"places": list(kinds.PLACES)},
}


class ConditionRow(QFrame):
    """`changed()` follows the operator, `removed()` asks the group to let it go."""

    changed = Signal()
    removed = Signal()

    def __init__(self, names: Names, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("condition")
        self._names = names
        self.pieces: list[Piece] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.kind = Choice(name="segments.kind", parent=self)
        self.kind.setObjectName("kind")
        self.kind.set_options({kind: t(f"segments.kind_{kind}") for kind in KINDS})
        self.kind.chosen.connect(lambda value: self._turn(str(value)))
        self.fields = QWidget(self)
        self.fields.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._flow = FlowLayout(self.fields, gap=8)
        self.remove_button = IconButton(
            "x", "segments.remove_condition", size=16, on_click=self.removed.emit, parent=self
        )
        self.remove_button.setObjectName("remove_condition")
        row.addWidget(self.kind)
        row.addWidget(self.fields, 1)
        row.addWidget(self.remove_button)
        self._build("tier")

    def show_condition(self, condition: Condition) -> None:
        """Show a condition, without telling it as an edit."""
        self.kind.set_value(condition.name)
        self._build(condition.name)
        stored = condition.as_json()
        if condition.name in YES_NO:
            stored["value"] = "yes" if stored["value"] else "no"
        for piece in self.pieces:
            piece.fill(stored)
        self._fit()

    def condition(self) -> Condition | None:
        """What it asks; None while something is missing or makes no sense."""
        kind = str(self.kind.value())
        value: dict[str, Any] = {"is": kind}
        for piece in self.pieces:
            if not piece.isHidden():
                value |= piece.read()
        if kind in YES_NO:
            value["value"] = value["value"] == "yes"
        try:
            return reading.condition(value)
        except InvalidInputError:
            return None

    def _turn(self, kind: str) -> None:
        self._build(kind)
        self.changed.emit()

    def _build(self, kind: str) -> None:
        while self._flow.takeAt(0) is not None:
            pass
        for piece in self.pieces:
            piece.hide()
            piece.deleteLater()
        self.pieces = PIECES[kind](self._names, self.fields)
        for piece in self.pieces:
            piece.fill(START.get(kind, {}))
            piece.changed.connect(self._on_piece)
            self._flow.addWidget(piece)
            piece.show()
        self._fit()

    def _on_piece(self) -> None:
        self._fit()
        self.changed.emit()

    def _fit(self) -> None:
        """Only the fields that the chosen way of a date asks for."""
        if self.kind.value() == "date":
            way = self.pieces[1].read()["way"]
            self.pieces[2].setVisible(way in ("within", "not_since"))
            for piece in self.pieces[3:]:
                piece.setVisible(way == "between")
        self._flow.invalidate()
        self.fields.updateGeometry()


def _match() -> OneOf:
    return OneOf("match", {each: t(f"segments.match_{each}") for each in kinds.MATCHES}, "segments.match")


def _toggles(key: str, prefix: str, values: tuple[str, ...]) -> Toggles:
    return Toggles(key, {value: t(f"{prefix}{value}") for value in values})


def _spanned(unit: str, *, is_money: bool = False) -> list[Piece]:
    return [Days(may_be_ever=True), Span(is_money=is_money, unit=unit)]


def _dated() -> list[Piece]:
    moments: dict[object, str] = {each.value: t(f"segments.when_{each.value}") for each in kinds.Moment}
    ways: dict[object, str] = {way: t(f"segments.way_{way}") for way in reading.WAYS}
    return [
        OneOf("what", moments, "segments.field_what"),
        OneOf("way", ways, "segments.field_way"),
        Days(may_be_ever=False),
        Line("start", "segments.field_start", "segments.hint_start", 124),
        Line("end", "segments.field_end", "segments.hint_end", 124),
    ]


def _pieces(kind: str, names: Names) -> list[Piece]:
    if kind == "tags":
        return [_match(), Picked("tags", names.tags, "segments.pick_tags")]
    if kind == "groups":
        return [_match(), Picked("groups", names.groups, "segments.pick_groups")]
    if kind == "platforms":
        named = {each: label("platform", each) for each in kinds.PLATFORMS}
        return [_match(), Picked("platforms", named, "segments.pick_platforms")]
    if kind in YES_NO:
        answers: dict[object, str] = {each: t(f"segments.{kind}_{each}") for each in ("yes", "no")}
        return [OneOf("value", answers, f"segments.kind_{kind}")]
    if kind == "bought":
        return [
            Line("words", "segments.field_words", "segments.hint_words", 140),
            *_spanned("segments.times"),
        ]
    if kind == "said":
        return [
            Line("words", "segments.field_said", "segments.hint_said", 140),
            _toggles("places", "segment.place_", kinds.PLACES),
            Days(may_be_ever=True),
        ]
    if kind == "interactions":
        named = {each.value: label("interaction", each.value) for each in InteractionKind}
        return [Picked("kinds", named, "segments.pick_kinds"), *_spanned("segments.times")]
    if kind == "spend":
        return _spanned("segments.yuan", is_money=True)
    if kind in ("orders", "reached"):
        return _spanned("segments.times")
    return _dated()


def _tiers() -> list[Piece]:
    return [Toggles("tiers", {tier.value: label("tier", tier.value) for tier in reversed(Tier)})]


def _made(kind: str) -> Callable[[Names, QWidget], list[Piece]]:
    chosen: Mapping[str, Callable[[], list[Piece]]] = {
        "tier": _tiers,
        "consent": lambda: [_toggles("consents", "segment.consent_", kinds.CONSENTS)],
        "source": lambda: [_toggles("domains", "segment.domain_", kinds.DOMAINS)],
        "origin": lambda: [_toggles("origins", "segment.origin_", kinds.ORIGINS)],
    }

    def build(names: Names, parent: QWidget) -> list[Piece]:
        pieces = chosen[kind]() if kind in chosen else _pieces(kind, names)
        for piece in pieces:
            piece.setParent(parent)
        return pieces

    return build


PIECES = {kind: _made(kind) for kind in KINDS}
