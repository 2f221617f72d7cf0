"""What a scripted platform offers, so that a story can be lived with it. A new platform is one more of these."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Fields = dict[str, Any]
Rows = Callable[..., list[tuple[Any, ...]]]  # rows(sql, *values): a look into the shop's file


@dataclass(frozen=True)
class Effect:
    """Something a platform did. `once` are (what, who) of which each may happen a single time.

    `platform_id` is the id of a thing that came into being, '' where nothing did.
    """

    said: str
    platform_id: str = ""
    once: tuple[tuple[str, str], ...] = ()
    undone: tuple[tuple[str, str], ...] = ()  # was stopped before it reached them: may happen again


@dataclass(frozen=True)
class Said:
    """Words that reached the platform for people, and the thing there that carries them."""

    platform_id: str
    text: str


@dataclass
class Made:
    """Whose a thing at the platform is: outbox items (uids) by its id."""

    by: dict[str, str] = field(default_factory=dict)


class PlatformWorld(Protocol):
    """A platform with its people, in its own wire format, sharing no code with adapters.

    It calls `executed` for everything it does on request, in the moment it does it.
    """

    name: str
    prefix: str  # of its paths
    executed: Callable[[Effect], None]
    write_paths: tuple[str, ...]  # requests that change something; troubles of the line fall on these

    def answer(self, path: str, query: Mapping[str, str], body: bytes) -> Fields:
        """Carry out one request; the reply's fields."""
        ...

    def refusal(self, code: int) -> Fields:
        """What a reply with an error code looks like."""
        ...

    def ghost(self, chance: random.Random) -> Fields:
        """What a reply looks like for something that was never done."""
        ...

    def other_than(self, frozen: Fields, path: str, asked: Fields) -> str:
        """What a request says that was not confirmed so; '' when it says the frozen bytes and nothing else."""
        ...

    def path_of(self, kind: str) -> str:
        """The request that a kind of write becomes."""
        ...

    def is_so(self, frozen: Fields) -> bool:
        """Whether a thing is now as these frozen bytes want it."""
        ...

    def barred_targets(self, asked: Fields) -> list[str]:
        """People a request would write to who may have asked not to be written to."""
        ...

    def page(self, cursor: str) -> set[str] | None:
        """People on the page that stands before a cursor of the customers' list."""
        ...

    def said(self) -> Iterator[Said]:
        """All words for people that the platform took."""
        ...

    def change(self, chance: random.Random) -> str:
        """People do something at the platform; what, for the trace."""
        ...

    def confirm(self, chance: random.Random) -> str:
        """Staff do what waits for them."""
        ...

    def elsewhere(self, chance: random.Random, frozen: Fields) -> str:
        """Another computer of the shop makes the same as these frozen bytes; '' when it does not."""
        ...

    def mood(self, chance: random.Random) -> str:
        """Something about the platform's data goes wrong, or right again."""
        ...

    def turn_secret(self) -> str:
        """The secret is refused from now on, or taken again."""
        ...

    def revoke_token(self) -> None:
        """The token in use is no good from now on."""
        ...

    def heal(self) -> None:
        """Everything is as it should be."""
        ...

    def differences(
        self, rows: Rows, made: Made, excused: set[str]
    ) -> Iterator[tuple[str, dict[Any, Any], dict[Any, Any]]]:
        """(what, as the file has it, as it is) to compare in the end; things of `excused` items may be
        unknown to the file."""
        ...
