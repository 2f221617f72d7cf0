"""Posts: write, check, confirm. Confirming freezes the bytes of what will be sent, and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from desktop.domain import placeholders
from desktop.domain import posts as rules
from desktop.domain.articles import ArticleDetails
from desktop.domain.audience import Audience
from desktop.domain.content import MediaRef, Problem, blocking
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.domain.official_account import Progress as Publishing
from desktop.domain.outbox_items import DeliveryCounts, NewItem, OutboxItem
from desktop.domain.posts import Channel, Post, PostDraft, rewritten
from desktop.domain.progress import Progress
from desktop.domain.recipients import AudienceCount
from desktop.services.channels.table import WAYS
from desktop.services.channels.way import Asked, Checked
from desktop.services.content import ContentService
from desktop.services.post_items import values
from desktop.services.sending import ConfirmBlockedError, account_of, departure_problems, shop_facts
from desktop.store.audiences import recipients
from desktop.store.posts import moments as moment_rows
from desktop.store.posts import posts as post_rows
from desktop.store.posts.moments import MomentCounts
from desktop.store.posts.posts import POSTS
from desktop.store.pulled import publications
from desktop.store.transaction import Transaction

NO_DETAILS = ArticleDetails()


@dataclass(frozen=True, slots=True)
class PostRow:
    """One line of the list: the post, where it stands, its recipients by status; what its channel tells."""

    post: Post
    progress: Progress
    deliveries: DeliveryCounts
    moment: MomentCounts | None = None
    account_name: str = ""
    publishing: Publishing | None = None


@dataclass(frozen=True, slots=True)
class PostPreview:
    """The text as one fan's phone shows it; `missing` are placeholders without a value."""

    text: str
    fan_name: str
    media: tuple[MediaRef, ...]
    missing: tuple[str, ...]


class PostService(ContentService[PostDraft, Post, PostRow]):
    """Everything about posts. Methods raise NotFoundError('post_missing') for unknown uids."""

    table = POSTS
    saving = "post.save"
    noted = ("title", "body")
    times = ("scheduled_at",)

    async def account_uid(self, named: str, channel: Channel = Channel.MASS_SEND) -> str:
        """Uid of an account by uid, name or the platform's id.

        Raises NotFoundError('account_missing'), ConflictError('account_choose').
        """

        def work(conn: Any) -> str:
            account = recipients.account_for(conn, named, WAYS[channel].platform)
            return account.uid if account else named

        return await self._store.read(work)

    async def tags_named(self, names: Sequence[str]) -> list[int]:
        """Local ids of tags by the platform's id, name or local id. Raises NotFoundError('tag_unknown')."""
        return await self._store.read(lambda conn: recipients.tags_named(conn, names))

    async def audience_count(
        self,
        audience: Audience,
        account_uid: str | None = None,
        *,
        scheduled_at: int | None = None,
        uid: str | None = None,
        channel: Channel = Channel.MASS_SEND,
        article: ArticleDetails = NO_DETAILS,
    ) -> AudienceCount:
        """How the audience splits for a send at that time (None: now). Cheap enough for each keystroke."""
        now = self._clock.now_ms()
        draft = PostDraft(
            audience=audience,
            account_uid=account_uid,
            scheduled_at=scheduled_at,
            channel=channel,
            article=article,
        )

        def work(conn: Any) -> AudienceCount:
            post = POSTS.get(conn, uid) if uid else None
            return WAYS[channel].count(_asked(conn, draft, post, now))

        return await self._store.read(work)

    async def preview(self, draft: PostDraft, fan_id: int | None = None) -> PostPreview:
        """The text for one fan: the given one, else the first who would get it."""
        now = self._clock.now_ms()

        def work(conn: Any) -> PostPreview:
            facts = shop_facts(conn)
            name = _fan_name(conn, fan_id)
            if not name:
                counted = WAYS[draft.channel].count(_asked(conn, draft, None, now))
                name = next(iter(counted.sample), "")
            filled = placeholders.fill(draft.body, values(draft, facts, name, now))
            return PostPreview(filled.text, name, draft.media, filled.missing)

        return await self._store.read(work)

    async def versions(self, uid: str) -> list[PostRow]:
        """A post and those that say the same through other accounts, the oldest first."""
        now = self._clock.now_ms()

        def work(conn: Any) -> list[PostRow]:
            found = post_rows.versions(conn, POSTS.get(conn, uid).id)
            return [self._row(conn, post, now) for post in found]

        return await self._store.read(work)

    async def add_version(self, uid: str, account_uid: str, channel: Channel) -> Post:
        """A draft that says the same through another account, in the form its channel wants.

        Raises ConflictError('version_exists') when that account and channel have one already.
        """

        def work(tx: Transaction) -> Post:
            first = POSTS.get(tx.db.conn, uid)
            account = recipients.account_for(tx.db.conn, account_uid, WAYS[channel].platform)
            if account is None:
                raise NotFoundError("account_missing", account=account_uid)
            for one in post_rows.versions(tx.db.conn, first.id):
                if (one.draft.channel, one.account_id) == (channel, account.id):
                    raise ConflictError("version_exists", account=account.name)
            other = POSTS.insert(tx, rewritten(first.draft, channel, account.uid), account.id)
            post_rows.bind(tx, first, other)
            return POSTS.get(tx.db.conn, other.uid)

        payload = {"uid": uid, "account": account_uid, "channel": channel.value}
        return await self._store.write(work, kind="post.version", payload=payload)

    async def reschedule(self, uid: str, scheduled_at: int | None) -> Post:
        """Same text, new time (None: at the next sync), as a draft to confirm again.

        Those who got it, or may have, are left out when it is confirmed. Raises as reopen().
        """
        return await self._reopened(
            uid, scheduled_at, lambda draft, _now: replace(draft, scheduled_at=scheduled_at)
        )

    def _row(self, conn: Any, content: Post, now: int) -> PostRow:
        is_moment = content.draft.channel is Channel.MOMENT
        counts = moment_rows.counts_of_post(conn, content.id) if is_moment else None
        is_article = content.draft.channel is Channel.ARTICLE
        publishing = publications.of_post(conn, content.id) if is_article else None
        name = _account_name(conn, content)
        return PostRow(content, *self._standing(conn, content, now), counts, name, publishing)

    def _problems(self, conn: Any, draft: PostDraft, content: Post | None, now: int) -> list[Problem]:
        return list(_looked_at(_asked(conn, draft, content, now)).problems)

    def _frozen(self, tx: Transaction, content: Post, hold_s: float) -> tuple[Post, list[NewItem]]:
        asked = _asked(tx.db.conn, content.draft, content, tx.now_ms)
        found = _looked_at(asked)
        if blocking(found.problems) or asked.account is None:
            raise ConfirmBlockedError(found.problems)
        post = replace(content, account_id=asked.account.id)
        return post, found.items(tx, post, hold_s)

    def _progress(
        self, conn: Any, content: Post, items: Sequence[OutboxItem], counts: DeliveryCounts, now: int
    ) -> Progress:
        return WAYS[content.draft.channel].standing(conn, content, items, counts, now)

    def _platform(self, draft: PostDraft) -> str:
        return WAYS[draft.channel].platform

    def _pictures(self, draft: PostDraft) -> tuple[MediaRef, ...]:
        cover = draft.article.cover
        return draft.media if cover is None else (cover, *draft.media)

    def _timeless(self, draft: PostDraft) -> PostDraft:
        return replace(draft, scheduled_at=None)


def _account_name(conn: Any, post: Post) -> str:
    account = None if post.account_id is None else recipients.account_by_id(conn, post.account_id)
    return "" if account is None else account.name


def _fan_name(conn: Any, fan_id: int | None) -> str:
    if fan_id is None:
        return ""
    row = conn.execute("SELECT name FROM fan WHERE id = ?", (fan_id,)).fetchone()
    return row["name"] if row else ""


def _asked(conn: Any, draft: PostDraft, post: Post | None, now: int) -> Asked:
    """A draft with its account, as its channel looks at it."""
    way = WAYS[draft.channel]
    account, problem = account_of(
        conn, draft.account_uid, post.account_id if post else None, platform=way.platform
    )
    return Asked(conn, draft, post, account, problem, shop_facts(conn), now)


def _looked_at(asked: Asked) -> Checked:
    """What its channel says, and what stands in the way out."""
    way = WAYS[asked.draft.channel]
    found = way.check(asked)
    window = rules.window_of(asked.draft, asked.now)
    way_out = departure_problems(asked.conn, asked.account, way.kind(asked.draft), window, "scheduled_at")
    return Checked([*found.problems, *way_out], found.items)
