"""A shop that can synchronise: the real store, services, engine and adapter; an outbox that only counts."""

from typing import Any

from desktop.domain.accounts import Account
from desktop.domain.sync_reports import SyncReport
from desktop.platforms.ports import PerformsWrites
from desktop.platforms.wecom.adapter import WeComPlatform
from desktop.services.accounts import AccountService
from desktop.services.secrets import MemorySecretStore
from desktop.store.database import Store
from desktop.sync.engine import SyncEngine
from desktop.sync.ports import AccountRef, Cancel, PushReport
from tests.fakes import FakeClock
from tests.sandbox_process import SandboxProcess


class CountingPusher:
    """Notes in which order the engine drives it."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    async def recover(self) -> int:
        self.steps.append("recover")
        return 0

    async def push(
        self, account: AccountRef, adapter: PerformsWrites, cancel: Cancel, kinds: Any = None
    ) -> PushReport:
        self.steps.append(f"push {account.external_id}")
        return PushReport(sent=2)

    async def collect_results(self, account: AccountRef, adapter: PerformsWrites) -> int:
        self.steps.append(f"collect {account.external_id}")
        return 7


class Bench:
    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store = store
        self.clock = clock
        self.secrets = MemorySecretStore()
        self.accounts = AccountService(store, clock, {"wecom": WeComPlatform()}, self.secrets)
        self.pusher = CountingPusher()
        self.recomputed = 0
        self.engine = SyncEngine(store, clock, self.accounts.open, self.pusher, self._recompute)

    async def _recompute(self) -> None:
        self.recomputed += 1

    async def connect(self, sandbox: SandboxProcess, name: str = "小满", **secrets: str) -> Account:
        given = {"corpid": sandbox.corpid, "corpsecret": sandbox.corpsecret, **secrets}
        return await self.accounts.add("wecom", name, sandbox.wecom_base_url, given)

    async def sync(self, **options: Any) -> SyncReport:
        return await self.engine.run(**options)

    async def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return await self.store.read(lambda conn: [tuple(row) for row in conn.execute(sql, values)])

    async def one(self, sql: str, *values: Any) -> Any:
        return (await self.rows(sql, *values))[0][0]

    async def act(self, sql: str, *values: Any) -> None:
        await self.store.write(lambda tx: tx.db.execute(sql, values), kind="test.act")

    async def fingerprint(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything the platform told, in an order and form that does not depend on how it came."""
        return {
            "fans": await self.rows(
                "SELECT i.external_id, i.name, f.name, f.phone, i.details, i.avatar_url,"
                " i.removed_at IS NULL FROM identity i JOIN fan f ON f.id = i.fan_id"
                " WHERE i.platform = 'wecom' ORDER BY 1"
            ),
            "follows": await self.rows(
                "SELECT i.external_id, s.external_id, remark, description, followed_at, add_way, state,"
                " mobiles, tags, f.removed_at IS NULL FROM follow f JOIN identity i ON i.id = f.identity_id"
                " JOIN staff s ON s.id = f.staff_id ORDER BY 1, 2"
            ),
            "tags": await self.rows(
                "SELECT i.external_id, t.external_id, t.name, source FROM fan_tag ft"
                " JOIN tag t ON t.id = ft.tag_id"
                " JOIN identity i ON i.fan_id = ft.fan_id AND i.platform = 'wecom'"
                " ORDER BY 1, 2"
            ),
            "groups": await self.rows(
                "SELECT g.external_id, g.name, notice, status, s.external_id, g.removed_at IS NULL"
                " FROM fan_group g LEFT JOIN staff s ON s.id = g.owner_staff_id ORDER BY 1"
            ),
            "members": await self.rows(
                "SELECT g.external_id, m.external_id, m.kind, m.name, i.external_id, left_at IS NULL"
                " FROM group_member m JOIN fan_group g ON g.id = m.group_id"
                " LEFT JOIN identity i ON i.id = m.identity_id ORDER BY 1, 2"
            ),
            "interactions": await self.rows(
                "SELECT i.external_id, n.kind, n.at FROM interaction n JOIN identity i"
                " ON i.fan_id = n.fan_id AND i.platform = 'wecom' ORDER BY 1, 2, 3"
            ),
        }
