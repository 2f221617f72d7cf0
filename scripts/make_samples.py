"""Make the sample files of resources/samples: a snack shop's exports, the same bytes for the same seed.

Nobody in them exists. `python scripts/make_samples.py [--until DAY] [--out FOLDER] [--seed N]`
"""

from __future__ import annotations

import argparse
import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter

ROOT = Path(__file__).resolve().parents[1]
ZONE = ZoneInfo("Asia/Shanghai")
UNTIL = date(2026, 11, 20)


def words(text: str) -> list[str]:
    """A text cut at its blanks."""
    return text.split()


SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏"
GIVEN = words(
    "小满 雨桐 子涵 静怡 思琪 梓萱 浩然 欣妍 文博 丽华 秀英 建国 桂兰 志强 海燕 玉珍 晓东"
    " 佳怡 一诺 若曦 喆 珺 晨曦 美玲"
)
NICKS = words(
    "爱吃的{} {}同学 {}妈妈 小{}酱 {}在路上 老{} {}家的猫 甜甜的{} {}🍑 阿{} {}_88 {}今天也要加油"
)
GOODS = [
    ("新疆灰枣 500g", 2990, "HZ500"), ("和田骏枣礼盒 2kg", 16800, "JZ2KG"), ("薄皮核桃 500g", 3980, "HT500"),
    ("每日坚果 30包", 11900, "JG30"), ("夏威夷果 250g", 4580, "XW250"), ("黑芝麻丸 108g", 2580, "ZM108"),
    ("冻干草莓 50g", 1990, "CM50"), ("牛肉干 250g", 6980, "NR250"), ("无花果干 250g", 3280, "WH250"),
    ("坚果大礼包 1.6kg", 19800, "LB16"), ("海苔脆 12包", 2390, "HT12"), ("老婆饼 8枚", 1890, "LP8"),
]  # fmt: skip
CITIES = [
    "浙江省杭州市西湖区",
    "广东省深圳市南山区",
    "四川省成都市武侯区",
    "北京市朝阳区",
    "山东省青岛市市南区",
]


@dataclass(frozen=True)
class Person:
    """One made-up buyer."""

    number: int
    name: str
    nick: str
    phone: str

    @property
    def buyer_id(self) -> str:
        """Their number in the shop's own till."""
        return f"KH{self.number:05d}"

    @property
    def masked(self) -> str:
        """The phone as platforms hide it."""
        return f"{self.phone[:3]}******{self.phone[-2:]}"


@dataclass(frozen=True)
class Sale:
    """One made-up order line."""

    person: Person
    at: datetime
    item: str
    code: str
    quantity: int
    cents: int


def people(chance: random.Random, count: int) -> list[Person]:
    """Buyers with names, nicknames and phones of their own."""
    found = []
    for number in range(1, count + 1):
        given = chance.choice(GIVEN)
        name = chance.choice(SURNAMES) + given
        nick = chance.choice(NICKS).format(given[-1] if chance.random() < 0.6 else name[0])
        phone = f"1{chance.choice('35789')}{chance.randrange(10)}{number * 7919 % 100_000_000:08d}"
        found.append(Person(number, name, nick, phone))
    return found


def moment(chance: random.Random, until: date, days: int) -> datetime:
    """A time within the last `days`, most often in the evening."""
    day = until - timedelta(days=int(days * chance.random()))
    hour = chance.choices((9, 12, 15, 18, 19, 20, 21, 22), (2, 3, 2, 4, 6, 7, 6, 3))[0]
    return datetime.combine(day, time(hour, chance.randrange(60), chance.randrange(60)), ZONE)


def sale(chance: random.Random, person: Person, at: datetime, generous: float) -> Sale:
    """One purchase; generous buyers take dear goods and more of them."""
    name, price, code = chance.choices(GOODS, [(item[1] / 3000) ** (generous - 1) for item in GOODS])[0]
    quantity = 1 + int(chance.random() < 0.25 * generous) + int(chance.random() < 0.1 * generous)
    discount = chance.choice((0, 0, 0, 200, 500, 990))
    return Sale(person, at, name, code, quantity, max(990, price * quantity - discount))


def history(chance: random.Random, buyers: Sequence[Person], until: date) -> list[Sale]:
    """Fifteen months: a dozen who live on it, and a long tail."""
    found = []
    for person in buyers[:12]:
        for _ in range(chance.randint(22, 30)):
            found.append(sale(chance, person, moment(chance, until, 350), 1.75))
    for person in buyers[12:]:
        for _ in range(min(18, max(1, round(chance.paretovariate(1.15) * 1.75)))):
            found.append(sale(chance, person, moment(chance, until, 455), 1.0))
    return sorted(found, key=lambda one: one.at)


def yuan(cents: int) -> str:
    """Cents as a file writes them."""
    return f"{cents / 100:.2f}"


def stamp(at: datetime) -> str:
    """A time as the platforms write it."""
    return at.strftime("%Y-%m-%d %H:%M:%S")


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], encoding: str) -> None:
    """A CSV with CRLF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def write_workbook(path: Path, sheets: dict[str, list[list[str]]]) -> None:
    """A workbook whose cells are all text, with a fixed date so that its bytes repeat."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    book.close()


def doudian(chance: random.Random, buyers: Sequence[Person], until: date) -> list[list[str]]:
    """Sub-orders: ids behind tabs, most recipients as cipher, a few plain, some closed or refunded."""
    rows = []
    for number in range(160):
        one = sale(chance, chance.choice(buyers), moment(chance, until, 60), 1.0)
        order = 6_920_735_594_112_000_000 + number * 104_729 + chance.randrange(1000)
        plain = chance.random() < 0.3
        fate = chance.random()
        status, after, why = ("已完成", "-", "") if fate < 0.8 else ("已发货", "-", "")
        if fate < 0.06:
            status, after, why = "已关闭", "退款成功", "不想要了"
        elif fate < 0.1:
            after = "退款成功"
        cipher = f"##{chance.getrandbits(96):024x}=="
        rows.append(
            [
                f"\t{order}", f"\t{order}", f"\t{one.item}-({one.code})", "默认", str(one.quantity),
                f"\t{one.code}", yuan(one.cents), one.person.name if plain else cipher,
                f"\t{one.person.phone}" if plain else f"$${chance.getrandbits(80):020x}==",
                chance.choice(CITIES) if plain else cipher, "", stamp(one.at),
                stamp(one.at + timedelta(seconds=40)),
                stamp(one.at + timedelta(days=5)) if status == "已完成" else "-",
                status, after, why, chance.choice(("直播", "短视频", "商品卡", "数据将于第二天更新")),
            ]
        )  # fmt: skip
    return rows


DOUDIAN = words(
    "主订单编号 子订单编号 选购商品 商品规格 商品数量 商家编码 订单应付金额 收件人"
    " 收件人手机号 详细地址 买家留言 订单提交时间 支付完成时间 订单完成时间 订单状态"
    " 售后状态 取消原因 流量体裁"
)
YOUZAN = words(
    "订单号 归属店铺 订单状态 订单创建时间 买家付款时间 交易成功时间 订单实付金额"
    " 订单实收金额 全部商品名称 收货人/提货人 收货人手机号/提货人手机号 买家备注 买家昵称"
    " 买家手机号 分销员 订单退款状态 订单已退款金额 分销员"
)
KTT = words(
    "跟团号 下单人 团员备注 支付时间 团长备注 商品 订单金额 退款金额 订单状态 自提点"
    " 收货人 联系电话 详细地址 楼号（如10）"
)
WEIDIAN = words(
    "订单编号 订单状态 下单时间 支付时间 确认收货时间 商品名称 商品ID 商品件数 实付金额"
    " 退款状态 退款金额 收货人/提货人姓名 收货人/提货人手机号 收货/提货详细地址 买家留言"
    " 下单账号 下单微信 备注"
)


def youzan(chance: random.Random, buyers: Sequence[Person], until: date) -> list[list[str]]:
    """Orders with goods in one cell; every fifth phone masked."""
    rows = []
    for number in range(140):
        one = sale(chance, chance.choice(buyers), moment(chance, until, 90), 1.0)
        phone = one.person.masked if number % 5 == 0 else one.person.phone
        refund = yuan(one.cents) if number % 29 == 0 else "——"
        rows.append(
            [
                f"E{one.at:%Y%m%d%H%M%S}{number:012d}", "小满零食铺", "交易完成", stamp(one.at), stamp(one.at),
                stamp(one.at + timedelta(days=4)), yuan(one.cents), yuan(one.cents),
                f"{one.item}({one.quantity}件)", one.person.name, phone, "", one.person.nick, phone,
                chance.choice(("——", "阿珍")), "退款成功" if refund != "——" else "——", refund, "——",
            ]
        )  # fmt: skip
    return rows


def ktt(chance: random.Random, buyers: Sequence[Person], until: date) -> list[list[str]]:
    """One group purchase."""
    rows = []
    for number in range(1, 61):
        one = sale(chance, chance.choice(buyers), moment(chance, until, 3), 1.0)
        phone = one.person.masked if number % 7 == 0 else one.person.phone
        rows.append(
            [
                str(number), one.person.nick, chance.choice(("", "", "要脆一点的", "放门卫")), stamp(one.at), "",
                f"{one.item}+{one.quantity}", yuan(one.cents), "", "已完成", "3 号门便利店", one.person.name,
                phone, chance.choice(CITIES), str(chance.randint(1, 20)),
            ]
        )  # fmt: skip
    return rows


def weidian(chance: random.Random, buyers: Sequence[Person], until: date) -> list[list[str]]:
    """Orders of the present layout, two kinds of goods in some."""
    rows = []
    for number in range(90):
        person, at = chance.choice(buyers), moment(chance, until, 120)
        parts = [sale(chance, person, at, 1.0) for _ in range(chance.choice((1, 1, 2)))]
        names = ";".join(f"{one.item}({one.quantity})" for one in parts)
        rows.append(
            [
                f"81021{number * 7 + 1000:010d}", "已完成", stamp(at), stamp(at),
                stamp(at + timedelta(days=6)), names,
                ";".join(f"30{GOODS.index(next(g for g in GOODS if g[2] == one.code)):02d}" for one in parts),
                ";".join(str(one.quantity) for one in parts), yuan(sum(one.cents for one in parts)), "", "",
                person.name, person.phone, chance.choice(CITIES), "", person.phone, person.nick, "",
            ]
        )  # fmt: skip
    return rows


def till(chance: random.Random, sales: Sequence[Sale]) -> list[list[str]]:
    """The shop's own table, with a few refunds."""
    rows = []
    for number, one in enumerate(sales, 1):
        refund = yuan(one.cents // 2) if chance.random() < 0.01 else ""
        rows.append(
            [
                f"XM{one.at:%y%m%d}{number:05d}", one.person.buyer_id, one.person.nick,
                one.person.phone if one.person.number % 3 else one.person.masked, stamp(one.at),
                yuan(one.cents), refund, one.item, str(one.quantity), "已完成",
            ]
        )  # fmt: skip
    rows.append(
        ["XM00000", "KH00009", "试吃", "", "2026-11-02 10:00:00", "待定", "", "试吃装", "1", "已完成"]
    )
    rows.append(["XM00001", "KH00010", "试吃", "", "上周三", "9.90", "", "试吃装", "1", "已完成"])
    rows.append(["合计", "", "", "", "", yuan(sum(one.cents for one in sales)), "", "", "", ""])
    return rows


def fans(chance: random.Random, buyers: Sequence[Person], until: date) -> list[list[str]]:
    """Those who follow the shop, with tags and consent, and some who have not bought yet."""
    rows = []
    for person in buyers:
        if chance.random() < 0.35:
            continue
        tags = chance.sample(
            ["老客", "爱坚果", "爱红枣", "送礼", "宝妈", "办公室零食", "价格敏感"], chance.randint(0, 2)
        )
        followed = moment(chance, until, 500)
        rows.append(
            [
                person.buyer_id, person.nick, person.phone, f"{followed:%Y-%m-%d %H:%M}", "、".join(tags),
                chance.choice(("", "", "", "喜欢脆枣", "公司团购联系人")),
                chance.choice(("是", "是", "是", "", "否")),
            ]
        )  # fmt: skip
    return rows


def touches(chance: random.Random, buyers: Sequence[Person], until: date) -> list[list[str]]:
    """Comments, live visits, help in the group, content and referrals; a dozen people do most of it."""
    rows = []
    keen = buyers[4:12] + list(chance.sample(list(buyers[20:200]), 9))
    kinds = [("评论", 30), ("观看直播", 30), ("点赞", 20), ("群互助", 8), ("晒单", 7), ("推荐", 5)]
    for person in keen:
        for _ in range(chance.randint(25, 60)):
            rows.append(touch(chance, person, kinds, buyers, until))
    for person in chance.sample(list(buyers), 220):
        for _ in range(chance.randint(1, 4)):
            rows.append(touch(chance, person, kinds[:3], buyers, until))
    return sorted(rows, key=lambda row: row[3])


def touch(
    chance: random.Random,
    person: Person,
    kinds: Sequence[tuple[str, int]],
    buyers: Sequence[Person],
    until: date,
) -> list[str]:
    """One row of the interaction table."""
    kind = chance.choices([name for name, _ in kinds], [weight for _, weight in kinds])[0]
    channel = {
        "评论": "短视频",
        "观看直播": "直播间",
        "点赞": "短视频",
        "群互助": "粉丝群",
        "晒单": "朋友圈",
        "推荐": "粉丝群",
    }
    referred = chance.choice(buyers[250:]).buyer_id if kind == "推荐" else ""
    note = chance.choice(("枣很甜", "包装好看", "什么时候补货", "孩子爱吃")) if kind == "评论" else ""
    at = moment(chance, until, 330)
    return [person.buyer_id, person.nick, kind, stamp(at), "1", channel[kind], note, referred]


def make(out: Path, until: date, seed: int) -> None:
    """Write every sample."""
    out.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)
    buyers = people(chance, 400)
    epoch = int(datetime.combine(until, time(22), ZONE).timestamp())
    write_csv(out / f"{epoch}_抖店订单.csv", DOUDIAN, doudian(chance, buyers, until), "utf-8-sig")
    write_csv(out / "有赞订单.csv", YOUZAN, youzan(chance, buyers, until), "utf-8-sig")
    sheets = {
        "说明": [["快团团导出订单"], ["请勿修改表头"]],
        "订单列表": [KTT, *ktt(chance, buyers, until)],
        "商品列表": [["订单号", "商品", "规格", "数量", "收货人", "联系电话"]],
    }
    write_workbook(out / "快团团订单.xlsx", sheets)
    write_workbook(out / "微店订单.xlsx", {"excelReport": [WEIDIAN, *weidian(chance, buyers, until)]})
    orders = [
        "order_id",
        "buyer_id",
        "buyer_name",
        "buyer_phone",
        "paid_at",
        "amount",
        "refund_amount",
        "item",
        "quantity",
        "status",
    ]
    write_csv(out / "门店订单.csv", orders, till(chance, history(chance, buyers, until)), "gb18030")
    fan_header = ["fan_id", "name", "phone", "followed_at", "tags", "note", "consent"]
    write_csv(out / "粉丝名单.csv", fan_header, fans(chance, buyers, until), "utf-8-sig")
    touch_header = ["fan_id", "name", "kind", "at", "quantity", "channel", "note", "referred_id"]
    write_csv(out / "互动记录.csv", touch_header, touches(chance, buyers, until), "utf-8-sig")


def main() -> None:
    """Read the arguments and write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--until", type=date.fromisoformat, default=UNTIL)
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / "samples")
    parser.add_argument("--seed", type=int, default=20261120)
    args = parser.parse_args()
    make(args.out, args.until, args.seed)


if __name__ == "__main__":
    main()
