"""Talks as the shop sees them: the list, one talk's messages, what has been read, drafts, and our replies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.errors import NotFoundError
from desktop.domain.outbox_items import OutboxItem
from desktop.domain.talks import (
    DOUYIN,
    REPLY_WINDOW_MS,
    Answerer,
    Direction,
    Standing,
    TalkMessage,
    TalkRow,
    rule_of,
)
from desktop.domain.write_kinds.douyin import MESSAGE_RECALL
from desktop.store.database import as_json
from desktop.store.pulled import platform_talks
from desktop.store.sends import deliveries
from desktop.store.transaction import Transaction

NOT_OUT = "('rejected', 'missed', 'cancelled')"
# What answers a customer: staff on the phone, a reply of ours that has left or will, the end of a session.
ANSWERS = (
    "(r.direction = 'staff' OR (r.direction = 'out' AND r.failed_code IS NULL"
    " AND coalesce(json_extract(r.facts, '$.recalled'), 0) = 0"
    f" AND coalesce(o.state, 'done') NOT IN {NOT_OUT})"
    " OR (r.kind = 'session_status_change' AND json_extract(r.facts, '$.change_type') = 3))"
)
# A reply written after a message was here answers it, whatever the clocks say.
WAITING = f"""
SELECT m.conversation_id AS id, min(m.at) AS since FROM conversation c
    JOIN desk d ON d.id = c.desk_id JOIN account a ON a.id = d.account_id
    JOIN message m ON m.conversation_id = c.id AND m.direction = 'in'
        AND coalesce(json_extract(m.facts, '$.recalled'), 0) = 0
WHERE c.last_in_at >= CASE a.platform WHEN 'douyin' THEN :from_douyin ELSE :from END
    AND NOT EXISTS (SELECT 1 FROM message r
    LEFT JOIN outbox o ON o.id = r.outbox_id WHERE r.conversation_id = c.id AND {ANSWERS}
    AND (r.at >= m.at OR (r.direction = 'out' AND r.id > m.id)))
GROUP BY m.conversation_id ORDER BY since, id
"""
REPLIES = f"""
SELECT count(*) FROM message a LEFT JOIN outbox o ON o.id = a.outbox_id
WHERE a.conversation_id = c.id AND a.direction = 'out' AND a.outbox_id IS NOT :but
    AND coalesce(o.state, 'done') NOT IN {NOT_OUT}
    AND (a.at > c.last_in_at OR a.id > (SELECT max(id) FROM message
        WHERE conversation_id = c.id AND direction = 'in' AND at = c.last_in_at))
"""
# The fan opened the chat page, and what was said to them since.
ENTERED = (
    "SELECT max(at) FROM message WHERE conversation_id = c.id AND kind = 'im_enter_direct_msg'"
    " AND direction = 'event'"
)
REPLIES_ENTERED = f"""
SELECT count(*) FROM message a LEFT JOIN outbox o ON o.id = a.outbox_id
WHERE a.conversation_id = c.id AND a.direction = 'out' AND a.outbox_id IS NOT :but
    AND coalesce(o.state, 'done') NOT IN {NOT_OUT} AND a.at >= ({ENTERED})
"""
STANDING = (
    f"c.state, c.last_in_at, c.thread_id, d.is_ours, acc.platform, ({REPLIES}) AS replies,"
    f" ({ENTERED}) AS entered_at, ({REPLIES_ENTERED}) AS replies_entered"
)
UNREAD = (
    "SELECT count(*) FROM message WHERE conversation_id = c.id AND direction = 'in'"
    " AND at > coalesce(c.read_at, 0)"
)
PENDING = (
    "SELECT count(*) FROM message a JOIN outbox o ON o.id = a.outbox_id WHERE a.conversation_id = c.id"
    " AND o.state IN ('confirmed', 'queued', 'in_flight', 'unknown', 'held')"
)
ROWS = f"""
SELECT c.*, d.name AS desk_name, d.external_id AS desk_external_id, d.is_ours, d.account_id, i.fan_id,
    coalesce(nullif(f.name, ''), c.name) AS shown_name, coalesce(nullif(s.name, ''), s.external_id,
        c.staff_external_id) AS staff_name,
    acc.platform, ({REPLIES}) AS replies, ({ENTERED}) AS entered_at,
    ({REPLIES_ENTERED}) AS replies_entered, ({UNREAD}) AS unread, ({PENDING}) AS pending
FROM conversation c JOIN desk d ON d.id = c.desk_id JOIN account acc ON acc.id = d.account_id
    LEFT JOIN identity i ON i.id = c.identity_id LEFT JOIN fan f ON f.id = i.fan_id
    LEFT JOIN staff s ON s.account_id = d.account_id AND s.external_id = c.staff_external_id
WHERE c.id IN (SELECT value FROM json_each(:ids))
"""
MESSAGES = """
SELECT m.*, o.uid AS item_uid, o.state AS item_state, o.reason AS item_reason,
    CASE o.state WHEN 'done' THEN o.platform_id END AS sent_id,
    (SELECT r.state FROM outbox r WHERE r.entity = 'conversation' AND r.entity_id = m.conversation_id
        AND r.kind = :recall AND json_extract(r.payload, '$.body.message') = o.platform_id
        AND r.state NOT IN ('rejected', 'missed', 'cancelled')) AS recall_state,
    coalesce(nullif(s.name, ''), m.staff_external_id) AS staff_name
FROM message m LEFT JOIN outbox o ON o.id = m.outbox_id
    JOIN conversation c ON c.id = m.conversation_id JOIN desk d ON d.id = c.desk_id
    LEFT JOIN staff s ON s.account_id = d.account_id AND s.external_id = m.staff_external_id
WHERE m.conversation_id = :talk AND coalesce(o.state, '') <> 'cancelled'
    AND (m.at, m.id) < (:at, :id) ORDER BY m.at DESC, m.id DESC LIMIT :most
"""
FOREVER = (2**62, 2**62)


def listed(conn: Any, now: int, search: str, limit: int) -> list[TalkRow]:
    """Talks: those who wait first, longest first, then the others, newest first."""
    waiting = waiting_since(conn, now)
    if search:
        ids = _matching(conn, search, limit)
    else:
        recent = conn.execute("SELECT id FROM conversation ORDER BY last_at DESC LIMIT ?", (limit,))
        ids = list(dict.fromkeys([*waiting, *(int(row[0]) for row in recent)]))
    rows = _rows(conn, ids, waiting)
    return sorted(
        rows, key=lambda row: (row.waiting_since is None, row.waiting_since or -row.last_at, row.id)
    )


def waiting_since(conn: Any, now: int) -> dict[int, int]:
    """Talks whose customer waits for an answer, and since when; longest first.

    After the reply window nobody waits any more: the platform takes no answer then.
    """
    douyin = now - rule_of(DOUYIN).window_ms
    rows = conn.execute(WAITING, {"from": now - REPLY_WINDOW_MS, "from_douyin": douyin})
    return {int(row["id"]): int(row["since"]) for row in rows}


def rows_of(conn: Any, ids: Sequence[int]) -> list[TalkRow]:
    """These talks, whether anybody waits in them left open."""
    return _rows(conn, ids, {})


def total(conn: Any) -> int:
    """How many talks there are."""
    return int(conn.execute("SELECT count(*) FROM conversation").fetchone()[0])


def desks(conn: Any) -> int:
    """How many service desks are known."""
    return int(conn.execute("SELECT count(*) FROM desk WHERE removed_at IS NULL").fetchone()[0])


def by_uid(conn: Any, uid: str, now: int) -> TalkRow:
    """One talk, by its uid or local id. Raises NotFoundError('talk_missing')."""
    found = conn.execute(
        "SELECT id FROM conversation WHERE uid = ? OR CAST(id AS TEXT) = ?", (uid, uid)
    ).fetchone()
    if found is None:
        raise NotFoundError("talk_missing", uid=uid)
    return _rows(conn, [int(found[0])], waiting_since(conn, now))[0]


def messages(
    conn: Any, talk_id: int, before: tuple[int, int] | None, limit: int
) -> tuple[list[TalkMessage], bool]:
    """The last messages before a place (time and id of a message), oldest first; whether there are older."""
    at, message_id = before or FOREVER
    values = {"talk": talk_id, "at": at, "id": message_id, "most": limit + 1, "recall": MESSAGE_RECALL}
    rows = conn.execute(MESSAGES, values).fetchall()
    return [_message(row) for row in reversed(rows[:limit])], len(rows) > limit


def message_of(conn: Any, talk_id: int, outbox_id: int) -> TalkMessage:
    """Our reply behind an outbox item. Raises NotFoundError('talk_missing')."""
    where = conn.execute("SELECT at, id FROM message WHERE outbox_id = ?", (outbox_id,)).fetchone()
    found = [] if where is None else messages(conn, talk_id, (where["at"], where["id"] + 1), 1)[0]
    if not found:
        raise NotFoundError("talk_missing", uid="")
    return found[0]


def reply_behind(conn: Any, item: OutboxItem) -> tuple[str, str | None]:
    """(talk uid, why it did not arrive) of a reply of ours. Raises NotFoundError('outbox_missing')."""
    row = conn.execute(
        "SELECT c.uid, m.failed_code FROM message m JOIN conversation c ON c.id = m.conversation_id"
        " WHERE m.outbox_id = ?",
        (item.id,),
    ).fetchone()
    if row is None:
        raise NotFoundError("outbox_missing", uid=item.uid)
    return str(row["uid"]), row["failed_code"]


def standing_of_item(conn: Any, item: OutboxItem) -> Standing:
    """What decides whether this reply may go now, itself not counted."""
    row = conn.execute(
        f"SELECT {STANDING} FROM conversation c JOIN desk d ON d.id = c.desk_id"
        " JOIN account acc ON acc.id = d.account_id WHERE c.id = :id",
        {"id": item.entity_id, "but": item.id},
    ).fetchone()
    return _standing(row)


def anchor(conn: Any, talk_id: int, is_entry: bool) -> str:
    """The id of what an answer answers: the fan's last message, or the last time they opened the chat page."""
    which = "kind = 'im_enter_direct_msg' AND direction = 'event'" if is_entry else "direction = 'in'"
    row = conn.execute(
        f"SELECT external_id FROM message WHERE conversation_id = ? AND {which} ORDER BY at DESC, id DESC",
        (talk_id,),
    ).fetchone()
    return str(row[0]) if row else ""


def add_reply(tx: Transaction, talk_id: int, item_uid: str, kind: str, text: str) -> None:
    """Our reply as a message of the talk, tied to its outbox item; its id there is the item's key."""
    tx.db.execute(
        "INSERT INTO message (conversation_id, external_id, direction, kind, text, at, outbox_id)"
        " SELECT ?, ?, 'out', ?, ?, ?, id FROM outbox WHERE uid = ?",
        (talk_id, item_uid.replace("-", ""), kind, text, tx.now_ms, item_uid),
    )
    platform_talks.refresh(tx, [talk_id])


def refresh_last(tx: Transaction, talk_id: int) -> None:
    """Say again what is last in a talk, after a reply was taken back."""
    platform_talks.refresh(tx, [talk_id])


def note_sent(tx: Transaction, item: OutboxItem) -> None:
    """The platform took a reply, now; whether it arrives shows within minutes."""
    known = tx.db.execute("UPDATE message SET at = ? WHERE outbox_id = ?", (tx.now_ms, item.id)).rowcount
    if not known:  # sent again out of the outbox
        kind = "image" if item.write.pictures else "text"
        add_reply(tx, item.entity_id, item.uid, kind, item.write.text)
    deliveries.set_status(tx, item.id, item.write.targets, "unknown")
    platform_talks.refresh(tx, [item.entity_id])


def note_recalled(tx: Transaction, item: OutboxItem) -> None:
    """A reply of ours was taken back: whom it answered waits again."""
    tx.db.execute(
        "UPDATE message SET facts = json_set(facts, '$.recalled', 1) WHERE conversation_id = ?"
        " AND outbox_id IN (SELECT id FROM outbox WHERE account_id = ? AND platform_id = ?)",
        (item.entity_id, item.account_id, str(item.write.body["message"])),
    )
    platform_talks.refresh(tx, [item.entity_id])


def mark_read(tx: Transaction, talk_id: int) -> bool:
    """Everything in it was seen; whether something had not been."""
    cursor = tx.db.execute(
        "UPDATE conversation SET read_at = last_in_at WHERE id = ? AND last_in_at IS NOT NULL"
        " AND coalesce(read_at, 0) < last_in_at",
        (talk_id,),
    )
    if cursor.rowcount:
        tx.touch(Topic.CONVERSATION, [talk_id])
    return bool(cursor.rowcount)


def save_draft(tx: Transaction, talk_id: int, text: str) -> None:
    """Keep what was typed so far. Tells nobody: only the one who types looks at it."""
    tx.db.execute("UPDATE conversation SET draft = ? WHERE id = ?", (text, talk_id))


def _matching(conn: Any, search: str, limit: int) -> list[int]:
    rows = conn.execute(
        "SELECT c.id FROM conversation c LEFT JOIN identity i ON i.id = c.identity_id"
        " LEFT JOIN fan f ON f.id = i.fan_id WHERE instr(lower(coalesce(f.name, '') || char(10) || c.name"
        " || char(10) || coalesce(f.pinyin, '') || char(10) || coalesce(f.initials, '')), lower(:q)) > 0"
        " OR EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.id AND m.direction <> 'event'"
        " AND instr(lower(m.text), lower(:q)) > 0) ORDER BY c.last_at DESC LIMIT :n",
        {"q": search, "n": limit},
    )
    return [int(row[0]) for row in rows]


def _rows(conn: Any, ids: Sequence[int], waiting: dict[int, int]) -> list[TalkRow]:
    rows = conn.execute(ROWS, {"ids": as_json(list(ids)), "but": None})
    return [_row(row, waiting.get(int(row["id"]))) for row in rows]


def _row(row: Any, since: int | None) -> TalkRow:
    return TalkRow(
        id=int(row["id"]),
        uid=str(row["uid"]),
        account_id=int(row["account_id"]),
        desk_id=int(row["desk_id"]),
        desk_external_id=str(row["desk_external_id"]),
        desk_name=str(row["desk_name"]),
        external_id=str(row["external_id"]),
        identity_id=row["identity_id"],
        fan_id=row["fan_id"],
        name=str(row["shown_name"]),
        standing=_standing(row),
        staff_name=str(row["staff_name"] or ""),
        last_at=int(row["last_at"]),
        last_direction=Direction(row["last_direction"]),
        last_kind=str(row["last_kind"]),
        last_text=str(row["last_text"]),
        unread=int(row["unread"]),
        waiting_since=since,
        pending=int(row["pending"]),
        draft=str(row["draft"]),
    )


def _standing(row: Any) -> Standing:
    return Standing(
        _answerer(row["state"]),
        row["last_in_at"],
        int(row["replies"]),
        bool(row["is_ours"]),
        str(row["platform"]),
        str(row["thread_id"]),
        row["entered_at"],
        int(row["replies_entered"]),
    )


def _answerer(state: str) -> Answerer:
    return Answerer(state) if state in set(Answerer) else Answerer.UNKNOWN


def _message(row: Any) -> TalkMessage:
    reason = json.loads(row["item_reason"]) if row["item_reason"] else {}
    failed = str(row["failed_code"] or "")
    if not failed and row["item_state"] in ("rejected", "missed"):
        failed = str(reason.get("code", "")) or str(row["item_state"])
    return TalkMessage(
        id=int(row["id"]),
        external_id=str(row["external_id"]),
        direction=Direction(row["direction"]),
        kind=str(row["kind"]),
        text=str(row["text"]),
        facts=json.loads(row["facts"]),
        staff_name=str(row["staff_name"] or ""),
        at=int(row["at"]),
        failed_code=failed,
        item_uid=str(row["item_uid"] or ""),
        item_state=str(row["item_state"] or ""),
        sent_id=str(row["sent_id"] or ""),
        recall_state=str(row["recall_state"] or ""),
    )
