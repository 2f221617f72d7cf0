"""The calls an account may make: counted in the shop's file before they are made, so that no restart
resets them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cache
from typing import Any

from desktop.domain.call_budget import CallLimit, Window, ahead
from desktop.domain.clock import Clock
from desktop.domain.errors import RateLimitedError
from desktop.store.accounts import call_budgets
from desktop.store.database import Store
from desktop.store.rules import shipped

LIMITS: Mapping[str, str] = {
    "wechat": "wechat_limits",
    "wecom": "wecom_limits",
}  # platform to its rules file


@cache
def limits_of(platform: str, path: str) -> tuple[CallLimit, ...]:
    """Every limit of one path; none for a platform without rules."""
    name = LIMITS.get(platform)
    if name is None:
        return ()
    rules: Mapping[str, Any] = shipped(name)
    merged = {**rules["every"], **rules["paths"].get(path, {})}
    return tuple(CallLimit(Window(window), int(most)) for window, most in merged.items())


class CallBudget:
    """Takes calls from small reservations; only a fresh reservation costs a commit. One for each open line."""

    def __init__(self, store: Store, clock: Clock, platform: str, account_id: int) -> None:
        self._store = store
        self._clock = clock
        self._platform = platform
        self._account_id = account_id
        self._held: dict[str, tuple[int, int]] = {}  # path to calls left and until when they are good
        self._lock = asyncio.Lock()

    async def take(self, path: str) -> None:
        """Use one call. Raises RateLimitedError('calls_used_up') with the time left, and StoreError.

        Does not let go of the event loop while there is a reservation.
        """
        if not self._has_held(path):
            await self.prepare(path)
        calls, until = self._held[path]
        self._held[path] = calls - 1, until

    async def prepare(self, path: str) -> None:
        """Have at least one call of a path reserved. Raises as `take`."""
        limits = limits_of(self._platform, path)
        async with self._lock:
            if self._has_held(path):
                return
            got = await self._store.write(
                lambda tx: call_budgets.reserve(tx, self._account_id, path, limits, ahead(limits)),
                kind=None,
            )
        if not got.calls:
            left_s = max(1.0, (got.until - self._clock.now_ms()) / 1000)
            raise RateLimitedError("calls_used_up", retry_after_s=left_s, seconds=round(left_s), path=path)
        self._held[path] = got.calls, got.until

    async def block(self, path: str, seconds: float) -> None:
        """The platform closed the path for so long; kept at once. Raises StoreError."""
        self._held.pop(path, None)
        until = self._clock.now_ms() + round(seconds * 1000)
        await self._store.write(lambda tx: call_budgets.block(tx, self._account_id, path, until), kind=None)

    async def aclose(self) -> None:
        """Give back what was reserved and not used. Raises StoreError."""
        held, self._held = self._held, {}
        now = self._clock.now_ms()
        unused = {path: calls for path, (calls, until) in held.items() if calls and until > now}
        if not unused:
            return

        def work(tx: Any) -> None:
            for path, calls in unused.items():
                windows = tuple(limit.window for limit in limits_of(self._platform, path))
                call_budgets.give_back(tx, self._account_id, path, windows, calls)

        await self._store.write(work, kind=None)

    def _has_held(self, path: str) -> bool:
        calls, until = self._held.get(path, (0, 0))
        return calls > 0 and self._clock.now_ms() < until
