"""Replies that are sound HTTP but not what they should be: lost rows, looping cursors, drifted schema."""

import copy
import json
from typing import Any

from desktop.sandbox.calls import Answer
from desktop.sandbox.faults import Fault


def spoil(answer: Answer, fault: Fault) -> Answer:
    """A spoilt copy of an executed JSON answer."""
    if answer.doc is None:
        return answer
    doc = copy.deepcopy(answer.doc)
    kind = fault.kind
    if kind == "looping_cursor":
        doc["next_cursor"] = str(fault.args.get("cursor", "bG9vcA"))
    elif kind == "endless_cursor":
        doc["next_cursor"] = f"ZW5kbGVzcw{fault.hits}"
        _each_list(doc, lambda rows: [])
    elif kind == "duplicates":
        _each_list(doc, lambda rows: rows + rows[:3])
    elif kind == "reorder":
        _each_list(doc, lambda rows: rows[::-1])
    elif kind == "vanish":
        step = max(2, int(fault.number_arg("every", 3)))
        _each_list(doc, lambda rows: [row for at, row in enumerate(rows) if at % step])
    elif kind == "vanish_all":
        _each_list(doc, lambda rows: [])
        if "next_cursor" in doc:
            doc["next_cursor"] = ""
    elif kind == "drift":
        _drift(doc)
    elif kind == "missing_fields":
        for name in fault.args.get("fields", []):
            _drop(doc, str(name))
    elif kind == "string_numbers":
        doc = _texts(doc)
    elif kind == "errmsg":
        doc["errmsg"] = str(fault.args.get("errmsg", "Warning: wrong json format."))
    elif kind == "duplicate_key":
        second = int(fault.number_arg("code", 45009))
        body = json.dumps(doc, ensure_ascii=False, separators=(",", ":"))
        body = body[:-1] + f',"errcode":{second}' + "}"
        return Answer(doc, body.encode(), answer.status, answer.headers, answer.executed, answer.write)
    return Answer(doc, None, answer.status, answer.headers, answer.executed, answer.write)


def _each_list(doc: dict[str, Any], change: Any) -> None:
    for key, value in doc.items():
        if isinstance(value, list):
            doc[key] = change(value)
        elif isinstance(value, dict):
            _each_list(value, change)


def _drift(node: Any) -> None:
    if isinstance(node, dict):
        for key, value in list(node.items()):
            if key in ("type", "status", "add_way", "join_scene", "gender") and isinstance(value, int):
                node[key] = 987
            else:
                _drift(value)
        if "errcode" not in node:
            node["brand_new_field"] = {"since": 2031, "values": [1, None, "x"]}
    elif isinstance(node, list):
        for row in node:
            _drift(row)


def _drop(node: Any, name: str) -> None:
    if isinstance(node, dict):
        node.pop(name, None)
        for value in node.values():
            _drop(value, name)
    elif isinstance(node, list):
        for row in node:
            _drop(row, name)


def _texts(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _texts(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_texts(row) for row in node]
    return str(node) if isinstance(node, int) and not isinstance(node, bool) else node
