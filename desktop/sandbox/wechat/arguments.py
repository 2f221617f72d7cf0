"""Reading the parameters of a call with the platform's own refusals."""

import json
import re
from typing import Any

from desktop.sandbox.wechat.errors import Refusal

_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u(?=[0-9a-fA-F]{4})")


class Arguments:
    """Parameters of one call: the JSON body of a POST, the query of a GET; the query is always at hand."""

    def __init__(
        self,
        values: dict[str, Any],
        raw: bytes = b"",
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
    ) -> None:
        self.values = values
        self.raw = raw
        self.headers = headers or {}
        self.query = query or {}

    def has(self, name: str) -> bool:
        """True when the parameter was given and is not null."""
        return self.values.get(name) is not None

    def text(self, name: str, missing: int = 40035) -> str:
        """A required non-empty text."""
        value = self.optional_text(name)
        if not value:
            raise Refusal(missing)
        return value

    def optional_text(self, name: str, default: str = "") -> str:
        """A text that may be left out; numbers are refused."""
        value = self.values.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise Refusal(47001)
        return value

    def ident(self, name: str, missing: int = 40035) -> str:
        """An id that may come as a text of digits or as a number."""
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            raise Refusal(missing)
        return str(value)

    def number(self, name: str, default: int | None = None, wrong: int = 47001) -> int:
        """A whole number; digits in a text are refused."""
        value = self.values.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            raise Refusal(wrong)
        return value

    def flag(self, name: str) -> bool:
        """A boolean, or 0 and 1."""
        value = self.values.get(name, False)
        if not isinstance(value, bool | int):
            raise Refusal(47001)
        return bool(value)

    def part(self, name: str, missing: int = 0) -> "Arguments":
        """A nested object; missing means empty unless a code is given for that."""
        value = self.values.get(name)
        if value is None and not missing:
            return Arguments({})
        if not isinstance(value, dict):
            raise Refusal(missing or 47001)
        return Arguments(value)

    def rows(self, name: str, missing: int = 47001) -> list[dict[str, Any]]:
        """A list of objects."""
        value = self.values.get(name)
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise Refusal(missing)
        return value

    def texts(self, name: str, wrong: int = 40031) -> list[str]:
        """A list of texts."""
        value = self.values.get(name)
        if not isinstance(value, list) or not all(isinstance(row, str) for row in value):
            raise Refusal(wrong)
        return value

    def window(self, most: int = 20) -> tuple[int, int]:
        """`offset` and `count` of a listing; 40097 for texts and for a count outside 1..`most`."""
        offset, count = self.number("offset", wrong=40097), self.number("count", wrong=40097)
        if offset < 0 or not 1 <= count <= most:
            raise Refusal(40097)
        return offset, count


def has_escapes(raw: bytes) -> bool:
    r"""True when the body writes characters as \uXXXX."""
    return _ESCAPE.search(raw.decode("utf-8", "replace")) is not None


def from_json(raw: bytes) -> dict[str, Any]:
    r"""The JSON object of a POST body.

    \uXXXX is not decoded but stays in the text as it is written; bytes that are not UTF-8 are 47002,
    broken JSON and anything but an object 47001, nothing at all 44002.
    """
    if not raw.strip():
        raise Refusal(44002)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal(47002) from None
    try:
        value = json.loads(_ESCAPE.sub(r"\1\\\\u", text), strict=False)
    except (ValueError, RecursionError):
        raise Refusal(47001) from None
    if not isinstance(value, dict):
        raise Refusal(47001)
    return value
