from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from desktop.domain.home import Kpi, TodayKind
from desktop.domain.periods import DAY_MS
from desktop.services.home import HomeService
from desktop.services.rankings import RankingService
from desktop.store.database import Store
from desktop.wording import Wording
from tests.fakes import FakeClock
from tests.unit import shopfloor as floor


@pytest.fixture
def home(shop: Store, clock: FakeClock) -> HomeService:
    return HomeService(shop, clock, RankingService(shop, clock))


def by_key(kpis: list[Kpi]) -> dict[str, Kpi]:
    return {kpi.key: kpi for kpi in kpis}


async def test_an_empty_shop_invents_nothing(home: HomeService) -> None:
    kpis = by_key((await home.snapshot()).kpis)
    assert {key: (kpi.value, kpi.reason) for key, kpi in kpis.items()} == {
        "fans_total": (None, "no_fans"),
        "fans_new": (None, "no_fans"),
        "active_fans": (None, "no_touches"),
        "sales": (None, "no_orders"),
        "buyers": (None, "no_orders"),
        "repurchase": (None, "no_orders"),
    }
    snapshot = await home.snapshot()
    assert (snapshot.today, snapshot.top, snapshot.day) == ((), (), date(2026, 5, 20))


async def test_figures_are_those_of_the_rows_with_the_week_before(shop: Store, home: HomeService) -> None:
    def work(tx: Any) -> None:
        old = floor.fan(tx, "老", seen=floor.at("2026-01-01"))
        week = floor.fan(tx, "上周", seen=floor.at("2026-05-10"))
        new = floor.fan(tx, "本周", seen=floor.at("2026-05-20", 0))
        floor.order(tx, old, floor.at("2026-05-14", 0), 1_000)  # the first minute of the seven days
        floor.order(tx, old, floor.at("2026-05-20"), 500, refund=100)
        floor.order(tx, week, floor.at("2026-05-13", 23, 59), 3_000)
        floor.order(tx, new, floor.at("2026-05-20"), 9_000, status="closed")
        floor.touch(tx, new, "comment", floor.at("2026-05-19"))

    await shop.write(work, kind=None)
    kpis = by_key((await home.snapshot()).kpis)
    assert (kpis["fans_total"].value, kpis["fans_total"].before) == (3, 2)
    assert kpis["fans_total"].series[-1] == 3
    assert (kpis["fans_new"].value, kpis["fans_new"].before) == (1, 1)
    assert (kpis["active_fans"].value, kpis["active_fans"].before) == (2, 1)
    assert (kpis["sales"].value, kpis["sales"].before, kpis["sales"].unit) == (1_400, 3_000, "cents")
    assert (kpis["buyers"].value, kpis["buyers"].before) == (1, 1)
    assert (kpis["repurchase"].value, kpis["repurchase"].before) == (0.5, 0)
    chart = (await home.snapshot(days=8)).activity
    assert chart.days[0] == date(2026, 5, 13)
    assert chart.sales_cents == (3_000, 1_000, 0, 0, 0, 0, 0, 400)
    assert chart.orders == (1, 1, 0, 0, 0, 0, 0, 1)
    assert chart.new_fans == (0, 0, 0, 0, 0, 0, 0, 1)
    assert chart.active_fans == (1, 1, 0, 0, 0, 0, 1, 1)
    assert [row.name for row in (await home.snapshot()).top] == ["上周", "老"]


async def test_todays_list_is_complete_and_in_order(shop: Store, clock: FakeClock) -> None:
    now = clock.now_ms()
    hour = 3_600_000

    def work(tx: Any) -> None:
        acc = floor.account(tx)
        for state, due in (
            ("unknown", now - 5 * hour),
            ("missed", now - 4 * hour),
            ("rejected", now - 3 * hour),
            ("held", now + 10 * hour),
            ("confirmed", now + 2 * hour),
            ("queued", now - hour),
            ("confirmed", now + 30 * hour),  # not today's business
            ("done", now - hour),
            ("cancelled", now - hour),
        ):
            floor.outbox(tx, acc, state, not_before=due, title=f"{state}的")
        tx.db.execute(
            "INSERT INTO delivery (outbox_id, target_kind, target_external_id, staff_external_id, status,"
            " updated_at) VALUES (8, 'fan', 'wm1', 'lisi', 'waiting_staff', 1),"
            " (8, 'fan', 'wm2', 'lisi', 'waiting_staff', 1), (8, 'fan', 'wm3', 'lisi', 'sent', 1)"
        )
        for uid, state, opens, price in (
            ("d1", "confirmed", now + 3 * hour, 990),
            ("d2", "draft", now + 3 * hour, 100),
            ("d3", "confirmed", now - 5 * hour, 1),
            ("d4", "draft", now - 5 * hour, 1),
            ("d5", "confirmed", now + 50 * hour, 1),
        ):
            tx.db.execute(
                "INSERT INTO welfare_drop (uid, item, state, opens_at, price_cents, stock, created_at,"
                " updated_at) VALUES (?, '酥梨', ?, ?, ?, 10, 1, 1)",
                (uid, state, opens, price),
            )
        tx.db.execute(
            "INSERT INTO account (uid, platform, name, base_url, external_id, state, created_at) VALUES"
            " ('a2', 'douyin', '抖音', 'x', 'y', 'refused', ?)",
            (now - hour,),
        )
        tx.db.execute("UPDATE account SET last_sync_at = ? WHERE platform = 'wecom'", (now - 4 * DAY_MS,))
        for uid, rejected, undone in (("b1", 3, None), ("b2", 0, None), ("b3", 5, 1)):
            tx.db.execute(
                "INSERT INTO import_batch (uid, file_name, file_sha256, source, mode, at, counts,"
                " undone_at) VALUES"
                " (?, '订单.csv', 'x', 'doudian', 'add', ?, json_object('rejected', ?), ?)",
                (uid, now - hour, rejected, undone),
            )
        big = floor.fan(tx, "大客户")
        floor.order(tx, big, now - 61 * DAY_MS, 400_000)
        fresh = floor.fan(tx, "新客户")
        floor.order(tx, fresh, now - 3 * DAY_MS, 900_000)

    await shop.write(work, kind=None)
    made = now - 5 * DAY_MS
    home = HomeService(shop, clock, RankingService(shop, clock), lambda: made)
    items = await home.today()
    assert [(item.kind.value, item.is_overdue) for item in items] == [
        ("backup_overdue", True),
        ("outbox_unknown", True),
        ("drop_unsettled", True),
        ("outbox_missed", True),
        ("outbox_rejected", True),
        ("account", True),
        ("send_due", True),
        ("outbox_held", True),
        ("account", False),
        ("import_rejections", False),
        ("waiting_staff", False),
        ("send_due", False),
        ("drop_opens", False),
        ("drop_unconfirmed", False),
        ("lapsed_buyers", False),
    ]
    assert [item.params["why"] for item in items if item.kind == "account"] == ["refused", "stale"]
    waiting = next(item for item in items if item.kind == "waiting_staff")
    assert (waiting.params["n"], waiting.params["staff"]) == (2, 1)
    lapsed = items[-1]
    assert (lapsed.params["names"], lapsed.cents) == (["大客户"], 400_000)
    assert next(i for i in items if i.kind == "drop_opens").cents == 9_900
    assert all(item.action for item in items)


@pytest.mark.parametrize(
    ("days", "why", "presses"),
    [(7.1, "", False), (6.9, "grant_week", False), (0.9, "grant_day", True), (-0.1, "grant_over", True)],
)
async def test_the_owner_is_warned_before_a_scan_is_needed(
    shop: Store, home: HomeService, clock: FakeClock, days: float, why: str, presses: bool
) -> None:
    now = clock.now_ms()

    def work(tx: Any) -> None:
        tx.db.execute(
            "INSERT INTO account (id, uid, platform, name, base_url, external_id, state, created_at,"
            " last_sync_at) VALUES (5, 'd', 'douyin', '小满抖音', 'x', 'y', 'connected', ?, ?)",
            (now, now),
        )
        tx.db.execute(
            "INSERT INTO account_grant (account_id, granted_at, refresh_until, renewals, renewals_most)"
            " VALUES (5, 0, ?, 5, 5)",
            (now + int(days * DAY_MS),),
        )

    await shop.write(work, kind=None)
    told = [item for item in await home.today() if item.kind is TodayKind.ACCOUNT]
    assert [(item.params["why"], item.is_overdue) for item in told] == ([(why, presses)] if why else [])
    for item in told:
        assert (item.action, item.entity_id) == ("account.authorise", 5)
        for language in ("zh_CN", "en"):
            assert "小满抖音" in Wording(language).text(f"today.account.{why}", name="小满抖音")


async def test_what_is_no_post_and_no_drop_goes_by_its_own_name(shop: Store, home: HomeService) -> None:
    def work(tx: Any) -> None:
        floor.outbox(tx, floor.account(tx), "queued", not_before=0, title="")
        tx.db.execute("UPDATE outbox SET entity = 'entry_way', summary = json_object('title', '包裹卡')")

    await shop.write(work, kind=None)
    (due,) = [item for item in await home.today() if item.kind is TodayKind.SEND_DUE]
    assert (due.params["title"], due.params["of"]) == ("包裹卡", "entry_way")


async def test_a_backup_never_made_is_said_and_a_fresh_one_is_not(shop: Store, clock: FakeClock) -> None:
    ranks = RankingService(shop, clock)
    never = await HomeService(shop, clock, ranks, lambda: None).today()
    assert [(item.kind.value, item.due_at) for item in never] == [("backup_overdue", None)]
    fresh = clock.now_ms() - DAY_MS
    assert await HomeService(shop, clock, ranks, lambda: fresh).today() == []
