"""Rows as a workbook or CSV: text stays text, nothing an office program would run."""

from __future__ import annotations

import csv
import importlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop.domain.errors import DiskFullError, StoreReadOnlyError

Cell = str | int | float
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook."""

    name: str
    headers: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def place_of(target: Path) -> str:
    """Where a file written for the owner lies, as the log keeps it: to be found from any folder later."""
    return str(target.absolute())


def inert(text: str) -> str:
    """Text that no office program takes for a formula: an apostrophe before a sign that starts one."""
    return f"'{text}" if text.lstrip().startswith(DANGEROUS) or text.startswith(DANGEROUS) else text


def write_cells(target: Path, headers: Sequence[str], table: Iterable[Sequence[Cell]]) -> None:
    """Write to a name beside the target and give it its name when whole: a workbook for .xlsx, else CSV.

    Raises StoreReadOnlyError where the folder cannot be written, DiskFullError.
    """
    if target.suffix.lower() == ".xlsx":
        write_sheets(target, [Sheet("", headers, table)])
    else:
        _whole(target, lambda beside: _write_csv(beside, headers, table))


def write_sheets(target: Path, sheets: Iterable[Sheet]) -> None:
    """A workbook of several sheets; a sheet named '' gets the name an office program gives. As write_cells."""
    _whole(target, lambda beside: _write_xlsx(beside, sheets))


def _whole(target: Path, write: Callable[[Path], None]) -> None:
    temporary = target.with_name(f".{target.name}.part")
    try:
        write(temporary)
        os.replace(temporary, target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise _told(error, target) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def written_beside(target: Path, content: bytes) -> Path:
    """Write bytes to a name beside the target and bring them to the disk; `name_it` then gives them their name.

    Raises StoreReadOnlyError where the folder cannot be written, DiskFullError; nothing is left then.
    """
    beside = target.with_name(f".{target.name}.part")
    try:
        with beside.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise _told(error, target) from error
    return beside


def name_it(beside: Path, target: Path) -> None:
    """Give a whole file its name. Raises StoreReadOnlyError; the file beside is taken away then."""
    try:
        os.replace(beside, target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise _told(error, target) from error


def _told(error: OSError, target: Path) -> DiskFullError | StoreReadOnlyError:
    return DiskFullError() if error.errno == 28 else StoreReadOnlyError(path=str(target))  # ENOSPC


def _write_xlsx(target: Path, sheets: Iterable[Sheet]) -> None:
    xlsxwriter = importlib.import_module("xlsxwriter")  # late: the start should not pay for it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with target.open("wb") as handle, xlsxwriter.Workbook(handle, options) as book:
        as_text = book.add_format({"num_format": "@"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name or None)
            for column, title in enumerate(sheet.headers):
                page.write_string(0, column, title)
            for line, cells in enumerate(sheet.rows, 1):
                for column, cell in enumerate(cells):
                    if isinstance(cell, str):
                        page.write_string(line, column, cell[:32_767], as_text)
                    else:
                        page.write_number(line, column, cell)


def _write_csv(target: Path, headers: Sequence[str], table: Iterable[Sequence[Cell]]) -> None:
    with target.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow([inert(title) for title in headers])
        for cells in table:
            writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in cells])
