"""What the operator can do with fans, from the bulk bar and from the side panel alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from PySide6.QtWidgets import QWidget

from desktop.domain.errors import CancelledByOperatorError
from desktop.domain.fans import InteractionKind, Tier
from desktop.qtkit import dialogs
from desktop.qtkit.i18n import label, t
from desktop.qtkit.tasks import TaskScope
from desktop.services.fans import FanService, Steps, Who
from desktop.services.segments import SegmentService
from desktop.views.fans.bulk import BulkLine
from desktop.views.fans.columns import export_headers
from desktop.views.fans.list_dialog import ListDialog
from desktop.views.undoing import Undo
from desktop.views.widgets.notices import Notices


class FanCommands:
    """Every method starts at once and tells what came of it as a notice, with undo where there is one."""

    def __init__(
        self, fans: FanService, undo: Undo, notices: Notices, scope: TaskScope, host: QWidget
    ) -> None:
        self._fans = fans
        self._undo = undo
        self._notices = notices
        self._scope = scope
        self._host = host
        self.line: BulkLine | None = None  # where progress is shown, when there is such a place

    @asynccontextmanager
    async def _going(self) -> AsyncIterator[Steps]:
        """A command under way, with a way to stop it: then nothing has changed."""
        if self.line is None:
            yield Steps()
            return
        try:
            yield self.line.steps()
        except CancelledByOperatorError:
            self._notices.info("fans.stopped")
        finally:
            self.line.done()

    def ask_tag(self, fan_ids: Who, count: int) -> None:
        """Ask for a tag, then put it on these fans."""
        self._scope.spawn(self._ask_tag(fan_ids, count), name="fans.tag")

    def tag(self, fan_ids: Who, name: str) -> None:
        """Put a tag on these fans."""
        self._scope.spawn(self._tag(fan_ids, name), name="fans.tag")

    def ask_audience(self, fan_ids: Who, count: int, segments: SegmentService) -> None:
        """Ask for a list, then put these fans on it."""
        self._scope.spawn(self._ask_audience(fan_ids, count, segments), name="fans.audience")

    def untag(self, fan_ids: Who, tag_id: int, name: str) -> None:
        """Take a tag off these fans."""
        self._scope.spawn(self._untag(fan_ids, tag_id, name), name=f"fans.untag {tag_id}")

    def pin(self, fan_ids: Who, tier: Tier | None, days: int | None = None) -> None:
        """Pin these fans to a tier for so many days (None: for good); no tier lets the rules decide again."""
        self._scope.spawn(self._pin(fan_ids, tier, days), name="fans.pin")

    def suppress(self, fan_ids: Who, on: bool) -> None:
        """Put these fans on the do-not-contact list, or take them off."""
        self._scope.spawn(self._suppress(fan_ids, on), name="fans.suppress")

    def save_note(self, fan_id: int, note: str) -> None:
        """Keep the note of a fan."""
        self._scope.spawn(self._save_note(fan_id, note), name=f"fans.note {fan_id}")

    def record(self, fan_id: int, kind: InteractionKind, at: int, quantity: int, note: str) -> None:
        """Record what a fan did."""
        self._scope.spawn(self._record(fan_id, kind, at, quantity, note), name="fans.record")

    def export(self, fan_ids: Who) -> None:
        """Ask where to, and write these fans to a file."""
        self._scope.spawn(self._export(fan_ids), name="fans.export")

    async def _ask_tag(self, fan_ids: Who, count: int) -> None:
        title = t("fans.bulk_tag_title", n=f"{count:,}")
        name = await dialogs.ask_text(
            self._host, title, t("fans.bulk_tag_text"), accept=t("fans.action.tag")
        )
        if name is not None and name.strip():
            await self._tag(fan_ids, name)

    async def _ask_audience(self, fan_ids: Who, count: int, segments: SegmentService) -> None:
        lists = [each.draft.name for each in await segments.lists()]
        dialog = ListDialog(self._host, lists, count)
        if not await dialogs.answer(dialog):
            return
        name = dialog.chosen_name()
        async with self._going() as steps:
            added = await segments.add_fans(fan_ids, name, steps=steps)
            await self._undo.offer("segment.add", "fans.audience_added", n=f"{added:,}", name=name)

    async def _tag(self, fan_ids: Who, name: str) -> None:
        async with self._going() as steps:
            fresh = await self._fans.add_tag(fan_ids, name, steps=steps)
            if fresh:
                await self._undo.offer("fan.tag_add", "fans.tag_added", n=fresh, tag=name.strip())
            else:
                self._notices.info("fans.tag_had", tag=name.strip())

    async def _untag(self, fan_ids: Who, tag_id: int, name: str) -> None:
        async with self._going() as steps:
            gone = await self._fans.remove_tag(fan_ids, tag_id, steps=steps)
            if gone:
                await self._undo.offer("fan.tag_remove", "fans.tag_removed", tag=name)
            else:
                self._notices.info("fans.nothing_changed")

    async def _pin(self, fan_ids: Who, tier: Tier | None, days: int | None) -> None:
        async with self._going() as steps:
            if tier is None:
                done = await self._fans.unpin_tier(fan_ids, steps=steps)
                await self._undo.offer("fan.unpin_tier", "fans.unpinned", n=done)
            else:
                done = await self._fans.pin_tier(fan_ids, tier, days=days, steps=steps)
                await self._undo.offer("fan.pin_tier", "fans.pinned", n=done, tier=label("tier", tier))

    async def _suppress(self, fan_ids: Who, on: bool) -> None:
        async with self._going() as steps:
            act = self._fans.suppress if on else self._fans.unsuppress
            done = await act(fan_ids, steps=steps)
            if not done:
                self._notices.info("fans.nothing_changed")
                return
            kind = "suppress" if on else "unsuppress"
            key = "fans.suppressed_done" if on else "fans.unsuppressed_done"
            await self._undo.offer(f"fan.{kind}", key, n=done)

    async def _save_note(self, fan_id: int, note: str) -> None:
        await self._fans.set_note(fan_id, note)
        await self._undo.offer("fan.note", "fans.note_saved")

    async def _record(self, fan_id: int, kind: InteractionKind, at: int, quantity: int, note: str) -> None:
        await self._fans.record_interaction(fan_id, kind, at=at, quantity=quantity, note=note)
        self._notices.info("fans.recorded", what=label("interaction", kind))

    async def _export(self, fan_ids: Who) -> None:
        target = await dialogs.save_file(
            self._host,
            t("fans.export_title"),
            [t("fans.export_xlsx"), t("fans.export_csv")],
            name=t("fans.export_name") + ".xlsx",
            suffix="xlsx",
        )
        if target is not None:
            async with self._going() as steps:
                written = await self._fans.export(fan_ids, target, headers=export_headers(), steps=steps)
                self._notices.info("fans.exported", n=written, file=target.name)
