"""Seeded chance: every figure of the world is computed from (seed, kind, key), nothing is stored."""

import base64
import hashlib


class Chance:
    """Draws 64 bytes for a (kind, key) pair; always the same bytes under the same seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._key = hashlib.sha256(f"sandbox:{seed}".encode()).digest()
        self._bases: dict[bytes, hashlib.blake2b] = {}  # keyed and waiting for data: a third quicker

    def roll(self, kind: bytes, number: int) -> bytes:
        """64 bytes for a numbered thing; `kind` is at most 16 bytes."""
        base = self._bases.get(kind)
        if base is None:
            base = self._bases[kind] = hashlib.blake2b(key=self._key, person=kind)
        drawn = base.copy()
        drawn.update(number.to_bytes(8, "big", signed=True))
        return drawn.digest()

    def roll_text(self, kind: bytes, text: str) -> bytes:
        """64 bytes for a named thing."""
        return hashlib.blake2b(text.encode(), key=self._key, person=kind, digest_size=64).digest()

    def ident(self, prefix: str, kind: bytes, number: int, length: int = 32) -> str:
        """An opaque id of `length` characters in [A-Za-z0-9_-] with the given prefix."""
        text = base64.urlsafe_b64encode(self.roll(kind, number)).decode()
        return prefix + text[: length - len(prefix)]

    def token(self, kind: bytes, number: int, length: int) -> str:
        """A long opaque string, such as an access token."""
        parts = [
            base64.urlsafe_b64encode(self.roll(kind, number * 1000 + part)).decode().rstrip("=")
            for part in range(length // 80 + 1)
        ]
        return "".join(parts)[:length]


def word(bits: bytes, at: int) -> int:
    """Two bytes of a draw as a number 0..65535."""
    return bits[at] << 8 | bits[at + 1]


def long_word(bits: bytes, at: int) -> int:
    """Four bytes of a draw as a number."""
    return int.from_bytes(bits[at : at + 4], "big")
