"""Posts: write, check, confirm. Confirming freezes the bytes of what will be sent, and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from desktop.domain import placeholders
from desktop.domain import posts as rules
from desktop.domain.audience import Audience
from desktop.domain.clock import Clock
from desktop.domain.content import MediaRef, Problem, blocking
from desktop.domain.errors import ConflictError
from desktop.domain.outbox import HOLD_S
from desktop.domain.outbox_items import DeliveryCounts
from desktop.domain.posts import Post, PostContext, PostDraft
from desktop.domain.progress import Progress, progress_of
from desktop.domain.recipients import AudienceCount
from desktop.services.post_items import ENTITY, Rendering, items_of, rendered, values
from desktop.services.sending import (
    ConfirmBlockedError,
    Confirmed,
    Withdrawn,
    account_of,
    freeze,
    refuse_undecided,
    shop_facts,
    sums,
    withdraw,
)
from desktop.store import media as media_rows
from desktop.store import outbox as outbox_rows
from desktop.store import posts as post_rows
from desktop.store import reach_rules, recipients
from desktop.store.database import Store
from desktop.store.media import MediaFolder
from desktop.store.recipients import AccountRow, Reach
from desktop.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class PostRow:
    """One line of the list: the post, where it stands, and its recipients by status."""

    post: Post
    progress: Progress
    deliveries: DeliveryCounts


@dataclass(frozen=True, slots=True)
class PostPreview:
    """The text as one fan's phone shows it; `missing` are placeholders without a value."""

    text: str
    fan_name: str
    media: tuple[MediaRef, ...]
    missing: tuple[str, ...]


class PostService:
    """Everything about posts. Methods raise NotFoundError('post_missing') for unknown uids."""

    def __init__(self, store: Store, clock: Clock, media: MediaFolder) -> None:
        self._store = store
        self._clock = clock
        self._media = media

    async def save_draft(self, draft: PostDraft, uid: str | None = None, origin: object = None) -> Post:
        """Make or overwrite a draft. Raises ConflictError('post_not_draft') once it is confirmed."""

        def work(tx: Transaction) -> Post:
            account, _ = account_of(tx.db.conn, draft.account_uid)
            account_id = account.id if account and draft.account_uid else None
            for picture in draft.media:
                media_rows.note(tx, picture)
            if uid is None:
                return post_rows.insert(tx, draft, account_id)
            old = post_rows.get(tx.db.conn, uid)
            tx.replaced = {"title": old.draft.title, "body": old.draft.body}
            return post_rows.update(tx, old, draft, account_id)

        return await self._store.write(
            work, kind="post.save", payload={"uid": uid, "title": draft.title}, origin=origin
        )

    async def get(self, uid: str) -> Post:
        """One post."""
        return await self._store.read(lambda conn: post_rows.get(conn, uid))

    async def rows(self, search: str = "", limit: int = 200, offset: int = 0) -> list[PostRow]:
        """Posts, last changed first."""
        now = self._clock.now_ms()
        return await self._store.read(
            lambda conn: [
                _row(conn, post, now) for post in post_rows.listed(conn, search.strip(), limit, offset)
            ]
        )

    async def row(self, uid: str) -> PostRow:
        """One post with where it stands."""
        now = self._clock.now_ms()
        return await self._store.read(lambda conn: _row(conn, post_rows.get(conn, uid), now))

    async def delete(self, uid: str) -> None:
        """Put a draft or settled post away. Raises ConflictError('post_waiting') while it may go out."""

        def work(tx: Transaction) -> None:
            post = post_rows.get(tx.db.conn, uid)
            _refuse_open(tx.db.conn, post)
            tx.replaced = {"uid": uid}
            post_rows.set_removed(tx, post, is_removed=True)

        await self._store.write(work, kind="post.delete", payload={"uid": uid})

    async def restore(self, uid: str) -> None:
        """Undo delete()."""

        def work(tx: Transaction) -> None:
            post_rows.set_removed(tx, post_rows.get(tx.db.conn, uid, with_removed=True), is_removed=False)

        await self._store.write(work, kind="post.restore", payload={"uid": uid})

    async def keep_picture(self, source: Path) -> MediaRef:
        """Copy a picture file into the shop. Raises InvalidInputError for what cannot be sent."""
        return self._media.keep(source)

    async def keep_picture_bytes(self, content: bytes, name: str) -> MediaRef:
        """As keep_picture, for a pasted picture."""
        return self._media.keep_bytes(content, name)

    def picture_path(self, sha256: str) -> Path:
        """Where a kept picture lies, to show it."""
        return self._media.path(sha256)

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
    ) -> AudienceCount:
        """How the audience splits for a send at that time (None: now). Cheap enough for each keystroke."""
        now = self._clock.now_ms()
        draft = PostDraft(audience=audience, account_uid=account_uid, scheduled_at=scheduled_at)

        def work(conn: Any) -> AudienceCount:
            post = post_rows.get(conn, uid) if uid else None
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

    async def check(self, draft: PostDraft, uid: str | None = None) -> list[Problem]:
        """Everything wrong or risky about a draft."""
        now = self._clock.now_ms()

        def work(conn: Any) -> list[Problem]:
            post = post_rows.get(conn, uid) if uid else None
            return _check(conn, draft, post, now)[0]

        return await self._store.read(work)

    async def confirm(self, uid: str, hold_s: float = HOLD_S) -> Confirmed:
        """Freeze texts and recipients into outbox items.

        Raises ConfirmBlockedError with all problems, ConflictError('already_confirmed').
        """

        def work(tx: Transaction) -> Confirmed:
            conn = tx.db.conn
            post = post_rows.get(conn, uid)
            if post.state != "draft":
                raise ConflictError("already_confirmed", uid=uid, state=post.state)
            problems, rendering = _check(conn, post.draft, post, tx.now_ms)
            account, _ = account_of(conn, post.draft.account_uid, post.account_id)
            if blocking(problems) or account is None:
                raise ConfirmBlockedError(problems)
            items = items_of(replace(post, account_id=account.id), rendering, tx.now_ms, hold_s)
            uids = freeze(tx, items, operator=self._store.operator, device_id=self._store.device_id)
            post_rows.set_state(tx, replace(post, account_id=account.id), "confirmed")
            people = sum(len(item.targets) for item in items)
            first = items[0]
            return Confirmed(uid, tuple(uids), people, first.hold_until, first.not_before, first.not_after)

        return await self._store.write(work, kind="post.confirm", payload={"uid": uid, "hold_s": hold_s})

    async def cancel(self, uid: str) -> Withdrawn:
        """Stop what has not left; within the hold the post is a draft again.

        Raises ConflictError('outbox_too_late') when everything had left, 'post_not_confirmed'.
        """

        def work(tx: Transaction) -> Withdrawn:
            post = post_rows.get(tx.db.conn, uid)
            if post.state != "confirmed":
                raise ConflictError("post_not_confirmed", uid=uid, state=post.state)
            done = withdraw(tx, ENTITY, post.id, "cancelled_by_operator")
            if not done.too_late:
                post_rows.set_state(tx, post, "draft" if done.is_draft_again else "cancelled")
            return done

        return await self._store.write(work, kind="post.cancel", payload={"uid": uid})

    async def reopen(self, uid: str) -> Post:
        """Withdraw what has not left and edit again: a new revision that needs a new confirmation.

        Raises ConflictError('outbox_undecided') while an outcome is open.
        """
        return await self._reopened(uid, None, keeps_time=True)

    async def reschedule(self, uid: str, scheduled_at: int | None) -> Post:
        """Same text, new time (None: at the next sync), as a draft to confirm again.

        Those who got it, or may have, are left out when it is confirmed. Raises as reopen().
        """
        return await self._reopened(uid, scheduled_at, keeps_time=False)

    async def duplicate(self, uid: str) -> Post:
        """A new draft with the same content, without its time."""
        post = await self.get(uid)
        return await self.save_draft(replace(post.draft, scheduled_at=None))

    async def _reopened(self, uid: str, scheduled_at: int | None, *, keeps_time: bool) -> Post:
        def work(tx: Transaction) -> Post:
            post = post_rows.get(tx.db.conn, uid)
            if post.state != "draft":
                refuse_undecided(tx.db.conn, ENTITY, post.id)
                _withdraw_open(tx, post)
                post_rows.set_state(tx, post, "draft", raises_revision=True)
                post = post_rows.get(tx.db.conn, uid)
            if keeps_time:
                return post
            tx.replaced = {"scheduled_at": post.draft.scheduled_at}
            draft = replace(post.draft, scheduled_at=scheduled_at)
            return post_rows.update(tx, post, draft, post.account_id)

        kind = "post.reopen" if keeps_time else "post.reschedule"
        return await self._store.write(work, kind=kind, payload={"uid": uid, "scheduled_at": scheduled_at})


def _row(conn: Any, post: Post, now: int) -> PostRow:
    items = outbox_rows.of_entity(conn, ENTITY, post.id)
    current = [item for item in items if not (item.replaced_by or item.state == "cancelled")] or items
    counts = sums(conn, [item.id for item in current])
    return PostRow(post, progress_of(post.state, current, counts, now), counts)


def _refuse_open(conn: Any, post: Post) -> None:
    for item in outbox_rows.of_entity(conn, ENTITY, post.id):
        if item.state not in ("done", "rejected", "missed", "cancelled"):
            raise ConflictError("post_waiting", uid=post.uid, state=item.state.value)


def _withdraw_open(tx: Transaction, post: Post) -> None:
    try:
        withdraw(tx, ENTITY, post.id, "reopened")
    except ConflictError as error:
        if error.code != "outbox_too_late":
            raise  # everything that was sent stays sent; the rest is written anew


def _fan_name(conn: Any, fan_id: int | None) -> str:
    if fan_id is None:
        return ""
    row = conn.execute("SELECT name FROM fan WHERE id = ?", (fan_id,)).fetchone()
    return row["name"] if row else ""


def _reach(conn: Any, draft: PostDraft, post: Post | None, now: int) -> Reach:
    """What decides who is reachable; without an account nobody is."""
    account, _ = account_of(conn, draft.account_uid, post.account_id if post else None)
    if account is None:
        return Reach(AccountRow(-1, "", "wecom", "", "", "new"), None, 0, (0, 0))
    at = max(rules.window_of(draft, now)[0], now)
    zone = shop_facts(conn).zone
    rule = reach_rules.quota_rule(conn, account.platform, at, zone)
    return recipients.reach_of(account, rule, at, zone, post.id if post else None)


def _check(conn: Any, draft: PostDraft, post: Post | None, now: int) -> tuple[list[Problem], Rendering]:
    facts = shop_facts(conn)
    _, problem = account_of(conn, draft.account_uid, post.account_id if post else None)
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
    )
    return rules.check(draft, context), rendering
