"""Comma, tab and semicolon separated text: its encoding, its separator, its rows.

Encodings are tried strictly, so that a wrong guess fails instead of turning names into rubbish.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from desktop.domain.errors import ImportFileError

MAX_CELL = 2_000_000
MAX_ROWS = 1_000_000  # of data
ABOVE = 20  # lines that may stand above them: a title, the header
MAX_COLUMNS = 1_000
SWALLOWED_LINES = 2_000  # a record of more lines is an unclosed quote, not an address
LOOKED_AT = 20

csv.field_size_limit(MAX_CELL)


def decoded(data: bytes, name: str) -> tuple[str, str]:
    """(encoding, text) of a text file. Raises ImportFileError when no encoding fits exactly."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return "utf-16", data.decode("utf-16")
        except UnicodeDecodeError:
            raise ImportFileError("import_encoding", file=name) from None
    if b"\x00" in data:
        raise ImportFileError("import_unknown_kind", file=name)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        said = "utf-8" if encoding == "utf-8-sig" and not data.startswith(codecs.BOM_UTF8) else encoding
        return said, text
    raise ImportFileError("import_encoding", file=name)


def delimiter_of(text: str) -> str:
    """The separator that cuts the first rows into most columns, rows agreeing with each other."""
    sample = text[:200_000]
    best, most = ",", 1
    for delimiter in (",", "\t", ";"):
        widths: list[int] = []
        try:
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
                widths.append(len(row))
                if len(widths) == LOOKED_AT:
                    break
        except csv.Error:
            continue
        common = max(set(widths), key=lambda width: (widths.count(width) * (width > 1), width), default=1)
        if common > most:
            best, most = delimiter, common
    return best


def rows_of(data: bytes, encoding: str, delimiter: str, *, strict: bool) -> Iterator[list[str]]:
    """The records of a text file, cells as they are written. It is decoded on the way: text is big."""
    return csv.reader(_lines(data, encoding), delimiter=delimiter, strict=strict)


def checked(data: bytes, encoding: str, delimiter: str, name: str) -> tuple[int, bool]:
    """(number of records, whether quoting is flawless) after one pass against the limits.

    Raises ImportFileError for an unclosed quote, too many rows or columns, and too long a cell.
    """
    try:
        return _counted(data, encoding, delimiter, name, strict=True), True
    except csv.Error as error:
        if "unexpected end" in str(error):
            line = _last_record_line(data, encoding, delimiter)
            raise ImportFileError("import_open_quote", file=name, line=line) from None
    try:
        return _counted(data, encoding, delimiter, name, strict=False), False
    except csv.Error as error:
        code = "import_cell_too_long" if "field larger" in str(error) else "import_broken_csv"
        raise ImportFileError(code, file=name, limit=MAX_CELL) from None


def _counted(data: bytes, encoding: str, delimiter: str, name: str, *, strict: bool) -> int:
    reader = csv.reader(_lines(data, encoding), delimiter=delimiter, strict=strict)
    count, line = 0, 0
    for row in reader:
        count += 1
        if len(row) > MAX_COLUMNS:
            raise ImportFileError("import_too_wide", file=name, limit=MAX_COLUMNS)
        if count > MAX_ROWS + ABOVE:
            raise ImportFileError("import_too_many_rows", file=name, limit=MAX_ROWS)
        if reader.line_num - line > SWALLOWED_LINES:
            raise ImportFileError("import_open_quote", file=name, line=line + 1)
        line = reader.line_num
    return count


def _last_record_line(data: bytes, encoding: str, delimiter: str) -> int:
    """The line at which the record begins that never ends."""
    reader = csv.reader(_lines(data, encoding), delimiter=delimiter, strict=True)
    line = 0
    try:
        for _ in reader:
            line = reader.line_num
    except csv.Error:
        pass
    return line + 1


def _lines(data: bytes, encoding: str) -> Iterator[str]:
    return io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
