"""What names one person on one platform. Pure data."""

from __future__ import annotations

from typing import NamedTuple


class IdentityKey(NamedTuple):
    """(platform, scope, platform's id). scope is '' where the id is valid everywhere."""

    platform: str
    scope: str
    external_id: str


UNION = "wechat_union"
ADDED = "added"  # the scope of keys that `added_key` makes
MINUTE_MS = 60_000


def added_key(staff: str, at_ms: int, name: str) -> IdentityKey:
    """The key of a customer whom a list names only by who added them when: minutes, which spreadsheets keep."""
    return IdentityKey("file", ADDED, f"{staff}|{at_ms // MINUTE_MS}|{name}")


def added_by(external_id: str) -> str:
    """The staff member that such a key names."""
    return external_id.partition("|")[0]


def phone_key(phone: str) -> IdentityKey:
    """The key of a plain phone number, where the phone is what names the buyer."""
    return IdentityKey("phone", "", phone)
