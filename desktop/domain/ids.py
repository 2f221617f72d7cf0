"""Identifiers. Rows that an operator creates carry a UUIDv7 `uid` beside their local integer id."""

from __future__ import annotations

import secrets

UID_BYTES = 10  # of randomness in one


def new_uid(now_ms: int, entropy: bytes | None = None) -> str:
    """A UUIDv7 (RFC 9562): 48 bits of UTC milliseconds, then randomness; sorts by time."""
    raw = entropy if entropy is not None else secrets.token_bytes(UID_BYTES)
    value = (now_ms & (1 << 48) - 1) << 80 | int.from_bytes(raw[:UID_BYTES], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"  # as uuid.UUID writes it, for a quarter of the time
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
