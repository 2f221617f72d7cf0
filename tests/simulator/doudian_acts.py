"""What the person at the computer does with a Douyin shop: notes about orders."""

from __future__ import annotations

import random

from desktop.composition.graph import Graph
from tests.simulator.arrangements import NOTHING
from tests.simulator.watch import Watch

ORDERS = "SELECT id FROM \"order\" WHERE platform = 'doudian' ORDER BY id DESC LIMIT 6"


class ShopActs:
    """Chooses by `chance` among what there is."""

    def __init__(self, chance: random.Random, watch: Watch) -> None:
        self.chance, self.watch, self.count = chance, watch, 0

    async def any(self, graph: Graph) -> str:
        """A note about an order."""
        self.count += 1
        orders = self.watch.rows(ORDERS)
        if not orders:
            return NOTHING
        order = self.chance.choice(orders)[0]
        return await graph.orders.remark(order, f"第{self.count}次 包好", self.chance.randint(0, 5))
