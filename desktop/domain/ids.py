"""Identifiers. Rows that an operator creates carry a UUIDv7 `uid` beside their local integer id."""

from __future__ import annotations

import secrets

UID_BYTES = 10  # of randomness in one
_VARIANTS = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def new_uid(now_ms: int, entropy: bytes | None = None) -> str:
    """A UUIDv7 (RFC 9562): 48 bits of UTC milliseconds, then randomness; sorts by time."""
    raw = entropy if entropy is not None else secrets.token_bytes(UID_BYTES)
    value = (now_ms & (1 << 48) - 1) << 80 | int.from_bytes(raw[:UID_BYTES], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"  # as uuid.UUID writes it, for a quarter of the time
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_uids(now_ms: int, count: int, entropy: bytes | None = None) -> list[str]:
    """So many of them at once, as `new_uid` makes them."""
    raw = (entropy if entropy is not None else secrets.token_bytes(UID_BYTES * count)).hex()
    time = f"{now_ms & (1 << 48) - 1:012x}"
    head, variants, digits = f"{time[:8]}-{time[8:]}-7", _VARIANTS, UID_BYTES * 2
    return [
        f"{head}{one[1:4]}-{variants[one[4]]}{one[5:8]}-{one[8:]}"
        for one in (raw[at : at + digits] for at in range(0, count * digits, digits))
    ]
