"""Fans as a workbook or CSV: text stays text, nothing an office program would run."""

from __future__ import annotations

import csv
import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from desktop.domain.clock import local
from desktop.domain.errors import DiskFullError, InvalidInputError, StoreReadOnlyError
from desktop.domain.fans import FanRow

Cell = str | int | float
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

COLUMNS: Mapping[str, Callable[[FanRow, str], Cell]] = {
    "name": lambda row, zone: row.name,
    "tier": lambda row, zone: row.tier.value,
    "phone": lambda row, zone: row.phone_masked,
    "tags": lambda row, zone: "、".join(tag.name for tag in row.tags),
    "external_ids": lambda row, zone: "、".join(i.external_id for i in row.identities),
    "orders": lambda row, zone: row.orders,
    "spend": lambda row, zone: row.spend_cents / 100,
    "refund": lambda row, zone: row.refund_cents / 100,
    "first_order": lambda row, zone: moment(row.first_order_at, zone),
    "last_order": lambda row, zone: moment(row.last_order_at, zone),
    "interactions": lambda row, zone: row.interactions,
    "last_touch": lambda row, zone: moment(row.last_touch_at, zone),
    "note": lambda row, zone: row.note,
    "uid": lambda row, zone: row.uid,
}


def moment(ms: int | None, zone: str) -> str:
    """A time in the shop's zone as text, '' when there is none."""
    return "" if ms is None else local(ms, zone).strftime("%Y-%m-%d %H:%M:%S")


def inert(text: str) -> str:
    """Text that no office program takes for a formula: an apostrophe before a sign that starts one."""
    return f"'{text}" if text.lstrip().startswith(DANGEROUS) or text.startswith(DANGEROUS) else text


def write_table(
    target: Path,
    rows: Sequence[FanRow],
    headers: Mapping[str, str],
    phones: Mapping[int, str] | None,
    zone: str,
) -> None:
    """Write to a name beside the target and give it its name when whole.

    Raises InvalidInputError('export_column') for an unknown column, StoreReadOnlyError where the
    folder cannot be written, DiskFullError.
    """
    unknown = [key for key in headers if key not in COLUMNS]
    if unknown:
        raise InvalidInputError("export_column", columns=unknown)
    table = [[_cell(row, key, phones, zone) for key in headers] for row in rows]
    temporary = target.with_name(f".{target.name}.part")
    try:
        if target.suffix.lower() == ".xlsx":
            _write_xlsx(temporary, list(headers.values()), table)
        else:
            _write_csv(temporary, list(headers.values()), table)
        os.replace(temporary, target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno == 28:  # ENOSPC
            raise DiskFullError from error
        raise StoreReadOnlyError(path=str(target)) from error


def _cell(row: FanRow, key: str, phones: Mapping[int, str] | None, zone: str) -> Cell:
    if key == "phone" and phones is not None:
        return phones.get(row.fan_id, "")
    return COLUMNS[key](row, zone)


def _write_xlsx(target: Path, headers: Sequence[str], table: Sequence[Sequence[Cell]]) -> None:
    xlsxwriter = importlib.import_module("xlsxwriter")  # late: the start should not pay for it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with target.open("wb") as handle, xlsxwriter.Workbook(handle, options) as book:
        sheet = book.add_worksheet()
        as_text = book.add_format({"num_format": "@"})
        for column, title in enumerate(headers):
            sheet.write_string(0, column, title)
        for line, cells in enumerate(table, 1):
            for column, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(line, column, cell[:32_767], as_text)
                else:
                    sheet.write_number(line, column, cell)


def _write_csv(target: Path, headers: Sequence[str], table: Sequence[Sequence[Cell]]) -> None:
    with target.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow([inert(title) for title in headers])
        for cells in table:
            writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in cells])
