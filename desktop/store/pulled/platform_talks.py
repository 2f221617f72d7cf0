"""Service desks and their messages as a platform tells them: a page and its cursor in one transaction.

The same page any number of times changes nothing. Who wrote becomes a fan; each message of theirs is an
interaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.outbox import State
from desktop.domain.talks import (
    FAILS_WITHIN_MS,
    REPLY_WINDOW_MS,
    Answerer,
    DeskRecord,
    Direction,
    PersonRecord,
    TalkPage,
    TalkRecord,
    TalkState,
)
from desktop.store.database import as_json
from desktop.store.fans import fan_stats
from desktop.store.fans.known_people import KnownPeople
from desktop.store.pulled.platform_people import keys_of
from desktop.store.sends import deliveries
from desktop.store.sends import outbox as outbox_rows
from desktop.store.transaction import Transaction

TALKS = "talks"
SESSION_CHANGES = {
    1: Answerer.STAFF,
    2: Answerer.STAFF,
    3: Answerer.ENDED,
    4: Answerer.STAFF,
}  # picked up, handed on, ended, taken up again by staff
RECALLS = ("user_recall_msg", "servicer_recall_msg")
REFRESH = """
UPDATE conversation AS c SET
    last_in_at = (SELECT max(at) FROM message WHERE conversation_id = c.id AND direction = 'in'),
    last_out_at = (SELECT max(at) FROM message WHERE conversation_id = c.id
        AND direction IN ('staff', 'out')),
    (last_at, last_text, last_kind, last_direction) = (SELECT m.at, substr(m.text, 1, 200), m.kind,
        m.direction FROM message m LEFT JOIN outbox o ON o.id = m.outbox_id
        WHERE m.conversation_id = c.id AND coalesce(o.state, '') <> 'cancelled'
        ORDER BY m.direction = 'event', m.at DESC, m.id DESC LIMIT 1)
WHERE c.id = ? AND EXISTS (SELECT 1 FROM message WHERE conversation_id = c.id)
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk known here, and where its messages were read to."""

    id: int
    external_id: str
    cursor: str


@dataclass(slots=True)
class Ingested:
    """What one page changed here: new messages, and the talks they belong to."""

    new: int = 0
    touched: set[int] = field(default_factory=set)


def ingest_desks(tx: Transaction, account: Account, records: Sequence[DeskRecord]) -> bool:
    """Take in the complete list of desks; whether anything changed. An empty list ends nothing."""
    rows = tx.db.execute("SELECT * FROM desk WHERE account_id = ?", (account.id,)).fetchall()
    known = {str(row["external_id"]): row for row in rows}
    changed = False
    for record in records:
        row = known.get(record.external_id)
        told = (record.name, int(record.is_ours), None)
        if row is not None and told == (row["name"], row["is_ours"], row["removed_at"]):
            continue
        changed = True
        tx.db.execute(
            "INSERT INTO desk (account_id, external_id, name, is_ours) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (account_id, external_id) DO UPDATE SET name = excluded.name,"
            " is_ours = excluded.is_ours, removed_at = NULL",
            (account.id, record.external_id, record.name, int(record.is_ours)),
        )
    present = {record.external_id for record in records}
    gone = [row["id"] for key, row in known.items() if key not in present and row["removed_at"] is None]
    if records and gone:
        changed = True
        tx.db.conn.executemany(
            "UPDATE desk SET removed_at = ? WHERE id = ?", [(tx.now_ms, desk_id) for desk_id in gone]
        )
    if changed:
        tx.touch(Topic.CONVERSATION)
    return changed


def own_desks(conn: Any, account_id: int) -> list[Desk]:
    """Desks this account may answer at, in the order they were met."""
    rows = conn.execute(
        "SELECT id, external_id, cursor FROM desk WHERE account_id = ? AND is_ours = 1"
        " AND removed_at IS NULL ORDER BY id",
        (account_id,),
    )
    return [Desk(int(row["id"]), str(row["external_id"]), str(row["cursor"])) for row in rows]


def nameless(conn: Any, desk_id: int, person_ids: Iterable[str]) -> list[str]:
    """Those of these customers whose name nobody has told yet."""
    wanted = sorted(set(person_ids) - {""})
    rows = conn.execute(
        "SELECT external_id FROM conversation WHERE desk_id = ? AND name <> ''"
        " AND external_id IN (SELECT value FROM json_each(?))",
        (desk_id, as_json(wanted)),
    )
    known = {str(row[0]) for row in rows}
    return [person_id for person_id in wanted if person_id not in known]


def ingest_page(
    tx: Transaction, account: Account, desk: Desk, page: TalkPage, people: Mapping[str, PersonRecord]
) -> Ingested:
    """Take in one page of a desk and note its cursor. Ids known already are left as they are."""
    done = Ingested()
    talks = _talks(tx, account, desk, page.items, people, done)
    spoken: list[tuple[int, TalkRecord]] = []
    for record in page.items:
        talk_id = talks.get(record.person_id)
        if talk_id is None or not _insert(tx, talk_id, record):
            continue
        done.new += 1
        done.touched.add(talk_id)
        _follow_up(tx, talk_id, record)
        if record.direction is Direction.IN:
            spoken.append((talk_id, record))
    _note_interactions(tx, account, spoken)
    refresh(tx, done.touched)
    tx.db.execute("UPDATE desk SET cursor = ? WHERE id = ?", (page.next_cursor, desk.id))
    return done


def note_read_to_end(tx: Transaction, desk: Desk) -> None:
    """The desk was read to its end. Replies nobody complained about in ten minutes count as arrived."""
    tx.db.execute("UPDATE desk SET read_to_end_at = ? WHERE id = ?", (tx.now_ms, desk.id))
    rows = tx.db.execute(
        "SELECT o.id, m.conversation_id FROM message m JOIN outbox o ON o.id = m.outbox_id"
        " JOIN conversation c ON c.id = m.conversation_id"
        " JOIN delivery d ON d.outbox_id = o.id AND d.status = 'unknown'"
        " WHERE c.desk_id = ? AND o.state = 'done' AND m.failed_code IS NULL AND m.at <= ?",
        (desk.id, tx.now_ms - FAILS_WITHIN_MS),
    ).fetchall()
    for row in rows:
        tx.db.execute(
            "UPDATE delivery SET status = 'sent', sent_at = ?, updated_at = ? WHERE outbox_id = ?",
            (tx.now_ms, tx.now_ms, row[0]),
        )
        tx.touch(Topic.OUTBOX, [row[0]])
        tx.touch(Topic.CONVERSATION, [row[1]])


def forget_cursor(tx: Transaction, desk: Desk) -> None:
    """Begin at the start of the platform's memory next time."""
    tx.db.execute("UPDATE desk SET cursor = '' WHERE id = ?", (desk.id,))


def open_talks(conn: Any, desk_id: int, now: int, limit: int) -> list[tuple[int, str]]:
    """(talk id, customer's id) of those who wrote within the reply window, newest first."""
    rows = conn.execute(
        "SELECT id, external_id FROM conversation WHERE desk_id = ? AND last_in_at >= ?"
        " ORDER BY last_in_at DESC LIMIT ?",
        (desk_id, now - REPLY_WINDOW_MS, limit),
    )
    return [(int(row[0]), str(row[1])) for row in rows]


def set_state(tx: Transaction, talk_id: int, told: TalkState) -> bool:
    """Note who answers a customer; whether that is news."""
    cursor = tx.db.execute(
        "UPDATE conversation SET state = ?, staff_external_id = ? WHERE id = ?"
        " AND (state <> ? OR staff_external_id <> ?)",
        (told.answerer, told.staff_id, talk_id, told.answerer, told.staff_id),
    )
    if cursor.rowcount:
        tx.touch(Topic.CONVERSATION, [talk_id])
    return bool(cursor.rowcount)


def refresh(tx: Transaction, talk_ids: Iterable[int]) -> None:
    """Say again what is last in these talks."""
    for talk_id in talk_ids:
        tx.db.execute(REFRESH, (talk_id,))
        tx.touch(Topic.CONVERSATION, [talk_id])


def _talks(
    tx: Transaction,
    account: Account,
    desk: Desk,
    records: Sequence[TalkRecord],
    people: Mapping[str, PersonRecord],
    done: Ingested,
) -> dict[str, int]:
    """Talk ids by customer, those of new customers added with the fan behind them."""
    first_at: dict[str, int] = {}
    for record in records:
        if record.person_id:
            at = first_at.get(record.person_id, record.at)
            first_at[record.person_id] = min(at, record.at)
    rows = tx.db.execute(
        "SELECT id, external_id, name FROM conversation WHERE desk_id = ?"
        " AND external_id IN (SELECT value FROM json_each(?))",
        (desk.id, as_json(sorted(first_at))),
    ).fetchall()
    talks = {str(row["external_id"]): int(row["id"]) for row in rows}
    named = {str(row["external_id"]) for row in rows if row["name"]}
    news = [p for p in first_at if p not in talks or (p in people and p not in named)]
    identities = _identities(tx, account, news, people, first_at)
    for person_id in news:
        if person_id not in identities:
            continue
        name = people[person_id].name if person_id in people else ""
        if person_id in talks:
            tx.db.execute("UPDATE conversation SET name = ? WHERE id = ?", (name, talks[person_id]))
        else:
            cursor = tx.db.execute(
                "INSERT INTO conversation (uid, desk_id, external_id, identity_id, name, last_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (tx.new_uid(), desk.id, person_id, identities[person_id], name, first_at[person_id]),
            )
            talks[person_id] = int(cursor.lastrowid or 0)
        tx.touch(Topic.CONVERSATION, [talks[person_id]])
    return talks


def _identities(
    tx: Transaction,
    account: Account,
    person_ids: Sequence[str],
    people: Mapping[str, PersonRecord],
    first_at: Mapping[str, int],
) -> dict[str, int]:
    """Identity ids of these customers, who was erased left out. A customer of the desk is the customer
    staff may know."""
    told = {one: people.get(one, PersonRecord(one)) for one in person_ids}
    known = KnownPeople()
    known.look(
        tx.db, [key for one in told.values() for key in keys_of(account, one.external_id, one.union_id)]
    )
    found = {}
    for one in told.values():
        keys = keys_of(account, one.external_id, one.union_id)
        origin = f"sync:{account.uid}"
        resolved = known.resolve(tx, keys, one.name, None, origin, first_at[one.external_id], account.id)
        if resolved is not None:
            found[one.external_id] = resolved.identity_id
    known.flush(tx)
    here = [one for one in told.values() if one.external_id in found]
    tx.db.conn.executemany(
        "UPDATE identity SET name = ?, avatar_url = ? WHERE id = ? AND name = '' AND avatar_url = ''",
        [(one.name, one.avatar_url, found[one.external_id]) for one in here if one.name],
    )
    tx.db.conn.executemany(
        "UPDATE identity SET avatar_url = ? WHERE id = ? AND avatar_url = ''",
        [(one.avatar_url, found[one.external_id]) for one in here if one.avatar_url],
    )
    return found


def _insert(tx: Transaction, talk_id: int, record: TalkRecord) -> bool:
    """One message, once; whether it was new."""
    cursor = tx.db.execute(
        "INSERT OR IGNORE INTO message (conversation_id, external_id, direction, kind, text, facts,"
        " staff_external_id, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            talk_id,
            record.external_id,
            record.direction,
            record.kind,
            record.text,
            as_json(dict(record.facts)),
            record.staff_id,
            record.at,
        ),
    )
    return bool(cursor.rowcount)


def _follow_up(tx: Transaction, talk_id: int, record: TalkRecord) -> None:
    """What a new message or event says beyond itself."""
    if record.direction is Direction.IN:  # a customer who writes opens an ended session again
        tx.db.execute("UPDATE conversation SET state = '' WHERE id = ? AND state = 'ended'", (talk_id,))
    elif record.kind == "msg_send_fail":
        _failed(tx, talk_id, record)
    elif record.kind == "session_status_change":
        answerer = SESSION_CHANGES.get(record.facts.get("change_type", 0))
        if answerer is not None:
            staff_id = record.staff_id if answerer is Answerer.STAFF else ""
            set_state(tx, talk_id, TalkState(answerer, staff_id))
    elif record.kind in RECALLS:
        tx.db.execute(
            "UPDATE message SET facts = json_set(facts, '$.recalled', 1)"
            " WHERE conversation_id = ? AND external_id = ?",
            (talk_id, str(record.facts.get("recall_msgid", ""))),
        )


def _failed(tx: Transaction, talk_id: int, event: TalkRecord) -> None:
    """A reply that the platform took did not arrive. That it was taken is proven by this word too."""
    key = str(event.facts.get("fail_msgid", ""))
    code = str(event.facts.get("fail_type", ""))
    row = tx.db.execute(
        "SELECT m.id, m.outbox_id, o.state FROM message m LEFT JOIN outbox o ON o.id = m.outbox_id"
        " WHERE m.conversation_id = ? AND m.external_id = ? AND m.direction = 'out'",
        (talk_id, key),
    ).fetchone()
    if row is None:
        return
    tx.db.execute("UPDATE message SET failed_code = ? WHERE id = ?", (code, row["id"]))
    if row["outbox_id"] is None:
        return
    if row["state"] == State.UNKNOWN:
        proof = {"by": "event", "platform_id": key, "at": tx.now_ms}
        outbox_rows.move(tx, row["outbox_id"], State.DONE, proof=proof, platform_id=key)
    for target in _targets(tx, row["outbox_id"]):
        deliveries.set_status(tx, row["outbox_id"], [target], "refused")
    tx.touch(Topic.OUTBOX, [row["outbox_id"]])


def _targets(tx: Transaction, outbox_id: int) -> list[str]:
    rows = tx.db.execute("SELECT target_external_id FROM delivery WHERE outbox_id = ?", (outbox_id,))
    return [str(row[0]) for row in rows.fetchall()]


def _note_interactions(tx: Transaction, account: Account, spoken: Sequence[tuple[int, TalkRecord]]) -> None:
    """Each message of a customer is an interaction of theirs, once."""
    touched: set[int] = set()
    for talk_id, record in spoken:
        row = tx.db.execute(
            "SELECT i.fan_id, i.id FROM conversation c JOIN identity i ON i.id = c.identity_id WHERE c.id = ?",
            (talk_id,),
        ).fetchone()
        cursor = tx.db.execute(
            "INSERT OR IGNORE INTO interaction (uid, fan_id, identity_id, kind, at, domain, channel, origin,"
            " external_key) VALUES (?, ?, ?, 'dm', ?, 'private', ?, ?, ?)",
            (
                tx.new_uid(),
                row["fan_id"],
                row["id"],
                record.at,
                account.platform,
                f"sync:{account.uid}",
                f"sync:{account.uid}:dm:{record.external_id}",
            ),
        )
        if cursor.rowcount:
            touched.add(int(row["fan_id"]))
    if touched:
        tx.touch(Topic.INTERACTION)
        fan_stats.refresh(tx, touched)
