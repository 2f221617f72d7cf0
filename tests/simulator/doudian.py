"""A small Douyin shop: signed requests, tokens that change at every use, orders that move. Its own code."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tests.simulator.timeline import Timeline
from tests.simulator.world import Effect, Fields, Made, PlatformWorld, Rows

KEY, SECRET, SHOP = "8001", "s3cret", "4001"
TOKEN_MS = 129_600_000  # a day and a half: a story sees it renewed
SIGN_MS = 600_000
LAGS_MS = (0, 20_000, 110_000, 300_000, 590_000)
STATUSES = {1: "unpaid", 2: "paid", 3: "shipped", 5: "done", 4: "closed"}
NEXT = {1: (2, 4), 2: (3,), 3: (5,)}
MOODS = ("lag", "lag", "drift", "odd", "old_envelope", "both")
# Codes that the platform finds before it does anything, as its documents have it.
CHECKED = (40001, 40002, 40003, 30001)


@dataclass
class Order:
    """One order as the shop's back office has it."""

    buyer: str
    made_s: int
    updated_ms: int
    shown_ms: int
    cents: int
    status: int = 1
    paid_s: int = 0
    note: str = ""
    star: int = 0


class Doudian(PlatformWorld):
    """The platform, as `PlatformWorld` describes it."""

    name, prefix = "doudian", "/doudian/"
    secrets = MappingProxyType({"app_key": KEY, "app_secret": SECRET, "shop_id": SHOP})
    write_paths = ("order/addOrderRemark",)
    trouble_paths = (
        "addOrderRemark",
        "addOrderRemark",
        "order/",
        "searchList",
        "token/",
        "token/",
        "",
        "Detail",
    )
    checked = CHECKED
    busy, rate = 20000, 20000  # it names no code for too many calls
    unlisted = (1, 99, 123_456)
    unfit = ("warning", "no_id")

    def __init__(self, line: Timeline, seed: int) -> None:
        self.line, self.chance = line, random.Random(f"doudian{seed}")
        self.mooded, self.lag_ms, self.secret = "", 0, SECRET
        self.access, self.refresh, self.access_until_ms, self._given = "", "", 0, 0
        self.orders: dict[str, Order] = {}
        self.executed: Callable[[Effect], None] = lambda effect: None
        self._paths: dict[str, Callable[[Fields], Fields]] = {
            "order/searchList": self._search,
            "order/orderDetail": self._detail,
            "order/addOrderRemark": self._remark,
        }
        for days in (20, 5, 2, 1):
            self._order(self.chance, line.true_ms() - days * 86_400_000)

    def begin(self, chance: random.Random) -> None:
        """Listings lag, or not."""
        self.lag_ms = chance.choice(LAGS_MS)

    def answer(self, path: str, query: Mapping[str, str], body: bytes) -> Fields:
        """Carry out one request; the reply's fields."""
        wrong = self._wrong_sign(path, query, body)
        if wrong:
            return self._refused(wrong)
        asked = json.loads(body)
        if path in ("token/create", "token/refresh"):
            return self._tokens(path, asked)
        token = query.get("access_token", "")
        if not token or token != self.access:
            return self._refused("isv.access-token-no-existed")
        if token not in self.kept():
            self.complain(f"promise 61: {token} is used and not kept")
        if self.line.true_ms() >= self.access_until_ms:
            return self._refused("isv.access-token-expired")
        work = self._paths.get(path)
        return self._refused("isv.parameter-invalid") if work is None else work(asked)

    def _wrong_sign(self, path: str, query: Mapping[str, str], body: bytes) -> str:
        """Over the very bytes that came, with the time of the request."""
        told = {name: query.get(name, "") for name in ("app_key", "method", "timestamp", "v")}
        parts = "".join(
            f"{name}{value}" for name, value in sorted({**told, "param_json": body.decode()}.items())
        )
        sign = hmac.new(self.secret.encode(), f"{self.secret}{parts}{self.secret}".encode(), hashlib.sha256)
        if sign.hexdigest() != query.get("sign") or told["method"].replace(".", "/") != path:
            return "isv.signature-invalid"
        late = abs(int(told["timestamp"]) * 1000 - self.line.true_ms()) > SIGN_MS
        return "isv.parameter-invalid" if late else ""

    def _tokens(self, path: str, asked: Fields) -> Fields:
        if path == "token/refresh" and asked["refresh_token"] != self.refresh:
            return self._refused("isv.parameter-invalid")
        if path == "token/refresh" and self.refresh not in self.kept():
            self.complain(f"promise 61: {self.refresh} is used and not kept")
        self._given += 1
        self.access, self.refresh = f"dat{self._given}", f"drt{self._given}"  # the old ones are dead
        self.access_until_ms = self.line.true_ms() + TOKEN_MS
        told = {"access_token": self.access, "refresh_token": self.refresh, "shop_id": SHOP}
        return self._good(told | {"expires_in": TOKEN_MS // 1000})

    # -- what a story does with it

    def refusal(self, code: int) -> Fields:
        """A reply with an error code."""
        return {"code": code, "msg": "no", "sub_code": "", "sub_msg": "no"}

    def _refused(self, sub_code: str) -> Fields:
        return {"code": 50002, "msg": "no", "sub_code": sub_code, "sub_msg": "no"}

    def _good(self, data: Fields) -> Fields:
        """In the new envelope, the old one, or both."""
        new, old = {"code": 10000, "msg": "success"}, {"err_no": 0, "message": "success"}
        head = {"old_envelope": old, "both": new | old}.get(self.mooded, new)
        return head | {"data": data, "log_id": "1"}

    def ghost(self, chance: random.Random) -> Fields:
        """A success about things that were never done."""
        return {"code": 10000, "msg": "success", "data": {}}

    def spoilt(self, kind: str, answer: Fields) -> Fields:
        """An answer with one thing wrong."""
        return answer | {"code": "ten thousand" if kind == "odd_code" else None}

    def other_than(self, frozen: Fields, path: str, asked: Fields) -> str:
        """What a request says that was not confirmed so."""
        body = frozen["body"]
        told = asked["order_id"], asked["remark"], int(asked["star"])
        wanted = body["order"], body["remark"], body["star"]
        return "" if told == wanted and path == "order/addOrderRemark" else f"{told} instead of {wanted}"

    def path_of(self, kind: str) -> str:
        """The request that a kind of write becomes."""
        return "order/addOrderRemark"

    def is_so(self, frozen: Fields) -> bool:
        """Whether a thing is now as these frozen bytes want it."""
        body, order = frozen["body"], self.orders.get(frozen["body"]["order"])
        return order is not None and (order.note, order.star) == (body["remark"], body["star"])

    def change(self, chance: random.Random) -> str:
        """Somebody buys, pays, gets a parcel; the owner notes something in the back office."""
        what, now = chance.choice(("buy", "buy", "move", "move", "move", "note")), self.line.true_ms()
        if what == "buy" and len(self.orders) < 20:
            return f"order {self._order(chance, now)}"
        number = chance.choice(sorted(self.orders))
        order = self.orders[number]
        if what == "note":
            order.note, order.star = f"后台{chance.randint(1, 99)}", chance.randint(0, 5)
        elif order.status in NEXT:
            order.status = chance.choice(NEXT[order.status])
            order.paid_s = order.paid_s or (now // 1000 if order.status in (2, 3, 5) else 0)
        self._touched(order)
        return f"order {number} {STATUSES[order.status]} {order.note}"

    def _order(self, chance: random.Random, at_ms: int) -> str:
        number = f"69{len(self.orders) + 1:017}"
        buyer, cents = f"1@#buyer{chance.randint(1, 5)}", chance.randint(900, 90_000)
        self.orders[number] = Order(buyer, at_ms // 1000, at_ms, at_ms, cents)
        return number

    def _touched(self, order: Order) -> None:
        order.updated_ms = self.line.true_ms()
        order.shown_ms = order.updated_ms + self.lag_ms

    def mood(self, chance: random.Random) -> str:
        """What is wrong with the data from now on."""
        self.mooded = "" if chance.random() < 0.4 else chance.choice(MOODS)
        if self.mooded in ("", "lag"):
            self.lag_ms = chance.choice(LAGS_MS)
        return self.mooded or "well"

    def turn_secret(self) -> str:
        """Refused from now on, or good again."""
        self.secret = SECRET if self.secret != SECRET else "changed"
        self.revoke_token()
        return "good" if self.secret == SECRET else "refused"

    def revoke_token(self) -> None:
        """The token in use is no good from now on."""
        self.access = ""

    def heal(self) -> None:
        """Everything is well; what lagged is shown."""
        self.mooded, self.lag_ms, self.secret = "", 0, SECRET
        self.line.pass_by(600)

    def differences(
        self, rows: Rows, made: Made, excused: set[str]
    ) -> Iterator[tuple[str, dict[Any, Any], dict[Any, Any]]]:
        """Every order with its status and the seller's note."""
        sql = (
            "SELECT order_no, status, json_extract(extra, '$.seller_note'), json_extract(extra, '$.seller_star')"
            " FROM \"order\" WHERE platform = 'doudian'"
        )
        here = {number: (status, note or "", star or 0) for number, status, note, star in rows(sql)}
        there = {key: (STATUSES[one.status], one.note, one.star) for key, one in self.orders.items()}
        yield "orders", here, there

    # -- orders

    def _search(self, asked: Fields) -> Fields:
        first, last, now = asked["update_time_start"], asked["update_time_end"], self.line.true_ms()
        there = [
            (key, one)
            for key, one in sorted(self.orders.items(), key=lambda entry: entry[1].updated_ms)
            if first <= one.updated_ms // 1000 <= last and one.shown_ms <= now
        ]
        at = asked["page"] * asked["size"]
        page = [self._told(key, one) for key, one in there[at : at + asked["size"]]]
        if self.mooded == "odd":
            page.append({"order_status": 2})
        return self._good({"total": len(there), "page": asked["page"], "shop_order_list": page})

    def _detail(self, asked: Fields) -> Fields:
        key = asked["shop_order_id"]
        if key not in self.orders:
            return self._refused("isv.parameter-invalid")
        return self._good({"shop_order_detail": self._told(key, self.orders[key])})

    def _told(self, key: str, one: Order) -> Fields:
        line = {"order_id": f"{key}1", "product_name": "车厘子", "item_num": 1, "pay_amount": one.cents}
        told = {
            "order_id": key,
            "order_status": one.status,
            "create_time": one.made_s,
            "update_time": one.updated_ms // 1000,
            "pay_time": one.paid_s,
            "pay_amount": one.cents,
            "doudian_open_id": one.buyer,
            "mask_post_receiver": "小*",
            "seller_words": one.note,
            "seller_remark_stars": one.star,
            "sku_order_list": [line],
        }
        return told | ({"order_flag": {"new": [1]}, "finish_time": None} if self.mooded == "drift" else {})

    def _remark(self, asked: Fields) -> Fields:
        order = self.orders.get(asked["order_id"])
        if order is None:
            return self._refused("isv.parameter-invalid")
        order.note, order.star = asked["remark"], int(asked["star"])
        self._touched(order)
        self.executed(Effect(f"note of order {asked['order_id']} is {order.note} {order.star}"))
        return self._good({})
