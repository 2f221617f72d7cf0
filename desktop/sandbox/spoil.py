"""Replies that are sound HTTP but not what they should be: lost rows, looping cursors, drifted schema."""

import copy
import json
from collections.abc import Callable
from typing import Any

from desktop.sandbox.calls import Answer, Doc
from desktop.sandbox.faults import Fault


def spoil(answer: Answer, fault: Fault) -> Answer:
    """A spoilt copy of an executed JSON answer."""
    if answer.doc is None:
        return answer
    doc = copy.deepcopy(answer.doc)
    if fault.kind in _BYTES:
        body: bytes | None = _BYTES[fault.kind](doc, fault)
    else:
        body = None
        _CHANGES[fault.kind](doc, fault)
    return Answer(doc, body, answer.status, answer.headers, answer.executed, answer.write)


def _looping_cursor(doc: Doc, fault: Fault) -> None:
    if "next_openid" in doc:  # a cursor that is an id of the listing itself
        rows = doc.get("data", {}).get("openid", [])
        doc["next_openid"] = str(fault.args.get("cursor", rows[0] if rows else ""))
    else:
        doc["next_cursor"] = str(fault.args.get("cursor", "bG9vcA"))


def _endless_cursor(doc: Doc, fault: Fault) -> None:
    name = "next_openid" if "next_openid" in doc else "next_cursor"
    doc[name] = f"ZW5kbGVzcw{fault.hits}"
    if "has_more" in doc:
        doc["has_more"] = 1
    _each_list(doc, lambda rows: [])


def _vanish(doc: Doc, fault: Fault) -> None:
    step = max(2, int(fault.number_arg("every", 3)))
    _each_list(doc, lambda rows: [row for at, row in enumerate(rows) if at % step])


def _vanish_all(doc: Doc, fault: Fault) -> None:
    _each_list(doc, lambda rows: [])
    for name in ("next_cursor", "next_openid"):
        if name in doc:
            doc[name] = ""


def _missing(doc: Doc, fault: Fault) -> None:
    for name in fault.args.get("fields", []):
        _rename(doc, str(name), None)


def _renamed(doc: Doc, fault: Fault) -> None:
    for name, other in dict(fault.args.get("fields", {})).items():
        _rename(doc, str(name), str(other))


def _retyped(doc: Doc, fault: Fault) -> None:
    for name in fault.args.get("fields", []):
        _retype(doc, str(name))


def _string_numbers(doc: Doc, fault: Fault) -> None:
    doc.update(_texts(doc))


def _errmsg(doc: Doc, fault: Fault) -> None:
    doc["errmsg"] = str(fault.args.get("errmsg", "Warning: wrong json format."))


_CHANGES: dict[str, Callable[[Doc, Fault], None]] = {
    "looping_cursor": _looping_cursor,
    "endless_cursor": _endless_cursor,
    "duplicates": lambda doc, fault: _each_list(doc, lambda rows: rows + rows[:3]),
    "reorder": lambda doc, fault: _each_list(doc, lambda rows: rows[::-1]),
    "vanish": _vanish,
    "vanish_all": _vanish_all,
    "drift": lambda doc, fault: _drift(doc),
    "missing_fields": _missing,
    "rename_fields": _renamed,
    "retype_fields": _retyped,
    "string_numbers": _string_numbers,
    "errmsg": _errmsg,
}


def _duplicate_key(doc: Doc, fault: Fault) -> bytes:
    second = int(fault.number_arg("code", 45009))
    return _packed({"errcode": 0} | doc)[:-1] + f',"errcode":{second}'.encode() + b"}"


def _nan(doc: Doc, fault: Fault) -> bytes:
    names = set(fault.args.get("fields", ()))
    spoilt = _not_numbers(doc, names) if names else {**doc, "brand_new_number": float("nan")}
    return _packed(spoilt)


def _deep(doc: Doc, fault: Fault) -> bytes:
    depth = int(fault.number_arg("depth", 100_000))
    return _packed(doc)[:-1] + b',"deep":' + b"[" * depth + b"]" * depth + b"}"


_BYTES: dict[str, Callable[[Doc, Fault], bytes]] = {
    "duplicate_key": _duplicate_key,
    "nan": _nan,
    "cut_json": lambda doc, fault: _packed(doc)[: len(_packed(doc)) // 2],
    "deep_json": _deep,
    "gbk": lambda doc, fault: _packed(doc).decode().encode("gb18030"),
    "empty_body": lambda doc, fault: b"",
}


def _packed(doc: Doc) -> bytes:
    return json.dumps(doc, ensure_ascii=False, separators=(",", ":")).encode()


def _not_numbers(node: Any, names: set[str]) -> Any:
    if isinstance(node, dict):
        return {
            key: float("nan") if key in names else _not_numbers(value, names) for key, value in node.items()
        }
    return [_not_numbers(row, names) for row in node] if isinstance(node, list) else node


def _each_list(doc: dict[str, Any], change: Any) -> None:
    for key, value in doc.items():
        if isinstance(value, list):
            doc[key] = change(value)
        elif isinstance(value, dict):
            _each_list(value, change)


_ENUMS = ("type", "status", "add_way", "join_scene", "gender", "publish_status", "comment_type")


def _drift(node: Any) -> None:
    if isinstance(node, dict):
        for key, value in list(node.items()):
            if key in _ENUMS and isinstance(value, int):
                node[key] = 987
            elif key in ("subscribe_scene", "msg_status"):
                node[key] = "SOMETHING_NEW"
            else:
                _drift(value)
        if "errcode" not in node:
            node["brand_new_field"] = {"since": 2031, "values": [1, None, "x"]}
    elif isinstance(node, list):
        for row in node:
            _drift(row)


def _rename(node: Any, name: str, other: str | None) -> None:
    """Give a field another name everywhere; None takes it out."""
    if isinstance(node, dict):
        if name in node:
            value = node.pop(name)
            if other is not None:
                node[other] = value
        for value in node.values():
            _rename(value, name, other)
    elif isinstance(node, list):
        for row in node:
            _rename(row, name, other)


def _retype(node: Any, name: str) -> None:
    """Numbers become text, text a list, lists and objects null."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key != name:
                _retype(value, name)
            elif isinstance(value, bool | int | float):
                node[key] = str(value)
            else:
                node[key] = [value] if isinstance(value, str) else None
    elif isinstance(node, list):
        for row in node:
            _retype(row, name)


def _texts(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _texts(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_texts(row) for row in node]
    return str(node) if isinstance(node, int) and not isinstance(node, bool) else node
