"""The accounts table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from desktop.domain.accounts import Account, AccountState
from desktop.domain.changes import Topic
from desktop.store.transaction import Transaction

FIRST_SEND_UNSEEN = "first_send_unseen"  # why an item waits until the owner has seen what leaves
COUNTS = """
SELECT
    (SELECT count(DISTINCT f.identity_id) FROM follow f JOIN staff s ON s.id = f.staff_id
        WHERE s.account_id = :id AND f.removed_at IS NULL)
    + (SELECT count(*) FROM follower WHERE account_id = :id AND unfollowed_at IS NULL),
    (SELECT count(*) FROM fan_group WHERE account_id = :id AND removed_at IS NULL),
    (SELECT count(*) FROM staff WHERE account_id = :id AND removed_at IS NULL)
"""


def listing(conn: Any) -> tuple[Account, ...]:
    """Every account that is not removed, oldest first."""
    rows = conn.execute("SELECT * FROM account WHERE removed_at IS NULL ORDER BY id")
    return tuple(map(_account, rows.fetchall()))


def get(conn: Any, account_id: int) -> Account | None:
    """One account that is not removed."""
    row = conn.execute(
        "SELECT * FROM account WHERE id = ? AND removed_at IS NULL", (account_id,)
    ).fetchone()
    return _account(row) if row else None


def find(conn: Any, key: str) -> tuple[Account, ...]:
    """The accounts a person may mean by a uid, a local id, a name, or the platform's own id."""
    rows = conn.execute(
        "SELECT * FROM account WHERE removed_at IS NULL"
        " AND (uid = :key OR name = :key OR external_id = :key OR CAST(id AS TEXT) = :key) ORDER BY id",
        {"key": key},
    )
    return tuple(map(_account, rows.fetchall()))


def at_address(conn: Any, platform: str, external_id: str, base_url: str) -> tuple[int, str] | None:
    """(id, uid) of the account with this own id at this address, removed or not."""
    row = conn.execute(
        "SELECT id, uid FROM account WHERE platform = ? AND external_id = ? AND base_url = ?",
        (platform, external_id, base_url),
    ).fetchone()
    return (int(row[0]), str(row[1])) if row else None


def counts(conn: Any, account_id: int) -> tuple[int, int, int]:
    """(customers, groups, staff) that are known and not gone."""
    row = conn.execute(COUNTS, {"id": account_id}).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


def save(tx: Transaction, uid: str, platform: str, name: str, base_url: str, external_id: str) -> int:
    """Add an account, or take up the one with the same own id and address again; its local id."""
    row = tx.db.execute(
        "INSERT INTO account (uid, platform, name, base_url, external_id, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (platform, external_id, base_url) DO UPDATE SET name = excluded.name,"
        " removed_at = NULL, state = 'new', last_error_code = NULL, last_error = NULL RETURNING id",
        (uid, platform, name, base_url, external_id, tx.now_ms),
    ).fetchone()
    tx.touch(Topic.ACCOUNT, [int(row[0])])
    return int(row[0])


def move(tx: Transaction, account_id: int, base_url: str) -> None:
    """Reach an account at another address."""
    row = tx.db.execute("SELECT base_url FROM account WHERE id = ?", (account_id,)).fetchone()
    tx.replaced = {"base_url": row[0]}
    tx.db.execute("UPDATE account SET base_url = ? WHERE id = ?", (base_url, account_id))
    tx.touch(Topic.ACCOUNT, [account_id])


def set_state(
    tx: Transaction,
    account_id: int,
    state: AccountState,
    error_code: str | None = None,
    error: Mapping[str, Any] | None = None,
) -> None:
    """Note what the platform last said about the account."""
    told = None if error is None else json.dumps(error, ensure_ascii=False, default=str)
    tx.db.execute(
        "UPDATE account SET state = ?, last_error_code = ?, last_error = ? WHERE id = ?",
        (state.value, error_code, told, account_id),
    )
    tx.touch(Topic.ACCOUNT, [account_id])


def note_error(tx: Transaction, account_id: int, error_code: str | None, error: Mapping[str, Any]) -> None:
    """Keep what went wrong last, without judging the account by it."""
    told = json.dumps(error, ensure_ascii=False, default=str)
    tx.db.execute(
        "UPDATE account SET last_error_code = ?, last_error = ? WHERE id = ?",
        (error_code, told, account_id),
    )
    tx.touch(Topic.ACCOUNT, [account_id])


def note_synced(tx: Transaction, account_id: int) -> None:
    """A round went through now."""
    tx.db.execute("UPDATE account SET last_sync_at = ? WHERE id = ?", (tx.now_ms, account_id))
    tx.touch(Topic.ACCOUNT, [account_id])


def note_token(tx: Transaction, account_id: int, fetched_at: int, until: int) -> None:
    """Keep the life of the token: times only."""
    tx.db.execute(
        "UPDATE account SET token_fetched_at = ?, token_until = ? WHERE id = ?",
        (fetched_at, until, account_id),
    )


def agree_to_sending(tx: Transaction, account_id: int, operator: str, host: str) -> None:
    """The owner has seen what leaves this computer; what waited for that waits no longer."""
    agreed = {"at": tx.now_ms, "by": operator, "host": host}
    tx.db.execute(
        "UPDATE account SET sending_agreed = ? WHERE id = ?",
        (json.dumps(agreed, ensure_ascii=False), account_id),
    )
    tx.db.execute(
        "UPDATE outbox SET reason = NULL WHERE account_id = ? AND state IN ('confirmed', 'queued')"
        " AND json_extract(reason, '$.code') = ?",
        (account_id, FIRST_SEND_UNSEEN),
    )
    tx.touch(Topic.ACCOUNT, [account_id])
    tx.touch(Topic.OUTBOX)


def remove(tx: Transaction, account_id: int) -> None:
    """Put an account away; its people and groups stay, and it can be taken up again."""
    tx.db.execute("UPDATE account SET removed_at = ? WHERE id = ?", (tx.now_ms, account_id))
    for table in ("sync_cursor", "sync_seen"):
        tx.db.execute(f"DELETE FROM {table} WHERE account_id = ?", (account_id,))
    tx.touch(Topic.ACCOUNT, [account_id])


def _account(row: Any) -> Account:
    return Account(
        id=int(row["id"]),
        uid=str(row["uid"]),
        platform=str(row["platform"]),
        name=str(row["name"]),
        base_url=str(row["base_url"]),
        external_id=str(row["external_id"]),
        state=AccountState(row["state"]),
        created_at=int(row["created_at"]),
        last_sync_at=row["last_sync_at"],
        last_error_code=row["last_error_code"],
        last_error=json.loads(row["last_error"]) if row["last_error"] else None,
        token_fetched_at=row["token_fetched_at"],
        token_until=row["token_until"],
        sending_agreed=json.loads(row["sending_agreed"]) if row["sending_agreed"] else None,
    )
