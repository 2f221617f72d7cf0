"""Imports on a real store: the same file twice, undo, modes, cancel, older files, hostile cells."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from desktop.domain.errors import CancelledByOperatorError, ConflictError, ImportFileError, NotFoundError
from desktop.domain.tasks import CancelToken
from desktop.services.imports import ImportResult, ImportService
from desktop.store.database import Store
from desktop.store.fans import fan_edits, known_people
from desktop.store.fans.identities import IdentityKey
from desktop.store.tags import tags
from tests.fakes import FakeClock
from tests.unit.files.makers import DOUDIAN, csv_bytes, doudian

HEADER = ["order_id", "buyer_id", "buyer_name", "buyer_phone", "paid_at", "amount", "refund_amount", "item",
          "quantity", "status", "source_account"]  # fmt: skip
TABLES = {
    "fan": "SELECT * FROM fan ORDER BY id",
    "identity": "SELECT * FROM identity ORDER BY id",
    "order": 'SELECT * FROM "order" ORDER BY id',
    "order_line": "SELECT order_id, line_no, item, quantity, paid_cents, refund_cents FROM order_line"
    " ORDER BY order_id, line_no",
    "interaction": "SELECT * FROM interaction ORDER BY id",
    "fan_stats": "SELECT * FROM fan_stats ORDER BY fan_id",
    "fan_tag": "SELECT * FROM fan_tag ORDER BY fan_id, tag_id",
    "tag": "SELECT * FROM tag ORDER BY id",
    "drop_claim": "SELECT * FROM drop_claim ORDER BY id",
    "tier_change": "SELECT * FROM tier_change ORDER BY id",
    "import_effect": "SELECT * FROM import_effect ORDER BY id",
}


@pytest.fixture
def service(shop: Store, clock: FakeClock) -> ImportService:
    return ImportService(shop, clock)


async def state(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row an import may touch."""
    return await store.read(
        lambda conn: {name: [tuple(row) for row in conn.execute(sql)] for name, sql in TABLES.items()}
    )


def order(no: str, buyer: str, amount: str = "10", **cells: str) -> list[str]:
    row = {"order_id": no, "buyer_id": buyer, "buyer_name": f"客{buyer}", "paid_at": "2026-05-01 10:00:00",
           "amount": amount, "item": "红枣", "status": "已发货", **cells}  # fmt: skip
    return [row.get(name, "") for name in HEADER]


def orders_file(
    folder: Path, rows: Sequence[Sequence[str]], name: str = "订单.csv", age_s: int = 0
) -> Path:
    """A general order table made `age_s` seconds before the tests' noon."""
    path = folder / name
    path.write_bytes(csv_bytes(HEADER, rows))
    stamp = 1_779_249_600 - age_s
    os.utime(path, (stamp, stamp))
    return path


async def bring(service: ImportService, path: Path, **more: Any) -> ImportResult:
    return await service.commit(await service.plan(path, **more))


def figures(counts: Mapping[str, int]) -> tuple[int, int, int, int]:
    return counts["new"], counts["changed"], counts["same"], counts["rejected"]


async def test_the_same_file_twice_changes_nothing(
    service: ImportService, shop: Store, tmp_path: Path
) -> None:
    rows = [order("A1", "u1"), order("A2", "u2", "20", refund_amount="5"), order("A3", "u1", "x")]
    path = orders_file(tmp_path, rows)
    first = await bring(service, path)
    before = await state(shop)
    second = await bring(service, path)
    assert figures(first.counts) == (2, 0, 0, 1)
    assert figures(second.counts) == (0, 0, 2, 1)
    assert first.counts["new_fans"] == 2
    assert first.batch != second.batch
    assert await state(shop) == before
    assert [batch.uid for batch in await service.batches()] == [second.batch, first.batch]


@pytest.mark.parametrize("by_another_process", [False, True])
async def test_what_was_written_since_the_preview_counts(
    service: ImportService, shop: Store, clock: FakeClock, tmp_path: Path, by_another_process: bool
) -> None:
    path = orders_file(tmp_path, [order("A1", "a"), order("A2", "b")])
    await bring(service, path)
    plan = await service.plan(path)
    assert figures(plan.counts) == (0, 0, 2, 0)

    def work(tx: Any) -> None:
        tx.db.execute("UPDATE \"order\" SET paid_cents = 1 WHERE order_no = 'A1'")
        tx.db.execute(
            "DELETE FROM order_line WHERE order_id = (SELECT id FROM \"order\" WHERE order_no = 'A2')"
        )
        tx.db.execute("DELETE FROM \"order\" WHERE order_no = 'A2'")

    writer = Store(shop.path, clock) if by_another_process else shop
    if by_another_process:
        await writer.open()
    await writer.write(work, kind=None)
    if by_another_process:
        await writer.close()
    assert figures((await service.commit(plan)).counts) == (1, 1, 0, 0)
    again = await service.plan(path)
    assert figures(again.counts) == figures((await service.commit(again)).counts) == (0, 0, 2, 0)


async def test_planning_writes_nothing(service: ImportService, shop: Store, tmp_path: Path) -> None:
    before = await state(shop)
    plan = await service.plan(orders_file(tmp_path, [order("A1", "u1"), order("A2", "u1", "bad")]))
    assert figures(plan.counts) == (1, 0, 0, 1)
    assert [(row.kind, row.row) for row in plan.shown] == [("new", 2), ("rejected", 3)]
    assert await state(shop) == before


async def test_undo_leaves_the_tables_as_they_were(
    service: ImportService, shop: Store, tmp_path: Path, clock: FakeClock
) -> None:
    old = orders_file(tmp_path, [order("A1", "u1"), order("A2", "u2", buyer_name="")], age_s=100)
    await bring(service, old)
    await shop.write(lambda tx: fan_edits.rename(tx, 1, "老王"), kind=None)
    before = await state(shop)
    clock.advance(60)
    newer = orders_file(
        tmp_path,
        [
            order("A1", "u1", "10", status="已完成", refund_amount="2"),
            order("A2", "u2", buyer_name="小满", buyer_phone="13800000000", item="核桃"),
            order("A3", "u3", "9000"),
            order("A4", "u1", "5000"),
        ],
        "新.csv",
    )
    result = await bring(service, newer)
    assert figures(result.counts) == (2, 2, 0, 0)
    assert await state(shop) != before
    clock.advance(60)
    undone = await service.undo(result.batch)
    after = await state(shop)
    assert after == before
    assert undone.kept == 0
    assert [batch.undone_at is None for batch in await service.batches()] == [False, True]
    with pytest.raises(ConflictError, match="import_undone"):
        await service.undo(result.batch)
    with pytest.raises(NotFoundError, match="import_batch_missing"):
        await service.undo("none")


async def test_undo_of_the_first_import_empties_the_shop(
    service: ImportService, shop: Store, tmp_path: Path
) -> None:
    empty = await state(shop)
    result = await bring(service, orders_file(tmp_path, [order("A1", "u1"), order("A2", "u2")]))
    await service.undo(result.batch)
    assert await state(shop) == empty


async def test_undo_refuses_what_later_imports_changed(
    service: ImportService, shop: Store, tmp_path: Path, clock: FakeClock
) -> None:
    first = await bring(service, orders_file(tmp_path, [order("A1", "u1")], age_s=50))
    clock.advance(5)
    second = await bring(service, orders_file(tmp_path, [order("A1", "u1", status="已完成")], "后来.csv"))
    before = await state(shop)
    with pytest.raises(ConflictError) as told:
        await service.undo(first.batch)
    assert told.value.code == "import_undo_later"
    assert told.value.params["files"] == ["后来.csv"]
    assert await state(shop) == before
    await service.undo(second.batch)
    await service.undo(first.batch)
    assert (await state(shop))["order"] == []


async def test_undo_keeps_people_somebody_needs(
    service: ImportService, shop: Store, tmp_path: Path
) -> None:
    result = await bring(
        service, orders_file(tmp_path, [order("A1", "u1"), order("A2", "u2"), order("A3", "u3")])
    )

    def work(tx: Any) -> None:
        tags.add(tx, [1], tags.ensure(tx, "老客"))
        known_people.resolve(
            tx, [IdentityKey("file", "", "u2"), IdentityKey("wecom", "corp", "wm1")], "", None, "sync:a", 1
        )

    await shop.write(work, kind=None)
    undone = await service.undo(result.batch)
    after = await state(shop)
    assert after["order"] == []
    assert [row[0] for row in after["fan"]] == [1, 2]
    assert undone.kept == 2
    assert [row[1:3] for row in after["fan_stats"]] == [(0, 0), (0, 0)]


async def test_undo_refuses_an_order_that_a_platform_changed(
    service: ImportService, shop: Store, tmp_path: Path, clock: FakeClock
) -> None:
    result = await bring(service, orders_file(tmp_path, [order("A1", "u1")]))
    clock.advance(5)
    await shop.write(lambda tx: tx.db.execute('UPDATE "order" SET updated_at = ?', (tx.now_ms,)), kind=None)
    with pytest.raises(ConflictError, match="import_undo_changed"):
        await service.undo(result.batch)


async def test_modes(service: ImportService, shop: Store, tmp_path: Path) -> None:
    await bring(service, orders_file(tmp_path, [order("A1", "u1", status="", item="")], age_s=50))
    rows = [order("A1", "u1", "99", status="已完成"), order("A2", "u1")]
    newer = orders_file(tmp_path, rows, "新.csv")

    added = (await service.plan(newer, mode="add")).counts
    assert (figures(added), added["kept"]) == ((1, 0, 1, 0), 1)
    filled = await bring(service, newer, mode="fill")
    assert figures(filled.counts) == (1, 1, 0, 0)
    paid, status = await shop.read(
        lambda conn: tuple(
            conn.execute("SELECT paid_cents, status FROM \"order\" WHERE order_no = 'A1'").fetchone()
        )
    )
    assert (paid, status) == (1000, "done")
    updated = await bring(service, newer, mode="update")
    assert figures(updated.counts) == (0, 1, 1, 0)
    assert (await state(shop))["fan_stats"][0][2] == 9900 + 1000
    with pytest.raises(Exception, match="import_mode_unknown"):
        await service.plan(newer, mode="replace")


async def test_an_older_file_moves_nothing_back(
    service: ImportService, shop: Store, tmp_path: Path
) -> None:
    newer = orders_file(tmp_path, [order("A1", "u1", status="已完成", refund_amount="3")], "新.csv")
    older = orders_file(
        tmp_path, [order("A1", "u1", status="待发货"), order("A0", "u1")], "旧.csv", age_s=9_000
    )
    await bring(service, newer)
    result = await bring(service, older)
    assert figures(result.counts) == (1, 0, 1, 0)
    assert result.counts["kept"] == 1
    rows = await shop.read(
        lambda conn: [
            tuple(row)
            for row in conn.execute('SELECT order_no, status, refund_cents FROM "order" ORDER BY 1')
        ]
    )
    assert rows == [("A0", "shipped", 0), ("A1", "done", 300)]


async def test_what_the_platform_adds_the_next_day_is_a_change(
    service: ImportService, shop: Store, tmp_path: Path
) -> None:
    path = tmp_path / "1791430000_订单.csv"
    path.write_bytes(csv_bytes(DOUDIAN, [doudian()]))
    await bring(service, path)
    later = tmp_path / "1791516400_订单.csv"
    later.write_bytes(csv_bytes(DOUDIAN, [doudian(流量体裁="直播")]))
    assert figures((await bring(service, later)).counts) == (0, 1, 0, 0)
    kinds = await shop.read(
        lambda conn: [row[0] for row in conn.execute("SELECT extra ->> '$.traffic_kind' FROM \"order\"")]
    )
    assert kinds == ["直播"]
    assert figures((await bring(service, path)).counts) == (0, 0, 1, 0)  # the older file moves nothing back


async def test_a_change_is_told_old_and_new(service: ImportService, tmp_path: Path) -> None:
    await bring(service, orders_file(tmp_path, [order("A1", "u1")], age_s=50))
    plan = await service.plan(orders_file(tmp_path, [order("A1", "u1", "12", status="已完成")], "新.csv"))
    [row] = plan.shown
    told = {change.name: (change.before, change.after) for change in row.changes}
    assert told["paid_cents"] == (1000, 1200)
    assert told["status"] == ("shipped", "done")


async def test_lost_seconds_are_no_change(service: ImportService, tmp_path: Path) -> None:
    await bring(
        service, orders_file(tmp_path, [order("A1", "u1", paid_at="2026-05-01 10:00:37")], age_s=50)
    )
    plan = await service.plan(
        orders_file(tmp_path, [order("A1", "u1", paid_at="2026/5/1 10:00")], "新.csv")
    )
    assert figures(plan.counts) == (0, 0, 1, 0)


async def test_masked_recipients_join_nobody(service: ImportService, shop: Store, tmp_path: Path) -> None:
    rows = [
        doudian(主订单编号=f"100{n}", 子订单编号=f"100{n}", 收件人="张*", 收件人手机号="138****0000")
        for n in range(3)
    ]
    rows.append(doudian(主订单编号="2000", 子订单编号="2000", 收件人="张三", 收件人手机号="13800000000"))
    path = tmp_path / "抖店.csv"
    path.write_bytes(csv_bytes(DOUDIAN, rows))
    result = await bring(service, path)
    assert (figures(result.counts), result.counts["without_fan"]) == ((4, 0, 0, 0), 3)
    after = await state(shop)
    assert len(after["fan"]) == 1
    assert [row[2:5] for row in after["identity"]] == [("phone", "", "13800000000")]


async def test_buyers_with_the_same_phone_stay_apart(
    service: ImportService, shop: Store, tmp_path: Path
) -> None:
    rows = [order("A1", "u1", buyer_phone="13800000000"), order("A2", "u2", buyer_phone="13800000000"),
            order("A3", "u1", source_account="二店")]  # fmt: skip
    await bring(service, orders_file(tmp_path, rows))
    assert len((await state(shop))["fan"]) == 3


async def test_half_an_order_export_does_not_shrink_the_order(
    service: ImportService, shop: Store, tmp_path: Path
) -> None:
    whole = [doudian(主订单编号="9", 子订单编号=f"9{n}", 订单应付金额=f"{n}0") for n in (1, 2)]
    for name, rows in (
        ("1779249500_a.csv", whole),
        (
            "1779249590_b.csv",
            [doudian(主订单编号="9", 子订单编号="92", 订单应付金额="20", 售后状态="退款成功")],
        ),
    ):
        (tmp_path / name).write_bytes(csv_bytes(DOUDIAN, rows))
        result = await bring(service, tmp_path / name)
    assert figures(result.counts) == (0, 1, 0, 0)
    row = await shop.read(
        lambda conn: tuple(
            conn.execute('SELECT paid_cents, refund_cents, net_cents FROM "order"').fetchone()
        )
    )
    assert row == (3000, 2000, 1000)
    assert len((await state(shop))["order_line"]) == 2


@pytest.mark.parametrize("look", [4, 5])  # between portions of rows, and before sums are settled
async def test_cancel_leaves_no_trace(
    service: ImportService, shop: Store, tmp_path: Path, look: int
) -> None:
    before = await state(shop)
    path = orders_file(tmp_path, [order(f"A{n}", f"u{n % 50}") for n in range(1500)])
    plan = await service.plan(path)
    cancel = CancelToken()
    steps: list[tuple[str, int, int]] = []

    def watch(step: str, done: int, total: int) -> None:
        steps.append((step, done, total))

    class AtOnce(CancelToken):
        looks = 0

        def check(self) -> None:
            self.looks += 1
            if self.looks == look:
                self.cancel()
            super().check()

    with pytest.raises(CancelledByOperatorError):
        await service.commit(plan, watch, AtOnce())
    assert await state(shop) == before
    assert await service.batches() == []
    await service.commit(plan, watch, cancel)
    assert ("commit", 1500, 1500) in steps
    assert ("settle", 0, 50) in steps
    cancel.cancel()
    with pytest.raises(CancelledByOperatorError):
        await service.plan(path, cancel=cancel)


async def test_refused_files_change_nothing(service: ImportService, shop: Store, tmp_path: Path) -> None:
    before = await state(shop)
    path = tmp_path / "坏.csv"
    path.write_bytes(csv_bytes(HEADER, [order("6.92074E+18", "u1")], "gb18030"))
    with pytest.raises(ImportFileError) as told:
        await service.plan(path)
    assert (told.value.code, told.value.data_changed) == ("import_damaged_ids", False)
    assert await state(shop) == before


async def test_hostile_cells_are_plain_text(service: ImportService, shop: Store, tmp_path: Path) -> None:
    names = [
        "<img src=x onerror=1>",
        '=HYPERLINK("x")',
        "\u202e三张",
        "a\u200b\u200bb",
        "'; DROP TABLE fan; --",
        "😀" * 20,
    ]
    rows = [order(f"A{n}", f"u{n}", buyer_name=name) for n, name in enumerate(names)]
    await bring(service, orders_file(tmp_path, rows))
    found = await shop.read(
        lambda conn: [row[0] for row in conn.execute("SELECT name FROM fan ORDER BY id")]
    )
    assert found == names
    tall = await service.plan(
        orders_file(tmp_path, [order("B1", "u1", buyer_name="长" * 1_000_000)], "长.csv")
    )
    assert [one.code for one in tall.rejections] == ["cell_too_long"]


async def test_refused_rows_can_be_saved_and_mended(service: ImportService, tmp_path: Path) -> None:
    rows = [order("A1", "u1", "=1+1"), order("A2", "u1", "十元")]
    result = await bring(service, orders_file(tmp_path, rows))
    target = tmp_path / "不合格.xlsx"
    kept = await service.rejections(result.batch)
    assert [one.row for one in kept] == [2, 3]
    await service.save_rejections(target, tuple(kept), result.headers, ("行", "原因"), lambda one: one.code)
    sheet = CalamineWorkbook.from_path(str(target)).get_sheet_by_index(0).to_python()
    assert sheet[0][:4] == ["行", "原因", "order_id", "buyer_id"]
    assert sheet[1][1:8] == ["bad_money", "A1", "u1", "客u1", "", "2026-05-01 10:00:00", "=1+1"]
    with pytest.raises(ImportFileError, match="import_save_failed"):
        await service.save_rejections(tmp_path / "no" / "x.xlsx", (), (), ("", ""), lambda one: one.code)


async def test_mappings_are_remembered_by_header(service: ImportService, tmp_path: Path) -> None:
    header = ["流水", "会员", "日子", "钱"]
    path = tmp_path / "自家表.csv"
    path.write_bytes(csv_bytes(header, [["1", "u1", "2026-01-01", "5"]]))
    looked = await service.inspect(path)
    assert (looked.tables[0].source, looked.tables[0].is_read) == ("", False)
    mapping = {"order_id": "流水", "buyer_id": "会员", "paid_at": "日子", "amount": "钱"}
    await bring(service, path, source="generic_orders", mapping=mapping)
    path.write_bytes(csv_bytes(header, [["2", "u1", "2026-01-02", "6"]]))
    looked = await service.inspect(path)
    assert (looked.tables[0].source, looked.tables[0].is_remembered) == ("generic_orders", True)
    assert dict(looked.tables[0].mapping) == mapping
    assert figures((await bring(service, path)).counts) == (1, 0, 0, 0)


async def test_people_touches_and_undo(
    service: ImportService, shop: Store, tmp_path: Path, clock: FakeClock
) -> None:
    people = tmp_path / "粉丝.csv"
    people.write_bytes(
        csv_bytes(
            ["fan_id", "name", "phone", "followed_at", "tags", "note", "consent"],
            [
                ["u1", "小满", "13800000000", "2026-01-01", "老客,爱枣", "熟人", "是"],
                ["u2", "阿强", "", "", "老客", "", "否"],
            ],
        )
    )
    empty = await state(shop)
    first = await bring(service, people)
    assert figures(first.counts) == (2, 0, 0, 0)
    between = await state(shop)
    assert {row[7] for row in between["fan"]} == {"", "熟人"}
    assert figures((await bring(service, people)).counts) == (0, 0, 2, 0)
    assert await state(shop) == between

    touches = tmp_path / "互动.csv"
    touches.write_bytes(
        csv_bytes(
            ["fan_id", "kind", "at", "quantity", "referred_id"],
            [
                ["u1", "评论", "2026-05-01 10:00", "2", ""],
                ["u1", "推荐", "2026-05-02", "", "u3"],
                ["u9", "点赞", "2026-05-02", "", ""],
            ],
        )
    )
    clock.advance(5)
    second = await bring(service, touches)
    assert figures(second.counts) == (3, 0, 0, 0)
    assert figures((await bring(service, touches)).counts) == (0, 0, 3, 0)
    assert len((await state(shop))["fan"]) == 4
    await service.undo(second.batch)
    assert await state(shop) == between
    await service.undo(first.batch)
    assert await state(shop) == empty


async def test_claims(service: ImportService, shop: Store, tmp_path: Path) -> None:
    def work(tx: Any) -> None:
        for uid, item in (("d1", "红枣"), ("d2", "核桃"), ("d3", "核桃")):
            tx.db.execute(
                "INSERT INTO welfare_drop (uid, item, state, created_at, updated_at)"
                " VALUES (?, ?, 'confirmed', 1, 1)",
                (uid, item),
            )
        known_people.resolve(tx, [IdentityKey("wecom", "corp", "wm1")], "小满", "13800000000", "sync:a", 1)

    await shop.write(work, kind=None)
    path = tmp_path / "领取.csv"
    header = ["drop_uid", "item", "fan_id", "phone", "name", "claimed_at", "redeemed", "券码"]
    rows = [
        ["d1", "", "wm1", "", "", "2026-05-01 10:00", "否", "Q2026050100001"],
        ["", "红枣", "", "13800000000", "", "2026-05-01 10:01", "", ""],
        ["", "红枣", "", "", "小满", "2026-05-01 10:02", "是", ""],
        ["", "红枣", "", "", "路人", "2026-05-01 10:03", "", ""],
        ["", "核桃", "", "", "路人", "2026-05-01 10:03", "", ""],
        ["", "瓜子", "", "", "路人", "2026-05-01 10:03", "", ""],
    ]
    path.write_bytes(csv_bytes(header, rows))
    result = await bring(service, path)
    assert figures(result.counts) == (4, 0, 0, 2)
    assert {one.code for one in result.rejections} == {"drop_ambiguous", "drop_unknown"}
    found = await shop.read(
        lambda conn: [
            tuple(r) for r in conn.execute("SELECT fan_id, is_redeemed, code FROM drop_claim ORDER BY id")
        ]
    )
    assert found == [(1, 0, "Q2026050100001"), (1, 0, ""), (1, 1, ""), (None, 0, "")]
    rows[0][6] = "是"
    path.write_bytes(csv_bytes(header, rows))
    again = await bring(service, path)
    assert figures(again.counts) == (0, 1, 3, 2)
    await service.undo(again.batch)
    await service.undo(result.batch)
    assert (await state(shop))["drop_claim"] == []


async def test_one_operation_in_the_log_for_each_step(
    service: ImportService, shop: Store, tmp_path: Path
) -> None:
    result = await bring(service, orders_file(tmp_path, [order("A1", "u1")]))
    await service.undo(result.batch)
    kinds = await shop.read(
        lambda conn: [row[0] for row in conn.execute("SELECT kind FROM operation ORDER BY id")]
    )
    assert kinds[-2:] == ["import.commit", "import.undo"]
