"""Orders of a shop with an interface: the seller's remark and star, and who receives one order when asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.errors import ConflictError, InvalidInputError, NotFoundError
from desktop.domain.live_orders import RECEIVER_PARTS, REMARK_SIGNS, STARS, is_plain
from desktop.domain.order_merge import LIVE
from desktop.domain.outbox import HOLD_S
from desktop.domain.write_kinds.doudian import ORDER_REMARK
from desktop.domain.writes import Write
from desktop.platforms.ports_shop import RevealsReceivers
from desktop.services import platform_edits
from desktop.services.accounts import AccountService
from desktop.services.platform_edits import Queued, Wish
from desktop.store.database import Store
from desktop.store.pulled import platform_orders
from desktop.store.sends.pending_edits import stop_open
from desktop.store.transaction import Transaction

ENTITY = "order"
TITLE_SIGNS = 60


@dataclass(frozen=True, slots=True)
class Revealed:
    """The receiver of one order as it is kept now; `refused` is the platform's reason where a part is missing."""

    receiver: dict[str, str]
    refused: str = ""


class OrderService:
    """Changes and reveals orders at their platform. Raises NotFoundError('order_missing')."""

    def __init__(self, store: Store, clock: Clock, accounts: AccountService) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts

    async def remark(self, order_id: int, remark: str, star: int, hold_s: float = HOLD_S) -> Queued:
        """Queue the seller's remark and star of an order, as a whole; one that has not left is replaced.

        Raises InvalidInputError('order_remark'), ConflictError (order_without_shop).
        """
        said = " ".join(remark.split())
        if not said or len(said) > REMARK_SIGNS or star not in STARS:
            raise InvalidInputError("order_remark", limit=REMARK_SIGNS)

        def work(tx: Transaction) -> Queued:
            row = _row(tx.db.conn, order_id)
            account_id = int(_account(tx.db.conn, row)["id"])
            number = str(row["order_no"])
            order_key = f"order:{number}"
            stop_open(tx, ENTITY, order_id, order_key, "replaced_by_newer")
            write = Write(ORDER_REMARK, {"order": number, "remark": said, "star": star})
            summary = {"title": said[:TITLE_SIGNS], "text": said, "for": number, "recipients": 0}
            wish = Wish(account_id, ENTITY, order_id, write, summary, order_key)
            uids = platform_edits.queue(tx, self._store, [wish], hold_s)
            return Queued("", tuple(uids), tx.now_ms + int(hold_s * 1000))

        return await self._store.write(work, kind="order.remark", payload={"order": order_id})

    async def take_back(self, items: Sequence[str]) -> int:
        """Stop remarks that have not left; how many. Raises ConflictError('outbox_too_late')."""
        return await platform_edits.take_back(self._store, items)

    async def reveal(self, order_id: int) -> Revealed:
        """Who receives one order, in plain text; that somebody looked is written down.

        What was asked for before is kept; else the platform is asked, which costs a call of the day's quota.
        Raises ConflictError (order_without_shop, order_not_revealable), and the platform's errors.
        """
        row = await self._store.read(lambda conn: _row(conn, order_id))
        known = await self._store.read(lambda conn: platform_orders.receiver_of(conn, order_id))
        if all(is_plain(known, part) for part in RECEIVER_PARTS):
            looked = {"order": str(row["order_no"]), "account": ""}
            await self._store.write(lambda tx: None, kind="order.reveal", payload=looked)
            return Revealed(known)
        found = await self._store.read(lambda conn: _account(conn, row))
        adapter = await self._accounts.open(await self._accounts.get(int(found["id"])))
        try:
            if not isinstance(adapter, RevealsReceivers):
                raise ConflictError("order_not_revealable")
            receiver = await adapter.receiver(str(row["order_no"]))
        finally:
            await adapter.aclose()
        kept = await self._store.write(
            lambda tx: platform_orders.set_receiver(tx, order_id, receiver),
            kind="order.reveal",
            payload={"order": str(row["order_no"]), "account": str(found["uid"])},
        )
        return Revealed(kept, receiver.refused)


def _row(conn: Any, order_id: int) -> Any:
    row = platform_orders.by_id(conn, order_id)
    if row is None:
        raise NotFoundError("order_missing", order=order_id)
    return row


def _account(conn: Any, row: Any) -> Any:
    """The connected shop that the order is of: the one that told of it, else the only one."""
    known = platform_orders.at_platform(conn, str(row["platform"])) if row["platform"] in LIVE else []
    told = [each for each in known if str(row["origin"]) == f"sync:{each['uid']}"]
    named = [each for each in known if row["buyer_scope"] == each["external_id"]]
    chosen = told or named or known
    if len(chosen) != 1:
        raise ConflictError("order_without_shop")
    return chosen[0]
