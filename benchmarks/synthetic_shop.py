"""A seeded shop of any size, written through the real schema: for benchmarks and for looking at.

Spending follows a power law tuned so that the best 2 % of fans bring about 20 % of sales; about a
third never bought. Activity is unequal too. Names are Chinese, people are on several platforms.

    python -m benchmarks.synthetic_shop --fans 10000 --seed 1 --to DIR
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from desktop.domain.clock import SystemClock, at_ms, day_start_ms, local
from desktop.domain.ids import new_uid
from desktop.domain.periods import DAY_MS
from desktop.store.database import Store
from desktop.store.fans.names import spellings
from desktop.store.tiers import tiers

ZONE = "Asia/Shanghai"
AS_OF = date(2026, 11, 20)
CHUNK = 20_000
NEVER_BOUGHT = 0.31
SPREAD = 1.05  # sigma of log spending: with it the best 2 % of fans bring about 20 % of sales
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红建文辉力雪梅佳琪子涵雨欣梓宇轩晨曦小满安乐"
NICK = ("爱吃梨的", "家有二宝", "阿", "老", "小", "🍉", "吃货", "早起的", "A", "云上")
TAIL = ("妈妈", "姐", "哥", "同学", "老师", "掌柜", "88", "🌸", "", "")
PLATFORMS = (("wecom", "corp-demo"), ("douyin", "ent-1"), ("youzan", "kdt-7"), ("weidian", "wd-3"))
KINDS = ("comment", "like", "group_message", "live_watch", "share", "dm", "group_help", "referral", "view")
KIND_WEIGHTS = (20, 25, 25, 12, 6, 6, 3, 1, 15)
TAGS = (
    "爱吃梨",
    "企业采购",
    "宝妈",
    "送礼",
    "价格敏感",
    "直播常客",
    "老带新",
    "生鲜",
    "白酒",
    "办公室",
    "学生",
    "退休",
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything. Orders and events are averages a fan."""

    fans: int
    orders_a_fan: float = 5.0
    events_a_fan: float = 4.0
    groups: int = 0

    @property
    def group_count(self) -> int:
        return self.groups or max(4, self.fans // 2_000)


def nickname(chance: random.Random) -> str:
    """A plausible nickname or full name; the same seed gives the same names."""
    if chance.random() < 0.55:
        return chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))
    return (
        chance.choice(NICK) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2)))) + chance.choice(TAIL)
    )


async def write_shop(folder: Path, size: Size, seed: int) -> Path:
    """Make `folder/shop.db` with a shop of that size; the folder must not hold one."""
    path = folder / "shop.db"
    if path.exists():
        raise FileExistsError(path)
    chance = random.Random(seed)
    store = Store(path, SystemClock(), operator="synthetic", device_id="synthetic")
    await store.open()
    try:
        await store.write(lambda tx: _frame(tx, size, chance), kind="shop.synthetic")
        for first in range(1, size.fans + 1, CHUNK):
            last = min(size.fans, first + CHUNK - 1)
            await store.write(lambda tx, a=first, b=last: _people(tx, a, b, size, chance), kind=None)
        await store.write(_sums, kind=None)
        for first in range(1, size.fans + 1, CHUNK):
            ids = range(first, min(size.fans, first + CHUNK - 1) + 1)
            await store.write(lambda tx, ids=ids: tiers.recompute(tx, ids, _now()), kind=None)
    finally:
        await store.close()
    return path


def _now() -> int:
    return day_start_ms(AS_OF, ZONE) + 20 * 3_600_000


def _frame(tx: Any, size: Size, chance: random.Random) -> None:
    """The shop, an account with staff, tags and groups."""
    now = _now()
    uid = lambda: new_uid(now, chance.randbytes(10))  # noqa: E731
    tx.db.execute(
        "INSERT INTO shop (id, uid, name, industry, timezone, is_demo, device_id, created_at)"
        " VALUES (1, ?, '粉掌柜演示店', 'frequent-online', ?, 1, 'synthetic', ?)",
        (uid(), ZONE, now),
    )
    tx.db.execute(
        "INSERT INTO account (id, uid, platform, name, base_url, external_id, state, created_at,"
        " last_sync_at) VALUES (1, ?, 'wecom', '企业微信', 'https://qyapi.weixin.qq.com', 'corp-demo',"
        " 'connected', ?, ?)",
        (uid(), now, now),
    )
    tx.db.execute("INSERT INTO staff (id, account_id, external_id, name) VALUES (1, 1, 'lisi', '李四')")
    tx.db.conn.executemany(
        "INSERT INTO tag (uid, group_name, name) VALUES (?, '', ?)", [(uid(), name) for name in TAGS]
    )
    tx.db.conn.executemany(
        "INSERT INTO fan_group (uid, account_id, external_id, name, founded_at, updated_at)"
        " VALUES (?, 1, ?, ?, ?, ?)",
        [
            (uid(), f"wr{n:06d}", f"尝鲜{n}群", now - 400 * DAY_MS, now)
            for n in range(1, size.group_count + 1)
        ],
    )


def _people(tx: Any, first: int, last: int, size: Size, chance: random.Random) -> None:
    """Fans `first` to `last` with identities, tags, memberships, orders and events."""
    fans, identities, follows, tags, members = [], [], [], [], []
    orders: list[tuple[Any, ...]] = []
    events: list[tuple[Any, ...]] = []
    now = _now()
    for fan_id in range(first, last + 1):
        name = nickname(chance)
        seen = now - int(chance.random() ** 1.5 * 800) * DAY_MS - chance.randrange(DAY_MS)
        phone = f"1{chance.choice('3578')}{chance.randrange(10**9):09d}" if chance.random() < 0.4 else None
        fans.append(
            (fan_id, new_uid(seen, chance.randbytes(10)), name, *spellings(name), phone, seen, seen, seen)
        )
        platform, scope = chance.choices(PLATFORMS, (50, 25, 15, 10))[0]
        external = f"wm{fan_id:09d}" if platform == "wecom" else str(7_300_000_000_000_000_000 + fan_id)
        account = 1 if platform == "wecom" else None
        identities.append((fan_id, fan_id, platform, scope, external, account, name, seen, seen))
        if platform == "wecom":
            follows.append((fan_id, 1, seen))
            if chance.random() < 0.2:
                members.append((1 + int(chance.random() ** 2 * size.group_count), external, fan_id, seen))
        tags += [
            (fan_id, tag, seen) for tag in {1 + int(chance.random() ** 2 * len(TAGS)) for _ in range(3)}
        ]
        orders += _orders(chance, fan_id, size, seen, now, platform, scope)
        events += _events(chance, fan_id, size, seen, now)
    many = tx.db.conn.executemany
    many(
        "INSERT INTO fan (id, uid, name, pinyin, initials, phone, first_seen_at, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        fans,
    )
    many(
        "INSERT INTO identity (id, fan_id, platform, scope, external_id, account_id, name, origin,"
        " first_seen_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'synthetic', ?, ?)",
        identities,
    )
    many("INSERT INTO follow (identity_id, staff_id, followed_at) VALUES (?, ?, ?)", follows)
    many("INSERT INTO fan_tag (fan_id, tag_id, source, at) VALUES (?, ?, 'rule', ?)", tags)
    many(
        "INSERT INTO group_member (group_id, external_id, kind, identity_id, joined_at)"
        " VALUES (?, ?, 'fan', ?, ?)",
        members,
    )
    many(
        'INSERT INTO "order" (platform, scope, order_no, fan_id, identity_id, status, refund_status,'
        " paid_cents, refund_cents, paid_at, origin, seen_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'synthetic', ?, ?)",
        orders,
    )
    many(
        "INSERT INTO interaction (uid, fan_id, kind, at, quantity, group_id, origin)"
        " VALUES (?, ?, ?, ?, ?, ?, 'synthetic')",
        events,
    )


def _orders(
    chance: random.Random, fan_id: int, size: Size, seen: int, now: int, platform: str, scope: str
) -> Iterator[tuple[Any, ...]]:
    if chance.random() < NEVER_BOUGHT:
        return
    lifetime = chance.lognormvariate(0, SPREAD)  # how good a customer this is
    count = 1 + min(120, int(chance.expovariate(1) * size.orders_a_fan * 0.7 * (0.5 + lifetime / 2)))
    total = 45_000 * lifetime
    for n in range(count):
        paid_at = seen + int((now - seen) * chance.random())
        paid = max(100, int(total / count * chance.uniform(0.6, 1.4)) // 10 * 10)
        closed = chance.random() < 0.04
        refund = paid if chance.random() < 0.03 else 0
        yield (
            platform,
            scope,
            f"{6_900_000_000_000_000_000 + fan_id * 1000 + n}",
            fan_id,
            fan_id,
            "closed" if closed else "done",
            "refunded" if refund else "none",
            paid,
            refund,
            paid_at,
            paid_at,
            paid_at,
        )


def _events(
    chance: random.Random, fan_id: int, size: Size, seen: int, now: int
) -> Iterator[tuple[Any, ...]]:
    busy = min(200.0, chance.paretovariate(1.2) - 1)
    for _ in range(int(busy * size.events_a_fan / 4)):
        kind = chance.choices(KINDS, KIND_WEIGHTS)[0]
        moment = seen + int((now - seen) * chance.random())
        group = 1 + int(chance.random() ** 2 * size.group_count) if kind.startswith("group_") else None
        yield (new_uid(moment, chance.randbytes(10)), fan_id, kind, moment, 1, group)


def _sums(tx: Any) -> None:
    """Every fan's sums in one pass, as `fan_stats.refresh` makes them fan by fan."""
    tx.db.execute(
        "INSERT OR REPLACE INTO fan_stats"
        " SELECT fan.id, coalesce(o.n, 0), coalesce(o.net, 0), coalesce(o.refund, 0),"
        " o.first, o.last, coalesce(i.n, 0), i.last FROM fan"
        " LEFT JOIN (SELECT fan_id, count(*) AS n, sum(net_cents) AS net, sum(refund_cents) AS refund,"
        '   min(paid_at) AS first, max(paid_at) AS last FROM "order" WHERE is_sale = 1 GROUP BY 1) AS o'
        "   ON o.fan_id = fan.id"
        " LEFT JOIN (SELECT fan_id, sum(quantity) AS n, max(at) AS last FROM interaction GROUP BY fan_id)"
        "   AS i ON i.fan_id = fan.id"
    )


# The same people again under other numbers, without a word of Python a row.
COPIES: tuple[str, ...] = (
    "INSERT INTO fan (id, uid, name, pinyin, initials, phone, tier, tier_since, first_seen_at, created_at,"
    " updated_at) SELECT id + :by, uid || :n, name, pinyin, initials,"
    " substr(phone, 1, 3) || printf('%08d', (substr(phone, 4) * 7919 + :n * 104729) % 100000000), tier,"
    " tier_since, first_seen_at - :n, created_at, updated_at FROM fan WHERE id <= :fans",
    "INSERT INTO identity (id, fan_id, platform, scope, external_id, account_id, name, origin, first_seen_at,"
    " updated_at) SELECT id + :by, fan_id + :by, platform, scope, CASE platform WHEN 'wecom'"
    " THEN printf('wm%09d', id + :by) ELSE '' || (7300000000000000000 + id + :by) END, account_id, name,"
    " origin, first_seen_at, updated_at FROM identity WHERE fan_id <= :fans",
    "INSERT INTO follow (identity_id, staff_id, followed_at) SELECT identity_id + :by, staff_id, followed_at"
    " FROM follow WHERE identity_id <= :fans",
    "INSERT INTO fan_tag (fan_id, tag_id, source, at) SELECT fan_id + :by, tag_id, source, at FROM fan_tag"
    " WHERE fan_id <= :fans",
    "INSERT INTO group_member (group_id, external_id, kind, identity_id, joined_at)"
    " SELECT group_id, printf('wm%09d', identity_id + :by), kind, identity_id + :by, joined_at"
    " FROM group_member WHERE identity_id <= :fans",
    'INSERT INTO "order" (platform, scope, order_no, fan_id, identity_id, status, refund_status, paid_cents,'
    " refund_cents, paid_at, origin, seen_at, updated_at) SELECT platform, scope, order_no + :by * 1000,"
    " fan_id + :by, identity_id + :by, status, refund_status, paid_cents, refund_cents, paid_at, origin,"
    ' seen_at, updated_at FROM "order" WHERE fan_id <= :fans',
    "INSERT INTO interaction (uid, fan_id, kind, at, quantity, group_id, origin) SELECT uid || :n,"
    " fan_id + :by, kind, at, quantity, group_id, origin FROM interaction WHERE fan_id <= :fans",
    "INSERT OR REPLACE INTO fan_stats (fan_id, orders, spend_cents, refund_cents, first_order_at,"
    " last_order_at, interactions, last_interaction_at) SELECT fan_id + :by, orders, spend_cents + :n,"
    " refund_cents, first_order_at, last_order_at, interactions, last_interaction_at FROM fan_stats"
    " WHERE fan_id <= :fans",
)


async def multiply(path: Path, times: int) -> None:
    """Make a shop that was written so many times as large; spending and names are spread as before."""
    store = Store(path, SystemClock(), operator="synthetic", device_id="synthetic")
    await store.open()
    try:
        fans = await store.read(lambda conn: conn.execute("SELECT max(id) FROM fan").fetchone()[0])
        for n in range(1, times):
            values = {"fans": fans, "by": fans * n, "n": n}

            def copy(tx: Any, values: dict[str, int] = values) -> None:
                for statement in COPIES:
                    tx.db.execute(statement, values)

            await store.write(copy, kind=None)
    finally:
        await store.close()


def share_of_best(path: Path, percent: float = 2.0) -> float:
    """Which share of all sales the best `percent` of all fans bring."""

    async def work() -> float:
        store = Store(path, SystemClock())
        await store.open()

        def shares(conn: Any) -> float:
            fans, total = conn.execute("SELECT count(*), sum(spend_cents) FROM fan_stats").fetchone()
            best = conn.execute(
                "SELECT sum(spend_cents) FROM (SELECT spend_cents FROM fan_stats"
                " ORDER BY spend_cents DESC LIMIT ?)",
                (max(1, int(fans * percent / 100)),),
            ).fetchone()[0]
            return float(best) / float(total)

        try:
            return await store.read(shares)
        finally:
            await store.close()

    return asyncio.run(work())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fans", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=1, help="so many times as large, by copies")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--to", type=Path, required=True, help="a folder without a shop")
    args = parser.parse_args()
    started = time.perf_counter()
    path = asyncio.run(write_shop(args.to, Size(args.fans), args.seed))
    asyncio.run(multiply(path, args.times))
    seconds = time.perf_counter() - started
    size_mb = path.stat().st_size / 1e6
    print(f"{path}: {args.fans * args.times} fans, {size_mb:.0f} MB, {seconds:.1f} s")
    print(f"the best 2 % of fans bring {share_of_best(path):.1%} of sales")
    print(f"as of {local(_now(), ZONE):%Y-%m-%d %H:%M} ({at_ms(local(_now(), ZONE))})")


if __name__ == "__main__":
    main()
