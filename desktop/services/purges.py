"""Everything that came from one platform, out of the shop for good."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from desktop.domain.erasures import PurgePlan, PurgeResult
from desktop.domain.tasks import Progress, no_progress
from desktop.services.backups import BackupService
from desktop.services.erasures import Files, delete
from desktop.store.database import Store
from desktop.store.erasures import origin
from desktop.store.transaction import Transaction


class PurgeService:
    """Nothing of it can be undone; an account that is connected again brings its people back."""

    def __init__(self, store: Store, backups: BackupService) -> None:
        self._store = store
        self._backups = backups

    async def origins(self) -> list[str]:
        """Platforms from which something came."""
        return await self._store.read(origin.origins)

    async def look(self, platform: str) -> PurgePlan:
        """What would go. Every backup there is holds it.

        Raises NotFoundError('origin_missing'), ConflictError('purge_account_live' while an account of the
        platform is connected; 'erase_send_open').
        """
        plan = await self._store.read(lambda conn: origin.plan(conn, platform))
        copies = await asyncio.to_thread(self._backups.copies)
        return replace(plan, backups=tuple(map(str, copies)))

    async def purge(
        self, platform: str, *, keeps_backups: bool = False, progress: Progress = no_progress
    ) -> PurgeResult:
        """Take it out in one transaction, write the file anew, put one fresh backup in the place of the old.

        Raises as `look`, StoreReadOnlyError, DiskFullError.
        """
        plan = await self.look(platform)
        progress("rows", 0, 0)
        said: dict[str, Any] = {"origin": platform}

        def work(tx: Transaction) -> dict[str, int]:
            gone = dict(origin.purge(tx, origin.leaving(tx.db, platform)))
            said["rows"] = gone
            return gone

        gone = await self._store.write(work, kind="shop.purge", payload=said)
        progress("rewrite", 0, 0)
        is_emptied = await self._store.rewrite()
        progress("files", 0, 0)
        told, fresh = Files(), ""
        if plan.backups and not keeps_backups:
            fresh = str((await self._backups.make()).path)
            await asyncio.to_thread(delete, [path for path in plan.backups if path != fresh], told)
        else:
            told.left += plan.backups
        return PurgeResult(
            plan, gone, tuple(told.deleted), tuple(told.left), fresh, not is_emptied, told.failed
        )
