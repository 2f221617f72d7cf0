"""Excel workbooks, every cell as text. Numbers that lost digits are marked, not repaired."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from desktop.domain.errors import ImportFileError
from desktop.files.cells import EXACT_DIGITS, DamagedNumber
from desktop.files.text_files import ABOVE, MAX_COLUMNS, MAX_ROWS

MAX_CELLS = 40_000_000  # a dense sheet of this size fits memory; a lone cell at the far corner would not
MAX_TEXT = 400 * 1024 * 1024  # shared texts repeated by many cells
CHUNK = 1 << 20
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_SHARED_REFERENCE = re.compile(rb't="s"[^>]*>\s*<v>(\d{1,9})</v>')


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; `rows()` starts over at each call."""

    name: str
    rows: Callable[[], Iterator[list[str]]]
    row_count: int


def check_dimensions(data: bytes, name: str) -> None:
    """Refuse sheets that would unpack beyond memory. Raises ImportFileError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            shared = _shared_lengths(archive) if "xl/sharedStrings.xml" in names else []
            for part in names:
                if part.startswith("xl/worksheets/") and part.endswith(".xml"):
                    _check_sheet(archive, part, shared, name)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError):
        raise ImportFileError("import_broken_workbook", file=name) from None


def _check_sheet(archive: zipfile.ZipFile, part: str, shared: list[int], name: str) -> None:
    columns: set[bytes] = set()
    last_row, text = 0, 0
    longest = max(shared, default=0)
    count_texts = longest * archive.getinfo(part).file_size // 20 > MAX_TEXT
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            window = tail + chunk
            for letters, digits in _PLACE.findall(window):
                columns.add(letters)
                last_row = max(last_row, int(digits))
            if count_texts:
                text += sum(
                    shared[int(n)] for n in _SHARED_REFERENCE.findall(window) if int(n) < len(shared)
                )
                if text > MAX_TEXT:
                    raise ImportFileError("import_zip_bomb", file=name, limit_mb=MAX_TEXT // 1024 // 1024)
            tail = b"" if count_texts else window[-32:]
    width = max((_column_number(letters) for letters in columns), default=0)
    if last_row > MAX_ROWS + ABOVE:
        raise ImportFileError("import_too_many_rows", file=name, limit=MAX_ROWS)
    if width > MAX_COLUMNS or width * last_row > MAX_CELLS:
        raise ImportFileError("import_too_wide", file=name, limit=MAX_COLUMNS)


def _shared_lengths(archive: zipfile.ZipFile) -> list[int]:
    with archive.open("xl/sharedStrings.xml") as stream:
        return [len(part) for part in stream.read().split(b"</si>")]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def sheets_of(data: bytes, name: str) -> list[Sheet]:
    """The sheets with cells, in order. Raises ImportFileError for a workbook that cannot be read."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = list(book.sheet_names)
        sheets = [(title, book.get_sheet_by_name(title)) for title in names]
    except CalamineError as error:
        raise ImportFileError("import_broken_workbook", file=name, detail=str(error)[:200]) from None
    except BaseException as error:
        # The reader is native code; what it cannot handle arrives as a panic, which is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise ImportFileError("import_broken_workbook", file=name) from None
    return [
        Sheet(title, partial(_rows, sheet), int(sheet.end[0]) + 1)
        for title, sheet in sheets
        if sheet.end is not None
    ]


def _rows(sheet: Any) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        yield [value if type(value) is str else as_text(value) for value in row]


def as_text(value: object) -> str:
    """A cell's value as a person would read it in the sheet."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number_text(float(value))
    if isinstance(value, datetime):
        if value.microsecond:
            value = value.replace(microsecond=0) + timedelta(seconds=round(value.microsecond / 1e6))
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M:%S")
    return "" if value is None else str(value)


def _number_text(value: float) -> str:
    if value.is_integer():
        if abs(value) >= 10**EXACT_DIGITS:
            return DamagedNumber(f"{value:.0f}")
        return str(int(value))
    return format(value, f".{EXACT_DIGITS}g")
