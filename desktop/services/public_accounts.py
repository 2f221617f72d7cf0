"""Public accounts (Douyin): who waits to join a group, comments below posts, group texts, and answering them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.errors import ConflictError, InvalidInputError, NotFoundError
from desktop.domain.outbox_items import NewItem, NewTarget
from desktop.domain.write_kinds.douyin import (
    COMMENT_PIN,
    COMMENT_REPLY,
    GROUP_ANNOUNCEMENT,
    GROUP_CREATE,
    GROUP_MESSAGE,
    GROUP_WELCOME,
    IMAGE_TEXT,
    JOIN_ACCEPT,
)
from desktop.domain.writes import Picture, Write
from desktop.services.sending import freeze
from desktop.store import media as media_rows
from desktop.store import public_accounts
from desktop.store.database import Store
from desktop.store.media import MediaFolder
from desktop.store.public_accounts import CommentRow, RequestRow
from desktop.store.transaction import Transaction

SHOWN = 200
HOLD_MS = 10_000
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

    async def accept(self, uid: str) -> str:
        """Let somebody into a group; the outbox item's uid. Raises NotFoundError, ConflictError if under way."""

        def work(tx: Transaction) -> str:
            row = public_accounts.request(tx.db.conn, uid)
            if row.is_deciding:
                raise ConflictError("join_request_deciding")
            write = Write(JOIN_ACCEPT, {"apply": row.external_id})
            return self._queue(tx, row.account_id, "join_request", row.id, write, row.name, row.group_name)

        return await self._store.write(work, kind="join_request.accept", payload={"uid": uid})

    async def reply(self, uid: str, text: str) -> str:
        """Answer a comment in public; the outbox item's uid. Raises InvalidInputError, NotFoundError."""
        said = _said(text)

        def work(tx: Transaction) -> str:
            row = public_accounts.comment(tx.db.conn, uid)
            body = {"item": row.item_id, "comment": row.external_id, "text": said}
            write = Write(COMMENT_REPLY, body)
            return self._queue(tx, row.account_id, "comment", row.id, write, said, row.name)

        return await self._store.write(work, kind="comment.reply", payload={"uid": uid})

    async def pin(self, uid: str, is_top: bool) -> str:
        """Pin a comment (the one before is let go), or let go of it; the outbox item's uid."""

        def work(tx: Transaction) -> str:
            row = public_accounts.comment(tx.db.conn, uid)
            body = {"item": row.item_id, "comment": row.external_id, "top": is_top}
            write = Write(COMMENT_PIN, body)
            return self._queue(tx, row.account_id, "comment", row.id, write, row.text, row.name)

        return await self._store.write(work, kind="comment.pin", payload={"uid": uid, "top": is_top})

    async def say_in_group(self, group_id: int, what: str, text: str) -> str:
        """Queue a message, the announcement or the welcome of a group; the outbox item's uid.

        No words switch announcement and welcome off. Raises InvalidInputError (group_text, talk_empty,
        talk_too_long_signs), NotFoundError('group_missing'), ConflictError('group_not_public').
        """
        kind = GROUP_TEXTS.get(what)
        if kind is None:
            raise InvalidInputError("group_text", what=what, known=list(GROUP_TEXTS))
        said = _said(text) if kind == GROUP_MESSAGE else text.strip()
        if len(said) > MOST_SIGNS:
            raise InvalidInputError("talk_too_long_signs")

        def work(tx: Transaction) -> str:
            row = public_accounts.group(tx.db.conn, group_id)
            if row is None:
                raise NotFoundError("group_missing", group=group_id)
            if row["platform"] != "douyin":
                raise ConflictError("group_not_public")
            number = str(row["external_id"])
            target = NewTarget("group", number, group_id=group_id)
            targets = (target,) if kind == GROUP_MESSAGE else ()
            names = (number,) if targets else ()
            write = Write(kind, {"group": number, "text": said}, names)
            return self._queue(
                tx, int(row["account_id"]), "group", group_id, write, said, str(row["name"]), targets
            )

        return await self._store.write(work, kind=f"group.{what}", payload={"group": group_id})

    async def create_group(self, account_id: int, name: str, description: str, avatar: str) -> str:
        """Queue a new group; `avatar` is the platform's id of its picture. Raises InvalidInputError.

        Groups of that name that are there already go into the bytes: they prove nothing about this one.
        """
        if not name.strip() or not description.strip() or not avatar.strip():
            raise InvalidInputError("douyin_group_incomplete")
        body = {"name": name.strip(), "text": description.strip(), "avatar": avatar.strip()}

        def work(tx: Transaction) -> str:
            there = public_accounts.groups_named(tx.db.conn, account_id, name.strip())
            write = Write(GROUP_CREATE, {**body, "there": there})
            return self._queue(tx, account_id, "account", account_id, write, name.strip(), "")

        return await self._store.write(work, kind="group.create", payload={"name": name.strip()})

    async def publish(self, account_id: int, text: str, pictures: Sequence[Path]) -> str:
        """Queue an image-text post; the outbox item's uid. Raises InvalidInputError, also as MediaFolder.keep."""
        if self._media is None or not pictures:
            raise InvalidInputError("douyin_pictures", limit=35)
        kept = [self._media.keep(path) for path in pictures]

        def work(tx: Transaction) -> str:
            for one in kept:
                media_rows.note(tx, one)
            told = tuple(Picture(one.sha256, one.file_name) for one in kept)
            write = Write(IMAGE_TEXT, {"text": text.strip()}, (), told)
            return self._queue(tx, account_id, "account", account_id, write, text.strip(), "")

        return await self._store.write(work, kind="image_text.publish", payload={"account": account_id})

    def _queue(
        self,
        tx: Transaction,
        account_id: int,
        entity: str,
        entity_id: int,
        write: Write,
        title: str,
        whom: str,
        targets: tuple[NewTarget, ...] = (),
    ) -> str:
        item = NewItem(
            account_id=account_id,
            entity=entity,
            entity_id=entity_id,
            write=write,
            summary={
                "title": title[:TITLE_SIGNS],
                "text": write.text[:TITLE_SIGNS],
                "for": whom,
                "recipients": len(targets),
            },
            order_key=f"{write.kind}:{entity}:{entity_id}",
            not_before=tx.now_ms,
            not_after=None,
            hold_until=tx.now_ms + HOLD_MS,
            targets=targets,
        )
        return freeze(tx, [item], operator=self._store.operator, device_id=self._store.device_id)[0]


def _said(text: str) -> str:
    said = text.strip()
    if not said:
        raise InvalidInputError("talk_empty")
    if len(said) > MOST_SIGNS:
        raise InvalidInputError("talk_too_long_signs")
    return said
