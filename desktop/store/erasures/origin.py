"""Everything that came from one platform: by its accounts, and by files of its own kind.

Who is known from nowhere else goes altogether. Whoever is known elsewhere too keeps the rest. Nobody is kept
out: an account that is connected again brings them back.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.erasures import Needles, PurgePlan
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.domain.identity import IdentityKey
from desktop.store.consents import consents
from desktop.store.erasures import rows, sends, traces
from desktop.store.erasures.going import JOINED, Going
from desktop.store.fans import fan_stats, identities
from desktop.store.tiers import tiers
from desktop.store.transaction import Transaction

ORIGINS = "IN (SELECT value FROM json_each(:origins))"
ACCOUNTS = "IN (SELECT value FROM json_each(:accounts))"
BATCHES = "IN (SELECT value FROM json_each(:batches))"
FANS, WHO, STAYING = rows.FANS, rows.WHO, "IN (SELECT value FROM json_each(:staying))"
SEEN = (
    'SELECT platform FROM identity UNION SELECT platform FROM "order" UNION SELECT platform FROM account'
    " WHERE EXISTS (SELECT 1 FROM sync_run WHERE account_id = account.id) ORDER BY 1"
)
IDENTITIES = (
    "SELECT id, fan_id, platform, scope, external_id FROM identity"
    f" WHERE platform = :platform OR origin {ORIGINS}"
)
ORDERS = f'SELECT id, fan_id FROM "order" WHERE platform = :platform OR origin {ORIGINS}'
# Of those touched, who is known from elsewhere: by an identity or an order that stays.
ELSEWHERE = f"""
SELECT value FROM json_each(:touched) WHERE EXISTS (SELECT 1 FROM identity WHERE fan_id = value
        AND platform <> :platform AND origin NOT {ORIGINS})
    OR EXISTS (SELECT 1 FROM "order" WHERE fan_id = value AND platform <> :platform AND origin NOT {ORIGINS})
"""
SHADOWS = f"SELECT id FROM fan WHERE merged_into {FANS}"
# Who was merged into somebody who stays, and was known from there alone.
EMPTY_SHADOWS = f"""
SELECT id FROM fan WHERE merged_into {STAYING} AND EXISTS (SELECT 1 FROM identity WHERE home_fan_id = fan.id)
    AND NOT EXISTS (SELECT 1 FROM identity WHERE home_fan_id = fan.id
        AND platform <> :platform AND origin NOT {ORIGINS})
    AND NOT EXISTS (SELECT 1 FROM "order" WHERE home_fan_id = fan.id
        AND platform <> :platform AND origin NOT {ORIGINS})
"""
GROUPS = f"IN (SELECT id FROM fan_group WHERE account_id {ACCOUNTS})"
TALKS = f"IN (SELECT c.id FROM conversation c JOIN desk ON desk.id = c.desk_id WHERE desk.account_id {ACCOUNTS})"
VIDEOS = f"IN (SELECT id FROM video WHERE account_id {ACCOUNTS})"
ARTICLES = f"IN (SELECT id FROM article WHERE account_id {ACCOUNTS})"
OF_ACCOUNTS = (
    "account_ability", "account_day", "account_grant", "account_menu", "article_draft", "call_budget",
    "entry_way", "follower", "follower_day", "group_day", "join_request", "live_room", "mass_send_record", "moment",
    "publication", "staff_day", "sync_cursor", "sync_seen", "voucher", "welcome",
)  # fmt: skip
BEFORE = (  # what stays points at nothing that goes
    f'UPDATE "order" SET identity_id = NULL WHERE identity_id {WHO} AND fan_id {STAYING}',
    f"UPDATE delivery SET group_id = NULL WHERE group_id {GROUPS}",
    f"UPDATE interaction SET group_id = NULL WHERE group_id {GROUPS}",
    f"UPDATE import_batch SET undone_at = coalesce(undone_at, :now) WHERE id {BATCHES}",
)
GOING = (
    ("import_effect", f"batch_id {BATCHES}"),
    ("import_effect", "entity = 'order' AND entity_id IN (SELECT value FROM json_each(:orders))"),
    ("import_rejection", f"batch_id {BATCHES}"),
    ("interaction", f"origin {ORIGINS}"),
    ("consent", f"origin {ORIGINS}"),
    ("drop_claim", f"origin {ORIGINS}"),
    ("fan_tag", f"tag_id IN (SELECT id FROM tag WHERE account_id {ACCOUNTS})"),
    ('"order"', "id IN (SELECT value FROM json_each(:orders))"),
    ("message", f"conversation_id {TALKS}"),
    ("conversation", f"id {TALKS}"),
    ("desk", f"account_id {ACCOUNTS}"),
    ("video_comment", f"video_id {VIDEOS}"),
    ("video", f"id {VIDEOS}"),
    ("article_comment", f"article_id {ARTICLES}"),
    ("article_day", f"article_id {ARTICLES}"),
    ("article", f"id {ARTICLES}"),
    ("drop_group", f"group_id {GROUPS}"),
    ("group_member", f"group_id {GROUPS}"),
    ("fan_group", f"id {GROUPS}"),
    ("follow", f"staff_id IN (SELECT id FROM staff WHERE account_id {ACCOUNTS})"),
    *((table, f"account_id {ACCOUNTS}") for table in OF_ACCOUNTS),
    ("sync_run_stream", f"run_id IN (SELECT id FROM sync_run WHERE account_id {ACCOUNTS})"),
    ("sync_run", f"account_id {ACCOUNTS}"),
    ("staff", f"account_id {ACCOUNTS}"),
)
CENTS = (
    'SELECT coalesce(sum(net_cents), 0) FROM "order" WHERE is_sale = 1'
    " AND id IN (SELECT value FROM json_each(:orders))"
)
RENAMED = f"""
SELECT fan.id, (SELECT name FROM identity WHERE fan_id = fan.id AND name <> '' AND id NOT {WHO} LIMIT 1)
FROM fan WHERE fan.id {STAYING} AND name_source <> 'operator'
    AND EXISTS (SELECT 1 FROM identity WHERE fan_id = fan.id AND name = fan.name AND id {WHO})
"""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What came from a platform. `people` go altogether; `staying` fans keep what came from elsewhere."""

    platform: str
    people: Going
    staying: tuple[int, ...]
    orders: tuple[int, ...]
    accounts: tuple[int, ...]
    batches: tuple[int, ...]
    origins: tuple[str, ...]

    def given(self, now_ms: int) -> dict[str, object]:
        """Parameters of statements."""
        lists = {
            "staying": self.staying, "orders": self.orders, "accounts": self.accounts,
            "batches": self.batches, "origins": self.origins,
        }  # fmt: skip
        told = {name: json.dumps(value, ensure_ascii=False) for name, value in lists.items()}
        return self.people.given(platform=self.platform, now=now_ms, **told)


def origins(conn: Any) -> list[str]:
    """Platforms from which something came, phone numbers and union ids left out."""
    return [row[0] for row in conn.execute(SEEN).fetchall() if row[0] not in JOINED]


def leaving(conn: Any, platform: str) -> Leaving:
    """What came from a platform.

    Raises NotFoundError('origin_missing') when nothing did, ConflictError('purge_account_live') while an account
    of it is connected: the next sync would bring everything back.
    """
    if platform not in origins(conn):
        raise NotFoundError("origin_missing", origin=platform, known=origins(conn))
    accounts = conn.execute("SELECT id, uid, name, removed_at FROM account WHERE platform = ?", (platform,))
    found = accounts.fetchall()
    live = [row["name"] for row in found if row["removed_at"] is None]
    if live:
        raise ConflictError("purge_account_live", accounts=live)
    batches = conn.execute(
        "SELECT id, uid FROM import_batch WHERE source = ? || '_orders'"
        " OR (? = 'file' AND source GLOB 'generic_*')",
        (platform, platform),
    ).fetchall()
    came = (*(f"sync:{row['uid']}" for row in found), *(f"import:{row['uid']}" for row in batches))
    given = {"platform": platform, "origins": json.dumps(came)}
    theirs = conn.execute(IDENTITIES, given).fetchall()
    orders = conn.execute(ORDERS, given).fetchall()
    touched = {int(row["fan_id"]) for row in (*theirs, *orders) if row["fan_id"] is not None}
    marked = {**given, "touched": json.dumps(sorted(touched))}
    staying = {int(row[0]) for row in conn.execute(ELSEWHERE, marked).fetchall()}
    fans = touched - staying
    shadows = conn.execute(SHADOWS, {"fans": json.dumps(sorted(fans))}).fetchall()
    shadows += conn.execute(EMPTY_SHADOWS, {**given, "staying": json.dumps(sorted(staying))}).fetchall()
    keys = {int(row["id"]): IdentityKey(*tuple(row)[2:]) for row in theirs}
    people = Going(
        tuple(sorted(fans | {int(row[0]) for row in shadows})), tuple(keys), tuple(keys.values()), Needles()
    )
    return Leaving(
        platform,
        people,
        tuple(sorted(staying)),
        tuple(int(row["id"]) for row in orders),
        tuple(int(row["id"]) for row in found),
        tuple(int(row["id"]) for row in batches),
        came,
    )


def plan(conn: Any, platform: str) -> PurgePlan:
    """What would go, counted. Raises as `leaving`, and ConflictError('erase_send_open')."""
    what = leaving(conn, platform)
    given = what.given(0)
    cents = conn.execute(CENTS, given).fetchone()[0]
    groups = conn.execute(f"SELECT count(*) FROM fan_group WHERE account_id {ACCOUNTS}", given).fetchone()[
        0
    ]
    waiting = sends.waiting(conn, what.people)
    return PurgePlan(
        platform,
        len(what.people.fans),
        len(what.staying),
        len(what.people.identities),
        len(what.orders),
        int(cents),
        int(groups),
        len(what.batches),
        waiting,
    )


def purge(tx: Transaction, what: Leaving) -> Counter[str]:
    """Take it out; rows that went, by table. Raises ConflictError('erase_send_open')."""
    given = what.given(tx.now_ms)
    tx.ask_rewrite()
    sends.remove(tx, what.people)
    traces.remove(tx, what.people)
    for fan_id, name in tx.db.execute(RENAMED, given).fetchall():
        if name:
            identities.rename(tx, int(fan_id), name, "platform")
    for statement in BEFORE:
        tx.db.execute(statement, given)
    gone: Counter[str] = Counter()
    for table, which in GOING:
        gone[table.strip('"')] += tx.db.execute(f"DELETE FROM {table} WHERE {which}", given).rowcount
    tx.db.execute(
        f"UPDATE tag SET removed_at = :now WHERE removed_at IS NULL AND account_id {ACCOUNTS}", given
    )
    gone += rows.remove(tx, what.people)
    consents.settle(tx, what.staying)
    fan_stats.refresh(tx, set(what.staying))
    tiers.recompute(tx, set(what.staying), tx.now_ms)
    for topic in Topic:
        tx.touch(topic)
    return +gone
