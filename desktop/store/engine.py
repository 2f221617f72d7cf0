"""The one SQLite library of the process: the same that sqlite-utils uses, so never two on one file."""

from __future__ import annotations

from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

__all__ = ["has_wal_reset_fix", "sqlite3", "version"]

# pysqlite3 is carried where it has wheels: its SQLite has the WAL-reset fix, the system's may not.
SAFE_VERSION = (3, 51, 3)


def version() -> str:
    """Version text of the SQLite library in use."""
    return str(sqlite3.sqlite_version)


def has_wal_reset_fix() -> bool:
    """Whether this SQLite carries the WAL-reset fix of 3.51.3."""
    return tuple(int(part) for part in version().split(".")) >= SAFE_VERSION
