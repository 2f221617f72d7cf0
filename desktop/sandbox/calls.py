"""What the frame and a platform exchange: one call in, one answer out."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

Doc = dict[str, Any]
Act = Callable[[Doc], Doc]


@dataclass(slots=True)
class Call:
    """One HTTP request, its path relative to the platform's prefix."""

    platform: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    client_ip: str


@dataclass(slots=True)
class Answer:
    """What the platform replies; `doc` is sent as JSON unless `body` holds other bytes."""

    doc: dict[str, Any] | None = None
    body: bytes | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    executed: bool = False  # the call changed or read the platform's state; refusals leave it False
    write: bool = False
    code: int | None = None  # the platform's own code where the document has no `errcode`

    def encode(self) -> bytes:
        """The body's bytes: UTF-8, Chinese unescaped, as the platforms send it."""
        if self.body is not None:
            return self.body
        if self.doc is None:
            return b""
        return json.dumps(self.doc, ensure_ascii=False, separators=(",", ":")).encode()


class Platform(Protocol):
    """One imitated platform under its own prefix."""

    name: str

    async def answer(self, call: Call) -> Answer:
        """Execute a call."""

    def refuse(self, call: Call, code: int, text: str) -> Answer:
        """The platform's way of saying an error code."""

    def kill_tokens(self) -> None:
        """Revoke every access token before its time."""

    def credentials(self) -> dict[str, str]:
        """What a client needs to log in."""

    def reset(self) -> None:
        """The seeded world again; tokens and counters are gone."""

    def describe(self) -> Doc:
        """What the control endpoint tells of this platform."""

    def controls(self) -> dict[tuple[str, str], Act]:
        """(verb, path below the control endpoint) -> what it does with a JSON document."""
