"""A shop with its real engine, outbox and talks, connected to the sandbox; sandbox and shop share the time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.sync_reports import SyncReport
from desktop.domain.talks import TalkRow
from desktop.platforms.wecom.adapter import WeComPlatform
from desktop.services.accounts import AccountService
from desktop.services.outbox import OutboxService
from desktop.services.secrets import MemorySecretStore
from desktop.services.talks import TalkService
from desktop.store.database import Store
from desktop.store.posts.media import MediaFolder
from desktop.sync.engine import SyncEngine
from desktop.sync.outcomes import apply_done
from desktop.sync.push import Pusher
from tests.fakes import MovedClock
from tests.sandbox_process import SandboxProcess


class TalkPlatform(WeComPlatform):
    """Connects to the sandbox; the Date header shows the real time, not the moved one, so it is not heard."""

    def connect(self, *given: Any) -> Any:
        adapter = super().connect(*given)
        adapter.clock_skew_ms = lambda: None  # type: ignore[method-assign]
        return adapter


class TalkBench:
    def __init__(self, store: Store, clock: MovedClock, sandbox: SandboxProcess, folder: Path) -> None:
        self.store, self.clock, self.sandbox = store, clock, sandbox
        self.media = MediaFolder(folder)
        self.accounts = AccountService(store, clock, {"wecom": TalkPlatform()}, MemorySecretStore())
        self.talks = TalkService(store, clock, self.media)
        self.outbox = OutboxService(store, clock, apply_done)
        self.engine = SyncEngine(
            store, clock, self.accounts.open, Pusher(store, clock, self.media, chance=lambda: 0.0)
        )

    async def connect(self) -> Account:
        given = {"corpid": self.sandbox.corpid, "corpsecret": self.sandbox.corpsecret}
        return await self.accounts.add("wecom", "小满", self.sandbox.wecom_base_url, given)

    async def sync(self, **options: Any) -> SyncReport:
        return await self.engine.run(**options)

    def asks(self, index: int, content: str) -> None:
        """A customer writes to the desk."""
        self.sandbox.play("customer_asks", index=index, content=content)

    async def waiting_row(self, words: str) -> TalkRow:
        """The one talk whose last words these are."""
        rows = [row for row in (await self.talks.inbox()).rows if row.last_text == words]
        assert len(rows) == 1, [row.last_text for row in (await self.talks.inbox()).rows]
        return rows[0]

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.sandbox.advance(seconds)

    def sent(self) -> list[dict[str, Any]]:
        """Replies the platform took."""
        return list(self.sandbox.control("sent")["kf"])

    async def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return await self.store.read(lambda conn: [tuple(row) for row in conn.execute(sql, values)])

    async def one(self, sql: str, *values: Any) -> Any:
        return (await self.rows(sql, *values))[0][0]
