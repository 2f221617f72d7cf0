"""What the shop sees of its public accounts and changes there: posts, comments, join requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.errors import NotFoundError
from desktop.domain.outbox_items import OutboxItem
from desktop.domain.public_accounts import GroupPicture, RequestRow
from desktop.store.accounts import abilities
from desktop.store.transaction import Transaction

OPEN = "('confirmed', 'queued', 'in_flight', 'unknown', 'held')"


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment of the first level below a post of ours, with our newest answer. Times UTC ms.

    `pending` are the kinds of changes to it that are on their way, `refused` those that the platform does not
    let the account make.
    """

    id: int
    uid: str
    account_id: int
    item_id: str
    external_id: str
    title: str
    name: str
    text: str
    at: int
    is_top: bool
    replies: int
    fan_id: int | None
    reply: str
    pending: tuple[str, ...]
    refused: frozenset[str]


REQUESTS = f"""
SELECT r.*, coalesce(g.name, '') AS group_name, i.fan_id, coalesce(nullif(f.name, ''), r.name) AS shown,
    EXISTS (SELECT 1 FROM outbox o WHERE o.entity = 'join_request' AND o.entity_id = r.id
        AND o.state IN {OPEN}) AS is_deciding
FROM join_request r LEFT JOIN fan_group g ON g.account_id = r.account_id
        AND g.external_id = r.group_external_id
    LEFT JOIN identity i ON i.id = r.identity_id LEFT JOIN fan f ON f.id = i.fan_id
"""
COMMENTS = f"""
SELECT c.*, v.external_id AS item_id, v.title, v.account_id, i.fan_id,
    coalesce(nullif(f.name, ''), c.name) AS shown,
    (SELECT a.text FROM video_comment a WHERE a.video_id = c.video_id AND a.parent = c.external_id
        AND a.is_ours ORDER BY a.at DESC, a.id DESC LIMIT 1) AS reply,
    (SELECT group_concat(o.kind) FROM outbox o WHERE o.entity = 'comment' AND o.entity_id = c.id
        AND o.state IN {OPEN}) AS pending
FROM video_comment c JOIN video v ON v.id = c.video_id
    LEFT JOIN identity i ON i.id = c.identity_id LEFT JOIN fan f ON f.id = i.fan_id
"""


def requests(conn: Any, limit: int) -> list[RequestRow]:
    """Who waits, longest first."""
    rows = conn.execute(f"{REQUESTS} WHERE r.state = 'pending' ORDER BY r.asked_at, r.id LIMIT ?", (limit,))
    return [_request(row) for row in rows]


def request(conn: Any, uid: str) -> RequestRow:
    """One request, by uid or local id. Raises NotFoundError('join_request_missing')."""
    row = conn.execute(
        f"{REQUESTS} WHERE r.state = 'pending' AND (r.uid = :k OR CAST(r.id AS TEXT) = :k)", {"k": uid}
    ).fetchone()
    if row is None:
        raise NotFoundError("join_request_missing", uid=uid)
    return _request(row)


def comments(conn: Any, limit: int) -> list[CommentRow]:
    """The newest comments of others on posts of ours."""
    rows = conn.execute(f"{COMMENTS} WHERE c.is_ours = 0 ORDER BY c.at DESC, c.id DESC LIMIT ?", (limit,))
    known: dict[int, frozenset[str]] = {}
    return [_comment(conn, row, known) for row in rows]


def comment(conn: Any, uid: str) -> CommentRow:
    """One comment, by uid or local id. Raises NotFoundError('public_comment_missing')."""
    row = conn.execute(f"{COMMENTS} WHERE c.uid = :k OR CAST(c.id AS TEXT) = :k", {"k": uid}).fetchone()
    if row is None:
        raise NotFoundError("public_comment_missing", uid=uid)
    return _comment(conn, row, {})


def group(conn: Any, group_id: int) -> Any:
    """A live group with its account's platform; None when it is not there."""
    return conn.execute(
        "SELECT g.*, a.platform FROM fan_group g JOIN account a ON a.id = g.account_id"
        " WHERE g.id = ? AND g.removed_at IS NULL AND a.removed_at IS NULL",
        (group_id,),
    ).fetchone()


def groups_named(conn: Any, account_id: int, name: str) -> list[str]:
    """The platform's ids of an account's groups of this name, those that are gone too."""
    rows = conn.execute(
        "SELECT external_id FROM fan_group WHERE account_id = ? AND name = ? ORDER BY id",
        (account_id, name),
    )
    return [str(row["external_id"]) for row in rows]


def group_pictures(conn: Any) -> list[GroupPicture]:
    """Live groups with a picture at accounts that let one make groups from here, by name."""
    rows = conn.execute(
        "SELECT g.id, g.account_id, g.name, g.picture FROM fan_group g JOIN account a ON a.id = g.account_id"
        " WHERE a.platform = 'douyin' AND a.removed_at IS NULL AND g.removed_at IS NULL AND g.picture <> ''"
        " ORDER BY g.name, g.id"
    )
    return [GroupPicture(*row) for row in rows]


def note_reply(tx: Transaction, item: OutboxItem, external_id: str) -> None:
    """Our answer stands below a comment; where nobody told its id, the item's own takes its place."""
    tx.db.execute(
        "INSERT OR IGNORE INTO video_comment (uid, video_id, external_id, parent, text, at, is_ours)"
        " SELECT ?, video_id, ?, external_id, ?, ?, 1 FROM video_comment WHERE id = ?",
        (tx.new_uid(), external_id or item.uid, item.write.text, tx.now_ms, item.entity_id),
    )
    tx.touch(Topic.STATISTIC)


def videos(conn: Any, limit: int) -> Sequence[Any]:
    """The newest posts with their figures."""
    rows = conn.execute(
        "SELECT v.*, a.uid AS account_uid FROM video v JOIN account a ON a.id = v.account_id"
        " ORDER BY v.created_at DESC, v.id DESC LIMIT ?",
        (limit,),
    )
    return list(rows.fetchall())


def settle_request(tx: Transaction, request_id: int) -> None:
    """Somebody was let in."""
    tx.db.execute(
        "UPDATE join_request SET state = 'accepted', settled_at = ? WHERE id = ?", (tx.now_ms, request_id)
    )
    tx.touch(Topic.GROUP)


def set_pinned(tx: Transaction, comment_id: int, is_top: bool) -> None:
    """One comment a post is pinned, or none is."""
    if is_top:
        tx.db.execute(
            "UPDATE video_comment SET is_top = 0 WHERE video_id = (SELECT video_id FROM video_comment"
            " WHERE id = ?)",
            (comment_id,),
        )
    tx.db.execute("UPDATE video_comment SET is_top = ? WHERE id = ?", (int(is_top), comment_id))
    tx.touch(Topic.STATISTIC)


def set_notice(tx: Transaction, account_id: int, group_id: str, text: str) -> None:
    """A group's announcement, as we set it."""
    tx.db.execute(
        "UPDATE fan_group SET notice = ?, updated_at = ? WHERE account_id = ? AND external_id = ?",
        (text, tx.now_ms, account_id, group_id),
    )
    tx.touch(Topic.GROUP)


def note_published(tx: Transaction, item: OutboxItem, external_id: str) -> None:
    """A post of ours is at the platform, tied to its item."""
    if not external_id:
        return
    tx.db.execute(
        "INSERT INTO video (account_id, external_id, title, created_at, outbox_id) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (account_id, external_id) DO UPDATE SET outbox_id = excluded.outbox_id",
        (item.account_id, external_id, item.write.text, tx.now_ms, item.id),
    )
    tx.touch(Topic.STATISTIC)


def _request(row: Any) -> RequestRow:
    return RequestRow(
        int(row["id"]),
        str(row["uid"]),
        int(row["account_id"]),
        str(row["external_id"]),
        str(row["group_external_id"]),
        str(row["group_name"]),
        str(row["shown"] or ""),
        row["fan_id"],
        int(row["asked_at"]),
        bool(row["is_deciding"]),
    )


def _comment(conn: Any, row: Any, known: dict[int, frozenset[str]]) -> CommentRow:
    account_id = int(row["account_id"])
    if account_id not in known:
        known[account_id] = abilities.refused_names(conn, account_id)
    return CommentRow(
        int(row["id"]),
        str(row["uid"]),
        account_id,
        str(row["item_id"]),
        str(row["external_id"]),
        str(row["title"]),
        str(row["shown"] or ""),
        str(row["text"]),
        int(row["at"]),
        bool(row["is_top"]),
        int(row["replies"]),
        row["fan_id"],
        str(row["reply"] or ""),
        tuple(str(row["pending"] or "").split(",")) if row["pending"] else (),
        known[account_id],
    )
