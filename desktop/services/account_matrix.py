"""All accounts side by side, from what is known of each here; nothing is asked of a platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from desktop.domain.account_matrix import MatrixRow, ReachLeft, next_step
from desktop.domain.accounts import Account, AccountHealth
from desktop.domain.audience import Audience
from desktop.domain.clock import Clock
from desktop.domain.grants import warning
from desktop.services import account_health
from desktop.services.official_account import MONTHLY_SENDS, month_began
from desktop.services.table_files import Cell, write_cells
from desktop.store.accounts import grants
from desktop.store.audiences import reach_rules, recipients
from desktop.store.database import Store
from desktop.store.pulled import platform_public, publications
from desktop.store.rules import zone_of


class AccountMatrixService:
    """The page of all accounts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def rows(self) -> list[MatrixRow]:
        """Every account, in the order they were connected."""
        now = self._clock.now_ms()

        def work(conn: Any) -> list[MatrixRow]:
            return [_row(conn, health, now) for health in account_health.of_all(conn, now)]

        return await self._store.read(work)

    async def export(
        self, target: Path, headers: Mapping[str, str], table: Sequence[Sequence[Cell]]
    ) -> int:
        """Write the rows as they are shown to .xlsx or .csv; how many. Raises StoreReadOnlyError, DiskFullError."""
        write_cells(target, list(headers.values()), table)
        payload = {"file": target.name, "rows": len(table)}
        await self._store.write(lambda tx: None, kind="account.export", payload=payload)
        return len(table)


def _row(conn: Any, health: AccountHealth, now: int) -> MatrixRow:
    account = health.account
    consent = grants.of_account(conn, account.id)
    warned = None if consent is None else warning(consent, now)
    fans, groups = _people(conn, health)
    step = next_step(account, warned, health.waiting, now)
    return MatrixRow(
        account, fans, groups, _reach(conn, account, now), health.waiting, step, consent, warned
    )


def _people(conn: Any, health: AccountHealth) -> tuple[int | None, int | None]:
    """(fans, groups) as far as the platform tells of such things."""
    match health.account.platform:
        case "wecom":
            return health.customers, health.groups
        case "wechat":
            return health.customers, None
        case "douyin":
            return platform_public.newest_fans(conn, health.account.id), health.groups
    return None, None


def _reach(conn: Any, account: Account, now: int) -> ReachLeft:
    match account.platform:
        case "wecom":
            row = recipients.account_by_id(conn, account.id)
            if row is None:
                return ReachLeft()
            zone = zone_of(conn)
            rule = reach_rules.quota_rule(conn, account.platform, now, zone)
            reach = recipients.reach_of(row, rule, now, zone)
            return ReachLeft(people=recipients.count(conn, Audience(everyone=True), reach).reachable)
        case "wechat":
            sent = publications.mass_sends_since(conn, account.id, month_began(now))
            return ReachLeft(sends=max(0, MONTHLY_SENDS - sent))
    return ReachLeft()
