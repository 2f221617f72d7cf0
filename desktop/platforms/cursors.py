"""A guard for paging: a cursor that comes back means that the platform walks in circles."""

from __future__ import annotations

from desktop.domain.errors import UnclearReplyError

MAX_PAGES = 20_000
MAX_BARREN = 100  # pages in a row that bring nothing new


class CursorGuard:
    """Remembers the cursors of one pass through one listing."""

    def __init__(self, listing: str) -> None:
        self._listing = listing
        self._seen: set[str] = set()
        self._barren = 0

    def pass_by(self, cursor: str, *, brought_news: bool = True) -> None:
        """Note the next cursor, and whether the page before it brought anything new.

        Raises UnclearReplyError when the cursor was given before, after too many pages, and after too
        many that brought nothing.
        """
        self._barren = 0 if brought_news else self._barren + 1
        if cursor in self._seen or len(self._seen) >= MAX_PAGES or self._barren >= MAX_BARREN:
            raise UnclearReplyError("cursor_loop", listing=self._listing, pages=len(self._seen))
        self._seen.add(cursor)
