"""Reading the parameters of a Douyin call: query, JSON, form and multipart, refused as the platform does."""

import json
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl

from desktop.sandbox.calls import Call
from desktop.sandbox.douyin.errors import Refusal

BAD = 28001007


class Arguments:
    """Parameters of one call; the body's win over the query's."""

    def __init__(self, values: dict[str, Any], files: dict[str, bytes] | None = None) -> None:
        self.values = values
        self.files = files or {}
        self.open_id = ""  # the acting account, set by the gateway

    def text(self, name: str, missing: int = BAD) -> str:
        """A required text."""
        value = self.optional(name)
        if not value:
            raise Refusal(missing, f"{name}不能为空" if missing == BAD else "")
        return value

    def optional(self, name: str, default: str = "") -> str:
        """A text that may be left out; a number is taken as its digits."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise Refusal(BAD, f"{name}类型错误")
        return str(value)

    def number(self, name: str, default: int | None = None, least: int | None = None, most: int = 0) -> int:
        """An integer, also as digits; outside its range the call is refused."""
        value = self.values.get(name)
        if value is None or value == "":
            if default is None:
                raise Refusal(BAD, f"{name}不能为空")
            return default
        try:
            found = int(value)
        except (TypeError, ValueError):
            raise Refusal(BAD, f"{name}类型错误") from None
        if (least is not None and found < least) or (most and found > most):
            raise Refusal(BAD, f"{name}超出范围")
        return found

    def flag(self, name: str) -> bool:
        """A required boolean; 0, 1 and their texts are taken."""
        value = self.values.get(name)
        if value in (True, 1, "1", "true"):
            return True
        if value in (False, 0, "0", "false"):
            return False
        raise Refusal(BAD, f"{name}不能为空")

    def texts(self, name: str) -> list[str]:
        """A list of texts; missing means empty."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            value = [value]
        if not all(isinstance(row, str | int) for row in value):
            raise Refusal(BAD, f"{name}类型错误")
        return [str(row) for row in value]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """A list of objects; missing means empty."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise Refusal(BAD, f"{name}类型错误")
        return value

    def part(self, name: str) -> "Arguments | None":
        """A nested object, or None."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise Refusal(BAD, f"{name}类型错误")
        return Arguments(value)

    def moment(self, name: str) -> float:
        """A time in seconds; milliseconds are recognised by their size."""
        value = self.number(name)
        return value / 1000 if value > 10**11 else float(value)

    def file(self, name: str) -> bytes:
        """The bytes of an uploaded file."""
        if not self.files.get(name):
            raise Refusal(BAD, f"缺少文件{name}")
        return self.files[name]


def read(call: Call) -> Arguments:
    """The parameters of a call; a body that cannot be read is refused."""
    values: dict[str, Any] = dict(call.query)
    kind = call.headers.get("content-type", "").lower()
    if not call.body.strip():
        return Arguments(values)
    if kind.startswith("multipart/form-data"):
        files, fields = _parts(call)
        return Arguments(values | fields, files)
    if kind.startswith("application/x-www-form-urlencoded"):
        return Arguments(values | dict(parse_qsl(call.body.decode("utf-8", "replace"), True)))
    try:
        doc = json.loads(call.body)
    except (ValueError, RecursionError):
        raise Refusal(BAD, "请求体不是合法的JSON") from None
    if not isinstance(doc, dict):
        raise Refusal(BAD, "请求体不是对象")
    return Arguments(values | doc)


def _parts(call: Call) -> tuple[dict[str, bytes], dict[str, str]]:
    head = f"Content-Type: {call.headers['content-type']}\r\n\r\n".encode()
    files: dict[str, bytes] = {}
    fields: dict[str, str] = {}
    message = message_from_bytes(head + call.body)
    if not message.is_multipart():
        raise Refusal(BAD, "multipart格式错误")
    for part in message.get_payload():
        name = str(part.get_param("name", header="content-disposition"))  # type: ignore[union-attr]
        raw = part.get_payload(decode=True)  # type: ignore[union-attr]
        data = raw if isinstance(raw, bytes) else b""
        if part.get_filename() is None and part.get_content_maintype() == "text":  # type: ignore[union-attr]
            fields[name] = data.decode("utf-8", "replace")
        else:
            files[name] = data
    return files, fields
