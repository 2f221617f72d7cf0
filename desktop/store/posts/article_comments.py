"""Comments below articles, as interactions of the fans who wrote them; what the account answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.official_account import Comment, CommentRecord
from desktop.domain.outbox import State
from desktop.domain.write_kinds.wechat import COMMENTS_OPEN
from desktop.store.erasures import marks as erasures
from desktop.store.fans import fan_stats, identities
from desktop.store.fans.identities import IdentityKey
from desktop.store.transaction import Transaction

PUT = (
    "INSERT INTO article_comment (article_id, external_id, identity_id, at, text, is_elected, reply,"
    " replied_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (article_id, external_id) DO UPDATE SET"
    " identity_id = coalesce(excluded.identity_id, identity_id), text = excluded.text,"
    " is_elected = excluded.is_elected, reply = excluded.reply, replied_at = excluded.replied_at,"
    " removed_at = NULL WHERE removed_at IS NOT NULL"
    " OR (coalesce(excluded.identity_id, identity_id), excluded.text, excluded.is_elected, excluded.reply,"
    " excluded.replied_at) IS NOT (identity_id, text, is_elected, reply, replied_at)"
)
SAID = (
    "INSERT OR IGNORE INTO interaction (uid, fan_id, identity_id, kind, at, domain, channel, origin,"
    " external_key) VALUES (?, ?, ?, 'comment', ?, 'private', ?, ?, ?)"
)


LISTED = (
    "SELECT c.*, a.account_id, a.title, a.send_id, a.place, i.fan_id, fan.name, (SELECT kind FROM outbox o"
    " WHERE o.entity = 'article_comment' AND o.entity_id = c.id"
    " AND o.state IN ('confirmed', 'queued', 'in_flight', 'unknown', 'held')"
    " ORDER BY o.id DESC LIMIT 1) AS pending FROM article_comment c"
    " JOIN article a ON a.id = c.article_id LEFT JOIN identity i ON i.id = c.identity_id"
    " LEFT JOIN fan ON fan.id = i.fan_id WHERE c.removed_at IS NULL"
)

ASKED = (
    "SELECT entity_id, state, json_extract(payload, '$.body.is_open') AS is_open FROM outbox"
    " WHERE kind = ? AND entity = 'article' AND state NOT IN ('rejected', 'cancelled', 'missed') ORDER BY id"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was last asked of an article from here, and where that stands."""

    is_open: bool
    state: State


def ingest(
    tx: Transaction, account: Account, article_id: int, records: Sequence[CommentRecord]
) -> tuple[int, int]:
    """Take in some comments of an article: (new, changed). Writers who are known get an interaction each."""
    new = changed = 0
    fans: set[int] = set()
    keys = {
        one.person_id: IdentityKey(account.platform, account.external_id, one.person_id) for one in records
    }
    barred = erasures.erased(tx.db, keys.values())
    tx.turned_away |= barred
    for one in records:
        if keys[one.person_id] in barred:
            continue
        who = None
        if one.person_id:
            who = identities.find(tx.db, keys[one.person_id])
        is_known = tx.db.execute(
            "SELECT 1 FROM article_comment WHERE article_id = ? AND external_id = ?",
            (article_id, one.external_id),
        ).fetchone()
        before = tx.db.conn.total_changes
        facts = (who[1] if who else None, one.at, one.text, one.is_elected, one.reply, one.replied_at)
        tx.db.execute(PUT, (article_id, one.external_id, *facts))
        if tx.db.conn.total_changes == before:
            continue
        new, changed = (new, changed + 1) if is_known else (new + 1, changed)
        if who is not None:
            origin = f"sync:{account.uid}"
            event = f"{origin}:comment:{article_id}:{one.external_id}"
            tx.db.execute(SAID, (tx.new_uid(), *who, one.at, account.platform, origin, event))
            fans.add(who[0])
    if new or changed:
        tx.touch(Topic.ARTICLE)
    if fans:
        tx.touch(Topic.INTERACTION)
        fan_stats.refresh(tx, fans)
    return new, changed


def end_unseen(tx: Transaction, article_id: int, seen: set[str]) -> int:
    """A complete reading did not meet these: they were taken back or deleted. How many."""
    rows = tx.db.execute(
        "SELECT id, external_id FROM article_comment WHERE article_id = ? AND removed_at IS NULL",
        (article_id,),
    ).fetchall()
    gone = [int(row["id"]) for row in rows if row["external_id"] not in seen]
    remove(tx, gone)
    return len(gone)


def remove(tx: Transaction, ids: Sequence[int]) -> None:
    """These comments are gone at the platform."""
    if ids:
        tx.db.conn.executemany(
            "UPDATE article_comment SET removed_at = ? WHERE id = ?", [(tx.now_ms, one) for one in ids]
        )
        tx.touch(Topic.ARTICLE)


def set_reply(tx: Transaction, comment_id: int, text: str) -> None:
    """What the account answered; '' when the answer was taken back."""
    tx.db.execute(
        "UPDATE article_comment SET reply = ?, replied_at = ? WHERE id = ?",
        (text, tx.now_ms if text else None, comment_id),
    )
    tx.touch(Topic.ARTICLE)


def set_elected(tx: Transaction, comment_id: int, is_elected: bool) -> None:
    """Whether everybody sees the comment."""
    tx.db.execute("UPDATE article_comment SET is_elected = ? WHERE id = ?", (is_elected, comment_id))
    tx.touch(Topic.ARTICLE)


def listing(conn: Any, *, only_open: bool, most: int) -> list[Comment]:
    """Comments of all accounts, newest first; `only_open` those without an answer."""
    rows = conn.execute(
        f"{LISTED} AND (c.reply = '' OR NOT ?) ORDER BY c.at DESC, c.id DESC LIMIT ?",
        (only_open, most),
    ).fetchall()
    return [_comment(row) for row in rows]


def asked_openings(conn: Any) -> dict[int, Asked]:
    """By article: the newest opening or closing that was done or may be."""
    rows = conn.execute(ASKED, (COMMENTS_OPEN,)).fetchall()
    return {int(row["entity_id"]): Asked(bool(row["is_open"]), State(row["state"])) for row in rows}


def get(conn: Any, comment_id: int) -> Comment | None:
    """One comment that is still there."""
    row = conn.execute(
        f"{LISTED} AND c.id = ?",
        (comment_id,),
    ).fetchone()
    return None if row is None else _comment(row)


def _comment(row: Any) -> Comment:
    return Comment(
        int(row["id"]),
        int(row["account_id"]),
        int(row["article_id"]),
        row["title"],
        row["send_id"] or "",
        int(row["place"]),
        row["external_id"],
        row["fan_id"],
        row["name"] or "",
        int(row["at"]),
        row["text"],
        bool(row["is_elected"]),
        row["reply"],
        row["replied_at"],
        row["pending"] or "",
    )
