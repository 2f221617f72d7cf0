"""What waits to leave through an account for the first time, counted for the owner to look at."""

from __future__ import annotations

from typing import Any

WAITING = "('confirmed', 'queued')"


def waiting_counts(conn: Any) -> dict[int, int]:
    """Items that wait for their time or for a sync, by account."""
    rows = conn.execute(
        f"SELECT account_id, count(*) AS n FROM outbox WHERE state IN {WAITING} GROUP BY account_id"
    )
    return {row["account_id"]: row["n"] for row in rows}


def due_accounts(conn: Any, now: int) -> list[int]:
    """Accounts with items whose time has come."""
    rows = conn.execute(
        f"SELECT DISTINCT account_id FROM outbox WHERE state IN {WAITING} AND not_before <= ?"
        " AND hold_until <= ? ORDER BY account_id",
        (now, now),
    )
    return [row["account_id"] for row in rows]


def waiting_kinds(conn: Any, account_id: int) -> dict[str, int]:
    """Waiting items of an account by kind."""
    rows = conn.execute(
        f"SELECT kind, count(*) AS n FROM outbox WHERE account_id = ? AND state IN {WAITING}"
        " GROUP BY kind ORDER BY kind",
        (account_id,),
    )
    return {row["kind"]: row["n"] for row in rows}


def waiting_people(conn: Any, account_id: int) -> tuple[int, int]:
    """Different customers and different groups that waiting items name."""
    row = conn.execute(
        "SELECT count(DISTINCT d.target_external_id) FILTER (WHERE d.target_kind <> 'group') AS people,"
        " count(DISTINCT d.target_external_id) FILTER (WHERE d.target_kind = 'group') AS groups"
        f" FROM delivery d JOIN outbox o ON o.id = d.outbox_id WHERE o.account_id = ? AND o.state IN {WAITING}",
        (account_id,),
    ).fetchone()
    return int(row["people"]), int(row["groups"])


def waiting_texts(conn: Any, account_id: int, limit: int) -> tuple[list[str], int]:
    """The first different texts of waiting items, and how many pictures go with all of them."""
    rows = conn.execute(
        "SELECT DISTINCT coalesce(json_extract(payload, '$.body.text'), '') AS said FROM outbox"
        f" WHERE account_id = ? AND state IN {WAITING} ORDER BY id LIMIT ?",
        (account_id, limit),
    ).fetchall()
    pictures = conn.execute(
        "SELECT coalesce(sum(json_array_length(payload, '$.pictures')), 0) AS n FROM outbox"
        f" WHERE account_id = ? AND state IN {WAITING}",
        (account_id,),
    ).fetchone()
    return [row["said"] for row in rows if row["said"]], int(pictures["n"])
