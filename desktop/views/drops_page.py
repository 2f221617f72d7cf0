"""Welfare drops: the list, and the planner that opens from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desktop.domain.fans import FanFilter, FanRow
from desktop.services.claims import ClaimService
from desktop.services.drops import DropService
from desktop.services.fans import FanService
from desktop.services.groups import GroupService
from desktop.services.outbox import OutboxService
from desktop.views.composing.area import AreaPage
from desktop.views.drop_editor import DropEditor
from desktop.views.drop_result import DropResultView
from desktop.views.drops.claim_form import FindFans
from desktop.views.drops.list import DropList
from desktop.views.page import PageContext

FOUND = 20


class DropsPage(AreaPage):
    """`go("drops")` shows the list, `uid=...` one drop, `new=True` an empty one, `move=uid` a missed one anew."""

    def __init__(
        self,
        context: PageContext,
        drops: DropService,
        claims: ClaimService,
        groups: GroupService,
        outbox: OutboxService,
        fans: FanService,
    ) -> None:
        super().__init__(context)
        result = DropResultView(context, drops, claims, finder(fans))
        self.list = DropList(context, drops, self.open_drop)
        self.editor = DropEditor(context, drops, groups, outbox, result, self.open_list)
        self.add_page(self.list)
        self.add_page(self.editor)

    def open_with(self, **arguments: Any) -> None:
        """Open the drop of `uid`, a new one with `new`, `move` one that was missed; else the list."""
        uid = arguments.get("uid")
        if arguments.get("move"):
            self.list.move_on(str(arguments["move"]))
        elif uid or arguments.get("new"):
            self.open_drop(str(uid) if uid else None)
        else:
            self.open_list()

    def open_drop(self, uid: str | None) -> None:
        """One drop, or a new one."""
        self.show_page(self.editor)
        self.editor.write(uid)

    def open_list(self) -> None:
        """All drops."""
        self.show_page(self.list)

    def create_new(self) -> None:
        """Ctrl+N."""
        self.open_drop(None)


def finder(fans: FanService) -> FindFans:
    """Fans by part of a name, pinyin, phone ending or number, best customers first."""

    async def find(text: str) -> Sequence[FanRow]:
        ids = await fans.order(FanFilter(search=text))
        return await fans.rows(ids[:FOUND])

    return find
