"""What the operator can do with fans at the platform; everything waits for the next sync and can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from desktop.domain.fans import FanOrder
from desktop.domain.live_orders import RECEIVER_PARTS
from desktop.domain.outbox import HOLD_S
from desktop.qtkit import dialogs
from desktop.qtkit.tasks import TaskScope
from desktop.services.customer_edits import PlatformSide
from desktop.services.platform_tags import Marked
from desktop.views.fans.order_list import NoteDialog
from desktop.views.fans.platform_dialogs import NotesDialog, TagDialog
from desktop.views.fans.services import FanPlatform
from desktop.views.fans.tag_manager import TagManager
from desktop.views.page import PageContext
from desktop.views.undoing import Undo


class PlatformCommands:
    """Every method starts at once and tells what came of it as a notice, with a way back while it lasts."""

    def __init__(
        self, services: FanPlatform, context: PageContext, scope: TaskScope, host: QWidget, undo: Undo
    ) -> None:
        self._undo = undo
        self.services = services
        self._notices = context.notices
        self._formats = context.formats
        self._scope = scope
        self._host = host

    def ask_tags(self, fan_ids: Sequence[int], *, can_remove: bool = True) -> None:
        """Ask for platform tags, then put them on these fans or take them off."""
        self._scope.spawn(self._ask_tags(list(fan_ids), can_remove), name="fans.platform_tag")

    def drop_tag(self, fan_id: int, tag_id: int) -> None:
        """Take one platform tag off a fan."""
        self._scope.spawn(self._mark([fan_id], [tag_id], remove=True), name=f"fans.platform_tag {tag_id}")

    def ask_notes(self, fan_id: int, side: PlatformSide) -> None:
        """Ask what to note about a fan at the platform."""
        self._scope.spawn(self._ask_notes(fan_id, side), name="fans.platform_notes")

    def take_back(self, uids: Sequence[str]) -> None:
        """Stop changes that have not left."""
        self._scope.spawn(self._take_back(list(uids)), name="fans.platform_back")

    def ask_order_note(self, order: FanOrder) -> None:
        """Ask for the seller's note and star of an order, then queue them."""
        self._scope.spawn(self._ask_order_note(order), name="fans.order_note")

    def ask_receiver(self, order_id: int, show: Callable[[int, Sequence[str]], object]) -> None:
        """Who receives an order, in plain text; a look that is written down."""
        self._scope.spawn(self._ask_receiver(order_id, show), name=f"fans.receiver {order_id}")

    def manage(self) -> None:
        """Open the list of all tags."""
        self._scope.spawn(self._manage(), name="fans.manage_tags")

    async def _ask_tags(self, fan_ids: list[int], can_remove: bool) -> None:
        lines = [one for one in await self.services.tags.lines() if one.account_id and one.can_mark]
        if not lines:
            self._notices.warn("fans.side.no_platform_tags")
            return
        dialog = TagDialog(self._host, lines, len(fan_ids), can_remove=can_remove)
        if await dialogs.answer(dialog):
            await self._mark(fan_ids, dialog.tag_ids(), remove=dialog.removes)

    async def _mark(self, fan_ids: list[int], tag_ids: list[int], *, remove: bool) -> None:
        done = [await self.services.tags.mark(fan_ids, one, remove=remove) for one in tag_ids]
        self._tell(done, remove=remove)

    def _tell(self, done: Sequence[Marked], *, remove: bool) -> None:
        items = [uid for one in done for uid in one.items]
        fans = max((one.fans for one in done), default=0)
        strangers = max((one.strangers for one in done), default=0)
        if not items and not any(one.stopped for one in done):
            key = "fans.side.nobody" if strangers else "fans.nothing_changed"
            self._notices.info(key)
            return
        key = "fans.side.unmarked" if remove else "fans.side.marked"
        if strangers:
            key += "_partly"
        self._offer(key, items, n=fans, strangers=strangers)

    async def _ask_notes(self, fan_id: int, side: PlatformSide) -> None:
        dialog = NotesDialog(self._host, side)
        if await dialogs.answer(dialog):
            queued = await self.services.edits.set_notes(fan_id, side.staff_id, dialog.notes())
            self._offer("fans.side.noted", queued.items)

    async def _ask_order_note(self, order: FanOrder) -> None:
        dialog = NoteDialog(self._host, order)
        if await dialogs.answer(dialog):
            words, star = dialog.note()
            queued = await self.services.orders.remark(order.order_id, words, star)
            self._offer("order_note.queued", queued.items)

    async def _ask_receiver(self, order_id: int, show: Callable[[int, Sequence[str]], object]) -> None:
        found = await self.services.orders.reveal(order_id)
        show(order_id, [found.receiver.get(part, "") for part in RECEIVER_PARTS])
        if found.refused:
            self._notices.warn("order_note.partly", why=found.refused)

    async def _take_back(self, uids: list[str]) -> None:
        await self.services.tags.take_back(uids)
        self._notices.info("fans.side.taken_back")

    async def _manage(self) -> None:
        await dialogs.answer(
            TagManager(self._host, self.services, self._formats, self._notices, self._scope, self._undo)
        )

    def _offer(self, key: str, uids: Sequence[str], **params: object) -> None:
        if uids:
            self._notices.held(int(HOLD_S * 1000), key, lambda: self.take_back(uids), **params)
        else:
            self._notices.info(key, **params)
