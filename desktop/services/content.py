"""The life of a post or a drop: draft, confirmed, cancelled, edited again; each adds what it alone has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from desktop.domain.clock import Clock
from desktop.domain.content import ContentT, DraftT, MediaRef, Problem
from desktop.domain.errors import ConflictError
from desktop.domain.outbox import HOLD_S
from desktop.domain.outbox_items import DeliveryCounts, NewItem, OutboxItem
from desktop.domain.progress import Progress, progress_of
from desktop.services.sending import (
    Confirmed,
    Withdrawn,
    account_of,
    freeze,
    refuse_undecided,
    sums,
    withdraw,
)
from desktop.store.database import Store
from desktop.store.posts import media as media_rows
from desktop.store.posts.content import ContentTable
from desktop.store.posts.media import MediaFolder
from desktop.store.sends import outbox as outbox_rows
from desktop.store.transaction import Transaction

RowT = TypeVar("RowT")


class ContentService(ABC, Generic[DraftT, ContentT, RowT]):
    """Methods raise NotFoundError('<entity>_missing') for unknown uids; entity is post or drop.

    `saving` is the kind of operation a save is; `noted` are the fields the log keeps of what a save
    overwrites, the name first; `times` are those a copy starts without, the sending first.
    """

    table: ContentTable[DraftT, ContentT]
    saving: str
    noted: tuple[str, ...]
    times: tuple[str, ...]

    def __init__(self, store: Store, clock: Clock, media: MediaFolder) -> None:
        self._store = store
        self._clock = clock
        self._media = media

    # -- what differs

    @abstractmethod
    def _row(self, conn: Any, content: ContentT, now: int) -> RowT:
        """One line of the list."""

    @abstractmethod
    def _problems(self, conn: Any, draft: DraftT, content: ContentT | None, now: int) -> list[Problem]:
        """Everything wrong or risky about a draft."""

    @abstractmethod
    def _frozen(self, tx: Transaction, content: ContentT, hold_s: float) -> tuple[ContentT, list[NewItem]]:
        """It with its account, and at least one item to send. Raises ConfirmBlockedError."""

    @abstractmethod
    def _timeless(self, draft: DraftT) -> DraftT:
        """The same content, without its times."""

    def _progress(
        self, conn: Any, content: ContentT, items: Sequence[OutboxItem], counts: DeliveryCounts, now: int
    ) -> Progress:
        """Where it stands, by the items of its last round."""
        return progress_of(content.state, items, counts, now)

    def _platform(self, draft: DraftT) -> str:
        """Whose accounts it goes out through."""
        return "wecom"

    def _pictures(self, draft: DraftT) -> tuple[MediaRef, ...]:
        """Every picture a draft shows."""
        return draft.media

    # -- what is the same

    async def save_draft(self, draft: DraftT, uid: str | None = None, origin: object = None) -> ContentT:
        """Make or overwrite a draft. Raises ConflictError('<entity>_not_draft') once it is confirmed."""

        def work(tx: Transaction) -> ContentT:
            account, _ = account_of(tx.db.conn, draft.account_uid, platform=self._platform(draft))
            account_id = account.id if account and draft.account_uid else None
            for picture in self._pictures(draft):
                media_rows.note(tx, picture)
            if uid is None:
                return self.table.insert(tx, draft, account_id)
            old = self.table.get(tx.db.conn, uid)
            tx.replaced = _fields(old.draft, self.noted)
            return self.table.update(tx, old, draft, account_id)

        payload = {"uid": uid, **_fields(draft, self.noted[:1])}
        return await self._store.write(work, kind=self.saving, payload=payload, origin=origin)

    async def get(self, uid: str) -> ContentT:
        """One of them."""
        return await self._store.read(lambda conn: self.table.get(conn, uid))

    async def rows(self, search: str = "", limit: int = 200, offset: int = 0) -> list[RowT]:
        """Those that hold the text, in the order of the table."""
        now = self._clock.now_ms()
        return await self._store.read(
            lambda conn: [
                self._row(conn, content, now)
                for content in self.table.listed(conn, search.strip(), limit, offset)
            ]
        )

    async def row(self, uid: str) -> RowT:
        """One of them with where it stands."""
        now = self._clock.now_ms()
        return await self._store.read(lambda conn: self._row(conn, self.table.get(conn, uid), now))

    async def delete(self, uid: str) -> None:
        """Put a draft or a settled one away. Raises ConflictError('<entity>_waiting') while it may go out."""

        def work(tx: Transaction) -> None:
            content = self.table.get(tx.db.conn, uid)
            for item in outbox_rows.of_entity(tx.db.conn, self.table.entity, content.id):
                if item.state not in ("done", "rejected", "missed", "cancelled"):
                    raise ConflictError(f"{self.table.entity}_waiting", uid=uid, state=item.state.value)
            tx.replaced = {"uid": uid}
            self.table.set_removed(tx, content, is_removed=True)

        await self._store.write(work, kind=self._kind("delete"), payload={"uid": uid})

    async def restore(self, uid: str) -> None:
        """Undo delete()."""

        def work(tx: Transaction) -> None:
            content = self.table.get(tx.db.conn, uid, with_removed=True)
            self.table.set_removed(tx, content, is_removed=False)

        await self._store.write(work, kind=self._kind("restore"), payload={"uid": uid})

    async def keep_picture(self, source: Path) -> MediaRef:
        """Copy a picture file into the shop. Raises InvalidInputError for what cannot be sent."""
        return self._media.keep(source)

    async def keep_picture_bytes(self, content: bytes, name: str) -> MediaRef:
        """As keep_picture, for a pasted picture."""
        return self._media.keep_bytes(content, name)

    def picture_path(self, sha256: str) -> Path:
        """Where a kept picture lies, to show it."""
        return self._media.path(sha256)

    async def check(self, draft: DraftT, uid: str | None = None) -> list[Problem]:
        """Everything wrong or risky about a draft."""
        now = self._clock.now_ms()

        def work(conn: Any) -> list[Problem]:
            content = self.table.get(conn, uid) if uid else None
            return self._problems(conn, draft, content, now)

        return await self._store.read(work)

    async def confirm(self, uid: str, hold_s: float = HOLD_S) -> Confirmed:
        """Freeze texts and recipients into outbox items.

        Raises ConfirmBlockedError with all problems, ConflictError: 'already_confirmed',
        'nobody_left_to_reach'.
        """

        return (await self.confirm_all([uid], hold_s))[0]

    async def confirm_all(self, uids: Sequence[str], hold_s: float = HOLD_S) -> list[Confirmed]:
        """As confirm(), for several at once: all of them or, when one raises, none."""

        def work(tx: Transaction) -> list[Confirmed]:
            return [self._confirmed(tx, uid, hold_s) for uid in uids]

        payload = {"uid": uids[0] if len(uids) == 1 else list(uids), "hold_s": hold_s}
        return await self._store.write(work, kind=self._kind("confirm"), payload=payload)

    def _confirmed(self, tx: Transaction, uid: str, hold_s: float) -> Confirmed:
        content = self.table.get(tx.db.conn, uid)
        if content.state != "draft":
            raise ConflictError("already_confirmed", uid=uid, state=content.state)
        content, items = self._frozen(tx, content, hold_s)
        uids = freeze(tx, items, operator=self._store.operator, device_id=self._store.device_id)
        self.table.set_state(tx, content, "confirmed")
        reached = sum(len(item.targets) for item in items)
        first = items[0]
        return Confirmed(uid, tuple(uids), reached, first.hold_until, first.not_before, first.not_after)

    async def cancel(self, uid: str) -> Withdrawn:
        """Stop what has not left; within the hold it is a draft again.

        Raises ConflictError('outbox_too_late') when everything had left, '<entity>_not_confirmed'.
        """

        def work(tx: Transaction) -> Withdrawn:
            content = self.table.get(tx.db.conn, uid)
            if content.state != "confirmed":
                raise ConflictError(f"{self.table.entity}_not_confirmed", uid=uid, state=content.state)
            done = withdraw(tx, self.table.entity, content.id, "cancelled_by_operator")
            if not done.too_late:
                self.table.set_state(tx, content, "draft" if done.is_draft_again else "cancelled")
            return done

        return await self._store.write(work, kind=self._kind("cancel"), payload={"uid": uid})

    async def reopen(self, uid: str) -> ContentT:
        """Withdraw what has not left and edit again: a new revision that needs a new confirmation.

        Raises ConflictError('outbox_undecided') while an outcome is open.
        """
        return await self._reopened(uid, None)

    async def duplicate(self, uid: str) -> ContentT:
        """A new draft with the same content, without its times."""
        return await self.save_draft(self._timeless((await self.get(uid)).draft))

    async def _reopened(
        self, uid: str, at: int | None, moved: Callable[[DraftT, int], DraftT] | None = None
    ) -> ContentT:
        """A draft again; `moved(draft, now)` gives it the new times that begin with `at`."""

        def work(tx: Transaction) -> ContentT:
            content = self.table.get(tx.db.conn, uid)
            if content.state != "draft":
                refuse_undecided(tx.db.conn, self.table.entity, content.id)
                self._withdraw_open(tx, content)
                self.table.set_state(tx, content, "draft", raises_revision=True)
                content = self.table.get(tx.db.conn, uid)
            if moved is None:
                return content
            tx.replaced = _fields(content.draft, self.times)
            return self.table.update(tx, content, moved(content.draft, tx.now_ms), content.account_id)

        kind = self._kind("reschedule" if moved else "reopen")
        return await self._store.write(work, kind=kind, payload={"uid": uid, self.times[0]: at})

    def _withdraw_open(self, tx: Transaction, content: ContentT) -> None:
        try:
            withdraw(tx, self.table.entity, content.id, "reopened")
        except ConflictError as error:
            if error.code != "outbox_too_late":
                raise  # everything that was sent stays sent; the rest is written anew

    def _standing(self, conn: Any, content: ContentT, now: int) -> tuple[Progress, DeliveryCounts]:
        """How far the last round is: items neither replaced nor cancelled, or all when none is left."""
        items = outbox_rows.of_entity(conn, self.table.entity, content.id)
        current = [item for item in items if not (item.replaced_by or item.state == "cancelled")] or items
        counts = sums(conn, [item.id for item in current])
        return self._progress(conn, content, current, counts, now), counts

    def _kind(self, what: str) -> str:
        return f"{self.table.entity}.{what}"


def _fields(draft: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in names}
