"""The form of a drop: kind, item, money, stock, times, groups, text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain import placeholders
from desktop.domain.drops import WINDOW_LEAST, WINDOW_MOST, DropDraft
from desktop.qtkit.formats import Formats
from desktop.qtkit.i18n import languages, t
from desktop.views.composing.draft_form import DraftForm
from desktop.views.composing.message_field import MessageField
from desktop.views.composing.pictures import PictureStrip
from desktop.views.drops.group_field import GroupField
from desktop.views.drops.kind_cards import KindCards
from desktop.views.widgets.fields import Choice, CountField, DateTimeField, Form, FormRow, MoneyField
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.texts import PlainLabel, restyle, say

HOUR_MS = 3_600_000
MONEY = ("price", "normal_price", "cost")


class DropForm(DraftForm):
    """`edited(name)` names the field the operator changed; `draft()` is what stands there now."""

    edited = Signal(str)

    def __init__(self, formats: Formats, path_of: Callable[[str], Path], parent: QWidget) -> None:
        super().__init__(parent=parent)
        self._formats = formats
        self._draft = DropDraft()
        self.form = Form(self)
        self.kinds = KindCards(self)
        self.item = ImeAwareLineEdit(name="drops.item", placeholder="drops.item_hint", parent=self)
        self.item.setObjectName("item")
        self.money = {name: MoneyField(name=f"drops.{name}", parent=self) for name in MONEY}
        self.stock = CountField(name="drops.stock", high=1_000_000, parent=self)
        self.cap = CountField(name="drops.cap", low=1, high=10_000, parent=self)
        for count in (self.stock, self.cap):
            count.setAlignment(Qt.AlignmentFlag.AlignRight)
            count.lineEdit().setTextMargins(0, 0, 10, 0)
        self.margin = PlainLabel("", "secondary", wrap=True, parent=self)
        self.margin.setObjectName("margin")
        self._build_times()
        self.groups = GroupField(self)
        self.message = MessageField(
            placeholders.OF_DROPS, name="composing.body", hint="drops.body_hint", parent=self
        )
        self.pictures = PictureStrip(path_of, self)
        self._build()
        self._connect()

    def _build_times(self) -> None:
        self.opens = DateTimeField(self._formats.zone, name="drops.opens", parent=self)
        self.opens.setObjectName("opens")
        self.open_for = Choice(name="drops.window", parent=self)
        self.open_for.setObjectName("window")
        self.at_once = QCheckBox(self)
        self.at_once.setObjectName("at_once")
        say(self.at_once, "drops.announce_at_once")
        self.announce = DateTimeField(self._formats.zone, name="drops.announce", parent=self)
        self.announce.setObjectName("announce")
        self.announce_box = QWidget(self)
        column = QVBoxLayout(self.announce_box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.at_once)
        column.addWidget(self.announce)
        languages.changed.connect(self._say_windows)
        self._say_windows()

    def _build(self) -> None:
        form = self.form
        form.add_row("kind", "drops.kind", self.kinds)
        form.add_row("item", "drops.item", self.item)
        self._line(
            ("price", "drops.price", self.money["price"]),
            ("normal_price", "drops.normal_price", self.money["normal_price"]),
            ("cost", "drops.cost", self.money["cost"]),
            ("stock", "drops.stock", self.stock),
            ("cap_per_person", "drops.cap", self.cap),
        )
        form.body.addWidget(self.margin)
        self._line(
            ("opens_at", "drops.opens", self.opens),
            ("window_minutes", "drops.window", self.open_for),
            ("announce_at", "drops.announce", self.announce_box),
        )
        form.add_row("groups", "drops.groups", self.groups, tool=self.groups.head)
        form.add_row("body", "drops.body", self.message, tool=self.message.room)
        form.add_row("media", "composing.pictures", self.pictures)
        self.add(form)

    def _line(self, *rows: tuple[str, str, QWidget]) -> None:
        line = QHBoxLayout()
        line.setSpacing(12)
        for name, title, field in rows:
            row = FormRow(title, field, parent=self.form)
            field.setMaximumWidth(16_777_215)
            self.form.rows[name] = row
            line.addWidget(row, 1, Qt.AlignmentFlag.AlignTop)
        self.form.body.addLayout(line)

    def _connect(self) -> None:
        self.kinds.edited.connect(lambda: self.edited.emit("kind"))
        self.item.edited.connect(lambda _text: self.edited.emit("item"))
        for name, field in self.money.items():
            field.edited.connect(lambda _text, name=name: self._on_money(name))
        self.stock.valueChanged.connect(lambda _value: self.edited.emit("stock"))
        self.cap.valueChanged.connect(lambda _value: self.edited.emit("cap_per_person"))
        self.opens.edited.connect(lambda: self.edited.emit("opens_at"))
        self.open_for.chosen.connect(lambda _value: self.edited.emit("window_minutes"))
        self.at_once.toggled.connect(self._on_at_once)
        self.announce.edited.connect(lambda: self.edited.emit("announce_at"))
        self.groups.edited.connect(lambda: self.edited.emit("groups"))
        self.message.edited.connect(lambda: self.edited.emit("body"))
        self.pictures.changed.connect(lambda: self.edited.emit("media"))
        languages.changed.connect(self._show_margin)

    # -- value

    def draft(self) -> DropDraft:
        """What the operator has finished typing; a new one opens tomorrow at eight until changed."""
        return replace(
            self._draft,
            kind=self.kinds.value(),
            item=self.item.text(),
            price_cents=self.money["price"].cents(),
            normal_price_cents=self.money["normal_price"].cents(),
            cost_cents=self.money["cost"].cents(),
            stock=self.stock.value() or None,
            cap_per_person=self.cap.value(),
            opens_at=self.opens.ms(),
            window_minutes=int(str(self.open_for.value() or WINDOW_MOST)),
            announce_at=None if self.at_once.isChecked() else self.announce.ms(),
            group_ids=self.groups.value(),
            body=self.message.value(),
            media=self.pictures.media,
        )

    def set_draft(self, draft: DropDraft) -> None:
        """Show a draft, without telling it as an edit."""
        self._draft = draft
        now = self._formats.clock.now_ms()
        opens = draft.opens_at if draft.opens_at is not None else self._tomorrow_evening(now)
        self.blockSignals(True)
        self.kinds.set_value(draft.kind)
        self.item.set_text(draft.item)
        self.money["price"].set_cents(draft.price_cents)
        self.money["normal_price"].set_cents(draft.normal_price_cents)
        self.money["cost"].set_cents(draft.cost_cents)
        self.stock.setValue(draft.stock or 0)
        self.cap.setValue(draft.cap_per_person)
        self.opens.set_ms(opens)
        self.open_for.set_value(draft.window_minutes)
        self.at_once.setChecked(draft.announce_at is None)
        self.announce.set_ms(draft.announce_at if draft.announce_at is not None else opens - HOUR_MS)
        self.announce.setVisible(draft.announce_at is not None)
        self.groups.set_value(draft.group_ids)
        self.message.set_value(draft.body)
        self.pictures.set_media(draft.media)
        self.blockSignals(False)
        self._show_margin()

    def _tomorrow_evening(self, now: int) -> int:
        local = self._formats.to_local(now)
        midnight = now - ((local.hour * 60 + local.minute) * 60 + local.second) * 1000 - now % 1000
        return midnight + (24 + 20) * HOUR_MS

    # -- changes

    def _on_money(self, name: str) -> None:
        self._show_margin()
        self.edited.emit(name)

    def _on_at_once(self, at_once: bool) -> None:
        self.announce.setVisible(not at_once)
        self.edited.emit("announce_at")

    def money_problems(self) -> dict[str, str]:
        """Amounts that cannot be read, in words, by field."""
        found = {}
        for name, field in self.money.items():
            key = field.problem_key()
            if key is not None:
                found[name] = t(key)
        return found

    def _show_margin(self) -> None:
        price, cost = self.money["price"].cents(), self.money["cost"].cents()
        tone = None
        if price is None or cost is None:
            self.margin.setText(t("drops.margin_unknown"))
        else:
            gain = price - cost
            tone = "good" if gain > 0 else "bad"
            rate = self._formats.percent(gain / price) if price else "–"
            self.margin.setText(t("drops.margin", gain=self._formats.money(gain), rate=rate))
        restyle(self.margin, tone=tone)

    def _say_windows(self) -> None:
        chosen = self.open_for.value() or WINDOW_MOST
        minutes = range(WINDOW_LEAST, WINDOW_MOST + 1)
        self.open_for.set_options({n: t("drops.minutes", n=n) for n in minutes})
        self.open_for.set_value(chosen)
