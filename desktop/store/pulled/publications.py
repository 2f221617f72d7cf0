"""Publications, articles and their readers, as an official account's platform tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.clock import at_ms
from desktop.domain.official_account import (
    LOOK_ENDS_MS,
    OPEN,
    ArticleDay,
    ArticleRecord,
    Progress,
    PublishState,
    next_look,
)
from desktop.store.transaction import Transaction

PUT_ARTICLE = (
    "INSERT INTO article (account_id, external_id, place, title, digest, url, published_at, removed_at)"
    " VALUES (:account, :id, :place, :title, :digest, :url, :at, :removed)"
    " ON CONFLICT (account_id, external_id, place) DO UPDATE SET title = excluded.title,"
    " digest = excluded.digest, url = excluded.url, published_at = excluded.published_at,"
    " removed_at = excluded.removed_at WHERE (title, digest, url, published_at, removed_at IS NULL)"
    " IS NOT (excluded.title, excluded.digest, excluded.url, excluded.published_at,"
    " excluded.removed_at IS NULL)"
)

LISTED = (
    "SELECT a.*, (SELECT coalesce(sum(readers), 0) FROM article_day WHERE article_id = a.id) AS readers,"
    " (SELECT coalesce(sum(sharers), 0) FROM article_day WHERE article_id = a.id) AS sharers,"
    " (SELECT count(*) FROM article_comment WHERE article_id = a.id AND removed_at IS NULL) AS comments"
    " FROM article a WHERE a.removed_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication whose end is open: `way` is publish or mass, times are UTC ms."""

    id: int
    way: str
    external_id: str
    send_id: str
    title: str
    digest: str
    taken_at: int
    looks: int


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """One article with what is known of it: `send_id` '' where its comments cannot be asked for."""

    id: int
    account_id: int
    external_id: str
    send_id: str
    place: int
    title: str
    url: str
    published_at: int | None
    is_notified: bool
    readers: int
    sharers: int
    comments: int


def of_post(conn: Any, post_id: int) -> Progress | None:
    """How far the newest publication of a post is; None where none was taken."""
    row = conn.execute(
        "SELECT p.progress FROM publication p JOIN outbox o ON o.id = p.outbox_id"
        " WHERE o.entity = 'post' AND o.entity_id = ? ORDER BY p.id DESC LIMIT 1",
        (post_id,),
    ).fetchone()
    return None if row is None else Progress(row["progress"])


def mass_sends_since(conn: Any, account_id: int, since: int) -> int:
    """Mass sends since a moment that are known: taken from here, or counted among readers."""
    row = conn.execute(
        "SELECT count(*) FROM (SELECT coalesce(nullif(send_id, ''), external_id) AS id FROM publication"
        " WHERE account_id = :account AND way = 'mass' AND taken_at >= :since AND progress <> 'failed'"
        " UNION SELECT send_id FROM article WHERE account_id = :account AND is_notified = 1"
        " AND send_id IS NOT NULL AND published_at >= :since)",
        {"account": account_id, "since": since},
    ).fetchone()
    return int(row[0])


def ingest_articles(tx: Transaction, account_id: int, records: Sequence[ArticleRecord]) -> int:
    """Take in some published articles; how many were new or changed."""
    before = tx.db.conn.total_changes
    for one in records:
        tx.db.execute(
            PUT_ARTICLE,
            {
                "account": account_id,
                "id": one.external_id,
                "place": one.place,
                "title": one.title,
                "digest": one.digest,
                "url": one.url,
                "at": one.published_at,
                "removed": tx.now_ms if one.is_deleted else None,
            },
        )
    changed = int(tx.db.conn.total_changes - before)
    if changed:
        tx.touch(Topic.ARTICLE)
    return changed


def taken(
    tx: Transaction,
    account_id: int,
    way: str,
    external_id: str,
    send_id: str,
    title: str,
    digest: str,
    outbox_id: int,
) -> None:
    """The platform took a publication; its end is asked for from now on."""
    tx.db.execute(
        "INSERT INTO publication (account_id, way, external_id, send_id, title, digest, progress,"
        " outbox_id, taken_at, look_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (account_id, way, external_id) DO NOTHING",
        (
            account_id,
            way,
            external_id,
            send_id,
            title,
            digest,
            Progress.RUNNING.value,
            outbox_id,
            tx.now_ms,
            next_look(0, tx.now_ms),
        ),
    )
    tx.touch(Topic.ARTICLE)


def to_look_at(conn: Any, account_id: int, now: int, most: int) -> list[Publication]:
    """Publications whose end may be known by now, the longest waiting first."""
    rows = conn.execute(
        "SELECT * FROM publication WHERE account_id = ? AND look_at <= ? ORDER BY look_at LIMIT ?",
        (account_id, now, most),
    ).fetchall()
    return [
        Publication(
            int(row["id"]),
            row["way"],
            row["external_id"],
            row["send_id"],
            row["title"],
            row["digest"],
            int(row["taken_at"]),
            int(row["looks"]),
        )
        for row in rows
    ]


def looked_at(tx: Transaction, account_id: int, one: Publication, state: PublishState) -> bool:
    """Note what the platform said of a publication; whether it has come to its end."""
    is_open = state.progress in OPEN
    gives_up = is_open and tx.now_ms - one.taken_at > LOOK_ENDS_MS
    look_at = next_look(one.looks + 1, tx.now_ms) if is_open and not gives_up else None
    tx.db.execute(
        "UPDATE publication SET progress = ?, looks = looks + 1, look_at = ?, ended_at = ? WHERE id = ?",
        (state.progress.value, look_at, None if is_open else tx.now_ms, one.id),
    )
    if is_open:
        return False
    if state.progress is Progress.DONE:
        for place, url in state.urls or ((1, ""),):
            _published(tx, account_id, one, state.article_id, place, url)
    tx.touch(Topic.ARTICLE)
    return True


def ingest_days(tx: Transaction, account_id: int, days: Sequence[ArticleDay]) -> int:
    """Take in readers per day; articles made elsewhere come in with them. How many rows were new or changed."""
    before = tx.db.conn.total_changes
    for one in days:
        article = _by_send(tx, account_id, one.send_id, one.place)
        if article is None:
            tx.db.execute(
                "INSERT INTO article (account_id, send_id, place, published_at, is_notified)"
                " VALUES (?, ?, ?, ?, ?)",
                (account_id, one.send_id, one.place, _noon(one.published_on), one.is_notified),
            )
            article = _by_send(tx, account_id, one.send_id, one.place)
        tx.db.execute(
            "INSERT INTO article_day (article_id, day, readers, sharers) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (article_id, day) DO UPDATE SET readers = excluded.readers,"
            " sharers = excluded.sharers WHERE (readers, sharers) <> (excluded.readers, excluded.sharers)",
            (article, one.day, one.readers, one.sharers),
        )
    changed = int(tx.db.conn.total_changes - before)
    if changed:
        tx.touch(Topic.ARTICLE)
    return changed


def listing(conn: Any, account_id: int | None, most: int) -> list[ListedArticle]:
    """Articles of one account (None: of all), newest first, with their readers and comments."""
    rows = conn.execute(
        f"{LISTED} AND (:account IS NULL OR a.account_id = :account)"
        " ORDER BY a.published_at DESC, a.id DESC LIMIT :most",
        {"account": account_id, "most": most},
    ).fetchall()
    return [_listed(row) for row in rows]


def article(conn: Any, article_id: int) -> ListedArticle | None:
    """One article that is still there."""
    row = conn.execute(f"{LISTED} AND a.id = ?", (article_id,)).fetchone()
    return None if row is None else _listed(row)


def with_comments(conn: Any, account_id: int, since: int) -> list[ListedArticle]:
    """Articles published since a moment whose comments can be asked for."""
    return [
        one
        for one in listing(conn, account_id, 200)
        if one.send_id and (one.published_at is None or one.published_at >= since)
    ]


def _published(
    tx: Transaction, account_id: int, one: Publication, article_id: str, place: int, url: str
) -> None:
    """The article of a publication: the listing may have brought it already, without its send id."""
    send_id = one.send_id or None
    listed = tx.db.execute(
        "SELECT id FROM article WHERE account_id = ? AND external_id = ? AND place = ?",
        (account_id, article_id, place),
    ).fetchone()
    known = _by_send(tx, account_id, one.send_id, place) if send_id else None
    if listed is not None and known is not None and listed["id"] != known:
        tx.db.execute("UPDATE article_day SET article_id = ? WHERE article_id = ?", (known, listed["id"]))
        tx.db.execute("DELETE FROM article WHERE id = ?", (listed["id"],))
    row_id = known if known is not None else (listed["id"] if listed is not None else None)
    if row_id is None:
        row_id = tx.db.execute(
            "INSERT INTO article (account_id, place) VALUES (?, ?)", (account_id, place)
        ).lastrowid
    tx.db.execute(
        "UPDATE article SET external_id = coalesce(nullif(?, ''), external_id),"
        " send_id = coalesce(?, send_id), title = coalesce(nullif(title, ''), ?),"
        " digest = coalesce(nullif(digest, ''), ?), url = coalesce(nullif(?, ''), url),"
        " published_at = coalesce(published_at, ?), is_notified = ? WHERE id = ?",
        (
            article_id,
            send_id,
            one.title,
            one.digest,
            url,
            one.taken_at,
            one.way == "mass",
            row_id,
        ),
    )


def _by_send(tx: Transaction, account_id: int, send_id: str, place: int) -> int | None:
    row = tx.db.execute(
        "SELECT id FROM article WHERE account_id = ? AND send_id = ? AND place = ?",
        (account_id, send_id, place),
    ).fetchone()
    return None if row is None else int(row["id"])


def _noon(day: str) -> int:
    """The middle of a day in China: the data cube tells no hour."""
    return at_ms(datetime.fromisoformat(f"{day}T12:00:00+08:00"))


def _listed(row: Any) -> ListedArticle:
    return ListedArticle(
        int(row["id"]),
        int(row["account_id"]),
        row["external_id"] or "",
        row["send_id"] or "",
        int(row["place"]),
        row["title"],
        row["url"],
        row["published_at"],
        bool(row["is_notified"]),
        int(row["readers"]),
        int(row["sharers"]),
        int(row["comments"]),
    )
