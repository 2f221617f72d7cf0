from __future__ import annotations

import random
from typing import Any

import pytest

from desktop.domain.audience import Audience
from desktop.domain.errors import NotFoundError
from desktop.domain.fans import FanFilter, FanSort, Tier
from desktop.domain.segments import rules
from desktop.domain.segments.facts import AsOf, FanFacts
from desktop.store.audiences import recipients
from desktop.store.audiences.recipients import AccountRow, Reach
from desktop.store.database import Store
from desktop.store.fans import fan_filters, fan_orders, fans, timeline
from desktop.store.tags import tags
from tests.unit import shopfloor as floor


async def filled(shop: Store, work: Any) -> Any:
    return await shop.write(work, kind=None)


def people(tx: Any) -> dict[str, int]:
    ids = {
        "林小满": floor.fan(tx, "林小满", phone="13812341234"),
        "小满": floor.fan(tx, "小满"),
        "100%纯": floor.fan(tx, "100%纯"),
        "a_b": floor.fan(tx, "a_b"),
        "acb": floor.fan(tx, "acb"),
        "🍉西瓜姐": floor.fan(tx, "🍉西瓜姐"),
        "": floor.fan(tx, "", key=("youzan", "", "7319205501234567890")),
    }
    floor.order(tx, ids["小满"], floor.at("2026-05-01"), 500, number="6920735594112345678")
    floor.tag(tx, "爱吃梨", [ids["a_b"]])
    return ids


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("满", {"林小满", "小满"}),
        ("小满", {"林小满", "小满"}),
        ("林小满", {"林小满"}),
        ("xiaoman", {"林小满", "小满"}),
        ("Lin XiaoMan", {"林小满"}),
        ("lxm", {"林小满"}),
        ("XM", {"林小满", "小满"}),
        ("1234", {"林小满"}),
        ("138 1234 1234", {"林小满"}),
        ("+86 13812341234", {"林小满"}),
        ("1381", set()),
        ("%", {"100%纯"}),
        ("a_b", {"a_b"}),
        ("🍉", {"🍉西瓜姐"}),
        ("爱吃", {"a_b"}),
        ("6920735594112345678", {"小满"}),
        ("45678", {"小满"}),
        ("5678", set()),
        ("6920735594", set()),
        ("7319205501234567890", {""}),
        ("\\", set()),
        ("' OR 1=1 --", set()),
        ("没有这个人", set()),
    ],
)
async def test_search_finds_by_every_handle(shop: Store, query: str, found: set[str]) -> None:
    ids = await filled(shop, people)
    got = await shop.read(lambda conn: fans.order(conn, FanFilter(search=query)))
    assert {name for name, fan_id in ids.items() if fan_id in got} == found
    assert await shop.read(lambda conn: fans.count(conn, FanFilter(search=query))) == len(got)


async def test_a_blank_search_finds_everybody(shop: Store) -> None:
    ids = await filled(shop, people)
    got = await shop.read(lambda conn: fans.order(conn, FanFilter(search="  ")))
    assert set(got) == set(ids.values())


async def test_orders_sort_with_blanks_last_and_rows_keep_the_order_asked(shop: Store) -> None:
    def work(tx: Any) -> list[int]:
        ids = [floor.fan(tx, name) for name in ("王", "安", "李", "")]
        floor.order(tx, ids[0], floor.at("2026-05-01"), 300)
        floor.order(tx, ids[1], floor.at("2026-04-01"), 900, refund=100)
        floor.order(tx, ids[1], floor.at("2026-03-01"), 50, status="closed")
        return ids

    wang, an, li, blank = await filled(shop, work)

    async def order(sort: FanSort, *, descending: bool) -> list[int]:
        return await shop.read(lambda conn: fans.order(conn, FanFilter(), sort, descending=descending))

    assert await order(FanSort.SPEND, descending=True) == [an, wang, li, blank]
    assert await order(FanSort.LAST_ORDER, descending=True) == [wang, an, li, blank]
    assert await order(FanSort.LAST_ORDER, descending=False) == [an, wang, li, blank]
    assert await order(FanSort.NAME, descending=False) == [an, li, wang, blank]
    for sort in FanSort:
        for descending in (True, False):
            assert sorted(await order(sort, descending=descending)) == [wang, an, li, blank]
    rows = await shop.read(lambda conn: fans.rows(conn, [li, 999, an]))
    assert [row.fan_id for row in rows] == [li, an]
    assert (rows[1].orders, rows[1].spend_cents, rows[1].refund_cents) == (1, 800, 100)
    assert rows[0].last_touch_at is None


async def test_filters_by_tier_tag_group_platform_and_suppression(shop: Store) -> None:
    def work(tx: Any) -> tuple[list[int], int, int, int]:
        ids = [floor.fan(tx, f"客{n}") for n in range(4)]
        red = floor.tag(tx, "红", ids[:2])
        blue = floor.tag(tx, "蓝", ids[1:3])
        tx.db.execute("UPDATE fan SET tier = 'devoted' WHERE id = ?", (ids[3],))
        acc = floor.account(tx)
        friend = floor.befriend(tx, ids[0], acc, 1)
        grp = floor.group(tx, "群", acc)
        floor.member(tx, grp, "wm1", identity=friend)
        tx.db.execute("INSERT INTO suppression (fan_id, at) VALUES (?, 1)", (ids[2],))
        floor.order(tx, ids[3], floor.at("2026-05-01"), 1)
        return ids, red, blue, grp

    ids, red, blue, grp = await filled(shop, work)

    async def found(**wanted: Any) -> list[int]:
        got = await shop.read(
            lambda conn: fans.order(conn, FanFilter(**wanted), FanSort.FAN_ID, descending=False)
        )
        return [ids.index(fan_id) for fan_id in got]

    assert await found(tags=(red, blue)) == [0, 1, 2]
    assert await found(tags=(red, blue), match="all") == [1]
    assert await found(tiers=(Tier.DEVOTED,)) == [3]
    assert await found(group_id=grp) == [0]
    assert await found(platform="wecom") == [0]
    assert await found(is_suppressed=True) == [2]
    assert await found(is_suppressed=False) == [0, 1, 3]
    assert await found(is_buyer=True) == [3]
    assert await found(is_buyer=False, tags=(red,)) == [0, 1]
    counts = await shop.read(fans.tier_counts)
    assert counts == {Tier.PROSPECT: 3, Tier.PASSERBY: 0, Tier.FAVORABLE: 0, Tier.DEVOTED: 1}
    assert [(row.name, row.fans) for row in await shop.read(tags.tags)] == [("红", 2), ("蓝", 2)]


async def test_removed_and_merged_fans_are_nowhere(shop: Store) -> None:
    def work(tx: Any) -> list[int]:
        ids = [floor.fan(tx, "甲"), floor.fan(tx, "乙"), floor.fan(tx, "丙")]
        tx.db.execute("UPDATE fan SET removed_at = 1 WHERE id = ?", (ids[0],))
        tx.db.execute("UPDATE fan SET merged_into = ? WHERE id = ?", (ids[2], ids[1]))
        return ids

    ids = await filled(shop, work)
    assert await shop.read(lambda conn: fans.order(conn, FanFilter())) == [ids[2]]
    assert await shop.read(lambda conn: fans.rows(conn, ids[:2])) == []
    with pytest.raises(NotFoundError):
        await shop.read(lambda conn: fans.fan(conn, ids[0]))


async def test_the_timeline_merges_everything_newest_first_and_pages_meet(shop: Store) -> None:
    def work(tx: Any) -> int:
        who = floor.fan(tx, "林小满")
        acc = floor.account(tx)
        friend = floor.befriend(tx, who, acc, floor.at("2026-01-02"))
        grp = floor.group(tx, "尝鲜群", acc)
        floor.member(
            tx, grp, "wm1", identity=friend, joined=floor.at("2026-01-03"), left=floor.at("2026-04-01")
        )
        floor.order(tx, who, floor.at("2026-02-01"), 5_000, items=("梨", "苹果"))
        floor.order(tx, who, None, 700, status="unpaid")
        floor.touch(tx, who, "comment", floor.at("2026-03-01"), 2)
        tag_id = floor.tag(tx, "爱吃梨", [])
        tx.db.execute(
            "INSERT INTO fan_tag (fan_id, tag_id, source, at) VALUES (?, ?, 'operator', ?)",
            (who, tag_id, floor.at("2026-03-02")),
        )
        tx.db.execute(
            "INSERT INTO tier_change (fan_id, from_tier, to_tier, reason, at)"
            " VALUES (?, 'prospect', 'favorable', '[{\"code\":\"orders\"}]', ?)",
            (who, floor.at("2026-02-02")),
        )
        drop = tx.db.execute(
            "INSERT INTO welfare_drop (uid, item, created_at, updated_at) VALUES ('d', '券', 1, 1)"
        ).lastrowid
        tx.db.execute(
            "INSERT INTO drop_claim (uid, drop_id, fan_id, claimed_at, is_redeemed, origin)"
            " VALUES ('c', ?, ?, ?, 1, 'operator')",
            (drop, who, floor.at("2026-03-03")),
        )
        floor.outbox(tx, acc, "done", not_before=1)
        tx.db.execute(
            "INSERT INTO delivery (outbox_id, target_kind, target_external_id, identity_id, status,"
            " sent_at, updated_at) VALUES (1, 'fan', 'wm1', ?, 'sent', ?, 1)",
            (friend, floor.at("2026-03-04")),
        )
        return who

    who = await filled(shop, work)
    entries = await shop.read(lambda conn: timeline.timeline(conn, who, limit=100))
    assert [entry.kind for entry in entries] == [
        "order_open",  # seen now
        "group_leave",
        "delivery",
        "claim_redeemed",
        "tag",
        "comment",
        "tier",
        "order",
        "group_join",
        "connected",
    ]
    bought = next(entry for entry in entries if entry.kind == "order")
    assert (bought.cents, bought.params["items"]) == (5_000, "梨、苹果")
    assert next(e for e in entries if e.kind == "delivery").params["title"] == "新到的梨"
    paged = []
    for offset in range(0, 12, 3):
        paged += await shop.read(lambda conn, at=offset: timeline.timeline(conn, who, limit=3, offset=at))
    assert paged == entries


async def test_the_audience_as_sql_equals_a_plain_evaluation(shop: Store) -> None:
    chance = random.Random(11)

    def work(tx: Any) -> dict[int, tuple[str, set[int]]]:
        tag_ids = [floor.tag(tx, f"标{n}", []) for n in range(4)]
        known = {}
        for n in range(60):
            fan_id = floor.fan(tx, f"客{n}")
            tier = chance.choice(list(Tier))
            carried = {tag_id for tag_id in tag_ids if chance.random() < 0.4}
            tx.db.execute("UPDATE fan SET tier = ? WHERE id = ?", (tier, fan_id))
            for tag_id in carried:
                tags.add(tx, [fan_id], tag_id)
            known[fan_id] = (tier, carried)
        return known

    known = await filled(shop, work)
    reach = Reach(
        AccountRow(1, "", "wecom", "", "corp", "connected"), None, 0, (0, 0), AsOf(0, "Asia/Shanghai")
    )
    for _ in range(60):
        audience = Audience(
            everyone=chance.random() < 0.1,
            tiers=tuple(tier for tier in Tier if chance.random() < 0.4),
            tags=tuple(tag_id for tag_id in range(1, 6) if chance.random() < 0.4),
            match=chance.choice(("any", "all")),
        )
        counted = await shop.read(lambda conn, rule=audience: recipients.count(conn, rule, reach))
        assert counted.total == sum(
            rules.holds(audience.rule(), FanFacts(1, tier, frozenset(carried)), reach.as_of)
            for tier, carried in known.values()
        )


@pytest.mark.parametrize("are_many", [False, True])
async def test_the_first_page_begins_every_order_whatever_filters(
    shop: Store, are_many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if are_many:  # as in a shop of a million: no list of ids is short
        monkeypatch.setattr(fan_filters, "_few", lambda conn: 0)
    chance = random.Random(4)

    def work(tx: Any) -> None:
        red, blue = floor.tag(tx, "红", []), floor.tag(tx, "蓝", [])
        for n in range(60):
            one = floor.fan(tx, chance.choice(("林小满", "王芳", "阿梨", "")) + str(n % 7))
            if chance.random() < 0.6:
                floor.order(tx, one, floor.at("2026-05-01", n % 20), 100 * chance.randrange(1, 9))
            for tag in (red, blue):
                if chance.random() < 0.5:
                    tx.db.execute(
                        "INSERT INTO fan_tag (fan_id, tag_id, source, at) VALUES (?, ?, 'rule', 1)",
                        (one, tag),
                    )
            tx.db.execute(
                "UPDATE fan SET tier = ?, note = ?, marketing = ? WHERE id = ?",
                (
                    chance.choice(list(Tier)).value,
                    chance.choice(("", "记")),
                    "agreed" if n % 3 else "unknown",
                    one,
                ),
            )
        tx.db.execute("UPDATE fan SET removed_at = 1 WHERE id IN (5, 6)")

    await filled(shop, work)
    filters = (
        FanFilter(),
        FanFilter(search="满"),
        FanFilter(tags=(1, 2), match="all", tiers=(Tier.DEVOTED, Tier.PROSPECT)),
        FanFilter(spend_from=300, spend_below=700, marketing="agreed"),
        FanFilter(source="import", is_buyer=False),
        FanFilter(ordered_from=floor.at("2026-05-01", 9), only=frozenset(range(1, 40))),
    )
    for wanted in filters:
        sizes = set()
        for sort in FanSort:
            for descending in (True, False):

                def both(conn: Any, w: Any = wanted, s: Any = sort, d: Any = descending) -> Any:
                    return (
                        fan_orders.first(conn, w, s, descending=d, limit=7),
                        fan_orders.everybody(conn, w, s, descending=d),
                    )

                first, whole = await shop.read(both)
                assert list(first) == list(whole)[:7], (wanted, sort, descending)
                assert not {5, 6} & set(whole)
                sizes.add(len(whole))
        assert sizes == {await shop.read(lambda conn, w=wanted: fans.count(conn, w))}
