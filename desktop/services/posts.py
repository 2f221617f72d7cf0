"""Posts: write, check, confirm. Confirming freezes the bytes of what will be sent, and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from desktop.domain import placeholders
from desktop.domain import posts as rules
from desktop.domain.audience import Audience
from desktop.domain.content import MediaRef, Problem, blocking
from desktop.domain.outbox_items import DeliveryCounts, NewItem
from desktop.domain.posts import Channel, MomentFacts, Post, PostContext, PostDraft
from desktop.domain.progress import Progress
from desktop.domain.recipients import AudienceCount
from desktop.domain.segments.facts import AsOf
from desktop.domain.shop import DEFAULT_ZONE
from desktop.domain.write_kinds.wecom import MASS_SEND_CUSTOMERS, MOMENT
from desktop.services.content import ContentService
from desktop.services.post_items import Rendering, items_of, moment_items, rendered, values
from desktop.services.sending import ConfirmBlockedError, account_of, departure_problems, shop_facts
from desktop.store import moments as moment_rows
from desktop.store import reach_rules, recipients
from desktop.store.moments import MomentCounts
from desktop.store.posts import POSTS
from desktop.store.recipients import AccountRow, Reach
from desktop.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class PostRow:
    """One line of the list: the post, where it stands, and its recipients by status."""

    post: Post
    progress: Progress
    deliveries: DeliveryCounts
    moment: MomentCounts | None = None


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

    async def account_uid(self, named: str) -> str:
        """Uid of an account by uid, name or the platform's id.

        Raises NotFoundError('account_missing'), ConflictError('account_choose').
        """

        def work(conn: Any) -> str:
            account = recipients.account_for(conn, named)
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
    ) -> AudienceCount:
        """How the audience splits for a send at that time (None: now). Cheap enough for each keystroke."""
        now = self._clock.now_ms()
        draft = PostDraft(
            audience=audience, account_uid=account_uid, scheduled_at=scheduled_at, channel=channel
        )

        def work(conn: Any) -> AudienceCount:
            post = POSTS.get(conn, uid) if uid else None
            reach = _reach(conn, draft, post, now)
            return recipients.count(conn, audience, reach)

        return await self._store.read(work)

    async def preview(self, draft: PostDraft, fan_id: int | None = None) -> PostPreview:
        """The text for one fan: the given one, else the first who would get it."""
        now = self._clock.now_ms()

        def work(conn: Any) -> PostPreview:
            facts = shop_facts(conn)
            name = _fan_name(conn, fan_id)
            if not name:
                counted = recipients.count(conn, draft.audience, _reach(conn, draft, None, now))
                name = next(iter(counted.sample), "")
            filled = placeholders.fill(draft.body, values(draft, facts, name, now))
            return PostPreview(filled.text, name, draft.media, filled.missing)

        return await self._store.read(work)

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
        return PostRow(content, *self._standing(conn, content, now), counts)

    def _problems(self, conn: Any, draft: PostDraft, content: Post | None, now: int) -> list[Problem]:
        return _check(conn, draft, content, now)[0]

    def _frozen(self, tx: Transaction, content: Post, hold_s: float) -> tuple[Post, list[NewItem]]:
        conn = tx.db.conn
        problems, rendering = _check(conn, content.draft, content, tx.now_ms)
        account, _ = account_of(conn, content.draft.account_uid, content.account_id)
        if blocking(problems) or account is None:
            raise ConfirmBlockedError(problems)
        post = replace(content, account_id=account.id)
        if content.draft.channel is Channel.MOMENT:
            text = next(iter(rendering.by_text), "")
            reached = len(rendering.by_text.get(text, ()))
            facts = _moment_facts(conn, content.draft, account)
            return post, moment_items(post, text, facts, reached, tx.now_ms, hold_s)
        return post, items_of(post, rendering, tx.now_ms, hold_s)

    def _timeless(self, draft: PostDraft) -> PostDraft:
        return replace(draft, scheduled_at=None)


def _fan_name(conn: Any, fan_id: int | None) -> str:
    if fan_id is None:
        return ""
    row = conn.execute("SELECT name FROM fan WHERE id = ?", (fan_id,)).fetchone()
    return row["name"] if row else ""


def _reach(conn: Any, draft: PostDraft, post: Post | None, now: int) -> Reach:
    """What decides who is reachable; without an account nobody is."""
    account, _ = account_of(conn, draft.account_uid, post.account_id if post else None)
    if account is None:
        return Reach(AccountRow(-1, "", "wecom", "", "", "new"), None, 0, (0, 0), AsOf(now, DEFAULT_ZONE))
    at = max(rules.window_of(draft, now)[0], now)
    zone = shop_facts(conn).zone
    if draft.channel is Channel.MOMENT:  # a moment counts against nobody's quota, and may come again
        return recipients.reach_of(account, None, at, zone)
    rule = reach_rules.quota_rule(conn, account.platform, at, zone)
    return recipients.reach_of(account, rule, at, zone, post.id if post else None)


def _check(conn: Any, draft: PostDraft, post: Post | None, now: int) -> tuple[list[Problem], Rendering]:
    facts = shop_facts(conn)
    account, problem = account_of(conn, draft.account_uid, post.account_id if post else None)
    reach = _reach(conn, draft, post, now)
    counted = recipients.count(conn, draft.audience, reach)
    people = recipients.recipients(conn, draft.audience, reach)
    rendering = rendered(draft, facts, people, now)
    context = PostContext(
        now=now,
        copy_rules=facts.copy_rules,
        audience=counted,
        versions=len(rendering.by_text),
        nameless=rendering.nameless,
        size_most=rendering.size_most,
        shop_name=facts.name,
        account_problem=problem,
        moment=_moment_facts(conn, draft, account) if account is not None else None,
    )
    kind = MOMENT if draft.channel is Channel.MOMENT else MASS_SEND_CUSTOMERS
    way_out = departure_problems(conn, account, kind, rules.window_of(draft, now), "scheduled_at")
    return [*rules.check(draft, context), *way_out], rendering


def _moment_facts(conn: Any, draft: PostDraft, account: AccountRow) -> MomentFacts:
    """Who would publish a moment, and which of its tags the platform knows."""
    if draft.channel is not Channel.MOMENT:
        return MomentFacts()
    known, unknown = recipients.platform_tags(conn, account.id, draft.audience.tags)
    return MomentFacts(recipients.publishing_staff(conn, account.id), known, unknown)
