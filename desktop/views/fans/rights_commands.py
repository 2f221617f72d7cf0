"""What a person may ask of the shop, from their drawer: how they are reached, what is kept, to be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from desktop.domain.tasks import Progress
from desktop.qtkit import dialogs, plain
from desktop.qtkit.i18n import t
from desktop.qtkit.tasks import TaskScope
from desktop.services.consents import ConsentService, ReachChange
from desktop.services.erasures import ErasureService
from desktop.services.personal_records import PersonalRecordService
from desktop.views.erasure_lines import plan_lines, result_lines
from desktop.views.fans.reach_dialog import ReachDialog
from desktop.views.page import PageContext
from desktop.views.undoing import Undo
from desktop.views.widgets.for_good import ForGoodDialog, Kept


@dataclass(frozen=True)
class FanRights:
    """The services behind people's rights."""

    consents: ConsentService
    records: PersonalRecordService
    erasures: ErasureService


class RightsCommands:
    """Every method starts at once and tells what came of it as a notice."""

    def __init__(
        self, services: FanRights, context: PageContext, undo: Undo, scope: TaskScope, host: QWidget
    ) -> None:
        self.services = services
        self._context = context
        self._undo = undo
        self._scope = scope
        self._host = host

    def ask_reach(self, fan_id: int, name: str) -> None:
        """Show how a fan may be reached, and change it."""
        self._scope.spawn(self._ask_reach(fan_id, name), name="fans.reach")

    async def _ask_reach(self, fan_id: int, name: str) -> None:
        consents = self.services.consents
        standing = await consents.standing(fan_id)
        dialog = ReachDialog(
            self._host, name, standing, self._context.formats, self._scope, self._context.clock.now_ms()
        )
        if not await dialogs.answer(dialog):
            return
        change = dialog.change()
        if change == ReachChange():
            self._context.notices.info("fans.nothing_changed")
            return
        after = await consents.change(fan_id, change, dialog.proof_file)
        stopped = sum(not one.may_go for one in after.waiting)
        if stopped:
            await self._undo.offer("fan.reach", "fans.reach.saved_stopped", n=stopped)
        else:
            await self._undo.offer("fan.reach", "fans.reach.saved")

    def export(self, fan_id: int) -> None:
        """A file with everything kept about a fan, for that person."""
        self._scope.spawn(self._export(fan_id), name="fans.export_person")

    async def _export(self, fan_id: int) -> None:
        target = await dialogs.save_file(
            self._host,
            t("personal.title"),
            [f"{t('personal.workbook')} (*.xlsx)", "JSON (*.json)"],
            name=t("personal.file_name"),
            suffix="xlsx",
        )
        if target is not None:
            await self.services.records.export(fan_id, target, t)
            self._context.notices.info("personal.saved", file=target.name)

    def ask_erase(self, fan_id: int, name: str, began: Callable[[], object]) -> None:
        """Take a fan out for good, once that was asked twice; `began` is called before anything goes."""
        self._scope.spawn(self._ask_erase(fan_id, name, began), name="fans.ask_erase")

    async def _ask_erase(self, fan_id: int, name: str, began: Callable[[], object]) -> None:
        erasures = self.services.erasures
        plan = await erasures.look(fan_id)

        formats, shown = self._context.formats, plain.one_line(name)

        async def erase(kept: Kept, progress: Progress) -> list[str]:
            began()
            result = await erasures.erase(
                fan_id, keeps_backups=kept.backups, keeps_lists=kept.lists, progress=progress
            )
            return result_lines(result, formats)

        texts = t("erase.title", name=shown), t("erase.about")
        lines = plan_lines(plan, formats)
        backups, lists = len(plan.backups), len(plan.others)
        await dialogs.answer(
            ForGoodDialog(self._host, texts, shown, lines, backups, self._scope, erase, lists=lists)
        )
