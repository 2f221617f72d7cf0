"""Identifiers. Rows that an operator creates carry a UUIDv7 `uid` beside their local integer id."""

from __future__ import annotations

import secrets
import uuid


def new_uid(now_ms: int, entropy: bytes | None = None) -> str:
    """A UUIDv7 (RFC 9562): 48 bits of UTC milliseconds, then randomness; sorts by time."""
    raw = entropy if entropy is not None else secrets.token_bytes(10)
    value = (now_ms & (1 << 48) - 1) << 80 | int.from_bytes(raw[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
