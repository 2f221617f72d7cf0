"""The settings' card about the shop: its name and how its customers buy, as asked on the first screen."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.domain.errors import InvalidInputError
from desktop.domain.shop import INDUSTRIES
from desktop.qtkit.i18n import languages, t
from desktop.qtkit.tasks import TaskScope
from desktop.services.shop import ShopService
from desktop.views.widgets.cards import Card
from desktop.views.widgets.fields import Choice, Form
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.notices import error_text
from desktop.views.widgets.standing_still import changes


class ShopCard(Card):
    """Every change holds at once; a name that cannot be is said below the field and not kept."""

    def __init__(self, shop: ShopService, scope: TaskScope, parent: QWidget | None = None) -> None:
        super().__init__("welcome.about", parent=parent)
        self._shop = shop
        self._scope = scope
        self.form = changes(Form(self))
        self.name = ImeAwareLineEdit(placeholder="welcome.name_example", parent=self)
        self.name.setObjectName("shop_name")
        self.name.settled.connect(lambda _name: self._change())
        self.industry = Choice(name="settings.industry", parent=self)
        self.industry.setObjectName("shop_industry")
        self.industry.chosen.connect(lambda _industry: self._change())
        self.form.add_rows(
            ("name", "welcome.name", self.name),
            ("industry", "settings.industry", self.industry),
        )
        self.add(self.form)
        languages.changed.connect(self._name_options)
        self._name_options()
        scope.spawn(self._read(), name="shop card")

    def _name_options(self) -> None:
        names: dict[object, str] = {key: t(f"welcome.{key.replace('-', '_')}") for key in INDUSTRIES}
        self.industry.set_options(names)

    async def _read(self) -> None:
        shop = await self._shop.get()
        self.name.set_text(shop.name)
        self.industry.set_value(shop.industry)

    def _change(self) -> None:
        self.form.show_problems({})
        wanted = self.name.text(), str(self.industry.value())
        self._scope.spawn(self._keep(*wanted), name="shop change")

    async def _keep(self, name: str, industry: str) -> None:
        known = await self._shop.get()
        if (name, industry) == (known.name, known.industry):
            return
        try:
            await self._shop.change(name, industry, known.timezone)
        except InvalidInputError as error:
            self.form.show_problems({"name": error_text(error)})
