"""Dates and times as files write them, in the shop's time zone, to UTC milliseconds."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from desktop.domain.clock import at_ms
from desktop.files.cells import CellError, text_of

FIRST_YEAR, LAST_YEAR = 1990, 2100
EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  # civil days, the zone is put on afterwards
EXCEL_FIRST, EXCEL_LAST = 32_874, 73_050  # 1990-01-01 and 2099-12-31 as day numbers

_CIVIL = re.compile(
    r"^(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?"
    r"(?:[T ]*(\d{1,2})(?::|时|点)(\d{1,2})(?:(?::|分)(\d{1,2})?(?:\.(\d{1,9}))?秒?)?分?)?"
    r"\s*(Z|UTC|[+-]\d{2}:?\d{2})?$"
)
_COMMON = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\Z", re.ASCII)  # by far the most cells
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?$")
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")
_EPOCH = re.compile(r"^1\d{9}(?:\d{3})?$")


def moment_of(cell: str, zone: ZoneInfo) -> int | None:
    """UTC milliseconds of a cell; None where the file says nothing.

    Knows `2026-09-22 00:54:10`, slashes, dots, Chinese units, minutes only, dates only (start of the
    day), ISO with a zone, compact digits, spreadsheet day numbers and Unix seconds or milliseconds.
    Raises CellError for anything else: a month and day that could be swapped are not guessed.
    """
    if _COMMON.match(cell):
        return _common_ms(cell, zone)
    raw = text_of(cell)
    if not raw:
        return None
    text = raw if raw.isascii() else unicodedata.normalize("NFKC", raw)
    match = _CIVIL.match(text)
    if match:
        return _civil_ms(match.groups(), zone, raw)
    if _SERIAL.match(text):
        return _serial_ms(float(text), zone, raw)
    if _EPOCH.match(text):
        return int(text) * (1000 if len(text) == 10 else 1)
    match = _COMPACT.match(text)
    if match:
        return _civil_ms((*match.groups(), None, None), zone, raw)
    raise CellError("bad_date", raw)


def _common_ms(text: str, zone: ZoneInfo) -> int:
    try:
        midnight = _even_day(text[:10], zone)
        hour, minute, second = int(text[11:13]), int(text[14:16]), int(text[17:])
        if midnight is not None and hour < 24 and minute < 60 and second < 60:
            return midnight + ((hour * 60 + minute) * 60 + second) * 1000
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CellError("bad_date", text) from None
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise CellError("bad_date", text)
    return at_ms(moment.replace(tzinfo=zone))


@lru_cache(maxsize=4_096)  # a file has few different days
def _even_day(day: str, zone: ZoneInfo) -> int | None:
    """When a day begins, where its clock runs evenly; None where it does not, or the year cannot be."""
    first = datetime.fromisoformat(day)
    last = first.replace(hour=23, minute=59, second=59)
    is_even = first.replace(tzinfo=zone).utcoffset() == last.replace(tzinfo=zone).utcoffset()
    return at_ms(first.replace(tzinfo=zone)) if is_even and FIRST_YEAR <= first.year < LAST_YEAR else None


def _civil_ms(parts: tuple[str | None, ...], zone: ZoneInfo, raw: str) -> int:
    year, month, day, hour, minute, second, fraction, offset = parts
    try:
        moment = datetime(  # noqa: DTZ001  # the zone is put on below
            int(year or 0),
            int(month or 0),
            int(day or 0),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
        )
    except ValueError:
        raise CellError("bad_date", raw) from None
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise CellError("bad_date", raw)
    if fraction:
        moment += timedelta(milliseconds=round(float(f"0.{fraction}") * 1000))
    if offset is None:
        return at_ms(moment.replace(tzinfo=zone))
    shift = timedelta()
    if offset[0] in "+-":
        digits = offset[1:].replace(":", "")
        shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        shift = -shift if offset[0] == "-" else shift
    return at_ms(moment.replace(tzinfo=UTC) - shift)


def _serial_ms(serial: float, zone: ZoneInfo, raw: str) -> int:
    if not EXCEL_FIRST <= serial < EXCEL_LAST + 1:
        raise CellError("bad_date", raw)
    moment = EXCEL_DAY_ZERO + timedelta(seconds=round(serial * 86_400))
    return at_ms(moment.replace(tzinfo=zone))
