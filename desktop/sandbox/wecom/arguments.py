"""Reading the parameters of a WeCom call with the platform's own refusals."""

import json
from typing import Any

from desktop.sandbox.wecom.errors import Refusal


class Arguments:
    """Parameters of one call, from the query (GET) or the JSON body (POST)."""

    def __init__(
        self, values: dict[str, Any], raw: bytes = b"", headers: dict[str, str] | None = None
    ) -> None:
        self.values = values
        self.raw = raw
        self.headers = headers or {}

    def has(self, name: str) -> bool:
        """True when the parameter was given and is not null."""
        return self.values.get(name) is not None

    def text(
        self, name: str, missing: int = 40063, max_chars: int = 0, max_bytes: int = 0, too_long: int = 40058
    ) -> str:
        """A required non-empty text."""
        value = self.optional_text(name, "", max_chars, max_bytes, too_long)
        if not value:
            raise Refusal(missing)
        return value

    def optional_text(
        self, name: str, default: str = "", max_chars: int = 0, max_bytes: int = 0, too_long: int = 40058
    ) -> str:
        """A text that may be left out."""
        value = self.values.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise Refusal(40058)
        if (max_chars and len(value) > max_chars) or (max_bytes and len(value.encode()) > max_bytes):
            raise Refusal(too_long)
        return value

    def texts(self, name: str, most: int = 0, too_many: int = 40058) -> list[str]:
        """A list of texts; missing means empty."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(row, str) for row in value):
            raise Refusal(40058)
        if most and len(value) > most:
            raise Refusal(too_many)
        return value

    def number(self, name: str, default: int | None = None, missing: int = 40063) -> int:
        """An integer; the query carries it as digits."""
        value = self.values.get(name)
        if value is None or value == "":
            if default is None:
                raise Refusal(missing)
            return default
        if isinstance(value, str) and value.lstrip("-").isdigit():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise Refusal(40058)
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean; 0 and 1 are accepted."""
        value = self.values.get(name, default)
        return bool(value) if isinstance(value, bool | int) else default

    def part(self, name: str) -> "Arguments":
        """A nested object; missing means empty."""
        value = self.values.get(name)
        if value is None:
            return Arguments({})
        if not isinstance(value, dict):
            raise Refusal(40058)
        return Arguments(value)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """A list of objects; missing means empty."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise Refusal(40058)
        return value

    def limit(self, default: int, most: int, above_to_default: bool = False) -> int:
        """The page size, clamped the way the endpoint clamps."""
        value = self.number("limit", default)
        if value <= 0:
            return default
        if value > most:
            return default if above_to_default else most
        return value


def from_json(raw: bytes) -> dict[str, Any]:
    """The JSON object of a POST body; anything else is refused. An empty body means no parameters."""
    if not raw.strip():
        return {}
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refusal(40058) from None
    if not isinstance(value, dict):
        raise Refusal(40058)
    return value
