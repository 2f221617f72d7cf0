"""Settings of the exchange: rounds by themselves, and hours in which nothing goes out to people."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.domain import quiet_hours
from desktop.domain.errors import InvalidInputError
from desktop.qtkit.i18n import languages, t
from desktop.qtkit.tasks import TaskScope
from desktop.services.shop import ShopService
from desktop.views.sync.timer import CHOICES, SETTING, minutes_of
from desktop.views.widgets.cards import Card
from desktop.views.widgets.fields import Choice, Form
from desktop.views.widgets.standing_still import changes
from desktop.views.widgets.texts import PlainLabel

HOURS = tuple(f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 30))
USUAL = ("22:00", "08:00")


class ExchangeSettings(Card):
    """Every change holds at once."""

    def __init__(self, shop: ShopService, scope: TaskScope, parent: QWidget | None = None) -> None:
        super().__init__("settings.exchange", parent=parent)
        self._shop = shop
        self._scope = scope
        form = changes(Form(self))
        self.every = Choice(name="settings.sync_every", parent=self)
        self.every.setObjectName("sync_every")
        self.every.chosen.connect(lambda minutes: self._keep(SETTING, minutes or None))
        hours = QWidget(self)
        row = QHBoxLayout(hours)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.quiet = Choice(name="settings.quiet_hours", parent=hours)
        self.quiet.setObjectName("quiet_on")
        self.start = Choice(name="settings.quiet_from", parent=hours)
        self.start.setObjectName("quiet_from")
        self.to = PlainLabel(kind="secondary", key="settings.quiet_to", parent=hours)
        self.end = Choice(name="settings.quiet_until", parent=hours)
        self.end.setObjectName("quiet_until")
        for field in (self.quiet, self.start, self.end):
            field.chosen.connect(lambda _value: self._keep_quiet())
        for widget in (self.quiet, self.start, self.to, self.end):
            row.addWidget(widget)
        row.addStretch()
        form.add_row("sync_every", "settings.sync_every", self.every, hint="settings.sync_every_hint")
        form.add_row("quiet_hours", "settings.quiet_hours", hours, hint="settings.quiet_hint")
        self._form = form
        self.add(form)
        languages.changed.connect(self._name_options)
        self._name_options()
        self._show_hours(False)
        scope.spawn(self._read(), name="exchange settings")

    def _name_options(self) -> None:
        every: dict[object, str] = {0: t("settings.sync_every_off")}
        self.every.set_options(every | {n: t("settings.sync_every_n", n=n) for n in CHOICES})
        self.quiet.set_options({False: t("settings.quiet_off"), True: t("settings.quiet_on")})
        for field in (self.start, self.end):
            field.set_options({hour: hour for hour in HOURS})

    async def _read(self) -> None:
        self.every.set_value(minutes_of(await self._shop.setting(SETTING)))
        kept = quiet_hours.from_setting(await self._shop.setting(quiet_hours.SETTING))
        said = {"from": USUAL[0], "to": USUAL[1]} if kept is None else kept.as_setting()
        self.quiet.set_value(kept is not None)
        self.start.set_value(said["from"])
        self.end.set_value(said["to"])
        self._show_hours(kept is not None)

    def _show_hours(self, is_on: bool) -> None:
        for widget in (self.start, self.to, self.end):
            widget.setVisible(is_on)

    def _keep_quiet(self) -> None:
        is_on = bool(self.quiet.value())
        self._show_hours(is_on)
        self._form.show_problems({})
        if not is_on:
            self._keep(quiet_hours.SETTING, None)
            return
        try:
            hours = quiet_hours.checked({"from": self.start.value(), "to": self.end.value()})
        except InvalidInputError:
            self._form.show_problems({"quiet_hours": t("settings.quiet_same")})
            return
        self._keep(quiet_hours.SETTING, hours.as_setting())

    def _keep(self, key: str, value: object) -> None:
        self._scope.spawn(self._shop.set_setting(key, value), name=f"setting {key}")
