"""Strict reading of JSON from outside: what is doubtful is refused, never guessed."""

from __future__ import annotations

import json
from typing import Any, NoReturn

MAX_DEPTH = 64
MAX_TEXT = 64 * 1024


class DoubtfulJsonError(ValueError):
    """The text is not JSON as we accept it: bad UTF-8, a name twice, NaN, too deep, or cut off."""


def parse(body: bytes) -> Any:
    """The value of a JSON text. Raises DoubtfulJsonError."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_refuse)
    except DoubtfulJsonError:
        raise
    except (ValueError, RecursionError) as error:
        raise DoubtfulJsonError(type(error).__name__) from error
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH:
        _check_depth(value)
    return value


def parse_object(body: bytes) -> dict[str, Any]:
    """The object a JSON text holds. Raises DoubtfulJsonError for anything else."""
    value = parse(body)
    if not isinstance(value, dict):
        raise DoubtfulJsonError("not an object")
    return value


def text(value: object) -> str:
    """A field as text that any database and screen can hold: trimmed, no NUL, no half characters, bounded.

    Numbers become their digits, so that an id that arrives as a number stays whole; the rest is ''.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    plain = str(value)[:MAX_TEXT].replace("\x00", "").strip()
    return plain.encode("utf-8", "replace").decode("utf-8")


def whole(value: object) -> int | None:
    """A field as an int, also when it arrives as digits in text; None when it is neither."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        digits = value.strip()
        if digits.lstrip("-").isdecimal() and len(digits) <= 20 and digits.count("-") <= 1:
            return int(digits)
    return None


def rows(value: object) -> list[dict[str, Any]]:
    """The objects of a list; [] where the field is missing, null or something else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def texts(value: object) -> tuple[str, ...]:
    """The non-empty texts of a list, each once, in order."""
    if not isinstance(value, list):
        return ()
    return tuple(dict.fromkeys(filter(None, map(text, value))))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise DoubtfulJsonError("a name is given twice")
    return value


def _refuse(constant: str) -> NoReturn:
    raise DoubtfulJsonError(constant)


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, dict | list)]
        if not level:
            return
    raise DoubtfulJsonError("too deep")


def _inside(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value
