"""Articles on their way into an account's box of drafts and out of it: what is frozen, and what it waits for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from desktop.domain.articles import Article
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.domain.outbox import State
from desktop.domain.write_kinds import wechat as kinds
from desktop.domain.writes import Picture, Write
from desktop.store.posts import article_drafts
from desktop.store.posts.article_drafts import Draft
from desktop.store.sends import outbox as outbox_rows
from desktop.store.transaction import Transaction

DRAFT = "article_draft"
POST = "post"
OVER = (State.REJECTED, State.CANCELLED, State.MISSED)
MADE = (kinds.DRAFT_ADD, kinds.DRAFT_EDIT)
OUT = (kinds.PUBLISH, kinds.MASS_SEND)


def existing(conn: Any, draft_id: int) -> Draft:
    """A draft that is still there. Raises NotFoundError('article_no_draft')."""
    found = article_drafts.draft(conn, draft_id)
    if found is None:
        raise NotFoundError("article_no_draft")
    return found


def into_box(
    tx: Transaction,
    account_id: int,
    article: Article,
    pictures: Sequence[Picture],
    draft_id: int | None,
    post_id: int | None = None,
) -> tuple[int, Write, str | None]:
    """Keep an article here; (local id of its draft, the write that puts it into the box, what that waits for).

    The first picture is the cover. With `draft_id` that draft is replaced.
    """
    earlier = None if draft_id is None else existing(tx.db.conn, draft_id)
    body = article.as_body()
    media = json.dumps([one.sha256 for one in pictures])
    told = (article.title, article.digest, json.dumps(body, ensure_ascii=False), media)
    local = article_drafts.put_draft(tx, draft_id, account_id, *told, post_id=post_id)
    prior = None if earlier is None else last_made(tx.db.conn, earlier)
    if earlier is None or not (earlier.external_id or prior):
        return local, Write(kinds.DRAFT_ADD, body, pictures=tuple(pictures)), None
    write = Write(kinds.DRAFT_EDIT, {**body, "draft": earlier.external_id}, pictures=tuple(pictures))
    return local, write, prior


def last_made(conn: Any, draft: Draft) -> str | None:
    """The last change of a draft that may still come or has come: what follows waits for it."""
    alive = [item for item in _items(conn, draft) if item.kind in MADE and item.state not in OVER]
    return alive[-1].uid if alive else None


def refuse_second(conn: Any, draft: Draft) -> None:
    """A draft goes out once. Raises ConflictError('article_sent_already')."""
    for item in _items(conn, draft):
        if item.kind in OUT and item.state not in OVER:
            raise ConflictError("article_sent_already", uid=item.uid)


def _items(conn: Any, draft: Draft) -> list[Any]:
    """Everything about a draft in the order it was confirmed, that of its post included."""
    found = outbox_rows.of_entity(conn, DRAFT, draft.id)
    if draft.post_id is not None:
        found = [*found, *outbox_rows.of_entity(conn, POST, draft.post_id)]
    return sorted(found, key=lambda item: item.id)
