"""A guard for paging: a cursor that comes back means that the platform walks in circles."""

from __future__ import annotations

from desktop.domain.errors import UnclearReplyError

MAX_PAGES = 100_000


class CursorGuard:
    """Remembers the cursors of one pass through one listing."""

    def __init__(self, listing: str) -> None:
        self._listing = listing
        self._seen: set[str] = set()

    def pass_by(self, cursor: str) -> None:
        """Note the next cursor. Raises UnclearReplyError when it was given before, or after too many."""
        if cursor in self._seen or len(self._seen) >= MAX_PAGES:
            raise UnclearReplyError("cursor_loop", listing=self._listing, pages=len(self._seen))
        self._seen.add(cursor)
