"""Sets of fans as whole numbers, one bit a fan at its local id: and, or, not of a million take microseconds."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

WORD = 32  # fans a word: SQLite's numbers are signed 64-bit, so 32 bits sum without a sign
_WORDS = struct.Struct("<I")


def of_words(words: Sequence[tuple[int, int]]) -> int:
    """The set of (place, word) pairs: bit b of the word at place p is the fan WORD * p + b."""
    if not words:
        return 0
    held = bytearray(WORD // 8 * (max(place for place, _word in words) + 1))
    for place, word in words:
        _WORDS.pack_into(held, WORD // 8 * place, word)
    return int.from_bytes(held, "little")


def of(ids: Iterable[int]) -> int:
    """The set of some ids."""
    chosen = list(ids)
    if not chosen:
        return 0
    held = bytearray(max(chosen) // 8 + 1)
    for fan_id in chosen:
        held[fan_id >> 3] |= 1 << (fan_id & 7)
    return int.from_bytes(held, "little")


def ids(bits: int) -> list[int]:
    """The ids of a set, ascending."""
    found: list[int] = []
    for place, byte in enumerate(as_bytes(bits)):
        if byte:
            base = place * 8
            found += [base + n for n in range(8) if byte >> n & 1]
    return found


def first(bits: int, order: Iterable[int], limit: int) -> list[int]:
    """The first of an order that are in the set."""
    held = as_bytes(bits)
    found: list[int] = []
    for fan_id in order:
        place = fan_id >> 3
        if place < len(held) and held[place] >> (fan_id & 7) & 1:
            found.append(fan_id)
            if len(found) == limit:
                break
    return found


def as_bytes(bits: int) -> bytes:
    """The set as bytes, the lowest id in the lowest bit of the first."""
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")
