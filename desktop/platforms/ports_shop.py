"""What adapters of online shops can do. Errors as in `desktop.platforms.ports`."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from desktop.domain.live_orders import OrderPage, Receiver


@runtime_checkable
class PullsOrders(Protocol):
    """Can list orders by the time they changed last."""

    def platform_now_ms(self) -> int:
        """The time at the platform, UTC ms."""
        ...

    async def orders(self, since_ms: int, until_ms: int, cursor: str) -> OrderPage:
        """One page of the orders that changed in a stretch of time, oldest change first. Raises the five errors."""
        ...


@runtime_checkable
class RevealsReceivers(Protocol):
    """Can tell who receives one order, at the price of the platform's daily quota."""

    async def receiver(self, order_no: str) -> Receiver:
        """Ask for one order's receiver in plain text. Raises the five errors; NotFoundError for no such order."""
        ...
