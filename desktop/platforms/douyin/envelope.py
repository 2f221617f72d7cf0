"""The six shapes in which Douyin answers, all with HTTP 200: where the result is, and what speaks against it.

Source: the fixtures and response types of the platform's own SDK and of independent ones (2022 to 2025).
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from desktop.domain.errors import UnclearReplyError
from desktop.platforms import strict_json
from desktop.platforms.http import Reply

Fields = dict[str, Any]


class Form(Enum):
    """Where the result of an endpoint stands."""

    DATA = "A"  # {data: {.., error_code}, extra: {..}}
    TOP = "A'"  # the same, with the result beside `data`
    OAUTH = "B"  # {data: {.., error_code}, message}
    NUMBERED = "C"  # {err_no, err_msg, data: {..}}
    NUMBERED_TOP = "C top"  # the same, with the result beside `data`
    NESTED = "C2"  # {err_no, .., data: {data: {..}, extra: {..}}}
    FLAT = "D"  # {error_code, message, data}


def opened(reply: Reply, form: Form) -> tuple[Fields, list[str], str]:
    """(the result, the codes that speak against success, the platform's words) of a reply.

    Every place that may hold a code is looked at, whatever the shape: a reply that carries an error anywhere
    is none of success. Raises UnclearReplyError where it cannot be trusted as the platform's word.
    """
    if reply.status != 200:
        raise UnclearReplyError("reply_status", status=reply.status)
    try:
        fields = strict_json.parse_object(reply.body)
    except strict_json.DoubtfulJsonError as error:
        raise UnclearReplyError("reply_garbled", detail=str(error)) from None
    data, inner = _part(fields, "data"), _part(_part(fields, "data"), "data")
    extras = (_part(fields, "extra"), _part(data, "extra"))
    codes = [
        *(_code(extra, "sub_error_code") for extra in extras),
        *(_code(part, "error_code") for part in (data, inner, *extras, fields)),
        _code(fields, "err_no"),
    ]
    wrong = list(dict.fromkeys(code for code in codes if code))
    if wrong:
        return {}, wrong, _words(fields, data, inner, extras)
    if not _is_sound(fields, form):
        raise UnclearReplyError("reply_garbled", detail=f"not of form {form.value}")
    if form in (Form.TOP, Form.NUMBERED_TOP):
        return fields, [], ""
    return (inner if form is Form.NESTED else data), [], ""


def _is_sound(fields: Fields, form: Form) -> bool:
    """Whether a reply without any error says success in the way of its form."""
    if form in (Form.DATA, Form.OAUTH):
        return isinstance(fields.get("data"), dict)
    if form is Form.TOP:
        return isinstance(fields.get("data"), dict) or isinstance(fields.get("extra"), dict)
    if form is Form.FLAT:
        return "error_code" in fields
    return "err_no" in fields


def _part(fields: Fields, name: str) -> Fields:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def _code(fields: Fields, name: str) -> str:
    """A code that is not success, as text; missing parts count as none. Raises UnclearReplyError for nonsense."""
    value = fields.get(name)
    if value is None or value == "":
        return ""
    code = strict_json.whole(value)
    if code is None:
        raise UnclearReplyError("reply_garbled", detail=f"{name} is no number")
    return str(code) if code else ""


def _words(fields: Fields, data: Fields, inner: Fields, extras: tuple[Fields, ...]) -> str:
    said = [
        *(strict_json.text(extra.get("sub_description")) for extra in extras),
        strict_json.text(data.get("description")),
        strict_json.text(inner.get("description")),
        *(strict_json.text(extra.get("description")) for extra in extras),
        strict_json.text(fields.get("err_msg")),
        strict_json.text(fields.get("message")),
    ]
    return next((words for words in said if words), "")
