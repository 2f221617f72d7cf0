"""Claims on drops: typed or brought in as a batch; caps and stock hold in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.drops import Claim, Drop, claim_refusal
from desktop.domain.errors import AppError, ConflictError, InvalidInputError
from desktop.store.database import Store
from desktop.store.drops import claims as claim_rows
from desktop.store.drops.drops import DROPS
from desktop.store.transaction import Transaction

NAME_LIMIT = 256


@dataclass(frozen=True, slots=True)
class ClaimEntry:
    """One claim as typed or read: `fan` is a local id or a platform's id, '' for an unknown person."""

    fan: str = ""
    name: str = ""
    quantity: int = 1
    is_redeemed: bool = False
    claimed_at: int | None = None
    external_key: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimsReport:
    """A batch: how many came in, how many were there before, and which rows were refused and why."""

    added: int = 0
    same: int = 0
    refused: tuple[tuple[int, str, dict[str, Any]], ...] = field(default=())


class ClaimService:
    """Claims of drops. Methods raise NotFoundError: drop_missing, claim_missing, fan_missing."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def add(self, drop_uid: str, entry: ClaimEntry) -> Claim:
        """Write one claim down.

        Raises ConflictError: claim_over_cap, claim_over_stock, claim_known; the stock is never
        below zero. Raises InvalidInputError('claim_quantity').
        """

        def work(tx: Transaction) -> Claim:
            drop = DROPS.get(tx.db.conn, drop_uid)
            if entry.external_key and claim_rows.has_key(tx.db.conn, entry.external_key):
                raise ConflictError("claim_known", key=entry.external_key)
            return _added(tx, drop, entry, "operator")

        payload = {"drop": drop_uid, "fan": entry.fan, "quantity": entry.quantity}
        return await self._store.write(work, kind="drop.claim", payload=payload)

    async def add_batch(
        self, drop_uid: str, entries: Sequence[ClaimEntry], origin: str = "operator"
    ) -> ClaimsReport:
        """Write many claims down in order; a refused row does not stop the others."""

        def work(tx: Transaction) -> ClaimsReport:
            drop = DROPS.get(tx.db.conn, drop_uid)
            added = same = 0
            refused: list[tuple[int, str, dict[str, Any]]] = []
            for row, entry in enumerate(entries, start=1):
                if entry.external_key and claim_rows.has_key(tx.db.conn, entry.external_key):
                    same += 1
                    continue
                try:
                    _added(tx, drop, entry, origin)
                    added += 1
                except AppError as error:
                    refused.append((row, error.code, dict(error.params)))
            return ClaimsReport(added, same, tuple(refused))

        payload = {"drop": drop_uid, "rows": len(entries), "origin": origin}
        return await self._store.write(work, kind="drop.claims", payload=payload)

    async def redeem(self, claim_uid: str) -> Claim:
        """The claim was used; doing it twice changes nothing. Raises ConflictError('claim_refunded')."""

        def work(tx: Transaction) -> Claim:
            claim_rows.redeem(tx, claim_rows.get(tx.db.conn, claim_uid))
            return claim_rows.get(tx.db.conn, claim_uid)

        return await self._store.write(work, kind="drop.redeem", payload={"claim": claim_uid})

    async def refund(self, claim_uid: str) -> Claim:
        """Give the pieces back to the stock, once. Raises ConflictError('claim_refunded')."""

        def work(tx: Transaction) -> Claim:
            claim_rows.refund(tx, claim_rows.get(tx.db.conn, claim_uid))
            return claim_rows.get(tx.db.conn, claim_uid)

        return await self._store.write(work, kind="drop.refund", payload={"claim": claim_uid})

    async def unredeem(self, claim_uid: str) -> Claim:
        """Undo redeem()."""

        def work(tx: Transaction) -> Claim:
            claim_rows.unredeem(tx, claim_rows.get(tx.db.conn, claim_uid))
            return claim_rows.get(tx.db.conn, claim_uid)

        return await self._store.write(work, kind="drop.unredeem", payload={"claim": claim_uid})

    async def unrefund(self, claim_uid: str) -> Claim:
        """Undo refund(). Raises ConflictError('claim_over_stock') when others took the pieces meanwhile."""

        def work(tx: Transaction) -> Claim:
            conn = tx.db.conn
            claim = claim_rows.get(conn, claim_uid)
            if claim.refunded_at is None:
                return claim
            left = claim_rows.left_of(conn, claim.drop_id)
            if claim.quantity > left:
                raise ConflictError("claim_over_stock", name=claim.name, left=left, quantity=claim.quantity)
            claim_rows.unrefund(tx, claim)
            return claim_rows.get(conn, claim_uid)

        return await self._store.write(work, kind="drop.unrefund", payload={"claim": claim_uid})

    async def of_drop(self, drop_uid: str) -> list[Claim]:
        """All claims of a drop, first to last."""
        return await self._store.read(lambda conn: claim_rows.of_drop(conn, DROPS.get(conn, drop_uid).id))


def _added(tx: Transaction, drop: Drop, entry: ClaimEntry, origin: str) -> Claim:
    """Check against cap and stock as they are inside this transaction, then insert."""
    conn = tx.db.conn
    name = " ".join(entry.name.split())[:NAME_LIMIT]
    fan_id: int | None = None
    if entry.fan:
        fan_id, name = claim_rows.living_fan(conn, entry.fan)
        held = claim_rows.held_by(conn, drop.id, fan_id)
    else:
        held = claim_rows.held_by_name(conn, drop.id, name) if name else 0
    left = (drop.draft.stock or 0) - claim_rows.totals(conn, drop.id).claimed
    refusal = claim_refusal(drop.draft, left, held, entry.quantity, bool(fan_id or name))
    if refusal:
        code, params = refusal
        if code == "claim_quantity":
            raise InvalidInputError(code)
        raise ConflictError(code, name=name or entry.fan, **params)
    return claim_rows.insert(
        tx,
        drop.id,
        fan_id=fan_id,
        name=name,
        quantity=entry.quantity,
        claimed_at=entry.claimed_at if entry.claimed_at is not None else tx.now_ms,
        is_redeemed=entry.is_redeemed,
        origin=origin,
        external_key=entry.external_key,
    )
