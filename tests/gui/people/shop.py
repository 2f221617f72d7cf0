"""A seeded shop of some three hundred fans for the people pages, made once and copied for each test."""

from __future__ import annotations

import asyncio
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.synthetic_shop import AS_OF, Size, write_shop
from desktop.services.backups import BackupService
from desktop.services.fans import FanService
from desktop.services.groups import GroupService
from desktop.services.home import HomeService
from desktop.services.rankings import RankingService
from desktop.services.shop import ShopService
from desktop.store.database import Store
from desktop.store.fans import fan_stats
from tests.fakes import ZONE, FakeClock

FANS = 300
NOW = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 20, 0, tzinfo=ZoneInfo(ZONE))
DAY_MS = 86_400_000
ITEMS = ("莱阳梨 5 斤装", "桂圆红枣茶", "手工姜糖", "柿饼礼盒", "小米 10 斤", "当季苹果", "坚果大礼包")


class PeopleShop:
    """The services of the seeded shop."""

    def __init__(self, store: Store, clock: FakeClock, folder: Path) -> None:
        self.store = store
        self.clock = clock
        self.fans = FanService(store, clock)
        self.groups = GroupService(store, clock)
        self.rankings = RankingService(store, clock)
        self.backups = BackupService(store, clock, folder / "backups")
        self.home = HomeService(store, clock, self.rankings, self.backups.newest_at)
        self.shop = ShopService(store)


def template(folder: Path) -> Path:
    """The seeded file, made once."""
    path = folder / "shop.db"
    if not path.exists():
        asyncio.run(write_shop(folder, Size(FANS, groups=7), 3))
        asyncio.run(_furnish(path))
    return path


async def _furnish(path: Path) -> None:
    store = Store(path, FakeClock(NOW), operator="tester", device_id="test-device")
    await store.open()
    try:
        await store.write(_details, kind=None)
    finally:
        await store.close()


def _details(tx: Any) -> None:
    """What the big shop leaves out: order lines, owners, staff, more members, sends and accounts."""
    now = tx.now_ms
    tx.db.execute("UPDATE shop SET name = '小满手作', is_demo = 0")
    tx.db.execute('DELETE FROM "order" WHERE paid_at > ?', (now,))
    tx.db.execute("DELETE FROM interaction WHERE at > ?", (now,))
    tx.db.execute('UPDATE "order" SET paid_cents = paid_cents * 3, refund_cents = refund_cents * 3')
    third = "SELECT fan_id FROM fan_stats ORDER BY spend_cents DESC LIMIT 1 OFFSET 2"
    quiet = tx.db.execute(third).fetchone()[0]
    tx.db.execute(
        'UPDATE "order" SET paid_at = min(paid_at, ?) WHERE fan_id = ?', (now - 75 * DAY_MS, quiet)
    )
    for sign in "🍉🌸":  # test machines have no font for these
        tx.db.execute("UPDATE fan SET name = replace(name, ?, '')", (sign,))
    fan_stats.refresh(tx, [row[0] for row in tx.db.execute("SELECT id FROM fan").fetchall()])
    for (order_id,) in tx.db.execute('SELECT id FROM "order"').fetchall():
        for line in range(1 + order_id % 2):
            item = ITEMS[(order_id * 3 + line * 2) % len(ITEMS)]
            tx.db.execute(
                "INSERT INTO order_line (order_id, line_no, item, quantity) VALUES (?, ?, ?, ?)",
                (order_id, str(line), item, 1 + order_id % 3),
            )
    for group_id in range(1, 8):
        tx.db.execute("UPDATE fan_group SET owner_staff_id = 1 WHERE id = ?", (group_id,))
        tx.db.execute(
            "INSERT INTO group_member (group_id, external_id, kind, joined_at) VALUES (?, 'lisi', 'staff', ?)",
            (group_id, now - 300 * DAY_MS),
        )
        wecom = "SELECT id, external_id FROM identity WHERE platform = 'wecom' AND id % 7 = ? LIMIT 18"
        for at, row in enumerate(tx.db.execute(wecom, (group_id % 7,)).fetchall()):
            tx.db.execute(
                "INSERT OR IGNORE INTO group_member (group_id, external_id, kind, identity_id, joined_at)"
                " VALUES (?, ?, 'fan', ?, ?)",
                (group_id, row[1], row[0], now - at * (group_id + 3) * DAY_MS),
            )
    tx.db.execute("UPDATE fan_group SET name = '' WHERE id = 6")
    tx.db.execute("UPDATE fan_group SET kind = 'vip' WHERE id = 1")
    tx.db.execute("UPDATE fan_group SET kind = 'promotion' WHERE id = 2")
    tx.db.execute("UPDATE account SET last_sync_at = ? WHERE id = 1", (now - 5 * DAY_MS,))


def opened_copy(folder: Path, seeded: Path, clock: FakeClock) -> Store:
    """A store over a copy of the seeded file; still to be opened."""
    shutil.copy(seeded, folder / "people.db")
    return Store(folder / "people.db", clock, operator="tester", device_id="test-device")
