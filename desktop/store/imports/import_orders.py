"""Bring orders of a file in: judge each against what is known, then add or change it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from desktop.domain.identity import IdentityKey, phone_key
from desktop.domain.imports import ERASED, FieldChange, OrderLine, OrderRecord, Verdict, order_of_nobody
from desktop.domain.order_merge import OrderChange, change_of
from desktop.store import orders
from desktop.store.effects import Effects
from desktop.store.erasures import marks as erasures
from desktop.store.fans.known_people import KnownPeople
from desktop.store.orders import WaitingOrders
from desktop.store.transaction import Transaction

HIDDEN = ("receiver", "extra", "lines")  # told as changed, without their values
PLAIN_NEW, SAME = Verdict("new"), Verdict("same")  # by far the most
UNCHANGED = OrderChange()
NEW = ord("n")  # how `prepare` is told of a record that nothing is known of
Key = tuple[str, str, str]


class OrderImport:
    """One file's orders. `exported_at` is when the file was made (UTC ms).

    Records come in portions: `prepare` reads what is known of their orders, `judge` or `bring` go through it,
    who their buyers are is asked at one go where it matters, `flush` writes what is new.
    """

    def __init__(self, mode: str, origin: str, exported_at: int) -> None:
        self._mode = mode
        self._origin = origin
        self._exported_at = exported_at
        self._people = KnownPeople()
        self._waiting = WaitingOrders()
        self._buyers: set[IdentityKey] = set()
        self._is_looked = False
        self._erased: set[IdentityKey] = set()
        self._rows: dict[Key, Any] = {}
        self._lines: dict[int, list[tuple[Any, ...]]] = {}

    def prepare(self, conn: Any, records: Sequence[OrderRecord], judged: bytes = b"") -> None:
        """Read what is known of these records' orders, and who was erased.

        `judged` may tell for each what it was found to be, NEW or not, in the file as it stands.
        """
        places: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for place, record in enumerate(records):
            if not judged or judged[place] != NEW:
                places[record.platform, record.scope].append(record.order_no)
        self._rows = orders.find_many(conn, places)
        self._lines = orders.line_rows(conn, [row["id"] for row in self._rows.values()])
        self._buyers = {record.buyer for record in records if record.buyer is not None}
        self._is_looked = False
        self._erased = set()
        if erasures.is_any(conn):
            phones = {phone_key(record.buyer_phone) for record in records if record.buyer_phone}
            self._erased = erasures.erased(conn, self._buyers | phones)

    def judge(self, conn: Any, record: OrderRecord) -> Verdict:
        """What `bring` would do now."""
        record, code = self._seen(conn, record)
        row = self._rows.get(_key(record))
        if row is None:
            return Verdict("new", code=code) if code else PLAIN_NEW
        return self._verdict(row, self._change(conn, row, record), code)

    def bring(self, tx: Transaction, record: OrderRecord, effects: Effects, touched: set[int]) -> Verdict:
        """Add or change the order; ids of fans whose sums change go into `touched`."""
        record, code = self._seen(tx.db, record)
        row = self._rows.get(_key(record))
        if row is None:
            fan_id, identity_id = self._buyer(tx, record, effects)
            self._waiting.add(tx, record, fan_id, identity_id, self._origin, self._exported_at, effects)
            if fan_id is not None:
                touched.add(fan_id)
            return Verdict("new", code=code) if code else PLAIN_NEW
        change = self._change(tx.db, row, record)
        verdict = self._verdict(row, change, code)
        if verdict.kind != "changed":
            return verdict
        values = dict(change.values)
        if values.pop("buyer", None):
            values["fan_id"], values["identity_id"] = self._buyer(tx, record, effects)
            self._people.flush(tx)
        if row["seen_at"] < self._exported_at:
            values["seen_at"] = self._exported_at
        orders.change(tx, row, values, effects)
        touched.update(fan for fan in (row["fan_id"], values.get("fan_id")) if fan is not None)
        return verdict

    def flush(self, tx: Transaction) -> None:
        """Write the portion's new people, then their orders."""
        if self._is_looked:
            self._people.flush(tx)
        self._waiting.flush(tx)

    def _known(self, conn: Any) -> KnownPeople:
        """The buyers of this portion, looked for when somebody asks first."""
        if not self._is_looked:
            self._people.look(conn, self._buyers)
            self._is_looked = True
        return self._people

    def _seen(self, conn: Any, record: OrderRecord) -> tuple[OrderRecord, str]:
        """The record as it may come in, and ERASED where that is without its buyer, who was erased."""
        if not self._erased:
            return record, ""
        phone = phone_key(record.buyer_phone) if record.buyer_phone else None
        is_new = record.buyer is not None and self._known(conn).find(record.buyer) is None
        if record.buyer in self._erased or (is_new and phone in self._erased):
            return order_of_nobody(record), ERASED
        return record, ""

    def _change(self, conn: Any, row: Any, record: OrderRecord) -> OrderChange:
        is_older = self._exported_at < row["seen_at"]
        lines = self._lines.get(row["id"], [])
        if orders.is_told_alike(row, lines, record):
            change = UNCHANGED
        else:
            known = orders.known(row, tuple(OrderLine(*line) for line in lines))
            change = change_of(known, record, self._mode, is_older=is_older)
        if record.buyer is None or self._mode == "add":
            return change
        if record.buyer == (row["buyer_platform"], row["buyer_scope"], row["buyer_external_id"]):
            return change
        found = self._known(conn).find(record.buyer)
        is_other = found is None or found[1] != row["identity_id"]
        is_told_by_platform = row["buyer_platform"] == record.platform != record.buyer.platform
        may = row["identity_id"] is None or (
            self._mode == "update" and not is_older and not is_told_by_platform
        )
        if not is_other:
            return change
        buyer = {"buyer": record.buyer.external_id}
        if not may:
            return OrderChange(change.values, {**change.left, **buyer})
        return OrderChange({**change.values, **buyer}, change.left)

    def _verdict(self, row: Any, change: OrderChange, code: str) -> Verdict:
        if not change.values and not change.left:
            return Verdict("same", code=code) if code else SAME
        told = []
        for name, value in (change.values or change.left).items():
            if name in HIDDEN:
                told.append(FieldChange(name, None, None))
            elif name == "buyer":
                told.append(FieldChange(name, None, value))
            else:
                told.append(FieldChange(name, row[name], value))
        return Verdict("changed" if change.values else "kept", tuple(told), code)

    def _buyer(
        self, tx: Transaction, record: OrderRecord, effects: Effects
    ) -> tuple[int | None, int | None]:
        """(fan, identity) of the buyer, added when new; (None, None) when nothing names them."""
        if record.buyer is None:
            return None, None
        at_ms = record.paid_at or record.created_at or tx.now_ms
        fan = self._known(tx.db).resolve(
            tx, [record.buyer], record.buyer_name, record.buyer_phone, self._origin, at_ms, None, effects
        )
        return (None, None) if fan is None else (fan.fan_id, fan.identity_id)


def _key(record: OrderRecord) -> Key:
    return record.platform, record.scope, record.order_no
