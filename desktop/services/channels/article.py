"""An article of an official account: put into its box, then published or sent to followers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from desktop.domain.article_posts import ArticleContext, article_of_post, check_article, pictures_of
from desktop.domain.articles import Way
from desktop.domain.official_account import Progress as Publishing
from desktop.domain.outbox import State
from desktop.domain.outbox_items import DeliveryCounts, NewItem, OutboxItem
from desktop.domain.posts import Post, PostDraft, window_of
from desktop.domain.progress import Progress, progress_of
from desktop.domain.recipients import AudienceCount
from desktop.domain.write_kinds import wechat as kinds
from desktop.domain.writes import Write
from desktop.services.article_items import MADE, POST, into_box, refuse_second
from desktop.services.channels.way import Asked, Checked
from desktop.services.official_account import MONTHLY_SENDS, month_began
from desktop.store.posts import article_drafts
from desktop.store.pulled import followers, publications
from desktop.store.transaction import Transaction

STANDINGS = {
    Publishing.RUNNING: Progress.SENDING,
    Publishing.DONE: Progress.SENT,
    Publishing.DELETED: Progress.SENT,
}


class ArticleWay:
    """Two items: the draft, and what publishes or sends it once the draft is made."""

    platform = "wechat"

    def kind(self, draft: PostDraft) -> str:
        """A publication or a mass send."""
        return kinds.PUBLISH if draft.article.way is Way.PUBLISH else kinds.MASS_SEND

    def count(self, asked: Asked) -> AudienceCount:
        """Followers for a mass send; a publication is told to nobody."""
        reached = _followers(asked) or 0
        return AudienceCount(total=reached, reachable=reached)

    def check(self, asked: Asked) -> Checked:
        """Everything the platform would refuse, words, reach, time."""
        sent = 0
        if asked.account is not None:
            since = month_began(asked.now)
            sent = publications.mass_sends_since(asked.conn, asked.account.id, since)
        context = ArticleContext(
            asked.now,
            asked.facts.copy_rules,
            asked.account_problem,
            None if asked.account is None else _followers(asked),
            sent,
            MONTHLY_SENDS,
        )
        return Checked(check_article(asked.draft, context), self._items)

    def standing(
        self, conn: Any, post: Post, items: Sequence[OutboxItem], counts: DeliveryCounts, now: int
    ) -> Progress:
        """A draft that is made is only half the way; what became of the rest is told once it was taken."""
        ahead = [item for item in items if not (item.kind in MADE and item.state is State.DONE)]
        progress = progress_of(post.state, ahead or items, counts, now)
        found = publications.of_post(conn, post.id) if progress is Progress.SENT else None
        return progress if found is None else STANDINGS.get(found, Progress.REJECTED)

    def _items(self, tx: Transaction, post: Post, hold_s: float) -> list[NewItem]:
        conn, draft, account_id = tx.db.conn, post.draft, post.account_id or 0
        earlier = article_drafts.draft_of_post(conn, post.id, account_id)
        if earlier is not None:
            refuse_second(conn, earlier)
        pictures = pictures_of(draft)
        known = None if earlier is None else earlier.id
        _, made, prior = into_box(tx, account_id, article_of_post(draft), pictures, known, post.id)
        begins, ends = window_of(draft, tx.now_ms)
        box = replace(_item(post, made, tx.now_ms, None, tx.now_ms, hold_s, prior), uid=tx.new_uid())
        body: dict[str, Any] = {
            "draft": "",
            "title": draft.title.strip(),
            "digest": draft.article.digest.strip(),
        }
        if draft.article.way is Way.MASS_SEND:
            body |= {"to_all": not draft.article.tag, "tag": draft.article.tag}
        out = _item(post, Write(self.kind(draft), body), begins, ends, tx.now_ms, hold_s, box.uid)
        return [box, out]


def _followers(asked: Asked) -> int | None:
    """Whom a mass send would reach; None for a publication."""
    draft = asked.draft
    if asked.account is None or draft.article.way is not Way.MASS_SEND:
        return None
    return followers.count(asked.conn, asked.account.id, draft.article.tag)


def _item(
    post: Post, write: Write, begins: int, ends: int | None, now: int, hold_s: float, prior: str | None
) -> NewItem:
    return NewItem(
        account_id=post.account_id or 0,
        entity=POST,
        entity_id=post.id,
        write=write,
        summary={"title": post.draft.title.strip(), "entity_uid": post.uid, "revision": post.revision},
        order_key=f"post:{post.uid}",
        not_before=begins,
        not_after=ends,
        hold_until=now + int(hold_s * 1000),
        predecessor=prior,
    )
