"""The way back for a shop whose file cannot be opened: its newest whole backup."""

from __future__ import annotations

import asyncio
from pathlib import Path

from desktop.composition import device
from desktop.composition.graph import BACKUPS, DATABASE, GraphConfig
from desktop.domain.errors import AppError, NotFoundError
from desktop.services.backups import NAME, RestoredBy, RestoreResult, ShopFile, inspect_file, restore_shop


async def newest_backup(config: GraphConfig) -> ShopFile | None:
    """The newest automatic backup that passes every check; None when there is none."""
    return await asyncio.to_thread(_newest, config.data_dir / BACKUPS)


async def restore_newest(config: GraphConfig) -> RestoreResult:
    """Put it in the shop's place; the damaged file is kept beside the backups.

    The caller holds the folder's lock and has nothing open. Raises NotFoundError('restore_file_missing')
    when there is no backup, and as `restore_shop`.
    """
    found = await newest_backup(config)
    if found is None:
        raise NotFoundError("restore_file_missing", path=str(config.data_dir / BACKUPS))
    by = RestoredBy(config.operator, device.recognise(config.data_dir).device_id, config.clock.now_ms())
    shop, folder = config.data_dir / DATABASE, config.data_dir / BACKUPS
    return await asyncio.to_thread(restore_shop, found.path, shop, folder, by)


def _newest(folder: Path) -> ShopFile | None:
    for path in sorted(folder.glob("shop-*.db"), key=lambda path: path.name, reverse=True):
        if NAME.match(path.name):
            try:
                return inspect_file(path)
            except AppError:
                continue
    return None
