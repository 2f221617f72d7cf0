"""Ways in: rows of entry_way, made here or found at the platform, with how many people came through each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.entry_ways import CONTACT, EntryWayDraft
from desktop.domain.errors import NotFoundError
from desktop.domain.platform_records import EntryWayRecord
from desktop.store.transaction import Transaction

ENTITY = "entry_way"
READ = "contact_ways_read"  # the mark stream of contact ways whose details were read lately
CAME = """
SELECT f.state, count(DISTINCT f.identity_id) FROM follow f
WHERE f.state IN (SELECT value FROM json_each(?)) GROUP BY f.state
"""
FIELDS = "name, staff, groups, skip_verify, auto_create, base_name, base_id"


@dataclass(frozen=True, slots=True)
class EntryWay:
    """One way in as it stands here. `external_id` is None until the platform made it."""

    id: int
    uid: str
    account_id: int
    draft: EntryWayDraft
    external_id: str | None
    state: str
    qr_url: str
    created_at: int
    updated_at: int

    @property
    def kind(self) -> str:
        """contact or join."""
        return self.draft.kind


@dataclass(frozen=True, slots=True)
class Choice:
    """Staff or a group that a way may lead to."""

    account_id: int
    external_id: str
    name: str


def insert(tx: Transaction, account_id: int, draft: EntryWayDraft, origin: str) -> EntryWay:
    """A way that the platform does not have yet."""
    uid = tx.new_uid()
    cursor = tx.db.execute(
        f"INSERT INTO entry_way (uid, account_id, kind, {FIELDS}, origin, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (uid, account_id, draft.kind, *_told(draft), origin, tx.now_ms, tx.now_ms),
    )
    way_id = int(cursor.lastrowid or 0)
    tx.touch(Topic.ENTRY_WAY, [way_id])
    return by_id(tx.db.conn, way_id)


def rows(conn: Any, kind: str) -> list[EntryWay]:
    """Every way of a kind that is not gone, newest first."""
    found = conn.execute(
        "SELECT * FROM entry_way WHERE kind = ? AND removed_at IS NULL ORDER BY created_at DESC, id DESC",
        (kind,),
    )
    return [_way(row) for row in found]


def by_uid(conn: Any, uid: str) -> EntryWay:
    """One way. Raises NotFoundError('way_missing')."""
    row = conn.execute("SELECT * FROM entry_way WHERE uid = ? AND removed_at IS NULL", (uid,)).fetchone()
    if row is None:
        raise NotFoundError("way_missing", uid=uid)
    return _way(row)


def by_id(conn: Any, way_id: int) -> EntryWay:
    """One way by its local id, also one that is gone."""
    return _way(conn.execute("SELECT * FROM entry_way WHERE id = ?", (way_id,)).fetchone())


def set_draft(tx: Transaction, way_id: int, draft: EntryWayDraft) -> None:
    """What the way says and whom it leads to."""
    tx.db.execute(
        "UPDATE entry_way SET name = ?, staff = ?, groups = ?, skip_verify = ?, auto_create = ?,"
        " base_name = ?, base_id = ?, updated_at = ? WHERE id = ?",
        (*_told(draft), tx.now_ms, way_id),
    )
    tx.touch(Topic.ENTRY_WAY, [way_id])


def set_state(tx: Transaction, way_id: int, state: str) -> None:
    """The mark that people who come this way will carry."""
    tx.db.execute("UPDATE entry_way SET state = ? WHERE id = ?", (state, way_id))


def created(tx: Transaction, way_id: int, external_id: str, state: str, qr_url: str) -> None:
    """The platform made it. A row that a pull had already found for it gives way to this one.

    Without an id (nobody told it) a pull may still know the way by its mark.
    """
    way = by_id(tx.db.conn, way_id)
    tx.db.execute(
        "DELETE FROM entry_way WHERE account_id = ? AND kind = ? AND external_id = ? AND id <> ?",
        (way.account_id, way.kind, external_id, way_id),
    )
    tx.db.execute(
        "UPDATE entry_way SET external_id = ?, state = ?, qr_url = CASE WHEN ? = '' THEN qr_url ELSE ? END,"
        " removed_at = NULL, updated_at = ? WHERE id = ?",
        (external_id or None, state, qr_url, qr_url, tx.now_ms, way_id),
    )
    tx.touch(Topic.ENTRY_WAY, [way_id])


def has_id(conn: Any, account_id: int, kind: str, external_id: str) -> bool:
    """Whether a way that is not gone already stands for this id at the platform."""
    found = conn.execute(
        "SELECT 1 FROM entry_way WHERE account_id = ? AND kind = ? AND external_id = ?"
        " AND removed_at IS NULL",
        (account_id, kind, external_id),
    )
    return found.fetchone() is not None


def remove(tx: Transaction, way_ids: Iterable[int]) -> None:
    """The ways are gone."""
    gone = list(way_ids)
    tx.db.conn.executemany(
        "UPDATE entry_way SET removed_at = ? WHERE id = ?", [(tx.now_ms, way_id) for way_id in gone]
    )
    tx.touch(Topic.ENTRY_WAY, gone)


def came(conn: Any, ways: Sequence[EntryWay]) -> dict[int, int]:
    """How many customers came through each, by the mark their friendship carries."""
    states = {way.state: way.id for way in ways if way.state}
    counts = conn.execute(CAME, (json.dumps(sorted(states)),)).fetchall()
    return {states[row[0]]: int(row[1]) for row in counts}


def joined(conn: Any, ways: Sequence[EntryWay]) -> dict[int, int]:
    """How many people came into groups through each, by the mark their membership carries."""
    states = {way.state: way.id for way in ways if way.state}
    counts = conn.execute(
        "SELECT state, count(DISTINCT external_id) FROM group_member"
        " WHERE state IN (SELECT value FROM json_each(?)) GROUP BY state",
        (json.dumps(sorted(states)),),
    ).fetchall()
    return {states[row[0]]: int(row[1]) for row in counts}


def said_to_be_made(conn: Any) -> set[int]:
    """Ways whose making is settled as done although their id at the platform is not known."""
    found = conn.execute(
        "SELECT w.id FROM entry_way w JOIN outbox o ON o.entity = 'entry_way' AND o.entity_id = w.id"
        " WHERE w.external_id IS NULL AND w.removed_at IS NULL AND o.state = 'done'"
    )
    return {int(row[0]) for row in found}


def made_since(conn: Any, account: Account, since: int) -> set[int]:
    """Ways that the platform was told to make from here, and did, since a time (UTC ms)."""
    found = conn.execute(
        "SELECT entity_id FROM outbox WHERE settled_at >= ? AND account_id = ? AND entity = 'entry_way'"
        " AND kind LIKE '%.add' AND state = 'done'",
        (since, account.id),
    )
    return {int(row[0]) for row in found}


def staff_choices(conn: Any) -> list[Choice]:
    """Staff a contact way may lead to."""
    found = conn.execute(
        "SELECT account_id, external_id, name FROM staff WHERE removed_at IS NULL ORDER BY name, external_id"
    )
    return [Choice(row[0], row[1], row[2] or row[1]) for row in found]


def group_choices(conn: Any) -> list[Choice]:
    """Groups a join way may lead to: WeCom's, for no other platform makes such ways."""
    found = conn.execute(
        "SELECT g.account_id, g.external_id, g.name FROM fan_group g JOIN account a ON a.id = g.account_id"
        " WHERE g.removed_at IS NULL AND a.platform = 'wecom' ORDER BY g.name = '', g.name, g.external_id"
    )
    return [Choice(row[0], row[1], row[2]) for row in found]


# -- what the platform tells


def known(conn: Any, account: Account, kind: str) -> dict[str, EntryWay]:
    """Ways of an account that the platform has made and that are not gone, by its ids."""
    found = conn.execute(
        "SELECT * FROM entry_way WHERE account_id = ? AND kind = ? AND external_id IS NOT NULL"
        " AND removed_at IS NULL",
        (account.id, kind),
    )
    return {str(row["external_id"]): _way(row) for row in found.fetchall()}


def ingest(
    tx: Transaction, account: Account, kind: str, records: Sequence[EntryWayRecord]
) -> tuple[int, int]:
    """Take in ways as the platform keeps them; (how many are new here, how many changed).

    A way that is being made from here, whose answer has not come yet, is known by its mark.
    """
    new = changed = 0
    for record in records:
        row = _held(tx, account, kind, record)
        told = (record.state, record.qr_url, *_told(_draft(kind, record)))
        if row is None:
            fresh = insert(tx, account.id, _draft(kind, record), f"sync:{account.uid}")
            created(tx, fresh.id, record.external_id, record.state, record.qr_url)
            new += 1
            continue
        held = tuple(row[name] for name in ("state", "qr_url", *FIELDS.split(", ")))
        if row["external_id"] == record.external_id and row["removed_at"] is None and held == told:
            continue
        set_draft(tx, row["id"], _draft(kind, record))
        created(tx, row["id"], record.external_id, record.state, record.qr_url)
        changed += 1
    return new, changed


def _held(tx: Transaction, account: Account, kind: str, record: EntryWayRecord) -> Any:
    return tx.db.execute(
        "SELECT * FROM entry_way WHERE account_id = ? AND kind = ? AND (external_id = ?"
        " OR (external_id IS NULL AND state <> '' AND state = ? AND removed_at IS NULL))"
        " ORDER BY external_id IS NULL LIMIT 1",
        (account.id, kind, record.external_id, record.state),
    ).fetchone()


def _draft(kind: str, record: EntryWayRecord) -> EntryWayDraft:
    if kind == CONTACT:
        return EntryWayDraft(kind, record.name, record.staff_ids, skip_verify=record.skip_verify)
    return EntryWayDraft(
        kind,
        record.name,
        groups=record.group_ids,
        auto_create=record.auto_create,
        base_name=record.base_name,
        base_id=record.base_id,
    )


def _told(draft: EntryWayDraft) -> tuple[Any, ...]:
    return (
        draft.name,
        json.dumps(list(draft.staff), ensure_ascii=False),
        json.dumps(list(draft.groups), ensure_ascii=False),
        int(draft.skip_verify),
        int(draft.auto_create),
        draft.base_name,
        draft.base_id,
    )


def _way(row: Any) -> EntryWay:
    draft = EntryWayDraft(
        row["kind"],
        row["name"],
        tuple(json.loads(row["staff"])),
        tuple(json.loads(row["groups"])),
        bool(row["skip_verify"]),
        bool(row["auto_create"]),
        row["base_name"],
        row["base_id"] or 0,
    )
    return EntryWay(
        row["id"],
        row["uid"],
        row["account_id"],
        draft,
        row["external_id"],
        row["state"],
        row["qr_url"],
        row["created_at"],
        row["updated_at"],
    )
