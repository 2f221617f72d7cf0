"""A shop's file on a medium that cannot be written: opened to be looked at, never touched.

SQLite reads it as immutable: no log, no shared memory, no locks beside it. A log that an interrupted
program left behind is not read that way, so then a private copy is made whole and read instead.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from desktop.domain.errors import StoreReadOnlyError, StoreTooNewError
from desktop.store.engine import sqlite3
from desktop.store.migrations import SCHEMA_VERSION

LEFT_BEHIND = ("-wal", "-journal")


class FrozenFile:
    """Where to read the shop at `path` from. `release` lets go of the copy, where one was needed."""

    def __init__(self, path: Path) -> None:
        self._copied: tempfile.TemporaryDirectory[str] | None = None
        self.path = path
        if any(_size(_beside(path, end)) for end in LEFT_BEHIND):
            self._copied = tempfile.TemporaryDirectory(prefix="fankeeper-", ignore_cleanup_errors=True)
            self.path = _made_whole(path, Path(self._copied.name))

    def connect(self, *, check_same_thread: bool = True) -> Any:
        """A connection that can only read."""
        uri = f"{self.path.resolve().as_uri()}?mode=ro&immutable=1"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=check_same_thread)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA trusted_schema = OFF")
        return connection

    def release(self) -> None:
        """Harmless when done twice."""
        if self._copied is not None:
            self._copied.cleanup()


def checked_version(connection: Any, folder: Path) -> None:
    """Raises StoreReadOnlyError('shop_read_only_old') for an older schema, StoreTooNewError for a newer one."""
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > SCHEMA_VERSION:
        raise StoreTooNewError(found=found, known=SCHEMA_VERSION)
    if found < SCHEMA_VERSION:
        raise StoreReadOnlyError("shop_read_only_old", path=str(folder))


def refused(path: Path) -> StoreReadOnlyError:
    """What every command that would change something is told."""
    return StoreReadOnlyError("shop_read_only", path=str(path.parent))


def _made_whole(path: Path, folder: Path) -> Path:
    """A copy with what the log holds."""
    target = folder / path.name
    for source in (path, *(_beside(path, end) for end in LEFT_BEHIND)):
        if source.exists():
            shutil.copyfile(source, folder / source.name)
    connection = sqlite3.connect(str(target), isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        connection.close()
    return target


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
