"""Bring claims of welfare drops in from a file: which drop, which fan, then add or mark as used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desktop.domain.changes import Topic
from desktop.domain.identity import IdentityKey, phone_key
from desktop.domain.imports import ERASED, ClaimRecord, FieldChange, Verdict
from desktop.store.drops import claims
from desktop.store.effects import Effects
from desktop.store.erasures import marks as erasures
from desktop.store.fans import identities
from desktop.store.imports.import_people import find_person
from desktop.store.transaction import Transaction


class ClaimImport:
    """One file's claims. What happened is kept as it happened: caps and stock are not enforced here."""

    def __init__(self, mode: str, origin: str) -> None:
        self._mode = mode
        self._origin = origin
        self._erased: set[IdentityKey] = set()

    def prepare(self, conn: Any, records: Sequence[ClaimRecord]) -> None:
        """Find out who of those who claimed was erased."""
        self._erased = erasures.erased(conn, {key for record in records for key in _keys(record)})

    def flush(self, tx: Transaction) -> None:
        """Nothing waits."""

    def judge(self, conn: Any, record: ClaimRecord) -> Verdict:
        """What `bring` would do now. Who was erased does not come back; what they took was counted."""
        if not self._erased.isdisjoint(_keys(record)):
            return Verdict("rejected", code=ERASED)
        row = _known(conn, record)
        if row is not None:
            is_news = record.is_redeemed is not None and bool(row["is_redeemed"]) != record.is_redeemed
            if not is_news:
                return Verdict("same")
            if self._mode == "add" or (self._mode == "fill" and not record.is_redeemed):
                return Verdict("kept")
            return Verdict(
                "changed", (FieldChange("is_redeemed", bool(row["is_redeemed"]), record.is_redeemed),)
            )
        found = _drops(conn, record.drop)
        if not found:
            return Verdict("rejected", code="drop_unknown", params={"drop": record.drop})
        if len(found) > 1:
            return Verdict("rejected", code="drop_ambiguous", params={"drop": record.drop, "n": len(found)})
        return Verdict("new")

    def bring(self, tx: Transaction, record: ClaimRecord, effects: Effects, touched: set[int]) -> Verdict:
        """Add the claim, or mark a known one as used."""
        verdict = self.judge(tx.db, record)
        if verdict.kind == "new":
            claim = claims.insert(
                tx,
                _drops(tx.db, record.drop)[0],
                fan_id=_claimant(tx.db, record),
                name=record.name,
                quantity=record.quantity,
                claimed_at=record.claimed_at,
                is_redeemed=bool(record.is_redeemed),
                origin=self._origin,
                external_key=record.event_key,
                code=record.code,
            )
            effects.added("drop_claim", claim.id)
            if claim.fan_id is not None:
                touched.add(claim.fan_id)
        elif verdict.kind == "changed":
            row: Any = _known(tx.db, record)
            is_redeemed = int(bool(record.is_redeemed))
            tx.db.execute("UPDATE drop_claim SET is_redeemed = ? WHERE id = ?", (is_redeemed, row["id"]))
            before, after = {"is_redeemed": row["is_redeemed"]}, {"is_redeemed": is_redeemed}
            effects.changed("drop_claim", row["id"], before, after)
            tx.touch(Topic.CLAIM, [row["id"]])
            tx.touch(Topic.DROP, [row["drop_id"]])
        return verdict


def _keys(record: ClaimRecord) -> list[IdentityKey]:
    """What of a claim names a person for certain."""
    keys = [IdentityKey("file", record.scope, record.fan_id)] if record.fan_id else []
    return [*keys, phone_key(record.phone)] if record.phone else keys


def _known(conn: Any, record: ClaimRecord) -> Any | None:
    return conn.execute("SELECT * FROM drop_claim WHERE external_key = ?", (record.event_key,)).fetchone()


def _drops(conn: Any, named: str) -> list[int]:
    """Drops of this uid, else planned ones of exactly this item."""
    row = conn.execute("SELECT id FROM welfare_drop WHERE uid = ?", (named,)).fetchone()
    if row:
        return [row[0]]
    found = conn.execute(
        "SELECT id FROM welfare_drop WHERE item = ? AND removed_at IS NULL AND state = 'confirmed'",
        (named,),
    )
    return [row[0] for row in found]


def _claimant(conn: Any, record: ClaimRecord) -> int | None:
    """The fan of a claim: by id, by a phone only one fan has, by a name only one fan has; else nobody."""
    if record.fan_id:
        return find_person(conn, IdentityKey("file", record.scope, record.fan_id))
    if record.phone:
        known = identities.find(conn, phone_key(record.phone))
        if known:
            return known[0]
        return _only(
            conn.execute(
                "SELECT id FROM fan WHERE phone = ? AND merged_into IS NULL AND removed_at IS NULL LIMIT 2",
                (record.phone,),
            )
        )
    if record.name:
        return _only(
            conn.execute(
                "SELECT id FROM fan WHERE name = ? AND merged_into IS NULL AND removed_at IS NULL LIMIT 2",
                (record.name,),
            )
        )
    return None


def _only(rows: Any) -> int | None:
    found = [row[0] for row in rows]
    return found[0] if len(found) == 1 else None
