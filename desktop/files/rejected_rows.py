"""Refused rows as a workbook the owner can mend and bring in again. Cells are text, never formulas."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import xlsxwriter

LONGEST_CELL = 32_767
MOST_ROWS = 1_048_575


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write `path` whole or not at all. Raises OSError when the folder cannot be written."""
    data = _workbook(header, rows)
    temporary = path.with_name(path.name + ".part")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _workbook(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    out = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, {"in_memory": True, **plain})
    sheet = book.add_worksheet()
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 1, 48)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(chain([header], rows[:MOST_ROWS])):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell[:LONGEST_CELL])
    book.close()
    return out.getvalue()
