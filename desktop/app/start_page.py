"""The first page of a window: which shop is open, and the way into the demo shop and out of it."""

from __future__ import annotations

from desktop.domain.changes import Topic
from desktop.domain.shop import Shop
from desktop.services.shop import ShopService
from desktop.views.page import Page, PageContext
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.states import EmptyState
from desktop.views.window_actions import WindowActions


class StartPage(Page):
    """Title: the shop's name."""

    topics = frozenset({Topic.SHOP})

    def __init__(self, context: PageContext, shops: ShopService, actions: WindowActions) -> None:
        super().__init__(context)
        self._shops = shops
        if actions.is_demo:
            self.head.add(Button("app.leave_demo", on_click=actions.leave_demo, parent=self))
            self.head.add(Button("app.erase_demo", on_click=actions.erase_demo, parent=self))
            self.banner.show_text("")
        self.state = EmptyState(
            "app.demo_open" if actions.is_demo else "app.start_title",
            icon="store",
            action="" if actions.is_demo else "app.try_demo",
            on_action=actions.try_demo,
            parent=self,
        )
        self.body.addWidget(self.state)

    async def load(self) -> Shop | None:
        """The shop, if it was made already."""
        return await self._shops.find()

    def populate(self, data: Shop | None) -> None:
        """Name it."""
        if data is None:
            self.head.set_title("app.name")
        else:
            self.head.show_title(data.name)
