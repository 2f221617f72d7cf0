"""What a public account publishes and how it fares: its figures, posts, comments, broadcasts, vouchers, groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.public_accounts import (
    AccountFacts,
    CommentRecord,
    CountedGroup,
    JoinRequest,
    LiveRoom,
    TouchRecord,
    VideoRecord,
    VoucherRecord,
)
from desktop.domain.talks import PersonRecord
from desktop.store.database import as_json
from desktop.store.pulled import platform_touches
from desktop.store.transaction import Transaction

VIDEO = (
    "created_at", "title", "share_url", "kind", "status", "is_top", "plays", "likes", "comments", "shares",
)  # fmt: skip
VOUCHER = ("certificate_id", "item", "verified_at", "cancelled_at", "paid_cents")


def note_day(tx: Transaction, account_id: int, day: str, facts: AccountFacts) -> int:
    """Keep a day's figures of the account; 1 when that is news."""
    told = (facts.fans, as_json(dict(facts.spread)))
    row = tx.db.execute(
        "SELECT fans, facts FROM account_day WHERE account_id = ? AND day = ?", (account_id, day)
    ).fetchone()
    if row is not None and told == tuple(row):
        return 0
    tx.db.execute(
        "INSERT INTO account_day (account_id, day, fans, facts) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (account_id, day) DO UPDATE SET fans = excluded.fans, facts = excluded.facts",
        (account_id, day, *told),
    )
    tx.touch(Topic.STATISTIC)
    return 1


def ingest_videos(tx: Transaction, account_id: int, records: Sequence[VideoRecord]) -> tuple[int, int]:
    """Take in posts; how many were new and how many changed."""
    return _ingest(tx, "video", VIDEO, account_id, records)


def newest_videos(conn: Any, account_id: int, limit: int) -> list[tuple[int, str]]:
    """(local id, platform's id) of the newest posts that anybody commented on."""
    rows = conn.execute(
        "SELECT id, external_id FROM video WHERE account_id = ? AND comments > 0"
        " ORDER BY created_at DESC, id DESC LIMIT ?",
        (account_id, limit),
    )
    return [(int(row[0]), str(row[1])) for row in rows]


def ingest_comments(
    tx: Transaction, account: Account, video_id: int, records: Sequence[CommentRecord], own_id: str
) -> tuple[int, int]:
    """Take in comments below one post with who wrote them; how many were new, and how many changed."""
    names = {r.person_id: PersonRecord(r.person_id, r.name) for r in records if r.person_id}
    theirs = [r for r in records if r.person_id and r.person_id != own_id]
    touches = [
        TouchRecord(r.person_id, "comment", r.at, f"item_comment_reply:{r.external_id}", r.text)
        for r in theirs
    ]
    platform_touches.ingest(tx, account, touches, names)
    first_at = {r.person_id: r.at for r in theirs}
    people = platform_touches.people_of(tx, account, first_at, names) if first_at else {}
    new = changed = 0
    for record in records:
        if record.person_id in first_at and record.person_id not in people:
            continue  # somebody who was erased
        row = tx.db.execute(
            "SELECT id, likes, replies, is_top FROM video_comment WHERE video_id = ? AND external_id = ?",
            (video_id, record.external_id),
        ).fetchone()
        figures = (record.likes, record.replies, int(record.is_top))
        if row is None:
            identity = people.get(record.person_id, (0, None))[1]
            tx.db.execute(
                "INSERT INTO video_comment (uid, video_id, external_id, parent, identity_id, name, text, at,"
                " likes, replies, is_top, is_ours) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    tx.new_uid(), video_id, record.external_id, record.parent, identity, record.name,
                    record.text, record.at, *figures, int(bool(own_id) and record.person_id == own_id),
                ),
            )  # fmt: skip
            new += 1
        elif figures != tuple(row)[1:]:
            tx.db.execute(
                "UPDATE video_comment SET likes = ?, replies = ?, is_top = ? WHERE id = ?",
                (*figures, row["id"]),
            )
            changed += 1
    if new or changed:
        tx.touch(Topic.STATISTIC)
    return new, changed


def ingest_room(tx: Transaction, account_id: int, room: LiveRoom) -> tuple[int, int]:
    """Take in one broadcast; (1, 0) when new, (0, 1) when changed."""
    told = (room.started_at, room.ended_at, as_json(dict(room.figures)))
    row = tx.db.execute(
        "SELECT started_at, ended_at, figures FROM live_room WHERE account_id = ? AND external_id = ?",
        (account_id, room.external_id),
    ).fetchone()
    if row is not None and told == tuple(row):
        return 0, 0
    tx.db.execute(
        "INSERT INTO live_room (account_id, external_id, started_at, ended_at, figures) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (account_id, external_id) DO UPDATE SET started_at = excluded.started_at,"
        " ended_at = excluded.ended_at, figures = excluded.figures",
        (account_id, room.external_id, *told),
    )
    tx.touch(Topic.STATISTIC)
    return int(row is None), int(row is not None)


def ingest_vouchers(tx: Transaction, account_id: int, records: Sequence[VoucherRecord]) -> tuple[int, int]:
    """Take in verified vouchers; how many were new and how many changed."""
    return _ingest(tx, "voucher", VOUCHER, account_id, records)


def notices(conn: Any, account_id: int) -> dict[str, str]:
    """What stands as the announcement of each group, by the platform's id."""
    rows = conn.execute("SELECT external_id, notice FROM fan_group WHERE account_id = ?", (account_id,))
    return {str(row[0]): str(row[1]) for row in rows}


def set_counts(tx: Transaction, account_id: int, records: Sequence[CountedGroup]) -> int:
    """How many members each group has, and its picture; how many groups changed by that."""
    changed = 0
    for record in records:
        cursor = tx.db.execute(
            "UPDATE fan_group SET member_count = :members, member_limit = :most, picture = :picture,"
            " updated_at = :now WHERE account_id = :account AND external_id = :group"
            " AND (member_count, member_limit, picture) IS NOT (:members, :most, :picture)",
            {
                "members": record.members, "most": record.most, "picture": record.picture,
                "now": tx.now_ms, "account": account_id, "group": record.external_id,
            },
        )  # fmt: skip
        changed += cursor.rowcount
    if changed:
        tx.touch(Topic.GROUP)
    return changed


def ingest_requests(tx: Transaction, account: Account, records: Sequence[JoinRequest]) -> tuple[int, int]:
    """Take in everybody who waits, the complete list: who is not on it any more was decided elsewhere."""
    rows = tx.db.execute(
        "SELECT id, external_id FROM join_request WHERE account_id = ? AND state = 'pending'", (account.id,)
    ).fetchall()
    waiting = {str(row["external_id"]): int(row["id"]) for row in rows}
    told = {record.external_id: record for record in records}
    people = platform_touches.people_of(
        tx, account, {r.person_id: r.asked_at for r in told.values() if r.person_id}, {}
    )
    new = 0
    for record in told.values():
        if record.person_id and record.person_id not in people:
            continue  # somebody who was erased
        identity = people.get(record.person_id, (0, None))[1]
        cursor = tx.db.execute(
            "INSERT OR IGNORE INTO join_request (uid, account_id, external_id, group_external_id,"
            " identity_id, asked_at) VALUES (?, ?, ?, ?, ?, ?)",
            (tx.new_uid(), account.id, record.external_id, record.group_id, identity, record.asked_at),
        )
        new += cursor.rowcount
    gone = [local for external, local in waiting.items() if external not in told]
    tx.db.conn.executemany(
        "UPDATE join_request SET state = 'gone', settled_at = ? WHERE id = ?",
        [(tx.now_ms, local) for local in gone],
    )
    if new or gone:
        tx.touch(Topic.GROUP)
    return new, len(gone)


def _ingest(
    tx: Transaction,
    table: str,
    columns: Sequence[str],
    account_id: int,
    records: Sequence[VideoRecord] | Sequence[VoucherRecord],
) -> tuple[int, int]:
    """Rows of a table under the platform's ids, written where something is told anew: (new, changed)."""
    new = changed = 0
    for record in records:
        values = (getattr(record, column) for column in columns)
        told = tuple(int(value) if isinstance(value, bool) else value for value in values)
        row = tx.db.execute(
            f"SELECT {', '.join(columns)} FROM {table} WHERE account_id = ? AND external_id = ?",
            (account_id, record.external_id),
        ).fetchone()
        if row is not None and told == tuple(row):
            continue
        tx.db.execute(
            f"INSERT INTO {table} (account_id, external_id, {', '.join(columns)})"
            f" VALUES (?, ?, {', '.join('?' * len(columns))}) ON CONFLICT (account_id, external_id)"
            f" DO UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in columns)}",
            (account_id, record.external_id, *told),
        )
        new += row is None
        changed += row is not None
        tx.touch(Topic.STATISTIC)
    return new, changed


def newest_fans(conn: Any, account_id: int) -> int | None:
    """How many fans an account had on the newest day that tells it."""
    row = conn.execute(
        "SELECT fans FROM account_day WHERE account_id = ? AND fans IS NOT NULL ORDER BY day DESC LIMIT 1",
        (account_id,),
    ).fetchone()
    return None if row is None else int(row[0])
