"""Comments below articles of official accounts: answered, featured, deleted; articles opened and closed to them.

Everything leaves through the outbox: what is confirmed here waits for the next sync and works offline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.errors import ConflictError, InvalidInputError, NotFoundError
from desktop.domain.official_account import Comment
from desktop.domain.outbox import HOLD_S
from desktop.domain.write_kinds import wechat as kinds
from desktop.domain.writes import Write
from desktop.services.platform_edits import Queued, Wish, queue
from desktop.store.accounts import abilities, accounts
from desktop.store.database import Store
from desktop.store.posts import article_comments
from desktop.store.posts.article_comments import Asked
from desktop.store.pulled import publications
from desktop.store.pulled.publications import ListedArticle
from desktop.store.sends.pending_edits import stop_open
from desktop.store.transaction import Transaction

PLATFORM = "wechat"
COMMENT, ARTICLE = "article_comment", "article"
MOST_LISTED = 200
MAX_REPLY = 600
TITLE_SIGNS = 60


@dataclass(frozen=True, slots=True)
class Opening:
    """An article that can be opened or closed to comments. WeChat tells nobody which it is: `asked` is the
    last that was asked for from here, None where nothing was."""

    article: ListedArticle
    asked: Asked | None


class ArticleCommentService:
    """Reads comments below articles, queues what the shop says. Sends nothing itself."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def comments(self, *, only_open: bool = False) -> list[Comment]:
        """Comments, newest first; `only_open` those without an answer."""
        return await self._store.read(
            lambda conn: article_comments.listing(conn, only_open=only_open, most=MOST_LISTED)
        )

    async def refused(self) -> str:
        """Why the platform shows an account no comments, as an error code; '' while it does."""

        def look(conn: Any) -> str:
            for account in accounts.listing(conn):
                for refusal in abilities.refused(conn, account.id):
                    if account.platform == PLATFORM and refusal.ability == "stream.comments":
                        return refusal.code
            return ""

        return await self._store.read(look)

    async def openings(self) -> list[Opening]:
        """Articles whose number WeChat told, newest first, with what was last asked for from here."""

        def look(conn: Any) -> list[Opening]:
            asked = article_comments.asked_openings(conn)
            listed = publications.listing(conn, None, MOST_LISTED)
            return [Opening(one, asked.get(one.id)) for one in listed if one.send_id]

        return await self._store.read(look)

    async def open_or_close(self, article_id: int, is_open: bool, hold_s: float = HOLD_S) -> Queued:
        """Let readers comment below an article that is out, or no longer; replaces what has not left.

        Raises NotFoundError('article_missing'), ConflictError('article_no_number').
        """

        def work(tx: Transaction) -> list[str]:
            article = publications.article(tx.db.conn, article_id)
            if article is None:
                raise NotFoundError("article_missing", article=article_id)
            if not article.send_id:
                raise ConflictError("article_no_number")
            key = f"comments:{article_id}"
            stop_open(tx, ARTICLE, article_id, key, "replaced_by_newer")
            body = {"article": article.send_id, "index": article.place - 1, "is_open": is_open}
            title = {"title": article.title[:TITLE_SIGNS]}
            write = Write(kinds.COMMENTS_OPEN, body)
            wish = Wish(article.account_id, ARTICLE, article_id, write, title, key)
            return queue(tx, self._store, [wish], hold_s)

        payload = {"article": article_id, "open": is_open}
        return self._queued(
            article_id, await self._store.write(work, kind="comment.open", payload=payload), hold_s
        )

    async def reply(self, comment_id: int, text: str, *, hold_s: float = HOLD_S) -> Queued:
        """Answer a comment; each can have one. Raises InvalidInputError, NotFoundError, ConflictError."""
        words = text.strip()
        if not words or len(words) > MAX_REPLY:
            raise InvalidInputError("wechat_reply_length", platform_code="")
        return await self._about(comment_id, kinds.COMMENT_REPLY, {"text": words}, hold_s)

    async def elect(self, comment_id: int, is_elected: bool, *, hold_s: float = HOLD_S) -> Queued:
        """Feature a comment, or no longer. Raises NotFoundError, ConflictError."""
        return await self._about(comment_id, kinds.COMMENT_ELECT, {"is_elected": is_elected}, hold_s)

    async def delete(self, comment_id: int, *, hold_s: float = HOLD_S) -> Queued:
        """Delete a comment. Raises NotFoundError, ConflictError."""
        return await self._about(comment_id, kinds.COMMENT_DELETE, {}, hold_s)

    async def take_answer_back(self, comment_id: int, *, hold_s: float = HOLD_S) -> Queued:
        """Delete our answer. Raises NotFoundError, ConflictError."""
        return await self._about(comment_id, kinds.COMMENT_REPLY_DELETE, {}, hold_s)

    async def _about(self, comment_id: int, kind: str, more: Mapping[str, Any], hold_s: float) -> Queued:
        def work(tx: Transaction) -> list[str]:
            comment = article_comments.get(tx.db.conn, comment_id)
            if comment is None:
                raise NotFoundError("comment_missing", comment=comment_id)
            if not comment.send_id:
                raise ConflictError("comment_closed")
            if comment.pending == kind:
                raise ConflictError("comment_pending")
            about = {
                "article": comment.send_id,
                "index": comment.place - 1,
                "comment": comment.external_id,
            }
            write = Write(kind, {**about, **more})
            title, key = {"title": comment.text[:TITLE_SIGNS]}, f"comment:{comment_id}"
            wish = Wish(comment.account_id, COMMENT, comment_id, write, title, key)
            return queue(tx, self._store, [wish], hold_s)

        payload = {"comment": comment_id, "kind": kind}
        return self._queued(
            comment_id, await self._store.write(work, kind="comment.change", payload=payload), hold_s
        )

    def _queued(self, local_id: int, uids: list[str], hold_s: float) -> Queued:
        return Queued(str(local_id), tuple(uids), self._clock.now_ms() + int(hold_s * 1000))
