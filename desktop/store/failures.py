"""What SQLite's and the system's errors stand for, in our own words."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator

from desktop.domain.errors import (
    DiskFullError,
    StoreCorruptError,
    StoreError,
    StoreLockedError,
    StoreReadOnlyError,
)
from desktop.store.engine import sqlite3

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
OF_THE_DISK = ("SQLITE_IOERR", "SQLITE_CANTOPEN")


@contextlib.contextmanager
def told_errors() -> Iterator[None]:
    """SQLite's and the system's errors as ours, with a cause the owner can act on."""
    try:
        yield
    except sqlite3.Error as error:
        raise translated(error) from error
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFullError from error
        if error.errno in (1, 13, 30):  # EPERM, EACCES, EROFS
            raise StoreReadOnlyError(path=str(error.filename or "")) from error
        raise StoreError(detail=str(error)) from error


def is_of_the_disk(error: BaseException | None) -> bool:
    """Whether a call to the disk failed, for want of room or otherwise: SQLite does not pass on which.

    It tells "full" of writes only. A sync, a new file, the shared memory, a quota: all are this.
    """
    return (getattr(error, "sqlite_errorname", None) or "").startswith(OF_THE_DISK)


def translated(error: Exception) -> StoreError:
    """The store error that a SQLite error stands for."""
    name = getattr(error, "sqlite_errorname", "") or ""
    text = str(error)
    if name.startswith("SQLITE_FULL") or "disk is full" in text:
        return DiskFullError()
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "locked" in text:
        return StoreLockedError()
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")) or "readonly" in text:
        return StoreReadOnlyError(path=text)
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "malformed" in text:
        return StoreCorruptError(detail=text)
    return StoreError(detail=text)
