"""The fields conditions are made of: each reads and shows its part of a condition's stored form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from desktop.qtkit import plain
from desktop.qtkit.i18n import t
from desktop.qtkit.theme import current
from desktop.views.composing.phrases import joined
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.fields import HEIGHT, Choice, CountField, MoneyField
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.texts import PlainLabel, say

MOST_OFFERED = 200
MOST_WORDS = 24
MOST_DAYS = 3650


class Piece(QWidget):
    """`changed()` follows the operator. `read()` gives keys of the stored form, `fill()` shows them."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)

    def read(self) -> dict[str, Any]:
        """What stands in it."""
        return {}

    def fill(self, value: Mapping[str, Any]) -> None:
        """Show a stored form, without telling it as an edit."""

    def word(self, key: str) -> PlainLabel:
        """A word between fields."""
        label = PlainLabel(kind="secondary", key=key, parent=self)
        self.row.addWidget(label)
        return label


class Toggles(Piece):
    """Some of a few, each a button that stays down."""

    def __init__(self, key: str, options: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self.buttons: dict[str, Button] = {}
        for value, text in options.items():
            button = Button(text=text, compact=True, parent=self)
            button.setFixedHeight(current().px(HEIGHT))
            button.setObjectName(f"{key}_{value}")
            button.setCheckable(True)
            button.clicked.connect(self.changed)
            self.buttons[value] = button
            self.row.addWidget(button)

    def read(self) -> dict[str, Any]:
        """Those that are down."""
        return {self._key: [value for value, button in self.buttons.items() if button.isChecked()]}

    def fill(self, value: Mapping[str, Any]) -> None:
        """Press those named."""
        for name, button in self.buttons.items():
            button.setChecked(name in value.get(self._key, []))


class Picked(Piece):
    """Some of many, ticked in a menu and named on its button; what has no name is #id."""

    def __init__(
        self, key: str, names: Mapping[Any, str], prompt: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._key, self._names, self._prompt = key, dict(names), prompt
        self.chosen: list[Any] = []
        self.button = Button(icon="chevron-down", parent=self)
        self.button.setObjectName(f"pick_{key}")
        self.button.clicked.connect(self._open)
        self.row.addWidget(self.button)
        self._show()

    def read(self) -> dict[str, Any]:
        """What is ticked."""
        return {self._key: list(self.chosen)}

    def fill(self, value: Mapping[str, Any]) -> None:
        """Tick those named."""
        self.chosen = list(value.get(self._key, []))
        self._show()

    def toggle(self, value: Any, *_checked: bool) -> None:
        """Tick one, or take its tick away."""
        if value in self.chosen:
            self.chosen.remove(value)
        else:
            self.chosen.append(value)
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        said = joined(plain.one_line(self._names.get(each, f"#{each}")) for each in self.chosen)
        shown = said if len(said) <= MOST_WORDS else f"{said[:MOST_WORDS]}…"
        self.button.setText(shown.replace("&", "&&") or t(self._prompt))
        self.button.setToolTip(plain.tip(said))
        self.button.setAccessibleName(f"{t(self._prompt)}: {said}" if said else t(self._prompt))

    def _open(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        unknown = {each: f"#{each}" for each in self.chosen if each not in self._names}
        for value, name in list({**unknown, **self._names}.items())[:MOST_OFFERED]:
            action = menu.addAction(plain.one_line(name).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(value in self.chosen)
            action.triggered.connect(partial(self.toggle, value))
        if not menu.actions():
            menu.addAction(t("segments.nothing_to_pick")).setEnabled(False)
        menu.popup(self.button.mapToGlobal(QPoint(0, self.button.height() + 2)))


class OneOf(Piece):
    """One of a few values. `fallback` is shown where the stored form names none."""

    def __init__(
        self, key: str, options: Mapping[object, str], name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._key, self._first = key, next(iter(options))
        self.choice = Choice(name=name, parent=self)
        self.choice.setObjectName(f"choose_{key}")
        self.choice.set_options(options)
        self.choice.chosen.connect(lambda _value: self.changed.emit())
        self.row.addWidget(self.choice)

    def read(self) -> dict[str, Any]:
        """The value chosen."""
        return {self._key: self.choice.value()}

    def fill(self, value: Mapping[str, Any]) -> None:
        """Choose the value named."""
        self.choice.set_value(value.get(self._key, self._first))


class Span(Piece):
    """From and to, either may be left empty; in yuan where `is_money`."""

    def __init__(self, *, is_money: bool, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_money = is_money
        self.least, self.most = (self._field(name) for name in ("least", "most"))
        self.row.addWidget(self.least)
        self.word("segments.to")
        self.row.addWidget(self.most)
        self.word(unit)

    def _field(self, name: str) -> ImeAwareLineEdit:
        wording = f"segments.field_{name}"
        field = (
            MoneyField(name=wording, parent=self)
            if self._is_money
            else ImeAwareLineEdit(name=wording, parent=self)
        )
        field.setObjectName(name)
        field.setFixedWidth(current().px(88))
        field.setFixedHeight(current().px(HEIGHT))
        say(field, f"segments.hint_{name}", role="placeholder")
        field.textChanged.connect(self.changed)
        return field

    def read(self) -> dict[str, Any]:
        """The ends that are filled in; a text that is no number stays a text, which no rule takes."""
        found = {"least": self._number(self.least), "most": self._number(self.most)}
        return {key: value for key, value in found.items() if value is not None}

    def fill(self, value: Mapping[str, Any]) -> None:
        """Show both ends."""
        for key, field in (("least", self.least), ("most", self.most)):
            number = value.get(key)
            field.blockSignals(True)
            if isinstance(field, MoneyField):
                field.set_cents(number)
            else:
                field.set_text("" if number is None else str(number))
            field.blockSignals(False)

    def _number(self, field: ImeAwareLineEdit) -> int | str | None:
        text = plain.half_width(field.text()).replace(",", "").strip()
        if not text:
            return None
        if isinstance(field, MoneyField):
            cents = field.cents()
            return text if cents is None else cents
        return int(text) if text.isascii() and text.isdigit() else text


class Days(Piece):
    """The last n days; where `may_be_ever`, 0 stands for ever."""

    def __init__(self, *, may_be_ever: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = CountField(
            name="segments.field_days", low=0 if may_be_ever else 1, high=MOST_DAYS, parent=self
        )
        self.field.setObjectName("days")
        self.field.setMinimumWidth(current().px(150))
        self.field.setPrefix(t("segments.days_prefix") + " ")
        self.field.setSuffix(" " + t("segments.days_suffix"))
        if may_be_ever:
            self.field.setSpecialValueText(t("segments.days_ever"))
        self.field.valueChanged.connect(lambda _value: self.changed.emit())
        self.row.addWidget(self.field)

    def read(self) -> dict[str, Any]:
        """How many days."""
        return {"days": self.field.value()} if self.field.value() else {}

    def fill(self, value: Mapping[str, Any]) -> None:
        """Show how many."""
        self.field.blockSignals(True)
        self.field.setValue(value.get("days") or (0 if self.field.minimum() == 0 else 30))
        self.field.blockSignals(False)


class Line(Piece):
    """A line of text, left out while empty: words of an item, or a day as YYYY-MM-DD."""

    def __init__(self, key: str, name: str, hint: str, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self.field = ImeAwareLineEdit(name=name, placeholder=hint, parent=self)
        self.field.setObjectName(key)
        self.field.setFixedSize(current().px(width), current().px(HEIGHT))
        self.field.textChanged.connect(self.changed)
        self.row.addWidget(self.field)

    def read(self) -> dict[str, Any]:
        """What is typed."""
        text = self.field.text().strip()
        return {self._key: text} if text else {}

    def fill(self, value: Mapping[str, Any]) -> None:
        """Show a text."""
        self.field.blockSignals(True)
        self.field.set_text(str(value.get(self._key, "")))
        self.field.blockSignals(False)
