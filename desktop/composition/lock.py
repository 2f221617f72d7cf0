"""One owner of a shop's folder at a time: the window or one command, held by the operating system.

The kernel gives the lock back when its owner ends, however it ends, and never while the owner is
merely stopped or busy. The lock file itself stays: removing it would let two owners in at once.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from desktop.composition.places import refuse_shared
from desktop.domain.errors import StoreError, StoreLockedError, StoreReadOnlyError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FILE = "shop.lock"
WINDOW, COMMAND = "window", "command"
WAIT_S = 5.0
_STEP_S = 0.05
_LOCKED_BYTE = 1 << 20  # far behind the text, which stays readable where locks are mandatory
_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds a shop's folder. `what` is "window" or "command"; pid 0 and blanks where unknown."""

    pid: int
    host: str
    what: str


class FolderLock:
    """The right to open the shop in `folder`, until `release` or the end of the process."""

    def __init__(self, folder: Path, handle: int | None, *, is_mine: bool = True) -> None:
        self.folder = folder
        self._handle = handle
        self._is_mine = is_mine

    def release(self) -> None:
        """Let the next one in. Harmless when done twice."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        try:
            if self._is_mine:
                os.ftruncate(handle, 0)  # no owner is named while there is none
        except OSError:  # a full or vanished disk: the lock goes with the handle anyhow
            pass
        finally:
            os.close(handle)


def take(folder: Path, what: str) -> FolderLock:
    """Hold `folder` now, making it where it is missing.

    Raises StoreLockedError (params pid, host, what, detail), InvalidInputError('folder_shared') for
    a folder that other computers write to, StoreReadOnlyError and StoreError.
    """
    refuse_shared(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StoreReadOnlyError(path=str(folder)) from error
        raise StoreError(detail=str(error)) from error
    try:
        _lock(handle)
    except OSError as error:
        os.close(handle)
        if error.errno in _TAKEN:
            raise _locked_by(owner(folder)) from error
        raise StoreError(detail=str(error)) from error
    _write(handle, Owner(os.getpid(), platform.node(), what))
    return FolderLock(folder, handle)


def share(folder: Path) -> FolderLock:
    """Hold a folder that cannot be written, together with others who only read.

    Whoever may write there is kept out meanwhile, where a lock file was left; raises StoreLockedError
    while one of them has it open.
    """
    try:
        handle = os.open(folder / FILE, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return FolderLock(folder, None)
    try:
        _lock(handle, alone=False)
    except OSError as error:
        os.close(handle)
        if error.errno in _TAKEN:
            raise _locked_by(owner(folder)) from error
        return FolderLock(folder, None)  # a file system without locks
    return FolderLock(folder, handle, is_mine=False)


async def take_soon(folder: Path, what: str, wait_s: float = WAIT_S) -> FolderLock:
    """As `take`, but waits up to `wait_s` for a command to end; a window is not waited for."""
    for _ in range(max(1, round(wait_s / _STEP_S))):
        try:
            return take(folder, what)
        except StoreLockedError as error:
            if error.params["what"] == WINDOW:
                raise
        await asyncio.sleep(_STEP_S)
    return take(folder, what)


def owner(folder: Path) -> Owner:
    """Who wrote the lock file last; whether it still holds the lock is for `take` to find out."""
    try:
        said = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return Owner(int(said["pid"]), str(said["host"])[:64], str(said["what"])[:16])
    except (OSError, ValueError, KeyError, TypeError):
        return Owner(0, "", "")


def _locked_by(found: Owner) -> StoreLockedError:
    detail = f"(PID {found.pid}, {found.host})" if found.pid else ""
    return StoreLockedError(pid=found.pid, host=found.host, what=found.what, detail=detail)


def _write(handle: int, me: Owner) -> None:
    text = json.dumps(asdict(me)).encode()
    try:
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, text)
    except OSError:  # on a full disk the lock holds all the same, only without a name
        return


def _lock(handle: int, *, alone: bool = True) -> None:
    if sys.platform == "win32":
        os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK if alone else msvcrt.LK_NBRLCK, 1)
    else:
        fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
