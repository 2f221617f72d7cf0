"""Post rows."""

from __future__ import annotations

import json
from typing import Any

from desktop.domain.articles import details_of
from desktop.domain.audience import parsed_audience
from desktop.domain.changes import Topic
from desktop.domain.content import media_from_json
from desktop.domain.posts import Channel, Post, PostDraft
from desktop.store.database import as_json
from desktop.store.posts.content import ContentTable, media_text
from desktop.store.transaction import Transaction


class PostTable(ContentTable[PostDraft, Post]):
    """Posts, last changed first. Errors: post_missing, post_not_draft."""

    TABLE = "post"
    COLUMNS = ("title", "body", "media", "audience", "scheduled_at", "grace_minutes", "channel", "details")
    entity = "post"
    topic = Topic.POST
    SELECT = "SELECT c.*, a.uid AS account_uid FROM post c LEFT JOIN account a ON a.id = c.account_id"
    FOUND_IN = "c.title || c.body"
    ORDER = "c.updated_at DESC, c.id DESC"
    stored_as = Post

    def values(self, draft: PostDraft) -> tuple[Any, ...]:
        """A draft as values of COLUMNS."""
        return (
            draft.title,
            draft.body,
            media_text(draft.media),
            as_json(draft.audience.as_json()),
            draft.scheduled_at,
            draft.grace_minutes,
            draft.channel.value,
            as_json({"article": told} if (told := draft.article.as_json()) else {}),
        )

    def draft_of(self, row: Any) -> PostDraft:
        """The draft in a row."""
        return PostDraft(
            title=row["title"],
            body=row["body"],
            media=media_from_json(json.loads(row["media"])),
            audience=parsed_audience(row["audience"]),
            account_uid=row["account_uid"],
            scheduled_at=row["scheduled_at"],
            grace_minutes=row["grace_minutes"],
            channel=Channel(row["channel"]),
            article=details_of(json.loads(row["details"]).get("article", {})),
        )


POSTS = PostTable()


def versions(conn: Any, post_id: int) -> list[Post]:
    """A post and those that say the same through other accounts, in the order they were made."""
    rows = conn.execute(
        f"{POSTS.SELECT} WHERE c.removed_at IS NULL AND (c.id = :id OR c.bundle ="
        " (SELECT bundle FROM post WHERE id = :id)) ORDER BY c.id",
        {"id": post_id},
    )
    return [POSTS.stored(row) for row in rows]


def bind(tx: Transaction, first: Post, other: Post) -> None:
    """Make one post another version of what `first` says."""
    row = tx.db.execute("SELECT bundle FROM post WHERE id = ?", (first.id,)).fetchone()
    bundle = row["bundle"] or first.uid
    tx.db.execute("UPDATE post SET bundle = ? WHERE id IN (?, ?)", (bundle, first.id, other.id))
    tx.touch(Topic.POST, [first.id, other.id])
