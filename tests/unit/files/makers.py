"""Files as platforms and owners make them, built for tests. No real person's data."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from desktop.domain.imports import ReadFile
from desktop.domain.tasks import CancelToken, no_progress
from desktop.files.choice import choose
from desktop.files.opening import open_file
from desktop.files.reading import goods_sheet, read, tables_of

ZONE = ZoneInfo("Asia/Shanghai")
DOUDIAN = [
    "主订单编号",
    "子订单编号",
    "选购商品",
    "商品规格",
    "商品数量",
    "商家编码",
    "订单应付金额",
    "收件人",
    "收件人手机号",
    "详细地址",
    "买家留言",
    "订单提交时间",
    "支付完成时间",
    "订单完成时间",
    "订单状态",
    "售后状态",
    "取消原因",
    "流量体裁",
    "达人ID",
]
YOUZAN = [
    "订单号",
    "归属店铺",
    "订单状态",
    "订单创建时间",
    "买家付款时间",
    "交易成功时间",
    "订单实付金额",
    "订单实收金额",
    "全部商品名称",
    "收货人/提货人",
    "收货人手机号/提货人手机号",
    "买家备注",
    "买家昵称",
    "买家手机号",
    "分销员",
    "订单退款状态",
    "订单已退款金额",
    "分销员",
]


def csv_bytes(
    header: Sequence[str], rows: Sequence[Sequence[str]], encoding: str = "utf-8-sig", delimiter: str = ","
) -> bytes:
    """A CSV with CRLF, as the platforms write it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_bytes(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """A workbook; text cells stay text, numbers are numbers."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                elif cell is not None:
                    sheet.write(number, column, cell)
    book.close()
    return out.getvalue()


def zip_bytes(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def doudian(**cells: str) -> list[str]:
    """One row of a 抖店 export; ids and texts wrapped in a tab, as the platform does."""
    row = {
        "主订单编号": "\t6920735594112345678", "子订单编号": "\t6920735594112345678",
        "选购商品": "\t新疆红枣500g-(HZ500)", "商品规格": "\t500g", "商品数量": "1", "商家编码": "\tHZ500",
        "订单应付金额": "28.90", "收件人": "##abcDEF==", "收件人手机号": "$$xyz123==", "详细地址": "##addr",
        "订单提交时间": "2026-09-22 00:54:10", "支付完成时间": "2026-09-22 00:54:30", "订单完成时间": "-",
        "订单状态": "已发货", "售后状态": "-", "流量体裁": "数据将于第二天更新",
        "达人ID": "\t7012345678901234567",
        **cells,
    }  # fmt: skip
    return [row.get(name, "") for name in DOUDIAN]


def youzan(**cells: str) -> list[str]:
    row = {
        "订单号": "E20260922005410012300001", "归属店铺": "小满零食", "订单状态": "交易完成",
        "订单创建时间": "2026-09-22 00:54:10", "买家付款时间": "2026-09-22 00:55:00", "交易成功时间": "——",
        "订单实付金额": "56.00", "订单实收金额": "55.00", "全部商品名称": "红枣(1件)核桃(盒装)(2件)",
        "收货人/提货人": "张*", "收货人手机号/提货人手机号": "186******05", "买家昵称": "小满",
        "买家手机号": "18600000005", "订单退款状态": "——", "订单已退款金额": "——",
        **cells,
    }  # fmt: skip
    filled = [row.get(name, "") for name in YOUZAN]
    filled[14], filled[17] = "第一位", "第二位"
    return filled


def read_path(
    path: Path, source: str = "auto", mapping: Mapping[str, str] | None = None, password: str | None = None
) -> ReadFile:
    """Open, choose, read: what the service does before it compares."""
    tables = tables_of(open_file(path, password))
    choice = choose(tables, source, mapping, lambda _: None)
    goods = goods_sheet(choice.profile, tables)
    return read(choice.tables, choice.profile, ZONE, no_progress, CancelToken(), goods)


def read_bytes(
    folder: Path,
    data: bytes,
    name: str = "file.csv",
    source: str = "auto",
    mapping: Mapping[str, str] | None = None,
    password: str | None = None,
) -> ReadFile:
    path = folder / name
    path.write_bytes(data)
    return read_path(path, source, mapping, password)
