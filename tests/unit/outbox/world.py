"""A shop with an account, staff, fans and groups, and a platform that does what a script says."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from desktop.domain.audience import Audience
from desktop.domain.drops import DropDraft
from desktop.domain.mass_send import StaffTask, TargetResult
from desktop.domain.posts import PostDraft
from desktop.domain.proof import LISTING_MARGIN_MS, LISTING_REACH_MS, ListedWrite, Listing, judge
from desktop.domain.write_kinds.kind import MediaUse
from desktop.domain.write_kinds.wecom import MASS_SEND_CUSTOMERS, MASS_SEND_GROUPS
from desktop.domain.writes import Receipt, Write
from desktop.services.claims import ClaimService
from desktop.services.drops import DropService
from desktop.services.outbox import OutboxService
from desktop.services.posts import PostService
from desktop.store.database import Store
from desktop.store.posts.media import MediaFolder
from desktop.sync.outcomes import apply_done
from desktop.sync.ports import AccountRef
from desktop.sync.push import Pusher
from tests.fakes import ZONE, FakeClock

MINUTE = 60_000
CORP = "ww_test"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (40).to_bytes(4, "big") + (30).to_bytes(4, "big") + b"\0" * 9


class Crash(BaseException):
    """The process dies here."""


@dataclass
class FakeAdapter:
    """A platform. `script` holds what each create does, first to last; empty means it works.

    An entry is ("error", exception, executed) or ("crash", executed); `executed` says whether the
    task was made all the same. `lag_ms` hides tasks from the listing for a while.
    """

    clock: FakeClock
    script: list[tuple[Any, ...]] = field(default_factory=list)
    lag_ms: int = 0
    is_listing_complete: bool = True
    listing_error: Exception | None = None
    recent_error: Exception | None = None
    ready_error: Exception | None = None
    upload_error: Exception | None = None
    refused: tuple[str, ...] = ()
    skew_ms: int | None = None
    made: list[tuple[int, str, Write]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    uploads: int = 0
    before_create: Any = None
    tasks: dict[str, list[StaffTask]] = field(default_factory=dict)
    results: dict[tuple[str, str], list[TargetResult]] = field(default_factory=dict)
    task_error: Exception | None = None

    async def ready(self) -> None:
        self.calls.append("ready")
        if self.ready_error:
            raise self.ready_error

    def clock_skew_ms(self) -> int | None:
        return self.skew_ms

    kinds = frozenset({MASS_SEND_CUSTOMERS, MASS_SEND_GROUPS})

    async def hear_time(self) -> None:
        self.calls.append("time")
        if self.listing_error:
            raise self.listing_error

    async def upload_image(self, content: bytes, file_name: str, mime: str, use: MediaUse) -> str:
        if self.upload_error:
            raise self.upload_error
        self.uploads += 1
        return f"media{self.uploads}"

    async def perform(self, write: Write, key: str, *, is_repeat: bool = False) -> Receipt:
        self.calls.append("create")
        if self.before_create is not None:
            await self.before_create()
        step = self.script.pop(0) if self.script else ("ok",)
        if step[0] == "ok" or step[-1] is True:
            self.made.append((self.clock.now_ms(), f"msg{len(self.made) + 1}", write))
        if step[0] == "crash":
            raise Crash
        if step[0] == "error":
            raise step[1]
        if step[0] == "hang":
            await asyncio.Event().wait()
        return Receipt(self.made[-1][1], self.refused)

    async def recent(self, kind: str, since_ms: int) -> Listing:
        self.calls.append("recent")
        if self.recent_error:
            raise self.recent_error
        return self._listing(kind, since_ms)

    async def prove(self, kind: str, unknown: Any, taken: Any) -> Any:
        self.calls.append("list")
        if self.listing_error:
            raise self.listing_error
        oldest = min(one.started_at for one in unknown) - LISTING_MARGIN_MS
        since = max(oldest, self.clock.now_ms() - LISTING_REACH_MS)
        return judge(unknown, self._listing(kind, since), taken, self.clock.now_ms())

    def _listing(self, kind: str, since_ms: int) -> Listing:
        now = self.clock.now_ms()
        rows = tuple(
            ListedWrite(
                msgid,
                at,
                write.kind,
                write.text,
                tuple(p.kind for p in write.pictures),
                receivers=frozenset(write.targets),
            )
            for at, msgid, write in self.made
            if write.kind == kind and since_ms <= at and at + self.lag_ms <= now
        )
        return Listing(rows, since_ms, now, self.is_listing_complete)

    async def mass_send_tasks(self, platform_id: str) -> list[StaffTask]:
        if self.task_error:
            raise self.task_error
        return self.tasks.get(platform_id, [])

    async def mass_send_results(self, platform_id: str, staff_external_id: str) -> list[TargetResult]:
        return self.results.get((platform_id, staff_external_id), [])

    def reached(self) -> Counter[tuple[str, str]]:
        """How often each target was written to with each text."""
        return Counter((target, write.text) for _, _, write in self.made for target in write.targets)


class World:
    """Services, pusher and platform over one store."""

    def __init__(self, store: Store, clock: FakeClock, folder: Path) -> None:
        self.store, self.clock = store, clock
        self.media = MediaFolder(folder)
        self.posts = PostService(store, clock, self.media)
        self.drops = DropService(store, clock, self.media)
        self.claims = ClaimService(store, clock)
        self.outbox = OutboxService(store, clock, apply_done)
        self.adapter = FakeAdapter(clock)
        self.account = AccountRef(1, "account-uid", "wecom", CORP)
        self.stop = asyncio.Event()
        self.restart()

    def restart(self) -> None:
        """A new process: nothing is remembered but the file."""
        self.pusher = Pusher(self.store, self.clock, self.media, chance=lambda: 0.0, boot_id="boot")

    async def push(self) -> Any:
        return await self.pusher.push(self.account, self.adapter, self.stop)

    async def people(self, names: list[str]) -> None:
        """Account, two staff, fans wm1.. who follow staff1, groups wr1, wr2 of staff1."""

        def work(tx: Any) -> None:
            tx.db.execute(
                "INSERT INTO account (id, uid, platform, name, base_url, external_id, created_at)"
                " VALUES (1, 'account-uid', 'wecom', '小店', 'http://127.0.0.1:1', ?, ?)",
                (CORP, tx.now_ms),
            )
            for n in (1, 2):
                tx.db.execute(
                    "INSERT INTO staff (id, account_id, external_id) VALUES (?, 1, ?)", (n, f"staff{n}")
                )
            for n, name in enumerate(names, start=1):
                tx.db.execute(
                    "INSERT INTO fan (id, uid, name, first_seen_at, created_at, updated_at)"
                    " VALUES (?, ?, ?, 0, 0, 0)",
                    (n, tx.new_uid(), name),
                )
                tx.db.execute(
                    "INSERT INTO identity (id, fan_id, platform, scope, external_id, account_id, origin,"
                    " first_seen_at, updated_at) VALUES (?, ?, 'wecom', ?, ?, 1, 'test', 0, 0)",
                    (n, n, CORP, f"wm{n}"),
                )
                tx.db.execute("INSERT INTO follow (identity_id, staff_id) VALUES (?, 1)", (n,))
            for n, name in ((1, "吃货一群"), (2, "吃货二群"), (3, "新品群")):
                tx.db.execute(
                    "INSERT INTO fan_group (id, uid, account_id, external_id, name, owner_staff_id,"
                    " updated_at) VALUES (?, ?, 1, ?, ?, ?, 0)",
                    (n, tx.new_uid(), f"wr{n}", name, 2 if n == 3 else 1),
                )

        await self.store.write(work, kind="test.people")

    async def douyin_group(self, group_id: int, name: str) -> None:
        """A group of a Douyin account beside WeCom's."""
        await self.sql(
            "INSERT INTO account (id, uid, platform, name, base_url, external_id, created_at)"
            " VALUES (9, 'douyin', 'douyin', '抖音号', 'https://open.douyin.com', 'oid', 0)"
        )
        await self.sql(
            "INSERT INTO fan_group (id, uid, account_id, external_id, name, updated_at) VALUES (?, ?, 9, ?, ?, 0)",
            group_id, f"dy{group_id}", f"dy{group_id}", name,
        )  # fmt: skip

    async def sql(self, statement: str, *params: Any) -> None:
        await self.store.write(lambda tx: tx.db.execute(statement, params) and None, kind="test.sql")

    async def query(self, statement: str, *params: Any) -> list[Any]:
        return await self.store.read(lambda conn: [tuple(r) for r in conn.execute(statement, params)])

    async def post(self, body: str = "今晚到货", hold_s: float = 0.0, **facts: Any) -> str:
        """A confirmed post to everyone; its uid."""
        draft = PostDraft(title="到货", body=body, audience=Audience(everyone=True), **facts)
        saved = await self.posts.save_draft(draft)
        await self.posts.confirm(saved.uid, hold_s)
        return saved.uid

    def drop_draft(self, **facts: Any) -> DropDraft:
        """A sound drop that opens in an hour."""
        sound = DropDraft(
            item="车厘子",
            price_cents=1990,
            normal_price_cents=3990,
            cost_cents=1200,
            stock=20,
            cap_per_person=2,
            opens_at=self.clock.now_ms() + 60 * MINUTE,
            group_ids=(1, 2),
            body="{福利} {价格}元,{开始时间}开抢",
        )
        return replace(sound, **facts)

    async def drop(self, hold_s: float = 0.0, **facts: Any) -> str:
        """A confirmed drop; its uid."""
        saved = await self.drops.save_draft(self.drop_draft(**facts))
        await self.drops.confirm(saved.uid, hold_s)
        return saved.uid

    async def states(self) -> list[str]:
        return [row[0] for row in await self.query("SELECT state FROM outbox ORDER BY id")]

    async def only(self) -> Any:
        """The only item there is."""
        rows = await self.outbox.rows()
        assert len(rows) == 1
        return await self.outbox.detail(rows[0].item.uid)

    async def outcomes(self) -> list[tuple[Any, ...]]:
        return await self.query("SELECT outcome, code FROM attempt ORDER BY id")


__all__ = ["ZONE", "Crash", "FakeAdapter", "World"]
