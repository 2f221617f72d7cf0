"""What the directory does about one person seen as several fans."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from desktop.domain.fans import FanRow
from desktop.qtkit import dialogs, plain
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.services.fans import FanService
from desktop.services.matching import MatchingService, Merge
from desktop.views.fans.matching_dialog import MatchingDialog
from desktop.views.page import PageContext
from desktop.views.undoing import Undo


class MatchCommands:
    """Every method starts at once and tells what came of it as a notice."""

    def __init__(
        self,
        service: MatchingService,
        fans: FanService,
        context: PageContext,
        undo: Undo,
        scope: TaskScope,
        host: QWidget,
    ) -> None:
        self.service = service
        self._fans, self._context, self._undo = fans, context, undo
        self._scope, self._host = scope, host

    def open(self) -> None:
        """Go through the pairs that may be one person."""
        self._scope.spawn(self._open(), name="fans.matching")

    async def _open(self) -> None:
        context = self._context
        dialog = MatchingDialog(
            self._host, self.service, context.formats, context.notices, self._undo, self._scope
        )
        await dialogs.answer(dialog)

    def merge(self, fan_ids: Sequence[int]) -> None:
        """Make one person of the two selected fans, once the owner said so."""
        if len(fan_ids) != 2:
            self._context.notices.info("match.select_two")
            return
        self._scope.spawn(self._merge(fan_ids), name="fans.merge")

    async def _merge(self, fan_ids: Sequence[int]) -> None:
        rows: list[FanRow] = await self._fans.rows(fan_ids)
        if len(rows) != 2:
            self._context.notices.info("match.select_two")
            return
        kept, other = sorted(rows, key=lambda row: (-row.orders, row.first_seen_at, row.fan_id))
        names = {"kept": plain.one_line(kept.name), "other": plain.one_line(other.name)}
        question = t("match.ask", **names)
        if not await dialogs.confirm(
            self._host, t("match.ask_title"), question, accept=t("match.merge_short")
        ):
            return
        found = await self.service.between(kept.fan_id, other.fan_id)
        await self.service.merge(kept.fan_id, other.fan_id, found.proof if found else ())
        await self._undo.offer("fan.merge", "match.merged", **names)

    def part(self, merge: Merge) -> None:
        """Undo a merge."""
        self._scope.spawn(self._part(merge), name="fans.part")

    async def _part(self, merge: Merge) -> None:
        names = {"kept": plain.one_line(merge.kept_name), "other": plain.one_line(merge.merged_name)}
        if await dialogs.confirm(
            self._host, t("match.part_title"), t("match.part_ask", **names), accept=t("match.part")
        ):
            await self.service.part(merge.uid)
            self._context.notices.info("match.parted", **names)
