"""The object graph of one shop: every service, built by constructor in one place."""

from __future__ import annotations

import getpass
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import platformdirs

import desktop.platforms.doudian.adapter
import desktop.platforms.douyin.adapter
import desktop.platforms.wechat.adapter
import desktop.platforms.wecom.adapter
import desktop.services.account_matrix
import desktop.services.account_menu
import desktop.services.accounts
import desktop.services.article_comments
import desktop.services.backups
import desktop.services.claims
import desktop.services.comments
import desktop.services.consents
import desktop.services.customer_edits
import desktop.services.drops
import desktop.services.entry_ways
import desktop.services.erasures
import desktop.services.fans
import desktop.services.first_send
import desktop.services.grants
import desktop.services.groups
import desktop.services.home
import desktop.services.imports
import desktop.services.imports_aside
import desktop.services.matching
import desktop.services.official_account
import desktop.services.orders
import desktop.services.outbox
import desktop.services.own_tags
import desktop.services.personal_records
import desktop.services.platform_tags
import desktop.services.posts
import desktop.services.public_accounts
import desktop.services.purges
import desktop.services.rankings
import desktop.services.segments
import desktop.services.sent_history
import desktop.services.shop
import desktop.services.statistics
import desktop.services.talks
import desktop.services.tiers
import desktop.services.welcomes
import desktop.sync.engine
import desktop.sync.outcomes
import desktop.sync.push
from desktop.composition import device, lock
from desktop.domain.clock import Clock, SystemClock
from desktop.domain.errors import NotFoundError, StoreReadOnlyError
from desktop.platforms.ports import Platform
from desktop.services.backups import RestoreResult
from desktop.services.secrets.chosen import ChosenSecretStore
from desktop.services.secrets.ports import SecretStore
from desktop.store.database import THREADS, Pool, Store
from desktop.store.posts.media import MediaFolder
from desktop.store.reserve import RESERVE_BYTES, Reserve

T = TypeVar("T")
DATABASE = "shop.db"
MEDIA = "media"
BACKUPS = "backups"
RESERVE = "reserve.bin"

Reopen = Callable[[Callable[[], RestoreResult]], Awaitable[RestoreResult]]


def default_data_dir() -> Path:
    """FANKEEPER_HOME, or the system's folder for a user's application data."""
    named = os.environ.get("FANKEEPER_HOME")
    return Path(named) if named else Path(platformdirs.user_data_dir("Fankeeper", appauthor=False))


class KnownPlatforms(Mapping[str, Platform]):
    """The platforms that accounts can be connected to; an adapter's module runs when it is asked for."""

    def __init__(self) -> None:
        self._makers: Mapping[str, Callable[[], Platform]] = {
            "wecom": lambda: desktop.platforms.wecom.adapter.WeComPlatform(),
            "wechat": lambda: desktop.platforms.wechat.adapter.WeChatPlatform(),
            "douyin": lambda: desktop.platforms.douyin.adapter.DouyinPlatform(),
            "doudian": lambda: desktop.platforms.doudian.adapter.DoudianPlatform(),
        }
        self._made: dict[str, Platform] = {}

    def __getitem__(self, name: str) -> Platform:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def default_operator() -> str:
    """The name that goes into the operation log until the owner sets another."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "owner"


@dataclass(frozen=True)
class GraphConfig:
    """Where the shop lives, who works on it, which clock it lives by, and where secrets go.

    `reserve_bytes` stay free for the outcomes of sends. `reopen` is the window's way to close the shop,
    swap its file and open it again (restore).
    With `is_read_only` the shop is only looked at: its folder lies where nothing can be written.
    `platforms` are what accounts connect to, `pool` gives the workers that SQL runs on. With
    `imports_aside` files are brought in by a process of their own, for the sake of a window.
    `reopen` is the window's way to close the shop, swap its file and open it again (restore).
    """

    data_dir: Path
    operator: str = field(default_factory=default_operator)
    clock: Clock = field(default_factory=SystemClock)
    secrets: SecretStore = field(default_factory=ChosenSecretStore)
    reopen: Reopen | None = None
    reserve_bytes: int = RESERVE_BYTES
    platforms: Mapping[str, Platform] = field(default_factory=KnownPlatforms)
    pool: Pool = THREADS
    imports_aside: bool = False
    is_read_only: bool = False


def _made(make: Callable[[Graph], T]) -> cached_property[T]:
    """A service that is built, and its module run, when somebody first asks for it (ADR 0037)."""
    return cached_property(make)


class Graph:
    """All services of one open shop."""

    def __init__(self, store: Store, config: GraphConfig) -> None:
        self.store = store
        self.config = config
        self.clock = config.clock
        self.media = MediaFolder(config.data_dir / MEDIA)

    shop = _made(lambda g: desktop.services.shop.ShopService(g.store))
    accounts = _made(
        lambda g: desktop.services.accounts.AccountService(
            g.store, g.clock, g.config.platforms, g.config.secrets
        )
    )
    matrix = _made(lambda g: desktop.services.account_matrix.AccountMatrixService(g.store, g.clock))
    menus = _made(lambda g: desktop.services.account_menu.AccountMenuService(g.store, g.clock))
    grants = _made(lambda g: desktop.services.grants.GrantService(g.store, g.clock, g.accounts))
    first_send = _made(lambda g: desktop.services.first_send.FirstSendService(g.store, g.clock))
    fans = _made(lambda g: desktop.services.fans.FanService(g.store, g.clock))
    consents = _made(lambda g: desktop.services.consents.ConsentService(g.store, g.clock))
    matching = _made(lambda g: desktop.services.matching.MatchingService(g.store))
    personal_records = _made(lambda g: desktop.services.personal_records.PersonalRecordService(g.store))
    backups = _made(
        lambda g: desktop.services.backups.BackupService(
            g.store, g.clock, g.config.data_dir / BACKUPS, g.config.reopen
        )
    )
    erasures = _made(lambda g: desktop.services.erasures.ErasureService(g.store, g.backups))
    purges = _made(lambda g: desktop.services.purges.PurgeService(g.store, g.backups))
    groups = _made(lambda g: desktop.services.groups.GroupService(g.store, g.clock))
    rankings = _made(lambda g: desktop.services.rankings.RankingService(g.store, g.clock))
    home = _made(
        lambda g: desktop.services.home.HomeService(g.store, g.clock, g.rankings, g.backups.newest_at)
    )
    imports = _made(lambda g: _imports(g))
    posts = _made(lambda g: desktop.services.posts.PostService(g.store, g.clock, g.media))
    drops = _made(lambda g: desktop.services.drops.DropService(g.store, g.clock, g.media))
    claims = _made(lambda g: desktop.services.claims.ClaimService(g.store, g.clock))
    outbox = _made(
        lambda g: desktop.services.outbox.OutboxService(g.store, g.clock, desktop.sync.outcomes.apply_done)
    )
    sent = _made(lambda g: desktop.services.sent_history.SentHistoryService(g.store))
    statistics = _made(lambda g: desktop.services.statistics.StatisticsService(g.store, g.clock))
    talks = _made(lambda g: desktop.services.talks.TalkService(g.store, g.clock, g.media))
    sync = _made(lambda g: _sync(g))
    customer_edits = _made(lambda g: desktop.services.customer_edits.CustomerEditService(g.store, g.clock))
    public = _made(
        lambda g: desktop.services.public_accounts.PublicAccountService(g.store, g.clock, g.media)
    )
    orders = _made(lambda g: desktop.services.orders.OrderService(g.store, g.clock, g.accounts))
    entry_ways = _made(lambda g: desktop.services.entry_ways.EntryWayService(g.store, g.clock))
    official = _made(
        lambda g: desktop.services.official_account.OfficialAccountService(g.store, g.clock, g.media)
    )
    article_comments = _made(
        lambda g: desktop.services.article_comments.ArticleCommentService(g.store, g.clock)
    )
    comments = _made(lambda g: desktop.services.comments.CommentService(g.article_comments, g.public))
    platform_tags = _made(lambda g: desktop.services.platform_tags.PlatformTagService(g.store, g.clock))
    own_tags = _made(lambda g: desktop.services.own_tags.OwnTagService(g.store, g.clock, g.platform_tags))
    welcomes = _made(lambda g: desktop.services.welcomes.WelcomeService(g.store, g.clock, g.media))
    segments = _made(lambda g: desktop.services.segments.SegmentService(g.store, g.clock))
    tiers = _made(lambda g: desktop.services.tiers.TierService(g.store, g.clock))

    async def close(self) -> None:
        """Finish what is being written and let go of the file."""
        if "imports" in vars(self):
            await self.imports.let_go()
        await self.store.close()


async def open_graph(config: GraphConfig) -> Graph:
    """Open the shop's file and build everything over it. Raises StoreError subclasses."""
    try:
        this_device = device.recognise(config.data_dir, may_write=not config.is_read_only)
    except OSError as error:
        raise StoreReadOnlyError(path=str(config.data_dir)) from error
    store = Store(
        config.data_dir / DATABASE,
        config.clock,
        operator=config.operator,
        device_id=this_device.device_id,
        reserve=Reserve(config.data_dir / RESERVE, config.reserve_bytes),
        pool=config.pool,
        is_read_only=config.is_read_only,
    )
    try:
        await store.open()
    except BaseException:
        await store.close()
        raise
    return Graph(store, config)


def _imports(g: Graph) -> desktop.services.imports.ImportService:
    """In a process of their own for a window that may change the shop."""
    if g.config.imports_aside and not g.config.is_read_only:
        return desktop.services.imports_aside.ImportsAside(g.store, g.clock)
    return desktop.services.imports.ImportService(g.store, g.clock)


def _sync(g: Graph) -> desktop.sync.engine.SyncEngine:
    pusher = desktop.sync.push.Pusher(g.store, g.clock, g.media, asks_before_first_send=True)
    return desktop.sync.engine.SyncEngine(
        g.store,
        g.clock,
        g.accounts.open,
        pusher,
        g.fans.refresh_tiers,
        lambda tx, fan_ids: desktop.services.imports.recompute_tiers(tx, fan_ids),
    )


async def hold(config: GraphConfig, what: str) -> tuple[lock.FolderLock, GraphConfig]:
    """Own the folder, or, where nothing can be written and a shop lies there, hold it for looking.

    The lock, and the config to open the shop with. Raises as `lock.take_soon` and `lock.share`.
    """
    try:
        return await lock.take_soon(config.data_dir, what), replace(config, is_read_only=False)
    except StoreReadOnlyError:
        if not (config.data_dir / DATABASE).exists():
            raise
        return lock.share(config.data_dir), replace(config, is_read_only=True)


@asynccontextmanager
async def opened_graph(config: GraphConfig, *, needs_shop: bool) -> AsyncIterator[Graph]:
    """A graph for the length of one command, which owns the folder meanwhile.

    With `needs_shop`, raises NotFoundError when there is no shop. Raises as `lock.take_soon`.
    """
    if needs_shop and not (config.data_dir / DATABASE).exists():
        raise NotFoundError("shop_missing")  # asking about a shop must not make a folder for one
    held, config = await hold(config, lock.COMMAND)
    try:
        graph = await open_graph(config)
        try:
            if needs_shop:
                await graph.shop.get()
            yield graph
        finally:
            await graph.close()
    finally:
        held.release()
