"""Signs of interest as a platform tells them: who showed it becomes a fan, each sign is one interaction, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop.domain.accounts import Account
from desktop.domain.changes import Topic
from desktop.domain.public_accounts import ThreadRecord, TouchRecord
from desktop.domain.talks import PersonRecord
from desktop.store.fans import fan_stats
from desktop.store.fans.known_people import KnownPeople
from desktop.store.pulled.platform_people import keys_of
from desktop.store.transaction import Transaction

ADD = (
    "INSERT OR IGNORE INTO interaction (uid, fan_id, identity_id, kind, at, domain, channel, note, origin,"
    " external_key) VALUES (?, ?, ?, ?, ?, 'public', ?, ?, ?, ?)"
)
MAX_NOTE = 200


def people_of(
    tx: Transaction, account: Account, first_at: Mapping[str, int], names: Mapping[str, PersonRecord]
) -> dict[str, tuple[int, int]]:
    """(fan, identity) of these people of the account's platform, added when new; by the platform's ids.

    Who was erased here is left out.
    """
    known = KnownPeople()
    keys = {person_id: keys_of(account, person_id, "") for person_id in first_at}
    known.look(tx.db, [key for each in keys.values() for key in each])
    found: dict[str, tuple[int, int]] = {}
    for person_id, at in first_at.items():
        told = names.get(person_id, PersonRecord(person_id))
        fan = known.resolve(
            tx,
            keys[person_id],
            told.name,
            None,
            f"sync:{account.uid}",
            at,
            account.id,
            avatar_url=told.avatar_url,
        )
        if fan is not None:
            found[person_id] = fan.fan_id, fan.identity_id
    known.flush(tx)
    return found


def ingest(
    tx: Transaction,
    account: Account,
    touches: Sequence[TouchRecord],
    names: Mapping[str, PersonRecord],
) -> int:
    """Take in signs of interest; how many were new."""
    if not touches:
        return 0
    first_at: dict[str, int] = {}
    for touch in touches:
        first_at[touch.person_id] = min(touch.at, first_at.get(touch.person_id, touch.at))
    people = people_of(tx, account, first_at, names)
    origin, new, touched = f"sync:{account.uid}", 0, set()
    for touch in touches:
        if touch.person_id not in people:
            continue
        fan_id, identity_id = people[touch.person_id]
        cursor = tx.db.execute(
            ADD,
            (
                tx.new_uid(),
                fan_id,
                identity_id,
                touch.kind,
                touch.at,
                account.platform,
                touch.note[:MAX_NOTE],
                origin,
                f"{origin}:{touch.key}",
            ),
        )
        if cursor.rowcount:
            new += 1
            touched.add(fan_id)
    if touched:
        tx.touch(Topic.INTERACTION)
        fan_stats.refresh(tx, touched)
    return new


def set_threads(tx: Transaction, desk_id: int, threads: Sequence[ThreadRecord]) -> None:
    """Note the platform's own names of talks; they live long and are told with each message."""
    for thread in threads:
        tx.db.execute(
            "UPDATE conversation SET thread_id = ? WHERE desk_id = ? AND external_id = ? AND thread_id <> ?",
            (thread.thread_id, desk_id, thread.person_id, thread.thread_id),
        )


def own_replies(tx: Transaction, desk_id: int, message_ids: Sequence[str]) -> set[str]:
    """Those of these messages that are replies of ours, by the id the platform gave them when it took them."""
    found = set()
    for message_id in message_ids:
        row = tx.db.execute(
            "SELECT 1 FROM outbox o JOIN message m ON m.outbox_id = o.id JOIN conversation c"
            " ON c.id = m.conversation_id WHERE c.desk_id = ? AND o.platform_id = ?",
            (desk_id, message_id),
        ).fetchone()
        if row is not None:
            found.add(message_id)
    return found
