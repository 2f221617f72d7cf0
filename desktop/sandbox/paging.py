"""Opaque cursors; pages that are shorter than asked, or empty without being the last."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from desktop.sandbox.chance import Chance


class BadCursor(ValueError):
    """A cursor that this sandbox never gave out for this listing."""


class Pager:
    """Cuts listings into pages. `uneven` switches short and empty pages on and off."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self.uneven = True

    def encode(self, listing: str, position: int, calm: bool = False) -> str:
        """A cursor for a position; `calm` marks the follow-up of an empty page."""
        body = f"{position}:{int(calm)}"
        return base64.urlsafe_b64encode(self._sign(listing, body) + body.encode()).decode()

    def decode(self, listing: str, cursor: str) -> tuple[int, bool]:
        """Position and calm mark of a cursor; the empty cursor is the start."""
        if not cursor:
            return 0, False
        try:
            raw = base64.urlsafe_b64decode(cursor)
            body = raw[9:].decode()
            position, calm = body.split(":")
            if raw[:9] != self._sign(listing, body):
                raise BadCursor(cursor)
            return int(position), calm == "1"
        except (ValueError, UnicodeDecodeError) as error:
            raise BadCursor(cursor) from error

    def _sign(self, listing: str, body: str) -> bytes:
        return hashlib.blake2b(f"{listing}|{body}|{self._chance.seed}".encode(), digest_size=9).digest()

    def size(self, listing: str, position: int, calm: bool, limit: int) -> int:
        """How many rows this page really holds: mostly `limit`, sometimes fewer, now and then none."""
        if not self.uneven or limit < 2:
            return limit
        kind = listing.partition(":")[0]  # without times and ids: the same pages in every run
        bits = self._chance.roll_text(b"page", f"{kind}:{position}:{limit}")
        if bits[0] < 8 and not calm:
            return 0
        if bits[0] < 48:
            return max(1, limit * (40 + bits[1] % 50) // 100)
        return limit

    def page(
        self,
        listing: str,
        rows: Sequence[Any],
        cursor: str,
        limit: int,
        show: Callable[[Any], Any] | None = None,
    ) -> tuple[list[Any], str]:
        """One page of a listing at hand, and the next cursor (empty at the end)."""
        position, calm = self.decode(listing, cursor)
        size = self.size(listing, position, calm, limit)
        if size == 0 and position < len(rows):
            return [], self.encode(listing, position, calm=True)
        part = rows[position : position + size]
        shown = [show(row) for row in part] if show else list(part)
        end = position + len(part)
        return shown, self.encode(listing, end) if end < len(rows) else ""
