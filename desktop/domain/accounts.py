"""Accounts on platforms: what the shop knows about each, without its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


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


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """An account with what the owner wants to know at a glance.

    `secret_kind` says where its secret is kept (keyring, kernel, memory); None when it is not at hand.
    """

    account: Account
    secret_kind: str | None
    customers: int
    groups: int
    staff: int


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """The outcome of trying an account: `staff` have customers, or what stands in the way."""

    works: bool
    staff: int = 0
    error_code: str | None = None
    error_params: Mapping[str, Any] | None = None
