"""Copies of a database that are checked and on the disk before they get their name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from desktop.domain.errors import StoreCorruptError
from desktop.store.engine import sqlite3


def copy_verified(source: Any, target: Path) -> None:
    """Copy an open database to `target`, check it, sync it, and only then give it its name."""
    temporary = target.with_name(target.name + ".part")
    temporary.unlink(missing_ok=True)
    copy = sqlite3.connect(str(temporary))
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        copy.close()
    if verdict != "ok":
        temporary.unlink(missing_ok=True)
        raise StoreCorruptError(detail=str(verdict))
    sync_file(temporary)
    os.replace(temporary, target)
    sync_folder(target.parent)


def sync_file(path: Path) -> None:
    """Force a file's bytes to the disk."""
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


def sync_folder(folder: Path) -> None:
    """Force a folder's names to the disk, where the system allows it."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
