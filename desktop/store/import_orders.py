"""Bring orders of a file in: judge each against what is known, then add or change it."""

from __future__ import annotations

from typing import Any

from desktop.domain.imports import FieldChange, OrderRecord, Verdict
from desktop.domain.order_merge import OrderChange, change_of
from desktop.store import identities, orders
from desktop.store.effects import Effects
from desktop.store.transaction import Transaction

HIDDEN = ("receiver", "extra", "lines")  # told as changed, without their values


class OrderImport:
    """One file's orders. `exported_at` is when the file was made (UTC ms)."""

    def __init__(self, mode: str, origin: str, exported_at: int) -> None:
        self._mode = mode
        self._origin = origin
        self._exported_at = exported_at

    def judge(self, conn: Any, record: OrderRecord) -> Verdict:
        """What `bring` would do now."""
        row = orders.find(conn, record.platform, record.scope, record.order_no)
        if row is None:
            return Verdict("new")
        change = self._change(conn, row, record)
        return self._verdict(row, change)

    def bring(self, tx: Transaction, record: OrderRecord, effects: Effects, touched: set[int]) -> Verdict:
        """Add or change the order; ids of fans whose sums change go into `touched`."""
        row = orders.find(tx.db, record.platform, record.scope, record.order_no)
        if row is None:
            fan_id, identity_id = self._buyer(tx, record, effects)
            orders.add(tx, record, fan_id, identity_id, self._origin, self._exported_at, effects)
            if fan_id is not None:
                touched.add(fan_id)
            return Verdict("new")
        change = self._change(tx.db, row, record)
        verdict = self._verdict(row, change)
        if verdict.kind != "changed":
            return verdict
        values = dict(change.values)
        if values.pop("buyer", None):
            values["fan_id"], values["identity_id"] = self._buyer(tx, record, effects)
        if row["seen_at"] < self._exported_at:
            values["seen_at"] = self._exported_at
        orders.change(tx, row, values, effects)
        touched.update(fan for fan in (row["fan_id"], values.get("fan_id")) if fan is not None)
        return verdict

    def _change(self, conn: Any, row: Any, record: OrderRecord) -> OrderChange:
        is_older = self._exported_at < row["seen_at"]
        change = change_of(orders.known(conn, row), record, self._mode, is_older=is_older)
        if record.buyer is None or self._mode == "add":
            return change
        found = identities.find(conn, record.buyer)
        is_other = found is None or found[1] != row["identity_id"]
        may = row["identity_id"] is None or (self._mode == "update" and not is_older)
        if not is_other or not may:
            return OrderChange(change.values, change.is_kept or is_other)
        return OrderChange({**change.values, "buyer": record.buyer.external_id}, change.is_kept)

    def _verdict(self, row: Any, change: OrderChange) -> Verdict:
        if not change.values:
            return Verdict("kept" if change.is_kept else "same")
        told = []
        for name, value in change.values.items():
            if name in HIDDEN:
                told.append(FieldChange(name, None, None))
            elif name == "buyer":
                told.append(FieldChange(name, None, value))
            else:
                told.append(FieldChange(name, row[name], value))
        return Verdict("changed", tuple(told))

    def _buyer(
        self, tx: Transaction, record: OrderRecord, effects: Effects
    ) -> tuple[int | None, int | None]:
        """(fan, identity) of the buyer, added when new; (None, None) when nothing names them."""
        if record.buyer is None:
            return None, None
        at_ms = record.paid_at or record.created_at or tx.now_ms
        fan = identities.resolve(
            tx, [record.buyer], record.buyer_name, record.buyer_phone, self._origin, at_ms, None, effects
        )
        return fan.fan_id, fan.identity_id
