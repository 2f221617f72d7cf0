"""Open what an owner dropped: by its bytes, never by its extension, with limits before parsing.

Raises ImportFileError for everything that cannot be read, with the cause and the next step.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError

from desktop.domain.errors import ImportFileError
from desktop.files import text_files, workbooks
from desktop.files.markup import markup_rows

MAX_BYTES = 150 * 1024 * 1024  # a million orders have about 100
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 400  # a sheet of equal cells packs about 100:1; bombs are beyond
MAX_PARTS = 5_000
MAX_MEMBERS = 20
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
PDF = b"%PDF-"  # may hold nothing but printable signs, so that it passes for text
_EXPORT_EPOCH = re.compile(r"^(1\d{9})(?:\d{3})?_")


@dataclass(frozen=True, slots=True)
class RawTable:
    """One sheet or CSV: `rows()` starts over at each call and yields the cells of every line as text."""

    name: str
    rows: Callable[[], Iterator[list[str]]]
    row_count: int


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file ready to be read. `exported_at` is when the platform made it (UTC ms), as far as known."""

    file_name: str
    sha256: str
    container: str
    encoding: str
    exported_at: int
    tables: tuple[RawTable, ...]


def open_file(path: Path, password: str | None = None) -> OpenedFile:
    """Read and open a file. `password` is only tried on an encrypted workbook, and never kept."""
    data, modified_ms = _read_bytes(path)
    digest = hashlib.sha256(data).hexdigest()
    container, encoding, tables = _open_bytes(data, path.name, password)
    if not any(table.row_count for table in tables):
        raise ImportFileError("import_empty", file=path.name)
    epoch = _EXPORT_EPOCH.match(path.name)
    exported_at = int(epoch.group(1)) * 1000 if epoch else modified_ms
    return OpenedFile(path.name, digest, container, encoding, exported_at, tuple(tables))


def _read_bytes(path: Path) -> tuple[bytes, int]:
    try:
        status = path.stat()
        if not path.is_file():
            raise ImportFileError("import_not_a_file", file=path.name)
        if status.st_size > MAX_BYTES:
            raise ImportFileError("import_too_big", file=path.name, limit_mb=MAX_BYTES // 1024 // 1024)
        data = path.read_bytes()
    except FileNotFoundError:
        raise ImportFileError("import_no_file", file=str(path)) from None
    except OSError as error:
        raise ImportFileError("import_unreadable", file=path.name, detail=error.strerror or "") from error
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise ImportFileError("import_empty", file=path.name)
    return data, status.st_mtime_ns // 1_000_000


def _open_bytes(data: bytes, name: str, password: str | None) -> tuple[str, str, list[RawTable]]:
    if data.startswith(OLE):
        return _open_ole(data, name, password)
    if data.startswith(ZIP):
        parts = _checked_parts(data, name)
        if "[Content_Types].xml" in parts:
            return "xlsx", "", _sheets(data, name, packed=True)
        return "zip", "", _members(data, name)
    if data.startswith(PDF):
        raise ImportFileError("import_unknown_kind", file=name)
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<meta", b"<?xml", b"<style", b"<head")):
        encoding, text = text_files.decoded(data, name)
        rows = markup_rows(text, name)
        return "html", encoding, [RawTable(Path(name).stem, lambda: iter(rows), len(rows))]
    encoding, table = _text_table(data, name)
    return "csv", encoding, [table]


def _open_ole(data: bytes, name: str, password: str | None) -> tuple[str, str, list[RawTable]]:
    """An old .xls, or an encrypted workbook in the same kind of envelope."""
    try:
        office = msoffcrypto.OfficeFile(io.BytesIO(data))
        locked = bool(office.is_encrypted())
    except (FileFormatError, DecryptionError, OSError, ValueError, KeyError, IndexError, AttributeError):
        raise ImportFileError("import_unknown_kind", file=name) from None
    if not locked:
        return "xls", "", _sheets(data, name, packed=False)
    if not password:
        raise ImportFileError("import_password_needed", file=name)
    plain = io.BytesIO()
    try:
        office.load_key(password=password)
        office.decrypt(plain)
    except (InvalidKeyError, DecryptionError):
        raise ImportFileError("import_password_wrong", file=name) from None
    except (
        FileFormatError,
        OSError,
        ValueError,
        KeyError,
        IndexError,
        AttributeError,
        NotImplementedError,
    ):
        raise ImportFileError("import_broken_workbook", file=name) from None
    opened = plain.getvalue()
    if opened.startswith(ZIP):
        _checked_parts(opened, name)
        return "xlsx", "", _sheets(opened, name, packed=True)
    return "xls", "", _sheets(opened, name, packed=False)


def _checked_parts(data: bytes, name: str) -> set[str]:
    """Names inside a zip, after the checks against bombs. Sizes are those the directory declares."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise ImportFileError("import_broken_zip", file=name) from None
    unpacked = sum(info.file_size for info in infos)
    bomb = any(i.file_size > 1_000_000 and i.file_size > i.compress_size * MAX_RATIO for i in infos)
    if unpacked > MAX_UNPACKED or len(infos) > MAX_PARTS or bomb:
        raise ImportFileError("import_zip_bomb", file=name, limit_mb=MAX_UNPACKED // 1024 // 1024)
    return {info.filename for info in infos}


def _members(data: bytes, name: str) -> list[RawTable]:
    """The CSVs of a zip; other members are left alone, and nothing is ever written to disk."""
    tables: list[RawTable] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        csvs = [i for i in archive.infolist() if i.filename.lower().endswith((".csv", ".tsv", ".txt"))]
        if not csvs:
            raise ImportFileError("import_zip_without_csv", file=name)
        if len(csvs) > MAX_MEMBERS:
            raise ImportFileError("import_zip_too_many", file=name, limit=MAX_MEMBERS)
        for info in csvs:
            try:
                with archive.open(info) as member:
                    content = member.read(MAX_UNPACKED + 1)
            except (zipfile.BadZipFile, RuntimeError, OSError, NotImplementedError, EOFError):
                raise ImportFileError("import_broken_zip", file=name) from None
            if len(content) > min(MAX_UNPACKED, info.file_size):
                raise ImportFileError("import_zip_bomb", file=name, limit_mb=MAX_UNPACKED // 1024 // 1024)
            if content.strip():
                tables.append(_text_table(content, info.filename)[1])
    return tables


def _text_table(data: bytes, name: str) -> tuple[str, RawTable]:
    encoding, text = text_files.decoded(data, name)
    delimiter = text_files.delimiter_of(text)
    del text  # as large again as the file, or four times
    count, strict = text_files.checked(data, encoding, delimiter, name)
    label = name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    rows = partial(text_files.rows_of, data, encoding, delimiter, strict=strict)
    return encoding, RawTable(label, rows, count)


def _sheets(data: bytes, name: str, *, packed: bool) -> list[RawTable]:
    if packed:
        workbooks.check_dimensions(data, name)
    return [RawTable(sheet.name, sheet.rows, sheet.row_count) for sheet in workbooks.sheets_of(data, name)]
