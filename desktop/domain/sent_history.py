"""One thing that went out, and what the owner may look for among all of them. Frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing that left, or may have left (`state` unknown or in_flight).

    `key` is the outbox item's uid, or the platform's own id where it was made elsewhere. `bytes` and
    `sha256` are those of the frozen payload. Counts are None where nobody told.
    """

    key: str
    is_ours: bool
    account_id: int
    account_name: str
    kind: str
    at: int
    who: str
    state: str
    title: str
    text: str
    bytes: int | None
    sha256: str
    platform_id: str
    proof: Mapping[str, Any] | None
    staff_asked: int | None
    staff_confirmed: int | None
    recipients: int | None
    sent: int | None
    failed: int | None


@dataclass(frozen=True, slots=True)
class SentFilter:
    """`is_ours` None: both; `kind` '': every kind; `search` in texts, names, ids and hashes."""

    search: str = ""
    is_ours: bool | None = None
    kind: str = ""
