import io
from pathlib import Path

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from desktop.domain.errors import ImportFileError
from desktop.domain.identity import IdentityKey
from desktop.domain.imports import FanRecord, InteractionRecord, OrderRecord, ReadFile
from desktop.files.sources import detect, profiles, suggest
from tests.unit.files.makers import (
    DOUDIAN,
    YOUZAN,
    csv_bytes,
    doudian,
    read_bytes,
    xlsx_bytes,
    youzan,
    zip_bytes,
)

GENERIC = ["order_id", "buyer_id", "paid_at", "amount", "item", "status"]
KTT = [
    "跟团号",
    "下单人",
    "团员备注",
    "支付时间",
    "团长备注",
    "商品",
    "订单金额",
    "退款金额",
    "订单状态",
    "自提点",
    "收货人",
    "联系电话",
    "详细地址",
    "楼号（如10）",
]


def orders(found: ReadFile) -> list[OrderRecord]:
    assert all(isinstance(record, OrderRecord) for record in found.records)
    return [record for record in found.records if isinstance(record, OrderRecord)]


def reasons(found: ReadFile) -> list[tuple[int, str]]:
    return [(one.row, one.code) for one in found.rejections]


def test_doudian_sub_orders(tmp_path: Path) -> None:
    found = read_bytes(
        tmp_path,
        csv_bytes(
            DOUDIAN,
            [
                doudian(收件人="林小满", 收件人手机号="\t13800000000"),
                doudian(
                    主订单编号="\t6920735594112345679",
                    子订单编号="\t6920735594112345680",
                    订单应付金额="10.00",
                ),
                doudian(
                    主订单编号="\t6920735594112345679",
                    子订单编号="\t6920735594112345681",
                    订单应付金额="20.00",
                    售后状态="退款成功",
                    选购商品="核桃",
                ),
                doudian(
                    主订单编号="\t6920735594112345682",
                    子订单编号="\t6920735594112345682",
                    订单状态="已关闭",
                    取消原因="不想要了",
                    支付完成时间="-",
                ),
                ["合计"] + [""] * (len(DOUDIAN) - 1),
            ],
        ),
        "1791430000_订单.csv",
    )
    first, second, third = orders(found)
    assert reasons(found) == []
    assert found.notes["total_row"] == 1
    assert (first.order_no, first.paid_cents, first.status) == ("6920735594112345678", 2890, "shipped")
    assert first.buyer == IdentityKey("phone", "", "13800000000")
    assert first.buyer_name == "林小满"
    assert first.extra["promoter_id"] == "7012345678901234567"
    assert "traffic_kind" not in first.extra
    assert first.lines[0].item == "新疆红枣500g-(HZ500)"
    assert second.buyer is None
    assert second.receiver["phone_kind"] == "cipher"
    assert (second.paid_cents, second.refund_cents, second.refund_status) == (3000, 2000, "refunded")
    assert [line.line_no for line in second.lines] == ["6920735594112345680", "6920735594112345681"]
    assert (third.status, third.paid_at) == ("closed", None)


@pytest.mark.parametrize(("quantity", "each"), [("2", 1), ("3", None)])
def test_doudian_main_orders(tmp_path: Path, quantity: str, each: int | None) -> None:
    row = doudian(
        子订单编号="\t6920735594112345678;6920735594112345679",
        选购商品="红枣;核桃",
        商品数量=quantity,
        商家编码="A;B",
        商品规格="大;小",
    )
    [order] = orders(read_bytes(tmp_path, csv_bytes(DOUDIAN, [row])))
    assert order.paid_cents == 2890
    assert [(line.item, line.quantity, line.paid_cents) for line in order.lines] == [
        ("红枣", each, None),
        ("核桃", each, None),
    ]


def test_a_name_with_the_separator_is_not_cut_wrongly(tmp_path: Path) -> None:
    row = doudian(子订单编号="1001;1002", 选购商品="红枣;大;核桃", 商品数量="2")
    [order] = orders(read_bytes(tmp_path, csv_bytes(DOUDIAN, [row])))
    assert [line.item for line in order.lines] == ["", ""]
    assert order.extra["goods_unsplit"] == "红枣;大;核桃"


def test_doudian_saved_again_by_a_spreadsheet_is_refused(tmp_path: Path) -> None:
    damaged = doudian(主订单编号="6.92074E+18", 子订单编号="6.92074E+18", 订单提交时间="2026/9/22 0:54")
    with pytest.raises(ImportFileError) as told:
        read_bytes(tmp_path, csv_bytes(DOUDIAN, [damaged], "gb18030"))
    assert told.value.code == "import_damaged_ids"
    assert told.value.params["column"] == "主订单编号"


def test_ids_rounded_to_zeros_are_refused(tmp_path: Path) -> None:
    rows = [
        doudian(主订单编号=f"69207355941123{n}0000", 子订单编号=f"69207355941123{n}0000") for n in "123"
    ]
    with pytest.raises(ImportFileError, match="import_rounded_ids"):
        read_bytes(tmp_path, csv_bytes(DOUDIAN, rows))


def test_numbers_with_too_many_digits_in_a_workbook_are_refused(tmp_path: Path) -> None:
    rows = [GENERIC, [6931234567890123456, "b1", "2026-01-01", 10]]
    with pytest.raises(ImportFileError, match="import_damaged_ids"):
        read_bytes(tmp_path, xlsx_bytes({"表": rows}), "a.xlsx")
    rows[1][0] = "6931234567890123456"
    [order] = orders(read_bytes(tmp_path, xlsx_bytes({"表": rows}), "a.xlsx"))
    assert (order.order_no, order.paid_cents) == ("6931234567890123456", 1000)


def test_youzan(tmp_path: Path) -> None:
    found = read_bytes(
        tmp_path,
        csv_bytes(
            YOUZAN,
            [
                youzan(),
                youzan(订单号="E2", 买家手机号="186******05", 订单退款状态="退款成功"),
                youzan(订单号="E3", 订单状态="神秘状态", 订单已退款金额="6.00"),
            ],
        ),
    )
    first, second, third = orders(found)
    assert first.buyer == IdentityKey("phone", "", "18600000005")
    assert (first.buyer_name, first.status, first.paid_cents) == ("小满", "done", 5600)
    assert first.extra["promoter"] == "第一位"
    assert [(line.item, line.quantity) for line in first.lines] == [("红枣", 1), ("核桃(盒装)", 2)]
    assert second.buyer is None
    assert (second.status, second.refund_status, second.refund_cents) == ("done", "refunded", 5600)
    assert (third.status, third.status_text, third.refund_cents) == ("unknown", "神秘状态", 600)
    assert found.unknown_words == {"神秘状态": 1}


@pytest.mark.parametrize(
    ("name", "phone", "paid", "quantity"),
    [
        ("收件人姓名", "收件人手机", "付款时间", "购买数量"),
        ("收件人/提货人姓名", "收件人/提货人手机号", "支付时间", "商品件数"),
        ("收货人/提货人姓名", "收货人/提货人手机号", "支付时间", "商品件数"),
    ],
)
def test_weidian_generations(tmp_path: Path, name: str, phone: str, paid: str, quantity: str) -> None:
    header = [
        "订单编号",
        "订单状态",
        paid,
        "商品名称",
        "商品ID",
        quantity,
        "实付金额",
        "退款状态",
        "退款金额",
        name,
        phone,
        "下单账号",
        "下单微信",
        "下单模板信息",
        "备注",
    ]
    rows = [
        header,
        [
            "810210048490001",
            "已完成",
            "2020-05-07 16:08:47",
            "红枣(大(红)袋)(2);核桃(1)",
            "11;12",
            "2;1",
            "88.00",
            "",
            "",
            "张三",
            "13900000001",
            "13800000001",
            "小满",
            "学校:一中:东区;年级:三",
            "先发",
        ],
    ]
    [order] = orders(read_bytes(tmp_path, xlsx_bytes({"excelReport": rows}), "a.xls"))
    assert order.buyer == IdentityKey("phone", "", "13800000001")
    assert (order.order_no, order.paid_cents, order.buyer_name) == ("810210048490001", 8800, "小满")
    assert [(line.item, line.spec, line.quantity) for line in order.lines] == [
        ("红枣(大(红)袋)", "", 2),
        ("核桃", "", 1),
    ]
    assert order.extra["form"] == {"学校": "一中:东区", "年级": "三"}


def weidian_items(prices: list[str], paid: list[str]) -> list[list[str]]:
    header = [
        "订单编号",
        "下单账号",
        "订单状态",
        "支付时间",
        "商品名称",
        "商品ID",
        "商品件数",
        "单品折扣后价格",
        "实付金额",
        "收件人手机",
    ]
    rows = [
        ["81", "13800000001", "已完成", "2020-07-01 10:00:00", f"货{n}", str(n), "1", price, amount, ""]
        for n, (price, amount) in enumerate(zip(prices, paid, strict=True))
    ]
    return [header, *rows]


@pytest.mark.parametrize(
    ("prices", "paid", "total"),
    [
        (["10", "20"], ["30", "30"], 3000),
        (["15", "15"], ["15", "15"], 3000),
        (["10", "20"], ["9", "18"], 2700),
    ],
)
def test_weidian_item_rows(tmp_path: Path, prices: list[str], paid: list[str], total: int) -> None:
    [order] = orders(
        read_bytes(tmp_path, xlsx_bytes({"excelReport": weidian_items(prices, paid)}), "a.xlsx")
    )
    assert order.paid_cents == total
    assert len(order.lines) == 2


def ktt(no: str, name: str, **cells: str) -> list[str]:
    row = {
        "跟团号": no,
        "下单人": name,
        "支付时间": "2026-03-01 10:00:05",
        "商品": "红枣 500g+2\n核桃+1",
        "订单金额": "66.00",
        "订单状态": "已完成",
        "收货人": "张*",
        "联系电话": "13700000001",
        "楼号（如10）": "8",
        **cells,
    }
    return [row.get(header, "") for header in KTT]


def test_ktt_with_three_sheets_password_and_a_header_in_the_middle(tmp_path: Path) -> None:
    sheets = {
        "说明": [["导出说明"], ["请勿修改"]],
        "订单列表": [KTT, ktt("1", "小满"), KTT, ktt("2", "阿强", 联系电话="137****0002", 退款金额="6")],
        "商品列表": [["订单号", "商品", "规格", "数量", "收货人", "联系电话"]],
    }
    plain = xlsx_bytes(sheets)
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(plain)).encrypt("1234", out)
    found = read_bytes(tmp_path, out.getvalue(), "团.xlsx", password="1234")
    first, second = orders(found)
    assert found.notes["header_again"] == 1
    assert [(line.item, line.quantity) for line in first.lines] == [("红枣 500g", 2), ("核桃", 1)]
    assert first.extra["custom"] == {"楼号(如10)": "8"}
    assert first.buyer == IdentityKey("phone", "", "13700000001")
    assert second.buyer is None
    assert second.refund_cents == 600
    again = read_bytes(tmp_path, plain, "改了名字.xlsx")
    assert [order.order_no for order in orders(again)] == [first.order_no, second.order_no]


def test_ktt_goods_from_their_own_sheet(tmp_path: Path) -> None:
    header = [*KTT, "订单号"]
    sheets = {
        "商品列表": [
            ["订单号", "商品", "规格", "数量"],
            ["T1", "红枣", "500g", "2"],
            ["T1", "核桃", "", "1"],
        ],
        "订单列表": [header, [*ktt("1", "小满", 商品="略"), "T1"]],
    }
    [order] = orders(read_bytes(tmp_path, xlsx_bytes(sheets), "a.xlsx"))
    assert (order.scope, order.order_no) == ("", "T1")
    assert [(line.item, line.spec, line.quantity) for line in order.lines] == [
        ("红枣", "500g", 2),
        ("核桃", "", 1),
    ]


def test_generic_rows(tmp_path: Path) -> None:
    rows = [
        ["A1", "b1", "2026-01-01 10:00:00", "10", "红枣", "已完成"],
        ["A1", "b1", "2026-01-01 10:00:00", "5", "核桃", "已完成"],
        ["A1", "b1", "2026-01-01 10:00:00", "5", "核桃", "已完成"],
        ["A2", "b1", "2026-01-02", "10", "红枣", ""],
        ["A2", "b2", "2026-01-02", "10", "核桃", ""],
        ["A3", "b1", "2026-01-02", "-10", "", ""],
        ["A4", "b1", "", "10", "", ""],
        ["A5", "b1", "", "10", "", "待付款"],
        ["A6", "b1", "2026-01-03", "10", "x", ""],
        ["A6", "b1", "2026-01-03", "ten", "y", ""],
        ["", "b1", "2026-01-03", "10", "y", ""],
        ["A7", "138****0000", "2026-01-03", "10", "", ""],
    ]
    found = read_bytes(tmp_path, csv_bytes(["标题"], []) + csv_bytes(GENERIC, rows, "utf-8"))
    assert {o.order_no: (o.paid_cents, o.status) for o in orders(found)} == {
        "A1": (1500, "done"),
        "A5": (1000, "unpaid"),
        "A7": (1000, "unknown"),
    }
    assert found.repeated == 1
    assert reasons(found) == [
        (6, "contradiction"),
        (7, "contradiction"),
        (8, "negative"),
        (9, "missing"),
        (11, "other_row_refused"),
        (12, "bad_money"),
        (13, "missing"),
    ]
    assert found.rejections[0].params["rows"] == "6, 7"
    assert orders(found)[2].buyer is None


def test_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError) as told:
        read_bytes(
            tmp_path, csv_bytes(["order_id", "amount", "名"], [["1", "2", "3"]]), source="generic_orders"
        )
    assert told.value.code == "import_missing_columns"
    assert told.value.params["columns"] == "buyer_id, paid_at"
    assert "order_id, amount, 名" in str(told.value.params["found"])


def test_any_table_by_mapping(tmp_path: Path) -> None:
    data = csv_bytes(
        ["流水", "会员", "日子", "钱", "钱"], [["1", "u1", "2026/1/1 9:00", "¥1,234.50", "1"]], "gb18030"
    )
    mapping = {"order_id": "流水", "buyer_id": "会员", "paid_at": "日子", "amount": "钱"}
    [order] = orders(read_bytes(tmp_path, data, mapping=mapping))
    assert order.paid_cents == 123450
    assert order.buyer == IdentityKey("file", "", "u1")
    with pytest.raises(ImportFileError, match="import_source_unclear"):
        read_bytes(tmp_path, data)
    with pytest.raises(ImportFileError, match="import_unknown_header"):
        read_bytes(tmp_path, data, mapping={**mapping, "amount": "没有"})
    with pytest.raises(ImportFileError, match="import_unknown_field"):
        read_bytes(tmp_path, data, source="generic_orders", mapping={**mapping, "x": "钱"})


def test_recognised_but_not_read(tmp_path: Path) -> None:
    header = ["结算时间", "订单号", "子订单号", "结算金额", "结算单类型"]
    with pytest.raises(ImportFileError) as told:
        read_bytes(tmp_path, csv_bytes(header, [["说明"], ["2026-01-01", "'1", "'1", "-5", "x"]]))
    assert told.value.code == "import_kind_not_read"
    assert told.value.params["kind"] == "抖店结算单"


def test_zip_of_two_months(tmp_path: Path) -> None:
    members = {
        "1.csv": csv_bytes(DOUDIAN, [doudian()]),
        "2.csv": csv_bytes(DOUDIAN, [doudian(主订单编号="2001", 子订单编号="2001")], "gb18030"),
        "读我.txt": "不是表格".encode(),
    }
    assert len(orders(read_bytes(tmp_path, zip_bytes(members), "a.zip"))) == 2


def test_people(tmp_path: Path) -> None:
    header = ["fan_id", "name", "phone", "followed_at", "tags", "note", "consent"]
    found = read_bytes(
        tmp_path,
        csv_bytes(
            header,
            [
                ["u1", "<b>满</b>", "13800000000", "2026-01-01", "老客,爱枣", "=1+1", "同意"],
                ["u1", "", "", "", "团购", "", ""],
                ["", "阿强", "13800000001", "", "", "", "否"],
                ["", "阿珍", "138****0002", "", "", "", ""],
                ["u2", "甲", "", "", "", "", ""],
                ["u2", "乙", "", "", "", "", ""],
                ["u3", "丙", "", "", "", "", "大概"],
            ],
        ),
    )
    fans = [record for record in found.records if isinstance(record, FanRecord)]
    assert [(f.key.platform, f.key.external_id, f.name, f.tags, f.consent) for f in fans] == [
        ("file", "u1", "<b>满</b>", ("老客", "爱枣", "团购"), "agreed"),
        ("phone", "13800000001", "阿强", (), "refused"),
    ]
    assert reasons(found) == [
        (5, "hidden_person"),
        (6, "contradiction_fan"),
        (7, "contradiction_fan"),
        (8, "unknown_word"),
    ]


def test_a_long_id_is_one_where_its_platform_stands_beside_it(tmp_path: Path) -> None:
    told = "wmAFWmJRQKa0KYkQvZr3Q4nh9xsDLk12"
    rows = [[told, "企微", "甲"], [told, "", "乙"], ["wm****12", "wecom", "丙"]]
    found = read_bytes(tmp_path, csv_bytes(["fan_id", "platform", "name"], rows), source="generic_fans")
    (fan,) = [record for record in found.records if isinstance(record, FanRecord)]
    assert (fan.key.platform, fan.key.external_id) == ("wecom", told)
    assert reasons(found) == [(3, "hidden_person"), (4, "hidden_person")]


def test_touches(tmp_path: Path) -> None:
    header = ["fan_id", "kind", "at", "quantity", "referred_id", "note"]
    rows = [
        ["u1", "评论", "2026-01-01 10:00", "2", "", "好吃"],
        ["u1", "评论", "2026-01-01 10:00", "2", "", "好吃"],
        ["u1", "referral", "2026-01-02", "", "u9", ""],
        ["u1", "跳舞", "2026-01-02", "", "", ""],
    ]
    found = read_bytes(tmp_path, csv_bytes(header, rows))
    told = [record for record in found.records if isinstance(record, InteractionRecord)]
    assert [(t.kind, t.quantity, t.referred) for t in told] == [
        ("comment", 2, None),
        ("referral", 1, IdentityKey("file", "", "u9")),
    ]
    assert (found.repeated, reasons(found)) == (1, [(5, "unknown_word")])


def test_suggestions_never_take_the_sender() -> None:
    profile = profiles()["generic_orders"]
    headers = ["系统订单号", "会员卡号", "寄件人手机号", "客户手机号码", "付款时间(北京)", "实付金额（元）"]
    mapping = suggest(profile, headers, loosely=True)
    assert mapping["order_id"] == "系统订单号"
    assert mapping["buyer_phone"] == "客户手机号码"
    assert mapping["amount"] == "实付金额（元）"
    assert "寄件人手机号" not in mapping.values()


def test_detection_says_which_rule_fired() -> None:
    told = detect(DOUDIAN)
    assert told is not None
    assert (told.source, told.because) == ("doudian_orders", ("主订单编号", "子订单编号", "选购商品"))
    assert detect(["a", "b", "c"]) is None


@pytest.mark.parametrize("name", ["header only", "blank"])
def test_tables_without_rows(tmp_path: Path, name: str) -> None:
    data = csv_bytes(GENERIC, [] if name == "header only" else [[""] * 6])
    found = read_bytes(tmp_path, data)
    assert (found.records, found.rejections, found.rows) == ((), (), 0)


def test_a_hundred_thousand_rows(tmp_path: Path) -> None:
    rows = [
        [f"A{n}", f"b{n % 5000}", "2026-01-01 10:00:00", f"{n % 90}.50", "红枣", "已完成"]
        for n in range(100_000)
    ]
    found = read_bytes(tmp_path, csv_bytes(GENERIC, rows))
    assert (found.rows, len(found.records)) == (100_000, 100_000)
