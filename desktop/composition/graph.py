"""The object graph of one shop: every service, built by constructor in one place."""

from __future__ import annotations

import getpass
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import platformdirs

from desktop.composition import device, lock
from desktop.domain.clock import Clock, SystemClock
from desktop.domain.errors import NotFoundError, StoreReadOnlyError
from desktop.platforms.doudian.adapter import DoudianPlatform
from desktop.platforms.douyin.adapter import DouyinPlatform
from desktop.platforms.ports import Platform
from desktop.platforms.wechat.adapter import WeChatPlatform
from desktop.platforms.wecom.adapter import WeComPlatform
from desktop.services.account_matrix import AccountMatrixService
from desktop.services.account_menu import AccountMenuService
from desktop.services.accounts import AccountService
from desktop.services.article_comments import ArticleCommentService
from desktop.services.backups import BackupService, RestoreResult
from desktop.services.claims import ClaimService
from desktop.services.comments import CommentService
from desktop.services.consents import ConsentService
from desktop.services.customer_edits import CustomerEditService
from desktop.services.drops import DropService
from desktop.services.entry_ways import EntryWayService
from desktop.services.erasures import ErasureService
from desktop.services.fans import FanService
from desktop.services.first_send import FirstSendService
from desktop.services.grants import GrantService
from desktop.services.groups import GroupService
from desktop.services.home import HomeService
from desktop.services.imports import ImportService, recompute_tiers
from desktop.services.imports_aside import ImportsAside
from desktop.services.matching import MatchingService
from desktop.services.official_account import OfficialAccountService
from desktop.services.orders import OrderService
from desktop.services.outbox import OutboxService
from desktop.services.own_tags import OwnTagService
from desktop.services.personal_records import PersonalRecordService
from desktop.services.platform_tags import PlatformTagService
from desktop.services.posts import PostService
from desktop.services.public_accounts import PublicAccountService
from desktop.services.purges import PurgeService
from desktop.services.rankings import RankingService
from desktop.services.secrets.chosen import ChosenSecretStore
from desktop.services.secrets.ports import SecretStore
from desktop.services.segments import SegmentService
from desktop.services.sent_history import SentHistoryService
from desktop.services.shop import ShopService
from desktop.services.statistics import StatisticsService
from desktop.services.talks import TalkService
from desktop.services.tiers import TierService
from desktop.services.welcomes import WelcomeService
from desktop.store.database import THREADS, Pool, Store
from desktop.store.posts.media import MediaFolder
from desktop.store.reserve import RESERVE_BYTES, Reserve
from desktop.sync.engine import SyncEngine
from desktop.sync.outcomes import apply_done
from desktop.sync.push import Pusher

DATABASE = "shop.db"
MEDIA = "media"
BACKUPS = "backups"
RESERVE = "reserve.bin"

Reopen = Callable[[Callable[[], RestoreResult]], Awaitable[RestoreResult]]


def default_data_dir() -> Path:
    """FANKEEPER_HOME, or the system's folder for a user's application data."""
    named = os.environ.get("FANKEEPER_HOME")
    return Path(named) if named else Path(platformdirs.user_data_dir("Fankeeper", appauthor=False))


def known_platforms() -> Mapping[str, Platform]:
    """The platforms that accounts can be connected to."""
    doors: tuple[Platform, ...] = (WeComPlatform(), WeChatPlatform(), DouyinPlatform(), DoudianPlatform())
    return {door.name: door for door in doors}


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
    platforms: Mapping[str, Platform] = field(default_factory=known_platforms)
    pool: Pool = THREADS
    imports_aside: bool = False
    is_read_only: bool = False


@dataclass(frozen=True)
class Graph:
    """All services of one open shop."""

    config: GraphConfig
    store: Store
    shop: ShopService
    accounts: AccountService
    matrix: AccountMatrixService
    menus: AccountMenuService
    grants: GrantService
    first_send: FirstSendService
    fans: FanService
    consents: ConsentService
    matching: MatchingService
    personal_records: PersonalRecordService
    erasures: ErasureService
    purges: PurgeService
    groups: GroupService
    rankings: RankingService
    home: HomeService
    imports: ImportService
    posts: PostService
    drops: DropService
    claims: ClaimService
    outbox: OutboxService
    sent: SentHistoryService
    statistics: StatisticsService
    backups: BackupService
    talks: TalkService
    sync: SyncEngine
    customer_edits: CustomerEditService
    public: PublicAccountService
    orders: OrderService
    entry_ways: EntryWayService
    official: OfficialAccountService
    comments: CommentService
    platform_tags: PlatformTagService
    own_tags: OwnTagService
    welcomes: WelcomeService
    segments: SegmentService
    tiers: TierService

    async def close(self) -> None:
        """Finish what is being written and let go of the file."""
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
    return _over(store, config)


def _over(store: Store, config: GraphConfig) -> Graph:
    clock = config.clock
    media = MediaFolder(config.data_dir / MEDIA)
    accounts = AccountService(store, clock, config.platforms, config.secrets)
    rankings = RankingService(store, clock)
    backups = BackupService(store, clock, config.data_dir / BACKUPS, config.reopen)
    fans = FanService(store, clock)
    platform_tags = PlatformTagService(store, clock)
    official = OfficialAccountService(store, clock, media)
    public = PublicAccountService(store, clock, media)
    has_helper = config.imports_aside and not config.is_read_only
    imports = ImportsAside(store, clock) if has_helper else ImportService(store, clock)
    return Graph(
        config=config,
        store=store,
        shop=ShopService(store),
        accounts=accounts,
        matrix=AccountMatrixService(store, clock),
        menus=AccountMenuService(store, clock),
        grants=GrantService(store, clock, accounts),
        first_send=FirstSendService(store, clock),
        fans=fans,
        consents=ConsentService(store, clock),
        matching=MatchingService(store),
        personal_records=PersonalRecordService(store),
        erasures=ErasureService(store, backups),
        purges=PurgeService(store, backups),
        groups=GroupService(store, clock),
        rankings=rankings,
        home=HomeService(store, clock, rankings, backups.newest_at),
        imports=imports,
        posts=PostService(store, clock, media),
        drops=DropService(store, clock, media),
        claims=ClaimService(store, clock),
        outbox=OutboxService(store, clock, apply_done),
        sent=SentHistoryService(store),
        statistics=StatisticsService(store, clock),
        backups=backups,
        talks=TalkService(store, clock, media),
        sync=SyncEngine(
            store,
            clock,
            accounts.open,
            Pusher(store, clock, media, asks_before_first_send=True),
            fans.refresh_tiers,
            recompute_tiers,
        ),
        customer_edits=CustomerEditService(store, clock),
        public=public,
        orders=OrderService(store, clock, accounts),
        entry_ways=EntryWayService(store, clock),
        official=official,
        comments=CommentService(ArticleCommentService(store, clock), public),
        platform_tags=platform_tags,
        own_tags=OwnTagService(store, clock, platform_tags),
        welcomes=WelcomeService(store, clock, media),
        segments=SegmentService(store, clock),
        tiers=TierService(store, clock),
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
