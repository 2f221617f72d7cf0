"""What can be done with one of the shop's own tags: look, rule, merging, taking it to the platform."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.qtkit import dialogs, plain
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.services.own_tags import TagOverview
from desktop.services.platform_tags import TagLine
from desktop.views.fans.services import FanPlatform
from desktop.views.fans.tag_dialogs import LookDialog, OtherTagDialog, TagRuleDialog
from desktop.views.undoing import Undo
from desktop.views.widgets.buttons import Button, allow
from desktop.views.widgets.notices import Notices
from desktop.views.widgets.standing_still import changes


class OwnTagBar(QWidget):
    """Buttons below the list of tags; each act is done by the list, which then reads itself again."""

    def __init__(
        self, manager: Any, services: FanPlatform, notices: Notices, scope: TaskScope, undo: Undo
    ) -> None:
        super().__init__(manager)
        self._manager = manager
        self._tags, self._own, self._segments = services.tags, services.own, services.segments
        self._notices, self._scope, self._undo = notices, scope, undo
        self._line: TagLine | None = None
        self._overview = TagOverview((), (), {})
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.buttons = {
            name: changes(Button(f"tags.{name}", icon=icon, compact=True, on_click=act, parent=self))
            for name, icon, act in (
                ("dress", "palette", lambda: self._on_own(self._dress)),
                ("rule", "wand-sparkles", lambda: self._on_own(self._set_rule)),
                ("unrule", "eraser", lambda: self._on_own(self._drop_rule)),
                ("merge", "git-merge", lambda: self._on_own(self._merge)),
                ("push", "cloud-upload", lambda: self._on_own(self._push)),
            )
        }
        for name, button in self.buttons.items():
            button.setObjectName(f"tags_{name}")
            row.addWidget(button)
        row.addStretch(1)

    def show_line(self, line: TagLine | None, overview: TagOverview) -> None:
        """The tag chosen, and which tags are nearly the same."""
        self._line, self._overview = line, overview
        why_not = _why_not(line)
        for name, button in self.buttons.items():
            allow(button, why_not.get(name, why_not.get("", "")))

    def _on_own(self, work: Callable[[TagLine], Coroutine[Any, Any, None]]) -> None:
        line = self._line
        if line is not None and line.account_id is None:
            self._manager.do(work(line))

    async def _dress(self, line: TagLine) -> None:
        dialog = LookDialog(self._manager, line)
        if await dialogs.answer(dialog):
            await self._own.dress(line.tag_id, dialog.group.text(), str(dialog.colour.value()))
            await self._undo.offer("tag.dress", "tags.dressed")
            await self._manager.load()

    async def _set_rule(self, line: TagLine) -> None:
        rule, names = await self._own.rule(line.tag_id), await self._segments.names()
        dialog = TagRuleDialog(self._manager, line, rule, names, self._segments, self._own, self._scope)
        if await dialogs.answer(dialog):
            await self._undo.offer("tag.rule", "tags.ruled")
            await self._manager.load()

    async def _drop_rule(self, line: TagLine) -> None:
        await self._own.set_rule(line.tag_id, None)
        await self._undo.offer("tag.rule", "tags.unruled")
        await self._manager.load()

    async def _merge(self, line: TagLine) -> None:
        others = {
            other.tag_id: other.name
            for other in await self._tags.lines()
            if other.account_id is None and not other.has_rule and other.tag_id != line.tag_id
        }
        if not others:
            self._notices.info("tags.merge_none")
            return
        alike = [
            tag
            for pair in self._overview.pairs
            for tag in (pair.first, pair.second)
            if line.tag_id in (pair.first, pair.second) and tag in others
        ]
        dialog = OtherTagDialog(self._manager, line, others, next(iter([*alike, *others])))
        if await dialogs.answer(dialog):
            await self._own.merge(line.tag_id, int(str(dialog.other.value())))
            await self._undo.offer("tag.merge", "tags.merged")
            await self._manager.load()

    async def _push(self, line: TagLine) -> None:
        account_id = await self._tags.only_account()
        group = line.group_name or t("tags.push_group")
        done = await self._own.push(line.tag_id, account_id, group)
        if done is None:
            self._notices.info("tags.push_first", tag=plain.one_line(line.name))
        else:
            self._notices.info("tags.pushed", n=done.fans, strangers=done.strangers)
        await self._manager.load()


def _why_not(line: TagLine | None) -> dict[str, str]:
    """Why an act cannot be done with a tag, by its name; "" for all that are not named."""
    if line is None:
        return {"": "tags.why_choose"}
    if line.account_id is not None:
        return {"": "tags.why_platform"}
    return {"merge": "tags.why_ruled"} if line.has_rule else {"unrule": "tags.why_unruled"}
