"""Claims on drops, typed or imported. Callers check caps and stock in the same transaction."""

from __future__ import annotations

from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.drops import Claim, ClaimTotals
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.store.transaction import Transaction


def insert(
    tx: Transaction,
    drop_id: int,
    *,
    fan_id: int | None,
    name: str,
    quantity: int,
    claimed_at: int,
    is_redeemed: bool,
    origin: str,
    external_key: str | None,
    code: str = "",
) -> Claim:
    """A new claim; `code` is the coupon's own.

    A repeated `external_key` is a conflict that the caller must have looked for.
    """
    uid = tx.new_uid()
    tx.db.execute(
        "INSERT INTO drop_claim (uid, drop_id, fan_id, name, quantity, claimed_at, is_redeemed, origin,"
        " external_key, code) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (uid, drop_id, fan_id, name, quantity, claimed_at, int(is_redeemed), origin, external_key, code),
    )
    _touch(tx, drop_id, fan_id)
    return get(tx.db.conn, uid)


def redeem(tx: Transaction, claim: Claim) -> None:
    """The claim was used. Raises ConflictError('claim_refunded')."""
    if claim.refunded_at is not None:
        raise ConflictError("claim_refunded", uid=claim.uid)
    tx.db.execute("UPDATE drop_claim SET is_redeemed = 1 WHERE id = ?", (claim.id,))
    _touch(tx, claim.drop_id, claim.fan_id)


def refund(tx: Transaction, claim: Claim) -> None:
    """Give the pieces back, once. Raises ConflictError('claim_refunded') the second time."""
    if claim.refunded_at is not None:
        raise ConflictError("claim_refunded", uid=claim.uid)
    tx.db.execute("UPDATE drop_claim SET refunded_at = ? WHERE id = ?", (tx.now_ms, claim.id))
    _touch(tx, claim.drop_id, claim.fan_id)


def unredeem(tx: Transaction, claim: Claim) -> None:
    """The claim was not used after all."""
    tx.db.execute("UPDATE drop_claim SET is_redeemed = 0 WHERE id = ?", (claim.id,))
    _touch(tx, claim.drop_id, claim.fan_id)


def unrefund(tx: Transaction, claim: Claim) -> None:
    """The pieces are taken after all; the caller looked whether the stock still has them."""
    tx.db.execute("UPDATE drop_claim SET refunded_at = NULL WHERE id = ?", (claim.id,))
    _touch(tx, claim.drop_id, claim.fan_id)


def get(conn: Any, uid: str) -> Claim:
    """One claim. Raises NotFoundError('claim_missing')."""
    row = conn.execute("SELECT * FROM drop_claim WHERE uid = ?", (uid,)).fetchone()
    if row is None:
        raise NotFoundError("claim_missing", uid=uid)
    return _claim(row)


def has_key(conn: Any, external_key: str) -> bool:
    """Whether a claim with this key came in before."""
    return (
        conn.execute("SELECT 1 FROM drop_claim WHERE external_key = ?", (external_key,)).fetchone()
        is not None
    )


def of_drop(conn: Any, drop_id: int) -> list[Claim]:
    """All claims of a drop, first to last."""
    rows = conn.execute("SELECT * FROM drop_claim WHERE drop_id = ? ORDER BY claimed_at, id", (drop_id,))
    return [_claim(row) for row in rows]


def totals(conn: Any, drop_id: int) -> ClaimTotals:
    """Sums over a drop's claims; refunded ones apart."""
    row = conn.execute(
        "SELECT count(*) AS claims,"
        " coalesce(sum(quantity) FILTER (WHERE refunded_at IS NULL), 0) AS claimed,"
        " coalesce(sum(quantity) FILTER (WHERE refunded_at IS NULL AND is_redeemed = 1), 0) AS redeemed,"
        " coalesce(sum(quantity) FILTER (WHERE refunded_at IS NOT NULL), 0) AS refunded,"
        " count(DISTINCT coalesce('f' || fan_id, 'n' || nullif(name, ''), 'c' || id))"
        "  FILTER (WHERE refunded_at IS NULL) AS persons FROM drop_claim WHERE drop_id = ?",
        (drop_id,),
    ).fetchone()
    return ClaimTotals(**dict(row))


def left_of(conn: Any, drop_id: int) -> int:
    """Pieces of a drop's stock that nobody holds."""
    stock = conn.execute("SELECT coalesce(stock, 0) FROM welfare_drop WHERE id = ?", (drop_id,)).fetchone()
    return int(stock[0]) - totals(conn, drop_id).claimed


def held_by(conn: Any, drop_id: int, fan_id: int) -> int:
    """Living pieces of one person."""
    row = conn.execute(
        "SELECT coalesce(sum(quantity), 0) FROM drop_claim WHERE drop_id = ? AND refunded_at IS NULL"
        " AND fan_id = ?",
        (drop_id, fan_id),
    ).fetchone()
    return int(row[0])


def held_by_name(conn: Any, drop_id: int, name: str) -> int:
    """Living pieces typed under a name without a known fan."""
    row = conn.execute(
        "SELECT coalesce(sum(quantity), 0) FROM drop_claim WHERE drop_id = ? AND refunded_at IS NULL"
        " AND fan_id IS NULL AND name = ?",
        (drop_id, name),
    ).fetchone()
    return int(row[0])


def living_fan(conn: Any, fan: str) -> tuple[int, str]:
    """(fan id, name) of a fan by local id or the platform's id, merges followed.

    Raises NotFoundError('fan_missing').
    """
    row = conn.execute(
        "SELECT coalesce(f.merged_into, f.id) AS id FROM fan f WHERE f.removed_at IS NULL AND"
        " (CAST(f.id AS TEXT) = :fan OR f.uid = :fan OR f.id IN"
        " (SELECT fan_id FROM identity WHERE external_id = :fan AND removed_at IS NULL)) LIMIT 1",
        {"fan": fan},
    ).fetchone()
    found = (
        row
        and conn.execute(
            "SELECT id, name FROM fan WHERE id = ? AND removed_at IS NULL", (row["id"],)
        ).fetchone()
    )
    if not found:
        raise NotFoundError("fan_missing", fan=fan, fan_id=fan)
    return int(found["id"]), str(found["name"])


def _touch(tx: Transaction, drop_id: int, fan_id: int | None) -> None:
    tx.touch(Topic.CLAIM)
    tx.touch(Topic.DROP, [drop_id])
    if fan_id is not None:
        tx.touch(Topic.FAN, [fan_id])


def _claim(row: Any) -> Claim:
    return Claim(
        row["id"],
        row["uid"],
        row["drop_id"],
        row["fan_id"],
        row["name"],
        row["quantity"],
        row["claimed_at"],
        bool(row["is_redeemed"]),
        row["refunded_at"],
        row["origin"],
    )
