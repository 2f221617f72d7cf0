"""Whoever is erased is gone to the last byte, stays out, and leaves every sum of money as it was."""

import hashlib
import json
from pathlib import Path

import pytest

from desktop.domain.consents import ConsentDraft, Purpose, ReachChange, Said
from desktop.domain.errors import ConflictError, NotFoundError
from desktop.domain.fans import FanFilter
from desktop.domain.segments.conditions import ConsentIs
from desktop.domain.segments.saved import SegmentDraft
from desktop.domain.writes import from_payload, sha256_text
from desktop.services.backups import BackupService
from desktop.services.consents import ConsentService
from desktop.services.erasures import ErasureService
from desktop.services.fans import FanService
from desktop.services.segments import SegmentService
from desktop.store import upkeep
from desktop.store.database import Store
from desktop.store.erasures import erasing, rows
from desktop.store.erasures.going import person
from desktop.store.fans import fan_edits
from desktop.store.matching import merges
from desktop.store.restore import RestoredBy, restore
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor
from tests.unit.people.somebody import FILE, PHONE, WECOM, WHO, Somebody, money, named_in


@pytest.fixture
def backups(shop: Store, clock: FakeClock) -> BackupService:
    return BackupService(shop, clock, shop.path.parent / "backups")


@pytest.fixture
def service(shop: Store, backups: BackupService) -> ErasureService:
    return ErasureService(shop, backups)


@pytest.fixture
def somebody(shop: Store, clock: FakeClock, tmp_path_factory: pytest.TempPathFactory) -> Somebody:
    return Somebody(shop, clock, tmp_path_factory.mktemp("owner"))


async def test_nobody_is_left_in_any_byte_and_the_money_is(
    service: ErasureService, somebody: Somebody, shop: Store, backups: BackupService
) -> None:
    fan_id = await somebody.come()
    folder = shop.path.parent
    await backups.make()
    await shop.backup_to(folder / "shop-before-v9-from-v8.db")
    (folder / "logs").mkdir()
    (folder / "logs" / "fankeeper.log").write_text(
        f"asked for {WECOM} of {WHO}\nnothing else\n", encoding="utf-8"
    )
    before, whole = await money(shop), await shop.read(upkeep.check)
    assert whole.is_whole
    assert named_in(folder, somebody.needles())

    plan = await service.look(fan_id)
    assert (plan.kept_orders, plan.waiting, len(plan.backups)) == (2, 2, 2)
    assert plan.exports == (str(somebody.folder / "她的资料.xlsx"),)
    assert {"fan": 2, "identity": 4, "message": 1, "group_member": 1}.items() <= plan.rows.items()

    done = await service.erase(fan_id)
    assert (done.is_clean, done.log_held, done.failed) == (True, False, {})
    assert done.rows == plan.rows
    assert named_in(folder, somebody.needles()) == []
    assert "nothing else" in (folder / "logs" / "fankeeper.log").read_text(encoding="utf-8")
    assert not (somebody.folder / "她的资料.xlsx").exists()
    assert await money(shop) == before
    after = await shop.read(upkeep.check)
    assert after.findings == ()
    with pytest.raises(NotFoundError):
        await service.look(fan_id)
    hits = await FanService(shop, somebody.clock).order(FanFilter(search="锦瑟"))
    assert list(hits) == []


async def test_sends_lose_the_receiver_and_keep_their_figures(
    service: ErasureService, somebody: Somebody, shop: Store
) -> None:
    fan_id = await somebody.come()
    await service.erase(fan_id)
    for name, n, state in (("waiting", 1, "queued"), ("past", 2, "done"), ("alone", 0, "cancelled")):
        row = await shop.read(
            lambda conn, item=somebody.items[name]: dict(
                conn.execute("SELECT *, (SELECT count(*) FROM delivery WHERE outbox_id = outbox.id) AS n"
                             " FROM outbox WHERE id = ?", (item,)).fetchone()
            )
        )  # fmt: skip
        assert (row["state"], row["n"]) == (state, n)
        assert row["payload_sha256"] == sha256_text(row["payload"])
        write = from_payload(row["payload"])
        assert len(write.targets) == n
        assert write.text == ("" if name == "alone" else "新到的梨")


async def test_what_was_cut_off_after_the_rows_is_finished_at_the_next_start(
    somebody: Somebody, shop: Store, clock: FakeClock
) -> None:
    fan_id = await somebody.come()
    await shop.write(lambda tx: erasing.erase(tx, person(tx.db, fan_id), "tester"), kind="fan.erase")
    due = "SELECT count(*) FROM setting WHERE key = 'file.rewrite_due'"
    assert (await shop.read(lambda conn: conn.execute(due).fetchone()[0])) == 1
    await shop.close()
    again = Store(shop.path, clock)
    await again.open()
    try:
        assert (await again.read(lambda conn: conn.execute(due).fetchone()[0])) == 0
        assert named_in(shop.path.parent, somebody.needles()) == []
    finally:
        await again.close()


async def test_an_open_end_of_a_send_comes_first(
    service: ErasureService, somebody: Somebody, shop: Store
) -> None:
    fan_id = await somebody.come()
    await shop.write(
        lambda tx: tx.db.execute(
            "UPDATE outbox SET state = 'unknown' WHERE id = ?", (somebody.items["waiting"],)
        ),
        kind=None,
    )
    with pytest.raises(ConflictError, match="erase_send_open"):
        await service.erase(fan_id)
    assert (
        await service._store.read(lambda conn: conn.execute("SELECT count(*) FROM erasure").fetchone()[0])
    ) == 0


async def test_no_file_brings_anybody_back(
    service: ErasureService, somebody: Somebody, shop: Store
) -> None:
    fan_id = await somebody.come()
    before = await money(shop)
    await service.erase(fan_id)
    later = somebody.folder / "新订单.csv"
    later.write_text(
        FILE.splitlines()[0] + f"\nE9,dyErase0001,{WHO},{PHONE},2026-05-09 10:00:00,50,桂圆,1,已发货,\n",
        encoding="utf-8",
    )
    people = somebody.folder / "粉丝.csv"
    people.write_text(
        f"fan_id,name,phone\ndyErase0001,{WHO},\nneu1,新人,{PHONE}\nneu2,真新人,\n", encoding="utf-8"
    )
    plan = await somebody.imports.plan(somebody.file)
    assert plan.counts["erased"] == 2
    shown = json.dumps([str(row) for row in plan.shown if row.kind != "rejected"], ensure_ascii=False)
    assert not any(word in shown for word in (WHO, PHONE, "dyErase0001"))
    await somebody.imports.commit(plan)
    assert await money(shop) == before
    await somebody.imports.commit(await somebody.imports.plan(later))
    assert sum(row[3] for row in await money(shop)) == sum(row[3] for row in before) + 5000
    told = await somebody.imports.plan(people, "generic_fans")
    assert (told.counts["erased"], told.counts["rejected"], told.counts["new"]) == (2, 2, 1)
    assert {one.code for one in told.rejections} == {"erased"}
    assert all(one.cells == () for one in told.rejections)
    await somebody.imports.commit(told)
    names = await shop.read(lambda conn: {row[0] for row in conn.execute("SELECT name FROM fan")})
    assert "真新人" in names
    assert not names & {WHO, "新人"}


async def test_everybody_merged_into_a_person_goes_with_them(
    service: ErasureService, somebody: Somebody, shop: Store
) -> None:
    fan_id = await somebody.come()
    await shop.write(
        lambda tx: merges.merge(tx, somebody.other, fan_id), kind="fan.merge", payload={"merged": fan_id}
    )
    before = await money(shop)
    done = await service.erase(fan_id)
    assert (done.rows["fan"], done.rows["fan_merge"], done.traces) == (3, 1, ())
    assert await money(shop) == before
    assert (await shop.read(upkeep.check)).findings == ()
    assert await shop.read(lambda conn: conn.execute("SELECT count(*) FROM fan").fetchone()[0]) == 0


async def test_who_wants_to_come_back_may(service: ErasureService, somebody: Somebody, shop: Store) -> None:
    await service.erase(await somebody.come())
    assert await service.let_back("13700000000") == 0
    assert await service.let_back(PHONE) == 1
    assert await service.let_back(WECOM) == 0
    plan = await somebody.imports.plan(somebody.file)
    assert (plan.counts["erased"], plan.counts["changed"]) == (0, 2)
    await somebody.imports.commit(plan)
    names = await shop.read(lambda conn: {row[0] for row in conn.execute("SELECT name FROM fan")})
    assert WHO in names
    logged = await shop.read(
        lambda conn: conn.execute("SELECT payload FROM operation WHERE kind = 'fan.let_back'").fetchall()
    )
    assert [row[0] for row in logged] == ["{}"]


async def test_an_import_taken_back_later_puts_nothing_of_them_in_place(
    service: ErasureService, somebody: Somebody, shop: Store
) -> None:
    fan_id = await somebody.come()
    again = somebody.folder / "改.csv"
    again.write_text(FILE.replace("12.5", "13.5"), encoding="utf-8")
    batch = (await somebody.imports.commit(await somebody.imports.plan(again))).batch
    await service.erase(fan_id)
    await somebody.imports.undo(batch)
    row = await shop.read(
        lambda conn: conn.execute(
            "SELECT fan_id, receiver, paid_cents FROM \"order\" WHERE order_no = 'E1'"
        ).fetchone()
    )
    assert tuple(row) == (None, "{}", 1250)


async def test_a_name_that_others_bear_is_not_looked_for(
    service: ErasureService, somebody: Somebody, shop: Store
) -> None:
    fan_id = await somebody.come()
    await shop.write(lambda tx: floor.fan(tx, WHO, key=("douyin", "shop", "anotherOne")), kind=None)
    done = await service.erase(fan_id)
    assert (done.shared, done.traces) == (1, ())


async def test_what_stays_is_told(
    service: ErasureService, somebody: Somebody, shop: Store, tmp_path: Path
) -> None:
    fan_id = await somebody.come()
    await shop.write(lambda tx: fan_edits.set_note(tx, somebody.other, f"{WHO}的邻居"), kind=None)
    backup = tmp_path / "shop" / "backups"
    done = await service.erase(fan_id, keeps_backups=True)
    assert ("fan.note", ("name",), 1) in [(one.where, one.kinds, one.rows) for one in done.traces]
    assert not done.is_clean
    assert not backup.exists() or done.left


async def lists_of(somebody: Somebody, shop: Store, clock: FakeClock) -> list[Path]:
    """Four lists written for the owner: three name the person, by number, by hashed number, by id; one does not."""
    folder, fans, segments = somebody.folder, FanService(shop, clock), SegmentService(shop, clock)
    agreed = ConsentDraft(Purpose.MARKETING, Said.AGREED, clock.now_ms() - 1)
    await ConsentService(shop, clock).change(somebody.fan, ReachChange(agreed))
    book, mine, handed, others = (
        folder / name for name in ("号码.xlsx", "编号.csv", "投放.txt", "别人.csv")
    )
    everybody = [somebody.fan, somebody.other]
    await fans.export(everybody, book, headers={"phone": "手机"}, with_phones=True)
    await fans.export(everybody, mine, headers={"external_ids": "平台编号"})
    await fans.export([somebody.other], others, headers={"name": "名字"})
    audience = await segments.save(SegmentDraft("同意的", ConsentIs(("agreed",))))
    await segments.hand_over(audience, "ocean_sha256", "春茶投放", handed)
    assert handed.read_text() == f"{hashlib.sha256(PHONE.encode()).hexdigest()}\n"
    return [book, mine, handed, others]


async def test_lists_that_name_them_go_too(
    service: ErasureService, somebody: Somebody, shop: Store, clock: FakeClock
) -> None:
    fan_id = await somebody.come()
    *naming, other = await lists_of(somebody, shop, clock)
    assert set((await service.look(fan_id)).others) == {str(path) for path in naming}
    done = await service.erase(fan_id)
    assert {str(path) for path in naming} <= set(done.deleted)
    assert ([path.exists() for path in naming], other.exists()) == ([False] * 3, True)
    assert done.left == ()


async def test_lists_stay_where_the_owner_keeps_them(
    service: ErasureService, somebody: Somebody, shop: Store, clock: FakeClock
) -> None:
    fan_id = await somebody.come()
    *naming, _other = await lists_of(somebody, shop, clock)
    done = await service.erase(fan_id, keeps_lists=True)
    assert set(done.left) == {str(path) for path in naming}
    assert all(path.exists() for path in naming)


async def test_saved_refused_rows_are_such_a_list(service: ErasureService, somebody: Somebody) -> None:
    fan_id = await somebody.come()
    refused = tuple(await somebody.imports.rejections(somebody.batch))
    saved = somebody.folder / "没导入.xlsx"
    await somebody.imports.save_rejections(saved, refused, (), ("行", "原因"), lambda one: one.code)
    done = await service.erase(fan_id)
    assert str(saved) in done.deleted


async def test_every_table_that_points_at_people_is_thought_of(shop: Store) -> None:
    """One that comes later belongs into `rows`: its rows go, or lose the person."""
    pointing = await shop.read(
        lambda conn: {
            row[0]
            for row in conn.execute(
                "SELECT m.name FROM sqlite_master m, pragma_foreign_key_list(m.name) k"
                " WHERE m.type = 'table' AND k.\"table\" IN ('fan', 'identity')"
            )
        }
    )
    assert pointing == {table for table, _ in (*rows.GOING, *rows.PERSONS)} - {"message"} | rows.LEFT


async def test_an_old_backup_that_is_put_back_brings_nobody_back(
    service: ErasureService,
    somebody: Somebody,
    shop: Store,
    clock: FakeClock,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    fan_id = await somebody.come()
    copy = tmp_path_factory.mktemp("stick") / "copy.db"
    await shop.backup_to(copy)
    await service.erase(fan_id)
    await shop.close()
    told = restore(copy, shop.path, shop.path.parent / "backups", RestoredBy("tester", "d", clock.now_ms()))
    assert told.erased == 1
    assert named_in(shop.path.parent, somebody.needles()) == []
    again = Store(shop.path, clock)
    await again.open()
    try:
        assert (await again.read(upkeep.check)).findings == ()
        counted = await again.read(lambda conn: conn.execute("SELECT count(*) FROM erasure").fetchone()[0])
        assert counted == 1
    finally:
        await again.close()
