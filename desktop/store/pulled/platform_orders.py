"""Orders as a platform's interface tells them, taken into the same rows as those of files.

The same page any number of times changes nothing; an order is found by its number wherever it came from first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.identity import IdentityKey
from desktop.domain.imports import order_of_nobody
from desktop.domain.live_orders import LiveOrder, Receiver, beside
from desktop.domain.order_merge import change_of
from desktop.store import orders
from desktop.store.effects import NO_EFFECTS
from desktop.store.fans import fan_stats
from desktop.store.fans.known_people import KnownPeople
from desktop.store.orders import WaitingOrders
from desktop.store.transaction import Transaction


@dataclass(slots=True)
class IngestedOrders:
    """What one page changed here; `touched` are fans whose sums were computed anew."""

    new: int = 0
    changed: int = 0
    touched: set[int] = field(default_factory=set)


def ingest(tx: Transaction, account: Account, found: Sequence[LiveOrder], seen_at: int) -> IngestedOrders:
    """Take in one page that was read at `seen_at` (UTC ms), with the people behind it."""
    done = IngestedOrders()
    page = {order.record.order_no: order for order in found}
    platform = account.platform
    rows = orders.find_many(tx.db, {(platform, ""): list(page)})
    lines = orders.lines_of_many(tx.db, [row["id"] for row in rows.values()])
    people = KnownPeople()
    keys = {number: _keys(order, rows.get((platform, "", number))) for number, order in page.items()}
    people.look(tx.db, {key for each in keys.values() for key in each})
    waiting = WaitingOrders()
    for number, order in page.items():
        row = rows.get((platform, "", number))
        if any(people.is_erased(key) for key in order.buyers):  # the money stays, the person does not
            tx.turned_away.update(key for key in order.buyers if people.is_erased(key))
            order = replace(order, record=order_of_nobody(order.record), buyers=())
        buyer = _buyer(tx, account, order, keys[number], people)
        if row is None:
            waiting.add(tx, order.record, *buyer, f"sync:{account.uid}", seen_at)
            done.new += 1
            done.touched |= {fan for fan in buyer[:1] if fan is not None}
            continue
        people.flush(tx)
        known = orders.known(row, lines.get(row["id"], ()))
        is_older = seen_at < row["seen_at"]
        change = change_of(known, beside(known, order.record), "update", is_older=is_older)
        values = dict(change.values)
        if order.buyers and buyer != (row["fan_id"], row["identity_id"]):
            values["fan_id"], values["identity_id"] = buyer
        if not values:
            continue
        if not is_older:
            values["seen_at"] = seen_at
        orders.change(tx, row, values, NO_EFFECTS)
        done.changed += 1
        done.touched |= {fan for fan in (row["fan_id"], buyer[0]) if fan is not None}
    people.flush(tx)
    waiting.flush(tx)
    if done.touched:
        fan_stats.refresh(tx, done.touched)
    return done


def _keys(order: LiveOrder, row: Any) -> list[IdentityKey]:
    """Who bought: the platform's ids first, then whoever a file named for this very order."""
    keys = list(order.buyers)
    if keys and row is not None and row["identity_id"] is not None:
        named = IdentityKey(row["buyer_platform"], row["buyer_scope"], row["buyer_external_id"])
        keys += [] if named in keys else [named]
    return keys


def _buyer(
    tx: Transaction,
    account: Account,
    order: LiveOrder,
    keys: Sequence[IdentityKey],
    people: KnownPeople,
) -> tuple[int | None, int | None]:
    """(fan, identity) of the buyer, added when new; (None, None) where the platform names nobody."""
    if not order.buyers:
        return None, None
    record = order.record
    at = record.paid_at or record.created_at or order.updated_at
    origin = f"sync:{account.uid}"
    found = people.resolve(tx, keys, record.buyer_name, None, origin, at, account.id)
    return (None, None) if found is None else (found.fan_id, found.identity_id)


def receiver_of(conn: Any, order_id: int) -> dict[str, str]:
    """The receiver of one order as it is kept."""
    return dict(orders.known(by_id(conn, order_id), ()).receiver)


def set_receiver(tx: Transaction, order_id: int, receiver: Receiver) -> dict[str, str]:
    """Keep what was revealed with the order, in place of what was hidden; the receiver as it stands now."""
    row = by_id(tx.db.conn, order_id)
    known = receiver_of(tx.db.conn, order_id)
    for part in ("name", "phone", "address"):
        value = getattr(receiver, part)
        if not value:
            continue
        known[part] = value
        known.pop(f"{part}_kind", None)
        if part == "phone":
            known["phone_kind"] = "virtual" if receiver.facts.get("is_virtual_phone") else "plain"
    orders.change(tx, row, {"receiver": known}, NO_EFFECTS)
    return known


def set_remark(tx: Transaction, order_id: int, remark: str, star: int) -> None:
    """The platform has the seller's remark and star."""
    row = by_id(tx.db.conn, order_id)
    extra = {**orders.known(row, ()).extra, "seller_note": remark, "seller_star": star}
    orders.change(tx, row, {"extra": extra}, NO_EFFECTS)


def by_id(conn: Any, order_id: int) -> Any:
    """One order's row as `orders.find_many` gives it; None when it is not there."""
    row = conn.execute('SELECT platform, scope, order_no FROM "order" WHERE id = ?', (order_id,)).fetchone()
    if row is None:
        return None
    key = str(row[0]), str(row[1]), str(row[2])
    return orders.find_many(conn, {key[:2]: [key[2]]})[key]


def at_platform(conn: Any, platform: str) -> list[Any]:
    """(id, external id) of live accounts that may hold orders of a platform."""
    rows = conn.execute(
        "SELECT id, uid, external_id FROM account WHERE platform = ? AND removed_at IS NULL ORDER BY id",
        (platform,),
    )
    return list(rows.fetchall())
