"""Which versions are at work, for those who may not ask the store themselves."""

from __future__ import annotations

from desktop.store import engine


def sqlite_version() -> str:
    """The SQLite library in use."""
    return engine.version()


def has_safe_sqlite() -> bool:
    """Whether it is one without the known fault that can damage a file in use."""
    return engine.has_wal_reset_fix()
