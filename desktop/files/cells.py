"""One cell's text as a value: ids, money, counts, text. Every doubt is an error, never a guess.

Files wrap ids in tabs, quotes, backticks or `="..."` so that Excel leaves them alone; a workbook that
lost digits anyway is told from one that did not.
"""

from __future__ import annotations

import re
import unicodedata

MISSING = frozenset(
    {"", "-", "--", "—", "——", "?", "？", "n/a", "#n/a", "null", "none", "nan", "数据将于第二天更新"}
)
LONGEST_MISSING = 10
MAX_ID = 128
MAX_NAME = 500
MAX_CENTS = 10**13  # a hundred billion yuan: more is a slipped column
EXACT_DIGITS = 15  # a spreadsheet number holds no more

_EDGE = " \t\r\n\v\f\x00\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
_FORMULA_TEXT = re.compile(r'^=\s*"(.*)"$', re.DOTALL)
_MONEY = re.compile(r"^([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d*))?$")
_CURRENCY = re.compile(r"^(?:rmb|cny|[¥￥])|(?:元|rmb|cny)$", re.IGNORECASE)
_COMMON_MONEY = re.compile(r"^(\d{1,9})(?:\.(\d\d))?\Z", re.ASCII)  # by far the most cells
_GUARDS = frozenset("'`=")
_EXPONENT = re.compile(r"^[+-]?\d(?:\.\d+)?E\+?\d+$", re.IGNORECASE)


class DamagedNumber(str):
    """Text of a workbook number that holds more digits than a number keeps: the last ones are lost."""

    __slots__ = ()


class CellError(Exception):
    """A cell that cannot be what its column says; `code` names why."""

    def __init__(self, code: str, value: str) -> None:
        self.code = code
        self.value = value if len(value) <= 60 else value[:60] + "…"
        super().__init__(code, self.value)


def clean(cell: str) -> str:
    """The text without the wrappers that guard it from a spreadsheet; inner characters stay."""
    text = cell.strip(_EDGE)
    if text[:1] in ("'", "`"):
        text = text[1:].strip(_EDGE)
    return _unwrapped(text)


def _unwrapped(text: str) -> str:
    """What stands in `="..."`; any other text as it is."""
    if text[:1] == "=":
        wrapped = _FORMULA_TEXT.match(text)
        if wrapped:
            return wrapped.group(1).replace('""', '"').strip(_EDGE)
    return text


def text_of(cell: str) -> str:
    """Free text: cleaned, and '' where the file means nothing."""
    if len(cell) > LONGEST_MISSING and type(cell) is str and cell.isalnum():
        return cell
    text = cell.strip(_EDGE)
    if text[:1] in _GUARDS:
        text = clean(text)
    return "" if len(text) <= LONGEST_MISSING and text.casefold() in MISSING else text


def is_missing(text: str) -> bool:
    """Whether a cleaned text is one of the ways to say nothing."""
    return len(text) <= LONGEST_MISSING and text.casefold() in MISSING


def name_of(cell: str) -> str:
    """A person's or thing's name; a leading quote is part of it. Raises CellError for an endless one."""
    text = _unwrapped(cell.strip(_EDGE))
    if is_missing(text):
        return ""
    if len(text) > MAX_NAME:
        raise CellError("cell_too_long", text)
    return text


def is_damaged_id(cell: str) -> bool:
    """Whether a spreadsheet ate digits of this id: a long number cell, or `6.93E+18` in text."""
    if type(cell) is DamagedNumber:
        return True
    return ("E" in cell or "e" in cell) and bool(_EXPONENT.match(clean(cell)))


def id_of(cell: str) -> str:
    """An id as text, full-width letters and digits made narrow; '' where there is none.

    Raises CellError for one that a spreadsheet damaged, or that is too long to be an id.
    """
    if cell.isdigit() and cell.isascii() and len(cell) <= MAX_ID and type(cell) is str:
        return cell  # by far the most cells
    if is_damaged_id(cell):
        raise CellError("damaged_id", clean(cell))
    text = unicodedata.normalize("NFKC", text_of(cell)) if not cell.isascii() else text_of(cell)
    if text.endswith(".0") and text[:-2].isdigit():
        text = text[:-2]
    if len(text) > MAX_ID:
        raise CellError("cell_too_long", text)
    return text


def cents_of(cell: str) -> int | None:
    """Money in cents; None where the file says nothing. Raises CellError for what is no exact amount."""
    common = _COMMON_MONEY.match(cell)
    if common:
        whole, part = common.groups()
        return int(whole) * 100 + (int(part) if part else 0)
    raw = text_of(cell)
    if not raw:
        return None
    text = unicodedata.normalize("NFKC", raw).replace(" ", "")
    text = _CURRENCY.sub("", text)
    sign = ""
    if text[:1] in "+-" and text[1:2] in ("¥", "￥"):
        sign, text = text[0], text[2:]
    match = _MONEY.match(sign + text)
    if match is None:
        raise CellError("bad_money", raw)
    minus, whole, part = match.group(1), match.group(2).replace(",", ""), match.group(3) or ""
    if part[2:].strip("0"):
        raise CellError("money_too_fine", raw)
    value = int(whole[:20]) * 100 + int((part + "00")[:2])
    if len(whole) > 20 or value > MAX_CENTS:
        raise CellError("bad_money", raw)
    return -value if minus == "-" else value


def count_of(cell: str) -> int | None:
    """A whole number of pieces, at least 1; None where the file says nothing. Raises CellError else."""
    if len(cell) == 1 and cell in "123456789":
        return int(cell)
    raw = text_of(cell)
    if not raw:
        return None
    text = unicodedata.normalize("NFKC", raw).replace(",", "")
    match = re.match(r"^(\d{1,9})(?:\.0+)?(?:[件个份盒箱瓶袋包只条]|pcs)?$", text)
    if match is None or int(match.group(1)) == 0:
        raise CellError("bad_quantity", raw)
    return int(match.group(1))
