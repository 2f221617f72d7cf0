"""Post rows."""

from __future__ import annotations

import json
from typing import Any

from desktop.domain.audience import parsed_audience
from desktop.domain.changes import Topic
from desktop.domain.content import media_from_json
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.domain.posts import Post, PostDraft
from desktop.store.database import as_json
from desktop.store.transaction import Transaction

SELECT = (
    "SELECT p.*, a.uid AS account_uid FROM post p LEFT JOIN account a ON a.id = p.account_id"
    " WHERE p.removed_at IS NULL"
)


def insert(tx: Transaction, draft: PostDraft, account_id: int | None) -> Post:
    """A new draft."""
    uid = tx.new_uid()
    tx.db.execute(
        "INSERT INTO post (uid, account_id, title, body, media, audience, scheduled_at, grace_minutes,"
        " created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (uid, account_id, *_facts(draft), tx.now_ms, tx.now_ms),
    )
    post = get(tx.db.conn, uid)
    tx.touch(Topic.POST, [post.id])
    return post


def update(tx: Transaction, post: Post, draft: PostDraft, account_id: int | None) -> Post:
    """Overwrite a draft. Raises ConflictError('post_not_draft') for anything else."""
    if post.state != "draft":
        raise ConflictError("post_not_draft", uid=post.uid, state=post.state)
    tx.db.execute(
        "UPDATE post SET account_id = ?, title = ?, body = ?, media = ?, audience = ?, scheduled_at = ?,"
        " grace_minutes = ?, updated_at = ? WHERE id = ?",
        (account_id, *_facts(draft), tx.now_ms, post.id),
    )
    tx.touch(Topic.POST, [post.id])
    return get(tx.db.conn, post.uid)


def set_state(tx: Transaction, post: Post, state: str, *, raises_revision: bool = False) -> None:
    """Draft, confirmed or cancelled; a raised revision needs a new confirmation."""
    tx.replaced = {"state": post.state, "revision": post.revision}
    tx.db.execute(
        "UPDATE post SET state = ?, revision = revision + ?, confirmed_at = ?, account_id = ?,"
        " updated_at = ? WHERE id = ?",
        (
            state,
            int(raises_revision),
            tx.now_ms if state == "confirmed" else None,
            post.account_id,
            tx.now_ms,
            post.id,
        ),
    )
    tx.touch(Topic.POST, [post.id])


def set_removed(tx: Transaction, post: Post, *, is_removed: bool) -> None:
    """Put a post away, or bring it back."""
    tx.db.execute(
        "UPDATE post SET removed_at = ? WHERE id = ?", (tx.now_ms if is_removed else None, post.id)
    )
    tx.touch(Topic.POST, [post.id])


def get(conn: Any, uid: str, *, with_removed: bool = False) -> Post:
    """One post. Raises NotFoundError('post_missing')."""
    sql = SELECT.replace("p.removed_at IS NULL", "1") if with_removed else SELECT
    row = conn.execute(f"{sql} AND p.uid = ?", (uid,)).fetchone()
    if row is None:
        raise NotFoundError("post_missing", uid=uid)
    return _post(row)


def listed(conn: Any, search: str, limit: int, offset: int) -> list[Post]:
    """Posts, last changed first."""
    rows = conn.execute(
        f"{SELECT} AND (? = '' OR instr(lower(p.title || p.body), lower(?)) > 0)"
        " ORDER BY p.updated_at DESC, p.id DESC LIMIT ? OFFSET ?",
        (search, search, limit, offset),
    )
    return [_post(row) for row in rows]


def _facts(draft: PostDraft) -> tuple[Any, ...]:
    return (
        draft.title,
        draft.body,
        as_json([picture.as_json() for picture in draft.media]),
        as_json(draft.audience.as_json()),
        draft.scheduled_at,
        draft.grace_minutes,
    )


def _post(row: Any) -> Post:
    draft = PostDraft(
        title=row["title"],
        body=row["body"],
        media=media_from_json(json.loads(row["media"])),
        audience=parsed_audience(row["audience"]),
        account_uid=row["account_uid"],
        scheduled_at=row["scheduled_at"],
        grace_minutes=row["grace_minutes"],
    )
    return Post(
        row["id"],
        row["uid"],
        draft,
        row["account_id"],
        row["state"],
        row["revision"],
        row["created_at"],
        row["updated_at"],
        row["confirmed_at"],
    )
