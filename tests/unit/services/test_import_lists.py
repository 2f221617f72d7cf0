"""Customer lists, leads, members, groups and chains of orders: each comes in, is seen, and goes again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from desktop.domain.imports import Rejection
from desktop.services.imports import ImportPlan, ImportService
from desktop.store.database import Store
from desktop.store.erasures import erasing
from desktop.store.erasures.going import person
from desktop.store.fans import fans
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor
from tests.unit.files.makers import csv_bytes, xlsx_bytes

YOUZAN = [
    "客户姓名", "客户昵称", "客户手机号", "标签", "成长值", "免费等级", "客户积分", "客户储值余额", "来源渠道",
    "成为客户时间", "成为会员时间", "",
]  # fmt: skip
WHO = ["林小满", "爱吃梨", "13800000001", "老客,送礼", "120"]
MET, JOINED = "2025-03-01 10:00:00", "2025-04-01 10:00:00"
WECOM = [
    "客户名称",
    "描述",
    "添加人",
    "添加人账号",
    "添加时间",
    "来源",
    "手机",
    "标签组1(口味)",
    "标签组2（等级）",
]


@pytest.fixture
def imports(shop: Store, clock: FakeClock) -> ImportService:
    return ImportService(shop, clock)


async def brought(
    imports: ImportService, folder: Path, header: list[str], rows: list[list[str]], **how: Any
) -> tuple[ImportPlan, str]:
    path = folder / "名单.csv"
    path.write_bytes(csv_bytes(header, rows))
    plan = await imports.plan(path, **how)
    return plan, (await imports.commit(plan)).batch


async def everything(shop: Store) -> dict[str, list[Any]]:
    """All that an import may leave behind."""

    def look(conn: Any) -> dict[str, list[Any]]:
        wanted = {
            "fan": "SELECT name, phone, note, marketing FROM fan ORDER BY id",
            "identity": "SELECT platform, scope, external_id, details FROM identity ORDER BY id",
            "interaction": "SELECT kind, fan_id, group_id, note FROM interaction ORDER BY id",
            "member": "SELECT group_id, external_id, name, left_at FROM group_member ORDER BY rowid",
            "tag": "SELECT fan_id, tag_id FROM fan_tag ORDER BY 1, 2",
            "order": 'SELECT platform, scope, order_no, paid_cents FROM "order" ORDER BY id',
        }
        return {name: [tuple(row) for row in conn.execute(sql)] for name, sql in wanted.items()}

    return await shop.read(look)


def reasons(found: tuple[Rejection, ...]) -> list[tuple[int, str]]:
    return [(one.row, one.code) for one in found]


async def test_members_of_youzan_are_named_by_a_plain_phone_only(
    shop: Store, imports: ImportService, tmp_path: Path
) -> None:
    before = await everything(shop)
    plan, batch = await brought(
        imports, tmp_path, YOUZAN,
        [
            [*WHO, "银卡", "1,280", "50.00", "公众号", MET, JOINED, ""],
            ["王*", "阿王", "186******05", "", "", "", "5", "", "", MET, "", ""],
            ["李一", "甲", "13800000002", "", "", "", "1", "", "", MET, "", ""],
            ["李二", "乙", "13800000002", "", "", "", "2", "", "", MET, "", ""],
        ],
    )  # fmt: skip
    assert plan.source == "youzan_customers"
    result = await imports.result(batch)
    assert reasons(result.rejections) == [
        (3, "hidden_person"), (4, "contradiction_fan"), (5, "contradiction_fan"),
    ]  # fmt: skip
    (row,) = await shop.read(lambda conn: fans.rows(conn, [1]))
    (identity,) = row.identities
    assert (row.name, [tag.name for tag in row.tags]) == ("爱吃梨", ["老客", "送礼"])
    assert identity.channel == "公众号"
    card = identity.card
    assert (card["points"], card["balance_cents"], card["level"], card["growth"]) == (
        1_280,
        5_000,
        "银卡",
        120,
    )
    again, _ = await brought(
        imports, tmp_path, YOUZAN,
        [[*WHO, "金卡", "1,300", "50.00", "公众号", MET, JOINED, ""]],
    )  # fmt: skip
    (told,) = [one for one in again.shown if one.kind == "changed"]
    assert {(one.name, one.before, one.after) for one in told.changes} == {
        ("level", "银卡", "金卡"), ("points", 1_280, 1_300),
    }  # fmt: skip
    for one in (await imports.batches())[:2]:
        await imports.undo(one.uid)
    assert await everything(shop) == before


async def test_a_console_list_names_customers_by_who_added_them(
    shop: Store, imports: ImportService, tmp_path: Path
) -> None:
    def known(tx: Any) -> int:
        account = floor.account(tx)
        fan_id = floor.fan(tx, "林小满", key=("wecom", "corp-小满企微", "wm1"))
        identity = tx.db.execute("SELECT id FROM identity WHERE fan_id = ?", (fan_id,)).fetchone()[0]
        tx.db.execute("UPDATE identity SET name = '林小满' WHERE id = ?", (identity,))
        tx.db.execute(
            "INSERT INTO follow (identity_id, staff_id, followed_at) VALUES (?, ?, ?)",
            (identity, account, floor.at("2026-05-01", 9, 30) + 12_000),
        )
        return fan_id

    fan_id = await shop.write(known, kind=None)
    before = await everything(shop)
    rows = [
        ["林小满", "周末送货", "李四", "lisi", "2026-05-01 09:30:12", "扫码", "", "爱吃辣、怕甜", "老客"],
        ["陈静", "", "李四", "lisi", "2026-05-02 09:30:12", "名片分享", "13800000009", "", ""],
        ["陈静", "", "王五", "wangwu", "2026-05-02 09:30:12", "名片分享", "13800000009", "", ""],
        ["", "", "李四", "lisi", "2026-05-02 09:30:12", "", "", "", ""],
    ]
    plan, batch = await brought(imports, tmp_path, WECOM, rows)
    assert plan.source == "wecom_customers"
    assert reasons((await imports.result(batch)).rejections) == [(5, "missing")]
    (row,) = await shop.read(lambda conn: fans.rows(conn, [fan_id]))
    assert ({tag.name for tag in row.tags}, row.note) == ({"爱吃辣", "怕甜", "老客"}, "周末送货")
    assert await shop.read(lambda conn: conn.execute("SELECT count(*) FROM fan").fetchone()[0]) == 3
    plan, _ = await brought(imports, tmp_path, WECOM, rows)
    assert (plan.counts["new"], plan.counts["changed"]) == (0, 0)
    for one in (await imports.batches())[:2]:
        await imports.undo(one.uid)
    assert await everything(shop) == before


async def told_by_the_platform(shop: Store, name: str, moment: int) -> int:
    """A customer whom a sync brought: friends with one staff member since then, and noted as such."""

    def work(tx: Any) -> int:
        staff = floor.account(tx)
        fan_id = floor.fan(tx, name, key=("wecom", "corp-小满企微", f"wm-{name}"))
        identity = tx.db.execute("SELECT id FROM identity WHERE fan_id = ?", (fan_id,)).fetchone()[0]
        tx.db.execute("UPDATE identity SET name = ? WHERE id = ?", (name, identity))
        tx.db.execute(
            "INSERT INTO follow (identity_id, staff_id, followed_at) VALUES (?, ?, ?)",
            (identity, staff, moment),
        )
        floor.touch(tx, fan_id, "follow", moment)
        return fan_id

    return await shop.write(work, kind=None)


async def test_who_follows_by_the_platforms_word_follows_once(
    shop: Store, imports: ImportService, tmp_path: Path
) -> None:
    await told_by_the_platform(shop, "林小满", floor.at("2026-05-01", 9, 30) + 12_000)
    rows = [["林小满", "周末送货", "李四", "lisi", "2026-05-01 09:30:12", "扫码", "", "", ""]]
    plan, _ = await brought(imports, tmp_path, WECOM, rows)
    assert plan.counts["changed"] == 1
    assert "followed_at" not in {change.name for row in plan.shown for change in row.changes}
    assert (await everything(shop))["interaction"] == [("follow", 1, None, "")]
    plan, _ = await brought(imports, tmp_path, WECOM, rows)
    assert plan.counts["same"] == 1


async def test_an_erased_customer_stays_out_of_a_console_list(
    shop: Store, imports: ImportService, tmp_path: Path
) -> None:
    fan_id = await told_by_the_platform(shop, "林小满", floor.at("2026-05-01", 9, 30) + 12_000)
    await shop.write(lambda tx: erasing.erase(tx, person(tx.db, fan_id), "tester"), kind="fan.erase")
    rows = [
        ["林小满", "", "李四", "lisi", "2026-05-01 09:30", "扫码", "", "", ""],
        ["林小满", "", "李四", "lisi", "2026-05-01 09:31", "扫码", "", "", ""],
    ]
    plan, batch = await brought(imports, tmp_path, WECOM, rows)
    assert (plan.counts["new"], plan.counts["erased"]) == (1, 1)
    assert reasons((await imports.result(batch)).rejections) == [(2, "erased")]
    assert await shop.read(lambda conn: conn.execute("SELECT count(*) FROM fan").fetchone()[0]) == 1


async def test_leads_come_in_without_following(shop: Store, imports: ImportService, tmp_path: Path) -> None:
    before = await everything(shop)
    plan, batch = await brought(
        imports, tmp_path, ["手机号", "线索创建时间", "单元ID", "单元名称"],
        [["13800000001", "2026-05-01 10:00:00", "17", "五一团购"], ["", "2026-05-01 10:00:00", "17", "五一团购"]],
    )  # fmt: skip
    assert (plan.source, plan.counts["new"]) == ("laike_leads", 1)
    assert reasons((await imports.result(batch)).rejections) == [(3, "missing")]
    (row,) = await shop.read(lambda conn: fans.rows(conn, [1]))
    assert (row.identities[0].channel, row.interactions) == ("五一团购", 0)
    assert row.first_seen_at == floor.at("2026-05-01", 10)
    await imports.undo(batch)
    assert await everything(shop) == before
    plan, _ = await brought(
        imports, tmp_path, ["线索编号", "手机", "称呼", "留资时间", "线索来源", "需求"],
        [["L1", "13800000002", "陈女士", "2026-05-03", "直播间", "想买两箱"]],
        source="generic_leads",
    )  # fmt: skip
    assert plan.counts["new"] == 1


async def test_members_with_points_keep_the_newest(
    shop: Store, imports: ImportService, tmp_path: Path
) -> None:
    header = ["会员号", "手机号", "姓名", "会员等级", "积分", "储值余额", "到期时间"]
    before = await everything(shop)
    who, source = ["V1", "13800000001", "林小满"], "generic_members"
    rows = [[*who, "金卡", "320", "88.5", "2027-01-01"]]
    plan, _ = await brought(imports, tmp_path, header, rows, source=source)
    assert plan.counts["new"] == 1
    rows = [[*who, "钻石", "400", "", "2027-01-01"]]
    fill, _ = await brought(imports, tmp_path, header, rows, source=source, mode="fill")
    assert fill.counts["changed"] == 0
    (row,) = await shop.read(lambda conn: fans.rows(conn, [1]))
    card = row.identities[0].card
    assert (card["level"], card["points"], card["balance_cents"]) == ("金卡", 320, 8_850)
    for one in (await imports.batches())[:2]:
        await imports.undo(one.uid)
    assert await everything(shop) == before


async def test_members_and_messages_of_a_group(shop: Store, imports: ImportService, tmp_path: Path) -> None:
    def groups(tx: Any) -> None:
        floor.group(tx, "梨友一群")
        floor.group(tx, "同名群")
        floor.group(tx, "同名群")
        floor.group(tx, "企微群", floor.account(tx))

    await shop.write(groups, kind=None)
    before = await everything(shop)
    plan, members = await brought(
        imports, tmp_path, ["群名", "成员", "群昵称", "手机号", "入群时间"],
        [
            ["梨友一群", "林小满", "满姐", "13800000001", "2026-05-01 10:00:00"],
            ["梨友一群", "路人甲", "", "", ""],
            ["没有的群", "林小满", "", "", ""],
            ["同名群", "林小满", "", "", ""],
            ["企微群", "林小满", "", "", ""],
        ],
        source="generic_group_members",
    )  # fmt: skip
    assert plan.counts["new"] == 2
    assert reasons((await imports.result(members)).rejections) == [
        (4, "group_unknown"), (5, "group_ambiguous"), (6, "group_synced"),
    ]  # fmt: skip
    said = [
        ["梨友一群", "满姐", "2026-05-02 10:00:00", "今天有梨吗"],
        ["梨友一群", "满姐", "2026-05-02 10:00:00", "今天有梨吗"],
        ["梨友一群", "满姐", "2026-05-02 10:01:00", "要两箱"],
        ["梨友一群", "谁呀", "2026-05-02 10:02:00", "在"],
    ]
    plan, messages = await brought(
        imports, tmp_path, ["群名", "发言人", "发言时间", "内容"], said, source="generic_group_messages"
    )
    assert (plan.counts["new"], plan.counts["repeated"]) == (2, 1)
    assert reasons((await imports.result(messages)).rejections) == [(5, "speaker_unknown")]
    touches = (await everything(shop))["interaction"]
    assert touches == [("group_message", 1, 1, ""), ("group_message", 1, 1, "")]  # the words are not kept
    left, _ = await brought(
        imports, tmp_path, ["群名", "成员", "手机号", "退群时间"],
        [["梨友一群", "林小满", "13800000001", "2026-06-01 10:00:00"]], source="generic_group_members",
    )  # fmt: skip
    assert left.counts["changed"] == 1
    for one in (await imports.batches())[:3]:
        await imports.undo(one.uid)
    assert await everything(shop) == before


async def test_a_chain_of_orders_in_both_layouts(
    shop: Store, imports: ImportService, tmp_path: Path
) -> None:
    before = await everything(shop)
    header = ["接龙号", "微信昵称", "商品合计", "订单总金额", "下单时间", "联系电话"]
    plan, whole = await brought(
        imports, tmp_path, header,
        [["1", "爱吃梨", "莱阳梨*2\n柿饼*1", "79.00", "2026-05-01 10:00:00", "13800000001"]],
    )  # fmt: skip
    assert (plan.source, plan.counts["new"]) == ("qunjielong_orders", 1)
    lines = await shop.read(
        lambda conn: [
            tuple(row) for row in conn.execute("SELECT item, quantity FROM order_line ORDER BY id")
        ]
    )
    assert lines == [("莱阳梨", 2), ("柿饼", 1)]
    await imports.undo(whole)
    path = tmp_path / "商品.xlsx"
    header = [
        "接龙号",
        "收货人",
        "联系电话",
        "商品名称",
        "规格",
        "数量",
        "商品金额",
        "订单总金额",
        "下单时间",
    ]
    who, at = ["7", "林小满", "13800000001"], "2026-05-01 10:00:00"
    goods = [
        [*who, "莱阳梨", "5斤", "2", "60.00", "79.00", at],
        [*who, "柿饼", "", "1", "19.00", "79.00", at],
    ]
    path.write_bytes(xlsx_bytes({"导出": [header, *goods]}))
    plan = await imports.plan(path)
    done = await imports.commit(plan)
    assert [row[3] for row in (await everything(shop))["order"]] == [7_900]  # the sum counts once
    await imports.undo(done.batch)
    assert await everything(shop) == before
