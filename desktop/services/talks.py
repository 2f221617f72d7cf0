"""Talks with customers: who waits, what was said, and answering. Replies leave through the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.content import MediaRef
from desktop.domain.errors import ConflictError, InvalidInputError
from desktop.domain.outbox import CANCELLABLE, State
from desktop.domain.outbox_items import NewItem, NewTarget
from desktop.domain.talks import DOUYIN, HOLD_S, Room, TalkRow, Thread, is_too_long, room, rule_of
from desktop.domain.write_kinds.douyin import DIRECT_MESSAGE, ENTRY_SCENE, MESSAGE_RECALL, REPLY_SCENE
from desktop.domain.write_kinds.wecom import KF_MESSAGE
from desktop.domain.writes import Picture, Write
from desktop.services.platform_edits import Wish, queue
from desktop.services.sending import freeze
from desktop.store import talks
from desktop.store.database import Store
from desktop.store.posts import media as media_rows
from desktop.store.posts.media import MediaFolder
from desktop.store.sends import outbox as outbox_rows
from desktop.store.transaction import Transaction

SHOWN = 300
MESSAGES_AT_ONCE = 200
TITLE_SIGNS = 60


@dataclass(frozen=True, slots=True)
class Inbox:
    """The list: talks, how many there are in all, and whether any service desk is known."""

    rows: tuple[TalkRow, ...]
    total: int
    desks: int

    @property
    def waiting(self) -> int:
        """How many of the customers shown wait for an answer."""
        return sum(row.waiting_since is not None for row in self.rows)


@dataclass(frozen=True, slots=True)
class Queued:
    """A reply in the outbox. Until `hold_until` (UTC ms) it surely can be taken back."""

    uid: str
    hold_until: int
    not_after: int | None


class TalkService:
    """Read talks and answer. Sends nothing itself. Raises NotFoundError('talk_missing')."""

    def __init__(self, store: Store, clock: Clock, media: MediaFolder) -> None:
        self._store = store
        self._clock = clock
        self._media = media

    async def inbox(self, search: str = "", limit: int = SHOWN) -> Inbox:
        """Talks: who waits first, longest first, then the newest."""
        now = self._clock.now_ms()
        return await self._store.read(
            lambda conn: Inbox(
                tuple(talks.listed(conn, now, search.strip(), limit)), talks.total(conn), talks.desks(conn)
            )
        )

    async def waiting(self) -> int:
        """How many customers wait for an answer."""
        now = self._clock.now_ms()
        return len(await self._store.read(lambda conn: talks.waiting_since(conn, now)))

    async def thread(
        self, uid: str, before: tuple[int, int] | None = None, limit: int = MESSAGES_AT_ONCE
    ) -> Thread:
        """A talk with its last messages, or those before a place (time and id of a message)."""
        now = self._clock.now_ms()

        def work(conn: Any) -> Thread:
            row = talks.by_uid(conn, uid, now)
            found, has_older = talks.messages(conn, row.id, before, limit)
            return Thread(row, tuple(found), has_older, room(row.standing, now))

        return await self._store.read(work)

    async def mark_read(self, uid: str) -> None:
        """The operator has seen all of it."""
        now = self._clock.now_ms()
        row = await self._store.read(lambda conn: talks.by_uid(conn, uid, now))
        if row.unread and not self._store.is_read_only:  # there, looking leaves no mark
            await self._store.write(lambda tx: talks.mark_read(tx, row.id), kind=None)

    async def save_draft(self, talk_id: int, text: str) -> None:
        """Keep what was typed so far."""
        await self._store.write(lambda tx: talks.save_draft(tx, talk_id, text), kind=None)

    async def keep_picture(self, source: Path) -> MediaRef:
        """Copy a JPG or PNG to the shop's pictures. Raises InvalidInputError as MediaFolder.keep."""
        picture = self._media.keep(source)
        await self._store.write(lambda tx: media_rows.note(tx, picture), kind=None)
        return picture

    async def keep_pasted(self, content: bytes, name: str) -> MediaRef:
        """As keep_picture(), from the clipboard."""
        picture = self._media.keep_bytes(content, name)
        await self._store.write(lambda tx: media_rows.note(tx, picture), kind=None)
        return picture

    async def reply(
        self, uid: str, text: str = "", picture: MediaRef | None = None, hold_s: float = HOLD_S
    ) -> Queued:
        """Answer with a text or one picture; queued under a key of its own, so that nothing doubles.

        Raises InvalidInputError (talk_empty, `TalkRule.too_long`), and ConflictError with a code of
        `desktop.domain.talks.room`.
        """
        said = text.strip()
        if picture is not None:
            said = ""
        elif not said:
            raise InvalidInputError("talk_empty")

        def work(tx: Transaction) -> Queued:
            row = talks.by_uid(tx.db.conn, uid, tx.now_ms)
            if is_too_long(said, row.platform):
                raise InvalidInputError(rule_of(row.platform).too_long)
            allowed = room(row.standing, tx.now_ms)
            if allowed.barred or allowed.until is None:
                raise ConflictError(allowed.barred)
            item = self._item(tx, row, said, picture, hold_s, allowed)
            operator, device = self._store.operator, self._store.device_id
            item_uid = freeze(tx, [item], operator=operator, device_id=device)[0]
            talks.add_reply(tx, row.id, item_uid, "text" if picture is None else "image", said)
            talks.save_draft(tx, row.id, "")
            return Queued(item_uid, item.hold_until, allowed.until)

        return await self._store.write(work, kind="talk.reply", payload={"uid": uid})

    def _item(
        self,
        tx: Transaction,
        row: TalkRow,
        text: str,
        picture: MediaRef | None,
        hold_s: float,
        allowed: Room,
    ) -> NewItem:
        pictures = () if picture is None else (Picture(picture.sha256, picture.file_name),)
        kind, body = KF_MESSAGE, {"desk": row.desk_external_id, "text": text}
        if row.platform == DOUYIN:
            answered = talks.anchor(tx.db.conn, row.id, allowed.is_entry)
            scene = ENTRY_SCENE if allowed.is_entry else REPLY_SCENE
            kind = DIRECT_MESSAGE
            body = {"thread": row.standing.thread_id, "message": answered, "scene": scene, "text": text}
        return NewItem(
            account_id=row.account_id,
            entity="conversation",
            entity_id=row.id,
            write=Write(kind, body, (row.external_id,), pictures),
            summary={
                "entity_uid": row.uid,
                "title": text[:TITLE_SIGNS],
                "text": text[:TITLE_SIGNS],
                "for": row.name,
                "recipients": 1,
            },
            order_key=f"talk:{row.uid}",
            not_before=tx.now_ms,
            not_after=allowed.until,
            hold_until=tx.now_ms + int(hold_s * 1000),
            targets=(NewTarget("fan", row.external_id, row.identity_id),),
        )

    async def take_back(self, item_uid: str) -> str:
        """Stop a reply that has not left; its text. Raises ConflictError('outbox_too_late')."""

        def work(tx: Transaction) -> str:
            item = outbox_rows.by_uid(tx.db.conn, item_uid, with_payload=True)
            if item.state not in CANCELLABLE:
                raise ConflictError("outbox_too_late", count=1, state=item.state.value)
            outbox_rows.move(tx, item.id, State.CANCELLED, reason={"code": "cancelled_by_operator"})
            talks.refresh_last(tx, item.entity_id)
            return item.write.text

        return await self._store.write(work, kind="talk.take_back", payload={"uid": item_uid})

    async def recall(self, item_uid: str, hold_s: float = HOLD_S) -> Queued:
        """Take back a reply that is out. Raises NotFoundError, ConflictError('talk_not_recallable').

        Nothing limits by when, as of 2026-09; the platform's own answer decides.
        """

        def work(tx: Transaction) -> str:
            item = outbox_rows.by_uid(tx.db.conn, item_uid)
            row = talks.by_uid(tx.db.conn, talks.reply_behind(tx.db.conn, item)[0], tx.now_ms)
            said = talks.message_of(tx.db.conn, row.id, item.id)
            if not said.can_recall(row.platform):
                raise ConflictError("talk_not_recallable")
            body = {"message": said.sent_id, "thread": row.standing.thread_id, "in_group": False}
            summary = {"entity_uid": row.uid, "title": said.text[:TITLE_SIGNS], "for": row.name}
            key, write = f"recall:{item_uid}", Write(MESSAGE_RECALL, body)
            wish = Wish(row.account_id, "conversation", row.id, write, summary, key)
            return queue(tx, self._store, [wish], hold_s)[0]

        uid = await self._store.write(work, kind="talk.recall", payload={"uid": item_uid})
        return Queued(uid, self._clock.now_ms() + int(hold_s * 1000), None)

    async def again(self, item_uid: str, hold_s: float = HOLD_S) -> Queued:
        """Say a reply that did not arrive once more, as a new one.

        Raises ConflictError: talk_not_failed and as `reply`; NotFoundError when its picture is gone.
        """
        talk_uid, text, sha256 = await self._store.read(lambda conn: _failed_reply(conn, item_uid))
        picture = None
        if sha256:
            picture = await self._store.read(lambda conn: media_rows.find(conn, sha256))
        return await self.reply(talk_uid, text, picture, hold_s)


def _failed_reply(conn: Any, item_uid: str) -> tuple[str, str, str]:
    """(talk uid, text, hash of the picture or '') of a reply that surely did not arrive."""
    item = outbox_rows.by_uid(conn, item_uid, with_payload=True)
    talk_uid, failed_code = talks.reply_behind(conn, item)
    if failed_code is None and item.state not in (State.REJECTED, State.MISSED):
        raise ConflictError("talk_not_failed", state=item.state.value)
    pictures = item.write.pictures
    return talk_uid, item.write.text, pictures[0].sha256 if pictures else ""
