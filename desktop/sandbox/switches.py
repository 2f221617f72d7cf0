"""What the control endpoint does alike on every platform: turn switches, play acts, name them."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from desktop.sandbox.calls import Doc

Subject = TypeVar("Subject")


def turn(held: Any, doc: Doc) -> Doc:
    """Turn switches of a dataclass; returns all of them. Raises ValueError for one it does not have."""
    known = {field.name for field in dataclasses.fields(held)}
    if set(doc) - known:
        raise ValueError(f"unknown settings {sorted(set(doc) - known)}; known: {sorted(known)}")
    for name, value in doc.items():
        setattr(held, name, value)
    return dataclasses.asdict(held)


def play(acts: Mapping[str, Callable[[Subject, Doc], Doc]], subject: Subject, doc: Doc) -> Doc:
    """Do one thing: {"do": NAME, ...}, or several: {"steps": [...]}. Raises ValueError for an unknown one."""
    if "steps" in doc:
        return {"done": [play(acts, subject, step) for step in doc["steps"]]}
    act = acts.get(str(doc.get("do")))
    if act is None:
        raise ValueError(f"unknown act {doc.get('do')!r}; known: {', '.join(sorted(acts))}")
    return act(subject, doc)


def named(acts: Mapping[str, Callable[[Subject, Doc], Doc]]) -> Doc:
    """Every act with what it takes."""
    return {"acts": {name: (act.__doc__ or "").strip() for name, act in sorted(acts.items())}}
