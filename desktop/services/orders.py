"""Orders of a shop with an interface: the seller's remark and star, and who receives one order when asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from desktop.domain.clock import Clock
from desktop.domain.errors import ConflictError, InvalidInputError, NotFoundError
from desktop.domain.live_orders import REMARK_SIGNS, STARS
from desktop.domain.order_merge import LIVE
from desktop.domain.outbox_items import NewItem
from desktop.domain.write_kinds.doudian import ORDER_REMARK
from desktop.domain.writes import Write
from desktop.platforms.ports_shop import RevealsReceivers
from desktop.services.accounts import AccountService
from desktop.services.sending import freeze
from desktop.store import platform_orders
from desktop.store.database import Store
from desktop.store.transaction import Transaction

HOLD_MS = 5_000
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

    async def remark(self, order_id: int, remark: str, star: int) -> str:
        """Queue the seller's remark and star of an order, as a whole; the outbox item's uid.

        Raises InvalidInputError('order_remark'), ConflictError (order_without_shop).
        """
        said = " ".join(remark.split())
        if not said or len(said) > REMARK_SIGNS or star not in STARS:
            raise InvalidInputError("order_remark", limit=REMARK_SIGNS)

        def work(tx: Transaction) -> str:
            row = _row(tx.db.conn, order_id)
            account_id = int(_account(tx.db.conn, row)["id"])
            number = str(row["order_no"])
            item = NewItem(
                account_id=account_id,
                entity="order",
                entity_id=order_id,
                write=Write(ORDER_REMARK, {"order": number, "remark": said, "star": star}),
                summary={"title": said[:TITLE_SIGNS], "text": said, "for": number, "recipients": 0},
                order_key=f"order:{number}",
                not_before=tx.now_ms,
                not_after=None,
                hold_until=tx.now_ms + HOLD_MS,
            )
            return freeze(tx, [item], operator=self._store.operator, device_id=self._store.device_id)[0]

        return await self._store.write(work, kind="order.remark", payload={"order": order_id})

    async def reveal(self, order_id: int) -> Revealed:
        """Ask the platform who receives one order. It costs a call of the day's quota and is written down.

        Raises ConflictError (order_without_shop, order_not_revealable), and the platform's errors.
        """
        row = await self._store.read(lambda conn: _row(conn, order_id))
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
