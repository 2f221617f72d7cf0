"""Saved views of the directory: a menu of names, and keeping the present filters, order and columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from desktop.domain.fans import FanFilter, FanSort, Tier
from desktop.qtkit import dialogs, plain
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.services.fans import FanService, SavedView
from desktop.views.undoing import Undo
from desktop.views.widgets.buttons import Button
from desktop.views.widgets.standing_still import changes

PAGE = "fans"
MOVING = (
    "ordered_from",
    "ordered_before",
    "segment_at",
)  # kept as an age: a view of last month's buyers moves with time


class SavedLooks(Button):
    """`look()` gives the present state to keep, `show(state)` brings one back."""

    def __init__(
        self,
        fans: FanService,
        undo: Undo,
        scope: TaskScope,
        look: Callable[[], Mapping[str, Any]],
        show: Callable[[Mapping[str, Any]], None],
        parent: QWidget,
    ) -> None:
        super().__init__("fans.views", icon="star", on_click=self._open, parent=parent)
        self.setObjectName("saved_views")
        self._fans, self._undo, self._scope = fans, undo, scope
        self._look, self._show = look, show
        self._views: Sequence[SavedView] = ()

    def show_views(self, views: Sequence[SavedView]) -> None:
        """What the menu offers."""
        self._views = views

    def menu_of_views(self) -> QMenu:
        """The names, then keeping and forgetting."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for view in self._views:
            menu.addAction(plain.one_line(view.name).replace("&", "&&"), partial(self._show, view.state))
        if not self._views:
            menu.addAction(t("fans.views_none")).setEnabled(False)
        menu.addSeparator()
        changes(
            menu.addAction(t("fans.view_save"), lambda: self._scope.spawn(self._ask(), name="fans.view"))
        )
        if self._views:
            forget = menu.addMenu(t("fans.view_delete"))
            for view in self._views:
                name = plain.one_line(view.name).replace("&", "&&")
                changes(forget.addAction(name, partial(self._forget, view)))
        return menu

    def _open(self) -> None:
        self.menu_of_views().popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    async def _ask(self) -> None:
        name = await dialogs.ask_text(
            self, t("fans.view_save"), t("fans.view_save_text"), accept=t("fans.view_keep")
        )
        if name is not None and name.strip():
            await self.keep(name)

    async def keep(self, name: str) -> None:
        """Keep the present look under a name."""
        await self._fans.save_view(PAGE, name, self._look())
        await self._undo.offer("view.save", "fans.view_saved", name=name.strip())

    def _forget(self, view: SavedView) -> None:
        self._scope.spawn(self._delete(view), name="fans.view")

    async def _delete(self, view: SavedView) -> None:
        await self._fans.delete_view(view.uid)
        await self._undo.offer("view.delete", "fans.view_deleted", name=view.name)


def kept_filter(wanted: FanFilter, now_ms: int) -> dict[str, Any]:
    """A filter as JSON; moments as their age."""
    parts = {key: value for key, value in asdict(wanted).items() if key != "only"}
    for key in MOVING:
        if parts[key] is not None:
            parts[key] = now_ms - parts[key]
    return parts


def filter_of(state: Mapping[str, Any], now_ms: int) -> FanFilter:
    """The filter that `kept_filter` wrote; what is not understood is left out."""
    known = FanFilter.__dataclass_fields__
    parts = {key: value for key, value in state.items() if key in known and key != "only"}
    for key in MOVING:
        if parts.get(key) is not None:
            parts[key] = now_ms - int(parts[key])
    parts["tiers"] = tuple(Tier(each) for each in parts.get("tiers", ()))
    parts["tags"] = tuple(parts.get("tags", ()))
    return FanFilter(**parts)


def sort_of(state: Mapping[str, Any]) -> tuple[FanSort, bool]:
    """Order and direction of a kept look."""
    return FanSort(state.get("sort", FanSort.SPEND)), bool(state.get("falling", True))
