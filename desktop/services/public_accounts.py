"""Public accounts (Douyin): who waits to join a group, comments below posts, group texts, and answering them.

Everything leaves through the outbox: what is confirmed here waits for the next sync and works offline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.errors import ConflictError, InvalidInputError, NotFoundError
from desktop.domain.group_texts import GroupTexts
from desktop.domain.outbox import HOLD_S
from desktop.domain.outbox_items import NewTarget
from desktop.domain.picture_posts import MOST_PICTURES
from desktop.domain.public_accounts import GroupPicture, RequestRow
from desktop.domain.write_kinds.douyin import (
    COMMENT_PIN,
    COMMENT_REPLY,
    GROUP_ANNOUNCEMENT,
    GROUP_CREATE,
    GROUP_MESSAGE,
    GROUP_WELCOME,
    IMAGE_TEXT,
    JOIN_ACCEPT,
    MESSAGE_RECALL,
)
from desktop.domain.writes import Picture, Write
from desktop.services import platform_edits
from desktop.services.platform_edits import Queued, Wish
from desktop.store.accounts import public_accounts
from desktop.store.accounts.public_accounts import CommentRow
from desktop.store.database import Store
from desktop.store.groups import group_texts
from desktop.store.posts import media as media_rows
from desktop.store.posts.media import MediaFolder
from desktop.store.transaction import Transaction

SHOWN = 200
TITLE_SIGNS = 60
GROUP_TEXTS: Mapping[str, str] = {
    "welcome": GROUP_WELCOME,
    "announcement": GROUP_ANNOUNCEMENT,
    "message": GROUP_MESSAGE,
}
MOST_SIGNS = 1000


class PublicAccountService:
    """Reads what public accounts tell, queues what the shop says. Sends nothing itself."""

    def __init__(self, store: Store, clock: Clock, media: MediaFolder | None = None) -> None:
        self._store = store
        self._clock = clock
        self._media = media

    async def requests(self, limit: int = SHOWN) -> tuple[RequestRow, ...]:
        """Who waits to be let into a group, longest first."""
        return tuple(await self._store.read(lambda conn: public_accounts.requests(conn, limit)))

    async def comments(self, limit: int = SHOWN) -> tuple[CommentRow, ...]:
        """The newest comments of others below own posts."""
        return tuple(await self._store.read(lambda conn: public_accounts.comments(conn, limit)))

    async def videos(self, limit: int = SHOWN) -> Sequence[Mapping[str, Any]]:
        """The newest own posts with their figures."""
        rows = await self._store.read(lambda conn: public_accounts.videos(conn, limit))
        return [dict(zip(row.keys(), row, strict=True)) for row in rows]

    async def accept(self, uids: Sequence[str], hold_s: float = HOLD_S) -> Queued:
        """Let people into their groups. Raises NotFoundError, ConflictError if one is under way: none is then."""

        def work(tx: Transaction) -> Queued:
            items: list[str] = []
            for uid in uids:
                row = public_accounts.request(tx.db.conn, uid)
                if row.is_deciding:
                    raise ConflictError("join_request_deciding")
                write = Write(JOIN_ACCEPT, {"apply": row.external_id})
                place = ("join_request", row.id)
                items += self._queue(
                    tx, row.account_id, place, write, row.name, row.group_name, hold_s=hold_s
                ).items
            return Queued("", tuple(items), tx.now_ms + int(hold_s * 1000))

        return await self._store.write(work, kind="join_request.accept", payload={"uids": list(uids)})

    async def reply(self, uid: str, text: str, hold_s: float = HOLD_S) -> Queued:
        """Answer a comment in public. Raises InvalidInputError, NotFoundError, ConflictError('comment_pending')."""
        said = _said(text)

        def work(tx: Transaction) -> Queued:
            row = _free(tx, uid, COMMENT_REPLY)
            body = {"item": row.item_id, "comment": row.external_id, "text": said}
            write = Write(COMMENT_REPLY, body)
            return self._queue(
                tx, row.account_id, ("comment", row.id), write, said, row.name, hold_s=hold_s
            )

        return await self._store.write(work, kind="comment.reply", payload={"uid": uid})

    async def pin(self, uid: str, is_top: bool, hold_s: float = HOLD_S) -> Queued:
        """Pin a comment (the one before is let go), or let go of it. Raises as reply()."""

        def work(tx: Transaction) -> Queued:
            row = _free(tx, uid, COMMENT_PIN)
            body = {"item": row.item_id, "comment": row.external_id, "top": is_top}
            write = Write(COMMENT_PIN, body)
            return self._queue(
                tx, row.account_id, ("comment", row.id), write, row.text, row.name, hold_s=hold_s
            )

        return await self._store.write(work, kind="comment.pin", payload={"uid": uid, "top": is_top})

    async def group_texts(self, group_id: int) -> GroupTexts | None:
        """What a group can be told and was told from here; None for groups of other platforms."""
        return await self._store.read(lambda conn: group_texts.group_texts(conn, group_id))

    async def say_in_group(self, group_id: int, what: str, text: str, hold_s: float = HOLD_S) -> Queued:
        """Queue a message, the announcement or the welcome of a group.

        No words switch announcement and welcome off. Raises InvalidInputError (group_text, talk_empty,
        talk_too_long_signs), NotFoundError('group_missing'), ConflictError('group_not_public').
        """
        kind = GROUP_TEXTS.get(what)
        if kind is None:
            raise InvalidInputError("group_text", what=what, known=list(GROUP_TEXTS))
        said = _said(text) if kind == GROUP_MESSAGE else text.strip()
        if len(said) > MOST_SIGNS:
            raise InvalidInputError("talk_too_long_signs")

        def work(tx: Transaction) -> Queued:
            row = _group(tx, group_id)
            number = str(row["external_id"])
            target = NewTarget("group", number, group_id=group_id)
            targets = (target,) if kind == GROUP_MESSAGE else ()
            names = (number,) if targets else ()
            write = Write(kind, {"group": number, "text": said}, names)
            place, name = ("group", group_id), str(row["name"])
            return self._queue(tx, int(row["account_id"]), place, write, said, name, targets, hold_s)

        return await self._store.write(work, kind=f"group.{what}", payload={"group": group_id})

    async def recall(self, item_uid: str, hold_s: float = HOLD_S) -> Queued:
        """Take back a group message that is out. Raises NotFoundError, ConflictError('group_text_gone')."""

        def work(tx: Transaction) -> Queued:
            said = group_texts.recallable(tx.db.conn, item_uid)
            row = _group(tx, said.group_id)
            body = {"message": said.platform_id, "thread": str(row["external_id"]), "in_group": True}
            write, place = Write(MESSAGE_RECALL, body), ("group", said.group_id)
            name = str(row["name"])
            return self._queue(tx, int(row["account_id"]), place, write, said.text, name, hold_s=hold_s)

        return await self._store.write(work, kind="group.recall", payload={"item": item_uid})

    async def group_pictures(self) -> list[GroupPicture]:
        """Groups whose picture a new group of their account may take; none where no group can be made."""
        return await self._store.read(public_accounts.group_pictures)

    async def create_group(
        self, account_id: int, name: str, description: str, avatar: str, hold_s: float = HOLD_S
    ) -> Queued:
        """Queue a new group; `avatar` is the platform's id of its picture. Raises InvalidInputError.

        Groups of that name that are there already go into the bytes: they prove nothing about this one.
        """
        if not name.strip() or not description.strip() or not avatar.strip():
            raise InvalidInputError("douyin_group_incomplete")
        body = {"name": name.strip(), "text": description.strip(), "avatar": avatar.strip()}

        def work(tx: Transaction) -> Queued:
            there = public_accounts.groups_named(tx.db.conn, account_id, name.strip())
            write, place = Write(GROUP_CREATE, {**body, "there": there}), ("account", account_id)
            return self._queue(tx, account_id, place, write, name.strip(), "", hold_s=hold_s)

        return await self._store.write(work, kind="group.create", payload={"name": name.strip()})

    async def publish(
        self, account_id: int, text: str, pictures: Sequence[Path], hold_s: float = HOLD_S
    ) -> Queued:
        """Queue an image-text post. Raises InvalidInputError, also as MediaFolder.keep."""
        if self._media is None or not pictures:
            raise InvalidInputError("douyin_pictures", limit=MOST_PICTURES)
        kept = [self._media.keep(path) for path in pictures]

        def work(tx: Transaction) -> Queued:
            for one in kept:
                media_rows.note(tx, one)
            told = tuple(Picture(one.sha256, one.file_name) for one in kept)
            write, place = Write(IMAGE_TEXT, {"text": text.strip()}, (), told), ("account", account_id)
            return self._queue(tx, account_id, place, write, text.strip(), "", hold_s=hold_s)

        return await self._store.write(work, kind="image_text.publish", payload={"account": account_id})

    async def take_back(self, items: Sequence[str]) -> int:
        """Stop what has not left; how many. Raises ConflictError('outbox_too_late')."""
        return await platform_edits.take_back(self._store, items)

    def _queue(
        self,
        tx: Transaction,
        account_id: int,
        place: tuple[str, int],
        write: Write,
        title: str,
        whom: str,
        targets: tuple[NewTarget, ...] = (),
        hold_s: float = HOLD_S,
    ) -> Queued:
        entity, entity_id = place
        summary = {
            "title": title[:TITLE_SIGNS],
            "text": write.text[:TITLE_SIGNS],
            "for": whom,
            "recipients": len(targets),
        }
        order_key = f"{write.kind}:{entity}:{entity_id}"
        wish = Wish(account_id, entity, entity_id, write, summary, order_key, targets)
        uids = platform_edits.queue(tx, self._store, [wish], hold_s)
        return Queued("", tuple(uids), tx.now_ms + int(hold_s * 1000))


def _free(tx: Transaction, uid: str, kind: str) -> CommentRow:
    """A comment to which the same is not being done already."""
    row = public_accounts.comment(tx.db.conn, uid)
    if kind in row.pending:
        raise ConflictError("comment_pending")
    return row


def _group(tx: Transaction, group_id: int) -> Any:
    row = public_accounts.group(tx.db.conn, group_id)
    if row is None:
        raise NotFoundError("group_missing", group=group_id)
    if row["platform"] != "douyin":
        raise ConflictError("group_not_public")
    return row


def _said(text: str) -> str:
    said = text.strip()
    if not said:
        raise InvalidInputError("talk_empty")
    if len(said) > MOST_SIGNS:
        raise InvalidInputError("talk_too_long_signs")
    return said
