"""Backups one can trust: verified when made, rotated, and put back with everything unsent held."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from desktop.domain.clock import Clock, local
from desktop.domain.errors import AppError, InvalidInputError
from desktop.store import operations, upkeep
from desktop.store.database import Store
from desktop.store.failures import told_errors
from desktop.store.operations import OperationRow
from desktop.store.restore import RestoredBy, RestoreResult, ShopFile, inspect, restore
from desktop.store.rules import zone_of
from desktop.store.upkeep import CheckReport

KEPT = 7
NAME = re.compile(r"^shop-\d{8}-\d{6}\.db$")

__all__ = [
    "BackupFile",
    "BackupService",
    "CheckReport",
    "OperationRow",
    "RestoreResult",
    "RestoredBy",
    "ShopFile",
]


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A backup of the automatic folder."""

    path: Path
    made_at: int
    bytes: int


class BackupService:
    """`reopen` is given by the window: it closes the graph, runs a function, and opens it again."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        folder: Path,
        reopen: Callable[[Callable[[], RestoreResult]], Awaitable[RestoreResult]] | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._folder = folder
        self._reopen = reopen

    async def backup(self, target: Path) -> ShopFile:
        """A verified copy at `target`, replacing an older backup of that name.

        Raises InvalidInputError('backup_target_shop' / 'backup_target_folder' / 'backup_target_exists':
        a file that is no backup), StoreReadOnlyError, DiskFullError; an older file then stays.
        """
        await asyncio.to_thread(_check_target, target, self._store.path)
        await self._store.backup_to(target)
        return await asyncio.to_thread(inspect, target)

    async def daily(self) -> BackupFile | None:
        """Today's automatic backup and the rotation; None when today has one already.

        Raises StoreError subclasses; every backup that has its name is whole all the same.
        """
        zone = await self._store.read(zone_of)
        stamp = local(self._clock.now_ms(), zone)
        if any(file.path.name.startswith(f"shop-{stamp:%Y%m%d}-") for file in self.backups()):
            return None
        return await self.make()

    async def make(self) -> BackupFile:
        """An automatic backup now, and the rotation. Raises as `daily`."""
        stamp = local(self._clock.now_ms(), await self._store.read(zone_of))
        with told_errors():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for left in self._folder.glob("*.part"):  # of a backup that was killed
                left.unlink()
        target = self._folder / f"shop-{stamp:%Y%m%d-%H%M%S}.db"
        await self._store.backup_to(target)
        with told_errors():
            for old in self.backups()[KEPT:]:  # the one just verified is the newest, so it always stays
                old.path.unlink()
        return next(file for file in self.backups() if file.path == target)

    def backups(self) -> list[BackupFile]:
        """Automatic backups, newest first. A file gets its name only after it was verified."""
        found = []
        for path in self._folder.glob("shop-*.db"):
            if NAME.match(path.name):
                facts = path.stat()
                found.append(BackupFile(path, int(facts.st_mtime * 1000), facts.st_size))
        return sorted(found, key=lambda file: file.path.name, reverse=True)

    def copies(self) -> list[Path]:
        """Every file beside the shop that holds it as it was: backups of all kinds, oldest first."""
        folder, shop = self._folder, self._store.path
        found = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
        found += shop.parent.glob(f"{shop.stem}-before-v*.db")
        return sorted(found, key=lambda path: path.stat().st_mtime)

    def newest_at(self) -> int | None:
        """When the newest automatic backup was made."""
        found = self.backups()
        return found[0].made_at if found else None

    async def inspect(self, source: Path) -> ShopFile:
        """What a file holds, for the question before a restore. Raises as `store.restore.inspect`."""
        return await asyncio.to_thread(inspect, source)

    async def restore(self, source: Path) -> RestoreResult:
        """Replace the shop by a backup: the window closes the shop, swaps the file, opens it again.

        Raises as `store.restore.restore`; the present shop then stays.
        """
        if self._reopen is None:
            raise InvalidInputError("restore_not_here")
        await asyncio.to_thread(inspect, source)  # told before anything is closed
        by = RestoredBy(self._store.operator, self._store.device_id, self._clock.now_ms())
        return await self._reopen(lambda: restore(source, self._store.path, self._folder, by))

    async def check(self) -> CheckReport:
        """Integrity, foreign keys, and sums over the rows. Changes nothing."""
        return await self._store.read(upkeep.check)

    async def operations(self, *, limit: int = 100, offset: int = 0, kind: str = "") -> list[OperationRow]:
        """The operation log, newest first."""
        return await self._store.read(
            lambda conn: operations.operations(conn, limit=limit, offset=offset, kind=kind)
        )

    async def undo(self, uid: str) -> OperationRow:
        """Take one simple command back. Raises NotFoundError or ConflictError (see `operations.undo`)."""
        return await self._store.write(
            lambda tx: operations.undo(tx, uid), kind="undo", payload={"operation": uid}
        )


def inspect_file(path: Path) -> ShopFile:
    """What a file holds, with nothing open. Raises as `store.restore.inspect`."""
    return inspect(path)


def restore_shop(source: Path, shop: Path, folder: Path, by: RestoredBy) -> RestoreResult:
    """Restore with nothing open, for the command line. Raises as `store.restore.restore`."""
    return restore(source, shop, folder, by)


def _check_target(target: Path, shop: Path) -> None:
    if not target.parent.is_dir() or target.is_dir():
        raise InvalidInputError("backup_target_folder", path=str(target.parent))
    if not target.exists():
        return
    if target.samefile(shop):
        raise InvalidInputError("backup_target_shop")
    try:
        inspect(target)
    except AppError as error:
        raise InvalidInputError("backup_target_exists", path=str(target)) from error
