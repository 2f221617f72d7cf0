"""Rows of people who go, table by table, in one transaction with everything that points at them.

Orders and claims keep goods and money and lose the person, so that sums stay right. A table that comes to
point at people must be named here: a test compares with the schema.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.imports import OF_NOBODY
from desktop.store.database import as_json
from desktop.store.erasures.going import Going
from desktop.store.transaction import Transaction

FANS = "IN (SELECT value FROM json_each(:fans))"
WHO = "IN (SELECT value FROM json_each(:identities))"
TALKS = f"IN (SELECT id FROM conversation WHERE identity_id {WHO})"

# Table and which of its rows go, those first that point at others.
GOING = (
    ("message", f"conversation_id {TALKS}"),
    ("conversation", f"identity_id {WHO}"),
    ("follow", f"identity_id {WHO}"),
    ("follower", f"identity_id {WHO}"),
    ("group_member", f"identity_id {WHO}"),
    ("join_request", f"identity_id {WHO}"),
    ("article_comment", f"identity_id {WHO}"),
    ("video_comment", f"identity_id {WHO}"),
    ("interaction", f"fan_id {FANS}"),
    ("consent", f"fan_id {FANS}"),
    ("suppression", f"fan_id {FANS}"),
    ("fan_tag", f"fan_id {FANS}"),
    ("fan_untag", f"fan_id {FANS}"),
    ("tier_change", f"fan_id {FANS}"),
    ("segment_member", f"fan_id {FANS}"),
    ("fan_merge", f"kept_fan_id {FANS} OR merged_fan_id {FANS}"),
    ("match_refusal", f"fan_id {FANS} OR other_id {FANS}"),
    ("match_union", f"identity_id {WHO} OR other_id {WHO}"),
)
PERSONS = (("identity", f"id {WHO}"), ("fan_stats", f"fan_id {FANS}"), ("fan", f"id {FANS}"))
LEFT = frozenset({"order", "drop_claim", "delivery"})  # whose rows stay, without the person
# What stays loses them.
LOSING = (
    f"UPDATE interaction SET referred_fan_id = NULL, home_referred_id = NULL WHERE referred_fan_id {FANS}",
    "UPDATE group_member SET invitor_external_id = NULL"
    " WHERE invitor_external_id IN (SELECT value FROM json_each(:externals))",
    "UPDATE drop_claim SET fan_id = NULL, home_fan_id = NULL, name = '', code = '', external_key = NULL"
    f" WHERE fan_id {FANS}",
    "UPDATE \"order\" SET fan_id = NULL, home_fan_id = NULL, identity_id = NULL, receiver = '{}'"
    f" WHERE fan_id {FANS} OR identity_id {WHO}",
    *(
        f"UPDATE {table} SET home_fan_id = NULL WHERE home_fan_id {FANS}"
        for table in ("identity", '"order"', "drop_claim", "consent", "interaction")
    ),
    f"UPDATE interaction SET home_referred_id = NULL WHERE home_referred_id {FANS}",
    f"UPDATE interaction SET identity_id = NULL WHERE identity_id {WHO}",
)
ORDERS = f'SELECT id, extra FROM "order" WHERE fan_id {FANS} OR identity_id {WHO}'
EFFECTS = f"""
DELETE FROM import_effect WHERE (entity = 'fan' AND entity_id {FANS}) OR (entity = 'identity' AND entity_id {WHO})
    OR (entity = 'interaction' AND entity_id IN (SELECT id FROM interaction WHERE fan_id {FANS}))
    OR (entity = 'fan_tag' AND entity_id IN (SELECT rowid FROM fan_tag WHERE fan_id {FANS}))
    OR (entity = 'tier_change' AND entity_id IN (SELECT id FROM tier_change WHERE fan_id {FANS}))
    OR (entity = 'consent' AND entity_id IN (SELECT id FROM consent WHERE fan_id {FANS}))
"""
ORDER_EFFECTS = (
    "SELECT id, before FROM import_effect WHERE entity = 'order' AND action = 'changed'"
    " AND entity_id IN (SELECT value FROM json_each(?))"
)
OF_PERSON = ("fan_id", "identity_id", "receiver", "extra")  # columns of an order that tell of somebody
TOPICS = (
    Topic.FAN, Topic.ORDER, Topic.INTERACTION, Topic.TAG, Topic.TIER, Topic.CLAIM, Topic.GROUP,
    Topic.CONVERSATION, Topic.ARTICLE, Topic.STATISTIC, Topic.IMPORT,
)  # fmt: skip


def count(conn: Any, one: Going) -> tuple[dict[str, int], int]:
    """(rows that would go, by table; orders that would lose the person)."""
    found = {}
    for table, which in (*GOING, *PERSONS):
        n = int(conn.execute(f"SELECT count(*) FROM {table} WHERE {which}", one.given()).fetchone()[0])
        if n:
            found[table] = n
    return found, len(conn.execute(ORDERS, one.given()).fetchall())


def remove(tx: Transaction, one: Going) -> Counter[str]:
    """Take these people out of every table; rows that went, by table. Call it after `sends.remove`."""
    given = one.given()
    _forget_effects(tx, one)
    gone: Counter[str] = Counter()
    orders = tx.db.execute(ORDERS, given).fetchall()
    for row in orders:
        if row["extra"] != "{}":
            extra = {name: value for name, value in json.loads(row["extra"]).items() if name in OF_NOBODY}
            tx.db.execute('UPDATE "order" SET extra = ? WHERE id = ?', (as_json(extra), row["id"]))
    for statement in LOSING:
        tx.db.execute(statement, given)
    for table, which in (*GOING, *PERSONS):
        gone[table] += tx.db.execute(f"DELETE FROM {table} WHERE {which}", given).rowcount
    for topic in TOPICS:
        tx.touch(topic)
    return +gone


def _forget_effects(tx: Transaction, one: Going) -> None:
    """An import that is taken back later must not put anything of them in place."""
    tx.db.execute(EFFECTS, one.given())
    orders = [row["id"] for row in tx.db.execute(ORDERS, one.given()).fetchall()]
    for row in tx.db.execute(ORDER_EFFECTS, (json.dumps(orders),)).fetchall():
        before = {name: was for name, was in json.loads(row["before"]).items() if name not in OF_PERSON}
        tx.db.execute("UPDATE import_effect SET before = ? WHERE id = ?", (as_json(before), row["id"]))
