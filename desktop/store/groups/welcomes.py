"""Group welcomes: rows of welcome, made here; the platform cannot list them, so it adds none."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.content import MediaRef, media_from_json
from desktop.domain.errors import NotFoundError
from desktop.domain.outbox_items import OutboxItem
from desktop.domain.platform_records import WelcomeRecord
from desktop.domain.welcomes import WelcomeDraft
from desktop.store.sends.pending_edits import PendingEdit
from desktop.store.transaction import Transaction

ENTITY = "welcome"


@dataclass(frozen=True, slots=True)
class Welcome:
    """One welcome as it stands here. `external_id` is None until the platform made it."""

    id: int
    uid: str
    account_id: int
    draft: WelcomeDraft
    external_id: str | None
    created_at: int
    updated_at: int


def insert(tx: Transaction, account_id: int, draft: WelcomeDraft, origin: str) -> Welcome:
    """A welcome that the platform does not have yet."""
    uid = tx.new_uid()
    cursor = tx.db.execute(
        "INSERT INTO welcome (uid, account_id, text, media, origin, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (uid, account_id, draft.text, _media(draft), origin, tx.now_ms, tx.now_ms),
    )
    tx.touch(Topic.WELCOME, [int(cursor.lastrowid or 0)])
    return by_uid(tx.db.conn, uid)


def rows(conn: Any) -> list[Welcome]:
    """Every welcome that is not gone, newest first."""
    found = conn.execute("SELECT * FROM welcome WHERE removed_at IS NULL ORDER BY created_at DESC, id DESC")
    return [_welcome(row) for row in found]


def by_uid(conn: Any, uid: str) -> Welcome:
    """One welcome. Raises NotFoundError('welcome_missing')."""
    row = conn.execute("SELECT * FROM welcome WHERE uid = ? AND removed_at IS NULL", (uid,)).fetchone()
    if row is None:
        raise NotFoundError("welcome_missing", uid=uid)
    return _welcome(row)


def set_draft(tx: Transaction, welcome_id: int, draft: WelcomeDraft) -> None:
    """What the welcome says."""
    tx.db.execute(
        "UPDATE welcome SET text = ?, media = ?, updated_at = ? WHERE id = ?",
        (draft.text, _media(draft), tx.now_ms, welcome_id),
    )
    tx.touch(Topic.WELCOME, [welcome_id])


def created(tx: Transaction, welcome_id: int, external_id: str) -> None:
    """The platform made it. Whatever stood for the same id and is gone here gives way to it."""
    tx.db.execute(
        "DELETE FROM welcome WHERE external_id = ? AND removed_at IS NOT NULL AND id <> ?"
        " AND account_id = (SELECT account_id FROM welcome WHERE id = ?)",
        (external_id, welcome_id, welcome_id),
    )
    tx.db.execute(
        "UPDATE welcome SET external_id = ?, removed_at = NULL, updated_at = ? WHERE id = ?",
        (external_id or None, tx.now_ms, welcome_id),
    )
    tx.touch(Topic.WELCOME, [welcome_id])


def has_id(conn: Any, account_id: int, external_id: str) -> bool:
    """Whether a welcome that is not gone already stands for this id at the platform."""
    found = conn.execute(
        "SELECT 1 FROM welcome WHERE account_id = ? AND external_id = ? AND removed_at IS NULL",
        (account_id, external_id),
    )
    return found.fetchone() is not None


def remove(tx: Transaction, welcome_ids: Iterable[int]) -> None:
    """The welcomes are gone."""
    gone = list(welcome_ids)
    tx.db.conn.executemany(
        "UPDATE welcome SET removed_at = ? WHERE id = ?", [(tx.now_ms, one) for one in gone]
    )
    tx.touch(Topic.WELCOME, gone)


def said_to_be_made(conn: Any) -> set[int]:
    """Welcomes whose making is settled as done although their id at the platform is not known."""
    found = conn.execute(
        "SELECT w.id FROM welcome w JOIN outbox o ON o.entity = 'welcome' AND o.entity_id = w.id"
        " WHERE w.external_id IS NULL AND w.removed_at IS NULL AND o.state = 'done'"
    )
    return {int(row[0]) for row in found}


def known(conn: Any, account: Account) -> dict[str, Welcome]:
    """Welcomes of an account that the platform has made and that are not gone, by its ids."""
    found = conn.execute(
        "SELECT * FROM welcome WHERE account_id = ? AND external_id IS NOT NULL AND removed_at IS NULL",
        (account.id,),
    )
    return {str(row["external_id"]): _welcome(row) for row in found.fetchall()}


def ingest(tx: Transaction, welcome: Welcome, record: WelcomeRecord) -> bool:
    """Take in a text that was changed at the platform; whether it was."""
    media = welcome.draft.media if record.has_picture else ()
    told = WelcomeDraft(record.text, media)
    if told == welcome.draft:
        return False
    set_draft(tx, welcome.id, told)
    return True


def _media(draft: WelcomeDraft) -> str:
    return json.dumps([one.as_json() for one in draft.media], ensure_ascii=False)


def _welcome(row: Any) -> Welcome:
    return Welcome(
        row["id"],
        row["uid"],
        row["account_id"],
        WelcomeDraft(row["text"], media_from_json(json.loads(row["media"]))),
        row["external_id"],
        row["created_at"],
        row["updated_at"],
    )


def draft_in(edit: PendingEdit) -> WelcomeDraft:
    """What a change on its way will make of a welcome."""
    return WelcomeDraft(str(edit.body["text"]), media_from_json(edit.summary.get("media", ())))


def media_of(item: OutboxItem) -> tuple[MediaRef, ...]:
    """The pictures a change names, as it was queued."""
    return media_from_json(item.summary.get("media", ()))
