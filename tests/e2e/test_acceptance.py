"""One shop from its first command to its restored backup, typed as an owner types it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.e2e.command_line import Shop, new_shop
from tests.e2e.orders import Order, seeded_orders, super_board, write_csv

ORDERS, BUYERS = 1_500, 900
DAYS = ("2026-03-01", "2026-11-01")
TOUCHES = """buyer_id,kind,at,quantity
b0001,referral,2026-10-01 10:00,3
b0002,comment,2026-10-02 11:00,5
b0003,group_help,2026-10-03 12:00,4
b0003,live_watch,2026-10-04 12:00,1
"""


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_from_the_first_command_to_the_restored_backup(tmp_path: Path) -> None:
    shop = new_shop(tmp_path, is_cold=True)
    orders = seeded_orders(ORDERS, buyers=BUYERS)
    file = write_csv(shop.cwd / "订单导出.csv", orders)

    planned = shop.ok("import", file.name, "--source", "generic_orders", "--dry-run")
    assert (planned["batch"], planned["new"]) == (None, len(orders))
    assert shop.ok("fans")["total"] == 0
    first = shop.ok("import", file.name, "--source", "generic_orders")
    assert first["encoding"] == "gb18030"
    assert [first[name] for name in ("new", "changed", "same", "rejected")] == [len(orders), 0, 0, 0]
    again = shop.ok("import", file.name)
    assert [again[name] for name in ("new", "changed", "same", "rejected")] == [0, 0, len(orders), 0]

    fans = shop.ok("fans", "--limit", 5)
    assert fans["total"] == len({order.buyer for order in orders})
    for day in DAYS:
        assert_ranked_as_evaluated(shop, orders, day)

    touches = shop.cwd / "互动.csv"
    touches.write_text(TOUCHES, encoding="utf-8")
    brought = shop.ok("import", touches.name, "--source", "generic_interactions")
    assert (brought["new"], brought["rejected"]) == (4, 0)
    assert_koc_board_is_explained(shop)

    before = shop.ok("fans", "--limit", 2_000)
    saved = shop.ok("backup", "--to", "备份.db")
    assert saved["verified"] is True
    undone = shop.ok("undo-import", brought["batch"])
    assert undone["removed"] >= 4
    shop.ok("undo-import", again["batch"])
    shop.ok("undo-import", first["batch"])
    assert shop.ok("fans")["total"] == 0
    assert shop.is_whole()
    shop.refused("undo-import", first["batch"], code="import_undone")

    shop.ok("restore", "备份.db")
    assert shop.ok("fans", "--limit", 2_000) == before
    assert_ranked_as_evaluated(shop, orders, DAYS[1])
    assert shop.is_whole()
    assert "ERROR" not in shop.log()


def assert_ranked_as_evaluated(shop: Shop, orders: list[Order], day: str) -> None:
    wanted = super_board(orders, date.fromisoformat(day))
    board = shop.ok("rank", "--board", "super", "--as-of", day, "--top", 5_000)
    assert wanted.supers > 1  # otherwise the sample proves too little
    assert len(set(wanted.ranked)) < len(wanted.ranked)
    assert (board["buyers"], board["super_users"]) == (len(wanted.spend), wanted.supers)
    assert board["share_of_sales"] == pytest.approx(wanted.share, rel=1e-12)
    assert board["threshold_cents"] >= 400_000
    rows = board["rows"]
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["spend_cents"] for row in rows] == wanted.ranked
    assert {row["external_ids"][0]: row["spend_cents"] for row in rows} == wanted.spend
    assert {row["external_ids"][0]: row["orders"] for row in rows} == wanted.orders
    assert [row["is_super"] for row in rows] == [place < wanted.supers for place in range(len(rows))]
    keys = [(-row["spend_cents"], int(row["fan_id"])) for row in rows]
    assert keys == sorted(keys)  # those who spent the same stand in the order in which they came


def assert_koc_board_is_explained(shop: Shop) -> None:
    board = shop.ok("rank", "--board", "koc", "--as-of", DAYS[1], "--top", 5_000)
    rows = board["rows"]
    scores = [row["score"] for row in rows]
    assert scores == sorted(scores, reverse=True)
    by_buyer = {row["external_ids"][0]: row for row in rows}
    assert by_buyer["b0001"]["parts"]["referrals"]
    assert by_buyer["b0003"]["parts"]["help"]
    helper = by_buyer["b0003"]["fan_id"]
    explained = shop.ok("rank", "--board", "koc", "--explain", helper, "--part", "help", "--as-of", DAYS[1])
    assert "group_help" in json.dumps(explained)
