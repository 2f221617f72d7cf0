"""The object graph of one shop: every service, built by constructor in one place."""

from __future__ import annotations

import getpass
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from desktop.composition import device
from desktop.domain.clock import Clock, SystemClock
from desktop.domain.errors import NotFoundError, StoreReadOnlyError
from desktop.services.backups import BackupService
from desktop.services.fans import FanService
from desktop.services.groups import GroupService
from desktop.services.home import HomeService
from desktop.services.rankings import RankingService
from desktop.services.shop import ShopService
from desktop.store.database import Store

DATABASE = "shop.db"
BACKUPS = "backups"


def default_data_dir() -> Path:
    """FANKEEPER_HOME, or the system's folder for a user's application data."""
    named = os.environ.get("FANKEEPER_HOME")
    return Path(named) if named else Path(platformdirs.user_data_dir("Fankeeper", appauthor=False))


def default_operator() -> str:
    """The name that goes into the operation log until the owner sets another."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "owner"


@dataclass(frozen=True)
class GraphConfig:
    """Where the shop lives, who works on it, and which clock it lives by."""

    data_dir: Path
    operator: str = field(default_factory=default_operator)
    clock: Clock = field(default_factory=SystemClock)


@dataclass(frozen=True)
class Graph:
    """All services of one open shop."""

    config: GraphConfig
    store: Store
    shop: ShopService
    fans: FanService
    groups: GroupService
    rankings: RankingService
    home: HomeService
    backups: BackupService


async def open_graph(config: GraphConfig) -> Graph:
    """Open the shop's file and build everything over it. Raises StoreError subclasses."""
    try:
        this_device = device.recognise(config.data_dir)
    except OSError as error:
        raise StoreReadOnlyError(path=str(config.data_dir)) from error
    store = Store(
        config.data_dir / DATABASE,
        config.clock,
        operator=config.operator,
        device_id=this_device.device_id,
    )
    try:
        await store.open()
    except BaseException:
        await store.close()
        raise
    rankings = RankingService(store, config.clock)
    backups = BackupService(store, config.clock, config.data_dir / BACKUPS)
    return Graph(
        config=config,
        store=store,
        shop=ShopService(store),
        fans=FanService(store, config.clock),
        groups=GroupService(store, config.clock),
        rankings=rankings,
        home=HomeService(store, config.clock, rankings, backups.newest_at),
        backups=backups,
    )


@asynccontextmanager
async def opened_graph(config: GraphConfig, *, needs_shop: bool) -> AsyncIterator[Graph]:
    """A graph for the length of one command. With `needs_shop`, raises NotFoundError when there is none."""
    if needs_shop and not (config.data_dir / DATABASE).exists():
        raise NotFoundError("shop_missing")  # asking about a shop must not make a folder for one
    graph = await open_graph(config)
    try:
        if needs_shop:
            await graph.shop.get()
        yield graph
    finally:
        await graph.store.close()
