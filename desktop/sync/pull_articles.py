"""Pull what an official account publishes: ends of publications, drafts, articles, comments, the menu, figures."""

from __future__ import annotations

from contextlib import aclosing
from datetime import date, timedelta
from functools import partial

from desktop.domain.errors import RejectedError
from desktop.domain.official_account import ArticleRecord, CommentRecord, DraftRecord, PublishState
from desktop.platforms.cursors import CursorGuard
from desktop.platforms.ports_official import (
    FollowsPublications,
    PullsArticles,
    PullsComments,
    PullsMenu,
    PullsReaders,
)
from desktop.store.accounts import account_figures, sync_runs
from desktop.store.posts import article_comments, article_drafts
from desktop.store.pulled import publications
from desktop.store.pulled.publications import ListedArticle, Publication
from desktop.store.transaction import Transaction
from desktop.sync.passes import pages
from desktop.sync.round import Round

PUBLICATIONS = "publications"
DRAFTS = "drafts"
ARTICLES = "articles"
COMMENTS = "comments"
MENU = "menu"
READERS = "readers"
LOOKS = 10  # publications of one round: the platform allows a hundred looks a day
DAY_MS = 86_400_000
COMMENTS_FOR_DAYS = 30
FIRST_DAYS = 30  # how far figures go back at first
AGAIN_DAYS = 3  # readers of the last days are counted again: articles go on being read
SPAN_DAYS = 7  # of one question about followers


async def pull_publications(round_: Round, adapter: FollowsPublications) -> None:
    """Ask what became of publications and mass sends that were taken."""
    account_id, now = round_.account.id, round_.now_ms()
    report = round_.report.stream(PUBLICATIONS)
    waiting = await round_.store.read(lambda conn: publications.to_look_at(conn, account_id, now, LOOKS))
    report.requested = len(waiting)
    for one in waiting:
        state = await _state_of(round_, adapter, one)
        report.received += 1

        def store(tx: Transaction, one: Publication = one, state: PublishState = state) -> None:
            report.changed += publications.looked_at(tx, account_id, one, state)

        await round_.commit(store, report, what="publication")


async def _state_of(round_: Round, adapter: FollowsPublications, one: Publication) -> PublishState:
    if one.way == "publish":
        return await round_.ask(adapter.publish_state(one.external_id))
    return PublishState(await round_.ask(adapter.send_progress(one.external_id)))


async def pull_drafts(round_: Round, adapter: PullsArticles) -> None:
    """Take in the drafts; those a complete pass did not meet were published, sent or deleted."""
    account_id, report = round_.account.id, round_.report.stream(DRAFTS)
    async with aclosing(pages(round_, report, (DRAFTS,), adapter.drafts)) as listing:
        async for page in listing:

            def store(
                tx: Transaction,
                items: tuple[DraftRecord, ...] = page.items,
                cursor: str = page.next_cursor,
                skipped: int = page.skipped,
            ) -> None:
                report.changed += article_drafts.ingest_drafts(tx, account_id, items)
                ids = [one.external_id for one in items]
                report.received += sync_runs.mark_seen(tx, account_id, DRAFTS, ids)
                report.skipped += skipped
                sync_runs.save_cursor(tx, account_id, DRAFTS, cursor)

            await round_.commit(store, report, what="drafts")

    def finish(tx: Transaction) -> None:
        seen = sync_runs.seen(tx.db, account_id, DRAFTS)
        gone, known = article_drafts.missing_drafts(tx.db, account_id, seen)
        if round_.may_remove(report, len(gone), known):
            article_drafts.remove_drafts(tx, gone)
            report.removed = len(gone)
        report.requested = len(seen)
        sync_runs.finish_pass(tx, account_id, DRAFTS, (DRAFTS,))

    await round_.commit(finish, report, what="drafts end")


async def pull_articles(round_: Round, adapter: PullsArticles) -> None:
    """Take in what was published without a mass send."""
    account_id, report = round_.account.id, round_.report.stream(ARTICLES)
    async with aclosing(pages(round_, report, (ARTICLES,), adapter.articles)) as listing:
        async for page in listing:

            def store(
                tx: Transaction,
                items: tuple[ArticleRecord, ...] = page.items,
                cursor: str = page.next_cursor,
                skipped: int = page.skipped,
            ) -> None:
                report.changed += publications.ingest_articles(tx, account_id, items)
                ids = [f"{one.external_id} {one.place}" for one in items]
                report.received += sync_runs.mark_seen(tx, account_id, ARTICLES, ids)
                report.skipped += skipped
                sync_runs.save_cursor(tx, account_id, ARTICLES, cursor)

            await round_.commit(store, report, what="articles")

    def finish(tx: Transaction) -> None:
        report.requested = sync_runs.seen_count(tx.db, account_id, ARTICLES)
        sync_runs.finish_pass(tx, account_id, ARTICLES, (ARTICLES,))

    await round_.commit(finish, report, what="articles end")


async def pull_comments(round_: Round, adapter: PullsComments) -> None:
    """Take in the comments of the last month's articles, as far as their send id is known.

    A refusal for want of permission ends the stream; one that concerns an article leaves that one out.
    """
    account_id, report = round_.account.id, round_.report.stream(COMMENTS)
    since = round_.now_ms() - COMMENTS_FOR_DAYS * DAY_MS
    known = await round_.store.read(lambda conn: publications.with_comments(conn, account_id, since))
    for article in known:
        try:
            await _comments_of(round_, adapter, article)
        except RejectedError as error:
            if error.params.get("is_permission"):
                raise
            report.skipped += 1
    await round_.store.write(
        lambda tx: sync_runs.keep_mark(tx, account_id, COMMENTS, str(round_.now_ms())), kind=None
    )


async def _comments_of(round_: Round, adapter: PullsComments, article: ListedArticle) -> None:
    report, guard = round_.report.stream(COMMENTS), CursorGuard(COMMENTS)
    cursor, read = "", list[CommentRecord]()
    while True:
        page = await round_.ask(adapter.comments(article.send_id, article.place, cursor))
        read += page.items
        report.skipped += page.skipped
        cursor = page.next_cursor
        if not cursor:
            break
        guard.pass_by(cursor, brought_news=bool(page.items))

    def store(tx: Transaction) -> None:
        new, changed = article_comments.ingest(tx, round_.account, article.id, read)
        report.new += new
        report.changed += changed
        report.received += len({one.external_id for one in read})
        report.requested = report.received
        seen = {one.external_id for one in read}
        report.removed += article_comments.end_unseen(tx, article.id, seen) if seen else 0

    await round_.commit(store, report, what="comments")


async def pull_menu(round_: Round, adapter: PullsMenu) -> None:
    """Take in the menu as it stands."""
    report = round_.report.stream(MENU)
    buttons = await round_.ask(adapter.menu())
    report.requested = report.received = len(buttons)

    def store(tx: Transaction) -> None:
        report.changed += account_figures.keep_menu(tx, round_.account.id, buttons)

    await round_.commit(store, report, what="menu")


async def pull_readers(round_: Round, adapter: PullsReaders) -> None:
    """Take in followers and readers per day, up to the newest that is counted; the kept days say where to go on."""
    account_id, report = round_.account.id, round_.report.stream(READERS)
    last = await round_.store.read(lambda conn: account_figures.last_day(conn, account_id))
    newest = adapter.newest_day()
    first = newest - timedelta(days=FIRST_DAYS - 1)
    if last is not None and not round_.is_full:
        first = max(first, min(last + timedelta(days=1), newest) - timedelta(days=AGAIN_DAYS))
    published_on = first
    while published_on <= newest:
        days = await round_.ask(adapter.article_days(published_on))
        report.received += len(days)
        store = partial(publications.ingest_days, account_id=account_id, days=days)
        report.changed += await round_.commit(store, report, what="readers")
        published_on += timedelta(days=1)
    await _followers_per_day(round_, adapter, first, newest)
    await round_.store.write(
        lambda tx: sync_runs.keep_mark(tx, account_id, READERS, newest.isoformat()), kind=None
    )


async def _followers_per_day(round_: Round, adapter: PullsReaders, first: date, last: date) -> None:
    account_id, report = round_.account.id, round_.report.stream(READERS)
    while first <= last:
        until = min(first + timedelta(days=SPAN_DAYS - 1), last)
        days = await round_.ask(adapter.follower_days(first, until))
        report.received += len(days)
        store = partial(account_figures.keep_days, account_id=account_id, days=days)
        report.changed += await round_.commit(store, report, what="follower days")
        report.requested = report.received
        first = until + timedelta(days=1)
