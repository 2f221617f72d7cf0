"""What an adapter of any platform does alike: it hands over to the line, and to the module of each write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from desktop.domain.proof import Judgement, Listing, UnknownWrite
from desktop.domain.writes import Receipt, Write
from desktop.platforms.line import Line

LineT = TypeVar("LineT", bound=Line)


class AccountAdapter(ABC, Generic[LineT]):
    """One account. Every method raises the five errors described in desktop.platforms.ports.

    `performs` and `proves` hold, by kind of write, how it is made and how an unclear outcome is found out.
    """

    performs: ClassVar[Mapping[str, Callable[..., Awaitable[Receipt]]]]
    proves: ClassVar[Mapping[str, Callable[..., Awaitable[Mapping[str, Judgement]]]]]
    kinds: ClassVar[frozenset[str]]

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.kinds = frozenset(cls.performs)

    def __init__(self, line: LineT, scope: str) -> None:
        self.scope = scope
        self._client = line

    async def aclose(self) -> None:
        """Close every connection and forget the token."""
        await self._client.aclose()

    @abstractmethod
    async def hear_time(self) -> None:
        """Ask anything small, to hear what time it is there."""

    async def ready(self) -> None:
        """Have a token at hand, and the hour: a token kept from an earlier day comes without a reply."""
        await self._client.ready()
        if self._client.is_silent:
            await self.hear_time()

    def token_life(self) -> tuple[int, int] | None:
        """(fetched at, good until) of the token, UTC ms; None before the first."""
        return self._client.token_life()

    def clock_skew_ms(self) -> int | None:
        """Platform time minus local time now; None before any reply."""
        return self._client.clock_skew_ms()

    async def perform(self, write: Write, key: str, *, is_repeat: bool = False) -> Receipt:
        """Make one change."""
        return await self.performs[write.kind](self._client, write, key, is_repeat)

    async def prove(
        self, kind: str, unknown: Sequence[UnknownWrite], taken: Collection[str]
    ) -> Mapping[str, Judgement]:
        """What became of unknown writes of one kind."""
        return await self.proves[kind](self._client, kind, unknown, taken)

    async def recent(self, kind: str, since_ms: int) -> Listing:
        """Where no kind is proven by a listing: an empty and incomplete one."""
        return Listing((), since_ms, self._client.clock.now_ms(), is_complete=False)
