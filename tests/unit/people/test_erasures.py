"""Whoever is erased is gone to the last byte, stays out, and leaves every sum of money as it was."""

import json
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.errors import ConflictError, NotFoundError
from desktop.domain.fans import FanFilter
from desktop.domain.write_kinds.wecom import CUSTOMER_REMARK, MASS_SEND_CUSTOMERS
from desktop.domain.writes import Write, from_payload, sha256_text
from desktop.services.backups import BackupService
from desktop.services.erasures import ErasureService
from desktop.services.fans import FanService
from desktop.services.imports import ImportService
from desktop.services.personal_records import PersonalRecordService
from desktop.store import upkeep
from desktop.store.database import Store
from desktop.store.erasures import erasing, rows
from desktop.store.erasures.going import person
from desktop.store.fans import fan_edits
from desktop.store.matching import merges
from desktop.store.restore import RestoredBy, restore
from desktop.wording import Wording
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor

WHO, PHONE, UNION, WECOM = "欧阳锦瑟", "13812345678", "o-union-erase-1", "wmEraseMeSoon01"
REMARK, GIFTED = "锦瑟姐姐常买", "13999988887"
HEADER = "order_id,buyer_id,buyer_name,buyer_phone,paid_at,amount,item,quantity,status,source_account\n"
FILE = (
    HEADER + f"E1,dyErase0001,{WHO},{PHONE},2026-05-01 10:00:00,12.5,桂圆,1,已发货,\n"
    f"E2,dyErase0001,{WHO},{PHONE},2026-05-02 10:00:00,30,红枣,1,已发货,\n"
    "E3,dyOther0002,周别人,13700000000,2026-05-02 11:00:00,7,红枣,1,已发货,\n"
    f"E4,,{WHO},138****5678x,,不是钱,红枣,1,已发货,\n"
)


@pytest.fixture
def backups(shop: Store, clock: FakeClock) -> BackupService:
    return BackupService(shop, clock, shop.path.parent / "backups")


@pytest.fixture
def service(shop: Store, backups: BackupService) -> ErasureService:
    return ErasureService(shop, backups)


def send(
    tx: Any, account: int, kind: str, state: str, targets: list[tuple[str, int | None]], **more: Any
) -> int:
    """An outbox item with its deliveries."""
    entity, entity_id = more.pop("about", ("post", 0))
    payload = Write(kind, {"text": "新到的梨", **more}, tuple(t for t, _ in targets)).canonical()
    item = tx.db.execute(
        "INSERT INTO outbox (uid, account_id, kind, entity, entity_id, state, payload, payload_sha256, summary,"
        " order_key, not_before, hold_until, confirmed_at, confirmed_by, device_id, platform_id, proof, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 'tester', 'd', 'm1', '{}', 0)",
        (tx.new_uid(), account, kind, entity, entity_id, state, payload, sha256_text(payload),
         json.dumps({"recipients": len(targets), "text": "新到的梨"}), f"k{state}"),
    ).lastrowid  # fmt: skip
    status = "planned" if state == "queued" else "sent"
    for target, identity in targets:
        tx.db.execute(
            "INSERT INTO delivery (outbox_id, target_kind, target_external_id, identity_id, status, updated_at)"
            " VALUES (?, 'fan', ?, ?, ?, 0)",
            (item, target, identity, status),
        )
    return int(item)


def post(tx: Any, account: int, body: str) -> int:
    return int(
        tx.db.execute(
            "INSERT INTO post (uid, account_id, title, body, created_at, updated_at)"
            " VALUES (?, ?, '草稿', ?, 0, 0)",
            (tx.new_uid(), account, body),
        ).lastrowid
    )


class Somebody:
    """A person with something in every corner of a shop, brought in as far as possible by its own doors."""

    def __init__(self, store: Store, clock: FakeClock, folder: Path) -> None:
        self.store, self.clock, self.folder = store, clock, folder
        self.imports = ImportService(store, clock)
        self.items: dict[str, int] = {}

    async def come(self) -> int:
        self.file = self.folder / "订单.csv"
        self.file.write_text(FILE, encoding="utf-8")
        plan = await self.imports.plan(self.file)
        self.batch = (await self.imports.commit(plan)).batch
        self.fan = await self.store.read(
            lambda conn: conn.execute(
                "SELECT fan_id FROM identity WHERE external_id = 'dyErase0001'"
            ).fetchone()[0]
        )
        await self.store.write(self._furnish, kind=None)
        fans = FanService(self.store, self.clock)
        await fans.set_note(self.fan, f"{WHO}怕辣")
        await fans.add_tag([self.fan, self.other], "常客")
        target = self.folder / "她的资料.xlsx"
        await PersonalRecordService(self.store).export(self.fan, target, Wording("zh_CN").text)
        return int(self.fan)

    def _furnish(self, tx: Any) -> None:
        other = tx.db.execute("SELECT fan_id FROM identity WHERE external_id = 'dyOther0002'").fetchone()[0]
        self.other = int(other)
        account = floor.account(tx)
        scope = tx.db.execute("SELECT external_id FROM account WHERE id = ?", (account,)).fetchone()[0]
        shadow = floor.fan(tx, f"{WHO}小号", key=("wechat", "gh1", "oShadowErase9"))
        tx.db.execute("UPDATE identity SET fan_id = ? WHERE fan_id = ?", (self.fan, shadow))
        tx.db.execute("UPDATE fan SET merged_into = ? WHERE id = ?", (self.fan, shadow))
        mine = floor.befriend(tx, self.fan, account, 5)
        tx.db.execute("UPDATE identity SET external_id = ?, name = ? WHERE id = ?", (WECOM, WHO, mine))
        mobiles = json.dumps([PHONE])
        tx.db.execute(
            "UPDATE follow SET remark = ?, mobiles = ? WHERE identity_id = ?", (REMARK, mobiles, mine)
        )
        tx.db.execute(
            "INSERT INTO identity (fan_id, platform, scope, external_id, origin, first_seen_at, updated_at)"
            " VALUES (?, 'wechat_union', '', ?, 'sync:x', 0, 0)",
            (self.fan, UNION),
        )
        theirs = floor.befriend(tx, other, account, 5)
        floor.touch(tx, self.fan, "comment", floor.at("2026-05-03"))
        moved = floor.touch(tx, other, "referral", floor.at("2026-05-04"))
        tx.db.execute("UPDATE interaction SET referred_fan_id = ? WHERE id = ?", (self.fan, moved))
        group = floor.group(tx, "福利群", account)
        floor.member(tx, group, WECOM, identity=mine, joined=1)
        floor.member(tx, group, f"wm{other}", identity=theirs, joined=2)
        tx.db.execute(
            "UPDATE group_member SET invitor_external_id = ? WHERE external_id = ?", (WECOM, f"wm{other}")
        )
        desk = tx.db.execute(
            "INSERT INTO desk (account_id, external_id) VALUES (?, 'kf1')", (account,)
        ).lastrowid
        talk = tx.db.execute(
            "INSERT INTO conversation (uid, desk_id, external_id, identity_id, name, last_at, draft)"
            " VALUES (?, ?, ?, ?, ?, 0, '马上给您发')",
            (tx.new_uid(), desk, WECOM, mine, WHO),
        ).lastrowid
        tx.db.execute(
            "INSERT INTO message (conversation_id, external_id, direction, kind, text, at)"
            " VALUES (?, 'x1', 'in', 'text', ?, 0)",
            (talk, f"我是{WHO}，电话{PHONE}"),
        )
        drop = tx.db.execute(
            "INSERT INTO welfare_drop (uid, item, created_at, updated_at) VALUES (?, '桂圆', 0, 0)",
            (tx.new_uid(),),
        ).lastrowid
        tx.db.execute(
            "INSERT INTO drop_claim (uid, drop_id, fan_id, name, claimed_at, origin)"
            " VALUES (?, ?, ?, ?, 0, 'operator')",
            (tx.new_uid(), drop, self.fan, WHO),
        )
        many = [(WECOM, mine), (f"wm{other}", theirs)]
        about = ("post", post(tx, account, f"{WHO}专属：新到的梨，联系{PHONE}"))
        self.items["waiting"] = send(tx, account, MASS_SEND_CUSTOMERS, "queued", many, about=about)
        self.items["past"] = send(tx, account, MASS_SEND_CUSTOMERS, "done", many, about=about)
        self.items["alone"] = send(
            tx, account, CUSTOMER_REMARK, "queued", [(WECOM, mine)], staff="lisi", remark=REMARK,
            about=("fan", self.fan),
        )  # fmt: skip
        relations = json.dumps([f"{WECOM} lisi", f"wm{other} lisi"])
        for stream, mark in (("relations", relations), ("followers", WECOM)):
            tx.db.execute("INSERT INTO sync_seen VALUES (?, ?, ?)", (account, stream, mark))
        tx.db.execute(
            "UPDATE \"order\" SET receiver = ? WHERE order_no = 'E3'",
            (json.dumps({"phone": PHONE, "name": "x"}),),
        )
        assert scope

    def needles(self) -> list[bytes]:
        return [
            text.encode() for text in (WHO, PHONE, UNION, WECOM, REMARK, "dyErase0001", "oShadowErase9")
        ]


@pytest.fixture
def somebody(shop: Store, clock: FakeClock, tmp_path_factory: pytest.TempPathFactory) -> Somebody:
    return Somebody(shop, clock, tmp_path_factory.mktemp("owner"))


def named_in(folder: Path, needles: list[bytes]) -> list[tuple[str, bytes]]:
    """(file, text) wherever one of the texts stands in the bytes below a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [(path.name, one) for path in files for one in needles if one in path.read_bytes()]


async def money(store: Store) -> list[Any]:
    """Every sum of money, by day and platform."""
    return await store.read(
        lambda conn: [
            tuple(row)
            for row in conn.execute(
                "SELECT platform, paid_at, count(*), sum(paid_cents), sum(refund_cents), sum(net_cents)"
                ' FROM "order" WHERE is_sale = 1 GROUP BY 1, 2 ORDER BY 1, 2'
            )
        ]
    )


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
