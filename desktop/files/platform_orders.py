"""Order exports of the platforms: what is peculiar to each of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from desktop.domain.identity import phone_key
from desktop.domain.imports import OrderLine, OrderRecord
from desktop.domain.order_merge import MINUTE_MS
from desktop.files.cells import MAX_NAME
from desktop.files.coupon_orders import LAIKE
from desktop.files.order_rows import (
    OrderRow,
    OrderShape,
    contradiction,
    record,
    set_people,
    start,
    summed,
)
from desktop.files.tables import Columns

_PIECES = re.compile(r"(.+?)[(（](\d{1,6})件[)）][;；,，、\s]*", re.DOTALL)
_PLUS = re.compile(r"^(.*?)\+(\d{1,6})$", re.DOTALL)
_LAST_BRACKETS = re.compile(r"^(.*)[(（]([^()（）]*)[)）]$", re.DOTALL)


def _parts(cell: str, count: int) -> list[str] | None:
    """A `;`-joined cell as `count` parts; None when it cannot be that many (a name may hold a `;`)."""
    parts = [part.strip("\t '`") for part in cell.replace("；", ";").split(";")]
    if len(parts) == count + 1 and not parts[-1]:
        parts.pop()
    return parts if len(parts) == count else None


# 抖店: one sub-order a row, or one order a row with its parts joined


def doudian(columns: Columns, row: Sequence[str], line: int) -> OrderRow:
    """A row with one sub-order, or with several joined by `;` and one amount for all."""
    found = start(columns, row, line, columns.needed_id(row, "order_id", line))
    joined = columns.text(row, "sub_order_id")
    subs = [part for part in (p.strip("\t '`") for p in joined.replace("；", ";").split(";")) if part]
    if not subs:
        raise columns.missing("sub_order_id")
    if len(subs) == 1:
        subs = [columns.needed_id(row, "sub_order_id", line)]
    set_people(columns, row, found)
    found.buyer = phone_key(found.buyer_phone) if found.buyer_phone else None
    quantity = columns.count(row, "quantity")
    names, specs, codes = (columns.text(row, name) for name in ("item", "spec", "item_code"))
    if len(subs) == 1:
        found.lines = [
            OrderLine(
                subs[0], names, specs, codes, quantity, found.amount, found.refund or 0, found.status_text
            )
        ]
        return found
    found.extra["is_joined"] = True
    split_names, split_specs = _parts(names, len(subs)), _parts(specs, len(subs))
    split_codes = _parts(codes, len(subs))
    each = 1 if quantity == len(subs) else None
    if each is None and quantity is not None:
        found.extra["total_quantity"] = quantity
    if split_names is None:
        found.extra["goods_unsplit"] = names
    found.lines = [
        OrderLine(
            sub,
            split_names[place] if split_names else "",
            split_specs[place] if split_specs else "",
            split_codes[place] if split_codes else "",
            each,
        )
        for place, sub in enumerate(subs)
    ]
    return found


def combine_doudian(rows: list[OrderRow]) -> OrderRecord:
    """Sub-order rows add up; a closed line of an order that lives on was refunded."""
    joined = [row for row in rows if row.extra.get("is_joined")]
    if joined and len(rows) > 1:
        raise contradiction(rows)
    if joined:
        return record("doudian", rows, rows[0].amount, rows[0].refund)
    subs = [row.lines[0].line_no for row in rows]
    if len(set(subs)) != len(subs):
        raise contradiction(rows)
    alive = any(row.status.order != "closed" for row in rows)
    for row in rows:
        if alive and row.status.order == "closed" and row.paid_at is not None:
            row.refund = row.amount
            row.lines = [replace(line, refund_cents=row.amount) for line in row.lines]
    paid, refund = summed(rows)
    return record("doudian", rows, paid, refund, is_partial=True)


# 有赞: one order a row, goods in one cell as `name(2件)`


def youzan(columns: Columns, row: Sequence[str], line: int) -> OrderRow:
    """One order; goods have no money of their own."""
    found = start(columns, row, line, columns.needed_id(row, "order_id", line))
    set_people(columns, row, found)
    found.buyer = phone_key(found.buyer_phone) if found.buyer_phone else None
    goods = columns.text(row, "item")
    pieces = _PIECES.findall(goods)
    if pieces and sum(len(match.group(0)) for match in _PIECES.finditer(goods)) == len(goods):
        found.lines = [OrderLine("", name.strip(), quantity=int(count) or None) for name, count in pieces]
    elif goods:
        found.lines = [OrderLine("", goods)]
    if len(found.lines) == 1:
        only = found.lines[0]
        found.lines = [OrderLine("", only.item, quantity=only.quantity, paid_cents=found.amount)]
    return found


def combine_single(platform: str, rows: list[OrderRow]) -> OrderRecord:
    """Sources with one row an order: two different rows contradict each other."""
    if len(rows) > 1:
        raise contradiction(rows)
    return record(platform, rows, rows[0].amount, rows[0].refund)


# 快团团: one order a row; the number is unique only inside one group purchase


def ktt(columns: Columns, row: Sequence[str], line: int) -> OrderRow:
    """One order. Without an order number, number + minute of payment + buyer name it.

    That holds when the owner exports the same group purchase again under another file name.
    """
    group_no = columns.needed_id(row, "group_no", line)
    order_id = columns.id(row, "order_id", line)
    found = start(columns, row, line, order_id or group_no, "" if order_id else "group_no")
    if not order_id:
        minute = (found.paid_at or found.created_at or 0) // MINUTE_MS
        found.order_no = f"{group_no}@{minute}@{columns.name(row, 'buyer_name')}"
    found.extra["group_no"] = group_no
    set_people(columns, row, found)
    found.buyer = phone_key(found.buyer_phone) if found.buyer_phone else None
    goods = columns.text(row, "item")
    found.lines = _ktt_lines(goods, columns.text(row, "quantity"))
    custom = {header: text for header, text in columns.unmapped(row).items() if len(text) <= MAX_NAME}
    if custom:
        found.extra["custom"] = custom
    return found


def _ktt_lines(goods: str, quantity: str) -> list[OrderLine]:
    parts = [part.strip() for part in re.split(r"[\r\n;；]+", goods) if part.strip()]
    matches = [_PLUS.match(part) for part in parts]
    if parts and all(matches):
        return [
            OrderLine("", match.group(1).strip(), quantity=int(match.group(2)) or None)
            for match in matches
            if match
        ]
    if not goods:
        return []
    return [
        OrderLine("", goods, quantity=int(quantity) if quantity.isdecimal() and int(quantity) else None)
    ]


# 微店: one row an order with joined goods, or one row a kind of goods


def weidian(columns: Columns, row: Sequence[str], line: int) -> OrderRow:
    """A row of either kind; who the buyer is stands in the account that ordered."""
    found = start(columns, row, line, columns.needed_id(row, "order_id", line))
    set_people(columns, row, found)
    found.buyer = phone_key(found.buyer_phone) if found.buyer_phone else None
    form = columns.text(row, "form")
    if form:
        found.extra["form"] = _form(form)
    ids = [part for part in columns.text(row, "item_id").split(";") if part.strip()]
    names, specs, counts = (columns.text(row, name) for name in ("item", "spec", "quantity"))
    if len(ids) <= 1:
        found.lines = [_weidian_line(names, specs, columns.count(row, "quantity"), ids[0] if ids else "")]
        found.unit_price = columns.cents(row, "unit_price")
        if found.unit_price is not None and found.lines[0].quantity:
            found.unit_price *= found.lines[0].quantity
        return found
    found.extra["is_joined"] = True
    split_names, split_specs, split_counts = (_parts(cell, len(ids)) for cell in (names, specs, counts))
    if split_names is None:
        found.extra["goods_unsplit"] = names
    for place, item_id in enumerate(ids):
        said = split_counts[place] if split_counts else ""
        count = int(said) if said.isdecimal() and int(said) else None
        found.lines.append(
            _weidian_line(
                split_names[place] if split_names else "",
                split_specs[place] if split_specs else "",
                count,
                item_id.strip("\t '`"),
            )
        )
    return found


def _weidian_line(name: str, spec: str, count: int | None, item_id: str) -> OrderLine:
    """`name(model)(2)`: the last brackets are the quantity, those before it the model."""
    outer = _LAST_BRACKETS.match(name)
    if outer and outer.group(2).isdecimal():
        count = count or int(outer.group(2)) or None
        name = outer.group(1).strip()
        inner = _LAST_BRACKETS.match(name)
        if inner and not spec:
            name, spec = inner.group(1).strip(), inner.group(2).strip()
    return OrderLine("", name, spec, item_id, count)


def _form(text: str) -> dict[str, str]:
    """`question:answer;question:answer`, each cut at its first colon only."""
    answers: dict[str, str] = {}
    for part in text.replace("；", ";").split(";"):
        question, _, answer = part.replace("：", ":", 1).partition(":")
        if question.strip():
            answers[question.strip()] = answer.strip()
    return answers


def combine_weidian(rows: list[OrderRow]) -> OrderRecord:
    """Item rows of one order carry either their own amount or the order's, repeated.

    Equal amounts are the order's unless the goods' prices show otherwise; different ones add up.
    """
    if len(rows) > 1 and any(row.extra.get("is_joined") for row in rows):
        raise contradiction(rows)
    if len({row.paid_at for row in rows}) > 1:
        raise contradiction(rows)
    amounts = [row.amount for row in rows]
    if len(rows) == 1 or not _is_repeated(rows):
        for row in rows:
            if len(row.lines) == 1:
                row.lines = [replace(row.lines[0], paid_cents=row.amount, refund_cents=row.refund or 0)]
        paid, refund = summed(rows)
        return record("weidian", rows, paid, refund)
    return record("weidian", rows, amounts[0], rows[0].refund)


def _is_repeated(rows: list[OrderRow]) -> bool:
    amount = rows[0].amount
    if any(row.amount != amount for row in rows):
        return False
    prices = [row.unit_price for row in rows]
    if any(price is None for price in prices):
        return True
    goods = sum(price or 0 for price in prices)
    return abs(goods - amount) <= abs(goods - amount * len(rows))


# 群接龙: one row an order with its goods in one cell, or one row a kind of goods and the order's sum on each


def qunjielong(columns: Columns, row: Sequence[str], line: int) -> OrderRow:
    """A row of either kind. The number counts within one chain only: minute and buyer name the order too."""
    group_no = columns.needed_id(row, "group_no", line)
    found = start(columns, row, line, group_no, "群接龙")
    minute = (found.paid_at or found.created_at or 0) // MINUTE_MS
    found.order_no = (
        f"{group_no}@{minute}@{columns.name(row, 'buyer_name') or columns.name(row, 'receiver')}"
    )
    found.extra["group_no"] = group_no
    set_people(columns, row, found)
    found.buyer = phone_key(found.buyer_phone) if found.buyer_phone else None
    whole = columns.text(row, "goods")
    if whole:
        found.lines = [_times(part.strip()) for part in whole.splitlines() if part.strip()]
    elif columns.text(row, "item"):
        line_of = OrderLine(
            "",
            columns.text(row, "item"),
            columns.text(row, "spec"),
            columns.text(row, "item_code"),
            columns.count(row, "quantity"),
            columns.cents(row, "unit_price"),
        )
        found.lines = [line_of]
    return found


def _times(part: str) -> OrderLine:
    """`goods*2`."""
    name, _, count = part.rpartition("*")
    is_counted = bool(name) and count.strip().isdecimal()
    return OrderLine("", name.strip(), quantity=int(count) or None) if is_counted else OrderLine("", part)


def combine_qunjielong(rows: list[OrderRow]) -> OrderRecord:
    """Goods rows of one order repeat its sum, which counts once."""
    if len({(row.amount, row.refund, row.paid_at) for row in rows}) > 1:
        raise contradiction(rows)
    return record("file", rows, rows[0].amount, rows[0].refund)


def _single(platform: str) -> OrderShape:
    parse = {"youzan": youzan, "ktt": ktt}[platform]
    return OrderShape(platform, parse, lambda rows: combine_single(platform, rows))


SHAPES = {
    "doudian_orders": OrderShape("doudian", doudian, combine_doudian),
    "youzan_orders": _single("youzan"),
    "ktt_orders": _single("ktt"),
    "weidian_orders": OrderShape("weidian", weidian, combine_weidian),
    "qunjielong_orders": OrderShape("file", qunjielong, combine_qunjielong),
    "laike_sales": LAIKE,
}
