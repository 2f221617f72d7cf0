"""Fans as a workbook or CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from desktop.domain.clock import local
from desktop.domain.errors import InvalidInputError
from desktop.domain.fans import FanRow
from desktop.services.table_files import Cell, write_cells

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


def write_table(
    target: Path,
    rows: Iterable[FanRow],
    headers: Mapping[str, str],
    phone_of: Callable[[int], str] | None,
    zone: str,
) -> None:
    """Write to a name beside the target and give it its name when whole.

    Raises InvalidInputError('export_column') for an unknown column, StoreReadOnlyError where the
    folder cannot be written, DiskFullError.
    """
    unknown = [key for key in headers if key not in COLUMNS]
    if unknown:
        raise InvalidInputError("export_column", columns=unknown)
    table = ([_cell(row, key, phone_of, zone) for key in headers] for row in rows)
    write_cells(target, list(headers.values()), table)


def _cell(row: FanRow, key: str, phone_of: Callable[[int], str] | None, zone: str) -> Cell:
    if key == "phone" and phone_of is not None:
        return phone_of(row.fan_id)
    return COLUMNS[key](row, zone)
