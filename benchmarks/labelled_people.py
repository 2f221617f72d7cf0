"""A seeded shop in which it is known who is who: pairs of fans that are one person, and pairs that only look so.

The cases are told from how people shop, not from how the program looks: presents to a mother who is a
customer herself, couples with one number, colleagues of one common name, people who ask for a friend's parcel,
and customers of whom nothing at all tells that they are one.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.synthetic_shop import GIVEN, SURNAMES, nickname
from desktop.domain.identity import IdentityKey, phone_key
from desktop.domain.periods import DAY_MS
from desktop.store.fans import known_people
from desktop.store.transaction import Transaction

NOW = 1_795_000_000_000
TOWNS = (
    ("浙江省杭州市", 14), ("上海市", 12), ("广东省广州市", 10), ("北京市", 9), ("江苏省苏州市", 7),
    ("四川省成都市", 7), ("湖北省武汉市", 6), ("山东省临沂市", 3), ("福建省泉州市", 3),
    ("河南省洛阳市", 2), ("云南省玉溪市", 1), ("甘肃省天水市", 1),
)  # fmt: skip
GOODS = (
    ("小米椒牛肉酱", 20), ("赤霞珠干红", 12), ("手工月饼礼盒", 12), ("五常大米", 10), ("云雾绿茶", 8),
    ("椰子油面膜", 6), ("羊绒围巾", 4), ("铁观音罐装", 4), ("儿童牙刷", 3), ("白瓷茶具", 2),
)  # fmt: skip
COMMON = ("李娜", "王伟", "张敏", "刘洋", "陈静", "王芳", "李强", "张伟")


@dataclass
class Case:
    """One labelled pair."""

    kind: str
    is_same: bool
    fans: tuple[int, int]


@dataclass
class Person:
    """Who somebody is, and where they live."""

    name: str
    phone: str
    town: str
    address: str


@dataclass
class Labelled:
    """Fills a shop through the open transaction."""

    tx: Transaction
    chance: random.Random
    cases: list[Case] = field(default_factory=list)
    _numbers: Counter[str] = field(default_factory=Counter)

    def write(self, pairs: int, strangers: int) -> list[Case]:
        """So many labelled pairs, half of them one person, among so many others."""
        tx = self.tx
        tx.db.execute(
            "INSERT INTO account (id, uid, platform, name, base_url, external_id, state, created_at)"
            " VALUES (1, 'a', 'wecom', '企微', 'https://qyapi.weixin.qq.com', 'corp', 'connected', 1)"
        )
        tx.db.execute("INSERT INTO staff (id, account_id, external_id, name) VALUES (1, 1, 'lisi', '李四')")
        tx.db.execute("INSERT INTO desk (id, account_id, external_id, name) VALUES (1, 1, 'kf1', '客服')")
        for _ in range(strangers):
            self._stranger()
        for kinds, is_same in ((SAME, True), (OTHERS, False)):
            names = self.chance.choices(list(kinds), [weight for weight, _ in kinds.values()], k=pairs // 2)
            for name in names:
                self.cases.append(Case(name, is_same, kinds[name][1](self)))
        return self.cases

    # -- what everybody has

    def person(self, name: str = "", town: str = "") -> Person:
        chance = self.chance
        if not name:
            name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))
            if chance.random() < 0.15:
                name = chance.choice(COMMON)
        town = town or chance.choices([one for one, _ in TOWNS], [n for _, n in TOWNS])[0]
        street = "".join(chance.choices(GIVEN, k=2))
        house = f"{chance.randint(1, 300)}号{chance.randint(1, 30)}-{chance.randint(101, 2504)}"
        address = f"{town}{chance.choice('东西南北')}城区{street}路{house}"
        phone = f"1{chance.choice('3578')}{chance.randrange(10**9):09d}"
        return Person(name, phone, town, address)

    def number(self, what: str) -> str:
        self._numbers[what] += 1
        return f"{what}{self.chance.randrange(10**11):011d}{self._numbers[what]:05d}"

    def fan(self, platform: str, shown: str, *more: IdentityKey, phone: str | None = None) -> int:
        key = IdentityKey(platform, "corp" if platform == "wecom" else "shop", self.number(platform[:2]))
        found = known_people.resolve(self.tx, [key, *more], shown, phone, "import:x", NOW)
        assert found is not None
        return found.fan_id

    def friend(self, shown: str, *, remark: str = "", mobiles: str = "[]", union: str = "") -> int:
        """A WeCom contact."""
        more = [IdentityKey("wechat_union", "", union)] if union else []
        fan_id = self.fan("wecom", shown, *more)
        identity = self._identity(fan_id, "wecom")
        self.tx.db.execute(
            "INSERT INTO follow (identity_id, staff_id, remark, followed_at, mobiles) VALUES (?, 1, ?, ?, ?)",
            (identity, remark, NOW, mobiles),
        )
        return fan_id

    def buyer(self, shown: str, phone: str | None = None) -> int:
        """Somebody of a shop's file, with the phone that the file shows."""
        more = [phone_key(phone)] if phone else []
        return self.fan("youzan", shown, *more, phone=phone)

    def order(
        self,
        fan_id: int,
        to: Person,
        *,
        goods: str = "",
        day: int | None = None,
        hidden: bool = False,
        phone: str = "",
    ) -> str:
        """A parcel to somebody; `hidden`: the platform shows the town only."""
        chance = self.chance
        receiver = {"name": to.name, "address": to.address}
        if hidden:
            receiver |= {"address": f"{to.address[: len(to.town) + 3]}****", "address_kind": "masked"}
            receiver |= {"phone": f"{to.phone[:3]}****{to.phone[-4:]}", "phone_kind": "masked"}
        elif phone:
            receiver |= {"phone": phone, "phone_kind": "plain"}
        number = self.number("E2026")
        at = NOW - (chance.randrange(300) if day is None else day) * DAY_MS
        order_id = self.tx.db.execute(
            'INSERT INTO "order" (platform, scope, order_no, fan_id, status, paid_cents, paid_at, receiver, origin,'
            " seen_at, updated_at) VALUES ('x', 's', ?, ?, 'done', 9900, ?, json(?), 'import:x', ?, ?)",
            (number, fan_id, at, json.dumps(receiver, ensure_ascii=False), NOW, NOW),
        ).lastrowid
        item = goods or self.goods()
        self.tx.db.execute(
            "INSERT INTO order_line (order_id, line_no, item, quantity) VALUES (?, '1', ?, 1)",
            (order_id, item),
        )
        return number

    def goods(self) -> str:
        return self.chance.choices([one for one, _ in GOODS], [n for _, n in GOODS])[0]

    def say(self, fan_id: int, text: str) -> None:
        identity = self._identity(fan_id, "wecom")
        talk = self.tx.db.execute(
            "INSERT INTO conversation (uid, desk_id, external_id, identity_id, last_at) VALUES (?, 1, ?, ?, 1)",
            (self.tx.new_uid(), self.number("talk"), identity),
        ).lastrowid
        self.tx.db.execute(
            "INSERT INTO message (conversation_id, external_id, direction, kind, text, at)"
            " VALUES (?, ?, 'in', 'text', ?, ?)",
            (talk, self.number("m"), text, NOW),
        )

    def note(self, fan_id: int, text: str) -> None:
        self.tx.db.execute("UPDATE fan SET note = ? WHERE id = ?", (text, fan_id))

    def nick(self) -> str:
        return nickname(self.chance)

    def _identity(self, fan_id: int, platform: str) -> int:
        row = self.tx.db.execute(
            "SELECT id FROM identity WHERE fan_id = ? AND platform = ?", (fan_id, platform)
        ).fetchone()
        return int(row[0])

    def _stranger(self) -> None:
        one = self.person()
        if self.chance.random() < 0.5:
            self.friend(self.nick())
            return
        fan_id = self.buyer(self.nick(), one.phone if self.chance.random() < 0.5 else None)
        for _ in range(self.chance.choice((1, 1, 2, 3))):
            self.order(fan_id, one, hidden=self.chance.random() < 0.4)


Make = Callable[[Labelled], tuple[int, int]]


# -- one person


def noted_mobile(shop: Labelled) -> tuple[int, int]:
    """Staff noted the number under which the person buys elsewhere."""
    one = shop.person()
    return shop.friend(shop.nick(), mobiles=f'["{one.phone}"]'), shop.buyer(shop.nick(), one.phone)


def number_in_note(shop: Labelled) -> tuple[int, int]:
    one = shop.person()
    fan_id = shop.friend(shop.nick())
    shop.note(
        fan_id, shop.chance.choice(("电话{}", "手机号 {} 爱吃辣", "老客，{}，周末送货")).format(one.phone)
    )
    return fan_id, shop.buyer(shop.nick(), one.phone)


def id_in_note(shop: Labelled) -> tuple[int, int]:
    buyer = shop.fan("douyin", shop.nick())
    key = shop.tx.db.execute("SELECT external_id FROM identity WHERE fan_id = ?", (buyer,)).fetchone()[0]
    return shop.friend(shop.nick(), remark=f"抖音号 {key}"), buyer


def asked_for_own(shop: Labelled) -> tuple[int, int]:
    one, asker = shop.person(), shop.friend(shop.nick())
    buyer = shop.buyer(shop.nick())
    number = shop.order(buyer, one, hidden=True)
    shop.say(
        asker,
        shop.chance.choice(("{} 什么时候发货", "我的订单{}少发一瓶", "订单号{}", "{}")).format(number),
    )
    return asker, buyer


def same_door(shop: Labelled) -> tuple[int, int]:
    """Regular parcels from two shops to their own door."""
    one, fans = shop.person(), (shop.buyer(shop.nick()), shop.fan("ktt", shop.nick()))
    for fan_id in fans:
        for _ in range(shop.chance.choice((1, 2, 3))):
            shop.order(fan_id, one)
    return fans


def again_soon(shop: Labelled) -> tuple[int, int]:
    """The same thing again within days on another platform, addresses hidden."""
    one, goods, day = shop.person(), shop.goods(), shop.chance.randrange(10, 300)
    fans = shop.buyer(shop.nick()), shop.fan("ktt", shop.nick())
    shop.order(fans[0], one, goods=goods, day=day, hidden=True)
    shop.order(fans[1], one, goods=goods, day=day - shop.chance.randrange(6), hidden=True)
    return fans


def told_by_platform(shop: Labelled) -> tuple[int, int]:
    """Two accounts know one union id."""
    union = shop.number("ou")
    follower = shop.fan("wechat", shop.nick(), IdentityKey("wechat_union", "", union))
    friend = shop.friend(shop.nick())
    key = shop.tx.db.execute(
        "SELECT platform, scope, external_id FROM identity WHERE fan_id = ?", (friend,)
    ).fetchone()
    keys = [IdentityKey(*key), IdentityKey("wechat_union", "", union)]
    known_people.resolve(shop.tx, keys, "", None, "sync:x", NOW)
    return follower, friend


def one_nickname(shop: Labelled) -> tuple[int, int]:
    """The same nickname on two platforms, and nothing else."""
    name = shop.nick()
    return shop.friend(name), shop.fan("douyin", name)


def nothing_in_common(shop: Labelled) -> tuple[int, int]:
    return shop.friend(shop.nick()), shop.fan("douyin", shop.nick())


# -- two people


def family(shop: Labelled) -> tuple[int, int]:
    """One address, two names, the same goods on one day."""
    one = shop.person()
    two = Person(shop.person().name, shop.person().phone, one.town, one.address)
    fans, goods, day = (shop.buyer(shop.nick()), shop.buyer(shop.nick())), shop.goods(), 40
    shop.order(fans[0], one, goods=goods, day=day)
    shop.order(fans[1], two, goods=goods, day=day)
    return fans


def namesakes(shop: Labelled) -> tuple[int, int]:
    """A common name in one town, the best-selling goods, the same week."""
    one = shop.person(shop.chance.choice(COMMON), shop.chance.choice(TOWNS[:6])[0])
    two = shop.person(one.name, one.town)
    fans, day = (shop.buyer(shop.nick()), shop.fan("ktt", shop.nick())), shop.chance.randrange(10, 300)
    goods = shop.chance.choice(GOODS[:3])[0] if shop.chance.random() < 0.3 else ""
    shop.order(fans[0], one, goods=goods, day=day, hidden=True)
    shop.order(fans[1], two, goods=goods, day=day - shop.chance.randrange(6), hidden=True)
    return fans


def presents(shop: Labelled) -> tuple[int, int]:
    """A daughter buys for her mother, who is a customer too."""
    mother, daughter = shop.person(), shop.person()
    fans = shop.buyer(shop.nick(), mother.phone), shop.buyer(shop.nick())
    for _ in range(shop.chance.choice((1, 2, 3))):
        shop.order(fans[0], mother, phone=mother.phone)
    own = 0 if shop.chance.random() < 0.3 else shop.chance.choice((2, 3, 4))
    for _ in range(own):
        shop.order(fans[1], daughter, phone=daughter.phone)
    shop.order(fans[1], mother, phone=mother.phone)
    return fans


def introduced(shop: Labelled) -> tuple[int, int]:
    one, fan_id = shop.person(), shop.friend(shop.nick())
    words = ("{} 介绍来的，推荐人{}", "老公{1}", "朋友介绍 {1}", "妈妈电话{1}", "代收 {1}")
    shop.note(fan_id, shop.chance.choice(words).format(one.name, one.phone))
    return fan_id, shop.buyer(shop.nick(), one.phone)


def one_number(shop: Labelled) -> tuple[int, int]:
    """A couple of whom the shop knows one number."""
    one = shop.person()
    return shop.friend(shop.nick(), mobiles=f'["{one.phone}"]'), shop.buyer(shop.nick(), one.phone)


def asked_for_a_friend(shop: Labelled) -> tuple[int, int]:
    one, asker = shop.person(), shop.friend(shop.nick())
    buyer = shop.buyer(shop.nick())
    number = shop.order(buyer, one, hidden=True)
    said = ("帮朋友看下 {}", "我妈买的{}到哪了", "同事的订单 {} 能改地址吗", "{} 这个是我姐的")
    shop.say(asker, shop.chance.choice(said).format(number))
    return asker, buyer


def same_nickname(shop: Labelled) -> tuple[int, int]:
    name = shop.nick()
    return shop.friend(name), shop.fan("douyin", name)


def same_mask(shop: Labelled) -> tuple[int, int]:
    """Masked numbers and masked names that look alike."""
    one, two = shop.person(), shop.person()
    two = Person(two.name, one.phone[:3] + two.phone[3:7] + one.phone[-4:], two.town, two.address)
    fans = shop.buyer("一*"), shop.fan("ktt", "一*")
    shop.order(fans[0], one, hidden=True)
    shop.order(fans[1], two, hidden=True)
    return fans


def reseller(shop: Labelled) -> tuple[int, int]:
    """One of many whose parcels go to the same collector."""
    point, fans = shop.person(), [shop.buyer(shop.nick()) for _ in range(6)]
    for fan_id in fans:
        shop.order(fan_id, point, phone=point.phone, day=shop.chance.randrange(30))
    return fans[0], fans[1]


SAME: dict[str, tuple[int, Make]] = {
    "noted_mobile": (25, noted_mobile),
    "number_in_note": (8, number_in_note),
    "id_in_note": (8, id_in_note),
    "asked_for_own": (12, asked_for_own),
    "same_door": (20, same_door),
    "again_soon": (7, again_soon),
    "told_by_platform": (5, told_by_platform),
    "one_nickname": (10, one_nickname),
    "nothing_in_common": (5, nothing_in_common),
}
OTHERS: dict[str, tuple[int, Make]] = {
    "family": (18, family),
    "namesakes": (18, namesakes),
    "presents": (22, presents),
    "introduced": (12, introduced),
    "one_number": (1, one_number),
    "asked_for_a_friend": (6, asked_for_a_friend),
    "same_nickname": (13, same_nickname),
    "same_mask": (6, same_mask),
    "reseller": (4, reseller),
}


def write(tx: Any, seed: int, pairs: int = 2_000, strangers: int = 4_000) -> list[Case]:
    """Fill an empty shop; the labelled pairs."""
    return Labelled(tx, random.Random(seed)).write(pairs, strangers)
