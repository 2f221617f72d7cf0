"""What a scripted platform offers, so that a story can be lived with it. A new platform is one more of these."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.simulator.timeline import Timeline

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

    It calls `executed` for everything it does on request, in the moment it does it. What has a body here
    is so unless a platform says otherwise.
    """

    name: str
    prefix: str  # of its paths
    secrets: Mapping[str, str]  # that an account is connected with
    executed: Callable[[Effect], None]
    complain: Callable[[str], None] = print  # of what nobody else can see
    kept: Callable[[], str] = str  # what the system's keyring holds
    write_paths: tuple[str, ...]  # requests that change something; troubles of the line fall on these
    trouble_paths: tuple[str, ...]  # parts of paths that troubles fall on, as often as they stand here
    checked: tuple[int, ...]  # codes that it finds before it does anything, as its documents have it
    unlisted: tuple[int, ...] = (1, 99, 30_001, 123_456, 2_000_002)  # codes nobody has ever seen
    busy: int = -1
    rate: int = 45009
    unfit: tuple[str, ...] = ()  # kinds of trouble that mean nothing in its wire format
    keys: Mapping[str, str] = {}  # kinds that may leave again under one key: its field in the request
    asked_too: frozenset[str] = (
        frozenset()
    )  # kinds that are read back, and asked about where nothing is seen
    made_anew: frozenset[str] = (
        frozenset()
    )  # kinds that are read back by what they made, which must be theirs
    never_asked: frozenset[str] = (
        frozenset()
    )  # kinds without reading back that nobody has to be asked about

    def __init__(self, line: Timeline, seed: int) -> None:
        """A platform that begins to live; the same seed is the same platform."""
        ...

    def begin(self, chance: random.Random) -> None:
        """What is wrong with its data from the first day on."""

    def answer(self, path: str, query: Mapping[str, str], body: bytes) -> Fields:
        """Carry out one request; the reply's fields."""
        ...

    def refusal(self, code: int) -> Fields:
        """What a reply with an error code looks like."""
        ...

    def ghost(self, chance: random.Random) -> Fields:
        """What a reply looks like for something that was never done."""
        ...

    def spoilt(self, kind: str, answer: Fields) -> Fields:
        """An answer with one thing wrong: `no_id` is a success that tells nothing of what was made."""
        changes: Mapping[str, Fields] = {"odd_code": {"errcode": "zero"}, "null_code": {"errcode": None}}
        return {"errcode": 0, "errmsg": "ok"} if kind == "no_id" else answer | changes.get(kind, {})

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
        return []

    def page(self, kept: str) -> set[str] | None:
        """People on the page that stands before a cursor of its people, as the file keeps it."""
        return None

    def said(self) -> Iterator[Said]:
        """All words for people that the platform took."""
        yield from ()

    def change(self, chance: random.Random) -> str:
        """People do something at the platform; what, for the trace."""
        ...

    def confirm(self, chance: random.Random) -> str:
        """Staff do what waits for them."""
        return "nothing"

    def elsewhere(self, chance: random.Random, frozen: Fields) -> str:
        """Another computer of the shop makes the same as these frozen bytes; '' when it does not."""
        return ""

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
