"""Group welcomes: what newcomers to a group read. Written here at once, at the platform with the next sync."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.domain import welcomes as rules
from desktop.domain.clock import Clock
from desktop.domain.content import MediaRef
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.domain.outbox import HOLD_S
from desktop.domain.welcomes import WelcomeDraft
from desktop.domain.write_kinds.wecom import WELCOME_ADD, WELCOME_DELETE, WELCOME_EDIT
from desktop.domain.writes import Picture, Write
from desktop.services import platform_edits
from desktop.services.platform_edits import Queued, Standing, Wish, refusal_of, standing_of
from desktop.store.audiences.recipients import account_for
from desktop.store.database import Store
from desktop.store.groups import welcomes
from desktop.store.groups.welcomes import ENTITY, Welcome
from desktop.store.posts.media import MediaFolder
from desktop.store.sends.pending_edits import PendingEdit, pending, stop_open
from desktop.store.transaction import Transaction

ALL_KINDS = (WELCOME_ADD, WELCOME_EDIT, WELCOME_DELETE)


@dataclass(frozen=True, slots=True)
class WelcomeRow:
    """One welcome. `draft` is what the platform has (or will get first); `waiting` is a change on its way."""

    uid: str
    account_id: int
    draft: WelcomeDraft
    standing: Standing
    created_at: int
    waiting: WelcomeDraft | None = None
    items: tuple[str, ...] = ()
    reason: str = ""
    platform_code: str = ""
    external_id: str = ""

    @property
    def shown(self) -> WelcomeDraft:
        """What the operator wants it to say: the change on its way, else what stands."""
        return self.waiting or self.draft


class WelcomeService:
    """Methods about one welcome raise NotFoundError('welcome_missing')."""

    def __init__(self, store: Store, clock: Clock, media: MediaFolder) -> None:
        self._store = store
        self._clock = clock
        self._media = media

    async def rows(self) -> list[WelcomeRow]:
        """All welcomes, newest first."""
        now = self._clock.now_ms()
        return await self._store.read(lambda conn: _rows(conn, welcomes.rows(conn), now))

    async def row(self, uid: str) -> WelcomeRow:
        """One welcome."""
        now = self._clock.now_ms()
        return await self._store.read(lambda conn: _rows(conn, [welcomes.by_uid(conn, uid)], now)[0])

    async def keep_picture(self, source: Path) -> MediaRef:
        """Copy a picture file into the shop. Raises InvalidInputError for what cannot be sent."""
        return self._media.keep(source)

    async def keep_picture_bytes(self, content: bytes, name: str) -> MediaRef:
        """As keep_picture, for a pasted picture."""
        return self._media.keep_bytes(content, name)

    def picture_path(self, sha256: str) -> Path:
        """Where a kept picture lies, to show it."""
        return self._media.path(sha256)

    async def add(
        self, draft: WelcomeDraft, account_uid: str | None = None, hold_s: float = HOLD_S
    ) -> Queued:
        """Make a welcome.

        Raises InvalidInputError as welcomes.checked, NotFoundError('account_missing'),
        ConflictError('account_choose').
        """
        wanted = rules.checked(draft)

        def work(tx: Transaction) -> Queued:
            welcome = welcomes.insert(tx, _account(tx.db.conn, account_uid), wanted, "operator")
            return self._queue(tx, welcome, _write(WELCOME_ADD, wanted), wanted, hold_s)

        return await self._store.write(work, kind="welcome.add", payload={"text": wanted.text[:100]})

    async def edit(self, uid: str, draft: WelcomeDraft, hold_s: float = HOLD_S) -> Queued:
        """Change a welcome. A change that has not left yet is replaced by this one.

        Raises as add(), and ConflictError: 'outbox_undecided' while it is unclear whether it was made,
        'way_unlinked' where it was made and its id is not known.
        """
        wanted = rules.checked(draft)

        def work(tx: Transaction) -> Queued:
            welcome = welcomes.by_uid(tx.db.conn, uid)
            self._clear_way(tx, welcome)
            tx.replaced = {"text": welcome.draft.text}
            if welcome.external_id is None:
                if welcome.id in welcomes.said_to_be_made(tx.db.conn):
                    raise ConflictError("way_unlinked")
                welcomes.set_draft(tx, welcome.id, wanted)
                return self._queue(tx, welcome, _write(WELCOME_ADD, wanted), wanted, hold_s)
            if wanted == welcome.draft:
                return Queued(welcome.uid, (), tx.now_ms)
            write = _write(WELCOME_EDIT, wanted, welcome.external_id)
            return self._queue(tx, welcome, write, wanted, hold_s)

        payload = {"uid": uid, "text": wanted.text[:100]}
        return await self._store.write(work, kind="welcome.edit", payload=payload)

    async def delete(self, uid: str, hold_s: float = HOLD_S) -> Queued:
        """Take a welcome away; one whose id is not known only off the list here. Raises as edit()."""

        def work(tx: Transaction) -> Queued:
            welcome = welcomes.by_uid(tx.db.conn, uid)
            self._clear_way(tx, welcome)
            if welcome.external_id is None:
                welcomes.remove(tx, [welcome.id])
                return Queued(welcome.uid, (), tx.now_ms)
            write = Write(WELCOME_DELETE, {"template_id": welcome.external_id})
            return self._queue(tx, welcome, write, welcome.draft, hold_s)

        return await self._store.write(work, kind="welcome.delete", payload={"uid": uid})

    async def take_back(self, uids: Sequence[str]) -> int:
        """Stop changes that have not left; how many. Raises ConflictError('outbox_too_late')."""
        return await platform_edits.take_back(self._store, uids)

    def _clear_way(self, tx: Transaction, welcome: Welcome) -> None:
        edits = pending(tx.db.conn, ENTITY, [welcome.id], ALL_KINDS, tx.now_ms)
        platform_edits.refuse_while_unclear(edits.get(welcome.id, []))
        stop_open(tx, ENTITY, welcome.id, _order_key(welcome), "replaced_by_newer")

    def _queue(
        self, tx: Transaction, welcome: Welcome, write: Write, draft: WelcomeDraft, hold_s: float
    ) -> Queued:
        summary = {
            "title": draft.text.splitlines()[0][:60],
            "text": draft.text[:200],
            "entity_uid": welcome.uid,
            "pictures": len(draft.media),
            "media": [one.as_json() for one in draft.media],
        }
        wish = Wish(welcome.account_id, ENTITY, welcome.id, write, summary, _order_key(welcome))
        uids = platform_edits.queue(tx, self._store, [wish], hold_s)
        return Queued(welcome.uid, tuple(uids), tx.now_ms + int(hold_s * 1000))


def _order_key(welcome: Welcome) -> str:
    return f"welcome:{welcome.uid}"


def _write(kind: str, draft: WelcomeDraft, template_id: str = "") -> Write:
    body = {"text": draft.text} | ({"template_id": template_id} if template_id else {})
    return Write(kind, body, pictures=tuple(Picture(one.sha256, one.file_name) for one in draft.media))


def _account(conn: Any, account_uid: str | None) -> int:
    account = account_for(conn, account_uid)
    if account is None:
        raise NotFoundError("account_missing", account=account_uid or "")
    return account.id


def _rows(conn: Any, found: Sequence[Welcome], now: int) -> list[WelcomeRow]:
    edits = pending(conn, ENTITY, [one.id for one in found], ALL_KINDS, now)
    made = welcomes.said_to_be_made(conn)
    return [
        _row(one, edits.get(one.id, []))
        for one in found
        if one.external_id or one.id in edits or one.id in made
    ]


def _row(welcome: Welcome, edits: Sequence[PendingEdit]) -> WelcomeRow:
    changes = [edit for edit in edits if edit.is_open and edit.kind == WELCOME_EDIT]
    reason, platform_code = refusal_of(edits)
    return WelcomeRow(
        welcome.uid,
        welcome.account_id,
        welcome.draft,
        standing_of(welcome.external_id is not None, edits),
        welcome.created_at,
        waiting=welcomes.draft_in(changes[-1]) if changes else None,
        items=tuple(edit.uid for edit in edits if edit.is_open),
        reason=reason,
        platform_code=platform_code,
        external_id=welcome.external_id or "",
    )
