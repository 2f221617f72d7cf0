"""Orders as a shop exports them, and a plain evaluation of who its super users are.

Times have no zone here, as in the files: all of them are the shop's own.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

HEADER = (
    "order_id", "buyer_id", "buyer_name", "buyer_phone", "paid_at", "amount", "refund_amount", "item",
    "quantity", "status", "source_account",
)  # fmt: skip
NOT_SALES = ("已关闭", "待付款")
SALES = ("已完成", "已发货", "待发货")


@dataclass(frozen=True, slots=True)
class Order:
    """One row; money in cents, time as the shop's wall clock shows it."""

    number: str
    buyer: str
    name: str
    paid: datetime
    cents: int
    refund: int
    status: str

    def cells(self) -> list[object]:
        refund = f"{self.refund / 100:.2f}" if self.refund else ""
        paid = f"{self.paid:%Y-%m-%d %H:%M:%S}"
        return [
            self.number, self.buyer, self.name, "", paid, f"{self.cents / 100:.2f}", refund, "红枣茶", 1,
            self.status, "",
        ]  # fmt: skip


def seeded_orders(count: int, *, buyers: int, seed: int = 5) -> list[Order]:
    """Orders of two years: a few buyers with many, some closed, unpaid or paid back, and ties."""
    rng = random.Random(seed)
    start = datetime(2024, 11, 1)
    orders = []
    for _ in range(count):
        buyer = min(int(rng.paretovariate(0.3)) - 1, buyers - 1)
        cents = rng.randint(2_000, 60_000)
        refund = rng.choice((cents, cents // 3)) if rng.random() < 0.1 else 0
        orders.append(
            Order(
                f"69{rng.randrange(10**17):017d}",
                f"b{buyer:04d}",
                f"昵称{buyer}",
                start + timedelta(seconds=rng.randrange(760 * 86_400)),
                cents,
                refund,
                rng.choice(SALES * 3 + NOT_SALES),
            )
        )
    return orders + edges_and_ties()


def edges_and_ties() -> list[Order]:
    """The first and last second of the two windows, the seconds beside them, and equal spenders."""
    moments = (
        datetime(2025, 3, 2), datetime(2025, 3, 1, 23, 59, 59), datetime(2026, 3, 1, 23, 59, 59),
        datetime(2026, 3, 2), datetime(2025, 11, 2), datetime(2025, 11, 1, 23, 59, 59),
        datetime(2026, 11, 1, 23, 59, 59), datetime(2026, 11, 2),
    )  # fmt: skip
    edges = [
        Order(f"70{place:017d}", f"edge{place}", "边界", moment, 1_000 + place, 0, "已完成")
        for place, moment in enumerate(moments)
    ]
    ties = [
        Order(
            f"71{place:017d}", f"tie{place}", "同分", datetime(2026, 2, 1, 9, place), 450_000, 0, "已完成"
        )
        for place in range(12)
    ]
    return edges + ties


def write_csv(file: Path, orders: Iterable[Order], *, encoding: str = "gb18030") -> Path:
    with file.open("w", encoding=encoding, newline="") as handle:
        rows = csv.writer(handle)
        rows.writerow(HEADER)
        rows.writerows(order.cells() for order in orders)
    return file


@dataclass(frozen=True, slots=True)
class Board:
    """What must come out: buyers by net spend, how many are super users, their share of all sales."""

    spend: dict[str, int]
    orders: dict[str, int]
    ranked: list[int]
    supers: int
    share: float


def super_board(orders: Iterable[Order], day: date) -> Board:
    """Who bought how much in the year that ends with `day`: a plain loop over the file's rows."""
    first = datetime(day.year - 1, day.month, day.day) + timedelta(days=1)
    after = datetime(day.year, day.month, day.day) + timedelta(days=1)
    spend: dict[str, int] = {}
    count: dict[str, int] = {}
    for order in orders:
        if first <= order.paid < after and order.status not in NOT_SALES:
            spend[order.buyer] = spend.get(order.buyer, 0) + order.cents - order.refund
            count[order.buyer] = count.get(order.buyer, 0) + 1
    ranked = sorted(spend.values(), reverse=True)
    supers = [cents for cents in ranked[: max(1, len(ranked) * 2 // 100)] if cents >= 400_000]
    return Board(spend, count, ranked, len(supers), sum(supers) / sum(ranked))
