"""Articles of official accounts from draft to readers.

Everything leaves through the outbox: what is confirmed here waits for the next sync and works offline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from desktop.domain.article_posts import article_of_post, pictures_of
from desktop.domain.articles import Article, problems
from desktop.domain.clock import Clock, at_ms
from desktop.domain.errors import ConflictError, InvalidInputError, NotFoundError
from desktop.domain.outbox import State
from desktop.domain.outbox_items import NewItem
from desktop.domain.write_kinds import wechat as kinds
from desktop.domain.writes import Picture, Write
from desktop.services.article_items import DRAFT, OUT, existing, into_box, last_made, refuse_second
from desktop.services.platform_edits import Queued
from desktop.services.sending import account_of, freeze
from desktop.store.accounts import accounts
from desktop.store.database import Store
from desktop.store.posts import article_drafts
from desktop.store.posts.article_drafts import Draft
from desktop.store.posts.media import MediaFolder
from desktop.store.posts.posts import POSTS
from desktop.store.pulled import followers, platform_tags, publications
from desktop.store.pulled.publications import ListedArticle
from desktop.store.sends import outbox as outbox_rows
from desktop.store.transaction import Transaction

PLATFORM = "wechat"
CHINA = "Asia/Shanghai"
HOLD_S = 10.0
MONTHLY_SENDS = 4  # each follower of a service account gets at most four a month
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a mass send would reach, and how many went out this month as far as is known here.

    WeChat tells nobody how many are left: sends of the web console are known only through their readers,
    and those of the last day not yet.
    """

    followers: int
    sent_this_month: int
    monthly_most: int = MONTHLY_SENDS


@dataclass(frozen=True, slots=True)
class FollowerTag:
    """A tag of an account by its id at the platform, with how many followers carry it now."""

    external_id: str
    name: str
    followers: int


@dataclass(frozen=True, slots=True)
class AccountReach(Reach):
    """The same for one account with its tags."""

    account_uid: str = ""
    tags: tuple[FollowerTag, ...] = ()


@dataclass(frozen=True, slots=True)
class Ahead:
    """A step that was made with a post before it went out: its kind, and where its newest item stands."""

    kind: str
    state: State


class OfficialAccountService:
    """Drafts, previews, publications and mass sends of official accounts."""

    def __init__(self, store: Store, clock: Clock, media: MediaFolder) -> None:
        self._store = store
        self._clock = clock
        self._media = media

    async def drafts(self, account_id: int | None = None) -> list[Draft]:
        """Drafts, made here or in the web console, newest first."""
        return await self._store.read(lambda conn: article_drafts.drafts(conn, account_id))

    async def articles(self, account_id: int | None = None) -> list[ListedArticle]:
        """Published articles with their readers, newest first."""
        return await self._store.read(lambda conn: publications.listing(conn, account_id, MOST_LISTED))

    async def reach(self, account_id: int, tag: str = "") -> Reach:
        """Whom a mass send to all, or to those of a tag (its id at the platform), would reach."""
        begins = month_began(self._clock.now_ms())
        return await self._store.read(
            lambda conn: Reach(
                followers.count(conn, account_id, tag),
                publications.mass_sends_since(conn, account_id, begins),
            )
        )

    async def reaches(self) -> list[AccountReach]:
        """Every official account with its followers by tag and what went out this month."""
        begins = month_began(self._clock.now_ms())

        def look(conn: Any) -> list[AccountReach]:
            return [
                AccountReach(
                    followers.count(conn, account.id),
                    publications.mass_sends_since(conn, account.id, begins),
                    account_uid=account.uid,
                    tags=_tags(conn, account.id),
                )
                for account in accounts.listing(conn)
                if account.platform == PLATFORM
            ]

        return await self._store.read(look)

    # -- articles written as posts

    async def put_into_box(self, post_uid: str, *, hold_s: float = HOLD_S) -> Queued:
        """Keep a post's article in its account's box as it stands. Raises InvalidInputError, NotFoundError,
        ConflictError('account_choose')."""
        return await self._ahead_of(post_uid, "", hold_s)

    async def preview_post(self, post_uid: str, wxname: str, *, hold_s: float = HOLD_S) -> Queued:
        """Send a post's article as it stands to one WeChat name, by way of the box. Raises as put_into_box."""
        if not wxname.strip():
            raise InvalidInputError("article_preview_whom")
        return await self._ahead_of(post_uid, wxname.strip(), hold_s)

    async def ahead(self, post_uid: str) -> list[Ahead]:
        """Which of these steps were made with a post, and where the newest of each stands."""

        def look(conn: Any) -> list[Ahead]:
            post = POSTS.get(conn, post_uid)
            found: dict[str, Ahead] = {}
            for draft_id in article_drafts.of_post(conn, post.id):
                for item in outbox_rows.of_entity(conn, DRAFT, draft_id):
                    kind = kinds.PREVIEW if item.kind == kinds.PREVIEW else kinds.DRAFT_ADD
                    found[kind] = Ahead(kind, item.state)
            return list(found.values())

        return await self._store.read(look)

    async def _ahead_of(self, post_uid: str, wxname: str, hold_s: float) -> Queued:
        def work(tx: Transaction) -> tuple[int, list[str]]:
            conn, post = tx.db.conn, POSTS.get(tx.db.conn, post_uid)
            account, problem = account_of(conn, post.draft.account_uid, post.account_id, platform=PLATFORM)
            if account is None:
                raise NotFoundError("account_missing", account="")
            article = article_of_post(post.draft)
            wrong = problems(article)
            if problem or wrong or post.draft.article.cover is None:
                raise InvalidInputError(problem or next(iter(wrong), "article_no_cover"), problems=wrong)
            known = article_drafts.draft_of_post(conn, post.id, account.id)
            known_id = None if known is None else known.id
            local, made, prior = into_box(
                tx, account.id, article, pictures_of(post.draft), known_id, post.id
            )
            uids = self._freeze(tx, account.id, local, made, hold_s, prior, article.title)
            if wxname:
                told = {"title": article.title, "digest": article.digest, "wxname": wxname}
                shown = Write(kinds.PREVIEW, {"draft": "", **told})
                uids += self._freeze(tx, account.id, local, shown, hold_s, uids[0], article.title)
            return local, uids

        payload = {"post": post_uid, "preview": bool(wxname)}
        local, uids = await self._store.write(work, kind="article.ahead", payload=payload)
        return self._queued(local, uids, hold_s)

    # -- articles

    async def save(
        self,
        account_id: int,
        article: Article,
        cover: Path,
        pictures: Sequence[Path] = (),
        *,
        draft_id: int | None = None,
        hold_s: float = HOLD_S,
    ) -> tuple[int, Queued]:
        """Keep an article and put it into the account's box of drafts; (local id, what was queued).

        With `draft_id` that draft is replaced. A picture part n of the article is pictures[n - 1]: place 0 is
        the cover. Raises InvalidInputError for what WeChat would refuse, NotFoundError, ConflictError.
        """
        wrong = problems(article)
        if wrong:
            raise InvalidInputError(wrong[0], problems=wrong)
        places = [int(value) for kind, value in article.parts if kind == "picture"]
        if any(not 0 < place <= len(pictures) for place in places):
            raise InvalidInputError("article_empty")
        kept = [self._media.keep(path) for path in (cover, *pictures)]
        frozen = tuple(
            Picture(one.sha256, one.file_name, "image" if at else "cover") for at, one in enumerate(kept)
        )

        def work(tx: Transaction) -> tuple[int, list[str]]:
            _official(tx.db.conn, account_id)
            local, write, prior = into_box(tx, account_id, article, frozen, draft_id)
            return local, self._freeze(tx, account_id, local, write, hold_s, prior, article.title)

        local, uids = await self._store.write(
            work, kind="article.save", payload={"account": account_id, "title": article.title}
        )
        return local, self._queued(local, uids, hold_s)

    async def preview(self, draft_id: int, wxname: str, *, hold_s: float = 0.0) -> Queued:
        """Send a draft to one WeChat name. Raises InvalidInputError, NotFoundError."""
        if not wxname.strip():
            raise InvalidInputError("article_preview_whom")
        return await self._send(draft_id, kinds.PREVIEW, {"wxname": wxname.strip()}, hold_s)

    async def publish(self, draft_id: int, *, hold_s: float = HOLD_S) -> Queued:
        """Publish a draft without telling followers. Raises NotFoundError, ConflictError."""
        return await self._send(draft_id, kinds.PUBLISH, {}, hold_s)

    async def mass_send(self, draft_id: int, *, tag: str = "", hold_s: float = HOLD_S) -> Queued:
        """Send a draft to all followers, or to those who carry a tag (its id at the platform).

        Raises NotFoundError, ConflictError. WeChat counts it against the month of each follower.
        """
        return await self._send(draft_id, kinds.MASS_SEND, {"to_all": not tag, "tag": tag}, hold_s)

    async def delete_draft(self, draft_id: int, *, hold_s: float = HOLD_S) -> Queued:
        """Take a draft out of the box. Raises NotFoundError, ConflictError."""
        return await self._send(draft_id, kinds.DRAFT_DELETE, {}, hold_s)

    async def _send(self, draft_id: int, kind: str, more: Mapping[str, Any], hold_s: float) -> Queued:
        def work(tx: Transaction) -> list[str]:
            draft = existing(tx.db.conn, draft_id)
            if kind in OUT:
                refuse_second(tx.db.conn, draft)
            prior = last_made(tx.db.conn, draft)
            if not draft.external_id and prior is None:
                raise ConflictError("article_no_draft")
            body = {"draft": draft.external_id, "title": draft.title, "digest": draft.digest, **more}
            write = Write(kind, body)
            return self._freeze(tx, draft.account_id, draft_id, write, hold_s, prior, draft.title)

        uids = await self._store.write(work, kind="article.send", payload={"draft": draft_id, "kind": kind})
        return self._queued(draft_id, uids, hold_s)

    def _freeze(
        self,
        tx: Transaction,
        account_id: int,
        draft_id: int,
        write: Write,
        hold_s: float,
        prior: str | None,
        title: str,
    ) -> list[str]:
        item = NewItem(
            account_id,
            DRAFT,
            draft_id,
            write,
            {"title": title},
            f"article:{draft_id}",
            not_before=tx.now_ms,
            not_after=None,
            hold_until=tx.now_ms + int(hold_s * 1000),
            predecessor=prior,
        )
        return freeze(tx, [item], operator=self._store.operator, device_id=self._store.device_id)

    def _queued(self, local_id: int, uids: Sequence[str], hold_s: float) -> Queued:
        return Queued(str(local_id), tuple(uids), self._clock.now_ms() + int(hold_s * 1000))


def _official(conn: Any, account_id: int) -> None:
    account = accounts.get(conn, account_id)
    if account is None:
        raise NotFoundError("account_missing", account=account_id)
    if account.platform != PLATFORM:
        raise InvalidInputError("account_not_official")


def _tags(conn: Any, account_id: int) -> tuple[FollowerTag, ...]:
    carried = followers.by_tag(conn, account_id)
    return tuple(
        FollowerTag(tag.external_id, tag.name, carried.get(tag.external_id, 0))
        for tag in platform_tags.kept(conn, account_id)
        if tag.external_id
    )


def month_began(now: int) -> int:
    """When the month of a moment began in China, where followers' messages are counted (UTC ms)."""
    today = datetime.fromtimestamp(now / 1000, ZoneInfo(CHINA))
    return at_ms(today.replace(day=1, hour=0, minute=0, second=0, microsecond=0))
