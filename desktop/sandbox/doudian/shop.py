"""The imitated shop: its credentials, clock, switches, goods and the orders that come and move on."""

import bisect
from dataclasses import dataclass, field

from desktop.sandbox.chance import long_word, word
from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.doudian.settings import Settings
from desktop.sandbox.imitation import Imitation
from desktop.sandbox.world.shoppers import Shopper, Shoppers
from desktop.sandbox.world.size import WorldSize

DAY = 86_400
MOST_SEEDED = 20_000
SPREAD_DAYS = 400
GOODS = (
    ("每日坚果30包", 8_900), ("低糖果干组合", 4_990), ("手撕肉脯500g", 6_900), ("辣条大礼包", 2_990),
    ("糕点试吃箱", 3_900), ("团长专供整箱", 39_800),
)  # name, cents  # fmt: skip
UNPAID, PAID, STOCKING, PARTLY, SHIPPED, CANCELLED, FINISHED = 1, 105, 2, 101, 3, 4, 5


@dataclass(slots=True)
class Order:
    """One order: what was bought, by whom, and when it changes its state."""

    number: int
    order_id: str
    buyer: int
    goods: list[tuple[int, int]]  # (good, count)
    created: float
    steps: list[tuple[float, int]] = field(default_factory=list)  # (time, status), ascending
    after_sale: list[tuple[float, int, int]] = field(default_factory=list)  # (time, status, refund status)
    paid_at: float = 0.0
    remark: str = ""
    star: int | None = None
    touched: float = 0.0

    def status(self, now: float) -> int:
        """The state at a time."""
        at = bisect.bisect_right(self.steps, (now, 1_000_000)) - 1
        return self.steps[max(0, at)][1]

    def refund(self, now: float) -> tuple[int, int]:
        """After-sale and refund status at a time."""
        found = (0, 0)
        for at, status, refund in self.after_sale:
            if at <= now:
                found = (status, refund)
        return found

    def updated(self, now: float) -> float:
        """When it last changed, as seen at a time."""
        times = [at for at, _ in self.steps if at <= now] + [
            at for at, _, _ in self.after_sale if at <= now
        ]
        return max([self.created, *times, self.touched])

    def amount(self) -> int:
        """What was paid, cents."""
        return sum(GOODS[good][1] * count for good, count in self.goods)


class Shop(Imitation):
    """One shop with one self-used application."""

    def __init__(self, size: WorldSize, clock: SandboxClock) -> None:
        super().__init__(size, clock)
        self.settings = Settings()
        self.shoppers = Shoppers(self.chance, size.fans)
        bits = self.chance.roll(b"dd-shop", 0)
        self.app_key = str(7_000_000_000_000_000_000 + long_word(bits, 0) * 1001)
        hexed = self.chance.roll(b"dd-secret", 0).hex()
        self.app_secret = f"{hexed[:8]}-{hexed[8:12]}-{hexed[12:16]}-{hexed[16:20]}-{hexed[20:32]}"
        self.shop_id = str(10_000_000 + long_word(bits, 4) % 80_000_000)
        self.shop_name = "好吃研究所旗舰店"
        self.decrypted: dict[int, int] = {}  # day -> ciphertexts
        self._orders: list[Order] | None = None
        self._extra = 0

    def day(self) -> int:
        """The day in UTC+8."""
        return int(self.seconds() + 8 * 3600) // DAY

    def orders(self) -> list[Order]:
        """All orders that exist now, oldest first; those after the origin come with the clock."""
        if self._orders is None:
            count = min(MOST_SEEDED, self.size.fans * 5 // 4 + 12) if self.size.fans else 0
            span = SPREAD_DAYS * DAY
            made = [
                self.make(number, self.origin - span + (number + 0.5) * span / count)
                for number in range(count)
            ]
            self._orders = made
        speed = self.settings.orders_per_day
        while speed > 0 and self.size.fans:
            at = self.origin + (self._extra + 1) * DAY / speed
            if at > self.seconds():
                break
            self._extra += 1
            self._orders.append(self.make(len(self._orders), at))
        return self._orders

    def buyer_person(self, order: Order) -> Shopper:
        """Who receives it."""
        return self.shoppers.person(order.buyer)

    def find(self, order_id: str) -> Order | None:
        """The order with this id."""
        return next((row for row in self.orders() if row.order_id == order_id), None)

    def add(self, buyer: int, good: int, count: int, paid: bool) -> Order:
        """Somebody buys now; the order then moves by itself."""
        number = len(self.orders())
        order = self.make(number, self.seconds(), buyer, [(good, count)])
        if not paid:
            order.steps, order.after_sale, order.paid_at = [(order.created, UNPAID)], [], 0.0
            order.steps.append((order.created + 1800, CANCELLED))
        self.orders().append(order)
        return order

    def make(
        self, number: int, at: float, buyer: int | None = None, goods: list[tuple[int, int]] | None = None
    ) -> Order:
        """An order by its number; few buyers bring much: the fourth power crowds the low numbers."""
        bits = self.chance.roll(b"dd-order", number)
        if buyer is None:
            buyers = max(1, self.size.fans * 2 // 5)
            share = (word(bits, 0) / 65_536) ** 4
            buyer = min(self.size.fans - 1, int(share * buyers))
        if goods is None:
            count = 1 + (bits[2] % 4 if buyer * 50 < self.size.fans else 0)
            goods = [(bits[3] % len(GOODS), count)]
            if bits[4] < 60:
                goods.append(((bits[3] + 1) % len(GOODS), 1))
        order_id = str(6_900_000_000_000_000_000 + number * 1_000_000_007 + word(bits, 5))
        order = Order(number, order_id, buyer, goods, float(int(at)))
        self._plan(order, bits)
        return order

    def _plan(self, order: Order, bits: bytes) -> None:
        at = order.created
        order.steps = [(at, UNPAID)]
        if bits[7] < 20:
            order.steps.append((at + 1800, CANCELLED))
            return
        order.paid_at = at + 20 + bits[8]
        order.steps += [(order.paid_at, PAID), (order.paid_at + 60, STOCKING)]
        if bits[9] < 10:  # money back before it left
            order.after_sale = [(order.paid_at + 3600, 6, 1), (order.paid_at + 7200, 12, 3)]
            order.steps.append((order.paid_at + 7200, CANCELLED))
            return
        shipped = order.paid_at + DAY // 2 + bits[10] * 300
        if len(order.goods) > 1:
            order.steps.append((shipped, PARTLY))
            shipped += DAY // 4
        finished = shipped + 8 * DAY + bits[11] * 200
        order.steps += [(shipped, SHIPPED), (finished, FINISHED)]
        if bits[12] < 14:
            asked = shipped + 3 * DAY
            end = (12, 3) if bits[13] < 170 else (27, 4)
            order.after_sale = [(asked, 6, 1), (asked + DAY, 7, 1), (asked + 2 * DAY, *end)]


def in_time(at: float, now: float) -> int:
    """A time in whole seconds when it has come, else 0."""
    return int(at) if 0 < at <= now else 0
