"""Sends of people who go: what waits loses them as receivers, of what is past only figures stay.

A send whose end is open is not touched: whoever takes a receiver out of it could no longer prove that it
went out, and it would go out again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.errors import ConflictError
from desktop.domain.writes import sha256_text
from desktop.store.database import as_json
from desktop.store.erasures.going import Going
from desktop.store.erasures.rows import FANS, ORDERS, WHO
from desktop.store.transaction import Transaction

WAITING = ("confirmed", "queued", "held")
OPEN = ("in_flight", "unknown")
SETTLED = ("sent", "not_friend", "over_limit", "refused")
SENT_TO = (
    "SELECT outbox_id, target_external_id FROM delivery d JOIN outbox o ON o.id = d.outbox_id"
    " JOIN account a ON a.id = o.account_id"
    f" WHERE d.identity_id {WHO} OR (d.target_kind = 'fan'"
    " AND EXISTS (SELECT 1 FROM identity i WHERE i.platform = a.platform AND i.scope = a.external_id"
    f" AND i.external_id = d.target_external_id AND i.id {WHO}))"
)
# Writes about somebody that have no receiver, or one: notes and tags of a contact, answers, join requests.
ABOUT = f"""
SELECT id FROM outbox WHERE (entity = 'fan' AND entity_id {FANS})
    OR (entity = 'conversation' AND entity_id IN (SELECT id FROM conversation WHERE identity_id {WHO}))
    OR (entity = 'comment' AND entity_id IN (SELECT id FROM video_comment WHERE identity_id {WHO}))
    OR (entity = 'article_comment' AND entity_id IN (SELECT id FROM article_comment WHERE identity_id {WHO}))
    OR (entity = 'join_request' AND entity_id IN (SELECT id FROM join_request WHERE identity_id {WHO}))
    OR (entity = 'order' AND entity_id IN (SELECT id FROM ({ORDERS})))
"""
ITEM = "SELECT id, uid, state, entity, payload, summary FROM outbox WHERE id = ?"
KEPT_WORDS = frozenset(
    {"kind", "version"}
)  # of frozen bytes; everything else of a write to one person goes
STAYING_ENTITIES = frozenset({"post", "drop", "order", "tag", "outbox"})


@dataclass(frozen=True, slots=True)
class _Item:
    """One write with those of its receivers who go; `is_theirs`: it is to or about nobody else."""

    row: Any
    write: dict[str, Any]
    going: frozenset[str]
    is_theirs: bool


def waiting(conn: Any, one: Going) -> int:
    """How many sends wait that would reach or concern these people.

    Raises ConflictError('erase_send_open') when the end of one is not known yet.
    """
    items = _items(conn, one)
    undecided = [item for item in items if item.row["state"] in OPEN]
    if undecided:
        raise ConflictError("erase_send_open", n=len(undecided))
    return sum(item.row["state"] in WAITING for item in items)


def remove(tx: Transaction, one: Going, *, ends_open: bool = False) -> int:
    """Take these people out of every send; how many sends that was.

    Raises as `waiting`, unless it `ends_open` ones: nobody asks for their end any more, nor are they repeated.
    """
    if not ends_open:
        waiting(tx.db, one)
    items = _items(tx.db, one)
    for item in items:
        if item.row["state"] in OPEN:
            _cancel(tx, item)
        if item.is_theirs:
            _blank(tx, item)
        else:
            _take_out(tx, item)
    tx.touch(Topic.OUTBOX)
    tx.touch(Topic.POST)
    return len(items)


def _items(conn: Any, one: Going) -> list[_Item]:
    given = one.given()
    targets: dict[int, set[str]] = {row[0]: set() for row in conn.execute(ABOUT, given).fetchall()}
    about = set(targets)
    for row in conn.execute(SENT_TO, given).fetchall():
        targets.setdefault(row[0], set()).add(row[1])
    found = []
    for item_id, theirs in targets.items():
        row = conn.execute(ITEM, (item_id,)).fetchone()
        write = json.loads(row["payload"])
        is_theirs = item_id in about or set(write.get("targets", ())) <= theirs
        found.append(_Item(row, write, frozenset(theirs), is_theirs))
    return found


def _blank(tx: Transaction, item: _Item) -> None:
    """A write for them alone: that there was one stays, what it said and to whom goes."""
    tokens = _replace_deliveries(tx, item, is_past=item.row["state"] not in WAITING)
    write = {**blanked(item.write), "targets": list(tokens.values())}
    summary = blanked(json.loads(item.row["summary"]))
    is_staying = item.row["entity"] in STAYING_ENTITIES
    tx.db.execute(
        "UPDATE outbox SET order_key = 'erased:' || uid, proof = CASE WHEN proof IS NULL THEN NULL ELSE '{}' END,"
        " summary = ?, entity_id = CASE WHEN ? THEN entity_id ELSE 0 END WHERE id = ?",
        (as_json(summary), is_staying, item.row["id"]),
    )
    tx.db.execute("UPDATE attempt SET detail = NULL WHERE outbox_id = ?", (item.row["id"],))
    _set_payload(tx, item, write)
    if item.row["state"] in WAITING:
        _cancel(tx, item)


def _take_out(tx: Transaction, item: _Item) -> None:
    """A write for many: they are no receivers any more, or receivers without a name."""
    is_past = item.row["state"] not in WAITING
    tokens = _replace_deliveries(tx, item, is_past=is_past)
    named = [(target, tokens.get(target)) for target in item.write["targets"]]
    targets = [new or old for old, new in named if old not in item.going or new]
    _set_payload(tx, item, {**item.write, "targets": targets})
    if not is_past:
        tx.db.execute(
            "UPDATE outbox SET summary = json_set(summary, '$.recipients', ?) WHERE id = ?",
            (len(targets), item.row["id"]),
        )
    rows = tx.db.execute("SELECT id, detail FROM attempt WHERE outbox_id = ?", (item.row["id"],)).fetchall()
    for row in rows:
        if row["detail"] and any(target in row["detail"] for target in item.going):
            tx.db.execute("UPDATE attempt SET detail = NULL WHERE id = ?", (row["id"],))


def _replace_deliveries(tx: Transaction, item: _Item, *, is_past: bool) -> dict[str, str]:
    """Rows with a final word stay as a figure under a made-up name, the others go; the names by the old."""
    tokens: dict[str, str] = {}
    for target in sorted(item.going):
        key = (item.row["id"], target)
        row = tx.db.execute(
            "SELECT status FROM delivery WHERE outbox_id = ? AND target_external_id = ?", key
        ).fetchone()
        if row is not None and is_past and row["status"] in SETTLED:
            tokens[target] = f"erased-{tx.new_uid()}"
            tx.db.execute(
                "UPDATE delivery SET target_external_id = ?, identity_id = NULL WHERE outbox_id = ?"
                " AND target_external_id = ?",
                (tokens[target], *key),
            )
        else:
            tx.db.execute("DELETE FROM delivery WHERE outbox_id = ? AND target_external_id = ?", key)
    return tokens


def _set_payload(tx: Transaction, item: _Item, write: dict[str, Any]) -> None:
    payload = json.dumps(write, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    tx.db.execute(
        "UPDATE outbox SET payload = ?, payload_sha256 = ? WHERE id = ?",
        (payload, sha256_text(payload), item.row["id"]),
    )


def _cancel(tx: Transaction, item: _Item) -> None:
    tx.db.execute(
        "UPDATE outbox SET state = 'cancelled', reason = ?, settled_at = ?, updated_at = ? WHERE id = ?",
        (as_json({"code": "erased"}), tx.now_ms, tx.now_ms, item.row["id"]),
    )


def blanked(value: Any, name: str = "") -> Any:
    """The same shape without a word or a figure: what read it before can read it still."""
    if isinstance(value, dict):
        return {key: blanked(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return []
    if name in KEPT_WORDS or isinstance(value, bool) or value is None:
        return value
    return "" if isinstance(value, str) else 0
