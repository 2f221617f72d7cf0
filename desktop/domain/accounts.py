"""Accounts on platforms: what the shop knows about each, without its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit


class AccountState(StrEnum):
    """new: never reached; refused: the platform wants something mended; disabled: switched off here."""

    NEW = "new"
    CONNECTED = "connected"
    REFUSED = "refused"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Account:
    """One account. Times are UTC ms; `last_error` holds the parameters of the error's text."""

    id: int
    uid: str
    platform: str
    name: str
    base_url: str
    external_id: str
    state: AccountState
    created_at: int
    last_sync_at: int | None = None
    last_error_code: str | None = None
    last_error: Mapping[str, Any] | None = None
    token_fetched_at: int | None = None
    token_until: int | None = None
    sending_agreed: Mapping[str, Any] | None = None

    @property
    def host(self) -> str:
        """The computer that this account's data goes to."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def may_send(self) -> bool:
        """Whether the owner has seen what leaves this computer through it, for this very host."""
        return (self.sending_agreed or {}).get("host") == self.host


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something the platform does not let an account do: a kind of write, or 'stream.<name>'. `at` is UTC ms."""

    ability: str
    code: str
    params: Mapping[str, Any]
    at: int


@dataclass(frozen=True, slots=True)
class CallUse:
    """How much of one window of one path is used up, and until when the platform closed the path (UTC ms)."""

    path: str
    window: str
    used: int
    most: int
    blocked_until: int | None = None

    @property
    def left_permille(self) -> int:
        """What is left of it."""
        if self.blocked_until is not None:
            return 0
        return max(0, self.most - self.used) * 1000 // self.most if self.most else 0


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """When a stream of an account last went through to its end: UTC ms, None never; what the last round read."""

    stream: str
    last_success_at: int | None
    received: int
    new: int
    changed: int
    removed: int
    error_code: str | None


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """An account with what the owner wants to know at a glance.

    `secret_kind` says where its secret is kept (keyring, kernel, memory); None when it is not at hand.
    `calls` are windows that run now and of which something is used, the fullest first; `waiting` counts
    outbox items that wait for their time or for a sync.
    """

    account: Account
    secret_kind: str | None
    customers: int
    groups: int
    staff: int
    refusals: tuple[Refusal, ...] = ()
    calls: tuple[CallUse, ...] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class TagAccount:
    """An account of a platform that keeps tags, in groups or without."""

    id: int
    name: str
    has_groups: bool


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """The outcome of trying an account: `staff` have customers, or what stands in the way."""

    works: bool
    staff: int = 0
    error_code: str | None = None
    error_params: Mapping[str, Any] | None = None
