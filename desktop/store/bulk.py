"""Many rows in one statement: half the time of one statement a row, and free of Python's lock meanwhile.

The second matters more: `executemany` gives the lock back and asks for it again at each row, in turn with
a window that wants to paint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

# Enough for the inner pages of all indexes that a few hundred thousand rows touch.
ROOM_KB = 16_384
PORTIONS = (64, 8, 1)  # rows a statement; few texts, so that SQLite's library keeps them prepared


def write_rows(conn: Any, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement in which `{rows}` stands for `(?, ?), (?, ?)`, for all rows in their order."""
    at = 0
    for size in PORTIONS:
        if len(rows) - at < size:
            continue
        one = f"({', '.join('?' * len(rows[0]))})"
        text = statement.format(rows=", ".join([one] * size))
        while len(rows) - at >= size:
            conn.execute(text, list(chain.from_iterable(rows[at : at + size])))
            at += size


@contextmanager
def roomy(conn: Any) -> Iterator[None]:
    """While many rows go into many indexes: pages stay at hand that would else be written and read again."""
    before = conn.execute("PRAGMA cache_size").fetchone()[0]
    conn.execute(f"PRAGMA cache_size = -{ROOM_KB}")
    try:
        yield
    finally:
        conn.execute(f"PRAGMA cache_size = {int(before)}")
