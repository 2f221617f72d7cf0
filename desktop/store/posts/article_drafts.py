"""Drafts in the box of an official account: those written here and those made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.official_account import DraftRecord
from desktop.store.transaction import Transaction

PUT_DRAFT = (
    "INSERT INTO article_draft (account_id, external_id, title, digest, changed_at) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (account_id, external_id) DO UPDATE SET title = excluded.title, digest = excluded.digest,"
    " changed_at = excluded.changed_at, removed_at = NULL"
    " WHERE (title, digest, changed_at) <> (excluded.title, excluded.digest, excluded.changed_at)"
    " OR removed_at IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft. `external_id` is '' until the platform made it; `body` is None for one made elsewhere."""

    id: int
    account_id: int
    external_id: str
    title: str
    digest: str
    body: str | None
    media: str
    changed_at: int
    post_id: int | None = None


def ingest_drafts(tx: Transaction, account_id: int, records: Sequence[DraftRecord]) -> int:
    """Take in some drafts; how many were new or changed."""
    before = tx.db.conn.total_changes
    tx.db.conn.executemany(
        PUT_DRAFT, [(account_id, one.external_id, one.title, one.digest, one.updated_at) for one in records]
    )
    changed = int(tx.db.conn.total_changes - before)
    if changed:
        tx.touch(Topic.ARTICLE)
    return changed


def missing_drafts(conn: Any, account_id: int, seen: set[str]) -> tuple[list[int], int]:
    """(local ids of drafts that are not among `seen`, how many are known)."""
    rows = conn.execute(
        "SELECT id, external_id FROM article_draft WHERE account_id = ? AND removed_at IS NULL"
        " AND external_id IS NOT NULL",  # what is not made yet cannot be missing
        (account_id,),
    ).fetchall()
    return [int(row["id"]) for row in rows if row["external_id"] not in seen], len(rows)


def remove_drafts(tx: Transaction, ids: Sequence[int]) -> None:
    """These drafts are in the box no more."""
    tx.db.conn.executemany(
        "UPDATE article_draft SET removed_at = ? WHERE id = ?", [(tx.now_ms, one) for one in ids]
    )
    tx.touch(Topic.ARTICLE)


def put_draft(
    tx: Transaction,
    draft_id: int | None,
    account_id: int,
    title: str,
    digest: str,
    body: str,
    media: str,
    post_id: int | None = None,
) -> int:
    """Keep a draft written here, new (None) or changed; its local id. `body` and `media` are JSON."""
    if draft_id is None:
        made = tx.db.execute(
            "INSERT INTO article_draft (account_id, title, digest, body, media, changed_at, post_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (account_id, title, digest, body, media, tx.now_ms, post_id),
        )
        draft_id = int(made.lastrowid or 0)
    else:
        tx.db.execute(
            "UPDATE article_draft SET title = ?, digest = ?, body = ?, media = ?, changed_at = ?"
            " WHERE id = ?",
            (title, digest, body, media, tx.now_ms, draft_id),
        )
    tx.touch(Topic.ARTICLE)
    return draft_id


def draft_made(tx: Transaction, draft_id: int, external_id: str) -> None:
    """The platform has a draft; where a pull had brought it already, that row goes."""
    tx.db.execute(
        "DELETE FROM article_draft WHERE external_id = ? AND id <> ?"
        " AND account_id = (SELECT account_id FROM article_draft WHERE id = ?)",
        (external_id, draft_id, draft_id),
    )
    tx.db.execute("UPDATE article_draft SET external_id = ? WHERE id = ?", (external_id, draft_id))
    tx.touch(Topic.ARTICLE)


def drafts(conn: Any, account_id: int | None = None) -> list[Draft]:
    """Drafts of one account (None: of all), the newest first."""
    rows = conn.execute(
        "SELECT * FROM article_draft WHERE removed_at IS NULL AND (:account IS NULL OR account_id = :account)"
        " ORDER BY changed_at DESC, id DESC",
        {"account": account_id},
    ).fetchall()
    return [_draft(row) for row in rows]


def draft(conn: Any, draft_id: int) -> Draft | None:
    """One draft that is still there."""
    row = conn.execute(
        "SELECT * FROM article_draft WHERE id = ? AND removed_at IS NULL", (draft_id,)
    ).fetchone()
    return None if row is None else _draft(row)


def draft_of_post(conn: Any, post_id: int, account_id: int) -> Draft | None:
    """The draft that a post became in an account's box, while it is there."""
    row = conn.execute(
        "SELECT * FROM article_draft WHERE post_id = ? AND account_id = ? AND removed_at IS NULL",
        (post_id, account_id),
    ).fetchone()
    return None if row is None else _draft(row)


def of_post(conn: Any, post_id: int) -> list[int]:
    """Local ids of the drafts a post ever became, the oldest first."""
    rows = conn.execute("SELECT id FROM article_draft WHERE post_id = ? ORDER BY id", (post_id,))
    return [int(row[0]) for row in rows]


def _draft(row: Any) -> Draft:
    return Draft(
        int(row["id"]),
        int(row["account_id"]),
        row["external_id"] or "",
        row["title"],
        row["digest"],
        row["body"],
        row["media"],
        int(row["changed_at"]),
        row["post_id"],
    )
