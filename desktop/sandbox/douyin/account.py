"""The imitated account and everything the endpoints share: clock, switches, fans, ids, what was made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from desktop.sandbox.chance import long_word, word
from desktop.sandbox.clock import SandboxClock
from desktop.sandbox.douyin.arguments import Arguments
from desktop.sandbox.douyin.envelope import Form
from desktop.sandbox.douyin.errors import Refusal
from desktop.sandbox.douyin.settings import Settings
from desktop.sandbox.imitation import Imitation, Shelf
from desktop.sandbox.world.shoppers import Shopper, Shoppers
from desktop.sandbox.world.size import WorldSize

DAY = 86_400
Doc = dict[str, Any]


class Account(Imitation):
    """One verified shop account that authorised one application."""

    def __init__(self, size: WorldSize, clock: SandboxClock) -> None:
        super().__init__(size, clock)
        self.settings = Settings()
        self.shoppers = Shoppers(self.chance, size.fans)
        self.open_id = self.uuid(b"dy-own", 0)
        self.union_id = self.uuid(b"dy-own", 1)
        self.nickname = "好吃研究所"
        self.avatar = "https://p3.douyinpic.com/aweme/100x100/shop.jpeg"
        self.client_key = "aw" + self.chance.roll(b"dy-client", 0).hex()[:14]
        self.client_secret = self.chance.roll(b"dy-client", 1).hex()[:32]
        self.life_account_id = str(
            7_000_000_000_000_000_000 + long_word(self.chance.roll(b"dy-life", 0), 0)
        )
        self._numbers: dict[bytes, int] = {}
        self._by_open_id: dict[str, int] = {}
        self._spent: dict[tuple[str, int], int] = {}

    def filled(self, kind: type[Shelf]) -> Shelf:
        """A new store, which knows its account."""
        return kind(self)  # type: ignore[call-arg]

    # ids ----------------------------------------------------------------------------------------------
    def uuid(self, kind: bytes, number: int) -> str:
        """An id in the form of open_id and union_id."""
        return str(UUID(bytes=self.chance.roll(kind, number)[:16], version=4))

    def sealed(self, kind: bytes, number: int) -> str:
        """An encrypted id as this app sees it: `@`, base64 with + and /, ending in =."""
        text = self.chance.ident("", kind, number, 46).replace("-", "+").replace("_", "/")
        return f"@9VwX{text}=="

    def fresh(self, kind: bytes) -> str:
        """The next sealed id of a kind; seeded things use negative numbers."""
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return self.sealed(kind, self._numbers[kind])

    def log_id(self) -> str:
        """The next log id."""
        self._numbers[b"log"] = self._numbers.get(b"log", 0) + 1
        return f"{self.now()}{self.chance.roll(b'log', self._numbers[b'log']).hex()[:20].upper()}"

    # fans ---------------------------------------------------------------------------------------------
    def fan_id(self, index: int) -> str:
        """The open_id of a fan."""
        open_id = self.uuid(b"dy-fan", index)
        self._by_open_id[open_id] = index
        return open_id

    def fan_number(self, open_id: str) -> int:
        """The fan behind an open_id; 28001007 for one this app never saw."""
        if open_id not in self._by_open_id:
            for index in range(self.shoppers.count):
                self.fan_id(index)
        if open_id not in self._by_open_id:
            raise Refusal(28001007, "open_id不存在")
        return self._by_open_id[open_id]

    def fan(self, index: int) -> Shopper:
        """The person."""
        return self.shoppers.person(index)

    def followed_at(self, index: int) -> int | None:
        """When a fan began to follow, seconds; None for somebody who only commented."""
        bits = self.chance.roll(b"dy-follow", index)
        if bits[0] < 20:
            return None
        return self.origin - long_word(bits, 1) % (500 * DAY) * (200 + bits[5]) // 456 - word(bits, 6) % 60

    # quotas -------------------------------------------------------------------------------------------
    def spend(self, name: str, quota: int, count: int = 1) -> None:
        """Take from a quota of the day (UTC+8); 28003017 when it is used up."""
        key = (name, (self.now() + 8 * 3600) // DAY)
        if self._spent.get(key, 0) + count > quota:
            raise Refusal(28003017)
        self._spent[key] = self._spent.get(key, 0) + count

    def visible(self, made_at: float) -> bool:
        """False while a new thing is still missing from listings."""
        return made_at <= self.seconds() - self.settings.listing_lag_s or not self.settings.listing_lag_s


Handler = Callable[[Account, Arguments], Doc]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path of the platform: its verb, envelope, token, scope, and what carries it out."""

    path: str
    handler: Handler
    verb: str = "POST"
    form: Form = Form.A
    token: str = "user"
    scope: str = ""
    write: bool = False
    retired: bool = False
    needs_open_id: bool = True


def page(rows: list[Doc], cursor: int, count: int) -> Doc:
    """A page of rows at hand by position."""
    part = rows[cursor : cursor + count]
    end = cursor + len(part)
    return {"list": part, "cursor": end, "has_more": end < len(rows)}
