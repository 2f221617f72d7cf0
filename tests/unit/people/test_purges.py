"""Everything of one platform goes, and what people have from elsewhere stays."""

from pathlib import Path
from typing import Any

import pytest

from desktop.domain.errors import ConflictError, NotFoundError
from desktop.services.backups import BackupService
from desktop.services.purges import PurgeService
from desktop.store import upkeep
from desktop.store.database import Store
from desktop.store.matching import merges
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor
from tests.unit.segments.random_shop import fill


@pytest.fixture
def service(shop: Store, clock: FakeClock, tmp_path: Path) -> PurgeService:
    return PurgeService(shop, BackupService(shop, clock, tmp_path / "backups"))


def mixed(tx: Any) -> dict[str, int]:
    """Somebody of each kind: of the platform alone, of both, of the other alone, and one who only bought there."""
    who = {
        "there": floor.fan(tx, "抖音客", key=("douyin", "s", "dy1")),
        "both": floor.fan(tx, "抖音名", key=("douyin", "s", "dy2")),
        "here": floor.fan(tx, "有赞客", key=("youzan", "s", "yz3")),
        "bought": floor.fan(tx, "有赞名", key=("youzan", "s", "yz4")),
    }
    tx.db.execute(
        "INSERT INTO identity (fan_id, platform, scope, external_id, name, origin, first_seen_at, updated_at)"
        " VALUES (?, 'youzan', 's', 'yz2', '有赞里的名字', 'import:yz', 0, 0)",
        (who["both"],),
    )
    tx.db.execute("UPDATE fan SET name_source = 'file'")
    for name, cents in (("there", 100), ("both", 200), ("bought", 400)):
        floor.order(tx, who[name], floor.at("2026-05-01"), cents)
    floor.order(tx, who["both"], floor.at("2026-05-02"), 800, number="YZ1")
    tx.db.execute("UPDATE \"order\" SET platform = 'youzan' WHERE order_no = 'YZ1'")
    account = tx.db.execute(
        "INSERT INTO account (uid, platform, name, base_url, external_id, created_at)"
        " VALUES ('acc', 'douyin', '抖', 'u', 'e', 0)"
    ).lastrowid
    tx.db.execute(
        "INSERT INTO interaction (uid, fan_id, kind, at, origin) VALUES ('t1', ?, 'comment', 1, 'sync:acc')",
        (who["both"],),
    )
    floor.touch(tx, who["both"], "live_watch", floor.at("2026-05-03"))
    floor.group(tx, "抖音群", account)
    floor.tag(tx, "自己的", [who["both"], who["there"]])
    floor.tag(tx, "抖音的", [who["both"]], account=account)
    return who


async def test_what_came_from_elsewhere_stays(service: PurgeService, shop: Store) -> None:
    who = await shop.write(mixed, kind=None)
    with pytest.raises(NotFoundError):
        await service.look("kuaishou")
    with pytest.raises(ConflictError, match="purge_account_live"):
        await service.purge("douyin")
    await shop.write(lambda tx: tx.db.execute("UPDATE account SET removed_at = 1"), kind=None)
    assert await service.origins() == ["douyin", "youzan"]
    plan = await service.look("douyin")
    assert (plan.people, plan.staying, plan.orders, plan.cents, plan.groups) == (1, 2, 3, 700, 1)
    done = await service.purge("douyin")
    assert done.rows["fan"] == 1

    def left(conn: Any) -> list[Any]:
        return [
            [tuple(row) for row in conn.execute(sql)]
            for sql in (
                "SELECT f.id, f.name, s.orders, s.spend_cents, s.interactions FROM fan f"
                " JOIN fan_stats s ON s.fan_id = f.id ORDER BY 1",
                "SELECT external_id FROM identity ORDER BY 1",
                "SELECT t.name, f.fan_id FROM fan_tag f JOIN tag t ON t.id = f.tag_id",
                'SELECT order_no, net_cents FROM "order"',
            )
        ]

    fans, identities, tags, orders = await shop.read(left)
    assert fans == [
        (who["both"], "有赞里的名字", 1, 800, 1),
        (who["here"], "有赞客", 0, 0, 0),
        (who["bought"], "有赞名", 0, 0, 0),
    ]
    assert identities == [("yz2",), ("yz3",), ("yz4",)]
    assert tags == [("自己的", who["both"])]
    assert orders == [("YZ1", 800)]
    assert (await shop.read(upkeep.check)).findings == ()
    text = shop.path.read_bytes()
    assert not [name for name in ("抖音客", "抖音名", "抖音群") if name.encode() in text]


async def test_who_was_merged_into_somebody_that_stays_goes_from_behind_them(
    service: PurgeService, shop: Store
) -> None:
    who = await shop.write(mixed, kind=None)
    await shop.write(lambda tx: tx.db.execute("UPDATE account SET removed_at = 1"), kind=None)
    await shop.write(
        lambda tx: merges.merge(tx, who["here"], who["there"], [], operator="tester"), kind="fan.merge"
    )
    plan = await service.look("douyin")
    assert (plan.people, plan.staying) == (1, 3)
    await service.purge("douyin")
    assert (await shop.read(upkeep.check)).findings == ()
    assert "抖音客".encode() not in shop.path.read_bytes()


@pytest.mark.parametrize("platform", ["wecom", "douyin", "youzan"])
async def test_a_whole_shop_stays_whole(service: PurgeService, shop: Store, platform: str) -> None:
    def filled(tx: Any) -> None:
        fill(tx, 11, 40)
        tx.db.execute("INSERT INTO post (id, uid, created_at, updated_at) VALUES (1, 'p', 0, 0)")
        tx.db.execute("UPDATE outbox SET payload = '{\"targets\": [], \"version\": 2}', platform_id = 'm'")
        tx.db.execute("UPDATE account SET removed_at = 1")

    await shop.write(filled, kind=None)
    broken = {one.code for one in await shop.read(upkeep.domain)}
    plan = await service.look(platform)
    everybody = await shop.read(lambda conn: conn.execute("SELECT count(*) FROM fan").fetchone()[0])
    await service.purge(platform)
    after = await shop.read(upkeep.check)
    assert {one.code for one in after.findings} <= broken
    assert after.counts["fan"] == everybody - plan.people
    left = "SELECT count(*) FROM identity WHERE platform = ?"
    assert await shop.read(lambda conn: conn.execute(left, (platform,)).fetchone()[0]) == 0
    assert platform not in await service.origins()
