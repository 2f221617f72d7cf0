"""Outbox rows: insert at confirm, step between states, attempts. Every step is checked by the rules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.domain.outbox import BUSY, FINAL, State, step
from desktop.domain.outbox_items import Attempt, NewItem, OutboxItem
from desktop.domain.writes import sha256_text
from desktop.store.database import as_json
from desktop.store.transaction import Transaction

COLUMNS = (
    "id, uid, account_id, kind, entity, entity_id, state, payload_sha256, summary, order_key, not_before,"
    " not_after, hold_until, confirmed_at, confirmed_by, device_id, attempts, next_attempt_at, platform_id,"
    " reason, proof, replaced_by, settled_at, updated_at,"
    " predecessor"
)
ENTITY_TOPICS = {
    "post": Topic.POST,
    "drop": Topic.DROP,
    "fan": Topic.FAN,
    "tag": Topic.TAG,
    "entry_way": Topic.ENTRY_WAY,
    "welcome": Topic.WELCOME,
    "conversation": Topic.CONVERSATION,
    "outbox": Topic.OUTBOX,
    "article": Topic.ARTICLE,
    "article_draft": Topic.ARTICLE,
    "article_comment": Topic.ARTICLE,
    "order": Topic.ORDER,
    "group": Topic.GROUP,
    "join_request": Topic.GROUP,
    "comment": Topic.STATISTIC,
    "account": Topic.ACCOUNT,
}


def insert(tx: Transaction, item: NewItem, *, operator: str, device_id: str) -> str:
    """A confirmed item with its frozen payload and planned deliveries; its uid."""
    uid = item.uid or tx.new_uid()
    payload = item.write.canonical()
    cursor = tx.db.execute(
        "INSERT INTO outbox (uid, account_id, kind, entity, entity_id, state, payload, payload_sha256,"
        " summary, order_key, not_before, not_after, hold_until, confirmed_at, confirmed_by, device_id,"
        " predecessor, updated_at)"
        " VALUES (?, ?, ?, ?, ?, 'confirmed', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            uid,
            item.account_id,
            item.write.kind,
            item.entity,
            item.entity_id,
            payload,
            sha256_text(payload),
            as_json(dict(item.summary)),
            item.order_key,
            item.not_before,
            item.not_after,
            item.hold_until,
            tx.now_ms,
            operator,
            device_id,
            item.predecessor,
            tx.now_ms,
        ),
    )
    outbox_id = int(cursor.lastrowid or 0)
    tx.db.conn.executemany(
        "INSERT INTO delivery (outbox_id, target_kind, target_external_id, identity_id, group_id,"
        " staff_external_id, status, updated_at) VALUES (?, ?, ?, ?, ?, ?, 'planned', ?)",
        [
            (outbox_id, t.kind, t.external_id, t.identity_id, t.group_id, t.staff_external_id, tx.now_ms)
            for t in item.targets
        ],
    )
    _touch(tx, item.entity, item.entity_id, outbox_id)
    return uid


def move(
    tx: Transaction,
    item_id: int,
    new: State,
    *,
    reason: Mapping[str, Any] | None = None,
    proof: Mapping[str, Any] | None = None,
    platform_id: str | None = None,
    next_attempt_at: int | None = None,
) -> None:
    """Step an item to another state. Raises ConflictError when the table of steps forbids it.

    `done` needs a proof and `unknown` may only become `queued` with one.
    """
    row = tx.db.execute("SELECT state, entity, entity_id FROM outbox WHERE id = ?", (item_id,)).fetchone()
    if row is None:
        raise NotFoundError("outbox_missing", uid=str(item_id))
    old = State(row["state"])
    step(old, new)
    if proof is None and (new is State.DONE or (old is State.UNKNOWN and new is not State.UNKNOWN)):
        raise ConflictError("outbox_proof_missing", state=old.value, wanted=new.value)
    tx.db.execute(
        "UPDATE outbox SET state = ?, reason = ?, proof = COALESCE(?, proof),"
        " platform_id = COALESCE(?, platform_id), next_attempt_at = COALESCE(?, next_attempt_at),"
        " settled_at = ?, updated_at = ? WHERE id = ?",
        (
            new.value,
            None if reason is None else as_json(dict(reason)),
            None if proof is None else as_json(dict(proof)),
            platform_id,
            next_attempt_at,
            tx.now_ms if new in FINAL else None,
            tx.now_ms,
            item_id,
        ),
    )
    _touch(tx, row["entity"], row["entity_id"], item_id)


def put_off(tx: Transaction, item_id: int, until: int, reason: Mapping[str, Any]) -> None:
    """A waiting item is not tried again before a moment."""
    tx.db.execute("UPDATE outbox SET next_attempt_at = ? WHERE id = ?", (until, item_id))
    note_reason(tx, item_id, reason)


def note_reason(tx: Transaction, item_id: int, reason: Mapping[str, Any]) -> None:
    """Say more about an item without a step."""
    tx.db.execute("UPDATE outbox SET reason = ? WHERE id = ?", (as_json(dict(reason)), item_id))
    tx.touch(Topic.OUTBOX, [item_id])


def state_of(tx: Transaction, item_id: int) -> State:
    """The item's state inside this transaction."""
    row = tx.db.execute("SELECT state FROM outbox WHERE id = ?", (item_id,)).fetchone()
    return State(row["state"])


def begin_attempt(tx: Transaction, item_id: int, *, mono_ms: int, boot_id: str, request_sha256: str) -> int:
    """in_flight and its attempt row in one commit, before the first byte; the attempt's id."""
    move(tx, item_id, State.IN_FLIGHT)
    tx.db.execute("UPDATE outbox SET attempts = attempts + 1 WHERE id = ?", (item_id,))
    cursor = tx.db.execute(
        "INSERT INTO attempt (outbox_id, n, started_at, started_mono_ms, boot_id, request_sha256)"
        " SELECT id, attempts, ?, ?, ?, ? FROM outbox WHERE id = ?",
        (tx.now_ms, mono_ms, boot_id, request_sha256, item_id),
    )
    return int(cursor.lastrowid or 0)


def end_attempt(
    tx: Transaction, attempt_id: int, outcome: str, code: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Write what is known about an attempt. A later proof overwrites U and keeps what stood there."""
    row = tx.db.execute(
        "SELECT outcome, detail, ended_at FROM attempt WHERE id = ?", (attempt_id,)
    ).fetchone()
    known = {**(json.loads(row["detail"]) if row["detail"] else {}), **(detail or {})}
    if row["outcome"] is not None and row["outcome"] != outcome:
        known["was"] = row["outcome"]
    tx.db.execute(
        "UPDATE attempt SET ended_at = COALESCE(ended_at, ?), outcome = ?, code = ?, detail = ?"
        " WHERE id = ?",
        (tx.now_ms, outcome, code, as_json(known), attempt_id),
    )


def recover(tx: Transaction, account_id: int | None = None) -> int:
    """Every in_flight item (of one account) becomes unknown, its attempt ends now as U; how many."""
    rows = tx.db.execute(
        "SELECT id FROM outbox WHERE state = 'in_flight' AND (? IS NULL OR account_id = ?)",
        (account_id, account_id),
    ).fetchall()
    for row in rows:
        tx.db.execute(
            "UPDATE attempt SET ended_at = ?, outcome = 'U', code = 'process_ended'"
            " WHERE outbox_id = ? AND outcome IS NULL",
            (tx.now_ms, row["id"]),
        )
        move(tx, row["id"], State.UNKNOWN, reason={"code": "process_ended"})
    return len(rows)


def miss_overdue(tx: Transaction, why: str) -> list[str]:
    """Waiting and held items whose window is over become missed; their uids."""
    rows = tx.db.execute(
        "SELECT id, uid FROM outbox WHERE state IN ('confirmed', 'queued', 'held')"
        " AND not_after IS NOT NULL AND not_after < ? ORDER BY id",
        (tx.now_ms,),
    ).fetchall()
    for row in rows:
        move(tx, row["id"], State.MISSED, reason={"code": why})
    return [row["uid"] for row in rows]


def hold_waiting(tx: Transaction, why: str) -> int:
    """Hold everything that waits; how many."""
    waiting = "SELECT id FROM outbox WHERE state IN ('confirmed', 'queued') ORDER BY id"
    rows = tx.db.execute(waiting).fetchall()
    for row in rows:
        move(tx, row["id"], State.HELD, reason={"code": why})
    return len(rows)


def adopt(tx: Transaction, item_id: int, device_id: str) -> None:
    """This computer takes the item over, after the operator looked at it."""
    tx.db.execute("UPDATE outbox SET device_id = ? WHERE id = ?", (device_id, item_id))


def has_overdue(conn: Any, now: int) -> bool:
    """Whether miss_overdue would find anything."""
    found = conn.execute(
        "SELECT 1 FROM outbox WHERE state IN ('confirmed', 'queued', 'held')"
        " AND not_after IS NOT NULL AND not_after < ? LIMIT 1",
        (now,),
    ).fetchone()
    return found is not None


def set_replaced(tx: Transaction, item_ids: Iterable[int], by: str) -> None:
    """Note that a later item stands for these."""
    for item_id in item_ids:
        tx.db.execute("UPDATE outbox SET replaced_by = ? WHERE id = ?", (by, item_id))
        tx.touch(Topic.OUTBOX, [item_id])


def by_uid(conn: Any, uid: str, *, with_payload: bool = False) -> OutboxItem:
    """One item. Raises NotFoundError('outbox_missing')."""
    columns = COLUMNS + (", payload" if with_payload else "")
    row = conn.execute(f"SELECT {columns} FROM outbox WHERE uid = ?", (uid,)).fetchone()
    if row is None:
        raise NotFoundError("outbox_missing", uid=uid)
    return item_of(row)


def of_entity(conn: Any, entity: str, entity_id: int) -> list[OutboxItem]:
    """All items of a post or drop, oldest first."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM outbox WHERE entity = ? AND entity_id = ? ORDER BY id", (entity, entity_id)
    )
    return [item_of(row) for row in rows]


def in_states(
    conn: Any, account_id: int, states: Sequence[State], *, with_payload: bool = False
) -> list[OutboxItem]:
    """Items of an account in any of the states, in confirm order."""
    columns = COLUMNS + (", payload" if with_payload else "")
    marks = ",".join("?" * len(states))
    rows = conn.execute(
        f"SELECT {columns} FROM outbox WHERE account_id = ? AND state IN ({marks}) ORDER BY id",
        (account_id, *(state.value for state in states)),
    )
    return [item_of(row) for row in rows]


def listed(conn: Any, state: str | None, search: str, limit: int, offset: int) -> list[OutboxItem]:
    """Items newest first, unknown ones before all others."""
    where, params = _filters(state, search)
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM outbox WHERE {where}"
        " ORDER BY (state = 'unknown') DESC, id DESC LIMIT ? OFFSET ?",
        (*params, limit, offset),
    )
    return [item_of(row) for row in rows]


def counted(conn: Any, state: str | None, search: str) -> int:
    """How many items `listed` would give without a limit."""
    where, params = _filters(state, search)
    return int(conn.execute(f"SELECT count(*) FROM outbox WHERE {where}", params).fetchone()[0])


def counts_by_state(conn: Any) -> dict[str, int]:
    """Items by state, states without items left out."""
    rows = conn.execute("SELECT state, count(*) AS n FROM outbox GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


def counts_since(conn: Any, account_id: int, since: int) -> dict[str, int]:
    """An account's items by state: unsettled ones, and those settled since a moment."""
    rows = conn.execute(
        "SELECT state, count(*) AS n FROM outbox WHERE account_id = ?"
        " AND (settled_at IS NULL OR settled_at >= ?) GROUP BY state",
        (account_id, since),
    )
    return {row["state"]: row["n"] for row in rows}


def due_until(conn: Any, until: int) -> list[OutboxItem]:
    """Waiting items that open before a moment, soonest first."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM outbox WHERE state IN ('confirmed', 'queued') AND not_before <= ?"
        " ORDER BY not_before, id",
        (until,),
    )
    return [item_of(row) for row in rows]


def attempts_of(conn: Any, item_id: int) -> list[Attempt]:
    """All tries of an item, first to last."""
    rows = conn.execute("SELECT * FROM attempt WHERE outbox_id = ? ORDER BY n", (item_id,))
    return [
        Attempt(
            row["id"],
            row["n"],
            row["started_at"],
            row["ended_at"],
            row["outcome"],
            row["code"],
            row["request_sha256"],
            json.loads(row["detail"]) if row["detail"] else None,
        )
        for row in rows
    ]


def tries_used(conn: Any, item_id: int) -> tuple[int, int]:
    """(tries that count, tries that ended in busy)."""
    row = conn.execute(
        "SELECT count(*) FILTER (WHERE coalesce(json_extract(detail, '$.free'), 0) = 0) AS used,"
        " count(*) FILTER (WHERE code = ?) AS busy FROM attempt WHERE outbox_id = ?",
        (BUSY, item_id),
    ).fetchone()
    return int(row["used"]), int(row["busy"])


def alike_seen(conn: Any, item_id: int) -> set[str]:
    """Look-alikes at the platform that the operator has seen and sends all the same."""
    row = conn.execute("SELECT alike_seen FROM outbox WHERE id = ?", (item_id,)).fetchone()
    return set(json.loads(row["alike_seen"]))


def note_alike_seen(tx: Transaction, item_id: int, platform_ids: Iterable[str]) -> None:
    """The operator looked at these and lets the item go."""
    seen = sorted(alike_seen(tx.db.conn, item_id) | set(platform_ids))
    tx.db.execute("UPDATE outbox SET alike_seen = ? WHERE id = ?", (as_json(seen), item_id))


def item_of(row: Any) -> OutboxItem:
    """A row of COLUMNS (with or without payload) as data."""
    facts = dict(row)
    for name in ("summary", "reason", "proof"):
        facts[name] = json.loads(facts[name]) if facts[name] else None
    facts["state"] = State(facts["state"])
    facts["summary"] = facts["summary"] or {}
    return OutboxItem(**facts)


def _filters(state: str | None, search: str) -> tuple[str, list[Any]]:
    clauses, params = ["1"], []
    if state:
        clauses.append("state = ?")
        params.append(state)
    if search.strip():
        clauses.append("instr(lower(summary || uid || coalesce(platform_id, '')), lower(?)) > 0")
        params.append(search.strip())
    return " AND ".join(clauses), params


def _touch(tx: Transaction, entity: str, entity_id: int, item_id: int) -> None:
    tx.touch(Topic.OUTBOX, [item_id])
    tx.touch(ENTITY_TOPICS[entity], [entity_id])
