"""When an owner's consent ends, and how often it was renewed: times and counts, never a token."""

from __future__ import annotations

from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.grants import GrantLife
from desktop.store.transaction import Transaction

COLUMNS = ("granted_at", "refresh_until", "renewals", "renewals_most", "can_renew")


def note(tx: Transaction, account_id: int, life: GrantLife, open_id: str = "") -> None:
    """Keep how an account's consent stands; the account's own id there once it is known."""
    row = tx.db.execute("SELECT * FROM account_grant WHERE account_id = ?", (account_id,)).fetchone()
    told = (life.granted_at, life.refresh_until, life.renewals, life.renewals_most, int(life.can_renew))
    if row is not None and told == tuple(row[name] for name in COLUMNS) and open_id in ("", row["open_id"]):
        return
    tx.db.execute(
        f"INSERT INTO account_grant (account_id, open_id, {', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?)"
        f" ON CONFLICT (account_id) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in COLUMNS)},"
        " open_id = coalesce(nullif(excluded.open_id, ''), open_id)",
        (account_id, open_id, *told),
    )
    tx.touch(Topic.ACCOUNT, [account_id])


def of_account(conn: Any, account_id: int) -> GrantLife | None:
    """How an account's consent stands; None where it needs none or has none."""
    row = conn.execute(
        f"SELECT {', '.join(COLUMNS)} FROM account_grant WHERE account_id = ?", (account_id,)
    ).fetchone()
    return _life(row) if row else None


def all_of(conn: Any) -> list[tuple[int, str, str, GrantLife]]:
    """(account id, uid, name, consent) of every live account that has one."""
    rows = conn.execute(
        f"SELECT a.id, a.uid, a.name, {', '.join(f'g.{c}' for c in COLUMNS)} FROM account_grant g"
        " JOIN account a ON a.id = g.account_id WHERE a.removed_at IS NULL ORDER BY a.id"
    )
    return [(int(row["id"]), str(row["uid"]), str(row["name"]), _life(row)) for row in rows]


def _life(row: Any) -> GrantLife:
    return GrantLife(
        int(row["granted_at"]),
        int(row["refresh_until"]),
        int(row["renewals"]),
        int(row["renewals_most"]),
        bool(row["can_renew"]),
    )


def open_id(conn: Any, account_id: int) -> str:
    """The account's own id at the platform; '' while it is not known."""
    row = conn.execute("SELECT open_id FROM account_grant WHERE account_id = ?", (account_id,)).fetchone()
    return str(row[0]) if row else ""
