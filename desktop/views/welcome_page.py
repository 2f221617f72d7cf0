"""The first screen of a new folder: what the shop is called and what it sells, then one of three doors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, QTimeZone
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.domain.errors import InvalidInputError
from desktop.domain.shop import DEFAULT_ZONE, INDUSTRIES, Shop
from desktop.qtkit.i18n import t
from desktop.services.shop import ShopService
from desktop.views.page import Page, PageContext
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.cards import Card
from desktop.views.widgets.fields import Choice, Form
from desktop.views.widgets.inputs import ImeAwareLineEdit
from desktop.views.widgets.notices import error_text
from desktop.views.widgets.texts import PlainLabel, say

ZONES = {
    "Asia/Shanghai": "welcome.zone_shanghai",
    "Asia/Urumqi": "welcome.zone_urumqi",
    "Asia/Hong_Kong": "welcome.zone_hong_kong",
    "Asia/Taipei": "welcome.zone_taipei",
    "Asia/Singapore": "welcome.zone_singapore",
    "Asia/Tokyo": "welcome.zone_tokyo",
    "Australia/Sydney": "welcome.zone_sydney",
    "Europe/London": "welcome.zone_london",
    "America/New_York": "welcome.zone_new_york",
    "America/Los_Angeles": "welcome.zone_los_angeles",
}
DOORS = {
    "import": ("file-up", "welcome.door_files", "welcome.door_files_text"),
    "sync": ("plug", "welcome.door_platform", "welcome.door_platform_text"),
    "home": ("store", "welcome.door_home", "welcome.door_home_text"),
}
WIDTH = 760


class IndustryButton(QPushButton):
    """One quadrant: its trait, and plain examples of what is sold."""

    def __init__(self, industry: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(industry)
        self.setProperty("kind", "choice")
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        name = f"welcome.{industry.replace('-', '_')}"
        say(self, name, role="name")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(2)
        for line in (
            PlainLabel(kind="strong", key=name, parent=self),
            PlainLabel(kind="muted", key=f"{name}_examples", wrap=True, parent=self),
        ):
            line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(line)
        self._column = column

    def sizeHint(self) -> QSize:
        """Room for both lines."""
        return self._column.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Room for both lines."""
        return self._column.minimumSize()


class IndustryPicker(QWidget):
    """Four cards, one chosen: how often people buy, and where the sale is made."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(10)
        self._group = QButtonGroup(self)
        for at, industry in enumerate(INDUSTRIES):
            button = IndustryButton(industry, self)
            button.setChecked(at == 0)
            self._group.addButton(button, at)
            grid.addWidget(button, at // 2, at % 2)

    def value(self) -> str:
        """One of INDUSTRIES."""
        return INDUSTRIES[self._group.checkedId()]


class WelcomePage(Page):
    """`on_created(shop, key)` is called once the shop is made; `key` is the page to open first.

    `doors` are the pages there are to begin with, of "import", "sync" and "home".
    """

    def __init__(
        self,
        context: PageContext,
        shops: ShopService,
        *,
        doors: Sequence[str],
        on_created: Callable[[Shop, str], None],
        on_demo: Callable[[], None],
    ) -> None:
        super().__init__(context)
        self._shops = shops
        self._on_created = on_created
        self.head.hide()
        row = QHBoxLayout()
        column = QVBoxLayout()
        column.setSpacing(16)
        row.addStretch(1)
        row.addLayout(column, 10)
        row.addStretch(1)
        column.addSpacing(8)
        column.addLayout(self._greeting())
        column.addWidget(self._questions())
        column.addWidget(self._doors(doors, on_demo))
        column.addStretch()
        self.body.addLayout(row)

    def _greeting(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(14)
        logo = PlainLabel("粉", "logo", parent=self)
        logo.setFixedSize(44, 44)
        logo.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(PlainLabel(kind="h2", key="welcome.title", parent=self))
        words.addWidget(PlainLabel(kind="secondary", key="welcome.text", wrap=True, parent=self))
        row.addWidget(logo, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return row

    def _questions(self) -> Card:
        card = Card("welcome.about", parent=self)
        self.form = Form(card)
        self.name = ImeAwareLineEdit(placeholder="welcome.name_example", parent=card)
        self.name.setObjectName("shop_name")
        self.name.edited.connect(lambda: self.form.show_problems({}))
        self.industry = IndustryPicker(card)
        self.zone = Choice(name="welcome.zone", parent=card)
        self.retranslate()
        self.form.add_row("name", "welcome.name", self.name)
        self.form.add_row("industry", "welcome.industry", self.industry)
        self.form.add_row("zone", "welcome.zone", self.zone, hint="welcome.zone_hint")
        card.add(self.form)
        return card

    def _doors(self, doors: Sequence[str], on_demo: Callable[[], None]) -> Card:
        card = Card("welcome.doors", parent=self)
        row = QHBoxLayout()
        row.setSpacing(12)
        self.doors: dict[str, Button] = {}
        row.addWidget(
            self._door(card, "demo", "sparkles", "welcome.door_demo", "welcome.door_demo_text", on_demo)
        )
        for at, key in enumerate(doors):
            kind = "" if at else "primary"
            row.addWidget(self._door(card, key, *DOORS[key], partial(self._begin, key), kind))
        card.body.addLayout(row)
        return card

    def _door(
        self,
        card: Card,
        key: str,
        icon: str,
        title: str,
        text: str,
        run: Callable[[], None],
        kind: str = "",
    ) -> QWidget:
        box = QWidget(card)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        button = Button(title, icon=icon, kind=kind, on_click=run, parent=box)
        button.setObjectName(f"door_{key}")
        self.doors[key] = button
        column.addWidget(button)
        column.addWidget(PlainLabel(kind="muted", key=text, wrap=True, parent=box))
        column.addStretch()
        return box

    def _begin(self, key: str) -> None:
        self.scope.spawn(self._create(key), name="create", replace=False)

    async def _create(self, key: str) -> None:
        try:
            shop = await self._shops.create(self.name.text(), self.industry.value(), str(self.zone.value()))
        except InvalidInputError as error:
            self.form.show_problems({"name": error_text(error)})
            self.name.setFocus()
            return
        self._on_created(shop, key)

    def retranslate(self) -> None:
        """Name the time zones; the computer's own is among them."""
        names: dict[object, str] = {zone: t(key) for zone, key in ZONES.items()}
        here = QTimeZone.systemTimeZoneId().toStdString()
        if here and here not in names and "/" in here:
            names[here] = here
        chosen = self.zone.value() or DEFAULT_ZONE
        self.zone.set_options(names)
        self.zone.set_value(chosen)
