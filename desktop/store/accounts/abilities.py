"""What a platform does not let an account do, noted until it works again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from desktop.domain.accounts import Refusal
from desktop.domain.changes import Topic
from desktop.store.transaction import Transaction


def note_refused(
    tx: Transaction, account_id: int, ability: str, code: str, params: Mapping[str, Any]
) -> None:
    """The platform refuses it for want of permission."""
    tx.db.execute(
        "INSERT INTO account_ability (account_id, ability, state, code, params, at)"
        " VALUES (?, ?, 'refused', ?, ?, ?) ON CONFLICT (account_id, ability) DO UPDATE SET"
        " at = CASE WHEN state = 'refused' AND code IS excluded.code THEN at ELSE excluded.at END,"
        " state = 'refused', code = excluded.code, params = excluded.params",
        (account_id, ability, code, json.dumps(params, ensure_ascii=False, default=str), tx.now_ms),
    )
    tx.touch(Topic.ACCOUNT, [account_id])


def note_working(tx: Transaction, account_id: int, abilities: Iterable[str]) -> None:
    """These worked now; only those that were refused before are written."""
    for ability in abilities:
        cursor = tx.db.execute(
            "UPDATE account_ability SET state = 'ok', code = NULL, params = NULL, at = ?"
            " WHERE account_id = ? AND ability = ? AND state = 'refused'",
            (tx.now_ms, account_id, ability),
        )
        if cursor.rowcount:
            tx.touch(Topic.ACCOUNT, [account_id])


def refused(conn: Any, account_id: int) -> tuple[Refusal, ...]:
    """Everything an account may not do, by name."""
    rows = conn.execute(
        "SELECT ability, code, params, at FROM account_ability WHERE account_id = ? AND state = 'refused'"
        " ORDER BY ability",
        (account_id,),
    )
    return tuple(
        Refusal(row["ability"], row["code"] or "", json.loads(row["params"] or "{}"), row["at"])
        for row in rows
    )


def refused_names(conn: Any, account_id: int) -> frozenset[str]:
    """The names alone."""
    return frozenset(refusal.ability for refusal in refused(conn, account_id))
