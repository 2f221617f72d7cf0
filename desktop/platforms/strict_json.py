"""Strict reading of JSON from outside: what is doubtful is refused, never guessed.

A quick reader takes what is beyond doubt. Whatever it cannot vouch for goes to the slow reader, which
alone refuses.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

import msgspec

MAX_DEPTH = 64
MAX_TEXT = 64 * 1024
_NO_MARKS = bytes(byte for byte in range(256) if byte not in b'[]{}"')
_NOT_SURE = object()


class DoubtfulJsonError(ValueError):
    """The text is not JSON as we accept it: bad UTF-8, a name twice, NaN, too deep, or cut off."""


def parse(body: bytes) -> Any:
    """The value of a JSON text. Raises DoubtfulJsonError."""
    value = _quick(body)
    if value is _NOT_SURE:
        value = _slow(body)
    if not _is_flat(body):
        _check_depth(value)
    return value


def _quick(body: bytes) -> Any:
    """The value of a text that is surely acceptable, `_NOT_SURE` for every other.

    The decoder keeps the last of two equal names. Each name brings a colon, and all other colons stand in
    strings; so the value written out again has as many colons as the text, unless something was
    dropped. Only a colon written as \\u003a would blur the count.
    """
    if b"\\u003" in body:
        return _NOT_SURE
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        return _NOT_SURE
    return value if msgspec.json.encode(value).count(b":") == body.count(b":") else _NOT_SURE


def _slow(body: bytes) -> Any:
    """The value, read name by name. Raises DoubtfulJsonError."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_refuse)
    except DoubtfulJsonError:
        raise
    except (ValueError, RecursionError) as error:
        raise DoubtfulJsonError(type(error).__name__) from error


def _is_flat(body: bytes) -> bool:
    """Whether the nesting of a JSON text surely stays within MAX_DEPTH, told from its brackets alone.

    Once escaped quotes are gone, quotes come in pairs, and only a string with a bracket in it keeps one of
    its own. Then each turn takes the innermost brackets away.
    """
    plain = body.replace(b"\\\\", b"").replace(b'\\"', b"") if b'\\"' in body else body
    marks = plain.translate(None, _NO_MARKS).replace(b'""', b"")
    for _ in range(MAX_DEPTH):
        if not marks or b'"' in marks:
            break
        marks = marks.replace(b"[]", b"").replace(b"{}", b"")
    return not marks


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
    if type(value) is str:
        if not value:
            return ""
        if len(value) <= MAX_TEXT and "\x00" not in value and (value.isascii() or value.isprintable()):
            return value.strip()  # no half character among printable ones
    elif type(value) is not int:
        return ""
    plain = str(value)[:MAX_TEXT].replace("\x00", "").strip()
    return plain.encode("utf-8", "replace").decode("utf-8")


def plain_texts(values: tuple[Any, ...]) -> tuple[str, ...]:
    """`text` of each. Several are looked at as one where they are printable, which most are."""
    try:
        joined = "".join(values)
    except TypeError:
        return tuple([text(value) for value in values])
    if not joined.isprintable() or (len(joined) > MAX_TEXT and max(map(len, values)) > MAX_TEXT):
        return tuple([text(value) for value in values])
    if " " in joined:  # the only printable blank
        return tuple([value.strip() for value in values])
    return values


def whole(value: object) -> int | None:
    """A field as an int, also when it arrives as digits in text; None when it is neither."""
    if type(value) is int:
        return value
    if type(value) is str:
        digits = value.strip()
        if digits.lstrip("-").isdecimal() and len(digits) <= 20 and digits.count("-") <= 1:
            return int(digits)
    return None


def rows(value: object) -> list[dict[str, Any]]:
    """The objects of a list; [] where the field is missing, null or something else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def texts(value: object) -> tuple[str, ...]:
    """The non-empty texts of a list, each once, in order."""
    if not isinstance(value, list) or not value:
        return ()
    return tuple(dict.fromkeys(filter(None, plain_texts(tuple(value)))))


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
