from __future__ import annotations

import random
from datetime import date, datetime
from typing import Any

import pytest

from desktop.domain.errors import InvalidInputError, NotFoundError
from desktop.domain.periods import trailing_year
from desktop.domain.rankings import PARTS, Board, PartRule, points
from desktop.services.backups import BackupService
from desktop.services.rankings import RankingService
from desktop.store.database import Store
from tests.fakes import ZONE, FakeClock
from tests.unit import shopfloor as floor


@pytest.fixture
def ranks(shop: Store, clock: FakeClock) -> RankingService:
    return RankingService(shop, clock)


def a_shop(tx: Any) -> dict[str, int]:
    """Three buyers around the edges of windows, and orders that must not count."""
    ids = {name: floor.fan(tx, name) for name in ("大", "中", "小", "去年", "关单")}
    floor.order(tx, ids["大"], floor.at("2026-05-20", 23, 59), 500_000, refund=50_000)
    floor.order(tx, ids["中"], floor.at("2025-05-21", 0, 0), 300_000)
    floor.order(tx, ids["小"], floor.at("2026-01-01"), 10_000)
    floor.order(tx, ids["小"], floor.at("2026-01-02"), 5_000, refund=9_000)
    floor.order(tx, ids["去年"], floor.at("2025-05-20", 23, 59), 900_000)
    floor.order(tx, ids["关单"], floor.at("2026-01-01"), 800_000, status="closed")
    floor.order(tx, ids["关单"], None, 800_000, status="unpaid")
    floor.order(tx, None, floor.at("2026-01-01"), 700_000)
    return ids


async def test_the_super_board_counts_the_calendar_year_that_ends_today(
    shop: Store, ranks: RankingService
) -> None:
    ids = await shop.write(a_shop, kind=None)
    board = await ranks.super_board()
    assert (board.window.first, board.window.last) == (date(2025, 5, 21), date(2026, 5, 20))
    assert [(row.rank, row.name, row.spend_cents, row.orders) for row in board.rows] == [
        (1, "大", 450_000, 1),
        (2, "中", 300_000, 1),
        (3, "小", 10_000, 2),
    ]
    assert (board.buyers, board.super_users, board.threshold_cents) == (3, 1, 450_000)
    assert board.share_of_sales == pytest.approx(450 / 760)
    assert board.multiple == pytest.approx(450_000 / 155_000)
    assert [row.is_super for row in board.rows] == [True, False, False]
    assert await ranks.super_users() == {ids["大"]}
    assert board.rows[0].external_ids == ("dy1",)
    assert len((await ranks.super_board(top=2)).rows) == 2


async def test_past_days_are_computed_as_they_were(shop: Store, ranks: RankingService) -> None:
    await shop.write(a_shop, kind=None)
    before = await ranks.super_board(date(2026, 5, 19))
    assert [row.name for row in before.rows] == ["去年", "中", "小"]
    assert [row.name for row in (await ranks.super_board(date(2025, 5, 21))).rows] == ["去年", "中"]
    assert (await ranks.super_board(date(2024, 2, 29))).buyers == 0


async def test_ten_thousand_random_orders_rank_as_a_plain_evaluation_says(
    shop: Store, ranks: RankingService
) -> None:
    chance = random.Random(5)
    day = date(2026, 2, 28)
    span = trailing_year(day, ZONE)

    def work(tx: Any) -> dict[int, int]:
        spend: dict[int, int] = {}
        rows = []
        for n in range(400):
            fan_id = floor.fan(tx, f"客{n}")
            for k in range(chance.randrange(4)):
                at = chance.randrange(span.from_ms - 40_000_000, span.to_ms + 40_000_000)
                paid, refund = chance.randrange(900_000), chance.choice((0, 0, 50_000, 900_000))
                rows.append((f"R{n}-{k}", fan_id, paid, refund, at))
                if span.holds(at):
                    spend[fan_id] = spend.get(fan_id, 0) + max(0, paid - refund)
        tx.db.conn.executemany(
            'INSERT INTO "order" (platform, order_no, fan_id, status, paid_cents, refund_cents, paid_at,'
            " origin, seen_at, updated_at) VALUES ('file', ?, ?, 'done', ?, ?, ?, 'x', 1, 1)",
            rows,
        )
        return spend

    spend = await shop.write(work, kind=None)
    board = await ranks.super_board(day)
    wanted = sorted(spend, key=lambda fan_id: (-spend[fan_id], fan_id))
    assert [row.fan_id for row in board.rows] == wanted
    assert [row.spend_cents for row in board.rows] == [spend[fan_id] for fan_id in wanted]
    places = max(1, len(wanted) * 2 // 100)
    supers = [fan_id for fan_id in wanted[:places] if spend[fan_id] >= 400_000]
    assert [row.fan_id for row in board.rows if row.is_super] == supers
    assert await ranks.super_users(day) == set(supers)
    assert board.share_of_sales == pytest.approx(sum(spend[f] for f in supers) / sum(spend.values()))


async def test_koc_parts_are_capped_a_day_and_absent_data_is_none(
    shop: Store, ranks: RankingService
) -> None:
    def work(tx: Any) -> list[int]:
        ids = [floor.fan(tx, name) for name in ("甲", "乙", "丙")]
        for _ in range(3):
            floor.order(tx, ids[0], floor.at("2026-05-01"), 100)  # two of a day count
        floor.order(tx, ids[0], floor.at("2026-05-02"), 100, refund=100)  # given back: no purchase
        floor.touch(tx, ids[1], "referral", floor.at("2026-05-01", 23, 59), 9)
        floor.touch(tx, ids[1], "referral", floor.at("2026-05-02", 0, 0), 1)
        floor.touch(tx, ids[2], "view", floor.at("2026-05-01"), 100)
        own = floor.touch(tx, ids[2], "referral", floor.at("2026-05-01"), 5)
        tx.db.execute("UPDATE interaction SET referred_fan_id = fan_id WHERE id = ?", (own,))
        return ids

    ids = await shop.write(work, kind=None)
    board = await ranks.koc_board()
    assert board.measured == {"purchases", "referrals"}
    assert [row.fan_id for row in board.rows] == [ids[1], ids[0]]
    best, second = board.rows
    assert best.parts["referrals"].counted == 6
    assert best.parts["purchases"].counted == 0
    assert best.parts["content"].points is None
    assert best.score == pytest.approx(30 * points(6, 20) / 50)
    assert second.parts["purchases"].counted == 2
    assert second.orders == 4
    past = await ranks.koc_board(date(2026, 4, 30))
    assert (past.rows, past.measured) == ((), frozenset())


async def test_a_score_opens_down_to_its_events(shop: Store, ranks: RankingService) -> None:
    def work(tx: Any) -> int:
        who = floor.fan(tx, "甲")
        floor.touch(tx, who, "comment", floor.at("2026-05-01", 8), 4)
        floor.touch(tx, who, "share", floor.at("2026-05-01", 9), 4)
        floor.touch(tx, who, "comment", floor.at("2026-05-03"), 1)
        floor.order(tx, who, floor.at("2026-05-02"), 7_000, number="A1")
        return who

    who = await shop.write(work, kind=None)
    opened = await ranks.explain(who, Board.KOC)
    assert [(e.kind, e.amount, e.counted) for e in opened.events["content"]] == [
        ("comment", 4, 4),
        ("share", 4, 1),
        ("comment", 1, 1),
    ]
    assert sum(e.counted for e in opened.events["content"]) == opened.parts["content"].counted
    assert (opened.rank, set(opened.events)) == (1, {"content", "purchases"})
    only = await ranks.explain(who, Board.KOC, "purchases")
    assert [(e.detail, e.cents) for e in only.events["purchases"]] == [("A1", 7_000)]
    spent = await ranks.explain(who, Board.SUPER)
    assert (spent.rank, spent.score, [e.detail for e in spent.events["spend"]]) == (1, 7_000, ["A1"])
    absent = await ranks.explain(who, Board.KOC, as_of=date(2020, 1, 1))
    assert (absent.rank, absent.score) == (None, None)
    with pytest.raises(NotFoundError):
        await ranks.explain(999, Board.KOC)
    with pytest.raises(InvalidInputError):
        await ranks.explain(who, Board.KOC, "luck")


async def test_every_ranked_score_equals_its_events(shop: Store, ranks: RankingService) -> None:
    chance = random.Random(3)
    kinds = ("referral", "content", "comment", "share", "group_help", "group_message", "live_watch")

    def work(tx: Any) -> None:
        for n in range(12):
            fan_id = floor.fan(tx, f"客{n}")
            for _ in range(chance.randrange(25)):
                day = f"2026-0{chance.randrange(1, 6)}-{chance.randrange(1, 20):02d}"
                floor.touch(
                    tx,
                    fan_id,
                    chance.choice(kinds),
                    floor.at(day, chance.randrange(24)),
                    chance.randrange(1, 9),
                )
            for _ in range(chance.randrange(4)):
                floor.order(tx, fan_id, floor.at(f"2026-05-{chance.randrange(1, 20):02d}"), 100)

    await shop.write(work, kind=None)
    board = await ranks.koc_board()
    scores = [row.score or 0 for row in board.rows]
    assert scores == sorted(scores, reverse=True)
    for row in board.rows:
        opened = await ranks.explain(row.fan_id, Board.KOC)
        assert opened.score == row.score
        for part in PARTS:
            assert sum(e.counted for e in opened.events[part]) == row.parts[part].counted


async def test_weights_are_previewed_kept_undone_and_reset(
    shop: Store, ranks: RankingService, clock: FakeClock, tmp_path: Any
) -> None:
    def work(tx: Any) -> list[int]:
        ids = [floor.fan(tx, "买"), floor.fan(tx, "说")]
        for day in (1, 2, 3):
            floor.order(tx, ids[0], floor.at(f"2026-05-0{day}"), 100)
            floor.touch(tx, ids[1], "comment", floor.at(f"2026-05-0{day}"), 5)
        return ids

    buyer, talker = await shop.write(work, kind=None)
    before = [row.fan_id for row in (await ranks.koc_board()).rows]
    assert before == [talker, buyer]
    weights = {**await ranks.weights(), "purchases": PartRule(90, 2, 24)}
    moved = await ranks.preview_weights(weights)
    assert [(move.name, move.old_rank, move.new_rank) for move in moved] == [("买", 2, 1), ("说", 1, 2)]
    assert [row.fan_id for row in (await ranks.koc_board()).rows] == before
    await ranks.set_weights(weights)
    assert [row.fan_id for row in (await ranks.koc_board()).rows] == [buyer, talker]
    log = BackupService(shop, clock, tmp_path)
    await log.undo((await log.operations(limit=1))[0].uid)
    assert await ranks.weights() == await ranks.default_weights()
    await ranks.set_weights(weights)
    await ranks.set_weights(None)
    assert await ranks.weights() == await ranks.default_weights()
    with pytest.raises(InvalidInputError):
        await ranks.set_weights({})


async def test_days_are_the_shops_where_clocks_change(shop: Store, ranks: RankingService) -> None:
    """Berlin, 29 March 2026: 23:30 of the 28th, 00:30 and 23:30 of the 29th, 00:30 of the 30th."""

    def work(tx: Any) -> int:
        tx.db.execute("UPDATE shop SET timezone = 'Europe/Berlin'")
        who = floor.fan(tx, "甲")
        for moment in (
            "2026-03-28T22:30Z",
            "2026-03-28T23:30Z",
            "2026-03-29T21:30Z",
            "2026-03-29T22:30Z",
        ):
            floor.touch(tx, who, "live_watch", round(datetime.fromisoformat(moment).timestamp() * 1000), 2)
        return who

    who = await shop.write(work, kind=None)
    opened = await ranks.explain(who, Board.KOC, "live")
    assert [event.counted for event in opened.events["live"]] == [2, 2, 0, 2]
    assert (await ranks.koc_board()).rows[0].parts["live"].counted == 6
