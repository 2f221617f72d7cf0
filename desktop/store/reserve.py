"""Room kept on the disk for one purpose: to write down what became of a send when the disk is full.

A file of that size lies beside the shop's. Nothing is sent unless it is there, and it is given up
only so that outcomes can be noted, or the shop opened at all; then nothing more is sent until there
is room to keep it again.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from desktop.store.failures import NO_ROOM

RESERVE_BYTES = 32 << 20
FULL_BELOW = 256 << 10  # bytes; less does not even hold the log's index
_BLOCK = bytes(1 << 20)


def is_full(folder: Path) -> bool:
    """Whether not even FULL_BELOW more bytes can be kept there: asked of the disk, and tried.

    Where a quota ends, or a file system has no room for its own books, the disk's figures look well.
    """
    try:
        if shutil.disk_usage(folder).free < FULL_BELOW:
            return True
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(bytes(FULL_BELOW))
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        return error.errno in NO_ROOM
    return False


class Reserve:
    """The file at `path`. `keep` and `release` may be called in any order, any number of times."""

    def __init__(self, path: Path, size: int = RESERVE_BYTES) -> None:
        self.path = path
        self.size = size

    @property
    def missing_bytes(self) -> int:
        """How much must be freed before the reserve can be kept: 0 where it is, or can be."""
        if self._is_kept():
            return 0
        try:
            return max(0, 2 * self.size - shutil.disk_usage(self.path.parent).free)
        except OSError:
            return 2 * self.size

    def keep(self) -> bool:
        """Have the file, whole; False where the disk has not twice its size to spare, or refuses."""
        if self._is_kept():
            return True
        if self.missing_bytes:
            return False
        try:
            with self.path.open("wb") as handle:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(handle.fileno(), 0, self.size)
                else:
                    for start in range(0, self.size, len(_BLOCK)):
                        handle.write(_BLOCK[: self.size - start])
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> bool:
        """Give the room up; False where there was nothing to give."""
        try:
            self.path.unlink()
        except OSError:
            return False
        return True

    def _is_kept(self) -> bool:
        try:
            return self.path.stat().st_size == self.size
        except OSError:
            return False
