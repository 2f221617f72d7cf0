import asyncio
from pathlib import Path

import pytest

from desktop.domain.clock import SystemClock
from desktop.store.database import Store
from desktop.store.fans import fan_stats, identities, known_people
from desktop.store.fans.identities import IdentityKey
from desktop.store.fans.names import spellings
from desktop.store.matching import merges


def in_store(tmp_path: Path, *steps):
    async def run():
        store = Store(tmp_path / "shop.db", SystemClock(), device_id="d")
        await store.open()
        try:
            return [await store.write(step, kind=None) for step in steps]
        finally:
            await store.close()

    return asyncio.run(run())


WECOM = IdentityKey("wecom", "corp", "wm1")
PHONE = IdentityKey("phone", "", "13800000000")


def test_the_same_key_is_the_same_fan_and_blanks_are_filled(tmp_path: Path) -> None:
    def sync(tx):
        return known_people.resolve(tx, [WECOM], "小满", None, "sync:a", 1_000)

    def later(tx):
        return known_people.resolve(tx, [WECOM, PHONE], "别的名字", "13800000000", "import:b", 2_000)

    def look(tx):
        return [dict(row) for row in tx.db.execute("SELECT * FROM fan")], tx.db.execute(
            "SELECT platform FROM identity ORDER BY id"
        ).fetchall()

    first, second, (fans, known) = in_store(tmp_path, sync, later, look)
    assert first.is_new
    assert not second.is_new
    assert second.fan_id == first.fan_id
    assert second.identity_id == first.identity_id
    assert [(fan["name"], fan["phone"], fan["pinyin"], fan["initials"]) for fan in fans] == [
        ("小满", "13800000000", "xiaoman", "xm")
    ]
    assert [row[0] for row in known] == ["wecom", "phone"]


def test_a_platform_name_replaces_a_files_but_not_the_operators(tmp_path: Path) -> None:
    def steps(tx):
        fan = known_people.resolve(tx, [PHONE], "收件人", None, "import:b", 1).fan_id
        known_people.resolve(tx, [PHONE], "平台名", None, "sync:a", 1)
        between = tx.db.execute("SELECT name FROM fan").fetchone()[0]
        identities.rename(tx, fan, "老王", "operator")
        known_people.resolve(tx, [PHONE], "平台名2", None, "sync:a", 1)
        return between, tx.db.execute("SELECT name FROM fan").fetchone()[0]

    assert in_store(tmp_path, steps) == [("平台名", "老王")]


def test_two_known_fans_stay_two(tmp_path: Path) -> None:
    def steps(tx):
        one = known_people.resolve(tx, [WECOM], "甲", None, "sync:a", 1)
        two = known_people.resolve(tx, [PHONE], "乙", None, "import:b", 1)
        both = known_people.resolve(tx, [WECOM, PHONE], "甲", None, "sync:a", 1)
        return one.fan_id, two.fan_id, both.fan_id

    [(one, two, both)] = in_store(tmp_path, steps)
    assert one != two
    assert both == one


def test_a_merged_fan_leads_to_the_one_that_stands(tmp_path: Path) -> None:
    def steps(tx):
        one = known_people.resolve(tx, [WECOM], "甲", None, "sync:a", 1).fan_id
        two = known_people.resolve(tx, [PHONE], "乙", None, "import:b", 1).fan_id
        merges.merge(tx, one, two)
        return one, known_people.resolve(tx, [PHONE], "乙", None, "import:b", 1).fan_id

    [(one, found)] = in_store(tmp_path, steps)
    assert found == one


def test_a_fan_needs_a_key(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="key"):
        in_store(tmp_path, lambda tx: known_people.resolve(tx, [], "甲", None, "sync:a", 1))


def test_sums_come_from_sales_only(tmp_path: Path) -> None:
    def steps(tx):
        fan = known_people.resolve(tx, [PHONE], "甲", None, "import:b", 1).fan_id
        for number, status, paid, refund, at in [
            ("1", "done", 1000, 200, 10),
            ("2", "closed", 5000, 0, 11),
            ("3", "unknown", 700, 900, 12),
            ("4", "paid", 300, 0, None),
        ]:
            tx.db.execute(
                'INSERT INTO "order" (platform, order_no, fan_id, status, paid_cents, refund_cents,'
                " paid_at, origin, seen_at, updated_at) VALUES"
                " ('file', ?, ?, ?, ?, ?, ?, 'import:b', 1, 1)",
                (number, fan, status, paid, refund, at),
            )
        tx.db.execute(
            "INSERT INTO interaction (uid, fan_id, kind, at, quantity, origin)"
            " VALUES ('u', ?, 'like', 5, 3, 'o')",
            (fan,),
        )
        fan_stats.refresh(tx, [fan])
        return tuple(
            tx.db.execute(
                "SELECT orders, spend_cents, refund_cents, first_order_at, last_order_at, interactions,"
                " last_interaction_at FROM fan_stats WHERE fan_id = ?",
                (fan,),
            ).fetchone()
        )

    assert in_store(tmp_path, steps) == [(2, 800, 900, 10, 12, 3, 5)]


def test_spellings() -> None:
    assert spellings("林小满") == ("linxiaoman", "lxm")
    assert spellings("重庆小面") == ("chongqingxiaomian", "cqxm")
    assert spellings("Amy Lee😀 ８８") == ("amylee88", "al8")
    assert spellings("") == ("", "")
    assert spellings("\u202e<b>") == ("b", "b")
